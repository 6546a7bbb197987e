"""Make untrusted text safe and measurable on a terminal.

A configuration file may hold any byte. What reaches a terminal is printable: control
characters, bidirectional overrides and undecodable bytes appear as escapes, so a file
under review can neither colour, hide nor rewrite the report about it.
"""

from __future__ import annotations

TAB_WIDTH = 4
"""Columns that a tab takes in an excerpt: fixed, so that a caret below it lines up."""

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_NO_WIDTH = frozenset({"Mn", "Me"})


def printable(text: str) -> str:
    """`text` with every character that a terminal could act on written as an escape.

    Newlines and tabs are escaped too: the result is one line.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escape(c) for c in text)


def _escape(character: str) -> str:
    code = ord(character)
    if character == "\t":
        return "\\t"
    if character == "\n":
        return "\\n"
    if character == "\r":
        return "\\r"
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was not UTF-8 (PEP 383)
        return f"\\x{code - 0xDC00:02x}"
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def cells(text: str) -> list[tuple[str, int]]:
    """Each code point of a source line as (what to print, terminal columns it takes).

    Tabs become spaces. Wide and full-width characters take two columns, combining
    marks none (Unicode Standard Annex 11).
    """
    if text.isascii() and text.isprintable():
        return [(c, 1) for c in text]
    return [_cell(c) for c in text]


def _cell(character: str) -> tuple[str, int]:
    if character == "\t":
        return " " * TAB_WIDTH, TAB_WIDTH
    if character.isascii():
        shown = character if character.isprintable() else _escape(character)
        return shown, len(shown)
    import unicodedata

    category = unicodedata.category(character)
    if category in _NO_WIDTH:
        return character, 0
    if category in _INVISIBLE or not character.isprintable():
        shown = " " if category == "Zs" else _escape(character)
        return shown, len(shown)
    return character, 2 if unicodedata.east_asian_width(character) in "WF" else 1
