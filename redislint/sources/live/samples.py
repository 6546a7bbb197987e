"""Rates between two samples of INFO, and when there are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from redislint.model import Fact
from redislint.sources.live.info import Info, counts

COUNTERS = (
    "total_connections_received",
    "total_commands_processed",
    "total_error_replies",
    "unexpected_error_replies",
    "rejected_connections",
    "evicted_keys",
    "evicted_clients",
    "expired_keys",
    "keyspace_hits",
    "keyspace_misses",
    "sync_full",
    "sync_partial_ok",
    "sync_partial_err",
    "total_forks",
    "rdb_saves",
    "aof_rewrites",
    "aof_delayed_fsync",
    "acl_access_denied_auth",
    "acl_access_denied_cmd",
    "client_output_buffer_limit_disconnections",
    "client_query_buffer_limit_disconnections",
    "total_eviction_exceeded_time",
)
"""Fields of INFO that only grow, until CONFIG RESETSTAT or a restart sets them to 0."""

_OWN = {"total_error_replies"}
"""Counters that the audit's own refused commands raise."""

RESTARTED = "the server restarted between the two samples"
RESET = "its counters were reset between the two samples"
SINGLE = "a rate needs two samples: name an interval, such as --interval 10s"


@dataclass(frozen=True, slots=True)
class Samples:
    """Two samples of one server, `seconds` apart. `reason` says why there are no rates;
    `reset` whether counters went back, `restarted` whether another process answered."""

    seconds: float
    facts: Mapping[str, Fact] = field(default_factory=dict)
    unknown: Mapping[str, str] = field(default_factory=dict)
    reset: bool = False
    restarted: bool = False


def single() -> Samples:
    """What one sample tells about rates: nothing, and how to get them."""
    return Samples(0.0, unknown={f"rate.{name}": SINGLE for name in COUNTERS})


def compare(first: Info, second: Info, seconds: float, own_errors: int = 0) -> Samples:
    """Rates per second, `rate.<counter>`, and growth, `growth.<counter>`.

    Unknown when run_id differs, when the uptime is shorter than the window, or when any
    counter went back (then all were reset). `own_errors`: error replies that the audit
    itself caused in between.
    """
    restarted = first.text("run_id") != second.text("run_id")
    uptime = second.number("uptime_in_seconds")
    restarted = restarted or (uptime is not None and uptime + 1 < seconds)
    growth = {
        name: _growth(first, second, name, own_errors)
        for name in COUNTERS
        if name in first.fields and name in second.fields
    }
    reset = not restarted and any(value is not None and value < 0 for value in growth.values())
    facts = {
        "sample.seconds": Fact(seconds, "s", "info"),
        "sample.reset": Fact(reset, "", "info"),
        "sample.restarted": Fact(restarted, "", "info"),
    }
    if restarted or reset or seconds <= 0:
        reason = RESTARTED if restarted else RESET if reset else SINGLE
        return Samples(seconds, facts, _nothing(reason), reset, restarted)
    basis = f"two samples of INFO {seconds:.1f}s apart"
    for name, value in growth.items():
        if value is not None:
            facts[f"growth.{name}"] = Fact(value, "", "info", basis)
            facts[f"rate.{name}"] = Fact(value / seconds, "1/s", "info", basis)
    facts |= _by_name(first, second, "errorstat_", "count", "growth.errors", basis)
    facts |= _by_name(first, second, "cmdstat_", "calls", "growth.commands", basis)
    unknown = {
        path: "INFO of this server does not tell it"
        for name in COUNTERS
        if (path := f"rate.{name}") not in facts
    }
    return Samples(seconds, facts, unknown)


def _nothing(reason: str) -> dict[str, str]:
    paths = [f"{kind}.{name}" for name in COUNTERS for kind in ("rate", "growth")]
    return dict.fromkeys((*paths, "growth.errors", "growth.commands"), reason)


def _growth(first: Info, second: Info, name: str, own_errors: int) -> int | float | None:
    before, after = first.number(name), second.number(name)
    if before is None or after is None:
        return None
    grown = after - before
    return max(grown - own_errors, 0) if name in _OWN and grown >= 0 else grown


def _by_name(
    first: Info, second: Info, prefix: str, key: str, path: str, basis: str
) -> dict[str, Fact]:
    before, after = counts(first, prefix, key), counts(second, prefix, key)
    if before is None or after is None:
        return {}
    grown = {name: count - before.get(name, 0) for name, count in after.items()}
    return {path: Fact({n: c for n, c in grown.items() if c > 0}, "", "info", basis)}
