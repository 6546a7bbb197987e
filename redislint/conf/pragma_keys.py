"""What pragmas may say: their keys, and what the value of each must be."""

from __future__ import annotations

import re

_DURATION = re.compile(r"\d+(?:\.\d+)?(?:ms|s|m|h|d)|0")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_WINDOW = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\dZ?")
RULE = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
"""How a rule or a workload is called."""

_A_DURATION = "a number and a unit of ms, s, m, h or d, such as 2s"

FACT_KEYS = frozenset(
    {
        "server",
        "engine",
        "version",
        "workload",
        "environment",
        "rpo",
        "rto",
        "ha",
        "accept",
        "accept-reason",
        "backup",
        "backup-window",
        "backup-max-age",
        "last-drill",
        "load",
        "owner",
        "template",
    }
)
"""What a file says about itself."""

SILENCE_KEYS = frozenset({"disable", "disable-next-line"})
"""What begins a pragma that silences rules; `reason`, `owner`, `until` belong to it."""

WITH_SILENCE = frozenset({"reason", "owner", "until"})
"""What belongs to a pragma that silences rules."""

_WORDS = {
    "engine": ("redis", "valkey"),
    "environment": ("production", "staging", "development", "test"),
    "ha": ("none", "replica", "sentinel", "cluster"),
    "template": ("true", "false"),
    "backup": ("none", "local", "offsite"),
    "accept": (
        "always",
        "single-node",
        "warm-cache",
        "availability",
        "ephemeral",
        "network-fs",
    ),
}
_SHAPES = {
    "rpo": (_DURATION, _A_DURATION),
    "rto": (_DURATION, _A_DURATION),
    "load": (_DURATION, _A_DURATION),
    "backup-max-age": (_DURATION, _A_DURATION),
    "backup-window": (_WINDOW, "two times of day, such as 02:00-03:00Z"),
}


def expected(key: str, value: str) -> str:
    """What the value of a key must be, "" where this one is right."""
    if key in _WORDS:
        given = value.split(",") if key == "accept" else [value]
        return "" if set(given) <= set(_WORDS[key]) else f"one of {', '.join(_WORDS[key])}"
    if key in _SHAPES:
        shape, expected = _SHAPES[key]
        return "" if shape.fullmatch(value) else expected
    if key in ("last-drill", "until"):
        return "" if is_date(value) else "a date, such as 2027-01-31"
    if key == "workload":
        words = value.split(",")
        return "" if all(RULE.fullmatch(w) for w in words) else "a workload, or several with commas"
    return ""


def is_date(value: str) -> bool:
    """Whether a text is a date as ISO 8601 writes it."""
    from datetime import date

    try:
        return bool(_DATE.fullmatch(value) and date.fromisoformat(value))
    except ValueError:
        return False


def nearest(key: str) -> str:
    """What to say about a key that does not exist: the one that is most like it, or all."""
    from difflib import get_close_matches

    known = sorted(FACT_KEYS | SILENCE_KEYS | WITH_SILENCE)
    close = get_close_matches(key.lower(), known, 1)
    return f", did you mean '{close[0]}'?" if close else f": expected one of {', '.join(known)}"
