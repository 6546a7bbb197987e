"""Edits change what they say they change, and not one byte more."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redislint.conf import edit, grammar
from redislint.conf.document import Document, Line, join, parse
from redislint.conf.edit import EditError, apply
from redislint.conf.reading import ReadError
from redislint.model import Edit, Span

values = st.binary(max_size=12) | st.sampled_from([b"", b"#x", b"a b", b'"', b"\\", b"\\x41", b"'"])
TEXT = [b"port 1", b"  Save  900 1 ", b"# c", b"\n", b"\r\n", b'dir "a b"', b'x "y', b"\f", b"\xff"]
texts = st.lists(st.sampled_from(TEXT), max_size=12).map(b"".join)


def words(document: Document) -> list[tuple[bytes, ...] | None]:
    return [line.values for line in document.directives]


@settings(max_examples=400, deadline=None)
@given(st.lists(values, min_size=1, max_size=4))
def test_every_server_reads_back_what_was_quoted(given: list[bytes]) -> None:
    text = edit.quote_words(given)
    assert b"\n" not in text
    assert not text.startswith(b"#")
    assert text == text.strip(b" \t\r\n")
    for lenient in (False, True):
        tokens = grammar.tokens(text, lenient=lenient)
        assert tokens is not None
        assert [token[0] for token in tokens] == given


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"yes", b"yes"),
        (b"", b'""'),
        (b"a b", b'"a b"'),
        (b"C:\\dir", b"C:\\dir"),
        (b"a\\ b", b'"a\\\\ b"'),
        (b'say "x"', b'"say \\"x\\""'),
        (b"it's", b'"it\'s"'),
        (b"#1", b'"#1"'),
        (b"a#1", b"a#1"),
        (b"\n\x01", b'"\\n\\x01"'),
        ("é".encode(), "é".encode()),
    ],
)
def test_quote(value: bytes, text: bytes) -> None:
    assert edit.quote(value) == text


@settings(max_examples=300, deadline=None)
@given(texts, st.integers(0, 20), st.lists(values, max_size=3))
def test_replacing_a_value_touches_nothing_else(data: bytes, at: int, new: list[bytes]) -> None:
    document = parse(data, "r.conf")
    if not document.directives:
        return
    line = document.directives[at % len(document.directives)]
    change = edit.replace_value(line, new)
    assert line.start <= change.start <= change.end <= line.end
    result = apply(document, [change])
    assert result == data[: change.start] + change.replacement + data[change.end :]
    old, found = words(document), words(parse(result))
    at = document.directives.index(line)
    name = line.values[0] if line.values else line.raw.lstrip(b"\f ").partition(b" ")[0]
    assert found == [*old[:at], (name, *new), *old[at + 1 :]]


MOVES: list[Callable[[Line], Edit]] = [
    edit.delete_line,
    lambda line: edit.insert_before(line, [b"new", b"a b"]),
    lambda line: edit.insert_after(line, [b"new", b"a b"]),
]


@settings(max_examples=300, deadline=None)
@given(texts, st.integers(0, 20), st.integers(0, 2))
def test_lines_come_and_go(data: bytes, at: int, move: int) -> None:
    document = parse(data, "r.conf")
    if not document.directives:
        return
    at %= len(document.directives)
    result = words(parse(apply(document, [MOVES[move](document.directives[at])])))
    old, new = words(document), (b"new", b"a b")
    assert (
        result
        == [
            [*old[:at], *old[at + 1 :]],
            [*old[:at], new, *old[at:]],
            [*old[: at + 1], new, *old[at + 1 :]],
        ][move]
    )


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"Port  1  \r\n# c\r\n", b"Port  7000  \r\n# c\r\n"),
        (b"port 1\n  PORT 2 3\n", b"port 1\n  PORT 7000\n"),
        (b"port\n", b"port 7000\n"),
        (b"x 1", b"x 1\nport 7000\n"),
        (b"x 1\r\n", b"x 1\r\nport 7000\r\n"),
        (b"", b"port 7000\n"),
        (b"listen-port 5\n", b"listen-port 7000\n"),
    ],
)
def test_set_directive(data: bytes, expected: bytes) -> None:
    document = parse(data)
    change = edit.set_directive(document, "port", [b"7000"], ["listen-port"])
    assert apply(document, [change]) == expected


def test_layout_of_new_lines() -> None:
    document = parse(b"a 1\r\n\tport 1\r\nlast 2")
    _, port, last = document.directives
    changes = [
        edit.insert_before(port, [b"x"]),
        edit.insert_after(port, [b"y"]),
        edit.insert_after(last, [b"z"]),
        edit.replace_word(port, (port.words or ())[1], b"a b"),
    ]
    expected = b'a 1\r\n\tx\r\n\tport "a b"\r\n\ty\r\nlast 2\r\nz'
    assert apply(document, changes) == expected
    assert apply(document, [*reversed(changes), *changes]) == expected


def test_overlaps_are_refused() -> None:
    document = parse("port 1\nport 2\n", "r.conf")
    first = document.directives[0]
    inside = edit.replace_value(first, [b"3"])
    with pytest.raises(EditError, match=r"^r.conf:1:6: two changes overlap here"):
        apply(document, [edit.delete_line(first), inside])
    with pytest.raises(EditError):
        apply(document, [inside, edit.replace_value(first, [b"4"])])
    with pytest.raises(EditError, match=r"other\.conf"):
        apply(document, [Edit("other.conf", 0, 0, b"", Span("other.conf", 1, 1, 1, 1))])
    with pytest.raises(EditError, match="outside"):
        apply(document, [Edit("r.conf", 0, 99, b"", Span("r.conf", 1, 1, 1, 1))])


def test_unbalanced_lines() -> None:
    (line,) = parse(b'  port"1 2\n', "r.conf").directives
    assert apply(line.document, [edit.replace_value(line, [b"7"])]) == b"  port 7\n"
    (line,) = parse(b'"port 1\n', "r.conf").directives
    with pytest.raises(EditError, match="no readable name"):
        edit.replace_value(line, [b"7"])


def test_texts_that_are_not_edited() -> None:
    with pytest.raises(EditError, match="NUL"):
        edit.delete_line(parse(b"po\0rt 1\n").directives[0])
    joined = join([parse("a 1\nport", "a"), parse(" 2\nb 3\n", "b")])
    with pytest.raises(EditError, match="another file"):
        edit.delete_line(joined.directives[1])
    change = edit.replace_value(joined.directives[2], [b"x"])
    assert (change.path, change.start, change.end) == ("b", 5, 6)


def test_write_file(tmp_path: Path) -> None:
    real, link = tmp_path / "real.conf", tmp_path / "redis.conf"
    real.write_bytes(b"port 1\n")
    if sys.platform != "win32":
        real.chmod(0o640)
        link.symlink_to("real.conf")
    else:
        link = real
    before = os.stat(link)
    edit.write_file(link, b"port 2\n", expected=b"port 1\n")
    after = os.stat(link)
    assert real.read_bytes() == b"port 2\n"
    assert stat.S_IMODE(after.st_mode) == stat.S_IMODE(before.st_mode)
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
    with pytest.raises(EditError, match="changed meanwhile"):
        edit.write_file(link, b"x", expected=b"port 1\n")
    with pytest.raises(ReadError):
        edit.write_file(link, b"x", expected=b"p")
    with pytest.raises(EditError, match="no such file"):
        edit.write_file(tmp_path / "no.conf", b"x")
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted({"real.conf", link.name})
