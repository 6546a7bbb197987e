"""Version ranges in words: on which servers a fact holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from redislint.catalog.servers import PATCHES, Version
from redislint.catalog.spec import Directive, Spec

_NOT_MEASURED = {"redis": ((8, 2), (8, 4)), "valkey": ((9, 0),)}
"""Series that exist between the measured ones."""


def availability(directive: Directive) -> str:
    """The versions that know it: "redis 6.0 to 6.2", "redis 7.0 on, valkey 8.0 on"."""
    return ", ".join(dict(_grouped(directive, lambda spec: True, whole=False)).get(True, ()))


def by_version(directive: Directive, fact: Callable[[Spec], Any]) -> tuple[tuple[Any, str], ...]:
    """Each value that a fact takes, and the versions on which it does.

    The values stand in the order of the versions, Redis first; an engine on all of whose
    versions that know the directive the value is the same is named without numbers:
    (("volatile-lru", "redis 2.8"), ("noeviction", "redis 3.0 on, valkey")). The text is
    empty where one value holds everywhere.
    """
    groups = list(_grouped(directive, fact, whole=True))
    if len(groups) == 1:
        return ((groups[0][0], ""),)
    return tuple((value, ", ".join(texts)) for value, texts in groups)


def _grouped(
    directive: Directive, fact: Callable[[Spec], Any], *, whole: bool
) -> Iterator[tuple[Any, list[str]]]:
    groups: list[tuple[Any, list[str]]] = []
    for engine in directive.engines:
        runs = list(_runs(directive, engine, fact))
        for value, start, end in runs:
            one = whole and len(runs) == 1
            text = engine if one else f"{engine} {_range(engine, start, end)}"
            for known, texts in groups:
                if known == value:
                    texts.append(text)
                    break
            else:
                groups.append((value, [text]))
    yield from groups


def _runs(
    directive: Directive, engine: str, fact: Callable[[Spec], Any]
) -> Iterator[tuple[Any, Version, Version | None]]:
    """Stretches of versions with one value: the value, the start, and where the next begins."""
    current: tuple[Any, Version] | None = None
    for version, spec in directive.points(engine):
        value = None if spec is None else (fact(spec),)
        if current is not None and current[0] == value:
            continue
        if current is not None and current[0] is not None:
            yield current[0][0], current[1], version
        current = (value, version)
    if current is not None and current[0] is not None:
        yield current[0][0], current[1], None


def _range(engine: str, start: Version, end: Version | None) -> str:
    first = _text(start)
    if end is None:
        return f"{first} on"
    if len(end) > 2:
        last = _text((*end[:2], end[2] - 1))
    else:
        series = sorted((*PATCHES[engine], *_NOT_MEASURED[engine]))
        before = max(one for one in series if one < end)
        if before == start[:2]:
            return first if start == before else f"{_text(before)} from {first}"
        last = _text(before)
    return f"{first} to {last}"


def _text(version: Version) -> str:
    return ".".join(map(str, version))
