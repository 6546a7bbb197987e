"""A configuration text as the servers read it, with every byte kept in its place.

How a server finds its lines (all measured versions, Redis 2.8 to 8.6 and Valkey 7.2 to
9.1): it reads the file in pieces that end after a line feed or after 1,024 bytes and
joins them as C strings. Where a piece holds a NUL byte, the rest of that piece is lost,
its line feed included, so that two lines of the file can become one. The joined text is
split at line feeds; each line is trimmed of spaces, tabs and carriage returns; a line
that is then empty or starts with `#` says nothing. What the words of the other lines
are stands in `conf.grammar`.

So a line has two numbers: the one that the server prints (`Line.number`) and the one
that people see in the file (`Line.source_line`). They differ only where a NUL byte
glued lines together, or where several texts were joined (`join`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from redislint.conf.words import split_tokens, split_values
from redislint.model import Server, Span

if TYPE_CHECKING:
    from redislint.conf.host_comments import Remarks
    from redislint.conf.passage import Passage
    from redislint.conf.resolve import Configuration

PIECE = 1024
"""Bytes that a server reads at a time within a line (`fgets`; the same in every version)."""

NO_PATH = "<text>"
"""What a span names when the text came without a path."""

_TRIMMED = b" \t\r\n"
_DIRECTIVE = re.compile(rb"\n[ \t\r]*+([^ \t\r\n#][^\n]*)")
_COMMENT = re.compile(rb"\n[ \t\r]*+(#[^\n]*)")
_ESCAPED_BYTE = re.compile("[\ud800-\udfff]")


class Word(NamedTuple):
    """A word: its value without quotes and escapes, and its place in `Document.data`."""

    value: bytes
    start: int
    end: int
    quoted: bool


class Line:
    """A line as the server sees it; `raw` is its trimmed text, never empty."""

    __slots__ = (
        "_at",
        "_document",
        "_lenient",
        "_values",
        "_words",
        "end",
        "number",
        "raw",
        "source_line",
        "start",
    )

    _values: tuple[bytes, ...] | None
    _words: tuple[Word, ...] | None
    _lenient: tuple[Word, ...] | None

    def __init__(self, document: Document, raw: bytes, at: int, number: int) -> None:
        """`at` is the offset of `raw` in the text that the server assembled."""
        self._document = document
        self._at = at
        self.raw = raw
        self.number = number
        self.source_line = number
        self.start = at
        self.end = at + len(raw)

    def __repr__(self) -> str:
        return f"<Line {self.number} of {self._document.path or NO_PATH}>"

    @property
    def document(self) -> Document:
        return self._document

    @property
    def values(self) -> tuple[bytes, ...] | None:
        """The values of `words`; the cheap way when places are not wanted."""
        try:
            return self._values
        except AttributeError:
            self._values = split_values(self.raw)
            return self._values

    @property
    def words(self) -> tuple[Word, ...] | None:
        """The words under the strict rules; None where quotes are not balanced."""
        try:
            return self._words
        except AttributeError:
            self._words = self._placed(lenient=False)
            return self._words

    @property
    def lenient_words(self) -> tuple[Word, ...] | None:
        """The words as Valkey 9.1 reads them: text may follow a closing quote."""
        try:
            return self._lenient
        except AttributeError:
            strict = self.words
            self._lenient = self._placed(lenient=True) if strict is None else strict
            return self._lenient

    @property
    def name(self) -> str:
        """The directive's name in lower case; "" where quotes are not balanced."""
        values = self.values
        return values[0].lower().decode("utf-8", "surrogateescape") if values else ""

    def place(self, index: int) -> int:
        """The offset in `Document.data` of the byte at `index` of `raw`."""
        return self._document.place(self._at + index)

    def span(self, first: Word | None = None, last: Word | None = None) -> Span:
        """The place of the words from `first` to `last`; of the whole line without them."""
        if first is None:
            return self._document.span(self.start, self.end)
        return self._document.span(first.start, (last or first).end)

    def _placed(self, *, lenient: bool) -> tuple[Word, ...] | None:
        tokens = split_tokens(self.raw, lenient=lenient)
        if tokens is None:
            return None
        at, place = self._at, self._document.place
        return tuple(
            [
                Word(value, place(at + start), place(at + end - 1) + 1, quoted)
                for value, start, end, quoted in tokens
            ]
        )


