"""Many caches at once, and CloudWatch: what is called how often, and what it comes to."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.cli.cloud import Aws
from tests.support.aws_endpoint import Endpoint
from tests.support.aws_fleet import (
    fleet,
    memorydb_cluster,
    replication_group,
    serverless,
    usual,
)
from tests.support.aws_world import Region, World

REGIONS = ("eu-west-1", "eu-central-1", "us-east-1", "ap-south-1")


def _audit(caches: int, root: Path, folder: Path) -> tuple[dict[str, Any], Counter[str]]:
    world = World()
    for place in REGIONS:
        fleet(world.region(place), caches // len(REGIONS), place)
    urls = [f"{service}://{','.join(REGIONS)}" for service in ("elasticache", "memorydb")]
    with Endpoint(world) as endpoint:
        report = Aws(root, folder, endpoint).report("check", *urls, code=1)
        return report, endpoint.counts


def _is_whole(report: dict[str, Any], caches: int, calls: Counter[str]) -> None:
    """Every cache is there, and no call was made for each of them."""
    assert report["errors"] == []
    found = [target for target in report["targets"] if ":parametergroup:" not in target["id"]]
    assert len(found) == caches
    assert all(target["score"] is not None for target in found)
    snapshots = calls.pop("elasticache DescribeSnapshots")
    assert snapshots <= caches // 10 + len(REGIONS)
    assert max(calls.values()) <= 48  # 12 parameter groups in each of four regions


def test_a_hundred_caches(root: Path, tmp_path: Path) -> None:
    report, calls = _audit(80, root, tmp_path)
    _is_whole(report, 80, calls)
    assert sum(calls.values()) < 200


@pytest.mark.slow
def test_a_thousand_caches(root: Path, tmp_path: Path) -> None:
    report, calls = _audit(1000, root, tmp_path)
    _is_whole(report, 1000, calls)
    assert sum(calls.values()) < 250


# -- CloudWatch ----------------------------------------------------------------------------


def _reports(region: Region, dimensions: dict[str, str], metric: str) -> None:
    region.add("cloudwatch ListMetrics", {
        "Namespace": "AWS", "MetricName": metric,
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
    })  # fmt: skip


@pytest.fixture
def world() -> World:
    made = World()
    region = made.region()
    usual(region)
    replication_group(region, "orders")
    serverless(region, "sessions")
    memorydb_cluster(region, "ledger")
    replication_group(region, "quiet")
    for member in ("orders-001", "orders-002"):
        node = {"CacheClusterId": member, "CacheNodeId": "0001"}
        _reports(region, node, "BytesUsedForCache")
        _reports(region, {**node, "Tier": "Memory"}, "BytesUsedForCache")
        _reports(region, {"CacheClusterId": member}, "BytesUsedForCache")
    _reports(region, {"clusterId": "sessions"}, "BytesUsedForCache")
    node = {"ClusterName": "ledger", "NodeName": "ledger-0001-001"}
    _reports(region, node, "BytesUsedForMemoryDB")
    region.series.update({
        ("orders-001", "EngineCPUUtilization"): [12.0, 97.5, 30.0],
        ("orders-002", "EngineCPUUtilization"): [5.0],
        ("orders-001", "FreeableMemory"): [5e9, 1e9],
        ("orders-002", "FreeableMemory"): [3e9],
        ("orders-001", "Evictions"): [10.0, 5.0],
        ("orders-002", "Evictions"): [1.0],
        ("orders-002", "ReplicationLag"): [0.4],
        ("orders-001", "SaveInProgress"): [0.0, 0.5],
        ("orders-002", "SaveInProgress"): [0.0],
        ("sessions", "BytesUsedForCache"): [123456789.0],
        ("ledger", "BytesUsedForMemoryDB"): [42.0],
        ("ledger", "DurabilityLag"): [1500.0],
    })  # fmt: skip
    return made


def test_metrics_stand_in_for_info(world: World, root: Path, tmp_path: Path) -> None:
    urls = ("elasticache://eu-west-1", "memorydb://eu-west-1")
    with Endpoint(world) as endpoint:
        aws = Aws(root, tmp_path, endpoint)
        found = aws.facts(*urls, "--metrics")
        without = aws.facts(*urls)
    orders = found["orders"]
    assert orders["metrics.engine_cpu"] == 0.975
    assert orders["metrics.freeable"] == 1_000_000_000
    assert orders["metrics.evictions"] == 16
    assert orders["metrics.replication_lag"] == 0.4
    assert orders["metrics.saving_share"] == 0.25
    assert orders["metrics.window"] == 86400
    assert "metrics.swap_used" not in orders
    assert found["sessions"]["metrics.used_memory"] == 123456789
    assert found["ledger"]["metrics.used_memory"] == 42
    assert found["ledger"]["metrics.durability_lag"] == 1.5
    assert not [path for path in found["quiet"] if path.startswith("metrics.")]
    assert not [path for facts in without.values() for path in facts if "metrics." in path]


@pytest.mark.parametrize(("attribute", "state"), [("forbidden", "Forbidden"),
                                                  ("partial", "PartialData")])  # fmt: skip
def test_metrics_that_are_refused_or_cut_are_gaps(
    world: World, root: Path, tmp_path: Path, attribute: str, state: str
) -> None:
    getattr(world.region(), attribute).add("EngineCPUUtilization")
    with Endpoint(world) as endpoint:
        aws = Aws(root, tmp_path, endpoint)
        report = aws.report("facts", "elasticache://eu-west-1/orders", "--metrics", code=3)
    (target,) = report["targets"]
    assert "metrics.engine_cpu" not in target["facts"]
    assert state in target["unknown"]["metrics.engine_cpu"]
    assert target["facts"]["metrics.evictions"]["value"] == 16
    assert [error["message"] for error in report["errors"]] == [
        f"cloudwatch GetMetricData: {state} for orders"
    ]
