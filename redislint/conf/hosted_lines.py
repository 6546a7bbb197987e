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
from redislint.conf.hosted import UNSAID, Place, place_of, scalar, shell_quoted, write
from redislint.conf.launch import COMMAND_LINE
from redislint.conf.passage import DOUBLE, PLAIN, SINGLE, Passage
from redislint.model import Edit

_BLOCK_ITEM = re.compile(rb"[ \t]*-[ \t]+")
_REST_OF_LINE = re.compile(rb"[ \t]*(?:[ \t]#[^\n]*)?(?:\r?\n|\r?\Z)")
_FLOW_END = re.compile(rb"[ \t\r\n]*[,\]]")
_AFTER_WORD = re.compile(rb"[ \t\r\n;&|)]|\Z")
_CONTROL = re.compile(
    rb"\{%|<%(?!=)|\{\{[-~ \t]*(?:if|else|end|range|with|define|block|include|template)\b"
    rb"|%\{[~ \t]*(?:if|else|endif|for|endfor)\b"
)
_SAFE_WORD = re.compile(rb"[A-Za-z0-9_./+@=:-]+")
_LONGEST_GAP = 200

_NO_LINES = "a line can be added or taken out in a literal block or a list only"


# -- values ----------------------------------------------------------------------------


def replace_word(line: Line, word: Word, value: bytes) -> Edit:
    """Another value in the place of one word, spelled as the host and the text want it."""
    text = _text_of(line)
    part = text.cut(word.start, word.end)
    if not _is_argument(line.document, part):
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
        return _replace_arguments(line, words, values)
    if len(words) < 2:
        raise EditError("the directive has no value to be replaced")
    if len(words) == 2 and len(values) == 1:
        return replace_word(line, words[1], values[0])
    wanted = quote_words(values)
    _check_bare(line.document, wanted)
    return write(place_of(_text_of(line).cut(words[1].start, words[-1].end)), wanted)


def _replace_arguments(line: Line, words: Sequence[Word], values: Sequence[bytes]) -> Edit:
    """Each argument by itself, so that every one keeps its quotes; further ones are added,
    and those that are too many taken out."""
    text = _text_of(line)
    arguments = words[1:]
    if arguments and not all(_is_argument(line.document, _part(text, w)) for w in arguments):
        whole = place_of(text.cut(arguments[0].start, arguments[-1].end))
        return write(whole, quote_words(values))
    edits = [
        write(place_of(_part(text, word)), value)
        for word, value in zip(arguments, values, strict=False)
        if word.value != value or len(values) == 1
    ]
    if len(values) > len(arguments):
        last = place_of(_part(text, words[-1]))
        edits.append(_after(last, values[len(arguments) :]))
    edits += [_without(place_of(_part(text, word))) for word in arguments[len(values) :]]
    return _merged(place_of(_part(text, words[0])).host, edits)


def _merged(host: Document, edits: Iterable[Edit]) -> Edit:
    """One edit of what several change, with what stands between them."""
    ordered = sorted(edits, key=lambda one: (one.start, one.end))
    if not ordered:
        raise EditError("the line says so already")
    start = at = ordered[0].start
    pieces = []
    for one in ordered:
        if one.start < at:
            raise EditError("the words of the line overlap in the file")
        pieces += [host.data[at : one.start], one.replacement]
        at = one.end
    return ordered[0]._replace(end=at, replacement=b"".join(pieces), span=host.span(start, at))


def _is_argument(document: Document, part: Passage) -> bool:
    """Whether a word is one that the server puts in quotes itself: it is written as it is."""
    first = part.runs[0]
    return document.origin == COMMAND_LINE and part.data[:1] == b'"' and first.start == first.end


def _check_bare(document: Document, text: bytes) -> None:
    """A value by itself comes without the quotes of redis.conf, which whatever writes the
    file may add."""
    text_of = document.passage
    if text_of is not None and text_of.is_value and quote(text) != text:
        raise EditError("the value would need quotes that something else may add")


def _text_of(line: Line) -> Passage:
    assert line.document.passage is not None
    return line.document.passage


def _part(text: Passage, word: Word) -> Passage:
    return text.cut(word.start, word.end)


# -- lines -----------------------------------------------------------------------------


def delete_line(line: Line) -> Edit:
    """Take a directive out: its line in the host, or its words with what divides them."""
    if line.document.origin == COMMAND_LINE:
        return _delete_option(line)
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
        raise EditError(_NO_LINES)
    row = _Row(line).open()
    text = row.indent + _row_text(words) + row.ending
    return row.place.edit(row.begin, row.begin, text)


def insert_after(line: Line, rows: Sequence[Sequence[bytes]]) -> Edit:
    """New lines right after one, or options right after those of a command."""
    if line.document.origin == COMMAND_LINE:
        return _after(place_of(_part(_text_of(line), _words(line)[-1])), _options(rows))
    row = _Row(line).open()
    return row.after([_row_text(words) for words in rows])


def append(document: Document, rows: Sequence[Sequence[bytes]]) -> Edit:
    """New last lines, or last options of a command."""
    if document.origin == COMMAND_LINE:
        return _further_options(document, rows)
    lines = sorted((*document.directives, *document.comments), key=lambda one: one.start)
    if not lines:
        raise EditError(_NO_LINES)
    return _Row(lines[-1]).open().after([_row_text(words) for words in rows])


