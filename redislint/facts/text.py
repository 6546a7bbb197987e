"""Seconds and bytes as people write them, in both directions.

Every function is pure. An infinite time is `math.inf`, shown as `unbounded`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

UNBOUNDED = "unbounded"
"""How an infinite loss window is written for people."""

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_NAMES = ((86400.0, "d"), (3600.0, "h"), (60.0, "m"), (1.0, "s"))
_BYTES = ((1 << 30, "gb"), (1 << 20, "mb"), (1 << 10, "kb"))
_UNLIMITED = ("inf", "unlimited", "none")


def parse_duration(text: str) -> float:
    """Seconds that a declared duration means: `500ms`, `2s`, `15m`, `1h`, `7d`, `0`.

    `inf`, `unlimited` and `none` mean no limit (`math.inf`). Raises ValueError with
    one line that says what was expected.
    """
    word = text.strip().lower()
    if word in _UNLIMITED:
        return math.inf
    number = word.rstrip("abcdefghijklmnopqrstuvwxyz ")
    unit = word[len(number) :].strip()
    whole, _, part = number.partition(".")
    digits = whole.isdecimal() and (part.isdecimal() if "." in number else True)
    if not (number.isascii() and digits) or (unit not in _SECONDS and float(number) != 0):
        raise ValueError(
            f"'{text}' is not a duration: expected a number and a unit (ms, s, m, h, d),"
            " such as 2s, 15m or 1h, or 0, or unlimited"
        )
    return float(number) * _SECONDS.get(unit, 1.0)


def seconds_text(seconds: float) -> str:
    """`90.0` -> `1m30s`; at most the two greatest units; `inf` -> `unbounded`."""
    if math.isinf(seconds):
        return UNBOUNDED
    if seconds and seconds < 1:
        return f"{seconds * 1000:.3g}ms"
    rest = seconds
    words: list[str] = []
    for size, name in _NAMES:
        count = math.floor(rest / size)
        if count:
            words.append(f"{count}{name}")
            rest -= count * size
        elif words:
            break
    return "".join(words[:2]) or "0s"


def bytes_text(size: int) -> str:
    """A size as redis.conf spells it (`1gb` is 2**30), exact: `1536mb`, `100 bytes`."""
    for factor, unit in _BYTES:
        if size >= factor and size % factor == 0:
            return f"{size // factor}{unit}"
    return f"{size} bytes"


def list_text(words: Iterable[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`; the empty text when there are none."""
    names = list(words)
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"
