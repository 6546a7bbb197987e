"""What AWS refuses, delays or breaks ends as an error of its own, and the rest goes on."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from redislint.sources.cloud.calls import CALLS, Call
from tests.cli.cloud import Aws
from tests.support.aws_endpoint import Endpoint, Raw, Seen
from tests.support.aws_fleet import (
    arn,
    memorydb_cluster,
    parameter_group,
    replication_group,
    serverless,
    tag,
    user,
    user_group,
    usual,
)
from tests.support.aws_world import ACCOUNT, World, cut, gateway, hang, throttle

KEY = "arn:aws:kms:eu-west-1:111122223333:key/a"
URLS = ("elasticache://eu-west-1", "memorydb://eu-west-1")
TITLE = f"elasticache://eu-west-1 account {ACCOUNT}"


@pytest.fixture
def world() -> World:
    made = World()
    region = made.region()
    usual(region)
    user_group(region, "team", user("app", "app", "on ~app:* +@read", "password", 1))
    replication_group(region, "orders", UserGroupIds=["team"], KmsKeyId=KEY)
    region.keys[KEY] = "Enabled"
    replication_group(region, "events", shards=2)
    serverless(region, "sessions")
    memorydb_cluster(region, "ledger")
    return made


@pytest.fixture
def aws(world: World, root: Path, tmp_path: Path) -> Iterator[Aws]:
    with Endpoint(world) as endpoint:
        yield Aws(root, tmp_path, endpoint)


def _messages(report: dict[str, Any]) -> list[str]:
    return [error["message"] for error in report["errors"]]


_EVERY_RUN = [call for call in CALLS if call.when == "always" and call.service != "sts"]


@pytest.mark.parametrize("call", _EVERY_RUN, ids=str)
def test_a_denied_call_is_a_gap_and_the_rest_goes_on(aws: Aws, world: World, call: Call) -> None:
    world.denied.add(("*", "*", str(call)))
    report = aws.report("check", *URLS, code=3)
    assert set(_messages(report)) == {f"{call} is denied: allow {call.action}"}
    names = {target["id"].rpartition(":")[2] for target in report["targets"]}
    lost = {
        "elasticache DescribeReplicationGroups": {"orders", "events"},
        "elasticache DescribeServerlessCaches": {"sessions"},
        "memorydb DescribeClusters": {"cluster/ledger"},
    }
    every = {"orders", "events", "sessions", "cluster/ledger"}
    assert names == every - lost.get(str(call), set())


def test_everything_denied_leaves_no_target(aws: Aws, world: World) -> None:
    world.denied.update(("*", "*", str(call)) for call in CALLS)
    report = aws.report("check", *URLS, code=3)
    assert report["targets"] == []
    assert len(report["errors"]) == 1
    assert "sts GetCallerIdentity is denied" in report["errors"][0]["message"]


def test_facts_of_a_denied_list_are_unknown_for_that_reason(aws: Aws, world: World) -> None:
    world.denied |= {
        ("*", "*", "elasticache DescribeCacheClusters"),
        ("*", "*", "elasticache DescribeSnapshots"),
        ("*", "*", "elasticache DescribeUsers"),
    }
    report = aws.report("facts", "elasticache://eu-west-1/orders", code=3)
    (target,) = report["targets"]
    unknown = target["unknown"]
    assert "allow elasticache:DescribeCacheClusters" in unknown["cloud.engine_versions"]
    assert "allow elasticache:DescribeSnapshots" in unknown["backup.exists"]
    assert "allow elasticache:DescribeUsers" in unknown["cloud.users"]
    assert "server.version" in unknown
    assert "server.version" not in target["facts"]
    assert target["facts"]["cloud.tls"]["value"] is True


def test_parameters_that_were_denied_are_not_taken_for_absent(aws: Aws, world: World) -> None:
    world.denied.add(("*", "*", "elasticache DescribeCacheParameters"))
    report = aws.report("check", "elasticache://eu-west-1/orders", "--workload", "queue", code=3)
    unknown = {one["rule"]: one for one in report["unknown"]}
    assert "RL305" in unknown
    assert "allow elasticache:DescribeCacheParameters" in unknown["RL305"]["hint"]


def test_throttling_that_ends_is_no_error(aws: Aws, world: World) -> None:
    world.faults["elasticache DescribeUsers"] = throttle(2)
    world.faults["memorydb DescribeParameters"] = throttle(1)
    assert aws.report("check", *URLS)["errors"] == []
    assert world.counts["elasticache DescribeUsers"] == 3


def test_throttling_without_end_ends_in_time(aws: Aws, world: World) -> None:
    world.faults["elasticache DescribeEvents"] = throttle(10_000)
    report = aws.report("check", "elasticache://eu-west-1", "--aws-timeout", "5s", code=3)
    assert aws.seconds < 12
    assert len(report["targets"]) == 3
    assert _messages(report) == [
        "elasticache DescribeEvents: no whole answer in time (--aws-timeout is 5 s)"
    ]


@pytest.mark.parametrize("name", ["elasticache DescribeUsers", "memorydb DescribeUsers"])
@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (gateway, "the answer is not one of AWS (a proxy or gateway may stand between)"),
        (cut, "the answer was cut off"),
    ],
)
def test_what_is_no_answer_is_no_empty_list(
    aws: Aws, world: World, name: str, fault: Any, said: str
) -> None:
    world.faults[name] = fault
    report = aws.report("check", *URLS, code=3)
    assert _messages(report) == [f"{name}: {said}"]
    assert len(report["targets"]) == 4


def test_a_hanging_answer_holds_up_only_itself(aws: Aws, world: World) -> None:
    world.faults["elasticache DescribeSnapshots"] = hang(30)
    report = aws.report("check", *URLS, "--aws-timeout", "5s", code=3)
    assert aws.seconds < 12
    assert _messages(report) == [
        "elasticache DescribeSnapshots: no whole answer in time (--aws-timeout is 5 s)"
    ]
    assert len(report["targets"]) == 4


def test_a_region_that_is_not_enabled_is_a_gap(aws: Aws, world: World) -> None:
    world.disabled.add("me-south-1")
    report = aws.report("check", "elasticache://eu-west-1,me-south-1", code=3)
    assert len(report["targets"]) == 3
    assert {error["target"] for error in report["errors"]} == {
        f"elasticache://me-south-1 account {ACCOUNT}"
    }
    assert "the region is not enabled for this account" in report["errors"][0]["message"]
    assert report["errors"][0]["stage"] == "region"


def test_members_that_do_not_fit_are_gaps(aws: Aws, world: World) -> None:
    clusters = world.region().lists["elasticache DescribeCacheClusters"]
    clusters.remove(next(row for row in clusters if row["CacheClusterId"] == "orders-002"))
    clusters.append({**clusters[0], "CacheClusterId": "ghost-001", "ReplicationGroupId": "ghost"})
    world.region().add("elasticache DescribeServerlessCaches", {
        "ServerlessCacheName": "new", "Engine": "speedb", "ARN": arn("serverlesscache", "new"),
    })  # fmt: skip
    report = aws.report("check", "elasticache://eu-west-1", code=3)
    said = "\n".join(_messages(report))
    assert "the member orders-002 of the replication group orders is not in the list" in said
    assert "cache cluster ghost-001 belongs to the replication group ghost" in said
    assert "serverless cache new has the engine 'speedb', which is not known" in said
    assert {error["target"] for error in report["errors"]} == {TITLE}


def test_no_unused_groups_where_users_of_groups_were_refused(aws: Aws, world: World) -> None:
    parameter_group(world.region(), "left-over", "valkey8")
    world.denied.add(("*", "*", "elasticache DescribeReplicationGroups"))
    report = aws.report("check", "elasticache://eu-west-1", code=3)
    assert not [target for target in report["targets"] if "left-over" in target["id"]]


# -- accounts and regions ------------------------------------------------------------------


@pytest.fixture
def estate() -> World:
    """Three accounts with four regions each, every cache named for where it is."""
    made = World(external_id="outside-7")
    for account in ("111122223333", "444455556666", "777788889999"):
        made.roles[f"arn:aws:iam::{account}:role/audit"] = account
        for place in ("eu-west-1", "eu-central-1", "us-east-1", "ap-south-1"):
            region = made.region(place, account)
            usual(region, families=("valkey8",))
            name = f"c-{account[:3]}-{place}"
            replication_group(region, name, place=place, account=account)
            resource = arn("replicationgroup", name, place, account)
            tag(region, resource, redislint__workload="cache", owner=account)
    return made


def _roles(world: World) -> list[str]:
    return [word for role in world.roles for word in ("--aws-assume-role", role)]


def test_three_accounts_and_four_regions(estate: World, root: Path, tmp_path: Path) -> None:
    with Endpoint(estate) as endpoint:
        aws = Aws(root, tmp_path, endpoint)
        roles = tmp_path / "roles.txt"
        roles.write_text("# ours\n" + "\n".join(estate.roles) + "\n")
        everywhere = "elasticache://eu-west-1,eu-central-1,us-east-1,ap-south-1"
        options = ("--aws-assume-role", str(roles), "--aws-external-id", "outside-7")
        report = aws.report("check", everywhere, *options)
        assert report["errors"] == []
        assert len({target["id"] for target in report["targets"]}) == 12
        for target in report["targets"]:
            _, _, _, place, account, _, name = target["id"].split(":")
            assert name == f"c-{account[:3]}-{place}"
            assert target["workload"] == "cache"
        keys = {(seen.key, seen.region) for seen in endpoint.seen if seen.service == "elasticache"}
        assert len(keys) == 12
        stars = aws.report("check", "elasticache://*", *options)
        assert [t["id"] for t in stars["targets"]] == [t["id"] for t in report["targets"]]


def test_one_account_that_refuses_leaves_the_others(
    estate: World, root: Path, tmp_path: Path
) -> None:
    del estate.roles["arn:aws:iam::444455556666:role/audit"]
    estate.denied.add(("777788889999", "us-east-1", "elasticache DescribeReplicationGroups"))
    with Endpoint(estate) as endpoint:
        aws = Aws(root, tmp_path, endpoint)
        roles = [*_roles(estate), "--aws-assume-role", "arn:aws:iam::444455556666:role/audit"]
        options = (*roles, "--aws-external-id", "outside-7")
        report = aws.report("check", "elasticache://eu-west-1,us-east-1", *options, code=3)
    assert len(report["targets"]) == 3
    said = {error["target"]: error["message"] for error in report["errors"]}
    assert said["arn:aws:iam::444455556666:role/audit"] == (
        "sts AssumeRole is denied: allow sts:AssumeRole"
    )
    assert "elasticache://us-east-1 account 777788889999" in said


def test_the_partition_comes_from_the_caller(root: Path, tmp_path: Path) -> None:
    world = World(partition="aws-cn")
    region = world.region("cn-north-1")
    usual(region, families=("valkey8",))
    row = replication_group(region, "orders")
    del row["ARN"]
    with Endpoint(world) as endpoint:
        report = Aws(root, tmp_path, endpoint).report("check", "elasticache://cn-north-1")
    (target,) = report["targets"]
    assert target["id"] == f"arn:aws-cn:elasticache:cn-north-1:{ACCOUNT}:replicationgroup:orders"


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "there are no AWS credentials"),
        ({"AWS_PROFILE": "lost"}, "no such profile"),
    ],
)
def test_credentials_that_are_missing(aws: Aws, environment: dict[str, str], said: str) -> None:
    report = aws.report("check", "elasticache://eu-west-1", code=3, env=environment)
    (error,) = report["errors"]
    assert error["stage"] == "credentials"
    assert said in error["message"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--aws-assume-role", "arn:aws:iam::1:user/x"), "expected arn:aws:iam::ACCOUNT:role/NAME"),
        (("--aws-assume-role", "lost.txt"), "no such file or directory"),
        (("--aws-external-id", "x"), "--aws-external-id needs --aws-assume-role"),
        (("--aws-timeout", "soon"), "is no time"),
    ],
)
def test_wrong_options(aws: Aws, options: tuple[str, ...], said: str) -> None:
    outcome = aws.run("check", "elasticache://eu-west-1", *options)
    assert outcome.code == 2
    assert said in outcome.err
    assert aws.endpoint.seen == []


def test_a_wrong_region_is_an_error_of_its_own(aws: Aws) -> None:
    report = aws.report("check", "elasticache://ireland", "memorydb://eu-west-1", code=3)
    assert len(report["targets"]) == 1
    (error,) = report["errors"]
    assert error["stage"] == "url"
    assert "'ireland' is no region of AWS" in error["message"]


def test_the_endpoint_says_nothing_when_a_client_gives_up(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """What a thread prints lands in the output of whichever test runs by then."""
    answered = threading.Event()

    def slow(seen: Seen) -> dict[str, Any]:
        answered.set()
        raise Raw(b"x" * 1_000_000, seconds=0.2)

    with Endpoint(slow) as endpoint:
        port = int(endpoint.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(
                b"POST / HTTP/1.1\r\nContent-Length: 34\r\n"
                b"Authorization: Credential=a/b/c/sts/d, x\r\n\r\n"
                b"Action=GetCallerIdentity&Version=1"
            )
            assert answered.wait(5)
            reset = struct.pack("ii", 1, 0)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
        time.sleep(0.4)
        assert endpoint.problems == []
    assert capfd.readouterr().err == ""
