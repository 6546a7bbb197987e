"""Comment lines that speak to redislint: `# redislint: engine=redis version=7.2`.

A pragma is a whole line: redis.conf knows no trailing comments. Words are quoted as in
the configuration language itself. A key that does not exist is an error, so that a typo
in `workload` never silences a rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from redislint.conf.document import Document, decode
from redislint.conf.words import split_values
from redislint.model import Server, Span

_PRAGMA = re.compile(rb"#+[ \t]*redislint:(.*)", re.IGNORECASE | re.DOTALL)

KEYS = frozenset(
    {
        "engine",
        "version",
        "workload",
        "environment",
        "rpo",
        "rto",
        "ha",
        "accept",
        "accept-reason",
        "backup-window",
        "backup-max-age",
        "last-drill",
        "load",
        "owner",
        "template",
    }
)
"""What a file says about itself; later lines override earlier ones."""

WAIVER_KEYS = frozenset(
    {"disable", "disable-next-line", "disable-file", "reason", "owner", "until"}
)
"""What a line that silences a rule may hold; the policy room reads those lines."""


@dataclass(frozen=True, slots=True)
class PragmaProblem:
    """A pragma that cannot be understood: where, and why in one line."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Pragma:
    """What all pragmas of a file say together.

    `server` is None where engine or version is missing; `values` maps each key of KEYS
    to its text.
    """

    server: Server | None = None
    values: dict[str, str] = field(default_factory=dict)
    problems: tuple[PragmaProblem, ...] = ()


def read_pragmas(document: Document) -> Pragma:
    """Read every `# redislint:` line of `document`; never raises."""
    if b"redislint:" not in document.data.lower():
        return Pragma()
    values: dict[str, str] = {}
    problems: list[PragmaProblem] = []
    place = None
    for line in document.comments:
        match = _PRAGMA.match(line.raw)
        if not match:
            continue
        span = line.span()
        for item in _pairs(match.group(1)):
            if isinstance(item, str):
                problems.append(PragmaProblem(span, item))
                continue
            key, value = item
            values[key] = value
            if key in ("engine", "version"):
                place = span
    server = None
    if place is not None:
        try:
            server = _server(values)
        except ValueError as error:
            problems.append(PragmaProblem(place, str(error)))
    return Pragma(server, values, tuple(problems))


def _server(values: dict[str, str]) -> Server:
    missing = next((key for key in ("engine", "version") if key not in values), None)
    if missing:
        raise ValueError(
            f"'{missing}' is missing: expected both, such as 'engine=redis version=7.2'"
        )
    return Server.parse(f"{values['engine']}-{values['version']}")


def _pairs(text: bytes) -> Iterator[tuple[str, str] | str]:
    """Each `key=value` of KEYS, or what is wrong with a word."""
    words = split_values(text.strip())
    if words is None:
        yield "quotes are not balanced"
        return
    keys = [decode(word.partition(b"=")[0]) for word in words]
    waiver = any(key.startswith("disable") for key in keys)
    for key, word in zip(keys, words, strict=True):
        _, equals, value = word.partition(b"=")
        if waiver and key in WAIVER_KEYS:
            continue
        if key not in KEYS:
            yield f"unknown key '{key}'{_nearest(key)}"
        elif not equals or not value:
            yield f"'{key}' has no value: expected '{key}=...'"
        else:
            yield key, decode(value)


def _nearest(key: str) -> str:
    import difflib

    close = difflib.get_close_matches(key, sorted(KEYS | WAIVER_KEYS), 1)
    return f", did you mean '{close[0]}'?" if close else f": expected one of {', '.join(sorted(KEYS))}"
