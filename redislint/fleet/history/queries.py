"""Questions that people ask a history: which runs, what of a target, what of a rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from redislint.fleet.history.changes import point_of, run_of
from redislint.fleet.history.look import SEVERITIES
from redislint.fleet.history.model import Known, Look, Place, Told
from redislint.fleet.history.past import state_of
from redislint.fleet.history.tables import findings, fleets, looks, runs, targets


def fleets_of(connection: Connection) -> Sequence[str]:
    """The names of all fleets of a database."""
    return sorted(connection.execute(select(fleets.c.name)).scalars())


def told_runs(connection: Connection, fleet: str, limit: int) -> Sequence[Told]:
    """The newest runs, the newest first; `limit` 0: all."""
    query = (
        select(runs, fleets.c.name)
        .join_from(runs, fleets, runs.c.fleet == fleets.c.id)
        .where(fleets.c.name == fleet)
        .order_by(runs.c.started.desc(), runs.c.id.desc())
        .limit(limit or None)
    )
    rows = connection.execute(query)
    return [Told(run_of(row), bool(row.complete), point_of(row)) for row in rows]


def places(connection: Connection, fleet: str, word: str, limit: int) -> Sequence[Place]:
    """The targets of an entry, or the one with this id; `limit` bounds the looks of each."""
    query = (
        select(targets)
        .join_from(targets, fleets, targets.c.fleet == fleets.c.id)
        .where(fleets.c.name == fleet, or_(targets.c.entry == word, targets.c.target == word))
    )
    rows = sorted(connection.execute(query), key=lambda row: (row.entry, row.target))
    return [
        Place(
            row.entry,
            row.target,
            row.first_seen,
            row.last_seen,
            row.gone_at or "",
            list(_looks(connection, row.id, limit)),
            _known(connection, fleet, findings.c.target == row.id),
        )
        for row in rows
    ]


def of_rule(connection: Connection, fleet: str, word: str) -> Sequence[Known]:
    """The findings of a rule, by its id or its name."""
    rule = or_(
        func.lower(findings.c.rule) == word.lower(), func.lower(findings.c.name) == word.lower()
    )
    return _known(connection, fleet, rule)


def words(connection: Connection, fleet: str) -> Sequence[str]:
    """All that can be asked for: entries, targets, rules."""
    known: set[str] = set()
    for column in (targets.c.entry, targets.c.target):
        query = select(column).distinct().join(fleets, fleets.c.id == targets.c.fleet)
        known.update(connection.execute(query.where(fleets.c.name == fleet)).scalars())
    for column in (findings.c.rule, findings.c.name):
        known.update(connection.execute(_of_fleet(select(column).distinct(), fleet)).scalars())
    return sorted(known)


def _looks(connection: Connection, target: int, limit: int) -> Iterator[Look]:
    query = (
        select(looks, runs.c.run.label("name"))
        .join_from(looks, runs, looks.c.run == runs.c.id)
        .where(looks.c.target == target)
        .order_by(looks.c.at.desc(), runs.c.id.desc())
        .limit(limit or None)
    )
    for row in connection.execute(query):
        counts = {severity: row._mapping[column] for severity, column in SEVERITIES.items()}
        yield Look(row.name, row.at, row.status, row.reason, row.score, row.coverage, counts)


def _of_fleet(query: Select[Any], fleet: str) -> Select[Any]:
    return (
        query.select_from(findings)
        .join(targets, findings.c.target == targets.c.id)
        .join(fleets, targets.c.fleet == fleets.c.id)
        .where(fleets.c.name == fleet)
    )


def _known(connection: Connection, fleet: str, which: ColumnElement[bool]) -> Sequence[Known]:
    """Findings: those that are there first, the worst and oldest of them first."""
    columns = (targets.c.entry, targets.c.target.label("place"), targets.c.gone_at.label("left_at"))
    query = _of_fleet(select(findings, *columns), fleet).where(which)
    found = [_known_of(row) for row in connection.execute(query)]
    ranks = list(SEVERITIES)
    return sorted(
        found,
        key=lambda one: (one.gone_at != "", ranks.index(one.severity), one.since, one),
    )


def _known_of(row: Any) -> Known:
    if row.gone_at:
        state = "fixed"
    else:
        state = "left" if row.left_at else state_of(row.bits).value
    return Known(
        row.entry,
        row.place,
        row.rule,
        row.name,
        row.severity,
        row.message,
        bool(row.waived),
        row.first_seen,
        row.since,
        row.last_seen,
        row.looks,
        state,
        row.gone_at or row.left_at or "",
    )
