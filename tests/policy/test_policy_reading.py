from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redislint.policy.errors import PolicyError, Problem, quote
from redislint.policy.reading import MAX_BYTES, Reader, parse, parse_cached, read_bytes


def problems(data: bytes) -> str:
    with pytest.raises(PolicyError) as caught:
        parse(data, "p.yaml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a: [1", "p.yaml:1:6: is not valid YAML: expected ',' or ']', but got '<stream end>'"),
        (b"a:\n\tb: 1", "p.yaml:2:1: a tab cannot indent YAML: use spaces"),
        (b"a: 1\na: 2", "p.yaml:2:1: duplicate key 'a': it already stands on line 1"),
        (b"? [a]\n: 1", "p.yaml:1:3: a key must be text, not a list"),
        (b"a: !!python/object:os.system x", "p.yaml:1:4: the tag"
         " 'tag:yaml.org,2002:python/object:os.system' is not allowed: expected plain YAML"),
        (b"a: &x [*x]", "p.yaml:1:4: refers to itself"),
        (b"a: \xff", "p.yaml:1:4: is not UTF-8 text: expected a YAML file"),
        (b"\x00\x01\x02\x03", "p.yaml:1:1: has a control character that YAML does not allow"),
        (b"a: b\n---\nc: d", "p.yaml:2:1: is not valid YAML: expected one document, found another"),
        (b"a: b\nc: " + b"[" * 5000, "p.yaml:2:1: is nested too deeply"),
        (b"- " * 2000, "p.yaml: is nested too deeply"),
        (b"[a,\n" * 2000, "p.yaml: is nested too deeply"),
        (b"[" + b"a," * 60_000 + b"]", "p.yaml: has more than 50000 values"),
        (b"[" * 60 + b"]" * 60, "p.yaml:1:42: is nested too deeply"),
        (b"a: x\n" + b"#" * MAX_BYTES, "p.yaml: is larger than 2 MiB"),
        (b"a: *nowhere", "p.yaml:1:4: is not valid YAML: found undefined alias 'nowhere'"),
    ],
)  # fmt: skip
def test_what_is_no_yaml_gets_one_line(data: bytes, message: str) -> None:
    assert problems(data) == message


def test_an_alias_bomb_is_bounded() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert problems("\n".join(lines).encode()) == "p.yaml: has more than 50000 values"


def test_words_are_words_and_numbers_numbers() -> None:
    node = parse(
        b"a: yes\nb: on\nc: 1\nd: true\ne: 0o17\nf: 1.5\ng: ~\nh: 2027-01-31\ni: 0x1f", "p"
    )
    assert node is not None
    assert node.data == {
        "a": "yes", "b": "on", "c": 1, "d": True, "e": 15, "f": 1.5, "g": None,
        "h": "2027-01-31", "i": 31,
    }  # fmt: skip


def test_an_empty_file_is_nothing() -> None:
    assert parse(b"# only a comment\n", "p") is None


def test_columns_within_a_text_are_columns_of_the_file() -> None:
    node = parse(b"a: 'foo bar'\nb: foo bar\nc: >-\n  foo\n  bar", "p.yaml")
    assert node is not None
    reader = Reader("p.yaml")
    for _, value in node.value.values():
        reader.bad(value, "x", 4)
    assert [(p.line, p.column) for p in reader.problems] == [(1, 9), (2, 8), (3, 4)]


def test_a_cached_document_is_the_same_document() -> None:
    data = b"a: {b: [1, x], c: 'q'}\n3: true\n"
    first, second = parse_cached(data, "p"), parse_cached(data, "p")
    assert first == second == parse(data, "p")


def test_mistakes_are_not_cached() -> None:
    for _ in range(2):
        with pytest.raises(PolicyError):
            parse_cached(b"a: [1", "p")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    big = tmp_path / "big"
    big.write_bytes(b" " * (MAX_BYTES + 1))
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    for path, message in (
        (tmp_path, "x: is a directory, expected a file"),
        (tmp_path / "none", "x: cannot be read: No such file or directory"),
        (big, "x: is larger than 2 MiB"),
        (fifo, "x: is not a regular file"),
    ):
        with pytest.raises(PolicyError) as caught:
            read_bytes(str(path), "x")
        assert str(caught.value) == message


def test_an_unreadable_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    secret.chmod(0)
    if os.access(secret, os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(PolicyError, match="cannot be read: Permission denied"):
        read_bytes(str(secret), "x")


def test_many_problems_are_counted() -> None:
    error = PolicyError(Problem("p", n, 1, "bad") for n in range(1, 61))
    assert len(str(error).splitlines()) == 51
    assert str(error).endswith("... and 10 more problems")


def test_quoted_text_is_one_short_line() -> None:
    assert quote("a\x1b[31m\nb") == "'a\\x1b[31m\\nb'"
    assert len(quote("x" * 500)) == 62


@given(st.binary(max_size=60))
def test_any_bytes_end_in_a_document_or_a_policy_error(data: bytes) -> None:
    assert all(line.startswith("p.yaml") for line in _said(data))


@given(st.text(alphabet="ab:-[]{}&*!|>'\"%@`#,? \n\t1~", max_size=40))
def test_any_yaml_like_text_likewise(text: str) -> None:
    assert all(line.startswith("p.yaml") for line in _said(text.encode()))


def _said(data: bytes) -> list[str]:
    try:
        parse(data, "p.yaml")
    except PolicyError as error:
        return str(error).splitlines()
    return []
