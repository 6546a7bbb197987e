"""`derive`: paths, unknowns, and what only some servers have."""

from __future__ import annotations

import math
from typing import Any

import pytest

from redislint.facts import derive, expression_values, version_number
from redislint.facts.memory import buffer_limit, fork_headroom, large_thresholds, memory_limit
from redislint.model import Server

GIB = 1 << 30
CONFIG: dict[str, Any] = {
    "save": [{"seconds": 3600, "changes": 1}],
    "appendonly": True,
    "appendfsync": "everysec",
    "aof-use-rdb-preamble": True,
    "no-appendfsync-on-rewrite": False,
    "stop-writes-on-bgsave-error": True,
    "auto-aof-rewrite-percentage": 100,
    "auto-aof-rewrite-min-size": 64 << 20,
    "aof-rewrite-incremental-fsync": True,
    "rdb-save-incremental-fsync": False,
    "maxmemory": 4 * GIB,
    "maxmemory-policy": "allkeys-lru",
    "replicaof": None,
    "cluster-enabled": False,
    "client-output-buffer-limit": {"pubsub": {"hard": 32, "soft": 8, "seconds": 60}},
}


def values(server: str = "redis-7.2", known: dict[str, Any] | None = None, **changed: Any) -> Any:
    config = {**CONFIG, **{name.replace("_", "-"): value for name, value in changed.items()}}
    facts = derive(config, lambda _: False, Server.parse(server), known=known)
    return {path: fact.value for path, fact in facts.items()}


def test_what_a_hybrid_server_promises() -> None:
    found = values()
    assert found["persistence.mode"] == "hybrid-everysec+rdb"
    assert found["persistence.rank"] == 3
    assert (found["persistence.loss_window"], found["persistence.loss_window_worst"]) == (1, 2)
    assert found["persistence.process_crash_loss"] == 0
    assert found["persistence.rewrite_ratio"] == 2.0
    assert found["persistence.burst_flush"] == ["rdb-save-incremental-fsync"]
    assert found["persistence.stop_writes_effective"] is True
    assert found["memory.eviction"] == "all"
    assert found["memory.pubsub_buffer_hard"] == 32
    assert found["target.role"] == "primary"


def test_every_fact_tells_where_it_came_from() -> None:
    facts = derive(CONFIG, lambda _: False, Server("redis", (7, 2)))
    assert all(fact.origin for fact in facts.values())
    assert facts["persistence.loss_window"].unit == "s"
    assert facts["memory.dataset_bound"].unit == "bytes"
    assert facts["persistence.mode"].basis


@pytest.mark.parametrize(
    ("server", "version", "compat"),
    [
        ("redis-7.2.6", 702, 702),
        ("redis-8.10", 810, 810),
        ("valkey-9.1", 901, 702),
        ("valkey-7.2", 702, 702),
        ("redis-6.2", 602, 602),
    ],
)
def test_versions_compare_as_numbers(server: str, version: int, compat: int) -> None:
    found = values(server)
    assert found["server.version"] == version == version_number(Server.parse(server))
    assert found["server.compat"] == compat


def test_the_preamble_came_with_4_0() -> None:
    assert values("redis-3.2", aof_use_rdb_preamble=None)["persistence.family"] == "aof"
    assert "persistence.family" not in values("redis-7.2", aof_use_rdb_preamble=None)


@pytest.mark.parametrize("hidden", ["save", "appendonly", "appendfsync"])
def test_a_hidden_value_leaves_what_hangs_on_it_unknown(hidden: str) -> None:
    changed: dict[str, Any] = {hidden: None}
    found = values(**changed)
    for path in ("persistence.mode", "persistence.loss_window", "persistence.restart_high"):
        assert path not in found


def test_a_hidden_no_appendfsync_on_rewrite_hides_the_loss_alone() -> None:
    found = values(no_appendfsync_on_rewrite=None)
    assert found["persistence.mode"] == "hybrid-everysec+rdb"
    assert "persistence.loss_window" not in found


