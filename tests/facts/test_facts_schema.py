"""schemas/facts.schema.json: valid, complete, and true to what `derive` gives."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from redislint import catalog
from redislint.conf.document import parse
from redislint.conf.resolve import resolve
from redislint.facts import derive, expression_values
from redislint.facts.declared import declared_facts
from redislint.policy.vocabulary import read_facts

SOURCES = {"file", "live", "host", "cloud", "iac", "declared"}


@pytest.fixture(scope="session")
def schema_bytes(root: Path) -> bytes:
    return (root / "schemas" / "facts.schema.json").read_bytes()


@pytest.fixture(scope="session")
def schema(schema_bytes: bytes) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(schema_bytes)
    return document


def leaves(node: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, below in node["properties"].items():
        inner = f"{path}.{name}" if path else name
        if "properties" in below:
            yield from leaves(below, inner)
        else:
            yield inner, below


def nested(facts: dict[str, Any]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path, value in facts.items():
        *above, name = path.split(".")
        node = tree
        for part in above:
            node = node.setdefault(part, {})
        node[name] = "unbounded" if value == math.inf else value
    return tree


def test_it_is_a_json_schema(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)


def test_every_path_says_what_it_is_and_who_supplies_it(schema: dict[str, Any]) -> None:
    for path, leaf in leaves(schema):
        assert leaf["description"].endswith("."), path
        assert leaf["x-suppliers"], path
        assert set(leaf["x-suppliers"]) <= SOURCES, path
        if "file" not in leaf["x-suppliers"] and path.partition(".")[0] != "workload":
            always = ("tags", "target.accept", "cloud.service")
            assert leaf.get("x-supply") or path in always, f"{path}: how is it supplied?"


def test_the_policy_loader_reads_it(schema_bytes: bytes, schema: dict[str, Any]) -> None:
    assert set(read_facts(schema_bytes)) == {path for path, _ in leaves(schema)}


@pytest.mark.parametrize("server", catalog.SUPPORTED, ids=str)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "appendonly yes\nmaxmemory 8gb\nauto-aof-rewrite-percentage 0\n",
        "save 300 100\nmaxmemory 1gb\nmaxmemory-policy volatile-lru\nbind 0.0.0.0\n",
        'save ""\nreplicaof 10.0.0.1 6379\nrequirepass canary-secret\n',
    ],
)
def test_derived_facts_are_declared_and_of_the_declared_type(
    server: Any, text: str, schema: dict[str, Any], schema_bytes: bytes
) -> None:
    configuration = resolve(parse(text, "redis.conf"), server)
    config = expression_values(configuration.values())
    found = derive(
        config,
        configuration.is_set,
        server,
        known={"host.memory_total": 16 << 30, "info.connected_slaves": 0},
    )
    found.update(declared_facts({"rpo": "2s", "environment": "test"}, {}))
    declared = read_facts(schema_bytes)
    assert set(found) <= set(declared)
    facts = {path: fact.value for path, fact in found.items()}
    Draft202012Validator(schema).validate(nested({**facts, "config": config, "set": {}}))
    assert "canary-secret" not in repr(found)
    for path, fact in found.items():
        assert fact.unit == declared[path].unit, path
