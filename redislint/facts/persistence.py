"""What survives a crash: save points, AOF, persistence mode and loss windows.

Each function is pure. Times are seconds (float, `math.inf` = no bound), sizes bytes.
A result of None means unknown: an input is missing. The figures come from the
servers' source and from experiments on them; where a number is a property of the
server it stands as a named constant with its reason.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from redislint.facts.text import seconds_text

DIRTY_EXPIRE_SECONDS = 30.0
"""Linux default of vm.dirty_expire_centisecs (3000): age at which a page must be written."""

DIRTY_WRITEBACK_SECONDS = 5.0
"""Linux default of vm.dirty_writeback_centisecs (500): how often the flusher looks."""

FSYNC_SECONDS = 1.0
"""appendfsync everysec starts an fsync once a second."""

POSTPONED_SECONDS = 2.0
"""A write waits at most 2 s for a running fsync, then goes on without it."""

CRON_SECONDS = 1.0
"""Save points are looked at by the cron: a save may start up to a second late."""

SavePoint = Mapping[str, int]
"""`{"seconds": s, "changes": c}`: save when more than s seconds passed and at least c
writes changed something. `changes` counts writes, not keys."""


class Loss(NamedTuple):
    """Seconds of writes that a failure may cost: as designed, and at worst.

    `worst` None means that it cannot be told from what is known.
    """

    nominal: float
    worst: float | None


NOTHING = Loss(0.0, 0.0)
EVERYTHING = Loss(math.inf, math.inf)


def save_text(points: Sequence[SavePoint]) -> str:
    """Save points as CONFIG GET shows them: `3600 1 300 100`; empty without any."""
    return " ".join(f"{p['seconds']} {p['changes']}" for p in points)


def floor_point(points: Sequence[SavePoint]) -> SavePoint | None:
    """The save point that asks for the fewest changes (the shortest of them)."""
    return min(points, key=lambda p: (p["changes"], p["seconds"]), default=None)


def unsaved_changes(points: Sequence[SavePoint]) -> int | None:
    """Writes that may stay unsaved for ever: one fewer than the least `changes`.

    None without save points, where everything stays unsaved.
    """
    point = floor_point(points)
    return None if point is None else max(point["changes"] - 1, 0)


def mode(rdb: bool, aof: bool, appendfsync: str, preamble: bool) -> str:
    """`none`, `rdb`, `aof-everysec`, `hybrid-always+rdb`, ...

    With both on, a restart reads the AOF alone.
    """
    if not aof:
        return "rdb" if rdb else "none"
    return f"{family(rdb, aof, preamble)}-{appendfsync}{'+rdb' if rdb else ''}"


def family(rdb: bool, aof: bool, preamble: bool) -> str:
    """`none`, `rdb`, `aof` or `hybrid`: what a restart reads."""
    if aof:
        return "hybrid" if preamble else "aof"
    return "rdb" if rdb else "none"


def mode_text(rdb: bool, aof: bool, appendfsync: str, preamble: bool) -> str:
    """The mode for people: `hybrid AOF (appendfsync everysec) with RDB snapshots`."""
    if not aof:
        return "RDB snapshots alone" if rdb else "no persistence"
    kind = "hybrid AOF" if preamble else "AOF"
    return f"{kind} (appendfsync {appendfsync}){' with RDB snapshots' if rdb else ''}"


def kernel_window(dirty_expire: float | None = None, dirty_writeback: float | None = None) -> float:
    """Seconds until the kernel writes a dirty page by itself: expire + writeback interval.

    Linux defaults (30 s and 5 s) stand in for what the host does not tell.
    """
    expire = DIRTY_EXPIRE_SECONDS if dirty_expire is None else dirty_expire
    writeback = DIRTY_WRITEBACK_SECONDS if dirty_writeback is None else dirty_writeback
    return expire + writeback


def snapshot_window(points: Sequence[SavePoint], save_seconds: float | None) -> Loss:
    """Age of the data in the newest snapshot when the server dies, RDB alone.

    Nominal: the seconds of the save point with the fewest changes. Worst, at any write
    rate: without a save point of at most 1 change there is no bound; with one
    `s + 2 * save_seconds + 1`, because the last finished snapshot is as old as its fork
    and the one being written is lost. `save_seconds` is how long a save takes; None
    leaves the worst case unknown.
    """
    point = floor_point(points)
    if point is None:
        return EVERYTHING
    nominal = float(point["seconds"])
    if point["changes"] > 1:
        return Loss(nominal, math.inf)
    if save_seconds is None:
        return Loss(nominal, None)
    return Loss(nominal, nominal + 2 * save_seconds + CRON_SECONDS)


def window_at_rate(
    points: Sequence[SavePoint], save_seconds: float | None, rate: float | None
) -> float | None:
    """The worst case of snapshots while `rate` changes a second go on: the soonest of the
    save points, each after its seconds or its changes, whichever takes longer.

    None without save points, a rate above 0, or a known duration of a save.
    """
    if not points or save_seconds is None or not rate:
        return None
    soonest = min(max(float(p["seconds"]), p["changes"] / rate) for p in points)
    return soonest + 2 * save_seconds + CRON_SECONDS


def failover_loss(lag: float, min_replicas: int | None, max_lag: int | None) -> Loss:
    """What is lost when a replica takes over: as far as it is behind now, and at worst, in
    a partition, what the primary still accepted.

    That has no bound unless min-replicas-to-write and min-replicas-max-lag (seconds) make
    the primary stop; None for either leaves the worst case unknown.
    """
    if min_replicas is None or max_lag is None:
        return Loss(lag, None)
    bounded = min_replicas > 0 and max_lag > 0
    return Loss(lag, max(float(max_lag), lag) if bounded else math.inf)


def process_crash_loss(aof: bool, appendfsync: str, snapshot: Loss) -> Loss:
    """What is lost when the process dies (SIGKILL, out of memory) and the host lives on.

    What was written to the AOF is in the page cache and survives, whatever appendfsync
    says; a write that waits for a running fsync may be up to 2 s old.
    """
    if not aof:
        return snapshot
    if appendfsync == "always":
        return NOTHING
    return Loss(0.0, POSTPONED_SECONDS)


def host_crash_loss(
    aof: bool,
    appendfsync: str,
    fsync_during_child: bool,
    snapshot: Loss,
    kernel_seconds: float,
    child_seconds: float | None = None,
) -> Loss:
    """What is lost when the machine dies or loses power: only what is on the disk counts.

    everysec: 1 s as designed, 2 s at worst while fsync completes (an fsync that hangs
    has no bound). `fsync_during_child` false (no-appendfsync-on-rewrite yes) suspends
    every fsync, that of `always` too, while any child runs: a snapshot, a rewrite, a
    full sync. `child_seconds` is how long one runs, None: longer than the kernel waits.
    """
    if not aof:
        return snapshot
    if appendfsync == "no":
        return Loss(kernel_seconds, kernel_seconds)
    by_design = NOTHING if appendfsync == "always" else Loss(FSYNC_SECONDS, POSTPONED_SECONDS)
    if fsync_during_child:
        return by_design
    suspended = kernel_seconds if child_seconds is None else min(kernel_seconds, child_seconds)
    return Loss(by_design.nominal, max(by_design.worst or 0.0, suspended))


def loss_text(loss: Loss) -> str:
    """`1s (2s at worst)`, `5m (without bound at worst)`, `everything`."""
    if math.isinf(loss.nominal):
        return "everything"
    nominal = seconds_text(loss.nominal)
    if loss.worst is None or loss.worst == loss.nominal:
        return nominal
    worst = "without bound" if math.isinf(loss.worst) else seconds_text(loss.worst)
    return f"{nominal} ({worst} at worst)"


def rewrite_trigger(percentage: int, min_size: int) -> str:
    """When an AOF rewrite starts by itself, for people."""
    if percentage == 0:
        return "never"
    from redislint.facts.text import bytes_text

    factor = 1 + percentage / 100
    return f"at {factor:g} times the last rewritten size, from {bytes_text(min_size)} on"
