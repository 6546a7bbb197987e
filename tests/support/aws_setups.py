"""Set-ups of managed caches as they are found, for the golden reports.

Each builds one region; its name is the name of its report in `tests/golden/cloud/`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.support.aws_fleet import (
    DAY,
    HOUR,
    arn,
    memorydb_cluster,
    parameter_group,
    replication_group,
    security_group,
    serverless,
    single_node,
    snapshot,
    tag,
    user,
    user_group,
    usual,
)
from tests.support.aws_world import Region

Setup = Callable[[Region], None]
SETUPS: dict[str, Setup] = {}


def setup(function: Setup) -> Setup:
    SETUPS[function.__name__] = function
    return function


@setup
def in_order(region: Region) -> None:
    """A group in cluster mode with nothing to say against it."""
    parameter_group(region, "shop", "valkey8", {
        "cluster-enabled": "yes", "maxmemory-policy": "allkeys-lru",
    })  # fmt: skip
    user_group(
        region,
        "shop",
        user("shop-default", "default", "off ~* -@all", "password", 1),
        user("shop-app", "app", "on ~shop:* &shop:* +@read +@write -@dangerous", "iam"),
    )
    key = "arn:aws:kms:eu-west-1:111122223333:key/shop"
    region.keys[key] = "Enabled"
    replication_group(
        region, "shop", version="8.2", shards=3, replicas=2, parameters="shop",
        AuthTokenEnabled=False, UserGroupIds=["shop"], KmsKeyId=key, snapshot_age=None,
        StorageEncryptionType="sse-kms",
    )  # fmt: skip
    snapshot(region, "shop", 3, 5 * HOUR, KmsKeyId=key)
    tag(region, arn("replicationgroup", "shop"), redislint__workload="cache",
        redislint__environment="production")  # fmt: skip


@setup
def cluster_mode_off(region: Region) -> None:
    """A queue on a group with cluster mode off, as the console's defaults make it."""
    replication_group(
        region, "orders", engine="redis", version="7.1", node_type="cache.m7g.large",
        AuthTokenEnabled=False, TransitEncryptionMode="preferred", SnapshotRetentionLimit=1,
    )  # fmt: skip
    tag(region, arn("replicationgroup", "orders"), redislint__workload="queue",
        redislint__environment="production")  # fmt: skip


@setup
def single_node_for_development(region: Region) -> None:
    """One small node without anything, used as a session store."""
    single_node(region, "dev")
    tag(region, arn("cluster", "dev"), redislint__workload="session")


@setup
def data_tiering(region: Region) -> None:
    """Data on SSD, with a policy that tiering does not take well and little reserve."""
    parameter_group(region, "tiered", "valkey8", {
        "cluster-enabled": "yes", "reserved-memory-percent": "10", "maxmemory-policy": "noeviction",
    })  # fmt: skip
    replication_group(
        region, "catalog", shards=2, parameters="tiered", node_type="cache.r6gd.xlarge",
        DataTiering="enabled",
    )  # fmt: skip


@setup
def serverless_public(region: Region) -> None:
    """A serverless cache that is reached from the internet, without users or snapshots."""
    serverless(
        region, "sessions", ConnectionType="public", SnapshotRetentionLimit=0, CacheUsageLimits={},
        SecurityGroupIds=["sg-open"],
    )  # fmt: skip
    region.add("ec2 DescribeSecurityGroups", security_group("sg-open", "0.0.0.0/0"))


@setup
def durable_async(region: Region) -> None:
    """Valkey 9 with durability async behind a ledger that may lose nothing."""
    replication_group(
        region, "ledger", version="9.0", shards=2, Durability="async", EffectiveDurability="async",
    )  # fmt: skip
    tag(region, arn("replicationgroup", "ledger"), redislint__workload="ledger",
        redislint__rpo="1s")  # fmt: skip


@setup
def memorydb_open(region: Region) -> None:
    """MemoryDB that admits everybody, in one zone, evicting, without snapshots."""
    memorydb_cluster(
        region, "accounts", nodes=1, TLSEnabled=False, SnapshotRetentionLimit=0,
        ParameterGroupName="evicting",
    )  # fmt: skip
    rows = [dict(row) for row in region.memorydb["default.memorydb-valkey7"]]
    for row in rows:
        if row["Name"] == "maxmemory-policy":
            row["Value"] = "allkeys-lru"
    region.memorydb["evicting"] = rows
    region.add("memorydb DescribeParameterGroups",
               {"Name": "evicting", "Family": "memorydb_valkey7"})  # fmt: skip
    region.lists["memorydb DescribeSnapshots"].clear()
    tag(region, arn("cluster/", "accounts"), redislint__workload="primary-store")


