"""The rows of a batch: read at once, written at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    Connection,
    Select,
    Table,
    Update,
    bindparam,
    delete,
    insert,
    select,
    text,
    update,
)

from redislint.fleet.history.look import Row
from redislint.fleet.history.tables import counters, findings, fleets, looks, targets

Key = tuple[str, str]
"""An entry and the id of a target."""


class Target(NamedTuple):
    """A row of the table of targets."""

    id: int
    entry: str
    target: str
    first_seen: str
    last_seen: str
    read_at: str | None
    read_run: int | None
    gone_at: str | None
    gone_run: int | None

    def seen(self, at: str) -> Target:
        """After a record of it, whatever that says: it is in the inventory."""
        back = self.gone_at is None or self.gone_at <= at
        return self._replace(
            first_seen=min(self.first_seen, at),
            last_seen=max(self.last_seen, at),
            gone_at=None if back else self.gone_at,
            gone_run=None if back else self.gone_run,
        )


class LookRow(NamedTuple):
    """A row of the table of looks."""

    target: int
    run: int
    at: str
    status: str
    reason: str
    score: float | None
    coverage: float | None
    errors: int
    warnings: int
    infos: int


class Counted(NamedTuple):
    """A row of the table of counters."""

    target: int
    at: str
    data: str


def fleet_id(connection: Connection, name: str) -> int:
    """The key of a fleet, made where there is none. Its row is held until the transaction ends,
    so that whoever else writes about the fleet waits."""
    held = update(fleets).where(fleets.c.name == name).values(takes=fleets.c.takes + 1)
    if not connection.execute(held).rowcount:
        fresh = "INSERT INTO redislint_fleets (name, takes) VALUES (:name, 0)"
        connection.execute(text(f"{fresh} ON CONFLICT (name) DO NOTHING"), {"name": name})
        connection.execute(held)
    return int(connection.execute(select(fleets.c.id).where(fleets.c.name == name)).scalar_one())


class Rows:
    """The rows of a batch of records of one run: `read` them, change them, `write` them."""

    def __init__(self, connection: Connection, fleet: int, run: int) -> None:
        self._connection = connection
        self._fleet = fleet
        self._run = run
        self.targets: Mapping[Key, Target] = {}
        self.statuses: Mapping[int, str] = {}
        """Of the looks that this run has written down already, by target."""
        self.findings: Mapping[int, Mapping[str, Row]] = {}
        """By target and fingerprint."""
        self.places: list[Target] = []
        self.counters: list[Counted] = []
        self._looks: dict[bool, list[LookRow]] = {True: [], False: []}
        self._changed: dict[bool, list[Row]] = {True: [], False: []}

    def read(self, wanted: Mapping[Key, str]) -> None:
        """Read what is known of targets, which are made where they are new; `wanted` says
        when each was looked at."""
        found = dict(self._targets(wanted))
        missing = [
            {
                "fleet": self._fleet,
                "entry": entry,
                "target": target,
                "first_seen": at,
                "last_seen": at,
            }
            for (entry, target), at in wanted.items()
            if (entry, target) not in found
        ]
        if missing:
            self._connection.execute(insert(targets), missing)
            found = dict(self._targets(wanted))
        ids = [target.id for target in found.values()]
        self.targets = found
        self.findings = self._findings(ids)
        query = select(looks.c.target, looks.c.status).where(
            looks.c.target.in_(ids), looks.c.run == self._run
        )
        self.statuses = {row.target: row.status for row in self._connection.execute(query)}

    def add_findings(self, rows: Iterable[Row]) -> None:
        for row in rows:
            known = self.findings.get(row.target, {})
            self._changed[row.fingerprint in known].append(row)

    def add_look(self, row: LookRow) -> None:
        self._looks[row.target in self.statuses].append(row)

    def write(self) -> None:
        self._update(targets, ("id",), self.places)
        self._insert(looks, self._looks[False])
        self._update(looks, ("target", "run"), self._looks[True])
        self._insert(findings, self._changed[False])
        self._update(findings, ("target", "fingerprint"), self._changed[True])
        ids = [row.target for row in self.counters]
        self._connection.execute(delete(counters).where(counters.c.target.in_(ids)))
        self._insert(counters, self.counters)

    def _targets(self, wanted: Mapping[Key, str]) -> Iterator[tuple[Key, Target]]:
        ids = {target for _, target in wanted}
        query = _columns(targets, Target._fields).where(
            targets.c.fleet == self._fleet, targets.c.target.in_(ids)
        )
        for row in map(Target._make, self._connection.execute(query)):
            if (row.entry, row.target) in wanted:
                yield (row.entry, row.target), row

    def _findings(self, ids: Iterable[int]) -> Mapping[int, Mapping[str, Row]]:
        known: dict[int, dict[str, Row]] = {}
        query = _columns(findings, Row._fields).where(findings.c.target.in_(ids))
        for row in map(Row._make, self._connection.execute(query)):
            known.setdefault(row.target, {})[row.fingerprint] = row
        return known

    def _insert(self, table: Table, rows: Sequence[Any]) -> None:
        if rows:
            self._connection.execute(insert(table), [row._asdict() for row in rows])

    def _update(self, table: Table, keys: Sequence[str], rows: Sequence[Any]) -> None:
        if rows:
            statement = _update_of(table, keys, rows[0]._fields)
            named = [dict(zip(_BOUND, row, strict=False)) for row in rows]
            self._connection.execute(statement, named)


_BOUND = [f"value_{number}" for number in range(20)]
"""Names of parameters that no column has."""


def _update_of(table: Table, keys: Sequence[str], fields: Sequence[str]) -> Update:
    bound: dict[str, BindParameter[Any]] = {
        name: bindparam(value) for name, value in zip(fields, _BOUND, strict=False)
    }
    statement = update(table).values({name: bound[name] for name in fields if name not in keys})
    return statement.where(*(table.c[name] == bound[name] for name in keys))


def _columns(table: Table, names: Iterable[str]) -> Select[Any]:
    return select(*(table.c[name] for name in names))
