"""The databases under the history: at once, killed, older, newer, not there."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from redislint.fleet.history import History, HistoryError, located, migrations, tables
from redislint.fleet.history.database import Database
from tests.conftest import ROOT
from tests.fleet.samples import RUN, Records
from tests.support import postgresql

FLEET = RUN.name


def _process(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(ROOT / "tests" / "fleet" / "taking.py"), *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def _ask(url: str, query: str) -> list[tuple]:
    with Database(url, create=False).reading() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def _sound(url: str) -> bool:
    return url.startswith("postgresql") or _ask(url, "PRAGMA integrity_check") == [("ok",)]


def test_runs_at_once_on_a_new_database_lose_nothing(database: str) -> None:
    processes = [_process(database, f"run-{n}", "700") for n in range(3)]
    outputs = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], outputs
    counts = "SELECT run, audited + partial + unreachable FROM redislint_runs ORDER BY run"
    assert _ask(database, counts) == [(f"run-{n}", 700) for n in range(3)]
    assert _ask(database, "SELECT count(*) FROM redislint_looks") == [(2100,)]
    assert _ask(database, "SELECT count(*) FROM redislint_targets") == [(700,)]
    assert _ask(database, "SELECT count(*) FROM redislint_fleets") == [(1,)]
    assert _sound(database)


def test_a_killed_take_leaves_what_was_there_and_is_repeated(database: str) -> None:
    with History.open(database, FLEET) as history:
        before = history.take(RUN._replace(id="run-1"), Records(700), complete=True)
    process = _process(database, "run-2", "700", "650")
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    process.kill()
    process.communicate()
    assert _ask(database, "SELECT run FROM redislint_runs") == [("run-1",)]
    assert _sound(database)
    with History.open(database, FLEET) as history:
        after = history.take(RUN._replace(id="run-2"), Records(700), complete=True)
    assert len(after.since) == len(before.since)
    assert after.trend[-1].new == 0


def test_a_new_database_has_the_tables_that_the_code_knows(database: str) -> None:
    History.open(database, FLEET).close()
    with Database(database, create=False).reading() as connection:
        inspector = inspect(connection)
        for table in tables.metadata.sorted_tables:
            found = {one["name"]: one for one in inspector.get_columns(table.name)}
            assert sorted(found) == sorted(table.columns.keys()), table.name
            for column in table.columns:
                assert found[column.name]["nullable"] == column.nullable, column
            indexes = {
                (tuple(one["column_names"]), bool(one["unique"]))
                for one in inspector.get_indexes(table.name)
                if not one.get("duplicates_constraint")
            }
            expected = {
                (tuple(index.columns.keys()), index.unique or False) for index in table.indexes
            }
            assert indexes == expected, table.name


STEP = ("ALTER TABLE redislint_looks ADD COLUMN seconds {float}",)


def test_an_older_schema_is_migrated_with_its_data(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "STEPS", migrations.STEPS[:1])
    with History.open(database, FLEET) as history:
        history.take(RUN._replace(id="run-1"), Records(50), complete=True)
    monkeypatch.undo()
    before = _ask(database, "SELECT * FROM redislint_findings ORDER BY target, fingerprint")
    newest = (*migrations.STEPS, STEP)
    for module in ("migrations", "store"):
        monkeypatch.setattr(f"redislint.fleet.history.{module}.STEPS", newest)
    with History.open(database, FLEET) as history:
        assert _ask(database, "SELECT version FROM redislint_schema") == [(len(newest),)]
        assert _ask(database, "SELECT DISTINCT seconds FROM redislint_looks") == [(None,)]
        query = "SELECT * FROM redislint_findings ORDER BY target, fingerprint"
        assert _ask(database, query) == before
        changes = history.take(RUN._replace(id="run-2"), Records(50), complete=True)
    assert changes.trend[-1].new == 0
    assert [point.run for point in changes.trend] == ["run-1", "run-2"]


def test_a_migration_that_fails_leaves_the_older_schema(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    History.open(database, FLEET).close()
    broken = (*migrations.STEPS, (*STEP, "ALTER TABLE redislint_nothing ADD COLUMN a TEXT"))
    for module in ("migrations", "store"):
        monkeypatch.setattr(f"redislint.fleet.history.{module}.STEPS", broken)
    with pytest.raises(HistoryError, match="redislint_nothing"):
        History.open(database, FLEET)
    monkeypatch.undo()
    assert _ask(database, "SELECT version FROM redislint_schema") == [(len(migrations.STEPS),)]
    History.open(database, FLEET).close()


def test_a_newer_schema_is_refused_in_one_line(database: str) -> None:
    History.open(database, FLEET).close()
    with Database(database, create=False).writing() as connection:
        connection.execute(text("UPDATE redislint_schema SET version = 99"))
    with pytest.raises(HistoryError) as caught:
        History.open(database, FLEET)
    known = len(migrations.STEPS)
    assert str(caught.value).endswith(
        f": is of a newer redislint: its schema is version 99, this one knows {known}"
    )


def test_only_its_owner_reads_the_file(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    with History.open(f"sqlite:///{path}", FLEET) as history:
        history.take(RUN, Records(3), complete=True)
    assert path.stat().st_mode & 0o077 == 0
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("", "sqlite:////etc/fleet/prod.history.sqlite"),
        ("old.db", "sqlite:////etc/fleet/old.db"),
        ("/var/old.db", "sqlite:////var/old.db"),
        ("sqlite:///old.db", "sqlite:////etc/fleet/old.db"),
        ("sqlite:////var/old.db", "sqlite:////var/old.db"),
        ("postgresql://db/x", "postgresql://db/x"),
    ],
)
def test_where_a_history_is(setting: str, expected: str) -> None:
    assert located(setting, "/etc/fleet/prod.yaml") == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("mysql://u:hunter2@db/x", "a history cannot be kept in 'mysql': expected a path"),
        ("sqlite://", "the URL of the history names no file: expected"),
        ("postgresql://u:hunter2@db:port/x", "the URL of the history cannot be read: expected"),
        ("hunter2", "the URL of the history cannot be read: expected"),
    ],
)
def test_a_url_that_cannot_be_used(url: str, expected: str) -> None:
    with pytest.raises(HistoryError) as caught:
        History.open(url, FLEET)
    assert str(caught.value).startswith(expected)
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_are_no_history(tmp_path: Path) -> None:
    text_file = tmp_path / "notes.txt"
    text_file.write_text("no database " * 200)
    with pytest.raises(HistoryError, match=r"notes\.txt: is no SQLite database"):
        History.open(f"sqlite:///{text_file}", FLEET)
    with pytest.raises(HistoryError, match=r"cannot make the history: no such file or directory"):
        History.open(f"sqlite:///{tmp_path / 'nowhere' / 'h.sqlite'}", FLEET)
    with pytest.raises(HistoryError, match=r"h\.sqlite: there is no history yet"):
        History.open(f"sqlite:///{tmp_path / 'h.sqlite'}", FLEET, create=False)
    assert not (tmp_path / "h.sqlite").exists()


def test_a_run_that_waits_too_long_says_why(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("redislint.fleet.history.database.WAIT", 0.2)
    with History.open(database, FLEET) as history:
        history.take(RUN, Records(3), complete=True)
        with Database(database, create=False).writing() as connection:
            connection.execute(text("UPDATE redislint_fleets SET takes = 0"))
            with pytest.raises(HistoryError, match=r"another run has been writing to it"):
                history.take(RUN._replace(id="other"), Records(3), complete=True)


def test_without_psycopg_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(HistoryError) as caught:
        History.open("postgresql://u:hunter2@db/history", FLEET)
    assert str(caught.value) == (
        "postgresql://db/history: a history in PostgreSQL needs psycopg:"
        " pip install 'redislint[postgresql]'"
    )


@pytest.mark.parametrize("change", ["password", "database", "port"])
def test_no_error_of_postgresql_shows_the_password(
    postgresql_server: postgresql.Server, change: str
) -> None:
    url = postgresql_server.database()
    wrong = {
        "password": url.replace(postgresql.IN_URL, postgresql.IN_URL + "x"),
        "database": re.sub("history_[0-9]+", postgresql.IN_URL, url),
        "port": re.sub(":[0-9]+/", ":1/", url),
    }[change]
    with pytest.raises(HistoryError) as caught:
        History.open(wrong, FLEET)
    said = str(caught.value)
    assert said.startswith("postgresql://127.0.0.1/")
    assert "\n" not in said
    assert postgresql.PASSWORD not in said.partition(": ")[2]
    assert postgresql.IN_URL not in said.partition(": ")[2]


def test_the_password_of_a_query_is_not_shown(postgresql_server: postgresql.Server) -> None:
    url = postgresql_server.database()
    moved = url.replace(f":{postgresql.IN_URL}@", "@") + f"?password={postgresql.IN_URL}"
    with History.open(moved, FLEET) as history:
        assert "password" not in history.shown
    with pytest.raises(HistoryError) as caught:
        History.open(f"{moved}&nonsense={postgresql.IN_URL}", FLEET)
    assert postgresql.PASSWORD not in str(caught.value)
