"""The inventory: what it may say, and what is said about mistakes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import ruamel.yaml
from jsonschema import Draft202012Validator

from redislint.fleet import inventory
from redislint.fleet.inventory import load
from redislint.fleet.model import Secret
from redislint.policy.errors import PolicyError

WHOLE = """\
version: 1
defaults:
  user: redislint
  password: {env: REDIS_PASSWORD}
  timeout: 10s
  tags: {team: platform}
groups:
  cache: {workload: cache, tags: {tier: 2}}
targets:
  - name: cache-1
    url: redis://cache-1:6379
    group: cache
    tags: {team: web}
  - url: rediss://queue-1:6380
    workload: queue
    rpo: 2s
    password: {file: secrets/queue}
    tls: {ca: ca.pem}
    interval: 5s
  - file: redis.conf
    server: redis-7.2
  - name: shop
    url: redis+sentinel://s1,s2/mymaster
  - url: elasticache://eu-west-1/sessions
discover:
  - elasticache: [eu-west-1, eu-central-1]
    accounts: ["arn:aws:iam::111111111111:role/audit"]
  - cluster: redis+cluster://c1:7000
history: {env: REDISLINT_HISTORY}
keep: 90
"""


SCHEMA = json.loads(
    (Path(__file__).parents[2] / "schemas/inventory.schema.json").read_text(encoding="utf-8")
)


BEYOND_A_SCHEMA = ("there is no", "is taken by", "'timeout'")
"""What only the reader finds: names that must be there, or must not be there twice."""


def _fits(text: str) -> bool:
    """Whether the published schema takes an inventory."""
    document = ruamel.yaml.YAML(typ="safe").load(text)
    return Draft202012Validator(SCHEMA).is_valid(document)


def test_the_schema_takes_what_the_reader_takes() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert _fits(WHOLE)
    assert set(SCHEMA["properties"]) == set(inventory.TOP)
    kinds = SCHEMA["$defs"]
    assert set(kinds["shared"]["properties"]) == set(inventory.SHARED)
    assert set(kinds["target"]["properties"]) == set(inventory.TARGET)
    assert set(kinds["discover"]["properties"]) == set(inventory.DISCOVER)


def _problems(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "inventory.yaml"
    path.write_text(text)
    with pytest.raises(PolicyError) as caught:
        load(str(path), "inventory.yaml")
    return str(caught.value).splitlines()


def test_groups_and_defaults_are_taken_in(tmp_path: Path) -> None:
    (tmp_path / "inventory.yaml").write_text(WHOLE)
    found = load(str(tmp_path / "inventory.yaml"))
    by_name = {entry.name: entry for entry in found.entries}
    cache = by_name["cache-1"]
    assert cache.workload == ("cache",)
    assert cache.tags == {"team": "web", "tier": "2"}
    assert cache.password == Secret(env="REDIS_PASSWORD")
    assert (cache.user, cache.timeout, cache.interval) == ("redislint", 10.0, 0.0)
    queue = by_name["queue-1:6380"]
    assert queue.password == Secret(file=str(tmp_path / "secrets/queue"))
    assert (queue.rpo, queue.interval, queue.tls.ca) == ("2s", 5.0, str(tmp_path / "ca.pem"))
    assert by_name["redis.conf"].kind == "file"
    assert by_name["shop"].seed
    assert by_name["elasticache://eu-west-1/sessions"].kind == "cloud"
    assert not by_name["elasticache://eu-west-1/sessions"].seed
    assert [place.kind for place in found.discoveries] == ["elasticache", "cluster"]
    assert found.discoveries[0].base.accounts == ("arn:aws:iam::111111111111:role/audit",)
    assert found.history == Secret(env="REDISLINT_HISTORY")
    assert found.keep == 90


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("target: []\n", "1:1: unknown key 'target' in the inventory"),
        ("version: 2\ntargets: []\n", "1:10: 'version': this redislint reads version 1"),
        ("targets:\n  - name: x\n", "2:5: a target has either 'url' or 'file'"),
        ("targets:\n  - url: http://x\n", "2:10: 'url': expected one of redis://"),
        ("targets:\n  - url: redsi://x\n", "did you mean 'redis'?"),
        ("targets:\n  - {url: 'redis://x', workloads: q}\n", "did you mean 'workload'?"),
        ("targets:\n  - {url: 'redis://x', group: chache}\ngroups: {cache: {}}\n",
         "2:31: there is no group 'chache'; did you mean 'cache'?"),
        ("targets:\n  - {url: 'redis://x', conf: none.conf}\n", "'conf': there is no 'none.conf'"),
        ("targets:\n  - {url: 'redis://x', timeout: 5 parsecs}\n", "2:33: 'timeout'"),
        ("targets:\n  - {name: a, url: 'redis://x'}\n  - {name: a, url: 'redis://y'}\n",
         "3:1: the name 'a' is taken by line 2"),
        ("targets: []\ndiscover:\n  - {cluster: 'redis+cluster://a', sentinel: b}\n",
         "3:5: an entry of 'discover' has one of"),
        ("", "is empty: expected 'targets:' or 'discover:'"),
    ],
)  # fmt: skip
def test_a_mistake_has_its_place_and_the_nearest_name(
    tmp_path: Path, text: str, expected: str
) -> None:
    assert any(expected in line for line in _problems(tmp_path, text)), text
    if not any(words in expected for words in BEYOND_A_SCHEMA):
        assert not _fits(text)


@pytest.mark.parametrize(
    "text",
    [
        "targets:\n  - {url: 'redis://u:canary-1@x'}\n",
        "targets:\n  - {url: 'redis://x', password: canary-1}\n",
        "targets: []\nhistory: postgresql://u:canary-1@db/x\n",
    ],
)
def test_a_password_is_refused_and_not_repeated(tmp_path: Path, text: str) -> None:
    lines = _problems(tmp_path, text)
    assert "is to be had" in " ".join(lines)
    assert "canary-1" not in " ".join(lines)
    assert not _fits(text)


def test_an_inventory_may_be_large(tmp_path: Path) -> None:
    """The bounds of other YAML files are those of what people write by hand."""
    lines = [f"  - {{name: t{n}, url: 'redis://h{n}', tags: {{a: b}}}}" for n in range(8000)]
    path = tmp_path / "inventory.yaml"
    path.write_text("\n".join(["targets:", *lines, ""]))
    assert len(load(str(path)).entries) == 8000
