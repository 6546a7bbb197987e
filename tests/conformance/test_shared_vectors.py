"""All measured vectors, where the folder that holds them lies beside the checkout."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import redislint
from redislint import catalog
from redislint.model import Server
from tests.conformance import comparison
from tests.conformance.comparison import Case, Difference, Result

VECTORS = Path(__file__).resolve().parents[2].parent / "shared" / "conformance"
MOST_DEVIATIONS = 0.003

pytestmark = pytest.mark.skipif(
    not VECTORS.is_dir(), reason="the measured vectors are not beside this checkout (../shared)"
)


def _records(name: str) -> Iterator[dict[str, Any]]:
    with open(VECTORS / name, encoding="utf-8") as file:
        yield from map(json.loads, file)


def _results(record: Mapping[str, Any], main: str | None, value_of: str = "") -> Iterator[Result]:
    for result in record["results"]:
        if result["verdict"] == "startfail" or result.get("env") or result.get("stage") == "hang":
            continue
        answers = {
            **result.get("values", {}),
            **result.get("changed", {}),
            **result.get("also", {}),
        }
        if value_of:
            answers[value_of] = result.get("value")
        line = None
        if result.get("stage") == "load" and result.get("file") != "(assembled)":
            place = result.get("file", main)
            line = (place, result["line"]) if place and "line" in result else None
        yield Result(
            tuple(map(Server.parse, result["versions"])),
            result["verdict"] == "accepted",
            line,
            {name: text for name, text in answers.items() if isinstance(text, str)},
        )


def _texts(name: str) -> Iterator[Case]:
    for record in _records(name):
        yield Case(
            record["id"],
            tuple(record["argv"]),
            {path: comparison.data(text) for path, text in record["files"].items()},
            comparison.data(record["stdin"]) if "stdin" in record else None,
            tuple(_results(record, record.get("main"))),
        )


def _values() -> Iterator[Case]:
    for record in _records("values.jsonl"):
        name = record["directive"]
        for case in record["cases"]:
            text = f"{name} {case['value']}\n".encode()
            results = _results(case, "redis.conf", name)
            yield _one_file(f"values/{name}/{case['value']}", text, tuple(results))
        if record["cases"] and record["unknown_in"]:
            unknown = tuple(map(Server.parse, record["unknown_in"]))
            refused = Result(unknown, False, None, {})
            text = f"{name} {record['cases'][0]['value']}\n".encode()
            yield _one_file(f"unknown/{name}", text, (refused,))


def _one_file(name: str, text: bytes, results: tuple[Result, ...]) -> Case:
    return Case(name, ("redis.conf",), {"redis.conf": text}, None, results)


def _cases(name: str) -> list[Case]:
    return list(_values() if name == "values.jsonl" else _texts(name))


@pytest.mark.parametrize("name", ["syntax.jsonl", "cli.jsonl", "values.jsonl"])
def test_every_vector(name: str, tmp_path: Path) -> None:
    known = comparison.deviations()
    count, unexpected, unneeded = comparison.judge(_cases(name), tmp_path, known)
    assert count > 1500
    assert not unexpected, _shown(unexpected)
    assert not unneeded, "deviations that are none any more"


def test_every_deviation_names_a_vector() -> None:
    """And together they are below the limit."""
    cases = [case for name in ("syntax", "cli", "values") for case in _cases(f"{name}.jsonl")]
    known = comparison.deviations()
    assert {entry.case for entry in known} <= {case.id for case in cases}
    answers = sum(case.count for case in cases)
    assert sum(len(entry.servers) for entry in known) < MOST_DEVIATIONS * answers


@pytest.mark.parametrize("server", catalog.SERVERS, ids=str)
def test_every_default(server: Server, tmp_path: Path) -> None:
    """An empty file: what CONFIG GET * shows, name by name."""
    answers = json.loads((VECTORS / "defaults.json").read_text(encoding="utf-8"))[str(server)]
    (tmp_path / "redis.conf").touch()
    conf = redislint.resolve_command(["redis.conf"], server, cwd=str(tmp_path))
    here = os.path.realpath(tmp_path)
    found = {name: conf.config_get(name) for name in answers}
    assert found == {name: text.replace("{{CWD}}", here) for name, text in answers.items()}


def _shown(found: list[Difference]) -> str:
    return f"{len(found)} differences\n" + "\n".join(map(str, found[:20]))
