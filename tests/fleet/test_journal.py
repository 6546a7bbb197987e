"""The journal keeps every finished target, whatever happens to the process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redislint.fleet.journal import Head, Journal, JournalError, Records, read
from redislint.fleet.model import RECORD, Record, Status

HEAD = Head("run-1", "2026-11-28T03:17:00Z", "0" * 32)


def record(name: str) -> Record:
    data = {"schema": RECORD, "entry": name, "target": name, "status": "audited"}
    return Record(name, name, Status.AUDITED, data)


def _filled(path: Path, names: list[str]) -> bytes:
    with Journal.create(str(path), HEAD) as journal:
        for name in names:
            journal.write(name, [record(name)])
    return path.read_bytes()


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    _filled(path, ["a", "b"])
    loaded = read(str(path))
    assert loaded.head == HEAD
    assert loaded.done == {"a", "b"}
    assert [one.entry for one in Records(str(path))] == ["a", "b"]
    assert loaded.end is None
    assert path.stat().st_mode & 0o077 == 0


@given(cut=st.integers(min_value=0))
def test_a_cut_anywhere_loses_at_most_what_was_being_written(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    path = tmp_path_factory.mktemp("journal") / "run.jsonl"
    whole = _filled(path, ["a", "b", "c"])
    first = whole.index(b"\n") + 1
    kept = first + cut % (len(whole) - first + 1)
    path.write_bytes(whole[:kept])
    loaded = read(str(path))
    finished = whole[:kept].count(b"\n") - 1
    assert loaded.done == set(["a", "b", "c"][:finished])
    with Journal.resume(str(path), loaded) as journal:
        for name in ["a", "b", "c"][finished:]:
            journal.write(name, [record(name)])
        journal.end({"targets": 3})
    assert path.read_bytes().startswith(whole)
    again = read(str(path))
    assert again.done == {"a", "b", "c"}
    assert [one.entry for one in Records(str(path))] == ["a", "b", "c"]
    assert again.end is not None
    assert again.end["targets"] == 3


def test_of_an_entry_that_stands_there_twice_the_first_counts(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with Journal.create(str(path), HEAD) as journal:
        journal.write("seed", [record("a"), record("b")])
        journal.write("seed", [record("c")])
    records = Records(str(path))
    assert [one.target for one in records] == ["a", "b"]
    assert [one.target for one in records] == ["a", "b"]


def test_a_journal_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    before = _filled(path, ["a"])
    with pytest.raises(JournalError, match="exists already"):
        Journal.create(str(path), HEAD)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "is no journal"),
        (b'{"schema": "other"}\n', "is no journal"),
        (json.dumps({"schema": RECORD}).encode() + b"\n", "is no journal"),
        (b"{]\n", ":1: is damaged"),
    ],
)
def test_what_is_no_journal_is_refused(tmp_path: Path, data: bytes, expected: str) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(data)
    with pytest.raises(JournalError, match=expected):
        read(str(path))
