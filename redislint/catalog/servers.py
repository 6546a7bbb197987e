"""The servers whose facts were measured, and how other versions resolve to them."""

from __future__ import annotations

from typing import Final

from redislint.model import Server

Version = tuple[int, ...]

PATCHES: Final[dict[str, dict[Version, int]]] = {
    "redis": {
        (2, 8): 24,
        (3, 0): 7,
        (3, 2): 13,
        (4, 0): 14,
        (5, 0): 14,
        (6, 0): 20,
        (6, 2): 16,
        (7, 0): 15,
        (7, 2): 6,
        (7, 4): 1,
        (8, 0): 6,
        (8, 6): 3,
    },
    "valkey": {(7, 2): 7, (8, 0): 1, (8, 1): 1, (9, 1): 2},
}
"""The release that was measured of each series; `measured` in schemas/directives.json."""

SERVERS: Final = tuple(Server(engine, series) for engine in PATCHES for series in PATCHES[engine])
"""The measured servers, oldest first, Redis before Valkey."""

SUPPORTED: Final = tuple(s for s in SERVERS if s.engine == "valkey" or s.version >= (6, 2))
"""The servers that a file is held against when nothing says which one runs it."""

_LATEST_PATCH = 1 << 30


_versions: Final[dict[str, Version]] = {}


def read_version(text: str) -> Version:
    """Read a version of the catalogue, "7.2" or "7.2.6", into (7, 2) or (7, 2, 6)."""
    version = _versions.get(text)
    if version is None:
        version = _versions[text] = tuple(map(int, text.split(".")))
    return version


def measured(server: Server) -> Server:
    """The newest measured server of that engine at or below `server`.

    A version older than all measured ones resolves to the oldest of them. Raises
    ValueError for an engine other than redis and valkey.
    """
    series = _series(server.engine)
    below = [version for version in series if version <= server.version]
    return Server(server.engine, max(below) if below else min(series))


def is_measured(server: Server) -> bool:
    """Whether the facts of that series were measured (its patch release may differ)."""
    return server.version[:2] in _series(server.engine)


def exact(server: Server) -> Version:
    """The version to compare change points with.

    A series without a patch release means the release that was measured, and for a series
    that was not measured its last one.
    """
    series = _series(server.engine)
    version = max(server.version, min(series))
    if len(version) > 2:
        return version
    return (*version, series.get(version, _LATEST_PATCH))


def _series(engine: str) -> dict[Version, int]:
    try:
        return PATCHES[engine]
    except KeyError:
        raise ValueError(f"unknown engine {engine!r}: expected redis or valkey") from None
