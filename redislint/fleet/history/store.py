"""The history of one fleet, open."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from redislint.fleet.history import queries, tables
from redislint.fleet.history.database import Database, HistoryError
from redislint.fleet.history.migrations import STEPS, migrate, version_of
from redislint.fleet.history.model import Changes, Known, Place, Told
from redislint.fleet.history.past import instant, storable
from redislint.fleet.history.rows import fleet_id
from redislint.fleet.history.take import Taking
from redislint.fleet.model import Record, Run


class History:
    """The history of one fleet; use as a context manager.

    Several fleets may share a database, and several processes one fleet.
    """

    def __init__(self, database: Database, fleet: str) -> None:
        self._database = database
        self.fleet = storable(fleet)
        self._counters: Mapping[str, Mapping[str, str]] | None = None

    @classmethod
    def open(cls, url: str, fleet: str, create: bool = True) -> History:
        """Open the history of `fleet` (`Run.name`) at `url` (see `located`), made or migrated
        where it has to be. Raises HistoryError."""
        database = Database(url, create)
        try:
            with database.reading() as connection:
                version = version_of(connection)
            if version > len(STEPS):
                raise HistoryError(
                    f"{database.shown}: is of a newer redislint: its schema is version {version},"
                    f" this one knows {len(STEPS)}"
                )
            if version < len(STEPS):
                with database.writing() as connection:
                    migrate(connection)
        except BaseException:
            database.close()
            raise
        return cls(database, fleet)

    @property
    def shown(self) -> str:
        """How to speak of where it is kept: without credentials."""
        return self._database.shown

    def take(
        self,
        run: Run,
        records: Iterable[Record],
        complete: bool,
        rules: Collection[str] | None = None,
    ) -> Changes:
        """Write a run down and say what it changes.

        All in one transaction: a process killed meanwhile leaves what was there before. To take
        a run again (it was resumed, or nobody knows whether it was taken) changes nothing
        but what is new in it. `complete`: every target of the inventory has its record;
        otherwise none is thought to have left. `rules`: the ids of the rules that judged; what
        others found earlier stays as it is. None: all did. Raises HistoryError.
        """
        with self._database.writing() as connection:
            try:
                return Taking(connection, self.fleet, run, rules).of(run, records, complete)
            except (KeyError, ValueError) as error:
                if isinstance(error, HistoryError):
                    raise
                raise HistoryError(f"run {run.id}: {error}") from None

    def counters_of(self, entry: str) -> Mapping[str, Mapping[str, Any]]:
        """The `counters` of the newest record that has any, for each target of an entry. All are
        read at once, at the first question. Raises HistoryError."""
        if self._counters is None:
            self._counters = self._read_counters()
        found = self._counters.get(storable(entry), {})
        return {target: json.loads(data) for target, data in found.items()}

    def fleets(self) -> Sequence[str]:
        """The names of all fleets whose histories are in this database."""
        with self._database.reading() as connection:
            return queries.fleets_of(connection)

    def runs(self, limit: int = 0) -> Sequence[Told]:
        """The newest runs, the newest first; `limit` 0: all."""
        with self._database.reading() as connection:
            return queries.told_runs(connection, self.fleet, limit)

    def places(self, word: str, limit: int = 0) -> Sequence[Place]:
        """The targets of an entry, or the one with this id, with at most `limit` looks of each
        (0: all) and all their findings."""
        with self._database.reading() as connection:
            return queries.places(connection, self.fleet, storable(word), limit)

    def of_rule(self, word: str) -> Sequence[Known]:
        """All findings of a rule, by its id or its name."""
        with self._database.reading() as connection:
            return queries.of_rule(connection, self.fleet, storable(word))

    def words(self) -> Sequence[str]:
        """All that `places` and `of_rule` know."""
        with self._database.reading() as connection:
            return queries.words(connection, self.fleet)

    def retain(self, days: int, now: datetime | None = None) -> None:
        """Forget runs and looks older than `days` (0: none), and targets that left the inventory
        before then. What is known of findings stays, however old. Raises HistoryError."""
        if not days:
            return
        limit = instant(((now or datetime.now(UTC)) - timedelta(days=days)).isoformat())
        with self._database.writing() as connection:
            fleet = fleet_id(connection, self.fleet)
            old_runs = select(tables.runs.c.id).where(
                tables.runs.c.fleet == fleet, tables.runs.c.started < limit
            )
            left = select(tables.targets.c.id).where(
                tables.targets.c.fleet == fleet, tables.targets.c.gone_at < limit
            )
            connection.execute(delete(tables.looks).where(tables.looks.c.run.in_(old_runs)))
            for table in (tables.looks, tables.findings, tables.counters):
                connection.execute(delete(table).where(table.c.target.in_(left)))
            connection.execute(delete(tables.targets).where(tables.targets.c.id.in_(left)))
            connection.execute(delete(tables.runs).where(tables.runs.c.id.in_(old_runs)))

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> History:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read_counters(self) -> Mapping[str, Mapping[str, str]]:
        """Texts by entry and target: they are many, and most are read only once."""
        query = (
            select(tables.targets.c.entry, tables.targets.c.target, tables.counters.c.data)
            .join_from(
                tables.targets, tables.counters, tables.targets.c.id == tables.counters.c.target
            )
            .join(tables.fleets, tables.fleets.c.id == tables.targets.c.fleet)
            .where(tables.fleets.c.name == self.fleet)
        )
        with self._database.reading() as connection:
            found: dict[str, dict[str, str]] = {}
            for entry, target, data in connection.execute(query):
                found.setdefault(entry, {})[target] = data
            return found
