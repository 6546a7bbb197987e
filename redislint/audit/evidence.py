"""What tells a CONFIG SET on a running server from a change in its file."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from redislint.audit.hosts import SAME_START
from redislint.facts.derive import compatibility
from redislint.facts.drift import Evidence

if TYPE_CHECKING:
    from redislint.sources.live.reading import LiveTarget

_SUBCOMMANDS = 700
"""Redis 7.0 and later count the calls of each subcommand of CONFIG."""

_PROGRAMS = ("redis", "valkey")
"""Beginnings of the names of server processes."""

_TICK = 0.05
"""Seconds by which the kernel's clocks for files and processes may differ."""


def gather(server: LiveTarget, path: str, files: Iterable[str]) -> Evidence:
    """The evidence for a server that is compared with the file at `path`, which consists
    of `files` with what it includes."""
    started_with = server.info.text("config_file")
    known = server.known
    start = None
    if server.local and _is_same(started_with or "", path):
        start = _start(server, known.get("server.time"))
    return Evidence(
        set_calls=_set_calls(known.get("info.commands"), compatibility(server.identity.server)),
        changed=None if start is None else _changed(files, start),
        without_file=started_with == "",
    )


def _set_calls(calls: Mapping[str, Any] | None, compat: int) -> int | None:
    """How often CONFIG SET was called, as far as the counters still know."""
    if not calls or "config|resetstat" in calls:
        return None
    if compat >= _SUBCOMMANDS:
        return int(calls.get("config|set", 0))
    return None if "config" in calls else 0


def _changed(files: Iterable[str], start: float) -> bool | None:
    """Whether a file was written after `start`; None where only its inode changed since."""
    try:
        found = [os.stat(file) for file in files]
    except OSError:
        return None
    if any(status.st_mtime > start + _TICK for status in found):
        return True
    if all(max(status.st_mtime, status.st_ctime) < start for status in found):
        return False
    return None


def _start(server: LiveTarget, now: Any) -> float | None:
    """When the server started, by the clock of this machine; None where it runs elsewhere."""
    uptime = server.info.number("uptime_in_seconds")
    found = _process_start(server.info.text("process_id") or "")
    if now is None or uptime is None or found is None:
        return None
    return found if abs(now - uptime - found) <= SAME_START else None


def _process_start(pid: str) -> float | None:
    """When a process of this machine started that is a Redis or Valkey (Linux)."""
    if not pid.isdigit() or not hasattr(time, "CLOCK_BOOTTIME"):
        return None
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            before, _, after = file.read(4096).rpartition(")")
        ticks = int(after.split()[19])
    except (OSError, ValueError, IndexError):
        return None
    if not before.partition("(")[2].startswith(_PROGRAMS):
        return None
    boot = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    return boot + ticks / os.sysconf("SC_CLK_TCK")


def _is_same(one: str, other: str) -> bool:
    try:
        return bool(one) and os.path.samefile(one, other)
    except OSError:
        return False
