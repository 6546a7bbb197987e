"""Every byte has its place, and lines are counted as the servers count them."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from redislint.conf.document import NO_PATH, PIECE, Document, decode, join, parse
from redislint.model import Span

FRAGMENTS = [
    b"\0",
    b"\n",
    b"\r",
    b"\r\n",
    b" ",
    b"\t",
    b"\f",
    b"#",
    b"# c",
    b"port 1",
    b'"',
    b"'a b'",
]
FRAGMENTS += [b"\xef\xbb\xbf", b"\xff", b"\xc3\xa9", b"x" * 1020, b"\xe2\x82"]
texts = st.lists(st.sampled_from(FRAGMENTS), max_size=25).map(b"".join) | st.binary(max_size=60)


def assembled(data: bytes) -> bytes:
    """What a server has in memory after reading a file piece by piece as C strings."""
    out, at = b"", 0
    while at < len(data):
        newline = data.find(b"\n", at, at + PIECE)
        end = newline + 1 if newline >= 0 else at + PIECE
        out += data[at:end].partition(b"\0")[0]
        at = end
    return out


def server_lines(text: bytes) -> list[tuple[int, bytes]]:
    trimmed = [(n, line.strip(b" \t\r\n")) for n, line in enumerate(text.split(b"\n"), 1)]
    return [(n, t) for n, t in trimmed if t and not t.startswith(b"#") and not t.isspace()]


@settings(max_examples=250, deadline=None)
@given(texts)
@example(b"")
@example(b"a\0" + b"b" * 2000 + b"\nc")
@example(b"\0\nx")
def test_round_trip_and_lines(data: bytes) -> None:
    document = parse(data)
    assert bytes(document) == data
    assert [(d.number, d.raw) for d in document.directives] == server_lines(assembled(data))
    for line in document.directives:
        assert data[line.start : line.end].replace(b"\0", b"")[:1] == line.raw[:1]
        assert line.source_line == data.count(b"\n", 0, line.start) + 1
        words = line.words
        assert (words is None) == (line.values is None)
        assert words is None or tuple(w.value for w in words) == line.values
        for word in line.lenient_words or ():
            assert line.start <= word.start < word.end <= line.end
            if not word.quoted and b"\0" not in data:
                assert data[word.start : word.end] == word.value


@settings(max_examples=150, deadline=None)
@given(st.lists(texts, min_size=2, max_size=4))
def test_join_reads_files_as_one_text(pieces: list[bytes]) -> None:
    joined = join([parse(piece, f"{n}.conf") for n, piece in enumerate(pieces)])
    assert bytes(joined) == b"".join(pieces)
    text = b"".join([assembled(piece) for piece in pieces])
    assert [(d.number, d.raw) for d in joined.directives] == server_lines(text)
    for line in joined.directives:
        span = line.span()
        part = pieces[int(span.path[0])]
        assert span.line == line.source_line <= part.count(b"\n") + 1
        assert line.raw[:1] in part.split(b"\n")[span.line - 1]


@settings(max_examples=150, deadline=None)
@given(texts, st.integers(0, 80), st.integers(0, 80))
def test_spans_count_code_points(data: bytes, one: int, other: int) -> None:
    start, end = sorted((min(one, len(data)), min(other, len(data))))
    span = parse(data, "f").span(start, end)
    for offset, line, column in (
        (start, span.line, span.column),
        (end, span.end_line, span.end_column),
    ):
        before = data[:offset].split(b"\n")
        assert line == len(before)
        assert column == len(before[-1].decode("utf-8", "surrogateescape")) + 1


@given(st.text(st.characters(exclude_categories=[]), max_size=30))
def test_str_input(text: str) -> None:
    document = parse(text)
    if not any("\ud800" <= c <= "\udfff" for c in text):
        assert bytes(document) == text.encode()


def places(document: Document) -> list[tuple[int, int, bytes]]:
    return [(d.number, d.source_line, d.raw) for d in document.directives]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"port 1\r\n\r\n# c\r\ntimeout 2\r\n", [(1, 1, b"port 1"), (4, 4, b"timeout 2")]),
        (b"# old mac\rport 1\r", []),
        (b"\rport 1", [(1, 1, b"port 1")]),
        (b"\xef\xbb\xbf# c\n", [(1, 1, b"\xef\xbb\xbf# c")]),
        (b"\f\nport 1\n\v \f\n", [(2, 2, b"port 1")]),
        (b"a\0zz\nport 1\nb", [(1, 1, b"aport 1"), (2, 3, b"b")]),
        (b"#\0\nport 1\nb", [(2, 3, b"b")]),
        (b"\0\n\0\nport 1", [(1, 3, b"port 1")]),
        (b"x" * 1023 + b"\0y\nz\n", [(1, 1, b"x" * 1023 + b"y"), (2, 2, b"z")]),
        (b"x" * 1022 + b"\0y\nz\n", [(1, 1, b"x" * 1022), (2, 2, b"z")]),
        (b"x" * 1021 + b"\0y\nz\n", [(1, 1, b"x" * 1021 + b"z")]),
    ],
)
def test_lines_of_odd_files(data: bytes, expected: list[tuple[int, int, bytes]]) -> None:
    assert places(parse(data)) == expected


def test_places_of_a_glued_word() -> None:
    (line,) = parse(b"po\0lost\nrt  1\n", "r.conf").directives
    words = line.words
    assert words is not None
    assert [(w.value, w.start, w.end) for w in words] == [(b"port", 0, 10), (b"1", 12, 13)]
    assert line.span(words[0]) == Span("r.conf", 1, 1, 2, 3)
    assert line.span(words[1]) == Span("r.conf", 2, 5, 2, 6)


def test_spans_and_text() -> None:
    document = parse("# é\n\tmasterauth  “é”\tx\n".encode() + b"a\xff \xff\n")
    line, broken = document.directives
    assert line.words is not None
    assert broken.words is not None
    assert line.span() == Span(NO_PATH, 2, 2, 2, 19)
    assert line.span(line.words[1]) == Span(NO_PATH, 2, 14, 2, 17)
    assert line.span(line.words[1], line.words[2]) == Span(NO_PATH, 2, 14, 2, 19)
    assert broken.span(broken.words[1]) == Span(NO_PATH, 3, 4, 3, 5)
    assert document.line_text(2) == "\tmasterauth  “é”\tx"
    assert document.line_text(3) == "a\ufffd \ufffd"
    assert (document.line_text(0), document.line_text(4), document.line_text(9)) == ("", "", "")
    assert [c.raw.decode() for c in document.comments] == ["# é"]


def test_decode_keeps_columns() -> None:
    assert decode(b"\xe2\x82\xff\xc3\xa9") == "\ufffd\ufffd\ufffdé"


def test_names_are_lower_case() -> None:
    document = parse('APPENDONLY yes\n"Po"rt\n"Port" 1\n')
    assert [line.name for line in document.directives] == ["appendonly", "", "port"]
    assert document.line_count == 3


def test_a_hostile_file_takes_linear_time() -> None:
    data = b"\0" * (1 << 20) + b"\n" * (1 << 20) + b"\0x\n" * 1000
    assert bytes(parse(data)) == data
    assert parse(data).directives == ()
