"""What `discover` of an inventory comes to, and that it can be audited."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from redislint import audit
from redislint.fleet.discovery import Found, discover
from redislint.fleet.inventory import load
from redislint.fleet.model import Entry
from redislint.policy.errors import PolicyError
from redislint.sources.host import collect
from tests.cli.cloud import Aws
from tests.support.aws_endpoint import Endpoint
from tests.support.aws_fleet import memorydb_cluster, replication_group, usual
from tests.support.aws_world import World
from tests.support.real_server import running


def found(tmp_path: Path, inventory: str, **files: str) -> Found:
    for name, text in {"inventory.yaml": inventory, **files}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    path = tmp_path / "inventory.yaml"
    return discover(load(str(path), "inventory.yaml"), "inventory.yaml")


def wheres(result: Found) -> dict[str, str]:
    return {entry.name: entry.where for entry in result.entries}


def problems(tmp_path: Path, inventory: str, **files: str) -> str:
    with pytest.raises(PolicyError) as caught:
        found(tmp_path, inventory, **files)
    return str(caught.value)


# Seeds


def test_seeds_keep_what_they_share(tmp_path: Path) -> None:
    result = found(
        tmp_path,
        "defaults: {user: ops}\n"
        "discover:\n"
        "  - sentinel: redis+sentinel://s1,s2/mymaster\n"
        "    tags: {team: web}\n"
        "  - cluster: redis+cluster://c1:7000\n"
        "    name: sessions\n",
    )
    assert wheres(result) == {
        "sentinel:s1,s2/mymaster": "redis+sentinel://s1,s2/mymaster",
        "sessions": "redis+cluster://c1:7000",
    }
    assert all(entry.seed and entry.kind == "live" for entry in result.entries)
    assert result.entries[0].tags == {"team": "web"}
    assert result.entries[0].user == "ops"


def test_each_account_and_region_is_a_seed(tmp_path: Path) -> None:
    roles = [f"arn:aws:iam::{n * 12}:role/audit" for n in "12"]
    result = found(
        tmp_path,
        "discover:\n"
        f"  - elasticache: [eu-west-1, us-east-1]\n    accounts: {json.dumps(roles)}\n"
        "  - memorydb: '*'\n    name: ledgers\n",
    )
    assert wheres(result) == {
        "elasticache://eu-west-1 111111111111": "elasticache://eu-west-1",
        "elasticache://eu-west-1 222222222222": "elasticache://eu-west-1",
        "elasticache://us-east-1 111111111111": "elasticache://us-east-1",
        "elasticache://us-east-1 222222222222": "elasticache://us-east-1",
        "ledgers *": "memorydb://*",
    }
    assert [entry.accounts for entry in result.entries][:2] == [(roles[0],), (roles[1],)]
    assert {entry.kind for entry in result.entries} == {"cloud"}


@pytest.mark.parametrize(
    ("inventory", "says"),
    [
        ("discover:\n  - elasticache: [eu-west-1, mars]\n", "inventory.yaml:2:30: 'elasticache'"),
        ("discover:\n  - sentinel: redis://s1\n", "2:15: 'sentinel': expected redis+sentinel://"),
        ("discover:\n  - cluster: rediss+sentinel://s1\n", "expected redis+cluster://"),
        ("discover:\n  - ansible: hosts.ini\n", "'ansible': there is no 'hosts.ini'"),
    ],
)
def test_mistakes_in_the_inventory_have_their_place(
    tmp_path: Path, inventory: str, says: str
) -> None:
    assert says in problems(tmp_path, inventory)


# Ansible

INI = """\
# caches
bastion ansible_host=10.0.9.9

[redis]
cache[01:03].example.com redis_port=7000
queue ansible_host=10.0.0.7   # the queue
'odd one' ansible_host=10.0.0.8:22

[web]
web1 redis_port=6400
web2

[redis:vars]
redis_port = 6380

