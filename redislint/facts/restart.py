"""How long a restart takes until the data is back, as a range with its basis.

Rates: an RDB of 5 GB in 10 to 30 s and an AOF of 20 GB in several minutes are the
guidance's figures; 553 MB of memory in 7.6 s (quiet) to 18.7 s (busy core), and 477 MB
of AOF in 7.1 s, were measured. File size alone predicts poorly, so memory counts too.
"""

from __future__ import annotations

from typing import NamedTuple

MEGABYTE = 1_000_000
RDB_FILE_RATES = (170 * MEGABYTE, 500 * MEGABYTE)
"""Bytes of RDB file read per second, low and high."""

MEMORY_RATES = (70 * MEGABYTE, 250 * MEGABYTE)
"""Bytes of memory filled from an RDB per second, low and high."""

COMMAND_RATES = (35 * MEGABYTE, 110 * MEGABYTE)
"""Bytes of AOF commands replayed per second, low and high."""

RDB_SHARE = 0.5
"""RDB file size per byte of data, where nothing measured it (0.12 to 1.0 were seen)."""

SAVE_RATE = 100 * MEGABYTE
"""Bytes of data saved per second, where no save was measured."""


class Estimate(NamedTuple):
    """Seconds, fast and slow, and what they were computed from."""

    low: float
    high: float
    basis: str


def save_seconds(dataset: int | None, measured: float | None = None) -> float | None:
    """How long a background save takes: as measured, else data at 100 MB/s, else unknown."""
    if measured is not None:
        return measured
    return None if dataset is None else dataset / SAVE_RATE


def estimate(
    family: str,
    dataset: int | None,
    growth: float,
    measured: float | None = None,
) -> Estimate | None:
    """Seconds until `dataset` bytes of data are back after a restart.

    `family` as `persistence.family`; `growth` is how far the AOF may grow over its
    rewritten size before the next rewrite (1.0 = 100 %, `math.inf` = no rewrite), the
    worst moment counts. `measured` is a load time that was seen; it replaces the
    estimate. None when the size is unknown, or nothing bounds the AOF.
    """
    if family == "none":
        return Estimate(0.0, 0.0, "starts empty")
    if measured is not None:
        return Estimate(measured, measured, "measured load time")
    if dataset is None or (family != "rdb" and growth == float("inf")):
        return None
    file_size = dataset * RDB_SHARE
    rdb = [
        max(file_size / of_file, dataset / of_memory)
        for of_file, of_memory in zip(RDB_FILE_RATES, MEMORY_RATES, strict=True)
    ]
    if family == "rdb":
        return Estimate(rdb[1], rdb[0], f"RDB of {dataset} bytes of data")
    if family == "hybrid":
        tail = file_size * growth
        low, high = rdb[1] + tail / COMMAND_RATES[1], rdb[0] + tail / COMMAND_RATES[0]
        return Estimate(
            low, high, f"RDB preamble of {dataset} bytes of data and the commands since"
        )
    log = dataset * (1 + growth)
    return Estimate(
        log / COMMAND_RATES[1], log / COMMAND_RATES[0], f"commands of {dataset} bytes of data"
    )
