"""Directives of a text that a host file embeds: changed, added and taken out there.

Three forms of text take edits: lines in a literal block or a template, the words of a command
(a list of the host, or one text that a shell takes apart), and a value by itself (a variable,
a key of a chart), whose name is implied. What is not sure to mean the same to the host is
refused with EditError.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from redislint.conf.document import Document, Line, Word
from redislint.conf.edit import EditError, in_style, quote, quote_words
from redislint.conf.hosted import UNSAID, part_of, passage_of, place_of, write
from redislint.conf.hosted_options import (
    NO_LINES,
    append_options,
    delete_option,
    insert_options,
    is_argument,
    replace_arguments,
)
from redislint.conf.launch import COMMAND_LINE
from redislint.model import Edit

_CONTROL = re.compile(
    rb"\{%|<%(?!=)|\{\{[-~ \t]*(?:if|else|end|range|with|define|block|include|template)\b"
    rb"|%\{[~ \t]*(?:if|else|endif|for|endfor)\b"
)


# -- values ----------------------------------------------------------------------------


def replace_word(line: Line, word: Word, value: bytes) -> Edit:
    """Another value in the place of one word, spelled as the host and the text want it."""
    part = part_of(line, word)
    if not is_argument(line.document, part):
        name = line.words is not None and word == line.words[0]
        value = value if name else in_style(word, value, line)
        _check_bare(line.document, value)
    return write(place_of(part), value)


def replace_value(line: Line, values: Sequence[bytes]) -> Edit:
    """Other arguments in the place of those that a directive has."""
    words = line.words
    if not words or not values:
        raise EditError("the line has no words to be replaced")
    if line.document.origin == COMMAND_LINE:
        return replace_arguments(line, words, values)
    if len(words) < 2:
        raise EditError("the directive has no value to be replaced")
    if len(words) == 2 and len(values) == 1:
        return replace_word(line, words[1], values[0])
    wanted = quote_words(values)
    _check_bare(line.document, wanted)
    return write(place_of(passage_of(line).cut(words[1].start, words[-1].end)), wanted)


def _check_bare(document: Document, text: bytes) -> None:
    """A value by itself comes without the quotes of redis.conf, which whatever writes the
    file may add."""
    text_of = document.passage
    if text_of is not None and text_of.is_value and quote(text) != text:
        raise EditError("the value would need quotes that something else may add")


# -- lines -----------------------------------------------------------------------------


def delete_line(line: Line) -> Edit:
    """Take a directive out: its line in the host, or its words with what divides them."""
    if line.document.origin == COMMAND_LINE:
        return delete_option(line)
    row = _Row(line)
    if len([one for one in line.document.data.splitlines() if one.strip()]) < 2:
        raise EditError("the text would be empty")
    opens = row.data[row.place.slot.start : row.place.slot.start + 1] == b"|"
    if opens and not line.document.data[: line.start].strip():
        following = re.compile(rb"(?:[ \t\r]*\n)*([ \t]*)").match(row.data, row.end)
        if following is None or following[1] != row.indent:
            raise EditError("the next line would set another indentation")
    return row.place.edit(row.begin, row.end, b"")


def insert_before(line: Line, words: Sequence[bytes]) -> Edit:
    """A new line right before one of a literal block or a template."""
    if line.document.origin == COMMAND_LINE:
        raise EditError(NO_LINES)
    row = _Row(line).open()
    text = row.indent + _row_text(words) + row.ending
    return row.place.edit(row.begin, row.begin, text)


def insert_after(line: Line, rows: Sequence[Sequence[bytes]]) -> Edit:
    """New lines right after one, or options right after those of a command."""
    if line.document.origin == COMMAND_LINE:
        return insert_options(line, rows)
    row = _Row(line).open()
    return row.after([_row_text(words) for words in rows])


def append(document: Document, rows: Sequence[Sequence[bytes]]) -> Edit:
    """New last lines, or last options of a command."""
    if document.origin == COMMAND_LINE:
        return append_options(document, rows)
    lines = sorted((*document.directives, *document.comments), key=lambda one: one.start)
    if not lines:
        raise EditError(NO_LINES)
    return _Row(lines[-1]).open().after([_row_text(words) for words in rows])


def comment_above(line: Line, text: bytes) -> Edit:
    """A comment on a line of its own before one, of text that stands in the line already."""
    row = _Row(line)
    return row.place.edit(row.begin, row.begin, row.indent + b"# " + text + row.ending)


def cut(line: Line, start: int) -> Edit:
    """Take out what stands from an offset of the text to the end of its line."""
    row = _Row(line)
    first = row.place.first + start - line.start
    return row.place.edit(first, row.place.last, b"")


class _Row:
    """A line of a literal block or a template, as it stands in its host: `begin` to `end`
    with indentation and line ending."""

    def __init__(self, line: Line) -> None:
        text = passage_of(line)
        if text.literal(line.start, line.end) is None:
            raise EditError(NO_LINES)
        self.place = place = place_of(text.cut(line.start, line.end))
        self.data = data = place.data
        self.begin = data.rfind(b"\n", 0, place.first) + 1
        newline = data.find(b"\n", place.last)
        self.end = len(data) if newline < 0 else newline + 1
        self.indent = data[self.begin : place.first]
        if self.indent.strip() or data[place.last : self.end].strip():
            raise EditError(NO_LINES)
        around = data[self.begin : self.end] if newline >= 0 else data[: self.begin]
        self.ending = b"\r\n" if around.endswith(b"\r\n") else b"\n"

    def open(self) -> _Row:
        """The same, where new lines may stand: not among the branches of a template."""
        slot = self.place.slot
        if _CONTROL.search(self.data, slot.start, slot.end):
            raise EditError("a new line might stand in one branch of the template alone")
        return self

    def after(self, rows: Iterable[bytes]) -> Edit:
        text = self.ending.join([self.indent + row for row in rows])
        closed = self.data[self.end - 1 : self.end] == b"\n"
        text = text + self.ending if closed else self.ending + text
        return self.place.edit(self.end, self.end, text)


def _row_text(words: Sequence[bytes]) -> bytes:
    if any(UNSAID.search(word) for word in words):
        raise EditError("the text cannot be written in another file's language")
    return quote_words(words)
