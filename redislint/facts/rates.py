"""What changed between two samples of INFO: rates, and statuses that hold.

A counter that became smaller, another run_id or a server younger than the window mean that
the counters were reset: then nothing is said but that the window is of no use.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redislint.facts import growth
from redislint.facts.live import (
    REFUSALS,
    Info,
    child_running,
    clock,
    failed,
    flag,
    number,
    refusals,
    typed,
)
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
"""Counters that only grow until CONFIG RESETSTAT or a restart."""


def window(first: Info, second: Info, seconds: float) -> float:
    """Seconds between the samples by the server's own clock, else as the auditor measured."""
    start, end = clock(first), clock(second)
    return end - start if start is not None and end is not None and end > start else seconds


def reset_reason(first: Info, second: Info, seconds: float) -> str:
    """Why rates of these samples mean nothing, or ""."""
    if first.get("run_id") != second.get("run_id"):
        return "the server was restarted between the samples"
    for name in COUNTERS:
        before, after = number(first, name), number(second, name)
        if before is not None and after is not None and after < before:
            return f"{name} went from {before} to {after}: counters were reset"
    uptime = number(second, "uptime_in_seconds")
    if uptime is not None and uptime + 1 < seconds:
        return "the server is younger than the time between the samples"
    return ""


def change_facts(
    first: Info, second: Info, seconds: float, config: Mapping[str, Any] | None = None
) -> dict[str, Fact]:
    """Facts `change.*` of two samples of one server, `seconds` apart.

    Both are INFO fields by their own names; `config` typed values of directives.
    `change.seconds` and `change.reset` ("" when the counters are sound) are always there,
    the changes only when they are sound.
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
        values["rewrite_due_throughout"] = (_due(first, second, length, config or {}), "")
    return {
        f"change.{name}": Fact(value, unit, "live", "two samples")
        for name, (value, unit) in values.items()
        if value is not None
    }


def _changes(first: Info, second: Info, length: float) -> dict[str, tuple[object, str]]:
    values: dict[str, tuple[object, str]] = {}
    for name in COUNTERS:
        before, after = number(first, name), number(second, name)
        if before is not None and after is not None:
            values[name] = (after - before, "")
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
