"""Parts of what ElastiCache says of replication groups and their nodes, as facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from redislint.sources.cloud.cache import Cache, seconds_since, server_of, version_order
from redislint.sources.cloud.lists import Row

_STATUS = ("in-sync", "applying", "pending-reboot")
_DURABLE_SINCE = (9, 0)


def shards(cache: Cache, row: Row, own: Sequence[Row]) -> None:
    groups = row.get("NodeGroups") or []
    members = {g["NodeGroupId"]: g.get("NodeGroupMembers") or [] for g in groups}
    if not groups:
        cache.miss("the replication group has no shards yet", [
            "cloud.shards", "cloud.nodes", "cloud.replicas", "cloud.shards_without_replica",
            "cloud.shards_in_one_zone", "cloud.zones", "cloud.snapshots_from_primary",
        ])  # fmt: skip
        return
    put = cache.put
    put("cloud.shards", len(groups))
    put("cloud.nodes", sum(map(len, members.values())))
    put("cloud.replicas", max(0, min(map(len, members.values())) - 1))
    put("cloud.shards_without_replica", [name for name, m in members.items() if len(m) < 2])
    zones = {
        name: {node.get("PreferredAvailabilityZone") for node in nodes}
        for name, nodes in members.items()
    }
    several = [name for name, nodes in members.items() if len(nodes) > 1]
    put(
        "cloud.shards_in_one_zone",
        [n for n in several if len(zones[n]) == 1 and None not in zones[n]],
    )
    every = {zone for found in zones.values() for zone in found if zone}
    put("cloud.zones", sorted(every))
    nodes = [node for found in members.values() for node in found]
    cache.nodes = tuple(
        {"CacheClusterId": n["CacheClusterId"], "CacheNodeId": n.get("CacheNodeId") or "0001"}
        for n in nodes
        if n.get("CacheClusterId")
    )
    roles = {n.get("CacheClusterId"): n.get("CurrentRole") for n in nodes}
    cache.replicas = frozenset(name for name, role in roles.items() if name and role == "replica")
    source = row.get("SnapshottingClusterId")
    if source is None:
        put("cloud.snapshots_from_primary", False)
    elif roles.get(source):
        shard = next(
            m for m in members.values() if any(n.get("CacheClusterId") == source for n in m)
        )
        put("cloud.snapshots_from_primary", roles[source] == "primary" and len(shard) > 1)
    place = row.get("ConfigurationEndpoint") or groups[0].get("PrimaryEndpoint") or {}
    put("cloud.port", place.get("Port") or _node_port(own))


def _node_port(own: Sequence[Row]) -> int | None:
    for member in own:
        for node in member.get("CacheNodes") or ():
            if (node.get("Endpoint") or {}).get("Port"):
                return int(node["Endpoint"]["Port"])
    return None


def encryption(cache: Cache, row: Row, now: float) -> None:
    tls = row.get("TransitEncryptionEnabled")
    cache.put("cloud.tls", tls)
    mode = row.get("TransitEncryptionMode")
    if tls is False:
        cache.put("cloud.tls_required", False)
    elif mode:
        cache.put("cloud.tls_required", mode == "required")
    cache.put("cloud.auth_token", row.get("AuthTokenEnabled"))

    if row.get("AuthTokenEnabled"):
        age = seconds_since(row.get("AuthTokenLastModifiedDate"), now)
        cache.put("cloud.auth_token_age", age, "s")
    else:
        cache.miss("no AUTH token is set", ["cloud.auth_token_age"])


def logs(cache: Cache, row: Row) -> None:
    found = row.get("LogDeliveryConfigurations") or []
    live = [r["LogType"] for r in found if r.get("Status") in ("active", "enabling", "modifying")]
    cache.put("cloud.logs", sorted(set(live)))
    failing = {r["LogType"] for r in found if r.get("Status") == "error"}
    cache.put("cloud.log_errors", sorted(failing))


def durability(row: Row, cache: Cache) -> str | None:
    """In effect; where the API says nothing, disabled for what never has any."""
    told = row.get("EffectiveDurability")
    if told:
        return str(told)
    server = cache.server
    offered = (
        cache.engine == "valkey"
        and cache.value("cloud.cluster_mode")
        and (server is None or server.version >= _DURABLE_SINCE)
    )
    return None if offered else "disabled"


def note_members(cache: Cache, own: Sequence[Row], auto_minor: bool | None) -> None:
    """What stands with the member clusters only."""
    put = cache.put
    if auto_minor is None and own:
        auto_minor = all(member.get("AutoMinorVersionUpgrade") for member in own)
    put("cloud.auto_minor_upgrade", auto_minor)
    if not own:
        return
    versions = sorted(
        {m["EngineVersion"] for m in own if m.get("EngineVersion")}, key=version_order
    )
    put("cloud.engine_versions", versions or None)
    cache.server = server_of(cache.engine, versions[0] if versions else None)
    put("cloud.maintenance_window", first(own, "PreferredMaintenanceWindow") or "")
    put("cloud.subnet_group", first(own, "CacheSubnetGroupName") or "")
    groups = {g["SecurityGroupId"] for m in own for g in m.get("SecurityGroups") or ()}
    put("cloud.security_groups", sorted(groups))
    classic = {g["CacheSecurityGroupName"] for m in own for g in m.get("CacheSecurityGroups") or ()}
    put("cloud.classic_security_groups", sorted(classic))
    topics = [m.get("NotificationConfiguration") or {} for m in own]
    active = [
        t["TopicArn"] for t in topics if t.get("TopicArn") and t.get("TopicStatus") == "active"
    ]
    put("cloud.notification_topic", active[0] if active else "")
    put("cloud.port", cache.value("cloud.port") or _node_port(own))
    used = [m.get("CacheParameterGroup") or {} for m in own]
    cache.parameter_group = next((u["CacheParameterGroupName"] for u in used if u), "")
    put("cloud.parameter_group", cache.parameter_group)
    statuses = [u.get("ParameterApplyStatus") for u in used]
    statuses += [n.get("ParameterGroupStatus") for m in own for n in m.get("CacheNodes") or ()]
    known = [_STATUS.index(status) for status in statuses if status in _STATUS]
    put("cloud.parameter_status", _STATUS[max(known)] if known else None)
    reboot = [
        m["CacheClusterId"] for m, u in zip(own, used, strict=True) if u.get("CacheNodeIdsToReboot")
    ]
    put("cloud.nodes_to_reboot", reboot)


def pending(row: Row, own: Iterable[Row]) -> list[str]:
    """Changes that wait, in words."""
    found: dict[str, None] = {}
    for changes in [
        row.get("PendingModifiedValues"),
        *[m.get("PendingModifiedValues") for m in own],
    ]:
        for text in _changes(changes or {}):
            found.setdefault(text)
    return list(found)


def _changes(changes: Mapping[str, Any]) -> Iterator[str]:
    for key, words in (
        ("EngineVersion", "engine version {}"),
        ("CacheNodeType", "node type {}"),
        ("NumCacheNodes", "number of nodes {}"),
        ("PrimaryClusterId", "primary {}"),
        ("AutomaticFailoverStatus", "automatic failover {}"),
        ("ClusterMode", "cluster mode {}"),
        ("TransitEncryptionMode", "transit encryption mode {}"),
    ):
        if changes.get(key):
            yield words.format(changes[key])
    if "TransitEncryptionEnabled" in changes:
        yield f"transit encryption {'on' if changes['TransitEncryptionEnabled'] else 'off'}"
    for key, words in (
        ("Resharding", "resharding"),
        ("AuthTokenStatus", "AUTH token"),
        ("UserGroups", "user groups"),
        ("LogDeliveryConfigurations", "log delivery"),
        ("CacheNodeIdsToRemove", "removal of nodes"),
        ("ScaleConfig", "scaling"),
    ):
        if changes.get(key):
            yield words


def limits(limits: Mapping[str, Any]) -> list[str]:
    storage, units = limits.get("DataStorage") or {}, limits.get("ECPUPerSecond") or {}
    found = []
    if storage.get("Maximum"):
        found.append(f"data storage {storage['Maximum']} {storage.get('Unit', 'GB')}")
    if units.get("Maximum"):
        found.append(f"ECPU {units['Maximum']} a second")
    return found


def names(rows: Iterable[Row]) -> list[str]:
    return [row["CacheClusterId"] for row in rows]


def first(rows: Sequence[Row], key: str) -> Any:
    return next((row[key] for row in rows if row.get(key)), None)
