"""What looks at one target say about one of its findings: pure functions.

The last ten looks that could see a finding are bits, the newest the lowest: 1 where it was
there. A look that could not see it (target not reached, rule not decided) leaves no bit.
"""

from __future__ import annotations

from datetime import UTC, datetime

from redislint.fleet.model import State

WINDOW = 10
"""How many looks are remembered: those that `State.FLAPPING` is about."""

RETURNS = 2
"""How often a finding comes back within the window until it is said to flap."""


def shifted(bits: int, seen: bool) -> int:
    """The bits after one more look."""
    return (bits << 1 | seen) & ((1 << WINDOW) - 1)


def state_of(bits: int) -> State:
    """The state of a finding that the newest look has."""
    stays = bin(bits)[2:].replace("0", " ").split()
    if len(stays) > RETURNS:
        return State.FLAPPING
    return State.PERSISTENT if bits & 0b10 else State.NEW


def instant(text: str) -> str:
    """A time in ISO 8601 as UTC to the second, so that texts compare as times do. Raises
    ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"'{text}' has no time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def storable(text: str) -> str:
    """`text` as every database takes it: no lone surrogates, no NUL."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\x00")
