"""Where diagnostics point: words of lines, and texts that are no files."""

from __future__ import annotations

from redislint.conf.document import Line
from redislint.model import Span

STDIN = "<stdin>"
"""The path that stands for a configuration read from standard input."""

COMMAND_LINE = "<command line>"
"""The path that stands for the arguments of the server."""


def span_of(line: Line, word: int | None = None) -> Span:
    """The place of a word of the line; of all its arguments for 0 or less after the name
    (`word` 0 is the name itself); of the whole line for None."""
    words = line.words or line.lenient_words
    if word is None or not words or word >= len(words) or word < 0:
        return line.span()
    return line.span(words[word])