[all:children]
redis
web
"""


def test_an_ini_inventory(tmp_path: Path) -> None:
    text = INI.replace("'odd one' ansible_host=10.0.0.8:22\n", "")
    result = found(tmp_path, "discover:\n  - ansible: hosts\n    workload: queue\n", hosts=text)
    assert wheres(result) == {
        "cache01.example.com": "redis://cache01.example.com:7000",
        "cache02.example.com": "redis://cache02.example.com:7000",
        "cache03.example.com": "redis://cache03.example.com:7000",
        "queue": "redis://10.0.0.7:6380",
        "web1": "redis://web1:6400",
    }
    assert {entry.workload for entry in result.entries} == {("queue",)}
    assert not any(entry.seed for entry in result.entries)
    assert result.notices == ()


YAML = """\
all:
  vars: {redis_port: 6390, ansible_user: ops}
  hosts:
    web1:
  children:
    data:
      children:
        valkey-prod:
          hosts:
            v[1:2]:
              ansible_host: fd00::1
            v3:
              valkey_port: 0
              valkey_tls_port: 6666
            v4:
              ansible_host: "{{ lookup('dns', 'v4') }}"
            v5:
              valkey_port: !vault |
                $ANSIBLE_VAULT;1.1;AES256
                66
        sentinels:
          hosts: {s1: , s2: {redis_sentinel_port: 26380}}
"""


def test_a_yaml_inventory_with_files_of_variables(tmp_path: Path) -> None:
    result = found(
        tmp_path,
        "discover:\n  - ansible: inv\n",
        **{
            "inv/hosts.yml": YAML,
            "inv/group_vars/valkey-prod/main.yml": "valkey_port: 6381\n",
            "inv/group_vars/valkey-prod/vault.yml": "$ANSIBLE_VAULT;1.1;AES256\n66\n",
            "inv/host_vars/v2.yml": "redis_port: 6382\nansible_host: 10.1.1.2\n",
        },
    )
    assert wheres(result) == {
        "s1": "redis://s1:26379",
        "s2": "redis://s2:26380",
        "v1": "redis://[fd00::1]:6381",
        "v2": "redis://10.1.1.2:6382",
        "v3": "rediss://v3:6666",
    }
    said = "\n".join(result.notices)
    assert "inv/hosts.yml:16: v4 is left out: its ansible_host stands in a template" in said
    assert "vault.yml: is encrypted" in said
    assert "web1" not in said


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[redis\nx\n", "hosts:1:1: expected [GROUP]"),
        ("[redis:var]\n", "hosts:1:1: expected [GROUP], [GROUP:vars] or [GROUP:children]; did you"),
        ("[redis]\nx redis_port 7000\n", "hosts:2:3: expected NAME=VALUE, not 'redis_port'"),
        ("[redis]\nx a='b\n", "hosts:2:1: no closing quotation"),
        ("[redis:vars]\nredis_port\n", "hosts:2:1: expected NAME=VALUE"),
        ("[redis]\nx[0:9999999]\n", "hosts:2:1: more than 100000 hosts"),
        ("---\nall: {host: {x: }}\n", "hosts:2:13: unknown key 'host' in group 'all'"),
        ("---\nall: [x]\n", "hosts:2:6: group 'all' must be a mapping"),
        ("---\nall: {\n", "hosts:3:1:"),
        ("#!/usr/bin/python3\n", "hosts:1:1: is a program, and redislint runs none"),
        ("", "hosts: names no host"),
    ],
)
def test_what_is_wrong_with_an_ansible_inventory_has_its_place(
    tmp_path: Path, text: str, says: str
) -> None:
    assert says in problems(tmp_path, "discover:\n  - ansible: hosts\n", hosts=text)


def test_an_estate_without_redis_is_said(tmp_path: Path) -> None:
    result = found(tmp_path, "discover:\n  - ansible: hosts\n", hosts="[web]\nw1\n")
    assert result.entries == ()
    assert "no host is known to run Redis" in result.notices[0]


# Kubernetes

STATEFUL_SET = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: cache, namespace: shop}
spec:
  serviceName: cache-headless
  replicas: 2
  selector: {matchLabels: {app: cache}}
  template:
    metadata: {labels: {app: cache, tier: data}}
    spec:
      containers:
        - {name: redis, image: "redis:7.2", args: ["--appendonly", "yes"]}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: cache-headless, namespace: shop}
spec:
  clusterIP: None
  selector: {app: cache}
  ports: [{name: redis, port: 6379}, {name: metrics, port: 9121}]
"""


