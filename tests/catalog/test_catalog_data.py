"""schemas/directives.json: its shape, its sentences, its counts."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from typing import Any

import jsonschema
import pytest

from redislint import catalog
from redislint.catalog.servers import PATCHES, read_version
from redislint.model import Server
from redislint.resources import read_schema

DATA = json.loads(read_schema("directives.json"))
DIRECTIVES = DATA["directives"]

# server directives, spellings of them, of these without effect, sentinel directives
COUNTS = {
    "redis-2.8": (67, 67, 0, 14),
    "redis-3.0": (73, 73, 0, 14),
    "redis-3.2": (79, 79, 2, 16),
    "redis-4.0": (100, 100, 2, 16),
    "redis-5.0": (108, 121, 2, 17),
    "redis-6.0": (146, 159, 2, 18),
    "redis-6.2": (163, 176, 2, 22),
    "redis-7.0": (185, 204, 3, 23),
    "redis-7.2": (190, 209, 3, 23),
    "redis-7.4": (193, 216, 3, 23),
    "redis-8.0": (197, 220, 4, 23),
    "redis-8.6": (211, 234, 4, 23),
    "valkey-7.2": (190, 209, 3, 23),
    "valkey-8.0": (205, 230, 3, 23),
    "valkey-8.1": (219, 246, 5, 23),
    "valkey-9.1": (236, 264, 7, 23),
}

# Of what CONFIG GET * of a real server without a configuration file answered, `dir` left
# out: the first 16 digits of the SHA-256 of its sorted lines "name=value".
DIGESTS = {
    "redis-2.8": "5a635c0db2870daf",
    "redis-3.0": "366323fb2f2e4c59",
    "redis-3.2": "6251a6f50c915baa",
    "redis-4.0": "12ca44f0a5c30d53",
    "redis-5.0": "51852f5dc02e2bbc",
    "redis-6.0": "f30e557acf3f07bd",
    "redis-6.2": "a2f74a0a9457fa1e",
    "redis-7.0": "bea6ae5860ad91f2",
    "redis-7.2": "d73a3658cbb2cef6",
    "redis-7.4": "ad3ff0957200345c",
    "redis-8.0": "8b6987597d5c7248",
    "redis-8.6": "bd18c2196db0a7f3",
    "valkey-7.2": "d73a3658cbb2cef6",
    "valkey-8.0": "c416f5dc81b295ce",
    "valkey-8.1": "9d02a61660394a99",
    "valkey-9.1": "dec1f42527f50f8b",
}

SECRETS = {
    "masterauth",
    "requirepass",
    "sentinel auth-pass",
    "sentinel sentinel-pass",
    "tls-client-key-file-pass",
    "tls-key-file-pass",
    "user",
}


def test_catalogue_follows_its_schema() -> None:
    schema = json.loads(read_schema("directives.schema.json"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(DATA)


def test_one_directive_stands_on_one_line() -> None:
    lines = read_schema("directives.json").decode("ascii").splitlines()
    rows = [line for line in lines if line.startswith('{"name":')]
    assert len(rows) == len(DIRECTIVES) + len(DATA["modules"]) + len(DATA["historic"])


def test_every_directive_is_there_once() -> None:
    assert len(DIRECTIVES) == 274
    assert sum(row.get("context") == "sentinel" for row in DIRECTIVES) == 23
    assert len(DATA["modules"]) == 54
    assert len(DATA["historic"]) == 12
    names = Counter(row["name"] for row in (*DIRECTIVES, *DATA["modules"], *DATA["historic"]))
    assert names.most_common(1)[0][1] == 1


def test_no_spelling_belongs_to_two_directives() -> None:
    owners = Counter(s for d in catalog.directives() for s in (d.name, *d.aliases))
    assert [spelling for spelling, count in owners.items() if count > 1] == []


@pytest.mark.parametrize("row", DIRECTIVES, ids=lambda row: row["name"])
def test_summary_is_one_sentence(row: dict[str, Any]) -> None:
    summary = row["summary"]
    assert 20 <= len(summary) <= 140
    assert re.fullmatch(r"[A-Z].*[^.]\.", summary)
    assert ". " not in summary
    assert "  " not in summary


def test_no_summary_is_used_twice() -> None:
    used = Counter(row["summary"] for row in DIRECTIVES)
    assert [text for text, count in used.items() if count > 1] == []


@pytest.mark.parametrize("server", catalog.SERVERS, ids=str)
def test_counts(server: Server) -> None:
    specs = catalog.specs(server)
    assert COUNTS[str(server)] == (
        len(specs),
        sum(len(spec.names) for spec in specs.values()),
        sum(spec.ignored for spec in specs.values()),
        len(catalog.sentinel_specs(server)),
    )


@pytest.mark.parametrize("server", catalog.SERVERS, ids=str)
def test_defaults_are_those_of_a_real_server(server: Server) -> None:
    shown = {
        name: spec.default
        for spec in catalog.specs(server).values()
        for name in spec.listed
        if spec.directive != "dir"
    }
    lines = "".join(f"{name}={shown[name]}\n" for name in sorted(shown))
    assert hashlib.sha256(lines.encode()).hexdigest()[:16] == DIGESTS[str(server)]


def test_measured_releases_agree_with_the_code() -> None:
    releases = {
        engine: {series: read_version(DATA["measured"][engine][_text(series)]) for series in known}
        for engine, known in PATCHES.items()
    }
    assert releases == {
        engine: {series: (*series, patch) for series, patch in known.items()}
        for engine, known in PATCHES.items()
    }
    assert {e: len(known) for e, known in DATA["measured"].items()} == {"redis": 12, "valkey": 4}


def _text(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


@pytest.mark.parametrize("engine", ["redis", "valkey"])
def test_change_points_rise_and_change_something(engine: str) -> None:
    for row in DIRECTIVES:
        points = row.get(engine, ())
        versions = [read_version(point["from"]) for point in points]
        assert versions == sorted(set(versions)), row["name"]
        assert all(len(point) > 1 for point in points), row["name"]
        assert not points or points[0]["type"], row["name"]


def test_secrets_are_those_with_a_credential_in_the_value() -> None:
    assert {d.name for d in catalog.directives() if d.secret} == SECRETS


@pytest.mark.parametrize("server", catalog.SERVERS, ids=str)
def test_names_that_sound_secret_are_secret(server: Server) -> None:
    everything = {**catalog.specs(server), **catalog.sentinel_specs(server)}
    for name, spec in everything.items():
        if re.search(r"pass$|auth$|-password|-secret", name):
            assert spec.secret, name
        if spec.sensitive and not name.endswith("user"):
            assert spec.secret, name


@pytest.mark.parametrize("server", catalog.SERVERS, ids=str)
def test_facts_of_each_type_are_whole(server: Server) -> None:
    for spec in (*catalog.specs(server).values(), *catalog.sentinel_specs(server).values()):
        assert spec.names == (spec.name, *spec.aliases)
        assert (spec.enum is not None) == (spec.type == "enum"), spec
        if spec.type == "enum" and spec.default is not None:
            assert spec.default in (spec.enum or ()), spec
        if spec.type == "bool":
            assert spec.default in ("yes", "no"), spec
        if spec.ignored:
            assert (spec.default, spec.bounds, spec.config_get) == (None, None, "none")
        if spec.bounds is not None:
            low, high = spec.bounds
            assert low is not None or high is not None
            assert low is None or high is None or low < high
        low_args, high_args = spec.args
        assert high_args is None or 0 <= low_args <= high_args
        assert (spec.event_letters is not None) == (spec.name == "notify-keyspace-events")
        assert (spec.config_get == "by-name") == spec.hidden, spec
        assert bool(spec.listed) == (spec.config_get == "listed"), spec
        assert set(spec.listed) <= set(spec.names), spec


def test_replacements_exist() -> None:
    for entry in catalog.directives():
        if entry.replaced_by is not None:
            assert catalog.directive(entry.replaced_by) is not None
    for row in DATA["historic"]:
        if "replaced_by" in row:
            assert catalog.directive(row["replaced_by"]) is not None
