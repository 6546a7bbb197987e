"""What the data is for: workload tags, and what several of them ask for together.

A workload (`policies/workloads.yaml`, or a project's own) says what a configuration
is held against. Several tags on one instance: every expectation applies, the
strictest wins (`combine`). Everything here is pure; reading the YAML with places is
the policy room's work, checking one entry is `Workload.from_mapping`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from redislint.facts.text import list_text, parse_duration, seconds_text
from redislint.model import Fact

MODES = ("none", "rdb", "aof", "hybrid")
"""Persistence families, weakest first (`hybrid` is an AOF that starts with an RDB)."""

FSYNC = ("no", "everysec", "always")
"""appendfsync choices, weakest first."""

POLICIES = (
    "noeviction",
    "volatile-ttl",
    "volatile-lru",
    "volatile-lfu",
    "volatile-lrm",
    "volatile-random",
    "allkeys-lru",
    "allkeys-lfu",
    "allkeys-lrm",
    "allkeys-random",
)
"""Every maxmemory-policy that any server knows."""

CLASSES = ("disposable", "tolerant", "durable", "zero-loss")
"""What a restart may cost: anything, the save window, little, nothing."""

SEVERITIES = ("info", "warning", "error")
BACKUPS = ("none", "optional", "daily", "offsite")

_FIELDS: Mapping[str, str] = {
    "summary": "text",
    "aliases": "list of names",
    "class": list_text(CLASSES, "or"),
    "modes": f"list of {list_text(MODES, 'and')}",
    "appendfsync": f"list of {list_text(FSYNC, 'and')}, or any",
    "save": "save points, such as 3600 1 300 100, or empty",
    "maxmemory_policy": "list of eviction policies, or any",
    "loss_window": "a duration such as 2s, or unlimited",
    "restart_time": "a duration such as 60s, or unlimited",
    "replicas": "a number of replicas",
    "min_replicas": "a number of replicas",
    "stop_writes": "true or false",
    "backup": list_text(BACKUPS, "or"),
    "severity": list_text(SEVERITIES, "or"),
    "why": "text",
}
_ANY: Mapping[str, tuple[str, ...]] = {"appendfsync": ("everysec", "always", "no")}
"""What `any` means where the recommended choice is not the first of all."""

_OPTIONAL = ("aliases", "save", "replicas", "min_replicas", "why")


class WorkloadError(ValueError):
    """A workload entry that cannot be used: `key` is where, the text says why."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


class Workload(NamedTuple):
    """One workload tag. Times in seconds (`math.inf` = no limit).

    `modes`, `appendfsync` and `maxmemory_policy` list what is acceptable, the
    recommended one first.
    """

    name: str
    summary: str
    kind: str
    modes: tuple[str, ...]
    appendfsync: tuple[str, ...]
    maxmemory_policy: tuple[str, ...]
    loss_window: float
    restart_time: float
    stop_writes: bool
    backup: str
    severity: str
    save: str = ""
    aliases: tuple[str, ...] = ()
    replicas: int = 0
    min_replicas: int = 0
    why: str = ""

    @classmethod
    def from_mapping(cls, name: str, entry: Mapping[str, Any]) -> Workload:
        """Check one entry as YAML gives it. Raises WorkloadError naming the key."""
        for key in entry:
            if key not in _FIELDS:
                raise WorkloadError(
                    key, f"unknown key '{key}' of workload '{name}': expected {_known()}"
                )
        for key in _FIELDS:
            if key not in entry and key not in _OPTIONAL:
                raise WorkloadError(
                    key, f"workload '{name}' lacks '{key}': expected {_FIELDS[key]}"
                )
        return cls(
            name=name,
            summary=_text(entry, "summary"),
            kind=_choice(entry, "class", CLASSES),
            modes=_choices(entry, "modes", MODES),
            appendfsync=_choices(entry, "appendfsync", FSYNC),
            maxmemory_policy=_choices(entry, "maxmemory_policy", POLICIES),
            loss_window=_duration(entry, "loss_window"),
            restart_time=_duration(entry, "restart_time"),
            stop_writes=_flag(entry, "stop_writes"),
            backup=_choice(entry, "backup", BACKUPS),
            severity=_choice(entry, "severity", SEVERITIES),
            save=_text(entry, "save"),
            aliases=_names(entry, "aliases"),
            replicas=_count(entry, "replicas"),
            min_replicas=_count(entry, "min_replicas"),
            why=_text(entry, "why"),
        )