def manifests(tmp_path: Path, extra: str = "", **files: str) -> Found:
    named = {f"k8s/{name}.yaml": text for name, text in files.items()}
    return found(tmp_path, f"discover:\n  - manifests: k8s\n{extra}", **named)


def test_pods_behind_a_headless_service_have_their_own_names(tmp_path: Path) -> None:
    result = manifests(tmp_path, set=STATEFUL_SET, service=SERVICE)
    assert wheres(result) == {
        "shop/cache-0": "redis://cache-0.cache-headless.shop.svc:6379",
        "shop/cache-1": "redis://cache-1.cache-headless.shop.svc:6379",
    }
    assert result.notices == ()
    encrypted = manifests(tmp_path, "    tls: {ca: ca.pem}\n", set=STATEFUL_SET, service=SERVICE)
    assert {entry.where.partition(":")[0] for entry in encrypted.entries} == {"rediss"}


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("namespace: shop", "labels: {}", "names no namespace"),
        ("selector: {app: cache}", "selector: {app: other}", "no Service of these manifests"),
        ("clusterIP: None", "type: ClusterIP", "stands for 2 pods, of which one answers"),
        ("replicas: 2", "replicas: two", "number of its replicas is not known"),
        ("port: 6379", "port: 7000", "does not tell which port"),
    ],
)
def test_what_has_no_name_of_its_own_is_audited_as_a_file(
    tmp_path: Path, old: str, new: str, why: str
) -> None:
    result = manifests(
        tmp_path, set=STATEFUL_SET.replace(old, new), service=SERVICE.replace(old, new)
    )
    assert wheres(result) == {"k8s/set.yaml": str(tmp_path / "k8s/set.yaml")}
    assert result.entries[0].kind == "file"
    assert "StatefulSet/cache/redis is audited as a file: " in result.notices[0]
    assert why in result.notices[0]
    report = audit.check([result.entries[0].where])
    assert [target.kind for target in report.targets] == ["kubernetes"]


def test_a_single_pod_behind_a_service(tmp_path: Path) -> None:
    deployment = STATEFUL_SET.replace("kind: StatefulSet", "kind: Deployment").replace(
        "replicas: 2", "replicas: 1"
    )
    service = SERVICE.replace("  clusterIP: None\n", "")
    result = manifests(tmp_path, both=f"{deployment}---\n{service}")
    assert wheres(result) == {"shop/cache": "redis://cache-headless.shop.svc:6379"}


def test_a_service_need_not_name_a_product(tmp_path: Path) -> None:
    service = SERVICE.replace("{name: redis, port: 6379}, ", "").replace("9121", "6379")
    assert "redis" not in service
    result = manifests(tmp_path, set=STATEFUL_SET, service=service)
    assert len(result.entries) == 2


def test_manifests_that_cannot_be_read(tmp_path: Path) -> None:
    broken = STATEFUL_SET.replace("spec:", "spec: {", 1)
    assert "k8s/set.yaml: line" in problems(
        tmp_path, "discover:\n  - manifests: k8s\n", **{"k8s/set.yaml": broken}
    )
    assert "no manifest there runs" in manifests(tmp_path / "x", web="kind: Pod\n").notices[0]


# Host facts


def test_facts_are_joined_by_address_or_name(tmp_path: Path) -> None:
    facts = json.dumps(collect())
    result = found(
        tmp_path,
        "targets:\n"
        "  - url: redis://10.0.0.5\n"
        "  - {url: 'redis://cache-2.example.com:6380', name: second}\n"
        "  - {url: 'redis://10.0.0.7', name: Third}\n"
        "  - {url: 'redis://10.0.0.8', name: fourth}\n"
        "  - {url: 'redis+cluster://10.0.0.5', name: cluster}\n"
        "discover:\n  - host_facts: facts\n",
        **{f"facts/{name}.json": facts for name in ("10.0.0.5", "cache-2", "third", "spare")},
    )
    joined = {entry.name: Path(entry.host).name for entry in result.entries if entry.host}
    assert joined == {
        "10.0.0.5": "10.0.0.5.json",
        "second": "cache-2.json",
        "Third": "third.json",
    }
    assert result.notices == ("facts/spare.json: no target runs on a host of that name",)


