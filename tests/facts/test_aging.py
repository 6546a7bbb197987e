"""Tables that age: valid, checked strictly, and what follows for a version."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from redislint.facts import aging
from redislint.model import Server
from redislint.policy.aging import check
from redislint.policy.errors import PolicyError
from redislint.policy.library import builtin_policy
from redislint.resources import read_schema, read_table


def vulnerabilities(server: str) -> dict[str, str] | None:
    found = aging.known_vulnerabilities(Server.parse(server))
    return None if found is None else {row["id"]: row["fixed"] for row in found}


def value(server: str, path: str) -> Any:
    fact = aging.server_aging(Server.parse(server)).get(path)
    return fact.value if fact else None


@pytest.mark.parametrize("name", aging.TABLES)
def test_tables_are_valid_by_schema_and_by_the_strict_reader(name: str, root: Path) -> None:
    schema = json.loads(read_schema("aging-table.schema.json"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(json.loads(read_table(name)))
    rows = check(read_table(name), f"{name}.json", name)
    assert rows == len(aging.table(name).rows) > 0


def test_the_date_of_a_table_is_that_of_its_newest_row() -> None:
    for name in aging.TABLES:
        found = aging.table(name)
        assert found.date == max(row["date"] for row in found.rows), name


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("}", ', "eol": 1}'), "p.json:6:143: unknown key 'eol' in a row"),
        (
            ('"engine"', '"engin"'),
            "p.json:6:7: unknown key 'engin' in a row: expected one of engine",
        ),
        (('"2.8"', '"two"'), "p.json:6:34: 'line': 'two' is no version"),
        (("2024-10-25", "yesterday"), "p.json:6:129: 'date' of a row: 'yesterday' is no date"),
        (("2024-10-25", "2099-01-01"), "the row is of 2099-01-01, the table of 2026-07-24"),
        (("https:", "ftp:"), "is no URL"),
        (
            ('"supported": false', '"supported": "no"'),
            "'supported' must be true or false, not 'no'",
        ),
        (('"3.0"', '"2.8"'), "p.json:7:5: redis 2.8 has a row already, in line 6"),
        (('"rows"', '"row"'), "the table has no 'rows'"),
    ],
)
def test_a_mistake_has_its_place(change: tuple[str, str], message: str) -> None:
    text = read_table("lifecycle").decode().replace(*change, 1)
    with pytest.raises(PolicyError) as caught:
        check(text.encode(), "p.json", "lifecycle")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('"CVE-2026-81934"', '"GHSA-1"'), "'id': 'GHSA-1' is no number such as CVE-2025-49844"),
        (('"6.2.24"', '"6.2"'), "'fixed': '6.2' is no patch release such as 7.2.11"),
        (('"critical"', '"grave"'), "'severity' must be one of critical, high, medium, low"),
        (('"tls"', '"tsl"'), "did you mean 'tls'?"),
    ],
)
def test_a_mistake_of_a_vulnerability(change: tuple[str, str], message: str) -> None:
    text = read_table("vulnerabilities").decode().replace(*change, 1)
    with pytest.raises(PolicyError) as caught:
        check(text.encode(), "p.json", "vulnerabilities")
    assert message in str(caught.value)


def test_a_version_is_affected_until_the_fix_of_its_line() -> None:
    before, after = vulnerabilities("redis-7.2.10"), vulnerabilities("redis-7.2.11")
    assert before is not None
    assert before["CVE-2025-49844"] == "7.2.11"
    assert after is not None
    assert "CVE-2025-49844" not in after


def test_a_line_without_a_fix_stays_affected_and_a_newer_one_never_was() -> None:
    old, new = vulnerabilities("redis-6.0.20"), vulnerabilities("redis-8.8.2")
    assert old is not None
    assert old["CVE-2025-49844"] == ""
    assert new == {}


def test_engines_have_fixes_of_their_own() -> None:
    found = vulnerabilities("valkey-8.1.3")
    assert found is not None
    assert found["CVE-2025-49844"] == "8.1.4"
    fixed = vulnerabilities("valkey-8.1.4")
    assert fixed is not None
    assert "CVE-2025-49844" not in fixed


def test_without_a_patch_release_nothing_is_said() -> None:
    assert vulnerabilities("redis-7.2") is None
    assert value("redis-7.2", "server.vulnerabilities") is None
    assert value("redis-7.2", "server.supported") is True


def test_end_of_life() -> None:
    assert value("redis-7.0.15", "server.end_of_life") == "2024-07-29"
    assert value("redis-7.0.15", "server.end_of_life_days") < 0
    assert value("redis-7.0.15", "server.supported") is False
    assert value("redis-4.0", "server.supported") is False
    assert value("redis-4.0", "server.end_of_life") is None


def test_an_unlisted_version_is_unknown() -> None:
    assert value("redis-9.9", "server.supported") is None
    assert value("redis-9.9", "server.lifecycle_date") == aging.table("lifecycle").date


def test_an_end_that_has_passed_since_the_table_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aging, "days_until", lambda _: -1)
    aging.server_aging.cache_clear()
    assert value("valkey-8.1", "server.supported") is False
    aging.server_aging.cache_clear()


def test_managed_versions() -> None:
    row = aging.managed_support("elasticache", "redis", "5.0.6")
    assert row is not None
    assert row["extended_support_end"] == "2029-01-31"
    assert aging.managed_support("elasticache", "redis", "50.1") is None
    assert aging.managed_support("memorydb", "valkey", "7.2.6") is not None


def test_rules_that_use_a_table_say_of_which_date() -> None:
    """A message about a fact that ages names the date of its table."""
    from redislint.audit.rules import tables_of

    rules = builtin_policy()
    for identity, tables in tables_of(rules.values()).items():
        told = [piece[0].refs for piece in rules[identity].message if not isinstance(piece, str)]
        for one in tables:
            assert any(f"server.{one.name}_date" in refs for refs in told), identity
