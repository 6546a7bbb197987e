"""The grammar, the shortcut and an independent reading of the servers' rules agree."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from redislint.conf import grammar, words

BLANK = b" \t\n\v\f\r"
ENDS_BARE = b" \t\n\r"
CONTROL = {ord("n"): 10, ord("r"): 13, ord("t"): 9, ord("b"): 8, ord("a"): 7}


def reference(line: bytes, *, lenient: bool = False) -> list[tuple[bytes, int, int, bool]] | None:
    """The servers' splitting as a state machine over bytes, written without the grammar."""
    found: list[tuple[bytes, int, int, bool]] = []
    at = 0
    while True:
        while at < len(line) and line[at] in BLANK:
            at += 1
        if at == len(line):
            return found
        start, value, quoted = at, bytearray(), False
        while at < len(line) and line[at] not in ENDS_BARE:
            quote = line[at]
            if quote not in b"\"'":
                value.append(quote)
                at += 1
                continue
            quoted = True
            at += 1
            while at < len(line) and line[at] != quote:
                rest = line[at:]
                if quote == ord('"') and re.match(rb"\\x[0-9A-Fa-f]{2}", rest):
                    value.append(int(rest[2:4], 16))
                    at += 4
                elif quote == ord('"') and rest[:1] == b"\\" and len(rest) > 1:
                    value.append(CONTROL.get(rest[1], rest[1]))
                    at += 2
                elif quote == ord("'") and rest[:2] == b"\\'":
                    value.append(ord("'"))
                    at += 2
                else:
                    value.append(line[at])
                    at += 1
            if at == len(line):
                return None
            at += 1
            if not lenient:
                if at < len(line) and line[at] not in BLANK:
                    return None
                break
        found.append((bytes(value), start, at, quoted))


NOISE = [b'"', b"'", b"\\", b"\\x4", b"\\x41", b"\\n", b"\\'", b'\\"', b" ", b"\t", b"\v", b"\f"]
NOISE += [b"\r", b"\n", b"#", b"a", b"key", b"\xff", b"\xc3\xa9", b'""', b"''", b"x"]
noisy = st.lists(st.sampled_from(NOISE), max_size=12).map(b"".join)
lines = (noisy | st.binary(max_size=24)).filter(lambda line: b"\0" not in line)


@settings(max_examples=250, deadline=None)
@given(lines)
@example(b'"a"\vb')
@example(b'a\v"b"')
@example(b'"a"b')
@example(b"'a''b'")
@example(b'"\\')
def test_grammar_reads_as_the_servers_do(line: bytes) -> None:
    assert grammar.tokens(line) == reference(line)
    assert grammar.tokens(line, lenient=True) == reference(line, lenient=True)


@settings(max_examples=600, deadline=None)
@given(lines)
@example(b'"a"\vb')
@example(b'a "b\vc" d')
@example(b'a\v""')
def test_shortcut_equals_the_grammar(line: bytes) -> None:
    strict = grammar.tokens(line)
    assert words.split_tokens(line) == strict
    assert words.split_tokens(line, lenient=True) == grammar.tokens(line, lenient=True)
    values = None if strict is None else tuple(token[0] for token in strict)
    assert words.split_values(line) == values


@settings(max_examples=250, deadline=None)
@given(lines)
def test_lenient_rules_only_add(line: bytes) -> None:
    strict = grammar.tokens(line)
    if strict is not None and not re.search(rb"[\"'][\v\f]", line):
        assert grammar.tokens(line, lenient=True) == strict


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"port 6379", [b"port", b"6379"]),
        (b"timeout\v17", [b"timeout\v17"]),
        (b"\ftimeout 17\v", [b"timeout", b"17\v"]),
        (b"timeout\r17", [b"timeout", b"17"]),
        (b'masterauth "a b"', [b"masterauth", b"a b"]),
        (b'masterauth a"b c"', [b"masterauth", b"ab c"]),
        (b'mast"erauth" x', [b"masterauth", b"x"]),
        (b'masterauth "\\r\\t\\b\\a\\n"', [b"masterauth", b"\r\t\b\a\n"]),
        (b'masterauth "\\x4a\\x4A\\x4"', [b"masterauth", b"JJx4"]),
        (b'masterauth "a\\qb\\#"', [b"masterauth", b"aqb#"]),
        (b'masterauth "a\\x00b"', [b"masterauth", b"a\0b"]),
        (b"masterauth 'a\\'b\\n'", [b"masterauth", b"a'b\\n"]),
        (b"masterauth a\\nb", [b"masterauth", b"a\\nb"]),
        (b'save ""', [b"save", b""]),
        (b"x # y", [b"x", b"#", b"y"]),
        (b"", []),
    ],
)
def test_words(line: bytes, expected: list[bytes]) -> None:
    for tokens in (grammar.tokens(line), words.split_tokens(line)):
        assert tokens is not None
        assert [token[0] for token in tokens] == expected


@pytest.mark.parametrize(
    ("line", "lenient"),
    [
        (b'"abc', None),
        (b"'abc", None),
        (b'it"s', None),
        (b'"abc\\"', None),
        (b'"abc\\', None),
        (b'"abc"d', [b"abcd"]),
        (b'"a";', [b"a;"]),
        (b"'a''b'", [b"ab"]),
        (b"don't won't", [b"dont wont"]),
    ],
)
def test_unbalanced(line: bytes, lenient: list[bytes] | None) -> None:
    assert words.split_tokens(line) is None
    assert words.split_values(line) is None
    tokens = words.split_tokens(line, lenient=True)
    assert (None if tokens is None else [token[0] for token in tokens]) == lenient
