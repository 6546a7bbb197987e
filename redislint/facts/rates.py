"""What changed between two samples of INFO: rates, and statuses that hold.

A counter that became smaller, another run_id or a server younger than the window mean that
the counters were reset: then nothing is said but that the window is of no use.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from redislint.facts import growth
from redislint.facts.fields import Info, failed, flag, number, pairs, typed
from redislint.facts.live import REFUSALS, child_running, clock, refusals
from redislint.facts.text import seconds_text
from redislint.model import Fact

DELAYED_FSYNC_WINDOW = 120.0
"""Seconds of the shortest window over which delayed fsyncs count as sustained."""

DUE_WINDOW = 60.0
"""Seconds over which a rewrite that is due and does not start means that it fails."""

COUNTERS = (
    "aof_delayed_fsync",
    "aof_rewrites",
    "evicted_keys",
    "rejected_connections",
    "sync_full",
    "sync_partial_err",
    "total_commands_processed",
    "total_error_replies",
)
"""Counters that only grow until CONFIG RESETSTAT or a restart, and whose growth is told."""

WATCHED = (
    *COUNTERS,
    "total_connections_received",
    "total_net_input_bytes",
    "keyspace_hits",
    "keyspace_misses",
    "expired_keys",
    "sync_partial_ok",
)
"""Counters that give a reset away when they went back."""

OF_AUDIT = "total_error_replies"
"""The counter that commands of the audit raise where the server refuses them."""


class Counters(NamedTuple):
    """What an earlier look at a server leaves for rates: `fields` of INFO by name, numbers as
    numbers; `at` is when it was taken, in seconds since 1970 by the server's clock."""

    fields: Mapping[str, Any]
    at: float


def counters(info: Info, at: float) -> Counters:
    """The counters of a look, for `change_facts` of the next one."""
    errors = {f"errorstat_{prefix}": refusals(info, prefix) for prefix in REFUSALS.values()}
    found = {name: number(info, name) for name in (*WATCHED, "server_time_usec")}
    kept = {name: value for name, value in {**found, **errors}.items() if value is not None}
    return Counters({"run_id": info.get("run_id", ""), **kept}, at)


def window(first: Info, second: Info, seconds: float) -> float:
    """Seconds between the samples by the server's own clock, else as the auditor measured."""
    start, end = clock(first), clock(second)
    return end - start if start is not None and end is not None and end > start else seconds


def reset_reason(first: Info, second: Info, seconds: float) -> str:
    """Why rates of these samples mean nothing, or ""."""
    if first.get("run_id") != second.get("run_id"):
        return "the server was restarted between the samples"
    for name in WATCHED:
        before, after = number(first, name), number(second, name)
        if before is not None and after is not None and after < before:
            return f"{name} went from {before} to {after}: counters were reset"
    uptime = number(second, "uptime_in_seconds")
    if uptime is not None and uptime + 1 < seconds:
        return "the server is younger than the time between the samples"
    return ""


def change_facts(
    first: Info,
    second: Info,
    seconds: float,
    config: Mapping[str, Any] | None = None,
    *,
    own_errors: int = 0,
    write_commands: Collection[str] = (),
) -> dict[str, Fact]:
    """Facts `change.*` of two samples of one server, `seconds` apart.

    Both are INFO fields by their own names; `config` typed values of directives.
    `own_errors`: error replies that the audit itself caused in between, which do not count.
    `write_commands`: lower-case names of commands that write. `change.seconds` and
    `change.reset` ("" when the counters are sound) are always there, the changes only when
    they are sound.
    """
    first, second = typed(first), typed(second)
    length = window(first, second, seconds)
    reason = reset_reason(first, second, length)
    values: dict[str, tuple[object, str]] = {
        "seconds": (length, "s"),
        "reset": (reason, ""),
    }
    if not reason:
        values.update(_changes(first, second, length))
        if OF_AUDIT in values:
            values[OF_AUDIT] = (max(_growth(first, second, OF_AUDIT) - own_errors, 0), "")
        calls = _write_calls(first, second, write_commands)
        if calls is not None and length > 0:
            values["write_calls_per_second"] = (calls / length, "per second")
        values["rewrite_due_throughout"] = (_due(first, second, length, config or {}), "")
    basis = f"two samples of INFO, {seconds_text(round(length, 1))} apart"
    return {
        f"change.{name}": Fact(value, unit, "live", basis)
        for name, (value, unit) in values.items()
        if value is not None
    }


