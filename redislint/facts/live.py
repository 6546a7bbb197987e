"""What INFO of a running server says, as facts: persistence, memory, replicas, errors.

INFO fields come by their own names, numbers as numbers or as text. A field that this
version does not have leaves every fact that needs it absent; 0 is never put in its place.
Several statuses outlive what they speak of (the AOF is off, its status still `err`), so
each status here is looked at together with what makes it count.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redislint.facts import growth, replication
from redislint.facts.fields import Info, failed, flag, measured, number, numbered, pairs
from redislint.facts.persistence import save_text
from redislint.facts.text import seconds_text
from redislint.model import Fact

OVERDUE_SECONDS = 60
"""Least delay after a save point was reached that counts as overdue."""

STALE_SECONDS = 48 * 3600
"""Age of the newest snapshot that is too much with any unsaved change."""

START_SECONDS = 2
"""How much later than its start a server may first write down the time of a save."""

REFUSALS = {"misconf": "MISCONF", "oom": "OOM", "noreplicas": "NOREPLICAS"}
"""Errors that refuse writes, by the name of the fact; the prefix clients see."""


def refusals(info: Info, prefix: str) -> int | None:
    """How often an error was sent since the counters began; None before 6.2.

    Servers list only errors that happened; from 6.2 on, which
    count all of them in total_error_replies, an absent one is 0.
    """
    errors = info.get("errors")
    if isinstance(errors, Mapping):
        return int(errors.get(prefix, 0))
    value = info.get(f"errorstat_{prefix}")
    if value is None:
        return 0 if "total_error_replies" in info else None
    if isinstance(value, int):
        return value
    count = pairs(value).get("count")
    return count if isinstance(count, int) else None


def settings(info: Info) -> dict[str, Any]:
    """Typed directive values that INFO shows, for a server whose CONFIG GET is refused."""
    found: dict[str, Any] = {
        "appendonly": flag(info, "aof_enabled"),
        "cluster-enabled": flag(info, "cluster_enabled"),
        "maxclients": number(info, "maxclients"),
        "maxmemory": number(info, "maxmemory"),
        "maxmemory-policy": info.get("maxmemory_policy"),
        "port": number(info, "tcp_port"),
        "hz": number(info, "configured_hz"),
    }
    if info.get("role") == "slave":
        host, port = info.get("master_host"), number(info, "master_port")
        found["replicaof"] = {"host": host, "port": port} if host else None
    return {name: value for name, value in found.items() if value is not None}


def role(info: Info) -> str | None:
    """`primary`, `replica` or `sentinel` as the server sees itself now; None if untold."""
    if info.get("redis_mode") == "sentinel" or info.get("server_mode") == "sentinel":
        return "sentinel"
    return {"master": "primary", "slave": "replica"}.get(str(info.get("role")))


def dataset(info: Info) -> int | None:
    """Bytes of data: used_memory_dataset (4.0 and later), else what was used after start."""
    found = number(info, "used_memory_dataset")
    if found is not None:
        return int(found)
    used, start = number(info, "used_memory"), number(info, "used_memory_startup")
    return int(used - start) if used is not None and start is not None else None


def clock(info: Info) -> float | None:
    """The server's own time in seconds since 1970, None where INFO has none (before 6.0)."""
    usec = number(info, "server_time_usec")
    return None if usec is None else usec / 1_000_000


def child_running(info: Info) -> str | None:
    """What a child writes now: `rewrite`, `save`, `module`, or "" for no child."""
    names = {
        "aof_rewrite_in_progress": "rewrite",
        "rdb_bgsave_in_progress": "save",
        "module_fork_in_progress": "module",
    }
    told = [name for name in names if name in info]
    if not told:
        return None
    return next((names[name] for name in told if flag(info, name)), "")


def live_facts(info: Info, config: Mapping[str, Any]) -> dict[str, Fact]:
    """Facts of one sample; `config` are typed values of directives, where known.

    `now` for ages is the server's clock: `server_time_usec`, or what TIME answered,
    given as `info.time` (seconds).
    """
    facts: dict[str, Fact] = {}

    def put(path: str, value: Any, unit: str = "", basis: str = "INFO") -> None:
        if value is not None:
            facts[path] = Fact(value, unit, "live", basis)

    for path, value in _statuses(info).items():
        put(path, value)
    _snapshots(put, info, config)
    for name, (value, unit) in growth.facts(info, config, dataset(info)).items():
        put(f"persistence.{name}", value, unit, "aof_current_size, aof_base_size")
    _memory(put, info, config)
    _replicas(put, info, config)
    for name, prefix in REFUSALS.items():
        put(f"errors.{name}", refusals(info, prefix), "", f"errorstat_{prefix}")
    return facts


def _statuses(info: Info) -> dict[str, Any]:
    aof = flag(info, "aof_enabled")
    write, rewrite = (
        failed(info, "aof_last_write_status"),
        failed(info, "aof_last_bgrewrite_status"),
    )
    save = failed(info, "rdb_last_bgsave_status")
    child = child_running(info)
    scheduled = flag(info, "aof_rewrite_scheduled")
    failing = [
        text
        for text, holds in (
            ("the AOF cannot be written", aof and write),
            ("the last AOF rewrite failed", aof and rewrite),
            ("the last snapshot failed", save),
        )
        if holds
    ]
    return {
        "persistence.aof_write_failed": write if aof else aof,
        "persistence.aof_rewrite_failed": rewrite if aof else aof,
        "persistence.save_failed": save,
        "persistence.failing": None if save is None or aof is None else failing,
        "persistence.child": child,
        "persistence.rewrite_scheduled": scheduled,
    }


