"""What a Sentinel watches and how, from its file or from its own answers.

Every version spells its answers in its own way; `sentinel.watched` is one list for all: a
map for each primary, times in milliseconds. What is not known of one is not in its map.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from redislint.facts.replication import is_loopback
from redislint.model import Fact

PORT = 26379
"""Where a Sentinel listens when nothing says otherwise (REDIS_SENTINEL_PORT)."""

_LIVE = {
    "ip": "host",
    "port": "port",
    "quorum": "quorum",
    "down_after_milliseconds": "down_after",
    "failover_timeout": "failover_timeout",
    "parallel_syncs": "parallel_syncs",
    "num_slaves": "replicas",
}
"""Columns of SENTINEL MASTERS and what they are called in `sentinel.watched`."""

Row = Mapping[str, Any]


def in_effect(config: Mapping[str, Any], given: Mapping[str, bool]) -> dict[str, Any]:
    """Values in effect for a Sentinel: it sets its own port and switches protected mode off
    before it reads the file (initSentinelConfig of the servers' sentinel.c)."""
    values = dict(config)
    if not given.get("port"):
        values["port"] = PORT
    if "protected-mode" in values and not given.get("protected-mode"):
        values["protected-mode"] = False
    return values


def from_replies(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """The rows of `sentinel.primaries`, with their replicas and other Sentinels, as one list."""
    found = []
    for row in rows:
        one = {ours: row[theirs] for theirs, ours in _LIVE.items() if row.get(theirs) is not None}
        one["name"] = str(row.get("name", ""))
        if isinstance(row.get("num_other_sentinels"), int):
            one["sentinels"] = row["num_other_sentinels"] + 1
        others = row.get("others")
        if isinstance(others, Sequence):
            one["elsewhere"] = any(_is_elsewhere(other) for other in others)
        replicas = row.get("replicas")
        if isinstance(replicas, Sequence):
            priorities = [replica.get("slave_priority") for replica in replicas]
            if None not in priorities:
                one["promotable"] = sum(1 for priority in priorities if priority > 0)
        found.append(one)
    return found


def _is_elsewhere(other: Row) -> bool:
    """Whether another Sentinel is known by an address that is not this host's loopback."""
    host = other.get("ip")
    return isinstance(host, str) and bool(host) and not is_loopback(host)


def facts(watched: Sequence[Row], options: Mapping[str, str] | None) -> dict[str, Fact]:
    """`sentinel.*` of one Sentinel; `options` are its options that name no primary."""
    rows = [{**row, "loopback": is_loopback(str(row.get("host", "")))} for row in watched]
    found = {"sentinel.watched": Fact(rows, "", "derived", "sentinel monitor, SENTINEL MASTERS")}
    if options is not None:
        found["sentinel.options"] = Fact(dict(options), "", "derived", "sentinel lines")
    return found
