"""The words of a command that a host file gives: options changed, added and taken out.

A command is a list of the host, each word a scalar, or one text that a shell takes apart. The
server puts arguments in quotes itself, so that they are written as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from redislint.conf.document import Document, Line, Word
from redislint.conf.edit import EditError, quote_words
from redislint.conf.hosted import (
    Place,
    part_of,
    passage_of,
    place_of,
    scalar,
    shell_quoted,
    write,
)
from redislint.conf.launch import COMMAND_LINE
from redislint.conf.passage import DOUBLE, PLAIN, SINGLE, Passage
from redislint.model import Edit

_BLOCK_ITEM = re.compile(rb"[ \t]*-[ \t]+")
_REST_OF_LINE = re.compile(rb"[ \t]*(?:[ \t]#[^\n]*)?(?:\r?\n|\r?\Z)")
_FLOW_END = re.compile(rb"[ \t\r\n]*[,\]]")
_AFTER_WORD = re.compile(rb"[ \t\r\n;&|)]|\Z")
_SAFE_WORD = re.compile(rb"[A-Za-z0-9_./+@=:-]+")
_LONGEST_GAP = 200

NO_LINES = "a line can be added or taken out in a literal block or a list only"


def replace_arguments(line: Line, words: Sequence[Word], values: Sequence[bytes]) -> Edit:
    """Each argument by itself, so that every one keeps its quotes; further ones are added,
    and those that are too many taken out."""
    arguments = words[1:]
    if arguments and not all(is_argument(line.document, part_of(line, w)) for w in arguments):
        whole = place_of(passage_of(line).cut(arguments[0].start, arguments[-1].end))
        return write(whole, quote_words(values))
    edits = [
        write(place_of(part_of(line, word)), value)
        for word, value in zip(arguments, values, strict=False)
        if word.value != value or len(values) == 1
    ]
    if len(values) > len(arguments):
        last = place_of(part_of(line, words[-1]))
        edits.append(_after(last, values[len(arguments) :]))
    edits += [_without(place_of(part_of(line, word))) for word in arguments[len(values) :]]
    return _merged(place_of(part_of(line, words[0])).host, edits)


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


def is_argument(document: Document, part: Passage) -> bool:
    """Whether a word is one that the server puts in quotes itself: it is written as it is."""
    first = part.runs[0]
    return document.origin == COMMAND_LINE and part.data[:1] == b'"' and first.start == first.end


def insert_options(line: Line, rows: Iterable[Sequence[bytes]]) -> Edit:
    """Options right behind those of a line, given by what lines would say."""
    return _after(place_of(part_of(line, _words(line)[-1])), _options(rows))


def append_options(document: Document, rows: Sequence[Sequence[bytes]]) -> Edit:
    """Behind the last option that has a word to stand behind: it may end in a variable."""
    refused = EditError(NO_LINES)
    for line in reversed(document.directives):
        try:
            return insert_options(line, rows)
        except EditError as error:
            refused = error
    raise refused


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


def delete_option(line: Line) -> Edit:
    """An option and its arguments, with what divides them from the others."""
    places = [place_of(part_of(line, word)) for word in _words(line)]
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
