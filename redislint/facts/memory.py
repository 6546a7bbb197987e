"""Memory: what maxmemory bounds, what a fork needs, buffers and encodings.

Sizes in bytes. Each function is pure; None means unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

COW_WORST = 1.0
"""Share of the data that a child may duplicate under heavy writes: all of it."""

LARGE_ENTRIES = 2048
"""Elements of a compact encoding above which its linear scans are felt."""

LARGE_VALUE = 1024
"""Bytes of one element of a compact encoding above which copying it is felt."""

ENTRY_DIRECTIVES = (
    "hash-max-listpack-entries",
    "hash-max-ziplist-entries",
    "zset-max-listpack-entries",
    "zset-max-ziplist-entries",
    "set-max-listpack-entries",
    "set-max-intset-entries",
    "list-max-listpack-size",
    "list-max-ziplist-size",
    "list-max-ziplist-entries",
)
VALUE_DIRECTIVES = (
    "hash-max-listpack-value",
    "hash-max-ziplist-value",
    "zset-max-listpack-value",
    "zset-max-ziplist-value",
    "set-max-listpack-value",
    "list-max-ziplist-value",
)


class Threshold(NamedTuple):
    """A compact-encoding directive above its bound."""

    name: str
    value: int
    bound: int


def dataset_bound(maxmemory: int | None, declared: int | None = None) -> int | None:
    """Most bytes of data the instance can hold: maxmemory when set, else what was declared."""
    return maxmemory if maxmemory else declared


def policy_scope(policy: str) -> str:
    """What a maxmemory-policy may evict: `nothing`, `volatile` (keys with a TTL) or `all`."""
    if policy.startswith("volatile-"):
        return "volatile"
    return "all" if policy.startswith("allkeys-") else "nothing"


def policy_samples(policy: str) -> bool:
    """Whether the policy picks victims by sampling (lru, lfu, lrm, ttl), not at random."""
    return policy.endswith(("-lru", "-lfu", "-lrm", "-ttl"))


def forks_possible(rdb: bool, aof: bool, replica: bool, connected: int | None) -> bool | None:
    """Whether the server forks in normal operation: snapshots, AOF rewrites, full syncs.

    A replica counts: it may have replicas of its own, and does after a failover. None when
    only replicas could cause one and nobody told whether there are any.
    """
    if rdb or aof or replica:
        return True
    return None if connected is None else connected > 0


def memory_limit(total: int | None, cgroup: int | None) -> int | None:
    """The tighter of the host's memory and the container's limit."""
    known = [size for size in (total, cgroup) if size]
    return min(known) if known else None


def maxmemory_advised(limit: int | None, forks: bool | None, heavy: bool | None) -> int | None:
    """Most maxmemory that leaves room: nine tenths of memory without forks, three quarters
    with them, memory / 2.2 where writes are heavy, so that a child may copy all of it.

    None when the memory, or whether there are forks, is unknown.
    """
    if limit is None or forks is None:
        return None
    if not forks:
        return int(limit * 0.9)
    return int(limit / 2.2) if heavy else int(limit * 0.75)


def share(part: int | None, whole: int | None) -> float | None:
    """`part / whole`, None when either is unknown or `whole` is 0."""
    return part / whole if part is not None and whole else None


def fork_headroom(limit: int | None, dataset: int | None) -> float | None:
    """Memory left for copy-on-write, as a share of what a child may need at worst.

    At worst a child duplicates the whole data set while writes go on; 1.0 and more is
    safe, below 0.5 the kernel will likely kill a process.
    """
    if limit is None or not dataset:
        return None
    return (limit - dataset) / (COW_WORST * dataset)


def headroom_text(maxmemory: int, limit: int | None, room: float) -> str:
    """What `fork_headroom` says, for people."""
    left = f"with maxmemory {size_text(maxmemory)} of {size_text(limit or 0)}"
    return f"{left} only {max(room, 0.0):.0%} of what a save needs at worst is left"


def size_text(size: int) -> str:
    """A size to two digits after the point at most: `6.35gb`, `512mb`."""
    for factor, unit in ((1 << 40, "tb"), (1 << 30, "gb"), (1 << 20, "mb"), (1 << 10, "kb")):
        if size >= factor:
            return f"{size / factor:.2f}".rstrip("0").rstrip(".") + unit
    return f"{size} bytes"


def large_thresholds(config: Mapping[str, Any]) -> list[Threshold]:
    """Compact-encoding directives above 2048 elements or 1024 bytes, in a fixed order.

    Negative list sizes mean a size class of at most 64 kB, never a count.
    """
    found = []
    for names, bound in ((ENTRY_DIRECTIVES, LARGE_ENTRIES), (VALUE_DIRECTIVES, LARGE_VALUE)):
        for name in names:
            value = config.get(name)
            if isinstance(value, int) and value > bound:
                found.append(Threshold(name, value, bound))
    return found


def buffer_limit(limits: Any, kind: str) -> Mapping[str, int] | None:
    """One class of client-output-buffer-limit: hard and soft bytes, seconds.

    `replica` also answers to its old name `slave`. None when unknown.
    """
    if not isinstance(limits, Mapping):
        return None
    found = limits.get(kind)
    if found is None and kind == "replica":
        found = limits.get("slave")
    return found if isinstance(found, Mapping) else None
