"""Taking a run into the history: its records in batches, all in one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import islice

from sqlalchemy import Connection, insert, select, update

from redislint.fleet.history.changes import leave, previous_run, said, trend, what_was_fixed
from redislint.fleet.history.look import after, found_by, late
from redislint.fleet.history.model import Changes
from redislint.fleet.history.past import instant, storable
from redislint.fleet.history.rows import Counted, Key, LookRow, Rows, Target, fleet_id
from redislint.fleet.history.tables import runs
from redislint.fleet.history.totals import COUNTS, Totals, severities_of
from redislint.fleet.model import Record, Run, Since, State, Status

BATCH = 500
"""Records whose rows are in memory at once."""


class Taking:
    """Takes one run, inside a writing transaction."""

    def __init__(
        self, connection: Connection, fleet: str, run: Run, rules: Collection[str] | None
    ) -> None:
        self._connection = connection
        self._rules = None if rules is None else frozenset(rules)
        self._fleet = fleet_id(connection, fleet)
        self._run = _run_id(connection, self._fleet, run)
        self._totals = Totals()
        self._since: dict[tuple[str, str], Since] = {}
        self._shared: dict[Since, Since] = {}

    def of(self, run: Run, records: Iterable[Record], complete: bool) -> Changes:
        """Take `records`; `complete`: a target that has none has left the inventory."""
        stream = iter(records)
        while batch := list(islice(stream, BATCH)):
            self._take({_key(record): record for record in batch})
        if complete:
            leave(self._connection, self._fleet, self._run)
        fixed = what_was_fixed(self._connection, self._run)
        self._connection.execute(
            update(runs)
            .where(runs.c.id == self._run)
            .values(
                ended=instant(run.ended) if run.ended else "",
                complete=int(complete),
                fixed=len(fixed),
                **self._totals.columns(),
            )
        )
        return Changes(
            self._since,
            fixed,
            previous_run(self._connection, self._run),
            trend(self._connection, self._run),
            said(self._connection, self._fleet, self._run) if complete else (),
        )

    def _take(self, records: Mapping[Key, Record]) -> None:
        rows = Rows(self._connection, self._fleet, self._run)
        rows.read({key: instant(record.data["at"]) for key, record in records.items()})
        for key, record in records.items():
            self._totals.add(record)
            self._look(rows, rows.targets[key], record)
        rows.write()

    def _look(self, rows: Rows, target: Target, record: Record) -> None:
        """Take one record: what it changes goes to `rows`, the past of its findings is kept."""
        at = instant(record.data["at"])
        had = rows.findings.get(target.id, {})
        found = found_by(record, target.id, at)
        status = rows.statuses.get(target.id, Status.UNREACHABLE)
        place = target.seen(at)
        if target.read_run == self._run:  # this run was taken before
            self._remember(record, {key: had[key].past for key in found if key in had})
        elif status != Status.UNREACHABLE or (target.read_at or "") > at:
            self._remember(record, {key: late(had.get(key), row) for key, row in found.items()})
        elif record.status is not Status.UNREACHABLE:
            place = place._replace(read_at=at, read_run=self._run)
            changes = list(after(had, found, self._sight(record), at, self._run))
            self._remember(
                record, {row.fingerprint: row.past for row in changes if not row.gone_at}
            )
            rows.add_findings(changes)
            if record.data["counters"] is not None:
                data = json.dumps(record.data["counters"], separators=(",", ":"))
                rows.counters.append(Counted(target.id, at, data))
        rows.places.append(place)
        if status == Status.UNREACHABLE:
            rows.add_look(_look_of(record, target.id, self._run, at))

    def _sight(self, record: Record) -> Callable[[str], bool]:
        """Whether the look of a record would have had the findings of a rule."""
        undecided = {rule for fact in record.data["unknown"] for rule in fact["rules"]}
        whole = record.status is Status.AUDITED and not record.data["outcomes"]["error"]

        def sees(rule: str) -> bool:
            judged = self._rules is None or rule in self._rules
            return judged and whole and rule not in undecided

        return sees

    def _remember(self, record: Record, past: Mapping[str, Since]) -> None:
        """Keep the past of a record's findings; equal ones share one object."""
        new = set()
        for finding in record.data["findings"]:
            key = storable(finding["fingerprint"])
            if key not in past:
                continue
            since = self._shared.setdefault(past[key], past[key])
            self._since[record.target, finding["fingerprint"]] = since
            if since.state is State.NEW and finding["waiver"] is None:
                new.add(key)
        self._totals.add_new(len(new))


def _key(record: Record) -> Key:
    return storable(record.entry), storable(record.target)


def _look_of(record: Record, target: int, run: int, at: str) -> LookRow:
    counts = severities_of(record)
    data = record.data
    return LookRow(
        target,
        run,
        at,
        record.status.value,
        storable(data["reason"]),
        data["score"],
        data["coverage"],
        counts["errors"],
        counts["warnings"],
        counts["infos"],
    )


def _run_id(connection: Connection, fleet: int, run: Run) -> int:
    """The key of a run, from an earlier time where it was taken before."""
    query = select(runs.c.id).where(runs.c.fleet == fleet, runs.c.run == run.id)
    found = connection.execute(query).scalar()
    if found is not None:
        return int(found)
    connection.execute(
        insert(runs).values(
            fleet=fleet,
            run=run.id,
            started=instant(run.started),
            ended="",
            inventory=storable(run.inventory),
            version=run.version,
            **dict.fromkeys((*map(str, COUNTS), "fixed", "complete"), 0),
        )
    )
    return int(connection.execute(query).scalar_one())
