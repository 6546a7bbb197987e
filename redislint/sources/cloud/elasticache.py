"""ElastiCache: replication groups with their members, single nodes, serverless caches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from redislint.sources.cloud import calls as c
from redislint.sources.cloud import parts
from redislint.sources.cloud.cache import (
    Cache,
    known_engine,
    newest_version,
    seconds_since,
    server_of,
)
from redislint.sources.cloud.lists import Lists, Row
from redislint.sources.cloud.memorydb import WAITING, update_row
from redislint.sources.cloud.network import subnet_group_facts
from redislint.sources.cloud.snapshots import Kept
from redislint.sources.cloud.target import Where

SERVICE = "elasticache"

_FROM_MEMBERS = (
    "cloud.engine_versions",
    "cloud.maintenance_window",
    "cloud.subnet_group",
    "cloud.security_groups",
    "cloud.classic_security_groups",
    "cloud.parameter_group",
    "cloud.parameter_status",
    "cloud.nodes_to_reboot",
    "cloud.notification_topic",
)


def caches(lists: Lists, where: Where, now: float, gaps: list[str]) -> Iterator[Cache]:
    """Every cache of the lists but Memcached's; what does not fit together goes to `gaps`."""
    clusters = [row for row in lists.rows(c.CLUSTERS) if row.get("Engine") != "memcached"]
    members: dict[str, list[Row]] = {}
    for row in clusters:
        members.setdefault(row.get("ReplicationGroupId") or "", []).append(row)
    groups = lists.rows(c.GROUPS)
    for group in groups:
        own = members.pop(group["ReplicationGroupId"], [])
        cache = _group(group, own, where, now)
        if cache is None:
            gaps.append(_strange(f"replication group {group['ReplicationGroupId']}", group))
            continue
        if lists.known(c.CLUSTERS):
            gaps.extend(_absent(group, own))
        cache.miss(lists.why(c.CLUSTERS), _FROM_MEMBERS)
        yield cache
    singles = members.pop("", [])
    if lists.known(c.GROUPS):
        gaps.extend(
            f"cache cluster {row['CacheClusterId']} belongs to the replication group {name},"
            " which is not in the list of groups"
            for name, rows in members.items()
            for row in rows
        )
    for row in singles:
        cache = _single(row, where, now)
        if cache is None:
            gaps.append(_strange(f"cache cluster {row['CacheClusterId']}", row))
        else:
            yield cache
    for row in lists.rows(c.SERVERLESS):
        if row.get("Engine") == "memcached":
            continue
        cache = _serverless(row, where, now)
        if cache is None:
            gaps.append(_strange(f"serverless cache {row['ServerlessCacheName']}", row))
        else:
            yield cache


def _strange(what: str, row: Row) -> str:
    return f"{what} has the engine '{row.get('Engine') or ''}', which is not known: not audited"


def _absent(group: Row, own: Sequence[Row]) -> Iterator[str]:
    listed = {row["CacheClusterId"] for row in own}
    for name in sorted(set(group.get("MemberClusters") or ()) - listed):
        yield (
            f"the member {name} of the replication group {group['ReplicationGroupId']} is not in"
            " the list of cache clusters"
        )


def _group(row: Row, own: list[Row], where: Where, now: float) -> Cache | None:
    own = sorted(own, key=lambda member: member["CacheClusterId"])
    engine = row.get("Engine") or next((m.get("Engine") for m in own), None) or "redis"
    if not known_engine(engine):
        return None
    name = row["ReplicationGroupId"]
    cache = Cache(
        SERVICE,
        "replication-group",
        name,
        row.get("ARN") or where.arn(SERVICE, "replicationgroup", name),
        engine,
        node_type=row.get("CacheNodeType") or parts.first(own, "CacheNodeType") or "",
        user_groups=tuple(row.get("UserGroupIds") or ()),
        members=(name, *dict.fromkeys([*(row.get("MemberClusters") or ()), *parts.names(own)])),
    )
    put = cache.put
    put("cloud.status", row.get("Status"))
    put("cloud.age", seconds_since(row.get("ReplicationGroupCreateTime"), now), "s")
    cluster_mode = row.get("ClusterEnabled") or row.get("ClusterMode") == "enabled"
    put("cloud.cluster_mode", bool(cluster_mode))
    if "MultiAZ" in row:
        put("cloud.multi_az", row["MultiAZ"] == "enabled")
    if "AutomaticFailover" in row:
        put("cloud.automatic_failover", row["AutomaticFailover"] in ("enabled", "enabling"))
    put("cloud.data_tiering", row.get("DataTiering") == "enabled")
    about = row.get("GlobalReplicationGroupInfo") or {}
    put("cloud.global_datastore", about.get("GlobalReplicationGroupId") or "")
    parts.shards(cache, row, own)
    parts.encryption(cache, row, now)
    storage = row.get("StorageEncryptionType")
    at_rest = row.get("AtRestEncryptionEnabled")
    put("cloud.at_rest", storage != "none" if storage else at_rest)
    put("cloud.kms_key", row.get("KmsKeyId") or "")
    parts.logs(cache, row)
    put("backup.retention_days", row.get("SnapshotRetentionLimit"), "days")
    put("backup.window", row.get("SnapshotWindow") or "")
    put("cloud.pending", parts.pending(row, own))
    put("cloud.user_groups", list(cache.user_groups))
    parts.note_members(cache, own, row.get("AutoMinorVersionUpgrade"))
    put("cloud.durability", parts.durability(row, cache))
    put("cloud.connection", "vpc")
    return cache


