"""The text of a YAML scalar as a passage: every byte of it at its place in the file.

Literal and folded blocks with their indentation and chomping, single and double quotes
with their escapes, plain scalars over several lines. What comes out is held against the
text that the parser read; where both differ, the whole scalar is one place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from redislint.conf.passage import DOUBLE, FOLDED, LITERAL, PLAIN, SINGLE, Passage, Run, Slot
from redislint.sources.iac.nodes import Node

_PROPERTIES = re.compile(rb"(?:[!&][^\s,\[\]{}]*(?:\s+|#[^\n]*\n)+)+")
_HEADER = re.compile(rb"[|>][-+0-9]*[^\r\n]*(\r\n|\n|\r|\Z)")
_LINE = re.compile(rb"([^\r\n]*)(\r\n|\n|\r|\Z)")
_BREAK = re.compile(rb"[ \t]*(?:\r\n|\n|\r)\s*")
_ESCAPE = re.compile(
    rb"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|(?:\r\n|\n|\r)[ \t]*|.)", re.DOTALL
)
_ESCAPES = {
    b"0": "\0",
    b"a": "\a",
    b"b": "\b",
    b"t": "\t",
    b"\t": "\t",
    b"n": "\n",
    b"v": "\v",
    b"f": "\f",
    b"r": "\r",
    b"e": "\x1b",
    b"N": "\x85",
    b"_": "\xa0",
    b"L": "\u2028",
    b"P": "\u2029",
}

_KINDS = {"|": LITERAL, ">": FOLDED, "'": SINGLE, '"': DOUBLE, "": PLAIN}

_Piece = tuple[bytes, int, int]
"""Bytes of the text, and the bytes of the host that they stand for."""


def passage(node: Node) -> Passage:
    """The text of a scalar, placed. A node of another kind is a hole."""
    host = node.host
    if node.kind != "scalar":
        return Passage.hole(host, node.start, node.end)
    if node.placed is not None:
        return node.placed
    start = content_start(node)
    if node.filled:
        from redislint.sources.iac import filled

        return filled.passage(node, start)
    text = node.text.encode("utf-8", "surrogatepass")
    for pieces in _readings(node, host.data, start):
        data = b"".join([piece[0] for piece in pieces])
        if data == text or (node.style in ("|", ">") and data[: len(text)] == text):
            slot = slot_of(node)
            runs = [Run(len(one), host, first, last, slot) for one, first, last in pieces]
            at = min(start + (node.style in ("'", '"')), node.end)
            return Passage(data, runs or [Run(0, host, at, at, slot)]).cut(0, len(text))
    return Passage.instead(text, host, start, max(node.end, start))


def slot_of(node: Node) -> Slot | None:
    """What a scalar is in its host language; None for one with a tag of its own, which says
    what becomes of its text."""
    if node.tag:
        return None
    return Slot(_KINDS[node.style], content_start(node), node.end)


def content_start(node: Node) -> int:
    """Where a scalar begins behind its tag and anchor: at its quote, block header or text."""
    found = _PROPERTIES.match(node.host.data, node.start, node.end)
    return found.end() if found else node.start


def _readings(node: Node, data: bytes, start: int) -> Iterator[list[_Piece]]:
    """The text as it should come out; for a block one for each indentation it can have."""
    if node.style in ("|", ">"):
        header = _HEADER.match(data, start)
        if header is None:
            return
        for indent in _indents(data, header, node.end):
            yield list(_block(data, header.end(), node.end, indent, node.style == ">"))
    elif node.style == '"':
        yield list(_double(data, start + 1, node.end - 1))
    elif node.style == "'":
        yield list(_folded(data, start + 1, node.end - 1, quote=True))
    else:
        yield list(_folded(data, start, node.end, quote=False))


def _indents(data: bytes, header: re.Match[bytes], end: int) -> Iterator[int]:
    """How far the lines of a block are indented: as its first line, or as its header says."""
    lines = data[header.end() : end].splitlines()
    filled = [len(line) - len(line.lstrip(b" ")) for line in lines if line.strip()]
    if not filled:
        yield 0
    elif re.search(rb"[|>][-+]?[1-9]", header.group()):
        yield from range(min(filled), -1, -1)
    else:
        yield filled[0]


def _block(data: bytes, start: int, end: int, indent: int, folds: bool) -> Iterator[_Piece]:
    """The lines of a block without their indentation. Folding joins lines that begin
    without a blank; a final line end is left to the caller to cut."""
    ending: _Piece | None = None
    blank_lines: list[_Piece] = []
    was_blank = False
    at = start
    while at < end:
        match = _LINE.match(data, at)
        if match is None or match.end() == at:
            break
        stop = min(match.end(1), end)
        begin = min(at + indent, stop)
        newline = (b"\n", stop, match.end()) if match.group(2) else (b"", stop, stop)
        at = match.end()
        if begin == stop:
            blank_lines.append(newline)
            continue
        blank = data[begin : begin + 1] in (b" ", b"\t")
        if ending is not None:
            if folds and not was_blank and not blank:
                if not blank_lines:
                    yield b" ", ending[1], begin
            else:
                yield ending
        yield from blank_lines
        yield data[begin:stop], begin, stop
        ending, blank_lines, was_blank = newline, [], blank
    if ending is not None:
        yield ending
    yield from blank_lines


def _folded(data: bytes, start: int, end: int, *, quote: bool) -> Iterator[_Piece]:
    """A plain or single-quoted scalar, which may go over several lines."""
    at = start
    while at < end:
        found = _BREAK.search(data, at, end)
        stop = found.start() if found else end
        while quote and (doubled := data.find(b"''", at, stop)) >= 0:
            yield data[at:doubled], at, doubled
            yield b"'", doubled, doubled + 2
            at = doubled + 2
        yield data[at:stop], at, stop
        if found is None:
            return
        yield _fold(found), found.start(), found.end()
        at = found.end()


def _fold(found: re.Match[bytes]) -> bytes:
    """What a line end within a scalar comes to: a blank, or the empty lines after it."""
    breaks = found.group().replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n")
    return b"\n" * (breaks - 1) if breaks > 1 else b" "


def _double(data: bytes, start: int, end: int) -> Iterator[_Piece]:
    """A double-quoted scalar: escapes, and line ends that fold."""
    at = begin = start
    while at < end:
        if data[at : at + 1] == b"\\":
            match = _ESCAPE.match(data, at, end)
            length = 2 if match is None else match.end() - at
            piece = (_unescaped(data[at + 1 : at + length]), at, at + length)
        elif (found := _BREAK.match(data, at, end)) is not None:
            length = found.end() - at
            piece = (_fold(found), at, found.end())
        else:
            at += 1
            continue
        yield data[begin:at], begin, at
        yield piece
        at = begin = at + length
    yield data[begin:end], begin, end


def _unescaped(escape: bytes) -> bytes:
    """What stands for an escape, given without its backslash."""
    if escape[:1] in (b"x", b"u", b"U") and len(escape) > 1:
        return chr(int(escape[1:], 16)).encode("utf-8", "surrogatepass")
    if escape[:1] in (b"\r", b"\n"):
        return b""
    return _ESCAPES[escape].encode() if escape in _ESCAPES else escape
