"""What the history says of findings, run by run; over SQLite and a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from redislint.fleet.history import Changes, History
from redislint.fleet.model import RECORD, Record, Run, State
from tests.fleet.samples import Records

FLEET = "nightly"


def run(number: int) -> Run:
    """Run `number` began on that day of November."""
    day = f"2026-11-{number:02}"
    return Run(f"{day}-run", f"{day}T03:00:00Z", f"{day}T03:10:00Z", "inv.yaml", FLEET, "1")


def record(
    number: int,
    found: str = "",
    *,
    entry: str = "a",
    target: str = "redis://a",
    status: str = "audited",
    unknown: Sequence[str] = (),
    waived: str = "",
    failed: int = 0,
    counters: dict[str, Any] | None = None,
) -> Record:
    """The record of a look on day `number`; each letter of `found` is a finding of a rule."""
    waiver = {"reason": "agreed", "owner": "ops", "until": "2027-01-01", "source": "file"}
    return Record.of(
        {
            "schema": RECORD,
            "entry": entry,
            "target": target,
            "status": status,
            "reason": "" if status == "audited" else "connection refused",
            "at": f"2026-11-{number:02}T03:05:00Z",
            "score": None if status == "unreachable" else 90.0,
            "coverage": None if status == "unreachable" else 0.5,
            "findings": [
                {
                    "rule": letter,
                    "name": f"rule-{letter}",
                    "severity": "error" if letter < "m" else "info",
                    "message": f"what {letter} says",
                    "fingerprint": f"{letter}0",
                    "waiver": waiver if letter in waived else None,
                }
                for letter in found
            ],
            "outcomes": {"error": failed},
            "unknown": [{"missing": "fact", "rules": list(unknown), "hint": ""}] if unknown else [],
            "counters": counters,
        }
    )


def take(
    url: str,
    number: int,
    records: Iterable[Record],
    complete: bool = True,
    rules: Sequence[str] | None = None,
) -> Changes:
    with History.open(url, FLEET) as history:
        return history.take(run(number), records, complete, rules)


def states(changes: Changes) -> dict[str, str]:
    return {key[1][0]: since.state.value for key, since in changes.since.items()}


def fixed(changes: Changes) -> list[str]:
    return [one.rule for one in changes.fixed]


def test_new_persistent_fixed(database: str) -> None:
    first = take(database, 1, [record(1, "ab")])
    assert states(first) == {"a": "new", "b": "new"}
    assert (first.previous, first.fixed, first.notices) == (None, [], ())
    second = take(database, 2, [record(2, "bc")])
    assert states(second) == {"b": "persistent", "c": "new"}
    past = second.since["redis://a", "b0"]
    assert past.first_seen == past.since == "2026-11-01T03:05:00Z"
    assert past.looks == 2
    assert second.previous == run(1)
    (gone,) = second.fixed
    assert (gone.entry, gone.target, gone.rule, gone.severity) == ("a", "redis://a", "a", "error")
    assert gone.first_seen == gone.last_seen == "2026-11-01T03:05:00Z"
    assert [(point.run, point.new, point.fixed) for point in second.trend] == [
        ("2026-11-01-run", 2, 0),
        ("2026-11-02-run", 1, 1),
    ]
    assert second.trend[-1].findings == {"error": 2, "warning": 0, "info": 0}
    assert second.trend[-1].targets == {"audited": 1, "partial": 0, "unreachable": 0}
    assert (second.trend[-1].score, second.trend[-1].coverage) == (90.0, 0.5)


def test_a_finding_that_comes_back_keeps_when_it_was_first_seen(database: str) -> None:
    take(database, 1, [record(1, "a")])
    take(database, 2, [record(2)])
    changes = take(database, 3, [record(3, "a")])
    past = changes.since["redis://a", "a0"]
    assert past.first_seen == "2026-11-01T03:05:00Z"
    assert past.since == "2026-11-03T03:05:00Z"
    assert (past.looks, past.state) == (1, State.NEW)


def test_it_flaps_when_it_comes_back_twice_within_ten_looks(database: str) -> None:
    looks = ["a", "", "a", "", "a", "a", *"aaaaaaa"]
    found = [states(take(database, day, [record(day, f)])) for day, f in enumerate(looks, 1)]
    assert [one.get("a", "-") for one in found] == [
        "new", "-", "new", "-", *["flapping"] * 6, *["persistent"] * 3,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "blind",
    [
        record(2, status="unreachable"),
        record(2, status="unreachable", target="a"),
        record(2, status="partial"),
        record(2, unknown=["a"]),
        record(2, failed=1),
    ],
    ids=["unreachable", "unreachable by name", "partial", "undecided", "failed"],
)
def test_what_could_not_be_seen_is_kept_with_its_age(database: str, blind: Record) -> None:
    take(database, 1, [record(1, "a")])
    second = take(database, 2, [blind])
    assert (fixed(second), states(second)) == ([], {})
    (notice,) = second.notices
    assert notice == (
        "1 finding of earlier runs at 1 target could not be looked at in this run and does not"
        " count as fixed; the oldest was last seen 2026-11-01T03:05:00Z"
    )
    third = take(database, 3, [record(3, "a")])
    past = third.since["redis://a", "a0"]
    assert (past.since, past.looks, past.state) == ("2026-11-01T03:05:00Z", 2, State.PERSISTENT)
    assert third.notices == ()


def test_a_rule_that_did_not_judge_fixes_nothing(database: str) -> None:
    take(database, 1, [record(1, "ab")])
    assert fixed(take(database, 2, [record(2)], rules=["b", "c"])) == ["b"]
    assert fixed(take(database, 3, [record(3)], rules=["a"])) == ["a"]


def test_waived_findings_are_neither_new_nor_fixed(database: str) -> None:
    first = take(database, 1, [record(1, "ab", waived="a")])
    assert first.trend[-1].new == 1
    assert first.trend[-1].findings["error"] == 1
    second = take(database, 2, [record(2)])
    assert fixed(second) == ["b"]


def test_a_target_that_left_the_inventory_fixes_nothing(database: str) -> None:
    other: Any = {"entry": "b", "target": "redis://b"}
    take(database, 1, [record(1, "a"), record(1, "b", **other)])
    second = take(database, 2, [record(2, "a")])
    assert second.fixed == []
    assert second.notices == (
        "1 target has left the inventory; their findings do not count as fixed: b (redis://b)",
    )
    back = take(database, 3, [record(3, "a"), record(3, "b", **other)])
    assert states(back) == {"a": "persistent", "b": "persistent"}


def test_an_interrupted_run_lets_no_target_leave(database: str) -> None:
    other: Any = {"entry": "b", "target": "redis://b"}
    take(database, 1, [record(1, "a"), record(1, "b", **other)])
    second = take(database, 2, [record(2, "a")], complete=False)
    assert (second.fixed, second.notices) == ([], ())
    third = take(database, 3, [record(3, "a"), record(3, **other)])
    assert fixed(third) == ["b"]
    assert third.previous == run(1)
    assert [point.run for point in third.trend] == ["2026-11-01-run", "2026-11-03-run"]


def test_a_seed_that_was_not_read_wholly_keeps_its_targets(database: str) -> None:
    one: Any = {"entry": "s", "target": "redis://1"}
    two: Any = {"entry": "s", "target": "redis://2"}
    take(database, 1, [record(1, "a", **one), record(1, "b", **two)])
    second = take(database, 2, [record(2, "a", **one, status="partial")])
    assert not any("left" in notice for notice in second.notices)
    third = take(database, 3, [record(3, "a", **one)])
    assert third.notices[0].endswith(": s (redis://2)")


def test_a_run_taken_again_gives_the_same(database: str) -> None:
    take(database, 1, [record(1, "abc", counters={"run_id": "x", "at": 1.0, "values": {}})])
    records = [record(2, "bd", counters={"run_id": "x", "at": 2.0, "values": {"n": 1}})]
    second = take(database, 2, records)
    assert take(database, 2, records) == second
    assert fixed(take(database, 3, [record(3, "b")])) == ["d"]


def test_a_resumed_run_is_one_run(database: str) -> None:
    records = [record(1, "a", entry=str(n), target=f"redis://{n}") for n in range(5)]
    take(database, 1, records[:2], complete=False)
    resumed = take(database, 1, records)
    assert resumed.trend[-1].new == 5
    assert len(resumed.trend) == 1
    assert len(resumed.since) == 5


def test_a_look_that_is_taken_late_changes_no_newer_one(database: str) -> None:
    take(database, 1, [record(1, "ab")])
    third = take(database, 3, [record(3, "bc")])
    second = take(database, 2, [record(2, "abd")])
    assert second.fixed == []
    assert states(second) == {"a": "persistent", "b": "persistent", "d": "new"}
    assert second.previous == run(1)
    again = take(database, 3, [record(3, "bc")])
    assert (again.since, again.fixed) == (third.since, third.fixed)
    fourth = take(database, 4, [record(4, "bc")])
    assert states(fourth) == {"b": "persistent", "c": "persistent"}
    assert fourth.previous == run(3)
    assert len(fourth.trend) == 4


def test_fleets_of_one_database_do_not_meet(database: str) -> None:
    take(database, 1, [record(1, "a")])
    with History.open(database, "other") as other:
        changes = other.take(run(2), [record(2, "a", entry="b")], complete=True)
    assert (changes.previous, states(changes)) == (None, {"a": "new"})
    assert states(take(database, 3, [record(3, "a")])) == {"a": "persistent"}


def test_counters_of_the_last_look_that_had_some(database: str) -> None:
    counted = {"run_id": "0f", "at": 1.5, "values": {"aof_delayed_fsync": 3, "evicted_keys": 0}}
    take(database, 1, [record(1, counters=counted)])
    take(database, 2, [record(2, status="unreachable")])
    with History.open(database, FLEET) as history:
        assert history.counters_of("a") == {"redis://a": counted}
        assert history.counters_of("b") == {}
    with History.open(database, "other") as history:
        assert history.counters_of("a") == {}


def test_retention_forgets_runs_and_keeps_when_findings_began(database: str) -> None:
    gone = record(1, "z", entry="b", target="redis://b")
    take(database, 1, [record(1, "a"), gone])
    take(database, 10, [record(10, "a")])
    with History.open(database, FLEET) as history:
        history.retain(5, datetime(2026, 11, 12, tzinfo=UTC))
        history.retain(0, datetime(2030, 1, 1, tzinfo=UTC))
    changes = take(database, 12, [record(12, "a")])
    assert [point.run for point in changes.trend] == ["2026-11-10-run", "2026-11-12-run"]
    assert changes.since["redis://a", "a0"].first_seen == "2026-11-01T03:05:00Z"
    with History.open(database, FLEET) as history:
        history.retain(1, datetime(2026, 11, 13, tzinfo=UTC))
    back = take(database, 14, [record(14, "a"), record(14, "z", entry="b", target="redis://b")])
    assert back.since["redis://b", "z0"].first_seen == "2026-11-14T03:05:00Z"


def test_text_that_no_database_takes_is_kept(database: str) -> None:
    odd: Any = {"entry": "\udcff\0", "target": "redis://\udcff"}
    take(database, 1, [record(1, "a", **odd)])
    changes = take(database, 2, [record(2, "a", **odd)])
    assert changes.since["redis://\udcff", "a0"].state is State.PERSISTENT


@pytest.mark.parametrize(
    "count", [1_200, pytest.param(10_000, marks=pytest.mark.slow)], ids=["some", "many"]
)
def test_many_targets(database: str, count: int) -> None:
    with History.open(database, FLEET) as history:
        history.take(run(1), Records(count), complete=True)
        changes = history.take(run(2), Records(count), complete=True)
    assert sum(changes.trend[-1].targets.values()) == count
    assert changes.trend[-1].new == 0
    assert len(changes.since) == sum(len(one.data["findings"]) for one in Records(count))