@setup
def memorydb_in_order(region: Region) -> None:
    """MemoryDB with its own ACL over three shards."""
    memorydb_cluster(region, "payments", shards=3, ACLName="payments")
    region.add("memorydb DescribeUsers", {
        "Name": "pay", "Status": "active", "AccessString": "on ~pay:* &pay:* +@read +@write",
        "Authentication": {"Type": "iam"},
    })  # fmt: skip
    region.add("memorydb DescribeACLs", {"Name": "payments", "UserNames": ["pay"]})
    tag(region, arn("cluster/", "payments"), redislint__workload="primary-store")


@setup
def pending_reboot(region: Region) -> None:
    """A group of its own whose change waits for a reboot, and an upgrade that runs."""
    parameter_group(region, "rehash", "redis7", {"activerehashing": "no"})
    group = {
        "CacheParameterGroupName": "rehash",
        "ParameterApplyStatus": "pending-reboot",
        "CacheNodeIdsToReboot": ["0001"],
    }
    pending = {"EngineVersion": "7.1", "CacheNodeType": "cache.r7g.large"}
    replication_group(
        region, "search", engine="redis", version="7.0", parameters="rehash",
        members={"CacheParameterGroup": group, "PendingModifiedValues": pending},
    )  # fmt: skip


@setup
def users_open(region: Region) -> None:
    """A user group whose default user needs no password and may do anything."""
    user_group(
        region,
        "everyone",
        user("default", "default", "on ~* +@all", "no-password"),
        user("batch", "batch", "on ~* &* +@all -flushall", "password", 1),
    )
    region.lists["elasticache DescribeUsers"].pop(0)
    replication_group(region, "shared", AuthTokenEnabled=False, UserGroupIds=["everyone"])


@setup
def no_snapshots(region: Region) -> None:
    """A stream without snapshots, replicas in one zone, failover off."""
    row: Any = replication_group(
        region, "events", replicas=1, snapshot_age=None, SnapshotRetentionLimit=0,
        AutomaticFailover="disabled", MultiAZ="disabled",
    )  # fmt: skip
    for node in row["NodeGroups"][0]["NodeGroupMembers"]:
        node["PreferredAvailabilityZone"] = "eu-west-1a"
    tag(region, arn("replicationgroup", "events"), redislint__workload="stream")


@setup
def old_engine(region: Region) -> None:
    """Redis 5 on nodes of an earlier generation, with an update that is overdue."""
    from tests.support.aws_fleet import default_group

    default_group(region, "redis5.0")
    reserve = {"reserved-memory-percent": None, "reserved-memory": "0"}
    parameter_group(region, "from-2016", "redis5.0", reserve)
    replication_group(
        region, "legacy", engine="redis", version="5.0.6", parameters="from-2016",
        node_type="cache.m4.large", AutoMinorVersionUpgrade=False, LogDeliveryConfigurations=[],
    )  # fmt: skip
    region.add("elasticache DescribeUpdateActions", {
        "ReplicationGroupId": "legacy", "ServiceUpdateName": "elasticache-patch-9",
        "ServiceUpdateSeverity": "critical", "UpdateActionStatus": "not-applied",
        "ServiceUpdateRecommendedApplyByDate": time.time() - 40.01 * DAY,
    })  # fmt: skip


@setup
def nothing_reserved(region: Region) -> None:
    """reserved-memory-percent 0 with a policy that refuses writes."""
    parameter_group(region, "full", "valkey8", {
        "reserved-memory-percent": "0", "maxmemory-policy": "noeviction",
    })  # fmt: skip
    replication_group(region, "jobs", parameters="full")
    tag(region, arn("replicationgroup", "jobs"), redislint__workload="queue")


@setup
def group_unused(region: Region) -> None:
    """A parameter group that nothing uses any more."""
    parameter_group(region, "left-over", "redis7", {"timeout": "300"})


@setup
def backups_failing(region: Region) -> None:
    """Snapshots that fail, the last whole one three days old, a newer one lacking a shard."""
    replication_group(region, "reports", shards=2, snapshot_age=75.1 * HOUR)
    snapshot(region, "reports", 2, 27.1 * HOUR, covered=1)
    region.add("elasticache DescribeEvents", {
        "SourceIdentifier": "reports", "SourceType": "replication-group",
        "Message": "Snapshot failed for reports: not enough reserved memory",
        "Date": time.time() - 3.1 * HOUR,
    })  # fmt: skip


def build(name: str) -> Region:
    """The region of a set-up."""
    region = Region()
    usual(region)
    SETUPS[name](region)
    return region
