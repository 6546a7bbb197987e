"""What fixes change, as a unified diff in which no secret stands."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from redislint.conf.document import decode
from redislint.conf.redact import secret_ranges
from redislint.model import REDACTED
from redislint.reports.escape import printable

_NO_NEWLINE = "\\ No newline at end of file\n"


def unified(name: str, before: bytes, after: bytes) -> str:
    """The difference between two texts of a file as `diff -u` writes it.

    Changed lines and those around them are shown with every secret replaced, and with
    characters that act on a terminal escaped: such a file cannot be patched with it.
    """
    old, new = (decode(text).split("\n") for text in (before, after))
    tails = [lines.pop() for lines in (old, new)]
    old, new = (
        [f"{line}\n" for line in lines] + ([tail] if tail else [])
        for lines, tail in zip((old, new), tails, strict=True)
    )
    shown = printable(name)
    return "".join(_lines(difflib.unified_diff(old, new, f"a/{shown}", f"b/{shown}")))


def _lines(diff: Iterator[str]) -> Iterator[str]:
    for number, line in enumerate(diff):
        if number < 2 or line.startswith("@@"):
            yield line
            continue
        text = line[1:]
        ended = text.endswith("\n")
        text = text.removesuffix("\n")
        carriage = "\r" if text.endswith("\r") else ""
        yield f"{line[0]}{_safe(text.removesuffix(carriage))}{carriage}\n"
        if not ended:
            yield _NO_NEWLINE


def _safe(text: str) -> str:
    for start, end in reversed(secret_ranges(text)):
        text = text[:start] + REDACTED + text[end:]
    return "\t".join(map(printable, text.split("\t")))