def why_missing(found: Mapping[str, Fact], paths: Collection[str]) -> dict[str, str]:
    """Why facts `change.*` of `paths` are not among those that two samples gave."""
    reset = found["change.reset"].value
    short = {}
    if "change.aof_delayed_fsync" in found:
        short["change.aof_delayed_fsync_per_minute"] = DELAYED_FSYNC_WINDOW
    if found["change.seconds"].value < DUE_WINDOW:
        short["change.rewrite_due_throughout"] = DUE_WINDOW
    reasons = {
        path: f"the samples are too close: take them {seconds_text(least)} apart (--interval)"
        for path, least in short.items()
    }
    plain = reset or "INFO of this server does not tell it"
    return {path: reset or reasons.get(path, plain) for path in paths if path not in found}


def _changes(first: Info, second: Info, length: float) -> dict[str, tuple[object, str]]:
    values: dict[str, tuple[object, str]] = {}
    for name in COUNTERS:
        if number(first, name) is not None and number(second, name) is not None:
            values[name] = (_growth(first, second, name), "")
    for name, prefix in REFUSALS.items():
        earlier, later = refusals(first, prefix), refusals(second, prefix)
        if earlier is not None and later is not None:
            values[name] = (later - earlier, "")
    delayed = values.get("aof_delayed_fsync")
    if delayed is not None and length >= DELAYED_FSYNC_WINDOW and isinstance(delayed[0], int):
        values["aof_delayed_fsync_per_minute"] = (delayed[0] / (length / 60), "per minute")
    children = child_running(first), child_running(second)
    if None not in children:
        values["child_throughout"] = (all(children), "")
    values["aof_write_failed_throughout"] = (_both_failed(first, second), "")
    values["writes_per_second"] = (_writes(first, second, length), "per second")
    return values


def _growth(first: Info, second: Info, name: str) -> Any:
    return number(second, name) - number(first, name)


def _write_calls(first: Info, second: Info, names: Collection[str]) -> int | None:
    """Calls of commands that write; None where INFO has no command statistics.

    A server lists only commands that were called, so one that is new counts from 0.
    """
    before, after = _calls(first), _calls(second)
    if not before or not after or not names:
        return None
    return sum(count - before.get(name, 0) for name, count in after.items() if name in names)


def _calls(info: Info) -> dict[str, int]:
    mark = "cmdstat_"
    found = {name[len(mark) :]: pairs(v) for name, v in info.items() if name.startswith(mark)}
    return {name: row["calls"] for name, row in found.items() if isinstance(row.get("calls"), int)}


def _both_failed(first: Info, second: Info) -> bool | None:
    found = [
        flag(sample, "aof_enabled") and failed(sample, "aof_last_write_status")
        for sample in (first, second)
    ]
    return None if None in found else all(found)


def _writes(first: Info, second: Info, length: float) -> float | None:
    """Changes a second; unknown when a save between the samples began a new count."""
    before, after = (number(s, "rdb_changes_since_last_save") for s in (first, second))
    saved = number(first, "rdb_last_save_time") != number(second, "rdb_last_save_time")
    if before is None or after is None or saved or after < before or length <= 0:
        return None
    return float(after - before) / length


def _due(first: Info, second: Info, length: float, config: Mapping[str, Any]) -> bool | None:
    """Whether a rewrite was due at both samples and none ran; True only over a minute."""
    due = []
    for sample in (first, second):
        told = growth.facts(sample, config, None).get("rewrite_due")
        if told is None:
            return None
        due.append(bool(told[0]) and child_running(sample) == "")
    if not all(due):
        return False
    return True if length >= DUE_WINDOW else None
