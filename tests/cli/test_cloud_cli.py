"""Managed caches on the command line, over HTTP: what is read, and what cannot be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from redislint.sources.cloud.calls import CALLS
from tests.cli.cloud import Aws
from tests.support.aws_endpoint import Endpoint
from tests.support.aws_fleet import (
    arn,
    default_group,
    memorydb_cluster,
    parameter_group,
    replication_group,
    serverless,
    single_node,
    tag,
    user,
    user_group,
    usual,
)
from tests.support.aws_world import ACCOUNT, World

EVERYTHING = ("elasticache://eu-west-1", "memorydb://eu-west-1")


@pytest.fixture
def world() -> World:
    """One region with a bit of everything."""
    made = World()
    region = made.region()
    usual(region)
    replication_group(region, "orders")
    replication_group(region, "events", shards=3, replicas=2)
    parameter_group(region, "tuned", "redis7", {"maxmemory-policy": "noeviction"})
    single_node(region, "dev", parameters="tuned")
    serverless(region, "sessions")
    memorydb_cluster(region, "ledger", shards=2)
    return made


@pytest.fixture
def aws(world: World, root: Path, tmp_path: Path) -> Iterator[Aws]:
    with Endpoint(world) as endpoint:
        yield Aws(root, tmp_path, endpoint)


def test_every_cache_is_audited(aws: Aws, root: Path) -> None:
    report = aws.report("check", *EVERYTHING)
    schema = json.loads((root / "schemas" / "report.schema.json").read_text())
    jsonschema.validate(report, schema)
    assert report["errors"] == []
    assert [target["id"] for target in report["targets"]] == sorted(
        [
            arn("replicationgroup", "orders"),
            arn("replicationgroup", "events"),
            arn("cluster", "dev"),
            arn("serverlesscache", "sessions"),
            arn("cluster/", "ledger"),
        ]
    )
    servers = {t["id"].rpartition(":")[2]: t["server"] for t in report["targets"]}
    assert servers["orders"] == {"engine": "valkey", "version": "8.0", "assumed": False}
    assert servers["dev"]["engine"] == "redis"


def test_the_code_calls_what_the_table_says_and_nothing_else(aws: Aws, world: World) -> None:
    region = world.region()
    replication_group(region, "keyed", KmsKeyId="arn:aws:kms:eu-west-1:1:key/a")
    region.keys["arn:aws:kms:eu-west-1:1:key/a"] = "Enabled"
    role = f"arn:aws:iam::{ACCOUNT}:role/audit"
    world.roles[role] = ACCOUNT
    region.add(
        "cloudwatch ListMetrics",
        *[
            {"Namespace": "AWS", "MetricName": name, "Dimensions": [
                {"Name": "CacheClusterId", "Value": "orders-001"},
                {"Name": "CacheNodeId", "Value": "0001"},
            ]}
            for name in ("BytesUsedForCache", "BytesUsedForMemoryDB")
        ],
    )  # fmt: skip
    urls = ("elasticache://*", "memorydb://*")
    aws.report("check", *urls, "--metrics", "--aws-assume-role", role)
    called = {(one.service, one.operation) for one in aws.endpoint.seen}
    assert called == {(call.service, call.operation) for call in CALLS}
    aws.endpoint.seen.clear()
    aws.report("check", *EVERYTHING)
    called = {(one.service, one.operation) for one in aws.endpoint.seen}
    assert called == {(c.service, c.operation) for c in CALLS if c.when == "always"}


def test_facts_of_a_group(aws: Aws, root: Path) -> None:
    report = aws.report("facts", "elasticache://eu-west-1/events", "--all", code=0)
    schema = json.loads((root / "schemas" / "facts-report.schema.json").read_text())
    jsonschema.validate(report, schema)
    (target,) = report["targets"]
    facts = {path: fact["value"] for path, fact in target["facts"].items()}
    assert facts["cloud.shards"] == 3
    assert facts["cloud.nodes"] == 9
    assert facts["cloud.replicas"] == 2
    assert facts["cloud.cluster_mode"] is True
    assert facts["cloud.vpc"] == "vpc-1"
    assert facts["cloud.public_subnets"] == []
    assert facts["cloud.ingress"] == ["10.0.0.0/20"]
    assert facts["cloud.newest_version"] == "9.0"
    assert facts["cloud.account"] == ACCOUNT
    assert facts["backup.exists"] is True
    assert 4.9 * 3600 < facts["backup.age"] < 5.2 * 3600
    assert facts["cloud.node_maxmemory"] == 14037181030
    settings = {one["name"]: one for one in target["settings"]}
    assert settings["maxmemory"]["value"] == str(14037181030 * 75 // 100)
    assert settings["maxmemory"]["origin"] == "parameter-group"
    assert settings["maxmemory-policy"]["value"] == "volatile-lru"


def test_only_what_the_owner_changed_is_listed(aws: Aws) -> None:
    report = aws.report("facts", "elasticache://eu-west-1/dev", code=0)
    (target,) = report["targets"]
    assert [(one["name"], one["value"]) for one in target["settings"]] == [
        ("maxmemory-policy", "noeviction")
    ]
    assert target["facts"]["cloud.changed_parameters"]["value"] == ["maxmemory-policy noeviction"]


@pytest.mark.parametrize("size", [1, 2, 7, 20, 0])
def test_pages_of_any_size(aws: Aws, world: World, size: int) -> None:
    whole = aws.report("facts", *EVERYTHING, "--all")
    world.most = size
    assert [t["settings"] for t in aws.report("facts", *EVERYTHING, "--all")["targets"]] == [
        t["settings"] for t in whole["targets"]
    ]


def test_memcached_is_left_out(aws: Aws, world: World) -> None:
    region = world.region()
    single_node(region, "web", engine="memcached", version="1.6.22", parameters="mc")
    serverless(region, "pages", Engine="memcached", FullEngineVersion="1.6")
    row = {"CacheParameterGroupName": "mc", "CacheParameterGroupFamily": "memcached1.6"}
    region.add("elasticache DescribeCacheParameterGroups", row)
    report = aws.report("check", "elasticache://eu-west-1")
    assert report["errors"] == []
    assert not [t for t in report["targets"] if "web" in t["id"] or "pages" in t["id"]]


def test_a_parameter_group_that_nothing_uses_is_a_target(aws: Aws, world: World) -> None:
    parameter_group(world.region(), "left-over", "valkey8")
    facts = aws.facts("elasticache://eu-west-1")["left-over"]
    assert facts["cloud.resource"] == "parameter-group"
    assert facts["cloud.group_users"] == 0
    assert "left-over" not in aws.facts("elasticache://eu-west-1/orders")


def test_users_and_what_their_access_strings_grant(aws: Aws, world: World) -> None:
    region = world.region()
    user_group(
        region,
        "team",
        user("app", "app", "on ~app:* &app:* -@all +@read +@write -@dangerous", "password", 2),
        user("ops", "ops", "on ~* &* +@all", "iam"),
        user("old", "old", "off ~* -@all +config|get >hunter2hunter2hunter2", "no-password"),
    )
    replication_group(region, "shared", UserGroupIds=["team"], AuthTokenEnabled=False)
    outcome = aws.run("facts", "elasticache://eu-west-1/shared", "--format", "json")
    assert "hunter2" not in outcome.out
    users = json.loads(outcome.out)["targets"][0]["facts"]["cloud.users"]["value"]
    seen = {one["id"]: one for one in users}
    assert list(seen) == ["app", "old", "ops"]
    assert (seen["app"]["login"], seen["app"]["commands"]) == ("password", "some")
    assert not seen["app"]["all_keys"]
    assert (seen["ops"]["login"], seen["ops"]["commands"]) == ("iam", "all")
    assert seen["ops"]["all_keys"]
    assert seen["ops"]["all_channels"]
    assert (seen["old"]["on"], seen["old"]["commands"]) == (False, "dangerous")


def test_tags_declare_workload_and_objectives(aws: Aws, world: World) -> None:
    region = world.region()
    tag(region, arn("replicationgroup", "orders"), redislint__workload="queue",
        redislint__rpo="2s", team="shop", api_token="hunter2")  # fmt: skip
    tag(region, arn("replicationgroup", "events"), **{"data-class": "restricted", "env": "prod"})
    tag(region, arn("cluster", "dev"), redislint__workload="queeu", redislint__environment="test")
    (aws.folder / "redislint.yaml").write_text(
        "tag-map:\n  workload: {tag: data-class, values: {restricted: compliance}}\n"
        "  environment:\n    tag: env\n    values: {prod: production}\n"
    )
    outcome = aws.run("facts", "elasticache://eu-west-1", "--format", "json")
    assert outcome.code == 3
    assert "hunter2" not in outcome.out
    report = json.loads(outcome.out)
    targets = {t["id"].rpartition(":")[2]: t for t in report["targets"]}
    assert targets["orders"]["workload"] == "queue"
    assert targets["orders"]["tags"]["team"] == "shop"
    assert targets["orders"]["facts"]["workload.loss_window"]["value"] == 2
    assert targets["events"]["workload"] == "compliance"
    assert targets["events"]["facts"]["target.environment"]["value"] == "production"
    assert targets["dev"]["workload"] is None
    assert targets["dev"]["facts"]["target.environment"]["value"] == "test"
    (error,) = report["errors"]
    assert (error["target"], error["stage"]) == (arn("cluster", "dev"), "tags")
    assert "did you mean 'queue'" in error["message"]


def test_one_cache_by_name(aws: Aws) -> None:
    report = aws.report("check", "memorydb://eu-west-1/ledger")
    assert [target["id"] for target in report["targets"]] == [arn("cluster/", "ledger")]
    report = aws.report("check", "elasticache://eu-west-1/lost", code=3)
    assert report["targets"] == []
    assert "there is no cache lost" in report["errors"][0]["message"]


def test_an_empty_region_has_nothing_to_check(aws: Aws) -> None:
    outcome = aws.run("check", "elasticache://eu-north-1")
    assert outcome.code == 4


def test_options_about_aws_need_a_cache(aws: Aws) -> None:
    outcome = aws.run("check", ".", "--aws-profile", "audit")
    assert outcome.code == 2
    assert "--aws-profile needs managed caches, such as elasticache://eu-west-1" in outcome.err


def test_default_groups_are_no_left_overs(aws: Aws, world: World) -> None:
    default_group(world.region(), "redis5.0")
    assert not [n for n in aws.facts("elasticache://eu-west-1") if n.startswith("default.")]
