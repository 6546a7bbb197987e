"""Words of a line, as hover and completion need them."""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Za-z0-9_.\-]+")


def word_at(line: str, column: int) -> str:
    """The word around or just before a column (code points from 0), or ""."""
    for match in _WORD.finditer(line):
        if match.start() <= column <= match.end():
            return match.group()
    return ""


def before(line: str, column: int) -> tuple[list[str], str]:
    """The whole words before a column, and the beginning of the one that stands there."""
    text = line[:column]
    words = text.split()
    if not text or text[-1].isspace():
        return words, ""
    return words[:-1], words[-1]
