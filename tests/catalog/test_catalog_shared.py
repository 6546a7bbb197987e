"""The catalogue against what real servers answered, where that material is at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from redislint import catalog
from redislint.catalog import SERVERS
from redislint.model import Server

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared"


def _read(*parts: str) -> Any:
    path = SHARED.joinpath(*parts)
    if not path.is_file():
        pytest.skip(f"the measured answers ({'/'.join(parts)}) are not beside this checkout")
    return json.loads(path.read_text(encoding="utf-8"))


def _shown(server: Server, *, with_file: bool) -> dict[str, str | None]:
    """What CONFIG GET * lists by the catalogue, `dir` left out (it is the start directory)."""
    return {
        name: spec.default_with_file if with_file else spec.default
        for spec in catalog.specs(server).values()
        if spec.directive != "dir"
        for name in spec.listed
    }


@pytest.mark.parametrize("server", SERVERS, ids=str)
def test_config_get_of_a_server_without_a_file(server: Server) -> None:
    version = ".".join(map(str, server.version))
    answered = _read("data", "config-get", f"{server.engine}-{version}.json")["config"]
    answered.pop("dir")
    assert answered == _shown(server, with_file=False)


@pytest.mark.parametrize("server", SERVERS, ids=str)
def test_config_get_of_a_server_with_an_empty_file(server: Server) -> None:
    answered = _read("conformance", "defaults.json")[str(server)]
    answered.pop("dir")
    assert answered == _shown(server, with_file=True)


@pytest.mark.parametrize("server", SERVERS, ids=str)
def test_facts_are_those_that_were_measured(server: Server) -> None:
    for row in _read("data", "directives.json")["directives"]:
        facts = row["engines"].get(server.engine)
        entry = catalog.directive(row["name"])
        assert entry is not None
        spec = entry.spec(server)
        assert set(entry.aliases) == set(row["aliases"])
        known = facts is not None and _numbers(facts["since"]) <= server.version
        if known and facts["removed_in"]:
            known = server.version < _numbers(facts["removed_in"])
        assert (spec is not None) == known, row["name"]
        if spec is None:
            continue
        at = {fact: _at(values, server) for fact, values in facts.items()}
        assert list(spec.names) == at["names"]
        assert spec.type == at["type"]
        assert spec.default == at["default"]
        assert list(spec.args) == at["args"]
        assert spec.flags == set(at["flags"])
        assert spec.config_get == at["config_get"]
        assert spec.config_file == at["config_file"]
        assert spec.event_letters == at.get("event_letters")
        assert (list(spec.enum) if spec.enum else None) == at.get("enum")
        assert spec.bounds == _bounds(at.get("bounds"))


def _at(values: Any, server: Server) -> Any:
    """The value of a version map: the entry with the greatest version at or below."""
    if not isinstance(values, dict):
        return values
    keys = [key for key in values if _numbers(key) <= server.version]
    return values[max(keys, key=_numbers)] if keys else None


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def _bounds(pair: list[Any] | None) -> tuple[int | None, ...] | None:
    if pair is None or pair == [None, None]:
        return None
    return tuple(int(end, 8) if isinstance(end, str) else end for end in pair)
