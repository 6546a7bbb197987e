from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

Run = Callable[..., Any]

CONF = 'port 7000\nsave 900 1\nsave 60 100\ntimeout 5\nslave-read-only no\ntimeout 9\nsave ""\n'


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    path = tmp_path / "redis.conf"
    path.write_text(CONF)
    return path


def facts(run: Run, *args: str | Path) -> dict[str, Any]:
    outcome = run("facts", *args, "--format", "json")
    assert outcome.code == 0
    document: dict[str, Any] = json.loads(outcome.out)
    return document


def test_one_entry_for_each_place_in_file_order(run: Run, conf: Path) -> None:
    [target] = facts(run, conf, "--server", "redis-7.2")["targets"]
    found = [(s["name"], s["value"], s["effective"]) for s in target["settings"]]
    assert [name for name, _, _ in found] == [
        "port",
        "save",
        "save",
        "timeout",
        "slave-read-only",
        "timeout",
        "save",
    ]
    assert ("timeout", "5", False) in found
    assert ("timeout", "9", True) in found
    assert target["settings"][1]["location"] == {
        "path": str(conf),
        "line": 2,
        "column": 6,
        "end_line": 2,
        "end_column": 11,
    }
    assert {s["origin"] for s in target["settings"]} == {"file"}


def test_all_adds_the_defaults(run: Run, conf: Path) -> None:
    [target] = facts(run, conf, "--server", "redis-7.2", "--all")["targets"]
    values = {s["name"]: s for s in target["settings"]}
    assert values["appendfsync"]["value"] == "everysec"
    assert values["appendfsync"]["origin"] == "default"
    assert values["appendfsync"]["location"] is None
    assert len(target["settings"]) > 150


def test_the_document_is_as_its_schema_says(run: Run, root: Path, shared: Path) -> None:
    schema = json.loads((root / "schemas" / "facts-report.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    files = sorted((shared / "corpus" / "redis-conf").iterdir())[::8]
    document = facts(run, *files, "--all")
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(document)) == []
    assert len(document["targets"]) == len(files)


def test_users_of_an_acl_file_are_settings(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "users.acl"
    path.write_text("user default off\n user app on >canary ~* +@all\n")
    [target] = facts(run, path)["targets"]
    assert [s["value"] for s in target["settings"]] == [
        "default off",
        "app on >[redacted] ~* +@all",
    ]
    assert target["settings"][1]["location"]["column"] == 7


def test_text_is_aligned_and_shows_places(run: Run, conf: Path) -> None:
    outcome = run("facts", conf, "--server", "redis-7.2")
    lines = [line.split() for line in outcome.out.splitlines()]
    assert ["timeout", "5", f"{conf}:4:9,", "overridden"] in lines


def test_an_unreadable_file_is_3(run: Run, tmp_path: Path) -> None:
    outcome = run("facts", tmp_path / "gone.conf", "--format", "json")
    assert outcome.code == 3
    assert json.loads(outcome.out)["errors"][0]["message"] == "no such file"


def test_an_empty_directory_is_4(run: Run, tmp_path: Path) -> None:
    assert run("facts", tmp_path).code == 4
