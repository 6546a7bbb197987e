"""A running server beside its file: what counts as a difference, and what caused it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from redislint.facts.drift import HOW, REWRITE, Evidence, Side, drift_facts
from redislint.model import REDACTED, Server

REDIS = Server("redis", (7, 2))


def side(values: Mapping[str, Any], digests: Mapping[str, bytes] | None = None) -> Side:
    texts = {name: _text(value) for name, value in values.items()}
    return Side(values, texts, digests or {})


def _text(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def compare(
    file: Mapping[str, Any], live: Mapping[str, Any], evidence: Evidence | None = None, **more: Any
) -> dict[str, Any]:
    found = drift_facts("redis.conf", side(file), side(live), REDIS, evidence or Evidence(), **more)
    return {path: fact.value for path, fact in found.items()}


def differing(
    file: Mapping[str, Any], live: Mapping[str, Any], evidence: Evidence | None = None, **more: Any
) -> dict[str, str]:
    """The directives that differ, and the cause of each."""
    rows = compare(file, live, evidence, **more)["drift.settings"]
    return {row["name"]: row["cause"] for row in rows if not row["same"]}


def test_switches_left_over() -> None:
    file = {"stop-writes-on-bgsave-error": True, "appendonly": True, REWRITE: 100}
    live = {"stop-writes-on-bgsave-error": False, "appendonly": True, REWRITE: 0}
    found = compare(file, live)
    assert found["drift.emergency"] == [
        "stop-writes-on-bgsave-error is yes in redis.conf and no on the server"
    ]
    assert found["drift.rewrite_disabled"] is True
    found = compare(file, file)
    assert found["drift.emergency"] == []
    assert found["drift.rewrite_disabled"] is False
    assert "drift.rewrite_disabled" not in compare({}, live)
    assert compare(live, file)["drift.emergency"] == []


def test_what_was_so_from_the_start_is_no_switch_left_over() -> None:
    file = {"appendonly": True, REWRITE: 100}
    live = {"appendonly": False, REWRITE: 0}
    found = compare(file, live, Evidence(set_calls=0))
    assert found["drift.emergency"] == []
    assert found["drift.rewrite_disabled"] is False
    assert [row["cause"] for row in found["drift.settings"]] == ["start", "start"]


@pytest.mark.parametrize(
    ("name", "before", "now"),
    [
        ("maxmemory", 1 << 30, 1 << 30),
        ("notify-keyspace-events", "Ex", "xE"),
        (
            "save",
            [{"seconds": 60, "changes": 9}, {"seconds": 9, "changes": 1}],
            [{"seconds": 9, "changes": 1}, {"seconds": 60, "changes": 9}],
        ),
        ("client-output-buffer-limit", {"slave": {"hard": 1}}, {"replica": {"hard": 1}}),
        ("hz", 1000, 500),
        ("hz", 0, 1),
        ("dir", "/data/", "/data"),
        ("maxclients", 10000, 4064),
        ("dir", "./", "/data"),
    ],
)
def test_no_difference(name: str, before: Any, now: Any) -> None:
    assert differing({name: before}, {name: now}) == {}


@pytest.mark.parametrize(
    ("name", "before", "now"),
    [
        ("maxmemory", 1 << 30, 0),
        ("notify-keyspace-events", "Ex", "KEx"),
        ("save", [{"seconds": 60, "changes": 9}], []),
        ("hz", 10, 100),
        ("dir", "/data", "/tmp"),
        ("maxclients", 4064, 10000),
        ("appendonly", True, False),
        ("databases", 1, 16),
    ],
)
def test_a_difference(name: str, before: Any, now: Any) -> None:
    assert list(differing({name: before}, {name: now})) == [name]


def test_who_is_a_replica_is_up_to_a_sentinel_or_a_cluster() -> None:
    file, live = {"replicaof": None, "masterauth": ""}, {"replicaof": {"host": "a", "port": 1}}
    assert list(differing(file, live)) == ["replicaof"]
    assert differing(file, live, managed=True) == {}


@pytest.mark.parametrize(
    ("evidence", "cause"),
    [
        (Evidence(), "unknown"),
        (Evidence(set_calls=3), "unknown"),
        (Evidence(changed=False), "runtime"),
        (Evidence(set_calls=3, changed=False), "runtime"),
        (Evidence(changed=True), "unknown"),
        (Evidence(set_calls=0), "start"),
        (Evidence(set_calls=0, changed=True), "file"),
        (Evidence(set_calls=0, changed=False), "command-line"),
        (Evidence(without_file=True), "start"),
    ],
)
def test_a_config_set_is_told_from_a_change_in_the_file(evidence: Evidence, cause: str) -> None:
    found = compare({"maxmemory": 1}, {"maxmemory": 2}, evidence)
    (row,) = found["drift.settings"]
    assert (row["cause"], row["how"]) == (cause, HOW[cause])


def test_what_cannot_be_set_at_run_time_was_not() -> None:
    assert differing({"databases": 1}, {"databases": 2}, Evidence(changed=True)) == {
        "databases": "file"
    }
    assert differing({"databases": 1}, {"databases": 2}) == {"databases": "start"}


def test_of_a_secret_nothing_is_told_but_that_it_differs() -> None:
    values = {"requirepass": REDACTED}
    file, live = side(values, {"requirepass": b"1"}), side(values, {"requirepass": b"2"})
    (row,) = drift_facts("f", file, live, REDIS, Evidence())["drift.settings"].value
    assert row["text"] == "requirepass has another value in f than on the server"
    (row,) = drift_facts("f", file, file, REDIS, Evidence())["drift.settings"].value
    assert row["same"] is True
    empty = side({"requirepass": ""}, {"requirepass": b"0"})
    (row,) = drift_facts("f", file, empty, REDIS, Evidence())["drift.settings"].value
    assert row["text"] == 'requirepass is set ([redacted]) in f and "" on the server'


def test_a_value_that_a_template_still_fills_in_is_not_judged() -> None:
    file = side({"maxmemory": "${MEMORY}"})._replace(unsettled=frozenset({"maxmemory"}))
    found = drift_facts("f", file, side({"maxmemory": 1}), REDIS, Evidence())
    assert found["drift.settings"].value == [
        {"name": "maxmemory", "file": "${MEMORY}", "live": "1"}
    ]


def test_a_value_that_could_not_be_typed_is_compared_as_text() -> None:
    file = Side({"save": []}, {"save": ""}, {})
    assert (
        not drift_facts("f", file, Side({}, {"save": ""}, {}), REDIS, Evidence())["drift.settings"]
        .value[0]
        .get("text")
    )
    row = drift_facts("f", file, Side({}, {"save": "?"}, {}), REDIS, Evidence())
    assert row["drift.settings"].value[0]["same"] is False
