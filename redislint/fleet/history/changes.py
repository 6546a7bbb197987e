"""What a run changes: questions to the history once its records are in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, distinct, func, or_, select, update

from redislint.fleet.history.look import SEVERITIES
from redislint.fleet.history.tables import findings, fleets, looks, runs, targets
from redislint.fleet.model import Fixed, Point, Run, Status

TREND = 366
"""How many runs a trend shows: nights of a year."""

NAMED = 5
"""How many targets a notice names."""


def leave(connection: Connection, fleet: int, run: int) -> None:
    """Mark the targets that left the inventory: a complete run has no record of them.

    Where something of an entry was not read, its other targets may only not have been found:
    they stay. So do those that a run which began later has seen.
    """
    started = select(runs.c.started).where(runs.c.id == run).scalar_subquery()
    seen = select(looks.c.target).where(looks.c.run == run)
    blind = (
        select(targets.c.entry)
        .join_from(targets, looks, looks.c.target == targets.c.id)
        .where(looks.c.run == run, looks.c.status != Status.AUDITED.value)
    )
    connection.execute(
        update(targets)
        .where(
            targets.c.fleet == fleet,
            targets.c.gone_at.is_(None),
            targets.c.last_seen <= started,
            targets.c.id.not_in(seen),
            targets.c.entry.not_in(blind),
        )
        .values(gone_at=started, gone_run=run)
    )


def what_was_fixed(connection: Connection, run: int) -> Sequence[Fixed]:
    """What was there before and no longer is, the worst first; waived findings left out."""
    query = (
        select(
            targets.c.entry,
            targets.c.target,
            findings.c.rule,
            findings.c.name,
            findings.c.severity,
            findings.c.message,
            findings.c.first_seen,
            findings.c.last_seen,
        )
        .join_from(findings, targets, findings.c.target == targets.c.id)
        .where(findings.c.gone_run == run, findings.c.waived == 0)
    )
    found = map(Fixed._make, connection.execute(query))
    ranks = list(SEVERITIES)
    return sorted(found, key=lambda one: (ranks.index(one.severity), one))


def previous_run(connection: Connection, run: int) -> Run | None:
    """The run to compare with: the last complete one before, else the last one."""
    this = runs.alias()
    query = (
        select(runs, fleets.c.name)
        .join_from(runs, this, runs.c.fleet == this.c.fleet)
        .join(fleets, fleets.c.id == runs.c.fleet)
        .where(this.c.id == run, _before(runs, this))
        .order_by(runs.c.complete.desc(), runs.c.started.desc(), runs.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return None if row is None else run_of(row)


def run_of(row: Row[Any]) -> Run:
    """The run of a row of runs, with the name of its fleet."""
    return Run(row.run, row.started, row.ended, row.inventory, row.name, row.version)


def trend(connection: Connection, run: int) -> Sequence[Point]:
    """The complete runs before this one, and this one, in order of time."""
    this = runs.alias()
    query = (
        select(runs)
        .join_from(runs, this, runs.c.fleet == this.c.fleet)
        .where(
            this.c.id == run,
            or_(runs.c.id == run, and_(runs.c.complete == 1, _before(runs, this))),
        )
        .order_by(runs.c.started.desc(), runs.c.id.desc())
        .limit(TREND)
    )
    return [point_of(row) for row in connection.execute(query)][::-1]


def point_of(row: Row[Any]) -> Point:
    """The point of a row of runs."""
    return Point(
        row.run,
        row.started,
        {status.value: row._mapping[status.value] for status in Status},
        {severity: row._mapping[column] for severity, column in SEVERITIES.items()},
        row.new,
        row.fixed,
        row.score,
        row.coverage,
    )


def said(connection: Connection, fleet: int, run: int) -> Sequence[str]:
    """Lines about what is neither there nor fixed."""
    return tuple(filter(None, (_left(connection, run), _kept(connection, fleet, run))))


def _left(connection: Connection, run: int) -> str:
    query = select(targets.c.entry, targets.c.target).where(
        targets.c.gone_run == run, targets.c.read_at.is_not(None)
    )
    names = sorted(
        entry if entry == target else f"{entry} ({target})"
        for entry, target in connection.execute(query)
    )
    if not names:
        return ""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    what = "1 target has" if len(names) == 1 else f"{len(names)} targets have"
    shown = ", ".join(names[:NAMED])
    return f"{what} left the inventory; their findings do not count as fixed: {shown}{more}"


def _kept(connection: Connection, fleet: int, run: int) -> str:
    """About findings that are taken to be there still, as nothing could look."""
    started = select(runs.c.started).where(runs.c.id == run).scalar_subquery()
    query = (
        select(
            func.count(),
            func.count(distinct(findings.c.target)),
            func.min(findings.c.last_seen),
        )
        .join_from(findings, targets, findings.c.target == targets.c.id)
        .where(
            targets.c.fleet == fleet,
            targets.c.gone_at.is_(None),
            findings.c.gone_at.is_(None),
            findings.c.waived == 0,
            findings.c.last_seen < started,
        )
    )
    count, places, oldest = connection.execute(query).one()
    if not count:
        return ""
    found, does = ("1 finding", "does") if count == 1 else (f"{count} findings", "do")
    where = "1 target" if places == 1 else f"{places} targets"
    return (
        f"{found} of earlier runs at {where} could not be looked at in this run and"
        f" {does} not count as fixed; the oldest was last seen {oldest}"
    )


def _before(runs: Any, this: Any) -> Any:
    """SQL: whether one run comes before another, in time, then as they were taken."""
    return or_(
        runs.c.started < this.c.started,
        and_(runs.c.started == this.c.started, runs.c.id < this.c.id),
    )
