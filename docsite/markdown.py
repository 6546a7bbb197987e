"""Pieces of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def cell(text: object) -> str:
    """A text as one cell of a table."""
    return " ".join(str(text).split()).replace("|", "\\|").replace("<", "&lt;")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; cells are escaped except those that are links or code already."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(map(cell, row))} |" for row in rows]
    return "\n".join(lines) + "\n"


def fence(text: str, language: str = "text") -> str:
    """A block of text shown as it is."""
    ticks = "```"
    while ticks in text:
        ticks += "`"
    return f"{ticks}{language}\n{text.rstrip()}\n{ticks}\n"


def reference(text: str) -> str:
    """A reference as a list item, its URLs as links."""
    words = (f"<{word}>" if word.startswith(("http://", "https://")) else word
             for word in text.replace("<", "&lt;").split(" "))  # fmt: skip
    return f"- {' '.join(words)}"