class Document:
    """One configuration text; `bytes(document)` is what was read, byte for byte.

    `parts`: the texts that it was joined from, if it was. `glued_head`: the server read
    the first line as the end of another file's last line, at least once. `passage`: where
    the bytes of a text stand that another file embeds; spans then point into that file.
    `templated`: parts of it are not known (`conf.passage.HOLE`); `branching`: it holds
    alternatives of which a tool takes one. `origin`: what settings name as their origin.
    `foreign`: it is written in another language, so that its lines are no directives;
    `secrets` are the bytes of it (from, to) that must not be shown, `remarks` what is known of
    its comments.
    """

    __slots__ = (
        "_comments",
        "_directives",
        "_kept",
        "_line_starts",
        "_prepared",
        "_text",
        "branching",
        "data",
        "foreign",
        "glued_head",
        "origin",
        "parts",
        "passage",
        "path",
        "remarks",
        "secrets",
        "templated",
    )

    _text: bytes
    _kept: tuple[list[int], list[int]] | None
    _comments: tuple[Line, ...]
    _directives: tuple[Line, ...]
    _line_starts: list[int]
    _prepared: list[tuple[Line, str, tuple[bytes, ...] | None]]

    def __init__(self, data: bytes, path: str | None, parts: tuple[Document, ...] = ()) -> None:
        self.data = data
        self.path = path
        self.parts = parts
        self.passage: Passage | None = None
        self.origin = "file"
        self.foreign = False
        self.secrets: set[tuple[int, int]] = set()
        self.remarks: Remarks | None = None
        self.templated: bool = any(part.templated for part in parts)
        self.branching: bool = any(part.branching for part in parts)
        self.glued_head = False
        self._kept = None
        self._text = data
        if b"\0" in data:
            self._kept, self._text = _assemble(data, parts)

    def __bytes__(self) -> bytes:
        return self.data

    def __repr__(self) -> str:
        return f"<Document {self.path or NO_PATH}, {len(self.data)} bytes>"

    @property
    def directives(self) -> tuple[Line, ...]:
        """Every line that the server acts on, in order."""
        try:
            return self._directives
        except AttributeError:
            self._directives = tuple(self._lines(_DIRECTIVE))
            return self._directives

    @property
    def prepared(self) -> list[tuple[Line, str, tuple[bytes, ...] | None]]:
        """Each line of `directives` with its name in lower case and the values of its
        arguments (None where quotes are not balanced, name "" then): made once for all
        the servers that the text is held against."""
        try:
            return self._prepared
        except AttributeError:
            self._prepared = [
                (line, line.name, None if (values := line.values) is None else values[1:])
                for line in self.directives
                if line.values != ()
            ]
            return self._prepared

    @property
    def comments(self) -> tuple[Line, ...]:
        """Every comment line, in order; found only when asked for."""
        try:
            return self._comments
        except AttributeError:
            self._comments = tuple(self._lines(_COMMENT))
            return self._comments

    @property
    def line_count(self) -> int:
        """Lines of the text that the server assembled; a final line feed ends the last one."""
        text = self._text
        return text.count(b"\n") + (not text.endswith(b"\n") if text else 0)

    def _lines(self, pattern: re.Pattern[bytes]) -> Iterator[Line]:
        text = self._text
        # A line feed before the text lets one pattern find the first line as well.
        shifted = b"\n" + text
        number, counted = 0, 0
        moved = self._kept is not None or bool(self.parts) or self.passage is not None
        for match in pattern.finditer(shifted):
            start, end = match.span(1)
            raw = shifted[start:end].rstrip(_TRIMMED)
            if raw[0] in b"\v\f" and raw.isspace():
                continue
            number += shifted.count(b"\n", counted, start)
            counted = start
            line = Line(self, raw, start - 1, number)
            if moved:
                line.start = self.place(start - 1)
                line.end = self.place(start + len(raw) - 2) + 1
                part, offset = self.part(line.start)
                line.source_line = bisect_right(part._starts(), offset)
            yield line

    def place(self, offset: int) -> int:
        """The offset in `data` of an offset in the text that the server assembled."""
        if self._kept is None:
            return offset
        in_text, in_data = self._kept
        piece = bisect_right(in_text, offset) - 1
        return in_data[piece] + offset - in_text[piece]

    def span(self, start: int, end: int) -> Span:
        """Lines and columns of the bytes from `start` to `end` (excluded) of `data`."""
        part, first, last = self._extent(start, end)
        line, column = part._line_and_column(first)
        end_line, end_column = part._line_and_column(last)
        return Span(part.path or NO_PATH, line, column, end_line, end_column)

    def offset(self, line: int, column: int) -> int:
        """The byte offset of a line and column of the file: the opposite of `span`."""
        starts = self._starts()
        if line > len(starts):
            return len(self.data)
        start = starts[line - 1]
        text = self.data[start : starts[line] if line < len(starts) else len(self.data)]
        if text.isascii():
            return start + min(column - 1, len(text))
        before = text.decode("utf-8", "surrogateescape")[: column - 1]
        return start + len(before.encode("utf-8", "surrogateescape"))

    def line_text(self, number: int) -> str:
        """The text of a line of the file (`source_line`), without its line ending.

        A byte that is not valid UTF-8 is shown as one U+FFFD, so that columns hold.
        The text is not redacted: use `conf.redact` before showing it. "" beyond the end.
        """
        starts = self._starts()
        if not 1 <= number <= len(starts):
            return ""
        begin = starts[number - 1]
        stop = self.data.find(b"\n", begin)
        return decode(self.data[begin : len(self.data) if stop < 0 else stop].rstrip(b"\r"))

    def glued_text(self, offset: int) -> str | None:
        """The line that the server sees at a byte offset, where it glued several together.

        None where that line is one line of one file, with nothing lost.
        """
        if self._kept is None and not self.parts:
            return None
        for line in (*self.directives, *self.comments):
            if line.start <= offset <= line.end:
                return decode(line.raw) if line.end - line.start != len(line.raw) else None
        return None

    def resolve(self, server: Server | str, argv: Sequence[str] = (), **kw: Any) -> Configuration:
        """What that server makes of this text; see `conf.resolve.resolve`."""
        from redislint.conf.resolve import resolve

        return resolve(self, server, argv, **kw)

    @property
    def sources(self) -> tuple[Document, ...]:
        """The files that people see, which spans point into."""
        if self.passage is not None:
            return self.passage.hosts
        return tuple([source for part in self.parts for source in part.sources]) or (self,)

    def part(self, offset: int) -> tuple[Document, int]:
        """The file that holds the byte at `offset`, and the offset within it."""
        if self.passage is not None:
            return self.passage.place(offset)
        below, offset = self._below(offset)
        return (self, offset) if below is None else below.part(offset)

    def _below(self, offset: int) -> tuple[Document | None, int]:
        """The one of `parts` that holds the byte at `offset`, and the offset within it."""
        for part in self.parts:
            if offset < len(part.data):
                return part, offset
            offset -= len(part.data)
        if self.parts:
            return self.parts[-1], offset + len(self.parts[-1].data)
        return None, offset

    def _extent(self, start: int, end: int) -> tuple[Document, int, int]:
        """The file that holds the bytes from `start` to `end`, and where in it they lie."""
        if self.passage is not None:
            return self.passage.extent(start, end)
        below, first = self._below(start)
        length = max(end - start, 0)
        if below is not None:
            return below._extent(first, min(first + length, len(below.data)))
        return self, first, min(first + length, len(self.data))

    def _starts(self) -> list[int]:
        try:
            return self._line_starts
        except AttributeError:
            lengths = [len(line) + 1 for line in self.data.split(b"\n")]
            self._line_starts = [0, *accumulate(lengths[:-1])]
            return self._line_starts

    def _line_and_column(self, offset: int) -> tuple[int, int]:
        starts = self._starts()
        line = bisect_right(starts, offset)
        before = self.data[starts[line - 1] : offset]
        return line, (len(before) if before.isascii() else len(decode(before))) + 1


