"""How long a restart takes until the data is back, as a range with its basis.

Rates: an RDB of 5 GB in 10 to 30 s and an AOF of 20 GB in several minutes are the
guidance's figures; 553 MB of memory in 7.6 s (quiet) to 18.7 s (busy core), and 477 MB
of AOF in 7.1 s, were measured. File size alone predicts poorly, so memory counts too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from redislint.facts.memory import size_text
from redislint.facts.text import seconds_text

MEGABYTE = 1_000_000
RDB_FILE_RATES = (170 * MEGABYTE, 500 * MEGABYTE)
"""Bytes of RDB file read per second, low and high."""

MEMORY_RATES = (70 * MEGABYTE, 250 * MEGABYTE)
"""Bytes of memory filled from an RDB per second, low and high."""

KEY_RATES = (250_000, 1_000_000)
"""Keys read from an RDB per second, low and high (2 million in 7.6 s were measured)."""

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

    @property
    def text(self) -> str:
        """For people: `5.1s to 18s (RDB of 1gb of data)`, a time that was told `14s (...)`."""
        low, high = seconds_text(self.low), seconds_text(self.high)
        return f"{low if low == high else f'{low} to {high}'} ({self.basis})"


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
        return Estimate(rdb[1], rdb[0], f"RDB of {size_text(dataset)} of data")
    if family == "hybrid":
        tail = file_size * growth
        low, high = rdb[1] + tail / COMMAND_RATES[1], rdb[0] + tail / COMMAND_RATES[0]
        return Estimate(
            low, high, f"RDB preamble of {size_text(dataset)} of data and the commands since"
        )
    log = dataset * (1 + growth)
    return Estimate(
        log / COMMAND_RATES[1], log / COMMAND_RATES[0], f"commands of {size_text(dataset)} of data"
    )


def of_running(
    family: str, info: Mapping[str, Any], rdb_size: int | None = None
) -> Estimate | None:
    """The same from what a running server holds now; None when INFO tells too little.

    `info`: INFO fields by name. `rdb_size`: bytes of the newest snapshot, where the host
    told. While the server loads, its own estimate wins.
    """
    eta = info.get("loading_eta_seconds")
    if info.get("loading") == 1 and isinstance(eta, (int, float)) and eta >= 0:
        return Estimate(float(eta), float(eta), "the server is loading and says so")
    used, keys = info.get("used_memory"), info.get("keys")
    if not isinstance(used, int) or family == "none":
        return None
    current, base = info.get("aof_current_size"), info.get("aof_base_size")
    if family == "rdb":
        return _of_parts(used, keys, rdb_size, 0, "RDB")
    if not isinstance(current, int) or not isinstance(base, int):
        return None
    if family == "hybrid":
        return _of_parts(used, keys, base, max(current - base, 0), "AOF with an RDB preamble")
    return Estimate(
        current / COMMAND_RATES[1], current / COMMAND_RATES[0], f"AOF of {size_text(current)}"
    )


def _of_parts(used: int, keys: Any, size: int | None, commands: int, what: str) -> Estimate:
    """Seconds of an RDB part (the slowest of file, memory and keys) and of commands."""
    ends = []
    for end in (1, 0):
        rdb = max(
            (used * RDB_SHARE if size is None else size) / RDB_FILE_RATES[end],
            used / MEMORY_RATES[end],
            keys / KEY_RATES[end] if isinstance(keys, int) else 0.0,
        )
        ends.append(rdb + commands / COMMAND_RATES[end])
    return Estimate(ends[0], ends[1], f"{what}, {size_text(used)} of memory")
