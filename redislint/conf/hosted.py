"""Writing into the text of another language: what one place of a host file may hold.

`conf.passage` tells where a text stands and how its host writes it. Here other text gets into
that place: escaped as the host's quotes want it, in quotes where plain text would read as
another type, or refused. Nothing outside of the bytes of the edit changes, so that what
stands there must keep its meaning; where that is not sure, EditError says no.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from redislint.conf.document import NO_PATH, Document, Line, Word
from redislint.conf.edit import EditError
from redislint.conf.passage import (
    DOUBLE,
    FOLDED,
    LITERAL,
    PLAIN,
    RAW,
    SINGLE,
    STRING,
    Passage,
    Slot,
)
from redislint.model import Edit

UNSAID = re.compile(rb"[\x00-\x1f\x7f]|\$|\{\{|\{[%#]|<%|%\{")
"""Bytes that no quotes of a host carry alike, and what tools would fill in."""

_WORD = re.compile(rb"[A-Za-z0-9_./+@=:,-]+")
"""A word that no shell takes apart, fills in or expands."""

_LOOKALIKE = re.compile(
    rb"|~|null|y|yes|n|no|true|false|on|off|=|<<"
    rb"|[-+]?[0-9][0-9_,]*|[-+]?0[xob][0-9a-f_]+|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
    rb"|[-+]?(?:[0-9][0-9_]*)?\.[0-9_]*(?:e[-+]?[0-9]+)?|[-+]?[0-9][0-9_]*e[-+]?[0-9]+"
    rb"|[-+]?\.inf|\.nan|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[t \t].*)?",
    re.IGNORECASE,
)
"""Plain texts of which a reader of YAML 1.1 or 1.2 makes something else than a text."""

_INTEGER = re.compile(rb"-?(?:0|[1-9][0-9]*)")
_PLAIN = re.compile(rb"(?![ #])(?:[^\x00-\x1f\x7f:#,\[\]{}]|:(?=[^\s])|(?<=[^\s])#)+(?<! )")
_PLAIN_START = re.compile(rb"[A-Za-z0-9_./+(^]|-(?=[^\s,\[\]{}])")
_FILLED_IN = re.compile(rb"\{\{|\{[%#]|<%")
_QUOTED = (SINGLE, DOUBLE, STRING)


class Place(NamedTuple):
    """Bytes `first` to `last` of a host file that stand for a piece of text, and what holds
    them. `whole`: they are all that it holds."""

    host: Document
    slot: Slot
    first: int
    last: int

    @property
    def content(self) -> tuple[int, int]:
        """The bytes of the slot without its quotes."""
        quote = 1 if self.slot.kind in _QUOTED else 0
        return self.slot.start + quote, self.slot.end - quote

    @property
    def whole(self) -> bool:
        return (self.first, self.last) == self.content

    @property
    def data(self) -> bytes:
        return self.host.data

    def edit(self, first: int, last: int, text: bytes) -> Edit:
        span = self.host.span(first, last)
        return Edit(self.host.path or NO_PATH, first, last, text, span)


def passage_of(line: Line) -> Passage:
    """The text that a line of an embedded document belongs to."""
    assert line.document.passage is not None
    return line.document.passage


def part_of(line: Line, word: Word) -> Passage:
    """The text of one word, placed."""
    return passage_of(line).cut(word.start, word.end)


def place_of(text: Passage) -> Place:
    """Where a piece of text stands, all of it in one slot and on one line. Raises EditError."""
    solid = [run for run in text.runs if run.end > run.start] or list(text.runs[:1])
    slot = solid[0].slot
    if slot is None or any(run.slot != slot or run.host is not solid[0].host for run in solid):
        raise EditError("the text stands in another file's language")
    if any(one.end != two.start for one, two in pairwise(solid)):
        raise EditError("the text stands in several pieces")
    place = Place(solid[0].host, slot, solid[0].start, solid[-1].end)
    if b"\n" in place.data[place.first : place.last]:
        raise EditError("the text stands on several lines")
    return place


def write(place: Place, text: bytes) -> Edit:
    """Put `text` in the place of what stands there, in the host's own spelling."""
    if UNSAID.search(text):
        raise EditError("the text cannot be written in another file's language")
    if place.slot.words:
        text = _as_word(place, text)
    if place.slot.kind == PLAIN:
        return _into_plain(place, text)
    if place.slot.kind in (LITERAL, FOLDED, RAW) and not text.strip():
        raise EditError("an empty text has no place there")
    return place.edit(place.first, place.last, encoded(text, place.slot.kind))


def encoded(text: bytes, kind: str) -> bytes:
    """Text as it stands within the quotes of a host, without these."""
    if kind == SINGLE:
        return text.replace(b"'", b"''")
    if kind in (DOUBLE, STRING):
        return text.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return text


def scalar(text: bytes, kind: str, host: Document) -> bytes:
    """A scalar of its own that holds `text`, written as others of this kind are."""
    if UNSAID.search(text):
        raise EditError("the text cannot be written in another file's language")
    if kind == SINGLE:
        return b"'" + encoded(text, SINGLE) + b"'"
    if kind == PLAIN and _reads_as_text(text) and not is_json(host):
        return text
    return b'"' + encoded(text, DOUBLE) + b'"'


def _as_word(place: Place, text: bytes) -> bytes:
    """Text that stays one word of the shell that reads it."""
    quoted = shell_quoted(place)
    if not text:
        if quoted:
            return text
        if place.slot.kind == SINGLE:
            raise EditError("an empty word cannot be written there")
        return b"''"
    if _WORD.fullmatch(text.replace(b" ", b"_") if quoted else text) is None:
        raise EditError("the text would not stay one word there")
    return text


def shell_quoted(place: Place) -> bool:
    """Whether quotes of the shell stand around a word."""
    begin, end = place.content
    if place.first <= begin or place.last >= end:
        return False
    data = place.data
    around = data[place.first - 1 : place.first]
    return around in (b"'", b'"') and around == data[place.last : place.last + 1]


def _into_plain(place: Place, text: bytes) -> Edit:
    """Into a scalar without quotes; into quotes with all of it where it would not read as a
    text any more."""
    begin, end = place.content
    old = place.data[begin:end]
    new = old[: place.first - begin] + text + old[place.last - begin :]
    if _INTEGER.fullmatch(old) and _INTEGER.fullmatch(new):
        return place.edit(place.first, place.last, text)
    starts = place.first > begin or _PLAIN_START.match(text) is not None
    plain = starts and _PLAIN.fullmatch(text) and not _LOOKALIKE.fullmatch(new)
    if plain and not is_json(place.host):
        return place.edit(place.first, place.last, text)
    if b"\n" in old or _FILLED_IN.search(old):
        raise EditError("the text would not read as one any more")
    return place.edit(begin, end, b'"' + encoded(new, DOUBLE) + b'"')


def _reads_as_text(text: bytes) -> bool:
    """Whether a plain scalar of that text is a text, in brackets too."""
    if _LOOKALIKE.fullmatch(text) or not _PLAIN_START.match(text):
        return False
    return _PLAIN.fullmatch(text) is not None


def is_json(host: Document) -> bool:
    """Whether a host file is JSON, where every text stands in quotes."""
    return host.data.lstrip()[:1] in (b"{", b"[")
