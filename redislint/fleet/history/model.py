"""The nouns of the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from redislint.fleet.model import Fixed, Point, Run, Since


class Changes(NamedTuple):
    """What the history adds to a run; the fields are those of `FleetReport`.

    `notices` are lines about what is neither there nor fixed: findings that the run could not
    look at, and targets that left the inventory.
    """

    since: Mapping[tuple[str, str], Since]
    fixed: Sequence[Fixed]
    previous: Run | None
    trend: Sequence[Point]
    notices: Sequence[str]


class Told(NamedTuple):
    """One run as the history tells of it. `complete`: every target had its record."""

    run: Run
    complete: bool
    point: Point


class Look(NamedTuple):
    """One look at a target. `at` is ISO 8601 in UTC; `findings` counts by severity, waived
    ones left out."""

    run: str
    at: str
    status: str
    reason: str
    score: float | None
    coverage: float | None
    findings: Mapping[str, int]


class Known(NamedTuple):
    """A finding that the history knows. `state` is `new`, `persistent` or `flapping` while it
    is there, `fixed` when a look no longer had it, and `left` when its target left the
    inventory; `gone_at` is when either became so, "" while it is there."""

    entry: str
    target: str
    rule: str
    name: str
    severity: str
    message: str
    waived: bool
    first_seen: str
    since: str
    last_seen: str
    looks: int
    state: str
    gone_at: str


class Place(NamedTuple):
    """A target that the history knows; `looks` the newest first, `gone_at` "" while it is in
    the inventory."""

    entry: str
    target: str
    first_seen: str
    last_seen: str
    gone_at: str
    looks: Sequence[Look]
    findings: Sequence[Known]
