"""Losses elsewhere than on the host, room for forks and files: formulas and their edges."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redislint.facts import derive, disk, fork, memory, persistence
from tests.facts.test_facts_live import CONFIG, REDIS, facts

# -- what a failure costs elsewhere than on the host ------------------------------------

RDB = {**CONFIG, "appendonly": False, "save": [{"seconds": 900, "changes": 1}]}


def test_snapshots_while_writes_go_on() -> None:
    points = [{"seconds": 3600, "changes": 1}, {"seconds": 60, "changes": 10_000}]
    assert persistence.window_at_rate(points, 4.0, 1000.0) == 60 + 2 * 4 + 1
    assert persistence.window_at_rate(points, 4.0, 10.0) == 1000 + 2 * 4 + 1
    assert persistence.window_at_rate(points, 4.0, 0.1) == 3600 + 2 * 4 + 1
    for missing in ((points, None, 1.0), (points, 4.0, None), (points, 4.0, 0.0), ([], 4.0, 1.0)):
        assert persistence.window_at_rate(*missing) is None


@given(
    st.lists(st.tuples(st.integers(1, 10**5), st.integers(1, 10**6)), min_size=1, max_size=4),
    st.floats(0.001, 10**6),
    st.floats(0, 10**4),
)
def test_a_known_rate_never_costs_more_than_the_guarantee(
    pairs: list[tuple[int, int]], rate: float, save: float
) -> None:
    points = [{"seconds": s, "changes": c} for s, c in pairs]
    worst = persistence.snapshot_window(points, save).worst
    found = persistence.window_at_rate(points, save, rate)
    assert worst is not None
    assert found is not None
    assert found >= min(s for s, _ in pairs)
    if rate >= 1:
        assert found <= worst or worst == math.inf
    assert found <= (persistence.window_at_rate(points, save, rate / 2) or 0)


def test_the_rate_between_two_samples_bounds_the_window() -> None:
    info = {"rdb_last_bgsave_time_sec": 4}
    known = {f"info.{name}": value for name, value in info.items()}
    rated = derive(RDB, bool, REDIS, known={**known, "change.writes_per_second": 2.5})
    fact = rated["persistence.loss_window_at_rate"]
    assert (fact.value, fact.unit) == (900 + 2 * 4 + 1, "s")
    assert fact.basis == "2.5 changes a second"
    assert "persistence.loss_window_at_rate" not in derive(RDB, bool, REDIS, known=known)
    aof = derive(CONFIG, bool, REDIS, known={**known, "change.writes_per_second": 2.5})
    assert "persistence.loss_window_at_rate" not in aof


@pytest.mark.parametrize(
    ("replicas", "lag", "text"),
    [
        (1, 10, "2s (10s at worst)"),
        (0, 10, "2s (without bound at worst)"),
        (1, 0, "2s (without bound at worst)"),
        (None, 10, "2s"),
    ],
)
def test_what_a_failover_costs(replicas: int | None, lag: int, text: str) -> None:
    primary = {
        "role": "master",
        "connected_slaves": 2,
        "slave0": "ip=a,port=1,state=online,offset=9,lag=0",
        "slave1": "ip=b,port=1,state=online,offset=9,lag=2",
        "rdb_last_bgsave_status": "ok",
    }
    config = {**CONFIG, "min-replicas-to-write": replicas, "min-replicas-max-lag": lag}
    found = facts(primary, config)
    assert found["persistence.failover_loss_text"] == text
    assert found["persistence.failover_loss"] == found["persistence.volume_loss"] == 2


def test_what_the_loss_of_the_volume_costs() -> None:
    alone = {"role": "master", "connected_slaves": 0}
    assert facts(alone)["persistence.volume_loss"] == math.inf
    assert "persistence.failover_loss" not in facts(alone)
    known = {f"info.{name}": value for name, value in alone.items()} | {"backup.age": 7200.0}
    fact = derive(CONFIG, bool, REDIS, known=known)["persistence.volume_loss"]
    assert (fact.value, fact.basis) == (7200.0, "backup.age")
    assert "persistence.volume_loss" not in derive(CONFIG, bool, REDIS)


def test_what_a_failing_aof_has_not_written() -> None:
    info = {"aof_enabled": 1, "aof_last_write_status": "err", "aof_buffer_length": 512}
    assert facts(info)["persistence.aof_unwritten"] == 512
    assert "persistence.aof_unwritten" not in facts({**info, "aof_last_write_status": "ok"})


@pytest.mark.parametrize(
    ("saves", "took", "last", "never"),
    [
        (0, None, 1000, True),
        (0, 4, 1000, True),  # it failed
        (3, 4, 1500, False),
        (0, 4, 1500, False),  # the counter was reset
        (None, None, 1000, True),
        (None, 4, 1000, None),
        (None, 4, 1500, False),
    ],
)
def test_whether_a_snapshot_was_ever_finished(
    saves: int | None, took: int | None, last: int, never: bool | None
) -> None:
    info = {"rdb_saves": saves, "rdb_last_bgsave_time_sec": -1 if took is None else took}
    info |= {"rdb_last_save_time": last, "uptime_in_seconds": 5000}
    found = facts({n: v for n, v in info.items() if v is not None}, now=6000.0)
    assert found.get("persistence.never_saved") is never


def test_a_replica_that_no_longer_hears_its_primary() -> None:
    replica = {"role": "slave", "master_link_status": "up", "master_last_io_seconds_ago": 3}
    assert facts(replica)["replication.synced"] is True
    assert facts({**replica, "master_last_io_seconds_ago": 30})["replication.synced"] is False
    assert facts({**replica, "master_link_status": "down"})["replication.synced"] is False


# -- memory and disk -------------------------------------------------------------------


def test_what_the_kernel_promises_without_overcommit() -> None:
    host = {"vm_overcommit_memory": 2, "commit_limit": 10 << 30, "committed": 9 << 30}
    assert fork.commit_room(host) == 1 << 30
    assert fork.commit_room({**host, "committed": 11 << 30}) == 0
    assert fork.commit_room({**host, "vm_overcommit_memory": 0}) is None
    assert fork.commit_room({"vm_overcommit_memory": 2}) is None
    known = {"info.used_memory": 2 << 30, "info.used_memory_rss": 2 << 30}
    known |= {"host.memory_available": 64 << 30}
    on_host = {f"host.{name}": value for name, value in host.items()}
    free = derive(CONFIG, bool, REDIS, known=known)
    bound = derive(CONFIG, bool, REDIS, known=known | on_host)
    assert free["memory.fork_room_share"].value == 32
    assert bound["memory.fork_room_share"].value == 0.5
    assert "vm.overcommit_memory 2" in bound["memory.headroom_text"].value


@pytest.mark.parametrize(
    ("forks", "heavy", "advised"),
    [
        (False, None, 900),
        (True, None, 750),
        (True, False, 750),
        (True, True, 454),
        (None, True, None),
    ],
)
def test_maxmemory_that_leaves_room(
    forks: bool | None, heavy: bool | None, advised: int | None
) -> None:
    assert memory.maxmemory_advised(1000, forks, heavy) == advised
    assert memory.maxmemory_advised(None, forks, heavy) is None


def test_the_base_of_a_hybrid_aof_is_a_snapshot() -> None:
    common: dict[str, Any] = {
        "rdb": True,
        "aof": True,
        "preamble": True,
        "percentage": 100,
        "min_size": 1,
    }
    found = disk.peak(1000, base=200, **common)
    assert found == 2 * 200 + 200 * 2 + 200
    assert disk.peak(1000, base=200, rdb_size=300, **common) == 2 * 300 + 200 * 2 + 300


NUMBERS = st.one_of(st.none(), st.integers(0, 1 << 45))


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.booleans(), st.one_of(st.none(), st.integers(0, 900)))
def test_no_input_makes_derivation_fail_or_guess(
    used: int | None,
    size: int | None,
    base: int | None,
    free: int | None,
    aof: bool,
    pct: int | None,
) -> None:
    """Whatever INFO and host tell or leave out: no error, low at most high, shares from 0 on,
    and nothing from a size that nobody told."""
    info = {"used_memory": used, "used_memory_dataset": used, "used_memory_rss": used}
    info |= {"aof_enabled": int(aof), "aof_current_size": size, "aof_base_size": base}
    known = {f"info.{name}": value for name, value in info.items() if value is not None}
    if free is not None:
        known["host.memory_available"] = free
    config = {**CONFIG, "appendonly": aof, "auto-aof-rewrite-percentage": pct}
    found = derive(config, bool, REDIS, known=known)
    for path, fact in found.items():
        assert fact.unit not in ("bytes", "s", "ratio", "times") or fact.value >= 0, path
        assert fact.value is not None
        assert fact.origin
    if "persistence.restart_low" in found:
        low, high = (found[f"persistence.restart_{end}"] for end in ("low", "high"))
        assert low.value <= high.value
        assert low.basis == high.basis != ""
        assert f"({low.basis})" in found["persistence.restart_text"].value
    if size is None or not base or not aof:
        assert "persistence.aof_ratio" not in found
    if used is None or free is None:
        assert "memory.fork_room_share" not in found
