"""Facts that a managed service's own description decides: ElastiCache and MemoryDB.

The sources tell what the service says (`cloud.*`, `backup.*`, see the schema of facts);
here stands what follows from it. Each function is pure; None and absent mean unknown.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from redislint.facts.text import seconds_text
from redislint.model import Fact, Server

NOT_IN_EFFECT = frozenset(
    {
        "appendonly",
        "appendfsync",
        "appendfilename",
        "aof-load-truncated",
        "aof-rewrite-incremental-fsync",
        "aof-use-rdb-preamble",
        "auto-aof-rewrite-min-size",
        "auto-aof-rewrite-percentage",
        "no-appendfsync-on-rewrite",
        "save",
    }
)
"""Directives that a managed service shows, or takes, without doing what they say: it has
neither save points nor, from 2.8.22 on, an AOF (ElastiCache parameter reference)."""

ASYNC_SECONDS = 10.0
"""Durability async refuses writes once its log is this far behind (ElastiCache durability
limits)."""

SNAPSHOT_SECONDS = 86400.0
"""Automatic snapshots are taken once a day."""

LOG, SYNC, ASYNC, SNAPSHOT = (
    "managed-log",
    "managed-durable-sync",
    "managed-durable-async",
    "managed-snapshot",
)
AOF = "managed-aof"
"""The append-only file of a service (Azure, Google); its fsync policy follows."""

_RANKS = {LOG: 4, SYNC: 4, ASYNC: 2, SNAPSHOT: 1, "none": 0}
"""Order by what is lost, on the scale of `workload.rank`: async loses more than an AOF with
everysec and less than snapshots."""

_AOF = {"no": (2, 30.0, None), "everysec": (3, 1.0, 2.0), "always": (4, 0.0, 0.0)}
"""By fsync policy: rank, usual and worst loss in seconds, as of a server of one's own."""

_TEXTS = {
    LOG: "the service's transaction log",
    SYNC: "durability sync",
    ASYNC: "durability async",
    SNAPSHOT: "daily snapshots alone",
    "none": "no persistence",
}


class Mode(NamedTuple):
    """How a service keeps data. `worst` None: unknown."""

    name: str
    loss: float
    worst: float | None


