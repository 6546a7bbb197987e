"""What reading a value comes to: taken, refused, or read in the server's own way.

The words of messages that several kinds of values share stand here as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from redislint.conf import numbers
from redislint.model import Severity


class Note(NamedTuple):
    """Something that the server does not say: it reads the value in its own way."""

    rule: str
    severity: Severity
    message: str
    argument: int = 0


class Value(NamedTuple):
    """What a server takes from one line. `text` is what CONFIG GET shows of it."""

    text: str
    value: Any
    notes: tuple[Note, ...] = ()


class Refusal(NamedTuple):
    """Why a server refuses a line. `argument` counts from 0; -1 is the whole line."""

    rule: str
    message: str
    argument: int = 0


Result = Value | Refusal
Args = Sequence[bytes]

_LENGTH_SHOWN = 60


def text_of(data: bytes) -> str:
    """Bytes of a configuration as text; bytes that are no UTF-8 survive as surrogates."""
    return data.decode("utf-8", "surrogateescape")


def shown(data: bytes) -> str:
    """A value as messages quote it: one line, printable, not too long."""
    text = data.decode("utf-8", "replace")
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return f"'{text[:_LENGTH_SHOWN]}…'" if len(text) > _LENGTH_SHOWN else f"'{text}'"


def wrong_count(name: str, args: Args, expected: str) -> Refusal:
    """The refusal of a wrong number of arguments, or of a comment behind a value."""
    comment = comment_start(args)
    if comment is not None:
        mark = "//" if args[comment].startswith(b"//") else "#"
        return Refusal(
            "RL103",
            f"text after {mark} is no comment here but more values of '{name}': a comment needs"
            " a line of its own and begins with #",
            comment,
        )
    got = "no value" if not args else f"{len(args)} values" if len(args) > 1 else "one"
    hint = _count_hint(args, expected)
    return Refusal("RL102", f"'{name}' takes {expected}, got {got}{hint}", -1)


def comment_start(args: Args) -> int | None:
    """The index of the first argument that was meant to open a comment, or None."""
    for index, arg in enumerate(args):
        opens = arg.startswith((b"#", b"//"))
        followed = index + 1 < len(args)
        if opens and (index or (followed and arg in (b"#", b"//"))):
            return index
        if arg.endswith(b"#") and followed:
            return index
    return None


def _count_hint(args: Args, expected: str) -> str:
    """What people mean who write more than one value."""
    if len(args) < 2:
        return ""
    if args[0].startswith((b"{{", b"{%", b"<%")):
        return "; it is template text that no tool has filled in"
    if b"=" in args:
        return "; between a directive and its value stands a blank, no '='"
    if args[-1] == b"\\":
        return "; a backslash joins no lines"
    if len(args) == 2 and args[0].isdigit():
        size = text_of(args[0] + args[1]) if args[1].lower() in numbers.UNITS else None
        size = size or other_size(args[0] + args[1])
        if size:
            return f"; write {size} without a blank"
    return "; a value that holds blanks needs quotes around it" if expected[:4] == "one " else ""


def listed(choices: Sequence[str]) -> str:
    return f"{', '.join(choices[:-1])} or {choices[-1]}" if len(choices) > 1 else "".join(choices)


def near(value: bytes, choices: Sequence[str]) -> str:
    from redislint.catalog.nearest import distance

    word = text_of(value).lower()
    limit = max(1, len(word) // 4)
    slips = [(distance(word, choice, limit), choice) for choice in choices]
    best = min(slips, default=(limit + 1, ""))
    return f"; did you mean '{best[1]}'?" if best[0] <= limit else ""


def misread(arg: bytes, text: str) -> Note:
    return Note(
        "RL108", Severity.WARNING, f"this server reads {shown(arg)} as {text} and says nothing"
    )


_OTHER_UNIT = (
    rb"([0-9]+)(\.[0-9]+)?[ _]?([kmgt])"
    rb"(?:i|ib|bytes?|b|ilobytes?|egabytes?|igabytes?|eg|ig|ibi)?"
)
_LARGEST_BYTES = 1 << 62


def other_size(arg: bytes) -> str | None:
    """A size written in the manner of another program (`2Gi`, `1.5gb`, `1tb`) as a server
    takes it; None where there is no whole number of bytes in it."""
    found = re.fullmatch(_OTHER_UNIT, arg, re.IGNORECASE)
    if not found:
        return None
    whole, fraction, unit = found.groups()
    letter = text_of(unit).lower()
    if not fraction and letter != "t":
        return f"{int(whole)}{letter}b"
    exponent = "kmgt".index(letter) + 1
    digits = len(fraction or b".") - 1
    scaled = int(whole + (fraction or b".")[1:]) << (10 * exponent)
    size, rest = divmod(scaled, 10**digits)
    if rest or not 0 < size <= _LARGEST_BYTES:
        return None
    for power, name in ((30, "gb"), (20, "mb"), (10, "kb")):
        if not size & ((1 << power) - 1):
            return f"{size >> power}{name}"
    return str(size)
