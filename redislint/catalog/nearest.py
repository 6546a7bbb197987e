"""Did you mean: the known name nearest to one that is not known."""

from __future__ import annotations

from collections.abc import Iterable

from redislint.catalog.tables import catalogue, table
from redislint.model import Server

_LONGEST = 80
"""No directive is half as long: whatever is longer is not a misspelt one."""

_OTHER_WORDS = {
    "aof": "appendonly",
    "aof-enabled": "appendonly",
    "aof-fsync": "appendfsync",
    "backlog": "tcp-backlog",
    "backlog-size": "repl-backlog-size",
    "daemon": "daemonize",
    "data-dir": "dir",
    "db-filename": "dbfilename",
    "directory": "dir",
    "eviction-policy": "maxmemory-policy",
    "fsync": "appendfsync",
    "keepalive": "tcp-keepalive",
    "listen": "bind",
    "listen-address": "bind",
    "master-password": "masterauth",
    "max-connections": "maxclients",
    "maxconnections": "maxclients",
    "maxconn": "maxclients",
    "memory-limit": "maxmemory",
    "notify-events": "notify-keyspace-events",
    "password": "requirepass",
    "rdb-filename": "dbfilename",
    "require-password": "requirepass",
    "slow-log": "slowlog-log-slower-than",
    "workdir": "dir",
}
"""What people write who think of another program, and the directive that does it."""

_SAME = {
    "slave": "replica",
    "primary": "master",
    "ziplist": "listpack",
    "max": "maximum",
    "directory": "dir",
    "password": "pass",
    "milliseconds": "ms",
    "seconds": "sec",
}


def nearest(name: str, server: Server | None = None) -> str | None:
    """The spelling most likely meant by `name`, or None when nothing is near.

    Searches what `server` knows (any version of any engine without one). Blanks in the
    name count as they do in "sentinel monitor". Letter case does not matter.
    """
    wanted = name.strip().lower()
    if not wanted or len(wanted) > _LONGEST:
        return None
    known = catalogue().spellings if server is None else table(server).spellings
    sentinel = wanted.startswith("sentinel ")
    names = [n for n in known if n.startswith("sentinel ") == sentinel]
    if wanted in known:
        return wanted
    return (
        _other_spelling(wanted, server)
        or _other_word(wanted, names)
        or _same_words(wanted, names)
        or _closest(wanted, names)
        or _prefix(wanted, names)
    )


def _other_spelling(wanted: str, server: Server | None) -> str | None:
    """The name that the directive has on that server when it is spelt as on another."""
    dashed = wanted.replace("_", "-")
    for spelling in (wanted, dashed):
        found = catalogue().spellings.get(spelling)
        if found is not None and server is not None:
            spec = found.spec(server)
            return spec.name if spec else None
        if found is not None:
            return spelling
    return None


def _other_word(wanted: str, names: list[str]) -> str | None:
    word = _OTHER_WORDS.get(wanted.replace("_", "-"))
    return word if word in names else None


def _squash(name: str) -> str:
    return name.replace("-", "").replace("_", "").replace(".", "")


def _words(name: str) -> tuple[str, ...]:
    parts = name.replace("_", "-").replace(".", "-").split("-")
    return tuple(sorted(_SAME.get(p.rstrip("s"), _SAME.get(p, p.rstrip("s"))) for p in parts))


def _same_words(wanted: str, names: Iterable[str]) -> str | None:
    """Dashes forgotten, added or underscores; words in another order, number or fashion."""
    squashed, words = _squash(wanted), _words(wanted)
    for name in names:
        if _squash(name) == squashed:
            return name
    for name in names:
        if _words(name) == words:
            return name
    return None


def _closest(wanted: str, names: Iterable[str]) -> str | None:
    """The name within the fewest slips: one in four letters, three at the most."""
    squashed = _squash(wanted)
    best = None
    limit = min(3, max(1, len(squashed) // 4))
    order = (limit + 1, 0)
    for name in names:
        slips = distance(squashed, _squash(name), min(limit, order[0]))
        if slips <= limit:
            rank = (slips, -_shared_start(wanted, name))
            if rank < order:
                best, order = name, rank
    return best


def _prefix(wanted: str, names: Iterable[str]) -> str | None:
    """A name cut short (`maxmem`), or one with something after it (`bindaddress`)."""
    squashed = _squash(wanted)
    if len(squashed) < 4:
        return None
    longer = [n for n in names if _squash(n).startswith(squashed)]
    if longer:
        return min(longer, key=len)
    shorter = [n for n in names if len(n) >= 4 and squashed.startswith(_squash(n))]
    return max(shorter, key=len) if shorter else None


def _shared_start(a: str, b: str) -> int:
    count = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        count += 1
    return count


def distance(a: str, b: str, limit: int) -> int:
    """Slips between two words: a letter missing, added, wrong, or two swapped.

    The restricted Damerau-Levenshtein distance (optimal string alignment); stops early
    and returns `limit` + 1 when it is greater than `limit`.
    """
    over = limit + 1
    if abs(len(a) - len(b)) > limit:
        return over
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        two_before, before, row = before, row, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and y == a[i - 2]:
                cost = min(cost, two_before[j - 2] + 1)
            row.append(cost)
        if min(row) > limit and min(before) > limit:
            return over
    return min(row[-1], over)
