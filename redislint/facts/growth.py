"""How far an AOF grew since its last rewrite, and whether a rewrite is due.

The ratio is `aof_current_size / aof_base_size`. It means nothing before the first rewrite
(base 0), and little after a restart before 7.0, where the whole file counts as base: the
size against the data tells more there. A server starts a rewrite by itself when the file
is above auto-aof-rewrite-min-size and grew by auto-aof-rewrite-percentage.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ALARM_RATIO = 2.0
"""Growth that the guidance wants watched, where the server's own trigger is not later."""


def trigger_ratio(percentage: int) -> float | None:
    """Growth at which the server rewrites by itself; None when it never does."""
    return 1 + percentage / 100 if percentage > 0 else None


def alarm_ratio(percentage: int | None) -> float:
    """Growth above which something is wrong: 2, or the trigger where that is later."""
    trigger = trigger_ratio(percentage) if percentage else None
    return max(ALARM_RATIO, trigger or 0.0)


def rewrite_due(current: int, base: int, min_size: int, percentage: int) -> bool:
    """Whether the server should have started a rewrite. A base of 0 counts as 1 byte."""
    if percentage <= 0 or current <= min_size:
        return False
    start = base or 1
    return current * 100 // start - 100 >= percentage


def facts(
    info: Mapping[str, Any], config: Mapping[str, Any], dataset: int | None
) -> dict[str, tuple[Any, str]]:
    """Values with units by the last part of their path; none while the AOF is off.

    INFO leaves the sizes out when the AOF is off, so they are absent and never stale.
    """
    current, base = info.get("aof_current_size"), info.get("aof_base_size")
    if info.get("aof_enabled") != 1 or not isinstance(current, int) or not isinstance(base, int):
        return {}
    percentage = config.get("auto-aof-rewrite-percentage")
    min_size = config.get("auto-aof-rewrite-min-size")
    found: dict[str, tuple[Any, str]] = {}
    if base > 0:
        found["aof_ratio"] = (current / base, "times")
    if isinstance(percentage, int):
        found["aof_alarm_ratio"] = (alarm_ratio(percentage), "times")
        if isinstance(min_size, int):
            found["rewrite_due"] = (rewrite_due(current, base, min_size, percentage), "")
    if dataset:
        found["aof_bloat"] = (current / dataset, "times")
    return found
