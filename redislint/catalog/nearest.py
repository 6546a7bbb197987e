"""Did you mean: the known name nearest to one that is not known."""

from __future__ import annotations

from functools import lru_cache

from redislint.catalog.tables import catalogue, table
from redislint.model import Server

_LONGEST = 80
"""No directive is as long: whatever is longer is not a misspelt one."""

_SENTINEL = "sentinel "

_OTHER_WORDS = {
    "aof": "appendonly",
    "aof-enabled": "appendonly",
    "aof-fsync": "appendfsync",
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
    "save-point": "save",
    "save-points": "save",
    "slow-log": "slowlog-log-slower-than",
    "workdir": "dir",
    "working-dir": "dir",
}
"""What people write who think of another program, and the directive that does it."""

_SAME = {
    "directory": "dir",
    "maximum": "max",
    "minimum": "min",
    "millisecond": "ms",
    "password": "pass",
    "primary": "master",
    "slave": "replica",
    "ziplist": "listpack",
    "zipmap": "listpack",
}
"""Words that stand for each other in names."""

_NEEDLESS = (
    *("addr", "address", "addresses", "dir", "directory", "file", "interface", "ip"),
    *("name", "number", "path"),
)
"""What people add to a name that is complete without it (`bind-address`)."""

_Index = tuple[tuple[str, str, int], ...]
"""Of each name: the name, its letters alone, and the set of these letters as bits."""


@lru_cache(maxsize=2048)
def nearest(name: str, server: Server | None = None) -> str | None:
    """The spelling most likely meant by `name`, or None when nothing is near.

    Searches what `server` knows (any version of any engine without one). Letter case
    does not matter; a name of sentinel.conf reads "sentinel moniter". A right name of
    another version gives the spelling of `server`, or None where that lacks the directive.
    """
    wanted = name.strip().lower().replace("_", "-")
    if not wanted or len(wanted) > _LONGEST:
        return None
    known = catalogue().spellings if server is None else table(server).spellings
    for spelling in (name.strip().lower(), wanted):
        if spelling in known:
            return spelling
    elsewhere = catalogue().spellings.get(wanted)
    if elsewhere is not None and server is not None:
        spec = elsewhere.spec(server)
        return spec.name if spec else None
    if wanted.startswith(_SENTINEL):
        found = _search(wanted.removeprefix(_SENTINEL), server, True)
        return _SENTINEL + found if found else None
    found = _OTHER_WORDS.get(wanted)
    if found in known:
        return found
    if _SENTINEL + wanted in known:
        return _SENTINEL + wanted
    return _search(wanted, server, False)


def _search(wanted: str, server: Server | None, sentinel: bool) -> str | None:
    index = _index(server, sentinel)
    return _same_words(wanted, index) or _closest(wanted, index) or _part(wanted, index)


@lru_cache(maxsize=128)
def _index(server: Server | None, sentinel: bool) -> _Index:
    known = catalogue().spellings if server is None else table(server).spellings
    names = [n.removeprefix(_SENTINEL) for n in known if n.startswith(_SENTINEL) == sentinel]
    return tuple((n, _squash(n), _letters(_squash(n))) for n in names)


def _squash(name: str) -> str:
    return name.replace("-", "").replace("_", "").replace(".", "").replace(" ", "")


def _letters(text: str) -> int:
    bits = 0
    for letter in text:
        bits |= 1 << (ord(letter) & 31)
    return bits


@lru_cache(maxsize=4096)
def _words(name: str) -> tuple[str, ...]:
    return tuple(sorted(map(_stem, name.replace("_", "-").replace(".", "-").split("-"))))


@lru_cache(maxsize=1024)
def _stem(word: str) -> str:
    if word.endswith("ies"):
        word = word[:-3] + "y"
    elif len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    return _SAME.get(word, word)


def _same_words(wanted: str, index: _Index) -> str | None:
    """Dashes forgotten or added; words in another order, in the plural, of another age."""
    squashed = _squash(wanted)
    for name, letters, _ in index:
        if letters == squashed:
            return name
    words = _words(wanted)
    for name, _, _ in index:
        if _words(name) == words:
            return name
    return None


def _closest(wanted: str, index: _Index) -> str | None:
    """The name within the fewest slips: one in four letters, three at the most."""
    squashed = _squash(wanted)
    bits = _letters(squashed)
    limit = min(3, max(1, len(squashed) // 4))
    best = None
    rank = (limit + 1, 0)
    for name, letters, its_bits in index:
        # A slip changes the set of letters by two at the most.
        if (bits ^ its_bits).bit_count() > 2 * limit:
            continue
        slips = distance(squashed, letters, limit)
        if slips <= limit and (slips, -_shared_start(wanted, name)) < rank:
            best, rank = name, (slips, -_shared_start(wanted, name))
            limit = slips
    return best


def _part(wanted: str, index: _Index) -> str | None:
    """A name cut short at either end when it is clear which, or with a needless word."""
    squashed = _squash(wanted)
    for name, letters, _ in index:
        if squashed.startswith(letters) and squashed[len(letters) :] in _NEEDLESS:
            return name
    if len(squashed) < 5:
        return None
    longer = sorted((n for n, letters, _ in index if letters.startswith(squashed)), key=len)
    if longer:
        return longer[0] if all(name.startswith(longer[0]) for name in longer) else None
    ends = [name for name, _, _ in index if name.endswith("-" + wanted)]
    return ends[0] if len(ends) == 1 else None


def _shared_start(a: str, b: str) -> int:
    count = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        count += 1
    return count


def distance(a: str, b: str, limit: int) -> int:
    """Slips between two words: a letter missing, added, wrong, or two swapped.

    The restricted Damerau-Levenshtein distance (optimal string alignment); gives
    `limit` + 1 as soon as it is sure to be greater than `limit`.
    """
    if abs(len(a) - len(b)) > limit:
        return limit + 1
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
            return limit + 1
    return min(row[-1], limit + 1)