def _snapshots(put: Any, info: Info, config: Mapping[str, Any]) -> None:
    took = measured(info, "rdb_last_bgsave_time_sec")
    told = "rdb_last_save_time" in info or "rdb_last_bgsave_time_sec" in info
    never = _never_saved(info, told, took)
    put("persistence.never_saved", never, basis="rdb_saves, rdb_last_bgsave_time_sec")
    last, now = number(info, "rdb_last_save_time"), number(info, "time") or clock(info)
    age = None if last is None or now is None else max(now - last, 0.0)
    put("persistence.last_save_age", age, "s", "rdb_last_save_time by the server's clock")
    put("persistence.last_save_text", age and seconds_text(float(int(age))))
    put("persistence.last_save_seconds", took, "s", "rdb_last_bgsave_time_sec")
    running = [
        value
        for name in ("rdb_current_bgsave_time_sec", "aof_current_rewrite_time_sec")
        if (value := measured(info, name)) is not None
    ]
    if child_running(info) is not None:
        put("persistence.child_seconds", max(running, default=0.0), "s", "*_current_*_time_sec")
    changes, points = number(info, "rdb_changes_since_last_save"), config.get("save")
    if isinstance(points, list) and told:
        shortest = min((p["seconds"] for p in points), default=float("inf"))
        put("persistence.save_outlasts_points", (took or 0.0) > shortest)
    if age is None or changes is None or not isinstance(points, list):
        return
    grace = max(OVERDUE_SECONDS, 2 * (took or 0.0))
    late = [p for p in points if changes >= p["changes"] and age > p["seconds"] + grace]
    if not late and points and changes > 0 and age > STALE_SECONDS:
        late = points
    put("persistence.overdue", save_text(late), basis="save, rdb_changes_since_last_save")


def _never_saved(info: Info, told: bool, took: float | None) -> bool | None:
    """Whether no snapshot was finished since the start. The time of the last save is that of
    the start until then. rdb_saves (7.0 and later) does not tell it alone: CONFIG RESETSTAT
    sets it to 0. Nor does a save that took some time: it may have failed."""
    last, now = number(info, "rdb_last_save_time"), number(info, "time") or clock(info)
    uptime, saves = number(info, "uptime_in_seconds"), number(info, "rdb_saves")
    if None not in (last, now, uptime) and last - (now - uptime) > START_SECONDS:
        return False
    if saves is not None:
        return bool(saves == 0)
    return True if told and took is None else None


def _memory(put: Any, info: Info, config: Mapping[str, Any]) -> None:
    used, top = number(info, "used_memory"), config.get("maxmemory", number(info, "maxmemory"))
    if used is not None and isinstance(top, int) and top > 0:
        counted = used - (number(info, "mem_not_counted_for_evict") or 0)
        put("memory.used_share", counted / top, "ratio", "used_memory / maxmemory")
    basis = "used_memory_dataset"
    if basis not in info:
        basis = "used_memory - used_memory_startup"
    put("memory.dataset", dataset(info), "bytes", basis)
    ratio = number(info, "mem_fragmentation_ratio")
    put("memory.fragmentation", ratio and float(ratio), "ratio", "mem_fragmentation_ratio")
    rss, fork = number(info, "used_memory_rss"), number(info, "latest_fork_usec")
    if fork and rss:
        put("memory.fork_seconds", fork / 1_000_000, "s", "latest_fork_usec")
        put(
            "memory.fork_seconds_per_gb",
            fork / 1_000_000 / (rss / (1 << 30)),
            "s",
            "used_memory_rss",
        )
    cow = [number(info, name) for name in COPIES if number(info, name) is not None]
    if cow and used:
        put("memory.copied", max(cow), "bytes", ", ".join(COPIES))
        put("memory.copied_share", max(cow) / used, "ratio", "copied / used_memory")
    databases = list(numbered(info, "db"))
    if databases:
        keys = sum(d.get("keys", 0) for d in databases)
        put("info.keys", keys)
        if keys:
            put("info.expiring_share", sum(d.get("expires", 0) for d in databases) / keys, "ratio")
    clients, limit = number(info, "connected_clients"), config.get("maxclients")
    limit = number(info, "maxclients") if not isinstance(limit, int) else limit
    if clients is not None and limit:
        put("memory.clients_share", clients / limit, "ratio", "connected_clients / maxclients")


COPIES = ("rdb_last_cow_size", "aof_last_cow_size", "current_cow_peak")
"""Bytes that children duplicated (Redis 4.0 and later)."""


def _replicas(put: Any, info: Info, config: Mapping[str, Any]) -> None:
    put("target.role", role(info), basis="INFO role")
    listed = info.get("replicas")
    replicas = listed if isinstance(listed, list) else list(numbered(info, "slave"))
    for path, value, unit, basis in replication.server_facts(info, config, number, replicas):
        put(path, value, unit, basis)
    if info.get("role") == "slave" and "master_link_status" in info:
        up, heard = info["master_link_status"] == "up", measured(info, "master_last_io_seconds_ago")
        put("replication.link_up", up, "", "master_link_status")
        synced = up if not up or heard is None else heard <= replication.IN_SYNC_SECONDS
        put("replication.synced", synced, "", "master_link_status, master_last_io_seconds_ago")
        down = measured(info, "master_link_down_since_seconds")
        put("replication.link_down_seconds", down, "s", "master_link_down_since_seconds")
        put("replication.syncing", flag(info, "master_sync_in_progress"))
