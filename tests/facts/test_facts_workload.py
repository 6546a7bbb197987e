"""Workload tags: the shipped ones, checking an entry, and the strictest of several."""

from __future__ import annotations

import math
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from redislint.facts import workload
from redislint.facts.declared import DeclarationError, declared_facts, severity_in
from redislint.facts.workload import Workload, WorkloadError, combine, with_objectives
from redislint.model import Severity
from redislint.policy.reading import parse


def _shipped(root: Path) -> dict[str, Workload]:
    path = root / "policies" / "workloads.yaml"
    document = parse(path.read_bytes(), path.name)
    assert document is not None
    entries = document.data["workloads"]
    return workload.index(Workload.from_mapping(name, entry) for name, entry in entries.items())


@pytest.fixture(scope="session")
def shipped(root: Path) -> dict[str, Workload]:
    return _shipped(root)


def test_every_tag_of_the_taxonomy_is_there(shipped: dict[str, Workload]) -> None:
    tags = (
        "cache session queue stream leaderboard counter rate-limiter primary-store ledger"
        " compliance pubsub analytics lock search-index feature-flags ephemeral"
    )
    assert set(tags.split()) == {w.name for w in shipped.values()}
    assert shipped["jobs"] is shipped["queue"]
    assert shipped["test"] is shipped["ephemeral"]


def test_the_classes_of_the_taxonomy(shipped: dict[str, Workload]) -> None:
    def of_kind(kind: str) -> set[str]:
        return {w.name for w in shipped.values() if w.kind == kind}

    assert of_kind("disposable") == {"cache", "pubsub", "ephemeral"}
    assert of_kind("zero-loss") == {"ledger", "compliance"}
    assert of_kind("durable") == {
        "session", "queue", "stream", "leaderboard", "counter", "rate-limiter", "primary-store",
        "lock", "feature-flags",
    }  # fmt: skip


def test_zero_loss_means_always_and_no_window(shipped: dict[str, Workload]) -> None:
    for tag in shipped.values():
        if tag.kind == "zero-loss":
            assert (tag.appendfsync, tag.loss_window) == (("always",), 0.0)
        if tag.kind != "disposable":
            assert tag.why
            assert tag.loss_window < math.inf


def test_one_tag_is_itself(shipped: dict[str, Workload]) -> None:
    assert combine([shipped["queue"]]) is shipped["queue"]


def test_the_strictest_of_each_expectation_wins(shipped: dict[str, Workload]) -> None:
    together = combine([shipped["queue"], shipped["ledger"]])
    assert together.name == "queue, ledger"
    assert together.kind == "zero-loss"
    assert together.appendfsync == ("always",)
    assert together.loss_window == 0
    assert together.restart_time == 60
    assert together.replicas == 2
    assert together.backup == "offsite"


def test_a_cache_beside_a_queue_asks_what_the_queue_asks(shipped: dict[str, Workload]) -> None:
    together = combine([shipped["cache"], shipped["queue"]])
    assert together.kind == "durable"
    assert together.modes == ("hybrid", "aof")
    assert together.maxmemory_policy == ("noeviction",)
    assert together.stop_writes
    assert workload.facts([shipped["cache"], shipped["queue"]])["workload.mixed"].value


def test_the_order_of_tags_does_not_matter(shipped: dict[str, Workload]) -> None:
    tags = list(dict.fromkeys(shipped.values()))
    for one, other in combinations(tags, 2):
        there, back = combine([one, other]), combine([other, one])
        for aspect in ("kind", "loss_window", "restart_time", "backup", "severity", "replicas"):
            assert getattr(there, aspect) == getattr(back, aspect)
        assert set(there.appendfsync) == set(back.appendfsync)
        assert there.loss_window == min(one.loss_window, other.loss_window)
        assert workload.minimum_rank(there) >= min(map(workload.minimum_rank, (one, other)))


def test_no_workload_cannot_be_combined() -> None:
    with pytest.raises(ValueError, match="no workload"):
        combine([])


def test_a_declared_window_of_zero_asks_for_always(shipped: dict[str, Workload]) -> None:
    strict = with_objectives(shipped["queue"], loss_window=0.0, restart_time=5.0)
    assert strict.kind == "zero-loss"
    assert strict.appendfsync == ("always",)
    assert strict.restart_time == 5
    assert with_objectives(shipped["queue"]) == shipped["queue"]


def test_the_minimum_of_a_workload(shipped: dict[str, Workload]) -> None:
    assert workload.minimum_rank(shipped["cache"]) == 0
    assert workload.minimum_rank(shipped["analytics"]) == 1
    assert workload.minimum_rank(shipped["queue"]) == 3
    assert workload.minimum_rank(shipped["ledger"]) == 4
    assert workload.minimum_mode(shipped["queue"]) == "hybrid AOF, appendfsync everysec"
    assert workload.minimum_mode(shipped["analytics"]) == "RDB snapshots"
    assert workload.minimum_mode(shipped["cache"]) == "no persistence"


def test_modes_rank_by_what_they_lose() -> None:
    ranks = [
        workload.rank("none", "everysec"),
        workload.rank("rdb", "always"),
        workload.rank("aof", "no"),
        workload.rank("hybrid", "everysec"),
        workload.rank("aof", "always"),
    ]
    assert ranks == [0, 1, 2, 3, 4]