def test_a_file_of_facts_of_its_own_counts_first(tmp_path: Path) -> None:
    facts = json.dumps(collect())
    result = found(
        tmp_path,
        "targets:\n  - {url: 'redis://a', host: mine.json}\ndiscover:\n  - host_facts: facts\n",
        **{"mine.json": facts, "facts/a.json": facts},
    )
    assert result.entries[0].host == str(tmp_path / "mine.json")


def test_what_are_no_facts_is_said(tmp_path: Path) -> None:
    said = problems(
        tmp_path,
        "discover:\n  - host_facts: facts\n",
        **{"facts/a.json": "{}", "facts/b.json": "no"},
    )
    assert "facts/a.json: " in said
    assert "facts/b.json: not JSON" in said
    assert "holds no facts" in problems(
        tmp_path / "x", "discover:\n  - host_facts: facts\n", **{"facts/readme.md": ""}
    )


# One server, one target


def test_two_ways_to_a_server_give_one_target(tmp_path: Path) -> None:
    result = found(
        tmp_path,
        "targets:\n  - {url: 'redis://CACHE-1:6379', name: mine, workload: cache}\n"
        "discover:\n  - ansible: one\n  - ansible: two\n",
        one="[redis]\ncache-1\nother\n",
        two="[redis]\nalias ansible_host=other\nother ansible_host=third\n",
    )
    assert wheres(result) == {
        "mine": "redis://CACHE-1:6379",
        "other": "redis://other:6379",
        "other (third:6379)": "redis://third:6379",
    }
    assert result.notices == (
        "cache-1 is the same as mine: one target",
        "alias is the same as other: one target",
    )
    again = found(tmp_path, (tmp_path / "inventory.yaml").read_text())
    assert again == result


def test_targets_that_are_declared_twice_are_both_kept(tmp_path: Path) -> None:
    result = found(
        tmp_path, "targets:\n  - {url: redis://a, name: x}\n  - {url: 'redis://a:6379', name: y}\n"
    )
    assert len(result.entries) == 2
    assert "same server" in result.notices[0]


# Audited


def test_what_ansible_names_is_audited(redis_server: str, tmp_path: Path) -> None:
    with running(redis_server, tmp_path, "--save", "") as port:
        result = found(
            tmp_path,
            "discover:\n  - ansible: hosts\n",
            hosts=f"[redis]\ncache ansible_host=127.0.0.1 redis_port={port}\n",
        )
        report = audit.check([one.where for one in result.entries])
    assert [target.id for target in report.targets] == [f"redis://127.0.0.1:{port}"]
    assert report.errors == ()


def test_members_of_seeds_are_audited(redis_server: str, tmp_path: Path) -> None:
    watch = tmp_path / "sentinel.conf"
    with running(redis_server, tmp_path, "--save", "") as port:
        watch.write_text(f"sentinel monitor shop 127.0.0.1 {port} 1\n")
        with running(redis_server, tmp_path, str(watch), "--sentinel") as sentinel:
            entry: Entry = found(
                tmp_path, f"discover:\n  - sentinel: redis+sentinel://127.0.0.1:{sentinel}/shop\n"
            ).entries[0]
            report = audit.check([entry.where])
    assert {target.id for target in report.targets} == {
        f"redis://127.0.0.1:{port}",
        f"redis://127.0.0.1:{sentinel}",
    }


def test_every_cache_of_a_seed_is_audited(root: Path, tmp_path: Path) -> None:
    world = World()
    region = world.region()
    usual(region)
    replication_group(region, "orders")
    memorydb_cluster(region, "ledger")
    entries = found(
        tmp_path, "discover:\n  - elasticache: eu-west-1\n  - memorydb: [eu-west-1]\n"
    ).entries
    with Endpoint(world) as endpoint:
        aws = Aws(root, tmp_path, endpoint)
        report = aws.report("check", *(entry.where for entry in entries))
    assert [target["uri"] for target in report["targets"]] == [
        "elasticache://eu-west-1/orders",
        "memorydb://eu-west-1/ledger",
    ]