def _single(row: Row, where: Where, now: float) -> Cache | None:
    engine = row.get("Engine")
    if engine is None or not known_engine(engine):
        return None
    name = row["CacheClusterId"]
    cache = Cache(
        SERVICE,
        "cache-cluster",
        name,
        row.get("ARN") or where.arn(SERVICE, "cluster", name),
        engine,
        node_type=row.get("CacheNodeType") or "",
        members=(name,),
        nodes=({"CacheClusterId": name, "CacheNodeId": "0001"},),
    )
    put = cache.put
    put("cloud.status", row.get("CacheClusterStatus"))
    put("cloud.age", seconds_since(row.get("CacheClusterCreateTime"), now), "s")
    for path, value in (
        ("cluster_mode", False),
        ("multi_az", False),
        ("automatic_failover", False),
        ("data_tiering", False),
        ("global_datastore", ""),
        ("shards", 1),
        ("nodes", 1),
        ("replicas", 0),
        ("shards_without_replica", ["0001"]),
        ("shards_in_one_zone", []),
        ("durability", "disabled"),
        ("connection", "vpc"),
        ("kms_key", ""),
        ("user_groups", []),
        ("snapshots_from_primary", False),
    ):
        put(f"cloud.{path}", value)
    zone = row.get("PreferredAvailabilityZone")
    put("cloud.zones", [zone] if zone else [])
    put("cloud.at_rest", row.get("AtRestEncryptionEnabled"))
    parts.encryption(cache, row, now)
    parts.logs(cache, row)
    put("backup.retention_days", row.get("SnapshotRetentionLimit"), "days")
    put("backup.window", row.get("SnapshotWindow") or "")
    put("cloud.pending", parts.pending({}, [row]))
    parts.note_members(cache, [row], row.get("AutoMinorVersionUpgrade"))
    return cache


def _serverless(row: Row, where: Where, now: float) -> Cache | None:
    engine = row.get("Engine") or ""
    if not known_engine(engine):
        return None
    name = row["ServerlessCacheName"]
    version = row.get("FullEngineVersion") or row.get("MajorEngineVersion")
    group = row.get("UserGroupId")
    cache = Cache(
        SERVICE,
        "serverless-cache",
        name,
        row.get("ARN") or where.arn(SERVICE, "serverlesscache", name),
        engine,
        server_of(engine, version),
        user_groups=(group,) if group else (),
        members=(name,),
        nodes=({"clusterId": name},),
    )
    put = cache.put
    put("cloud.status", row.get("Status"))
    put("cloud.age", seconds_since(row.get("CreateTime"), now), "s")
    for path, value in (
        ("cluster_mode", True),
        ("multi_az", True),
        ("automatic_failover", True),
        ("data_tiering", False),
        ("global_datastore", ""),
        ("durability", "disabled"),
        ("tls", True),
        ("tls_required", True),
        ("at_rest", True),
        ("auth_token", False),
        ("parameter_group", ""),
        ("pending", []),
        ("classic_security_groups", []),
    ):
        put(f"cloud.{path}", value)
    put("cloud.engine_versions", [version] if version else None)
    put("cloud.kms_key", row.get("KmsKeyId") or "")
    put("cloud.user_groups", list(cache.user_groups))
    put("cloud.connection", row.get("ConnectionType") or "vpc")
    put("cloud.subnets", sorted(row.get("SubnetIds") or ()))
    put("cloud.security_groups", sorted(row.get("SecurityGroupIds") or ()))
    put("cloud.port", (row.get("Endpoint") or {}).get("Port"))
    put("cloud.usage_limits", parts.limits(row.get("CacheUsageLimits") or {}))
    put("backup.retention_days", row.get("SnapshotRetentionLimit"), "days")
    put("backup.window", row.get("DailySnapshotTime") or "")
    return cache


def settle(cache: Cache, lists: Lists, now: float, kept: Kept) -> None:
    """Note what the lists about all caches say of one: backups, subnets, versions, updates."""
    kept.note(cache, now)
    if cache.resource != "serverless-cache":
        rows = lists.rows(c.SUBNET_GROUPS)
        groups = {row["CacheSubnetGroupName"]: row for row in rows}
        subnet_group_facts(cache, groups, lists.why(c.SUBNET_GROUPS))
    newest_version(cache, lists, c.VERSIONS)
    reason = lists.why(c.UPDATES)
    if reason:
        cache.miss(reason, ["cloud.service_updates"])
        return
    cache.put("cloud.service_updates", [
        update_row(row, now, row.get("UpdateActionStatus"),
                   row.get("ServiceUpdateRecommendedApplyByDate"))
        for row in lists.rows(c.UPDATES)
        if row.get("UpdateActionStatus") in WAITING and _is_about(row, cache)
    ])  # fmt: skip


def _is_about(row: Row, cache: Cache) -> bool:
    if cache.resource == "replication-group":
        return row.get("ReplicationGroupId") == cache.name
    return cache.resource == "cache-cluster" and row.get("CacheClusterId") == cache.name


def groups_in_use(lists: Lists) -> set[str]:
    """Parameter groups that caches of any engine use."""
    used = [row.get("CacheParameterGroup") or {} for row in lists.rows(c.CLUSTERS)]
    return {group["CacheParameterGroupName"] for group in used if group}
