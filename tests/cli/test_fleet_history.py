"""`redislint fleet` remembers its runs, and `redislint fleet history` tells of them."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.cli.conftest import Run
from tests.support import postgresql
from tests.support.real_server import running

BAD = "save 900 1\nstop-writes-on-bgsave-error no\n"
GOOD = "save 900 1\n"


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    (tmp_path / "a.conf").write_text(BAD)
    (tmp_path / "b.conf").write_text(GOOD)
    path = tmp_path / "fleet.yaml"
    path.write_text(
        "targets:\n"
        "  - {name: a, file: a.conf, server: redis-7.2}\n"
        "  - {name: b, file: b.conf, server: redis-7.2}\n"
    )
    return path


def audit(run: Run, inventory: Path, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    outcome = run(
        *("fleet", inventory, "--select", "RL212", "--quiet", "--format", "jsonl"), *arguments
    )
    return outcome.code, [json.loads(line) for line in outcome.out.splitlines()]


def asked(run: Run, root: Path, *arguments: str | Path) -> dict[str, Any]:
    outcome = run("fleet", "history", *arguments, "--format", "json")
    assert outcome.code == 0, outcome.err
    document: dict[str, Any] = json.loads(outcome.out)
    schema = json.loads((root / "schemas/fleet-history.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, schema)
    return document


def test_runs_findings_and_targets(run: Run, root: Path, inventory: Path) -> None:
    code, _ = audit(run, inventory)
    assert code == 1
    (inventory.parent / "a.conf").write_text(GOOD)
    (inventory.parent / "b.conf").write_text(BAD)
    audit(run, inventory)
    place = ("--inventory", str(inventory))

    runs = asked(run, root, *place)
    assert [(one["new"], one["fixed"]) for one in runs["runs"]] == [(1, 1), (1, 0)]
    assert runs["fleet"] == "fleet"
    rule = asked(run, root, "rl212", *place)
    assert [(one["entry"], one["state"]) for one in rule["findings"]] == [
        ("b", "new"),
        ("a", "fixed"),
    ]
    (target,) = asked(run, root, "a", *place)["targets"]
    assert [look["findings"]["warning"] for look in target["looks"]] == [0, 1]
    assert [one["state"] for one in target["findings"]] == ["fixed"]

    listed = run("fleet", "history", *place).out.splitlines()
    assert listed[0].split() == [
        *("RUN", "STARTED", "AUDITED", "PARTIAL", "UNREACHABLE", "ERRORS", "WARNINGS"),
        *("INFOS", "NEW", "FIXED", "SCORE"),
    ]
    assert listed[1].split()[2:-1] == ["2", "0", "0", "0", "1", "0", "1", "1"]
    shown = run("fleet", "history", "a", *place).out
    assert "RL212 stop-writes-on-bgsave-error-off [fixed 20" in shown
    assert "  audited, score" in shown
    first = run("fleet", "history", "RL212", *place).out.splitlines()[0]
    assert first.startswith("b (")
    assert "RL212 stop-writes-on-bgsave-error-off [new since" in first


def test_new_findings_fail_the_gate_once(run: Run, inventory: Path) -> None:
    gate = ("--fail-on", "new:warning")
    assert audit(run, inventory, *gate)[0] == 1
    assert audit(run, inventory, *gate)[0] == 0
    assert audit(run, inventory)[0] == 1


def test_what_is_not_selected_is_not_fixed(run: Run, root: Path, inventory: Path) -> None:
    audit(run, inventory)
    assert run("fleet", inventory, "--select", "RL401", "--quiet").code == 0
    place = ("--inventory", str(inventory))
    assert [one["fixed"] for one in asked(run, root, *place)["runs"]] == [0, 0]
    assert [one["state"] for one in asked(run, root, "RL212", *place)["findings"]] == ["new"]


def test_no_history(run: Run, inventory: Path) -> None:
    audit(run, inventory, "--history", "none")
    assert not list(inventory.parent.glob("*.sqlite"))
    outcome = run("fleet", "history", "--inventory", inventory)
    assert outcome.code == 2
    assert outcome.err.endswith("fleet.history.sqlite: there is no history yet\n")


def test_a_word_that_nothing_has(run: Run, inventory: Path) -> None:
    audit(run, inventory)
    outcome = run("fleet", "history", "RL222", "--inventory", inventory)
    assert outcome.code == 2
    assert outcome.err == (
        "redislint: no target or finding of a rule 'RL222' is in the history;"
        " did you mean 'RL212'?\n"
    )


def test_a_history_of_several_fleets(run: Run, root: Path, inventory: Path) -> None:
    url = str(inventory.parent / "all.sqlite")
    other = inventory.with_name("other.yaml")
    other.write_text(inventory.read_text())
    audit(run, inventory, "--history", url)
    assert asked(run, root, "--history", url)["fleet"] == "fleet"
    audit(run, other, "--history", url)
    outcome = run("fleet", "history", "--history", url)
    assert outcome.code == 2
    assert outcome.err.endswith("which of its fleets is meant: --fleet: it has fleet, other\n")
    assert asked(run, root, "--history", url, "--fleet", "other")["fleet"] == "other"
    outcome = run("fleet", "history", "--history", url, "--fleet", "othr")
    assert outcome.err.endswith("no fleet 'othr': it has fleet, other\n")


def test_a_history_that_cannot_be_opened_ends_the_run_before_it_begins(
    run: Run, inventory: Path
) -> None:
    (inventory.parent / "fleet.history.sqlite").write_text("no database " * 200)
    outcome = run("fleet", inventory)
    assert outcome.code == 2
    assert outcome.err.endswith("fleet.history.sqlite: is no SQLite database\n")
    assert not (inventory.parent / "fleet.runs").exists()


def test_a_history_that_takes_nothing_does_not_lose_the_report(run: Run, inventory: Path) -> None:
    audit(run, inventory)
    with sqlite3.connect(inventory.parent / "fleet.history.sqlite") as connection:
        connection.execute("DROP TABLE redislint_looks")
    outcome = run("fleet", inventory, "--select", "RL212")
    assert outcome.code == 3
    assert "this run is not in the history" in outcome.err
    assert "no such table" in outcome.err
    assert "RL212" in outcome.out


def test_postgresql_by_a_reference_and_its_password_is_nowhere(
    run: Run,
    root: Path,
    inventory: Path,
    postgresql_server: postgresql.Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = postgresql_server.database()
    monkeypatch.setenv("FLEET_HISTORY", url)
    inventory.write_text("history: {env: FLEET_HISTORY}\n" + inventory.read_text())
    outputs = [run("fleet", inventory, "--select", "RL212") for _ in range(2)]
    assert [one.code for one in outputs] == [1, 1]
    place = ("--inventory", str(inventory))
    assert [one["new"] for one in asked(run, root, *place)["runs"]] == [0, 1]
    monkeypatch.setenv("FLEET_HISTORY", url.replace(postgresql.IN_URL, postgresql.IN_URL + "x"))
    outputs += [run("fleet", inventory), run("fleet", "history", *place)]
    assert [one.code for one in outputs[2:]] == [2, 2]
    monkeypatch.delenv("FLEET_HISTORY")
    outputs.append(run("fleet", inventory))
    assert outputs[-1].err.endswith(
        "fleet.yaml: 'history': the environment variable FLEET_HISTORY is not set\n"
    )
    told = "".join(one.out + one.err for one in outputs)
    told += "".join(path.read_text() for path in inventory.parent.glob("fleet.runs/*"))
    assert postgresql.PASSWORD not in told
    assert postgresql.IN_URL not in told


def test_counters_of_the_last_run_give_rates(
    run: Run, root: Path, redis_server: str, tmp_path: Path
) -> None:
    with running(redis_server, tmp_path) as port:
        inventory = tmp_path / "live.yaml"
        inventory.write_text(f"targets:\n  - {{name: a, url: 'redis://127.0.0.1:{port}'}}\n")
        run("fleet", inventory, "--quiet")
        unknown = []
        for _ in range(2):
            outcome = run("fleet", inventory, "--quiet", "--profile", "strict", "--format", "jsonl")
            (record,) = [row for row in map(json.loads, outcome.out.splitlines()) if "entry" in row]
            unknown.append({fact["missing"] for fact in record["unknown"]})
    assert record["counters"]["values"]["total_commands_processed"] > 0
    assert not {name for name in unknown[1] if name.startswith("change.error")}