def test_rdb_alone_needs_a_save_time_for_its_worst_case() -> None:
    bounded = values(appendonly=False)
    assert bounded["persistence.loss_window"] == 3600
    assert bounded["persistence.loss_window_worst"] == pytest.approx(3600 + 2 * 42.9 + 1, 0.01)
    assert "persistence.loss_window_worst" not in values(appendonly=False, maxmemory=0)
    known = {"info.rdb_last_bgsave_time_sec": 5.0}
    measured = values(known=known, appendonly=False, maxmemory=0)
    assert measured["persistence.loss_window_worst"] == 3611


def test_no_persistence_loses_everything_and_starts_at_once() -> None:
    found = values(appendonly=False, save=[])
    assert found["persistence.mode"] == "none"
    assert found["persistence.loss_window"] == math.inf
    assert found["persistence.restart_high"] == 0
    assert found["persistence.stop_writes_effective"] is False
    assert "persistence.save_min_changes" not in found
    assert "memory.forks" not in found


def test_host_facts_decide_shares_and_headroom() -> None:
    known = {"host.memory_total": 16 * GIB, "host.cgroup_memory_max": 8 * GIB}
    found = values(known=known)
    assert found["memory.limit"] == 8 * GIB
    assert found["memory.maxmemory_share"] == 0.5
    assert found["memory.fork_headroom"] == 1.0
    assert "memory.fork_headroom" not in values()
    assert "memory.maxmemory_share" not in values(known=known, maxmemory=0)


def test_a_replica_is_told_from_the_file() -> None:
    assert values(replicaof={"host": "10.0.0.1", "port": 6379})["target.role"] == "replica"
    assert values(cluster_enabled=True)["target.role"] == "cluster"


def test_a_measured_load_time_replaces_the_estimate() -> None:
    found = values(known={"target.load_seconds": 14.0})
    assert (found["persistence.restart_low"], found["persistence.restart_high"]) == (14, 14)
    assert found["persistence.restart_text"] == "14s (measured load time)"


def test_memory_helpers() -> None:
    assert memory_limit(None, None) is None
    assert memory_limit(0, 5) == 5
    assert fork_headroom(8 * GIB, 8 * GIB) == 0
    assert fork_headroom(None, 1) is None
    assert buffer_limit({"slave": {"hard": 1, "soft": 0, "seconds": 0}}, "replica") == {
        "hard": 1,
        "soft": 0,
        "seconds": 0,
    }
    assert buffer_limit(None, "normal") is None
    found = large_thresholds({"list-max-listpack-size": -2, "hash-max-listpack-entries": 4096})
    assert [(t.name, t.value, t.bound) for t in found] == [
        ("hash-max-listpack-entries", 4096, 2048)
    ]


def test_typed_values_as_expressions_see_them() -> None:
    found = expression_values(
        [
            ("save", ((3600, 1), (300, 100))),
            ("client-output-buffer-limit", (("normal", 0, 0, 0),)),
            ("replicaof", ("10.0.0.1", 6379)),
            ("bind", ("*",)),
            ("maxmemory", 5),
            ("masterauth", "[redacted]"),
        ]
    )
    assert found["save"][1] == {"seconds": 300, "changes": 100}
    assert found["client-output-buffer-limit"]["normal"]["hard"] == 0
    assert found["replicaof"] == {"host": "10.0.0.1", "port": 6379}
    assert found["bind"] == ["*"]
    assert found["maxmemory"] == 5


def test_the_statement_says_mode_losses_and_restart() -> None:
    assert values()["persistence.statement"] == (
        "hybrid AOF (appendfsync everysec) with RDB snapshots; a crash of the host costs 1s"
        " (2s at worst) of writes, of the process alone 0s (2s at worst); a restart takes"
        " 36s to 2m2s (RDB preamble of 4gb of data and the commands since)"
    )
    bare = values(appendonly=False, save=[], maxmemory=0)["persistence.statement"]
    assert bare == "no persistence; any crash or restart costs everything"
    unknown = values(maxmemory=0)["persistence.statement"]
    assert unknown.endswith("of the process alone 0s (2s at worst)")
