"""Memory that a fork needs beside what there is, from a running server and its host.

A child shares its memory with the parent; each page that the parent changes meanwhile is
copied. At worst that is the data once more; what earlier children copied says how much it
is here. Sizes in bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redislint.facts.fields import Info, number
from redislint.facts.live import COPIES

WORST = 1.0
"""Share of used_memory that may be copied under heavy writes: all of it."""

MEASURED_MARGIN = 1.5
"""How far the next child may go beyond the worst one seen."""

LEAST_SHARE = 0.2
"""Share of used_memory that is always counted with."""

ENOUGH_FORKS = 3
"""Forks after which what they copied says something."""

WRITE_HEAVY = 100.0
"""Changes a second above which earlier children say too little."""

WRITE_CALLS_HEAVY = 500.0
"""Calls of writing commands a second that say the same; many change nothing."""


def write_heavy(changes: float | None, calls: float | None = None) -> bool | None:
    """Whether writes are heavy, by changes or by calls of writing commands a second; None
    when no two samples told either."""
    told = [
        rate > bound
        for rate, bound in ((changes, WRITE_HEAVY), (calls, WRITE_CALLS_HEAVY))
        if rate is not None
    ]
    return any(told) if told else None


def need(info: Info, heavy: bool | None, huge_pages: bool) -> tuple[int | None, str]:
    """Bytes that the next child may copy, and what that rests on.

    `huge_pages`: whether the process uses transparent huge pages, where each small change
    copies 2 MB, so that nothing but the worst case holds.
    """
    used = number(info, "used_memory")
    if used is None:
        return None, ""
    seen = [value for name in COPIES if (value := number(info, name)) is not None]
    forks = number(info, "total_forks")
    few = forks is None or forks < ENOUGH_FORKS
    if huge_pages or heavy or few or not seen:
        return int(used * WORST), "used_memory once more"
    return int(max(MEASURED_MARGIN * max(seen), LEAST_SHARE * used)), ", ".join(COPIES)


def available(host: Mapping[str, Any]) -> int | None:
    """Bytes that may still be taken, of the host and of its container's limit.

    In a container what counts is the limit less what is used, page cache that can be
    dropped (`cgroup_inactive_file`) taken off. Swap is not counted.
    """
    rooms = []
    if host.get("memory_available") is not None:
        rooms.append(host["memory_available"])
    limit, used = host.get("cgroup_memory_max"), host.get("cgroup_memory_used")
    if limit and used is not None:
        rooms.append(limit - max(used - (host.get("cgroup_inactive_file") or 0), 0))
    elif limit:
        return None
    return max(min(rooms), 0) if rooms else None


def commit_room(host: Mapping[str, Any]) -> int | None:
    """Bytes that the kernel still promises where it promises no more than it has
    (vm.overcommit_memory 2); None in the other modes, and when it is not told."""
    limit, committed = host.get("commit_limit"), host.get("committed")
    if host.get("vm_overcommit_memory") != 2 or limit is None or committed is None:
        return None
    return max(int(limit) - int(committed), 0)


def huge_pages(host: Mapping[str, Any], config: Mapping[str, Any], compat: int) -> bool:
    """Whether the server's memory is in huge pages: always on, and not switched off by it.

    Redis 6.2 and later, and Valkey, switch them off for themselves unless disable-thp is no.
    """
    always = host.get("transparent_hugepage") == "always"
    return always and (compat < 602 or config.get("disable-thp") is False)