def _further_options(document: Document, rows: Sequence[Sequence[bytes]]) -> Edit:
    """Behind the last option that has a word to stand behind: it may end in a variable."""
    refused = EditError(_NO_LINES)
    for line in reversed(document.directives):
        try:
            return insert_after(line, rows)
        except EditError as error:
            refused = error
    raise refused


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
        text = _text_of(line)
        if text.literal(line.start, line.end) is None:
            raise EditError(_NO_LINES)
        self.place = place = place_of(text.cut(line.start, line.end))
        self.data = data = place.data
        self.begin = data.rfind(b"\n", 0, place.first) + 1
        newline = data.find(b"\n", place.last)
        self.end = len(data) if newline < 0 else newline + 1
        self.indent = data[self.begin : place.first]
        if self.indent.strip() or data[place.last : self.end].strip():
            raise EditError(_NO_LINES)
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
        closed = self.data[: self.end].endswith(b"\n")
        text = text + self.ending if closed else self.ending + text
        return self.place.edit(self.end, self.end, text)


def _row_text(words: Sequence[bytes]) -> bytes:
    if any(UNSAID.search(word) for word in words):
        raise EditError("the text cannot be written in another file's language")
    return quote_words(words)


# -- options ---------------------------------------------------------------------------


def _words(line: Line) -> Sequence[Word]:
    if not line.words:
        raise EditError("the quotes of the line are not balanced")
    return line.words


def _options(rows: Iterable[Sequence[bytes]]) -> list[bytes]:
    """The words of a command line that say what some lines would."""
    return [word for name, *values in rows for word in (b"--" + name, *values)]


def _after(place: Place, values: Sequence[bytes]) -> Edit:
    """Further words behind one: items of its list, or words of its text."""
    slot = place.slot
    if slot.words:
        end = place.last + shell_quoted(place)
        if not _AFTER_WORD.match(place.data, end, place.content[1]):
            raise EditError("other text stands right behind the word")
        texts = [_shell_word(value, slot.kind) for value in values]
        return place.edit(end, end, b"".join([b" " + text for text in texts]))
    if slot.kind not in (PLAIN, SINGLE, DOUBLE):
        raise EditError("the word is not one of a list")
    texts = [scalar(value, slot.kind, place.host) for value in values]
    line = _block_item(place)
    if line is not None:
        begin, end = line
        before = place.data[begin : slot.start]
        closed = place.data[:end].endswith(b"\n")
        ending = b"\r\n" if place.data[:end].endswith(b"\r\n") else b"\n"
        rows = ending.join([before + text for text in texts])
        return place.edit(end, end, rows + ending if closed else ending + rows)
    if not _is_flow_item(place):
        raise EditError("the word is not one of a list")
    return place.edit(slot.end, slot.end, b"".join([b", " + text for text in texts]))


def _without(place: Place) -> Edit:
    """Without a word, and what divides it from the one before."""
    slot = place.slot
    if slot.words:
        quoted = shell_quoted(place)
        return _cut_word(place, place.first - quoted, place.last + quoted)
    line = _block_item(place)
    if line is not None:
        return place.edit(*line, b"")
    if not _is_flow_item(place):
        raise EditError("the word is not one of a list")
    begin = len(place.data[: slot.start].rstrip(b" \t\r\n")) - 1
    if place.data[begin : begin + 1] != b",":
        raise EditError("the list would be empty")
    return place.edit(begin, slot.end, b"")


def _delete_option(line: Line) -> Edit:
    text = _text_of(line)
    places = [place_of(_part(text, word)) for word in _words(line)]
    if places[0].slot.words:
        begin = places[0].first - shell_quoted(places[0]) - 2
        if places[0].data[begin : begin + 2] != b"--":
            raise EditError("the option does not stand alone")
        last = places[-1]
        if last.slot != places[0].slot:
            raise EditError("the option stands in several texts")
        return _cut_word(places[0], begin, last.last + shell_quoted(last))
    once = {place.slot: place for place in places}
    return _merged(places[0].host, [_without(place) for place in once.values()])


def _cut_word(place: Place, begin: int, end: int) -> Edit:
    """Without bytes of a text of words, and the blanks before them."""
    data, (first, last) = place.data, place.content
    before = data[first:begin]
    kept = len(before.rstrip(b" \t"))
    if not kept or kept == len(before) or not _AFTER_WORD.match(data, end, last):
        raise EditError("the word does not stand alone")
    return place.edit(first + kept, end, b"")


def _shell_word(value: bytes, kind: str) -> bytes:
    """A new word of a text that a shell takes apart, within the quotes of the host."""
    if not value and kind != SINGLE:
        return b"''"
    if not _SAFE_WORD.fullmatch(value) or (kind == PLAIN and value.endswith(b":")):
        raise EditError("the text would not stay one word there")
    return value


def _block_item(place: Place) -> tuple[int, int] | None:
    """The bytes of the line that is an item of a block list; None for another place."""
    data, slot = place.data, place.slot
    begin = data.rfind(b"\n", 0, slot.start) + 1
    rest = _REST_OF_LINE.match(data, slot.end)
    if rest is None or not _BLOCK_ITEM.fullmatch(data, begin, slot.start):
        return None
    return begin, rest.end()


def _is_flow_item(place: Place) -> bool:
    """Whether a scalar stands between the brackets and commas of a list."""
    data, slot = place.data, place.slot
    before = data[max(slot.start - _LONGEST_GAP, 0) : slot.start].rstrip(b" \t\r\n")
    after = _FLOW_END.match(data, slot.end, slot.end + _LONGEST_GAP)
    return before[-1:] in (b"[", b",") and after is not None
