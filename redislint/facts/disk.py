"""What snapshots and AOF need of the disk, against what there is. Sizes in bytes.

The guidance's floor is three times the data: the AOF as it grows, the new file of a
rewrite, and a snapshot. `peak` is the same from the sizes that are known.
"""

from __future__ import annotations

import math

from redislint.facts.restart import RDB_SHARE

FLOOR = 3
"""Times the data that must be free, by the guidance."""


def floor(dataset: int | None) -> int | None:
    """Free bytes that the guidance asks for: three times the data."""
    return None if dataset is None else FLOOR * dataset


def peak(
    dataset: int,
    *,
    rdb: bool,
    aof: bool,
    preamble: bool,
    base: int | None,
    percentage: int | None,
    min_size: int | None,
    rdb_size: int | None = None,
) -> float | None:
    """Most bytes on disk at one time: AOF at its trigger, the rewritten one, snapshots.

    `math.inf` where the AOF is never rewritten; None when an input is missing. `base`: size
    of the AOF after its last rewrite. `rdb_size`: of the newest snapshot; else that of the
    base, where it is an RDB, else half the data. What is written during a rewrite is not in
    it: nobody knows how much that will be.
    """
    if rdb_size is None and preamble and base:
        rdb_size = base
    snapshot = rdb_size if rdb_size is not None else dataset * RDB_SHARE
    total = 2 * snapshot if rdb else 0.0
    if not aof:
        return total
    if percentage is None or min_size is None:
        return None
    if percentage <= 0:
        return math.inf
    rewritten = snapshot if preamble else 2 * dataset
    start = base if base else rewritten
    return total + max(start * (1 + percentage / 100), min_size) + rewritten