def parse(data: bytes | str, path: str | None = None) -> Document:
    """Read a configuration text; any content at all gives a Document.

    A `str` stands for its UTF-8 bytes; surrogates made by `surrogateescape` stand for
    the bytes that they came from, any other lone surrogate for its three-byte form.
    """
    return Document(_encode(data) if isinstance(data, str) else data, path)


def embed(passage: Passage, *, origin: str = "file", branching: bool = False) -> Document:
    """The text of a passage as a document of its own, whose spans point into its host."""
    from redislint.conf.passage import HOLE

    document = Document(passage.data, passage.runs[0].host.path)
    document.passage = passage
    document.origin = origin
    document.templated = HOLE in passage.data
    document.branching = branching
    return document


def parse_file(path: str, *, max_bytes: int | None = None) -> Document:
    """Read a configuration file; includes are not followed yet.

    Raises ReadError (`conf.reading`) where it is missing, no regular file, larger than
    `max_bytes` (default 8 MiB) or unreadable.
    """
    from redislint.conf.reading import MAX_BYTES, read_file

    return parse(read_file(path, max_bytes=MAX_BYTES if max_bytes is None else max_bytes), path)


def _encode(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def join(documents: Sequence[Document], path: str | None = None) -> Document:
    """Several texts that the server reads as one, without anything in between.

    So it does with the files that a glob in `include` matches, and with standard input
    after the main file. Lines are numbered through; spans and `source_line` are those of
    the text in which a line starts.
    """
    if len(documents) == 1:
        return documents[0]
    for before, after in pairwise(documents):
        if not before.data.endswith(b"\n"):
            after.glued_head = True
    return Document(b"".join([d.data for d in documents]), path, tuple(documents))


def decode(data: bytes) -> str:
    """UTF-8 text for people: each byte that is not valid UTF-8 becomes one U+FFFD."""
    text = data.decode("utf-8", "surrogateescape")
    return text if text.isascii() else _ESCAPED_BYTE.sub("\ufffd", text)


def _assemble(data: bytes, parts: Sequence[Document]) -> tuple[tuple[list[int], list[int]], bytes]:
    """The text that remains after NUL bytes, and where each of its stretches lies in `data`."""
    in_text: list[int] = []
    in_data: list[int] = []
    stretches: list[bytes] = []
    length = 0
    base = 0
    for part in [p.data for p in parts] or [data]:
        for start, end in kept_stretches(part):
            in_text.append(length)
            in_data.append(base + start)
            stretches.append(part[start:end])
            length += end - start
        base += len(part)
    return (in_text or [0], in_data or [0]), b"".join(stretches)


def kept_stretches(data: bytes) -> Iterator[tuple[int, int]]:
    """Stretches of one file that survive being read piecewise as C strings."""
    position = 0
    line_start = 0
    while (nul := data.find(b"\0", position)) >= 0:
        line_start = max(line_start, data.rfind(b"\n", position, nul) + 1)
        piece_start = line_start + (nul - line_start) // PIECE * PIECE
        newline = data.find(b"\n", nul, piece_start + PIECE)
        if nul > position:
            yield position, nul
        if newline >= 0:
            position = line_start = newline + 1
        else:
            position = piece_start + PIECE
    if position < len(data):
        yield position, len(data)