def combine(workloads: Sequence[Workload]) -> Workload:
    """What several workloads ask of one instance together: the strictest of each.

    Lists of choices are intersected, keeping the order of the strictest workload
    (the one of the strictest class, then of the smaller loss window); where nothing
    is left the list of the strictest workload counts. Raises ValueError when the
    sequence is empty.
    """
    if not workloads:
        raise ValueError("no workload to combine")
    ranked = sorted(workloads, key=lambda w: (-CLASSES.index(w.kind), w.loss_window))
    first = ranked[0]
    if len(ranked) == 1:
        return first
    lenient_last = [w for w in ranked if w.kind != "disposable"] or ranked
    return Workload(
        name=", ".join(w.name for w in workloads),
        summary="; ".join(w.summary for w in workloads),
        kind=first.kind,
        modes=_common([w.modes for w in ranked]),
        appendfsync=_common([w.appendfsync for w in ranked]),
        maxmemory_policy=_common([w.maxmemory_policy for w in lenient_last]),
        loss_window=min(w.loss_window for w in ranked),
        restart_time=min(w.restart_time for w in ranked),
        stop_writes=any(w.stop_writes for w in ranked),
        backup=max((w.backup for w in ranked), key=BACKUPS.index),
        severity=max((w.severity for w in ranked), key=SEVERITIES.index),
        save=first.save,
        replicas=max(w.replicas for w in ranked),
        min_replicas=max(w.min_replicas for w in ranked),
        why=" ".join(w.why for w in ranked if w.why),
    )


def with_objectives(
    workload: Workload, loss_window: float | None = None, restart_time: float | None = None
) -> Workload:
    """The workload with a declared rpo or rto (seconds) in place of the tag's own.

    A loss window of 0 makes any workload a zero-loss one: only appendfsync always
    has written a change before the client reads the reply.
    """
    changed = workload
    if restart_time is not None:
        changed = changed._replace(restart_time=restart_time)
    if loss_window is not None:
        changed = changed._replace(loss_window=loss_window)
        if loss_window == 0:
            changed = changed._replace(
                kind="zero-loss", appendfsync=("always",), modes=("hybrid", "aof")
            )
    return changed


def facts(
    workloads: Sequence[Workload] = (),
    *,
    rpo: float | None = None,
    rto: float | None = None,
    origin: str = "declared",
) -> dict[str, Fact]:
    """The `workload.*` facts for the tags of one target and its declared objectives.

    Without a tag `workload.known` is false and only what was declared is there: a
    rule that needs more ends as unknown, which is what an undeclared workload is.
    """
    known = bool(workloads)
    names = [w.name for w in workloads]
    values: dict[str, Any] = {
        "known": known,
        "name": ", ".join(names),
        "names": names,
        "mixed": _mixed(workloads),
        "rpo_declared": rpo is not None,
        "rto_declared": rto is not None,
        "durable": False,
        "disposable": False,
        "zero_loss": rpo == 0,
    }
    if known:
        together = with_objectives(combine(workloads), rpo, rto)
        values |= {
            "durable": together.kind in ("durable", "zero-loss"),
            "disposable": together.kind == "disposable",
            "zero_loss": together.kind == "zero-loss",
            "class": together.kind,
            "modes": list(together.modes),
            "minimum_rank": minimum_rank(together),
            "minimum_mode": minimum_mode(together),
            "appendfsync": list(together.appendfsync),
            "policies": list(together.maxmemory_policy),
            "save": together.save,
            "stop_writes": together.stop_writes,
            "replicas": together.replicas,
            "min_replicas": together.min_replicas,
            "backup": together.backup,
            "severity": together.severity,
        }
        rpo, rto = together.loss_window, together.restart_time
    for key, seconds in (("loss_window", rpo), ("restart_time", rto)):
        values[f"{key}_known"] = seconds is not None
        if seconds is not None:
            values[key] = seconds
            values[f"{key}_text"] = seconds_text(seconds)
    basis = f"workload {list_text(names)}" if known else "no workload is declared"
    return {
        f"workload.{key}": Fact(value, _UNITS.get(key, ""), origin, basis)
        for key, value in values.items()
    }