def in_effect(config: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that do something, of those that a managed service shows."""
    return {name: value for name, value in config.items() if name not in NOT_IN_EFFECT}


def effective_maxmemory(
    node: int, reserved_percent: float | None, reserved_bytes: int | None
) -> int:
    """maxmemory in effect, in bytes: that of the node type (`node`) without the reserve.

    A parameter group has reserved-memory-percent or, from before 2017, reserved-memory.
    """
    if reserved_percent is not None:
        return int(node * (100 - reserved_percent) / 100)
    return max(node - (reserved_bytes or 0), 0)


def managed_facts(
    known: Mapping[str, Any], server: Server, config: Mapping[str, Any] | None = None
) -> dict[str, Fact]:
    """What follows from the facts in `known`, by path, of which cloud.service is one."""
    service, resource = known["cloud.service"], known.get("cloud.resource")
    facts: dict[str, Fact] = {}
    values: dict[str, tuple[Any, str]] = {}
    if resource:
        values |= _kind(service, resource)
        values |= _node(str(known.get("cloud.node_type", "")), service)
        values |= _parameters(known, server)
        values |= _access(known)
        values |= _ingress(known.get("cloud.ingress"))
        values |= _commands(known, resource)
        values |= _windows(known)
        values |= _last_backup(known)
        values |= _measured(known, config or {})
        values |= _support(known, service, server)
        if "cloud.cluster_mode" in known:
            values["target.role"] = ("cluster" if known["cloud.cluster_mode"] else "primary", "")
    values |= _persistence(known)
    units = {
        "cloud.reserved_share": "ratio",
        "memory.clients_share": "ratio",
        "memory.used_share": "ratio",
        "cloud.engine_support_left": "s",
        "persistence.loss_window": "s",
        "persistence.loss_window_worst": "s",
    }
    for path, (value, basis) in values.items():
        if value is not None and path not in known:
            facts[path] = Fact(value, units.get(path, ""), "derived", basis)
    return facts


def _kind(service: str, resource: str) -> dict[str, tuple[Any, str]]:
    cache = resource != "parameter-group"
    return {
        "cloud.cache": (cache, "cloud.resource"),
        "cloud.aws": (cache and service in ("elasticache", "memorydb"), "cloud.service"),
        "cloud.elasticache": (cache and service == "elasticache", "cloud.service"),
        "cloud.memorydb": (cache and service == "memorydb", "cloud.service"),
        "cloud.serverless": (resource == "serverless-cache", "cloud.resource"),
    }


def _node(node_type: str, service: str) -> dict[str, tuple[Any, str]]:
    """Parts of a node type: cache.r7g.large is of family r7g and size large."""
    parts = node_type.split(".")
    if len(parts) != 3:
        return {}
    from redislint.facts.aging import NODES, family_row

    family, size = parts[1], parts[2]
    known = family_row(NODES, service, family)
    return {
        "cloud.node_family": (family, "cloud.node_type"),
        "cloud.node_size": (size, "cloud.node_type"),
        "cloud.burstable": (family[:1] == "t" and family[1:2].isdigit(), "cloud.node_type"),
        "cloud.previous_generation": (
            None if known is None else bool(known["previous"]),
            "" if known is None else f"table of node types, {known['date']}",
        ),
    }


def _parameters(known: Mapping[str, Any], server: Server) -> dict[str, tuple[Any, str]]:
    found: dict[str, tuple[Any, str]] = {}
    group, family = known.get("cloud.parameter_group"), known.get("cloud.parameter_family")
    if isinstance(group, str):
        found["cloud.default_parameter_group"] = (
            group.startswith("default."),
            "cloud.parameter_group",
        )
    if family:
        from redislint.facts.aging import PARAMETERS, family_row

        told = family_row(PARAMETERS, str(known["cloud.service"]), str(family))
        if told is not None:
            version = ".".join(map(str, server.version)) + "."
            lines = tuple(f"{line}." for line in told["lines"])
            fits = told["engine"] == server.engine and version.startswith(lines)
            found["cloud.family_fits"] = (fits, "cloud.parameter_family, server.version")
    percent, reserved = known.get("cloud.reserved_percent"), known.get("cloud.reserved_bytes")
    node = known.get("cloud.node_maxmemory")
    if percent is not None:
        found["cloud.reserved_share"] = (percent / 100, "reserved-memory-percent")
    elif reserved is not None and node:
        found["cloud.reserved_share"] = (reserved / node, "reserved-memory / maxmemory")
    return found


def _access(known: Mapping[str, Any]) -> dict[str, tuple[Any, str]]:
    level = access(
        known.get("cloud.auth_token"), known.get("cloud.user_groups"), known.get("cloud.users")
    )
    return {"cloud.access": (level, "auth token, user groups, users")}


def access(
    token: bool | None, groups: Sequence[str] | None, users: Sequence[Mapping[str, Any]] | None
) -> str | None:
    """`open`, `password` or `off`: how one gets in; None where users were not told.

    An AUTH token counts when no user group does. MemoryDB's ACL open-access admits anybody.
    """
    if groups is None:
        return None
    if "open-access" in groups:
        return "open"
    if not groups:
        return None if token is None else ("password" if token else "open")
    if users is None:
        return None
    logins = {user.get("login") for user in users if user.get("on")}
    if "none" in logins:
        return "open"
    return "password" if logins else "off"


_MODIFY = {
    "replication-group": ("elasticache modify-replication-group", "--replication-group-id"),
    "cache-cluster": ("elasticache modify-cache-cluster", "--cache-cluster-id"),
    "serverless-cache": ("elasticache modify-serverless-cache", "--serverless-cache-name"),
    "cluster": ("memorydb update-cluster", "--cluster-name"),
}


def _commands(known: Mapping[str, Any], resource: str) -> dict[str, tuple[Any, str]]:
    """The beginning of the AWS CLI line that changes the cache, in two forms."""
    if resource not in _MODIFY:
        return {}
    from shlex import quote

    command, option = _MODIFY[resource]
    name, region = known.get("cloud.name"), known.get("cloud.region")
    where = f" --region {quote(str(region))}" if region else ""
    line = f"aws {command}{where} {option} {quote(str(name or '<cloud.name>'))}"
    at_once = resource in ("replication-group", "cache-cluster")
    return {
        "cloud.modify": (line, "cloud.resource, cloud.name"),
        "cloud.modify_now": (f"{line} --apply-immediately" if at_once else line, ""),
    }


def _ingress(ranges: Sequence[str] | None) -> dict[str, tuple[Any, str]]:
    if ranges is None:
        return {}
    import ipaddress

    anywhere, wide = [], []
    for text in ranges:
        network = ipaddress.ip_network(text, strict=False)
        if network.prefixlen == 0:
            anywhere.append(text)
        elif network.prefixlen <= (16 if network.version == 4 else 48):
            wide.append(text)
    return {
        "cloud.ingress_anywhere": (anywhere, "cloud.ingress"),
        "cloud.ingress_wide": (wide, "cloud.ingress"),
    }


# -- backups, windows, support --------------------------------------------------------------------


def _last_backup(known: Mapping[str, Any]) -> dict[str, tuple[Any, str]]:
    """The newest usable snapshot in words, and a failure since then."""
    exists, age, failed = (known.get(f"backup.{part}") for part in ("exists", "age", "failure_age"))
    if exists is None:
        return {}
    text = "there is no usable one"
    if exists:
        text = f"the newest usable one is {_age_text(age)} old"
    if failed is not None and (age is None or failed < age):
        text += f", and one failed {_age_text(failed)} ago"
    return {"backup.statement": (text, "backup.age, backup.failure_age")}


def _measured(known: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, tuple[Any, str]]:
    """What CloudWatch tells in the place of INFO."""
    connections, most = known.get("metrics.connections"), config.get("maxclients")
    share = connections / most if connections is not None and most else None
    return {
        "memory.used_share": (known.get("metrics.memory_used"), "metrics.memory_used"),
        "memory.clients_share": (share, "metrics.connections / maxclients"),
    }


def _age_text(seconds: float | None) -> str:
    """An age to the minute: people read it."""
    return "of unknown age" if seconds is None else seconds_text(float(seconds) // 60 * 60)


_WEEK = 7 * 24 * 60
_DAY = 24 * 60
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _windows(known: Mapping[str, Any]) -> dict[str, tuple[Any, str]]:
    window, maintenance = known.get("backup.window"), known.get("cloud.maintenance_window")
    if not window or not maintenance:
        return {}
    overlap = windows_overlap(str(window), str(maintenance))
    return {"backup.window_conflict": (overlap, "backup.window, cloud.maintenance_window")}


def windows_overlap(daily: str, weekly: str) -> bool | None:
    """Whether `05:00-06:00` of any day meets `sun:05:30-sun:06:30`; None for other texts.

    A daily window without an end (a serverless cache has the start alone) counts an hour.
    """
    first, _, last = daily.partition("-")
    start = _minutes(first)
    end = _minutes(last) if last else None if start is None else start + 60
    begin, finish = (_of_week(part) for part in (*weekly.split("-"), "")[:2])
    if start is None or end is None or begin is None or finish is None:
        return None
    length, span = (end - start) % _DAY or _DAY, (finish - begin) % _WEEK or _WEEK
    return any(
        (day * _DAY + start - begin) % _WEEK < span or (begin - day * _DAY - start) % _WEEK < length
        for day in range(7)
    )


def _minutes(text: str) -> int | None:
    hours, colon, minutes = text.partition(":")
    if not (colon and hours.isdecimal() and minutes.isdecimal()):
        return None
    return int(hours) * 60 + int(minutes)


def _of_week(text: str) -> int | None:
    day, _, time = text.lower().partition(":")
    minutes = _minutes(time)
    return None if day not in _DAYS or minutes is None else _DAYS.index(day) * _DAY + minutes


def _support(known: Mapping[str, Any], service: str, server: Server) -> dict[str, tuple[Any, str]]:
    """Time left of the engine's standard support, at the time that the service was read."""
    read_at = known.get("cloud.read_at")
    if read_at is None:
        return {}
    from datetime import UTC, date, datetime

    from redislint.facts.aging import managed_support

    told = managed_support(service, server.engine, ".".join(map(str, server.version)))
    if told is None:
        return {}
    basis = f"table of managed engines, {told['date']}"
    if "standard_support_end" not in told:
        return {"cloud.engine_support_left": (math.inf, basis)}
    last = date.fromisoformat(told["standard_support_end"])
    end = datetime(last.year, last.month, last.day, 23, 59, 59, tzinfo=UTC).timestamp()
    return {"cloud.engine_support_left": (end - float(read_at), basis)}


# -- persistence -------------------------------------------------------------------------


def mode(
    service: str, durability: str | None, retention_days: int | None, window: str = ""
) -> Mode | None:
    """What a service does against loss; None where it was not told.

    `durability` as the fact cloud.durability; `retention_days` 0: no automatic snapshots;
    `window`: the daily snapshot window, whose length the newest snapshot may be late.
    """
    if service == "memorydb":
        return Mode(LOG, 0.0, 0.0)
    if durability == "sync":
        return Mode(SYNC, 0.0, 0.0)
    if durability == "async":
        return Mode(ASYNC, ASYNC_SECONDS, ASYNC_SECONDS)
    if durability is None or retention_days is None:
        return None
    if retention_days == 0:
        return Mode("none", math.inf, math.inf)
    first, _, last = window.partition("-")
    start, end = _minutes(first), _minutes(last)
    late = None if start is None or end is None else ((end - start) % _DAY) * 60.0
    return Mode(SNAPSHOT, SNAPSHOT_SECONDS, None if late is None else SNAPSHOT_SECONDS + late)


def _persistence(known: Mapping[str, Any]) -> dict[str, tuple[Any, str]]:
    """What a service keeps. AWS's have neither save points nor an AOF of the owner's."""
    if known["cloud.service"] not in ("elasticache", "memorydb"):
        return _elsewhere(known)
    found: dict[str, tuple[Any, str]] = {
        "persistence.rdb": (False, "a managed service has no save points"),
        "persistence.aof": (False, "a managed service has no AOF of yours"),
    }
    if known.get("cloud.resource") == "parameter-group":
        return {}
    how = mode(
        known["cloud.service"],
        known.get("cloud.durability"),
        known.get("backup.retention_days"),
        known.get("backup.window", ""),
    )
    if how is None:
        return found
    basis = "durability in effect, snapshot retention"
    return found | _kept(known, how, _RANKS[how.name], _TEXTS[how.name], basis)


def _elsewhere(known: Mapping[str, Any]) -> dict[str, tuple[Any, str]]:
    """Azure and Google: snapshots at an interval, or an append-only file."""
    every, fsync = known.get("cloud.snapshot_interval"), known.get("cloud.append_fsync")
    if every is None or fsync is None:
        return {}
    found: dict[str, tuple[Any, str]] = {
        "persistence.rdb": (every > 0, "cloud.snapshot_interval"),
        "persistence.aof": (fsync != "", "cloud.append_fsync"),
    }
    basis = "cloud.snapshot_interval, cloud.append_fsync"
    if fsync in _AOF:
        rank, loss, worst = _AOF[fsync]
        text = f"an append-only file of the service, fsync {fsync}"
        return found | _kept(known, Mode(f"{AOF}-{fsync}", loss, worst), rank, text, basis)
    if every > 0:
        text = f"snapshots of the service every {seconds_text(every)}"
        return found | _kept(known, Mode(SNAPSHOT, every, None), _RANKS[SNAPSHOT], text, basis)
    return found | _kept(known, Mode("none", math.inf, math.inf), 0, _TEXTS["none"], basis)


def _kept(
    known: Mapping[str, Any], how: Mode, rank: int, mode_text: str, basis: str
) -> dict[str, tuple[Any, str]]:
    """The facts of one mode."""
    event = _event(known, how)
    text = "everything" if math.isinf(how.loss) else _loss_text(how)
    return {
        "persistence.family": ("none" if how.name == "none" else "managed", basis),
        "persistence.mode": (how.name, basis),
        "persistence.mode_text": (mode_text, basis),
        "persistence.rank": (rank, basis),
        "persistence.loss_window": (how.loss, basis),
        "persistence.loss_window_worst": (how.worst, basis),
        "persistence.loss_window_text": (text, basis),
        "persistence.loss_event": (event, "replicas, automatic failover"),
        "persistence.statement": (f"{mode_text}; {event} costs {text} of writes", basis),
    }


def _loss_text(how: Mode) -> str:
    if how.worst is None or how.worst == how.loss:
        return seconds_text(how.loss)
    return f"{seconds_text(how.loss)} ({seconds_text(how.worst)} at worst)"


def _event(known: Mapping[str, Any], how: Mode) -> str:
    """What must happen for that loss: with a replica that takes over a whole shard."""
    if how.name in (LOG, SYNC, ASYNC):
        return "a failover"
    if known.get("cloud.replicas", 0) > 0 and known.get("cloud.automatic_failover"):
        return "the loss of a shard with its replicas"
    if known.get("cloud.resource") == "serverless-cache":
        return "the loss of the cache"
    return "the loss of a node"
