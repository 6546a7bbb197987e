"""Any sequence of runs comes to what a simple model says, which keeps every look for ever."""

from __future__ import annotations

from itertools import count, groupby
from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from redislint.fleet.history import Changes, History
from redislint.fleet.model import Record
from tests.fleet.test_history import record, run

FLEETS = count(1)
TARGETS = (("a", "redis://a"), ("s", "redis://1"), ("s", "redis://2"))


class Look(NamedTuple):
    status: str
    found: str
    unknown: str
    waived: str


class Taken(NamedTuple):
    looks: tuple[Look | None, ...]
    complete: bool
    again: bool


LOOK = st.builds(
    Look,
    st.sampled_from(["audited"] * 4 + ["partial", "unreachable"]),
    st.sampled_from(["", "a", "b", "ab", "abc"]),
    st.sampled_from(["", "", "a", "bc"]),
    st.sampled_from(["", "", "a"]),
)
RUNS = st.lists(
    st.builds(
        Taken,
        st.tuples(*[st.none() | LOOK for _ in TARGETS]),
        st.booleans(),
        st.booleans(),
    ),
    min_size=1,
    max_size=14,
)


def records_of(day: int, taken: Taken) -> list[Record]:
    records = []
    for (entry, target), look in zip(TARGETS, taken.looks, strict=True):
        if look is not None:
            found = "" if look.status == "unreachable" else look.found
            where: Any = {"entry": entry, "target": target, "status": look.status}
            records.append(record(day, found, unknown=look.unknown, waived=look.waived, **where))
    return records


class Model:
    """Per target and rule, the looks that could see it: (day, was it there, was it waived)."""

    def __init__(self) -> None:
        self.seen: dict[tuple[str, str], list[tuple[int, bool, bool]]] = {}

    def take(self, day: int, taken: Taken) -> tuple[dict[Any, Any], list[Any], int]:
        since, fixed, new = {}, [], 0
        for (_, target), look in zip(TARGETS, taken.looks, strict=True):
            if look is None or look.status == "unreachable":
                continue
            for rule in "abc":
                past = self.seen.setdefault((target, rule), [])
                if rule in look.found:
                    past.append((day, True, rule in look.waived))
                    since[target, f"{rule}0"] = _past(past)
                    new += since[target, f"{rule}0"][3] == "new" and rule not in look.waived
                elif past and look.status == "audited" and rule not in look.unknown:
                    if past[-1][1] and not past[-1][2]:
                        fixed.append((target, rule, past[-1][0]))
                    past.append((day, False, False))
        return since, sorted(fixed), new


def _past(past: list[tuple[int, bool, bool]]) -> tuple[int, int, int, str]:
    """First day, first day of this stay, looks in this stay, state."""
    stay = len(past) - max((n for n, one in enumerate(past, 1) if not one[1]), default=0)
    recent = [there for _, there, _ in past[-10:]]
    stays = sum(there for there, _ in groupby(recent))
    state = "flapping" if stays > 2 else "persistent" if stay > 1 else "new"
    first = next(day for day, there, _ in past if there)
    return first, past[-stay][0], stay, state


def told(changes: Changes) -> tuple[dict[Any, Any], list[Any], int]:
    since = {
        key: (_day(one.first_seen), _day(one.since), one.looks, one.state.value)
        for key, one in changes.since.items()
    }
    fixed = sorted((one.target, one.rule, _day(one.last_seen)) for one in changes.fixed)
    return since, fixed, changes.trend[-1].new


def _day(text: str) -> int:
    return int(text[8:10])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(runs=RUNS)
def test_runs_come_to_what_the_model_says(database: str, runs: list[Taken]) -> None:
    model = Model()
    with History.open(database, f"fleet-{next(FLEETS)}") as history:
        for day, taken in enumerate(runs, 1):
            records = records_of(day, taken)
            changes = history.take(run(day), records, taken.complete)
            assert told(changes) == model.take(day, taken)
            if taken.again:
                assert history.take(run(day), records, taken.complete) == changes
