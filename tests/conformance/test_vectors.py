"""What real servers did with configurations that the project keeps: verdict, line, values."""

from __future__ import annotations

from pathlib import Path

import pytest

from redislint import catalog
from tests.conformance import comparison
from tests.conformance.comparison import Case

CASES = comparison.own_cases()
FAMILIES = sorted({case.id.partition("/")[0] for case in CASES})
MOST_DEVIATIONS = 0.003


@pytest.mark.parametrize("family", FAMILIES)
def test_agrees_with_real_servers(family: str, tmp_path: Path) -> None:
    cases = [case for case in CASES if case.id.partition("/")[0] == family]
    _, unexpected, unneeded = comparison.judge(cases, tmp_path, comparison.deviations())
    assert not unexpected, "\n".join(map(str, unexpected[:20]))
    assert not unneeded, "deviations that are none any more"


def test_the_selection_is_broad() -> None:
    assert len(CASES) >= 700
    assert sum(len(case.results) for case in CASES) >= 1200
    for server in catalog.SERVERS:
        held = [result for case in CASES for result in case.results if server in result.servers]
        assert sum(result.accepted for result in held) > 100, server
        assert sum(not result.accepted for result in held) > 100, server


def test_deviations_are_few_and_give_reasons() -> None:
    entries = comparison.deviations()
    assert all(entry.reason and entry.servers for entry in entries)
    kept = {case.id for case in CASES}
    answers = sum(case.count for case in CASES)
    deviating = sum(len(entry.servers) for entry in entries if entry.case in kept)
    assert deviating < MOST_DEVIATIONS * answers


def test_a_wrong_answer_is_noticed(tmp_path: Path) -> None:
    """The comparison itself tells a wrong verdict, line and value."""
    wrong = (
        comparison.Result(comparison.servers("redis-7.2"), False, None, {}),
        comparison.Result(comparison.servers("redis-6.2"), True, None, {"port": "1"}),
    )
    good = Case("x/good", ("redis.conf",), {"redis.conf": b"port 7000\n"}, None, wrong)
    line = (comparison.Result(comparison.servers("redis-7.0"), False, ("redis.conf", 1), {}),)
    bad = Case("x/bad", ("redis.conf",), {"redis.conf": b"\nport x\n"}, None, line)
    count, unexpected, _ = comparison.judge([good, bad], tmp_path, [])
    assert count == 3
    assert [difference.what for difference in unexpected] == ["verdict", "value", "line"]


def test_server_ranges() -> None:
    assert comparison.servers("redis-2.8..8.6 valkey-7.2..9.1") == catalog.SERVERS
    assert list(map(str, comparison.servers("redis-7.2..8.0 valkey-8.1"))) == [
        "redis-7.2",
        "redis-7.4",
        "redis-8.0",
        "valkey-8.1",
    ]
