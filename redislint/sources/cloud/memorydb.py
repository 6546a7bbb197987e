"""MemoryDB: clusters with their shards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from redislint.sources.cloud import calls as c
from redislint.sources.cloud.cache import Cache, known_engine, newest_version, server_of
from redislint.sources.cloud.lists import Lists, Row
from redislint.sources.cloud.network import subnet_group_facts
from redislint.sources.cloud.snapshots import Kept
from redislint.sources.cloud.target import Where

SERVICE = "memorydb"
_STATUS = {"in-sync": "in-sync", "applying": "applying", "pending-reboot": "pending-reboot"}


def clusters(lists: Lists, where: Where, gaps: list[str]) -> Iterator[Cache]:
    """Every cluster; one of an unknown engine goes to `gaps`."""
    for row in lists.rows(c.MDB_CLUSTERS):
        engine = (row.get("Engine") or "redis").lower()
        if known_engine(engine):
            yield _cluster(row, engine, where)
        else:
            gaps.append(f"cluster {row['Name']} has the engine '{engine}', which is not known:"
                        " not audited")  # fmt: skip


def _cluster(row: Row, engine: str, where: Where) -> Cache:
    name, acl = row["Name"], row.get("ACLName") or ""
    version = row.get("EnginePatchVersion") or row.get("EngineVersion")
    cache = Cache(
        SERVICE,
        "cluster",
        name,
        row.get("ARN") or where.arn(SERVICE, "cluster", name),
        engine,
        server_of(engine, version),
        node_type=row.get("NodeType") or "",
        parameter_group=row.get("ParameterGroupName") or "",
        user_groups=(acl,) if acl else (),
        members=(name,),
        nodes=({"ClusterName": name},),
    )
    put = cache.put
    for path, value in (
        ("cluster_mode", True),
        ("auth_token", False),
        ("at_rest", True),
        ("connection", "vpc"),
        ("classic_security_groups", []),
    ):
        put(f"cloud.{path}", value)
    put("cloud.status", row.get("Status"))
    put("cloud.engine_versions", [version] if version else None)
    put("cloud.auto_minor_upgrade", row.get("AutoMinorVersionUpgrade"))
    put("cloud.maintenance_window", row.get("MaintenanceWindow") or "")
    put("cloud.data_tiering", str(row.get("DataTiering", "")).lower() == "true")
    put("cloud.global_datastore", row.get("MultiRegionClusterName") or "")
    put("cloud.tls", row.get("TLSEnabled"))
    put("cloud.tls_required", row.get("TLSEnabled"))
    put("cloud.kms_key", row.get("KmsKeyId") or "")
    put("cloud.user_groups", list(cache.user_groups))
    put("cloud.subnet_group", row.get("SubnetGroupName") or "")
    groups = [group["SecurityGroupId"] for group in row.get("SecurityGroups") or ()]
    put("cloud.security_groups", sorted(groups))
    put("cloud.port", (row.get("ClusterEndpoint") or {}).get("Port"))
    active = (row.get("SnsTopicStatus") or "").lower() == "active"
    put("cloud.notification_topic", (row.get("SnsTopicArn") or "") if active else "")
    put("cloud.parameter_group", cache.parameter_group)
    put("cloud.parameter_status", _STATUS.get(row.get("ParameterGroupStatus") or ""))
    put("cloud.nodes_to_reboot", [])
    put("cloud.pending", _pending(row.get("PendingUpdates") or {}))
    put("backup.retention_days", row.get("SnapshotRetentionLimit"), "days")
    put("backup.window", row.get("SnapshotWindow") or "")
    _shards(cache, row)
    cache.miss("MemoryDB does not tell when a cluster was made", ["cloud.age"])
    return cache


def _shards(cache: Cache, row: Row) -> None:
    put = cache.put
    shards = row.get("Shards") or []
    put("cloud.shards", row.get("NumberOfShards") or len(shards) or None)
    if "AvailabilityMode" in row:
        put("cloud.multi_az", row["AvailabilityMode"].lower() == "multiaz")
    sizes = {s["Name"]: s.get("NumberOfNodes") or len(s.get("Nodes") or ()) for s in shards}
    if not sizes or not all(sizes.values()):
        cache.miss("MemoryDB did not tell the nodes of every shard", [
            "cloud.nodes", "cloud.replicas", "cloud.shards_without_replica", "cloud.zones",
            "cloud.shards_in_one_zone", "cloud.automatic_failover",
        ])  # fmt: skip
        return
    put("cloud.nodes", sum(sizes.values()))
    put("cloud.replicas", min(sizes.values()) - 1)
    put("cloud.automatic_failover", min(sizes.values()) > 1)
    put("cloud.shards_without_replica", [name for name, size in sizes.items() if size < 2])
    zones = {s["Name"]: [n.get("AvailabilityZone") for n in s.get("Nodes") or ()] for s in shards}
    one = [name for name, z in zones.items() if len(z) > 1 and len(set(z)) == 1 and z[0]]
    put("cloud.shards_in_one_zone", one)
    put("cloud.zones", sorted({zone for found in zones.values() for zone in found if zone}))


def _pending(updates: dict[str, Any]) -> list[str]:
    found = []
    if updates.get("Resharding"):
        found.append("resharding")
    if updates.get("ACLs"):
        found.append(f"ACL {updates['ACLs'].get('ACLToApply', '')}".rstrip())
    found.extend(
        f"service update {update['ServiceUpdateName']}"
        for update in updates.get("ServiceUpdates") or ()
        if update.get("ServiceUpdateName")
    )
    return found


def settle(cache: Cache, lists: Lists, now: float, kept: Kept) -> None:
    """Note what the lists about all clusters say of one: backups, subnets, versions, updates."""
    kept.note(cache, now)
    groups = {row["Name"]: row for row in lists.rows(c.MDB_SUBNET_GROUPS)}
    subnet_group_facts(cache, groups, lists.why(c.MDB_SUBNET_GROUPS))
    newest_version(cache, lists, c.MDB_VERSIONS)
    reason = lists.why(c.MDB_UPDATES)
    if reason:
        cache.miss(reason, ["cloud.service_updates"])
        return
    cache.put("cloud.service_updates", [
        update_row(row, now, row.get("Status"), row.get("AutoUpdateStartDate"))
        for row in lists.rows(c.MDB_UPDATES)
        if row.get("ClusterName") == cache.name and row.get("Status") in WAITING
    ])  # fmt: skip


WAITING = ("available", "not-applied", "waiting-to-start", "in-progress", "scheduled",
           "scheduling", "stopping", "stopped")  # fmt: skip


def update_row(row: Row, now: float, status: str | None, due: Any) -> dict[str, Any]:
    """One service update as expressions see it."""
    found = {
        "name": row.get("ServiceUpdateName") or "",
        "severity": row.get("ServiceUpdateSeverity") or "",
        "status": status or "",
    }
    if due is not None:
        found["overdue"] = float(int(now - due.timestamp()))
    return found
