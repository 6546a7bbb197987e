"""Facts of MemoryDB, Azure Cache and Google's Memorystore, from the attributes of a resource."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from redislint.sources.iac.given import Given
from redislint.sources.iac.managed_notes import (
    ABSENT,
    Notes,
    common,
    flag_of,
    names_of,
    truth,
    whole,
)


def memorydb(notes: Notes) -> None:
    cache = notes.cache
    notes.constants(
        cluster_mode=True,
        auth_token=False,
        at_rest=True,
        connection="vpc",
        classic_security_groups=[],
    )
    notes.flag("cloud.tls", "tls_enabled", True)
    notes.put("cloud.tls_required", cache.value("cloud.tls"), "tls_enabled")
    if "cloud.tls" in notes.spans:
        notes.spans["cloud.tls_required"] = notes.spans["cloud.tls"]
    notes.flag("cloud.data_tiering", "data_tiering", False)
    notes.name("cloud.global_datastore", "multi_region_cluster_name", "")
    shards = notes.number("cloud.shards", "num_shards", 1)
    replicas = notes.number("cloud.replicas", "num_replicas_per_shard", 1)
    if shards is not None and replicas is not None:
        notes.put("cloud.nodes", shards * (replicas + 1))
        notes.put("cloud.automatic_failover", replicas > 0, "num_replicas_per_shard")
        bare = [f"{number:04}" for number in range(1, min(shards, 500) + 1)]
        notes.put("cloud.shards_without_replica", [] if replicas else bare)
    notes.of("cloud.user_groups", "acl_name", names_of)
    cache.user_groups = tuple(cache.value("cloud.user_groups") or ())
    if "cloud.user_groups" in notes.spans:
        notes.spans["cloud.access"] = notes.spans["cloud.user_groups"]
    notes.present("cloud.final_snapshot", "final_snapshot_name")
    common(notes)


def azure(notes: Notes) -> None:
    notes.name("cloud.name", "name")
    notes.text("cloud.tier", "sku_name")
    notes.flag("cloud.plain_port", ("non_ssl_port_enabled", "enable_non_ssl_port"), False)
    notes.text("cloud.minimum_tls", "minimum_tls_version", "1.0")
    notes.flag("cloud.public_access", "public_network_access_enabled", True)
    notes.put("cloud.patch_window", notes.attributes.get("patch_schedule") is not None)
    notes.put("cloud.tls", True, "the port with TLS is always open")
    plain = notes.cache.value("cloud.plain_port")
    notes.put("cloud.tls_required", None if plain is None else not plain, "non_ssl_port_enabled")
    given = notes.attributes.get("authentication_enabled", "enable_authentication")
    login = truth(given.text) if given is not None and given.known else given is None or None
    notes.put("cloud.auth_token", login, given.name if given else ABSENT)
    notes.put("cloud.user_groups", [])
    if given is not None:
        notes.spans["cloud.access"] = given.span
    notes.of("cloud.append_fsync", "aof_backup_enabled", _everysec, "")
    _snapshots(notes, "rdb_backup_enabled", "rdb_backup_frequency", _minutes)
    tier = notes.cache.value("cloud.tier")
    if tier == "Basic":
        notes.constants(replicas=0, automatic_failover=False)
    elif tier is not None:
        names = ("replicas_per_primary", "replicas_per_master")
        notes.number("cloud.replicas", names, 1)
        notes.constants(automatic_failover=True)


def google(notes: Notes) -> None:
    """Instances of Memorystore, which have a tier, and its clusters, which have none."""
    attributes = notes.attributes
    notes.name("cloud.name", "name")
    cluster = attributes.get("shard_count", "authorization_mode") is not None
    notes.text("cloud.tier", "tier", None if cluster else "BASIC")
    notes.put("cloud.patch_window", attributes.get("maintenance_policy") is not None)
    for path in ("cloud.tls", "cloud.tls_required"):
        notes.of(path, "transit_encryption_mode", _enabled, False)
    notes.put("cloud.user_groups", [])
    login = "authorization_mode" if cluster else "auth_enabled"
    notes.of("cloud.auth_token", login, _enabled if cluster else flag_of, False)
    if "cloud.auth_token" in notes.spans:
        notes.spans["cloud.access"] = notes.spans["cloud.auth_token"]
    _google_persistence(notes)
    if cluster:
        notes.number("cloud.shards", "shard_count")
        replicas = notes.number("cloud.replicas", "replica_count", 0)
        notes.put("cloud.automatic_failover", None if replicas is None else replicas > 0)
        return
    tier = notes.cache.value("cloud.tier")
    if tier == "BASIC":
        notes.constants(replicas=0, automatic_failover=False)
    elif tier is not None:
        notes.number("cloud.replicas", "replica_count", 1)
        notes.constants(automatic_failover=True)


def _google_persistence(notes: Notes) -> None:
    """Off by default; instances have snapshots only, clusters an append-only file as well."""
    modes = ("persistence_mode", "mode")
    notes.of("cloud.append_fsync", modes, lambda mode: _fsync(notes, mode), "")
    _snapshots(notes, modes, "rdb_snapshot_period", _period, 86400.0)


def _fsync(notes: Notes, mode: Given) -> str | None:
    """The fsync policy of a cluster's append-only file, every second by default."""
    if not mode.known or mode.text.upper() != "AOF":
        return "" if mode.known else None
    policy = notes.attributes.get("append_fsync")
    if policy is None:
        return "everysec"
    text = policy.text.lower().removeprefix("append_fsync_") if policy.known else ""
    return text if text in ("no", "everysec", "always") else None


def _snapshots(
    notes: Notes,
    switch: str | Sequence[str],
    interval: str,
    read: Callable[[Given], float | None],
    default: float | None = None,
) -> None:
    """The interval of snapshots: none where the switch is off or absent."""

    def every(given: Given) -> float | None:
        on = truth(given.text) if given.text.lower() in ("true", "false") else _is_rdb(given)
        if not given.known or on is None:
            return None
        told = notes.attributes.get(interval)
        return 0.0 if not on else default if told is None else read(told)

    notes.of("cloud.snapshot_interval", switch, every, 0.0)
    told = [notes.spans.get(f"cloud.{name}") for name in ("append_fsync", "snapshot_interval")]
    for place in [span for span in told if span is not None][:1]:
        for name in ("mode", "family", "rank"):
            notes.spans[f"persistence.{name}"] = place


def _is_rdb(given: Given) -> bool:
    return given.text.upper() == "RDB"


def _everysec(given: Given) -> str | None:
    """Azure writes its append-only file every second."""
    on = flag_of(given)
    return None if on is None else "everysec" if on else ""


def _minutes(given: Given) -> float | None:
    minutes = whole(given.text) if given.known else None
    return None if minutes is None else minutes * 60.0


def _period(given: Given) -> float | None:
    return _PERIODS.get(given.text.upper()) if given.known else None


_PERIODS = {
    "ONE_HOUR": 3600.0,
    "SIX_HOURS": 21600.0,
    "TWELVE_HOURS": 43200.0,
    "TWENTY_FOUR_HOURS": 86400.0,
}
"""`rdb_snapshot_period` in seconds."""


def _enabled(given: Given) -> bool | None:
    """A mode, of which the one without is called DISABLED or ends so."""
    return not given.text.endswith("DISABLED") if given.known else None
