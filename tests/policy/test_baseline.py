from __future__ import annotations

import json

import pytest

from redislint.model import Finding, Severity, Waiver
from redislint.policy.baseline import Baseline, BaselineRefusedError, read, updated, write
from redislint.policy.errors import PolicyError


def finding(fingerprint: str, target: str = "a.conf", waived: bool = False) -> Finding:
    return Finding(
        "RL207", "appendfsync-no", Severity.ERROR, "a message with a value", target, fingerprint,
        directives=("appendfsync",), waiver=Waiver("r") if waived else None,
    )  # fmt: skip


def made(*findings: Finding, old: Baseline | None = None, targets: str = "a.conf") -> Baseline:
    return updated(old or Baseline(), findings, targets.split(), incomplete=False)


def test_new_and_known() -> None:
    marked = made(finding("1"), finding("2")).mark([finding("2"), finding("3")])
    assert [f.baseline for f in marked] == ["known", "new"]


def test_one_entry_covers_one_finding() -> None:
    marked = made(finding("1")).mark([finding("1"), finding("1")])
    assert [f.baseline for f in marked] == ["known", "new"]


def test_what_was_mended() -> None:
    baseline = made(finding("1"), finding("2"), finding("3", "b.conf"), targets="a.conf b.conf")
    assert [e.fingerprint for e in baseline.gone([finding("1")], ["a.conf"])] == ["2"]


def test_an_update_keeps_what_was_not_audited() -> None:
    old = made(finding("1"), finding("2", "b.conf"), targets="a.conf b.conf")
    new = made(finding("3"), old=old)
    assert [(e.target, e.fingerprint) for e in new.entries] == [("a.conf", "3"), ("b.conf", "2")]


def test_waived_findings_are_left_out() -> None:
    assert made(finding("1", waived=True)).entries == ()


def test_no_update_after_an_incomplete_run() -> None:
    with pytest.raises(BaselineRefusedError) as caught:
        updated(Baseline(), [], [], incomplete=True)
    assert str(caught.value) == (
        "the baseline was not written: the run is incomplete, and what it could not read would"
        " look mended"
    )


def test_the_file_reads_back_and_holds_no_message() -> None:
    baseline = made(finding("2"), finding("1"))
    text = write(baseline)
    assert read(text.encode(), "b.json") == baseline
    assert "message" not in text
    assert text == write(made(finding("1"), finding("2")))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"{", "b.json:1:2: is not valid JSON: Expecting property name enclosed in double quotes"),
        (b"", "b.json:1:1: is not valid JSON: Expecting value"),
        (b"\xff", "b.json: is not UTF-8 text: expected a baseline file"),
        (b"[" * 100_000, "b.json: is not valid JSON"),
        (b"[]", 'b.json: is no baseline: expected "schema": "redislint-baseline-1"'),
        (b'{"schema": "x"}', 'b.json: is no baseline: expected "schema": "redislint-baseline-1",'
         " not 'x'"),
        (b'{"schema": "redislint-baseline-1"}', 'b.json: is no baseline: expected a list under'
         ' "findings"'),
    ],
)  # fmt: skip
def test_broken_files(data: bytes, message: str) -> None:
    with pytest.raises(PolicyError) as caught:
        read(data, "b.json")
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (5, "finding 1 of the baseline is not a mapping"),
        ({"fingerprint": 5}, "finding 1 of the baseline has no text for 'fingerprint'"),
        ({"fingerprint": "f", "rule": "r", "name": "n", "target": "t", "directives": "d"},
         "finding 1 of the baseline: 'directives' must be a list of texts"),
    ],
)  # fmt: skip
def test_broken_entries(item: object, message: str) -> None:
    data = json.dumps({"schema": "redislint-baseline-1", "findings": [item]}).encode()
    with pytest.raises(PolicyError) as caught:
        read(data, "b.json")
    assert str(caught.value) == f"b.json: {message}"
