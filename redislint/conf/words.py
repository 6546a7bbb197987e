"""The shortcut of the language: plain lines are split without the grammar.

`conf.grammar` says what the words of a line are. Nearly every line of a real file
is plain (no quotes at all) or holds simply quoted words (a quote opens at the start
of a word and nothing in it is escaped); those are split here in one pass. Every
other line goes through the grammar, which is imported only then. Property tests
hold both ways of reading against each other on arbitrary bytes.

All functions work on the text of one line as the server trimmed it, without NUL
bytes and without a line feed (a line feed would be read as one more blank).
"""

from __future__ import annotations

import re

Token = tuple[bytes, int, int, bool]
"""Value, start and end in the line (quotes included), whether any of it was quoted."""

_PLAIN = re.compile(rb"[^ \t\n\v\f\r][^ \t\n\r]*")
_SIMPLE = re.compile(
    rb"[ \t\n\v\f\r]*"
    rb"(?:\"([^\"\\]*)\"(?![^ \t\n\r])"
    rb"|'([^'\\]*)'(?![^ \t\n\r])"
    rb"|([^ \t\n\v\f\r\"'][^ \t\n\r\"']*+)(?![\"']))"
)
_TRAILING = re.compile(rb"[ \t\n\v\f\r]*\Z")


def split_values(text: bytes) -> tuple[bytes, ...] | None:
    """The values of the words of `text`; None where quotes are not balanced.

    Strict rules: a closing quote ends its word and a blank must follow.
    """
    if b'"' not in text and b"'" not in text and b"\v" not in text and b"\f" not in text:
        return tuple(text.split())
    tokens = split_tokens(text)
    return None if tokens is None else tuple([token[0] for token in tokens])


def split_tokens(text: bytes, *, lenient: bool = False) -> list[Token] | None:
    """The words of `text` with their places; None where quotes are not balanced.

    `lenient`: text may follow a closing quote and belongs to the word (Valkey 9.1).
    """
    if b'"' not in text and b"'" not in text:
        return [(m.group(), m.start(), m.end(), False) for m in _PLAIN.finditer(text)]
    tokens = _simple_tokens(text)
    if tokens is not None:
        return tokens
    from redislint.conf import grammar

    return grammar.tokens(text, lenient=lenient)


def _simple_tokens(text: bytes) -> list[Token] | None:
    """Words of a line whose quotes are all simple; None where the grammar must judge."""
    found: list[Token] = []
    position = 0
    while match := _SIMPLE.match(text, position):
        position = match.end()
        kind = match.lastindex or 0
        start, end = match.span(kind)
        if kind == 3:
            found.append((text[start:end], start, end, False))
        else:
            found.append((text[start:end], start - 1, end + 1, True))
    return found if _TRAILING.match(text, position) else None