ENTRY: dict[str, Any] = {
    "summary": "s",
    "class": "durable",
    "modes": ["hybrid"],
    "appendfsync": "any",
    "maxmemory_policy": ["noeviction"],
    "loss_window": "2s",
    "restart_time": 60,
    "stop_writes": True,
    "backup": "none",
    "severity": "error",
}


def test_an_entry_is_read() -> None:
    read = Workload.from_mapping("mine", ENTRY)
    assert (read.loss_window, read.restart_time, read.replicas) == (2.0, 60.0, 0)
    assert read.appendfsync == ("everysec", "always", "no")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("class", "immortal"),
        ("modes", []),
        ("modes", "hybrid"),
        ("modes", ["hybrid", "tape"]),
        ("appendfsync", ["sometimes"]),
        ("maxmemory_policy", ["allkeys-lru", "random"]),
        ("loss_window", "two seconds"),
        ("loss_window", True),
        ("restart_time", -1),
        ("restart_time", float("nan")),
        ("stop_writes", "yes"),
        ("backup", "weekly"),
        ("severity", "fatal"),
        ("replicas", 1.5),
        ("replicas", -1),
        ("aliases", "one"),
        ("summary", 3),
    ],
)
def test_a_wrong_value_names_its_key_and_what_is_expected(key: str, value: object) -> None:
    with pytest.raises(WorkloadError, match="expected") as caught:
        Workload.from_mapping("mine", {**ENTRY, key: value})
    assert caught.value.key == key
    assert "\n" not in str(caught.value)


def test_unknown_and_missing_keys_are_named() -> None:
    with pytest.raises(WorkloadError, match="unknown key 'mode'") as unknown:
        Workload.from_mapping("mine", {**ENTRY, "mode": "hybrid"})
    assert unknown.value.key == "mode"
    with pytest.raises(WorkloadError, match="lacks 'severity'"):
        Workload.from_mapping("mine", {k: v for k, v in ENTRY.items() if k != "severity"})


def test_a_name_that_stands_for_two_is_refused() -> None:
    one = Workload.from_mapping("one", {**ENTRY, "aliases": ["both"]})
    other = Workload.from_mapping("other", {**ENTRY, "aliases": ["both"]})
    with pytest.raises(WorkloadError, match="'both' stands for two"):
        workload.index([one, other])


def test_nothing_declared_is_known_to_be_undeclared(shipped: dict[str, Workload]) -> None:
    facts = declared_facts({}, shipped)
    assert facts["workload.known"].value is False
    assert facts["workload.durable"].value is False
    assert facts["target.environment"].value == ""
    assert facts["target.accept"].value == []
    for absent in ("workload.loss_window", "workload.appendfsync", "target.load_seconds"):
        assert absent not in facts


def test_declarations_become_facts(shipped: dict[str, Workload]) -> None:
    facts = declared_facts(
        {
            "workload": "jobs, Ledger",
            "rpo": "1s",
            "rto": "90s",
            "environment": "Production",
            "accept": "always,single-node",
            "ha": "sentinel",
            "load": "14s",
        },
        shipped,
    )
    values = {path: fact.value for path, fact in facts.items()}
    assert values["workload.names"] == ["queue", "ledger"]
    assert (values["workload.loss_window"], values["workload.rpo_declared"]) == (1.0, True)
    assert values["workload.restart_time_text"] == "1m30s"
    assert values["target.environment"] == "production"
    assert values["target.accept"] == ["always", "single-node"]
    assert (values["target.ha"], values["target.load_seconds"]) == ("sentinel", 14.0)


def test_an_objective_without_a_workload_counts(shipped: dict[str, Workload]) -> None:
    facts = declared_facts({"rpo": "0"}, shipped)
    assert facts["workload.known"].value is False
    assert facts["workload.zero_loss"].value is True
    assert facts["workload.loss_window"].value == 0
    assert facts["workload.restart_time_known"].value is False


@pytest.mark.parametrize(
    ("values", "key", "hint"),
    [
        ({"workload": "queu"}, "workload", "did you mean 'queue'?"),
        ({"environment": "prod"}, "environment", "expected production"),
        ({"accept": "alway"}, "accept", "did you mean 'always'?"),
        ({"ha": "yes"}, "ha", "expected none"),
        ({"rpo": "2"}, "rpo", "expected a number and a unit"),
        ({"load": "soon"}, "load", "expected a number and a unit"),
    ],
)
def test_a_wrong_declaration_is_an_error(
    values: dict[str, str], key: str, hint: str, shipped: dict[str, Workload]
) -> None:
    with pytest.raises(DeclarationError) as caught:
        declared_facts(values, shipped)
    assert caught.value.key == key
    assert hint in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("environment", "rule", "severity", "expected"),
    [
        ("development", "RL203", "error", "warning"),
        ("test", "RL204", "warning", "info"),
        ("test", "RL205", "info", "info"),
        ("production", "RL203", "error", "error"),
        ("staging", "RL203", "error", "error"),
        ("", "RL203", "error", "error"),
        ("test", "RL103", "error", "error"),
        ("test", "RL246", "error", "error"),
        ("test", "RL401", "error", "error"),
        ("test", "ACME-1", "error", "error"),
    ],
)
def test_findings_weigh_less_where_people_only_develop(
    environment: str, rule: str, severity: str, expected: str
) -> None:
    assert severity_in(environment, rule, Severity(severity)) is Severity(expected)
