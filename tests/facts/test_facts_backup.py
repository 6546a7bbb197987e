"""Declared backups and drills of a recovery."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from redislint.audit import check
from redislint.audit.report import Report
from redislint.facts.backup import backup_facts
from redislint.facts.declared import DeclarationError, declared_facts
from redislint.model import OutcomeKind

TODAY = date(2027, 3, 31)
RULES = ("RL804", "RL806", "RL808", "RL809")


def values(**declared: str) -> dict[str, object]:
    given = {key.replace("_", "-"): text for key, text in declared.items()}
    return {path: fact.value for path, fact in backup_facts(given, TODAY).items()}


def test_nothing_declared_is_nothing_known() -> None:
    assert values() == {}


@pytest.mark.parametrize(
    ("place", "facts"),
    [
        ("none", {"backup.exists": False}),
        ("local", {"backup.exists": True, "backup.offsite": False}),
        ("offsite", {"backup.exists": True, "backup.offsite": True}),
    ],
)
def test_the_place_of_backups(place: str, facts: dict[str, object]) -> None:
    assert values(backup=place) == facts


def test_a_window_or_an_age_says_that_there_are_backups() -> None:
    assert values(backup_window="02:00-03:00Z") == {"backup.exists": True}
    assert values(backup_max_age="24h") == {"backup.exists": True, "backup.max_age": 86400.0}
    assert values(backup="none", backup_max_age="24h")["backup.exists"] is False


@pytest.mark.parametrize(
    ("day", "age"), [("2027-03-31", 0.0), ("2027-03-30", 86400.0), ("2027-04-02", 0.0)]
)
def test_the_age_of_a_drill(day: str, age: float) -> None:
    assert values(last_drill=day) == {"backup.drill_age": age}


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("backup", "tape", "backup is 'tape': expected none, local or offsite"),
        ("last-drill", "spring", "last-drill is 'spring': expected a date, such as 2027-01-31"),
        ("backup-max-age", "soon", "backup-max-age: 'soon' is not a duration"),
    ],
)
def test_a_wrong_declaration_is_an_error(key: str, text: str, said: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        declared_facts({key: text}, {})
    assert caught.value.key == key
    assert str(caught.value).startswith(said)


def audited(tmp_path: Path, pragma: str, project: str = "") -> Report:
    (tmp_path / "redis.conf").write_text(f"# redislint: {pragma}\nsave 3600 1\nappendonly yes\n")
    if project:
        (tmp_path / "redislint.yaml").write_text(project)
    return check([tmp_path / "redis.conf"], server="redis-7.2")


def kinds(report: Report) -> dict[str, OutcomeKind]:
    return {one.rule: one.kind for one in report.outcomes if one.rule in RULES}


def test_a_file_that_declares_nothing_of_backups(tmp_path: Path) -> None:
    report = audited(tmp_path, "workload=ledger rto=60s")
    assert kinds(report) == {
        "RL804": OutcomeKind.UNKNOWN,
        "RL806": OutcomeKind.NOT_APPLICABLE,
        "RL808": OutcomeKind.UNKNOWN,
        "RL809": OutcomeKind.FAIL,
    }
    hints = {one.rule: one.hint for one in report.outcomes}
    assert "backup=offsite" in hints["RL804"]
    assert "last-drill=" in hints["RL808"]


def test_the_file_declares_them(tmp_path: Path) -> None:
    day = (date.today() - timedelta(days=30)).isoformat()
    pragma = f"workload=ledger backup=offsite last-drill={day} rto=60s load=14s"
    assert set(kinds(audited(tmp_path, pragma)).values()) == {OutcomeKind.PASS}


def test_redislint_yaml_declares_them(tmp_path: Path) -> None:
    project = (
        "files: [{path: '**', backup: local, last-drill: 2020-01-31, load: 14s,"
        " backup-max-age: 24h}]\n"
    )
    found = kinds(audited(tmp_path, "workload=ledger rto=60s", project))
    assert found == {
        "RL804": OutcomeKind.PASS,
        "RL806": OutcomeKind.FAIL,
        "RL808": OutcomeKind.FAIL,
        "RL809": OutcomeKind.PASS,
    }


def test_data_that_may_be_lost_wants_no_backup(tmp_path: Path) -> None:
    found = kinds(audited(tmp_path, "workload=cache backup=none"))
    assert set(found.values()) == {OutcomeKind.NOT_APPLICABLE}
