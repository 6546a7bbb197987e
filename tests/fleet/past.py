"""A made-up past for the made-up fleet: a run before, what is new, what was fixed, a trend."""

from __future__ import annotations

from redislint.fleet.model import Fixed, FleetReport, Point, Run, Since, State
from tests.fleet.samples import RUN, report

BEFORE = Run(
    "20261127T031700Z-0001",
    "2026-11-27T03:17:00Z",
    "2026-11-27T03:22:10Z",
    "inventory.yaml",
    "inventory",
    "0.1.0",
)

STATES = (State.PERSISTENT, State.NEW, State.PERSISTENT, State.FLAPPING)


def report_with_past(count: int) -> FleetReport:
    """The report of a second run: every fourth finding is new, every fourth flaps."""
    bare = report(count)
    since: dict[tuple[str, str], Since] = {}
    for record in bare.records:
        for finding in record.data["findings"]:
            state = STATES[len(since) % 4]
            first = RUN.started if state is State.NEW else BEFORE.started
            looks = 1 if state is State.NEW else 2
            since[record.target, finding["fingerprint"]] = Since(first, first, looks, state)
    return bare._replace(
        since=since,
        previous=BEFORE,
        fixed=[_fixed(n) for n in range(3)],
        trend=[_point(BEFORE, 9), _point(RUN, 7)],
        notices=["the history is 2 runs old"],
    )


def _fixed(number: int) -> Fixed:
    rule, severity = (("RL401", "error"), ("RL301", "warning"), ("RL711", "info"))[number]
    return Fixed(
        f"cache-{number:05}",
        f"redis://10.0.0.{number}:6379",
        rule,
        f"name-of-{rule.lower()}",
        severity,
        f"what {rule} said",
        "2026-11-20T03:17:00Z",
        BEFORE.started,
    )


def _point(run: Run, errors: int) -> Point:
    targets = {"audited": 20, "partial": 2, "unreachable": 2}
    findings = {"error": errors, "warning": 5, "info": 1}
    return Point(run.id, run.started, targets, findings, 3, 2, 81.5, 0.75)