_UNITS = {"loss_window": "s", "restart_time": "s"}


def rank(family: str, appendfsync: str) -> int:
    """Order of persistence modes: none 0 < rdb 1 < AOF no 2 < everysec 3 < always 4.

    A hybrid AOF loses what a plain one loses, so both rank by appendfsync.
    """
    if family in ("none", "rdb"):
        return MODES.index(family)
    return 2 + FSYNC.index(appendfsync)


def minimum_rank(workload: Workload) -> int:
    """`rank` of the weakest mode that the workload accepts."""
    weakest = min(workload.modes, key=MODES.index)
    return rank(weakest, min(workload.appendfsync, key=FSYNC.index))


def minimum_mode(workload: Workload) -> str:
    """The recommended mode in words: `hybrid AOF, appendfsync everysec`."""
    mode = workload.modes[0]
    if mode == "none":
        return "no persistence"
    if mode == "rdb":
        return "RDB snapshots"
    return f"{'hybrid ' if mode == 'hybrid' else ''}AOF, appendfsync {workload.appendfsync[0]}"


def index(workloads: Iterable[Workload]) -> dict[str, Workload]:
    """Every name and alias to its workload. Raises WorkloadError on a name given twice."""
    table: dict[str, Workload] = {}
    for workload in workloads:
        for name in (workload.name, *workload.aliases):
            if name in table:
                raise WorkloadError(
                    name, f"the workload name '{name}' stands for two: keep it at one of them"
                )
            table[name] = workload
    return table


def _mixed(workloads: Sequence[Workload]) -> bool:
    kinds = {w.kind for w in workloads}
    return "disposable" in kinds and bool(kinds & {"durable", "zero-loss"})


def _common(choices: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    first, *others = choices
    kept = tuple(word for word in first if all(word in other for other in others))
    return kept or first


def _known() -> str:
    return list_text(_FIELDS, "or")


def _bad(entry: Mapping[str, Any], key: str) -> WorkloadError:
    return WorkloadError(key, f"'{key}' is {entry.get(key)!r}: expected {_FIELDS[key]}")


def _text(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key, "")
    if not isinstance(value, str):
        raise _bad(entry, key)
    return value.strip()


def _choice(entry: Mapping[str, Any], key: str, allowed: tuple[str, ...]) -> str:
    value = entry[key]
    if value not in allowed:
        raise _bad(entry, key)
    return str(value)


def _choices(entry: Mapping[str, Any], key: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    value = entry[key]
    if value == "any":
        return _ANY.get(key, allowed)
    if not isinstance(value, (list, tuple)) or not value:
        raise _bad(entry, key)
    if any(word not in allowed for word in value):
        raise _bad(entry, key)
    return tuple(map(str, value))


def _names(entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = entry.get(key, ())
    if not isinstance(value, (list, tuple)) or not all(isinstance(word, str) for word in value):
        raise _bad(entry, key)
    return tuple(map(str, value))


def _duration(entry: Mapping[str, Any], key: str) -> float:
    value = entry[key]
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise _bad(entry, key)
    if isinstance(value, (int, float)):
        if value >= 0 and not math.isnan(value):
            return float(value)
        raise _bad(entry, key)
    try:
        return parse_duration(value)
    except ValueError as error:
        raise WorkloadError(key, str(error)) from None


def _flag(entry: Mapping[str, Any], key: str) -> bool:
    value = entry[key]
    if not isinstance(value, bool):
        raise _bad(entry, key)
    return value


def _count(entry: Mapping[str, Any], key: str) -> int:
    value = entry.get(key, 0)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _bad(entry, key)
    return value
