"""Facts of INFO: one sample, two samples, and what is left out when INFO does not say."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redislint.facts import derive, disk, fields, fork, growth, live, rates, restart
from redislint.model import Server

REDIS = Server("redis", (7, 2))
CONFIG: dict[str, Any] = {
    "save": [{"seconds": 300, "changes": 100}],
    "appendonly": True,
    "appendfsync": "everysec",
    "no-appendfsync-on-rewrite": False,
    "aof-use-rdb-preamble": True,
    "auto-aof-rewrite-percentage": 100,
    "auto-aof-rewrite-min-size": 64 << 20,
    "stop-writes-on-bgsave-error": True,
    "maxmemory": 1 << 30,
}


def facts(
    info: dict[str, Any], config: dict[str, Any] = CONFIG, now: float | None = None
) -> dict[str, Any]:
    known = {f"info.{name}": value for name, value in info.items()} | {"server.time": now}
    return {p: f.value for p, f in derive(config, bool, REDIS, known=known).items()}


def test_a_file_alone_is_no_running_server() -> None:
    found = {p: f.value for p, f in derive(CONFIG, bool, REDIS).items()}
    assert found["target.running"] is False
    assert found["target.on_host"] is False
    live = ("change.", "errors.", "replication.")
    assert [path for path in found if path.startswith(live)] == ["replication.in_use"]
    assert found["replication.in_use"] is False


def test_a_sentinel_is_no_server_of_data() -> None:
    assert facts({"redis_mode": "sentinel"})["target.running"] is False
    assert facts({"server_mode": "sentinel"})["target.running"] is False


def test_the_running_aof_wins_over_the_setting() -> None:
    assert facts({"aof_enabled": "0"})["persistence.mode"] == "rdb"
    assert facts({"aof_enabled": 1})["persistence.mode"] == "hybrid-everysec+rdb"


@pytest.mark.parametrize(
    ("info", "failed"),
    [
        ({"aof_enabled": 1, "aof_last_write_status": "err"}, True),
        ({"aof_enabled": 1, "aof_last_write_status": "ok"}, False),
        ({"aof_enabled": 0, "aof_last_write_status": "err"}, False),
        ({"aof_enabled": 1}, None),
        ({"aof_last_write_status": "err"}, None),
    ],
)
def test_a_status_counts_only_while_the_aof_is_on(info: dict[str, Any], failed: Any) -> None:
    assert facts(info).get("persistence.aof_write_failed") is failed


def test_never_is_not_a_time() -> None:
    found = facts({"rdb_last_bgsave_time_sec": -1, "rdb_saves": 0})
    assert "persistence.last_save_seconds" not in found
    assert found["persistence.never_saved"] is True
    assert found["persistence.save_outlasts_points"] is False
    assert facts({"rdb_last_bgsave_time_sec": -1})["persistence.never_saved"] is True
    assert "persistence.never_saved" not in facts({"rdb_last_bgsave_time_sec": 4})
    assert "persistence.never_saved" not in facts({"used_memory": 1})


@pytest.mark.parametrize(
    ("age", "changes", "took", "late"),
    [
        (301, 100, 1, ""),
        (361, 100, 1, "300 100"),
        (361, 99, 1, ""),
        (361, 100, 40, ""),
        (381, 100, 40, "300 100"),
        (48 * 3600 + 1, 1, 1, "300 100"),
        (48 * 3600 + 1, 0, 1, ""),
    ],
)
def test_an_overdue_snapshot(age: int, changes: int, took: int, late: str) -> None:
    info = {
        "rdb_last_save_time": 1_000_000,
        "rdb_changes_since_last_save": changes,
        "rdb_last_bgsave_time_sec": took,
    }
    assert facts(info, now=1_000_000.0 + age)["persistence.overdue"] == late


def test_the_servers_clock_counts() -> None:
    info = {"rdb_last_save_time": 1_000_000, "server_time_usec": 1_000_060_000_000}
    assert facts(info)["persistence.last_save_age"] == 60.0
    assert "persistence.last_save_age" not in facts({"rdb_last_save_time": 1_000_000})


def test_snapshots_that_fail_lose_everything_where_writes_go_on() -> None:
    config = {**CONFIG, "appendonly": False, "stop-writes-on-bgsave-error": False}
    found = facts({"aof_enabled": 0, "rdb_last_bgsave_status": "err"}, config)
    assert found["persistence.loss_window"] == math.inf
    found = facts({"aof_enabled": 0, "rdb_last_bgsave_status": "ok"}, config)
    assert found["persistence.loss_window"] == 300


@pytest.mark.parametrize(
    ("current", "base", "percentage", "ratio", "alarm", "due"),
    [
        (6 << 30, 1 << 30, 100, 6.0, 2.0, True),
        (3 << 30, 1 << 30, 300, 3.0, 4.0, False),
        (3 << 30, 1 << 30, 0, 3.0, 2.0, False),
        (6513, 0, 100, None, 2.0, False),
        (128 << 20, 0, 100, None, 2.0, True),
        (50 << 20, 1 << 20, 100, 50.0, 2.0, False),
    ],
)
def test_growth_of_the_aof(
    current: int, base: int, percentage: int, ratio: Any, alarm: float, due: bool
) -> None:
    info = {"aof_enabled": 1, "aof_current_size": current, "aof_base_size": base}
    found = facts(info, {**CONFIG, "auto-aof-rewrite-percentage": percentage})
    assert found.get("persistence.aof_ratio") == ratio
    assert found["persistence.aof_alarm_ratio"] == alarm
    assert found["persistence.rewrite_due"] is due
    assert growth.facts({**info, "aof_enabled": 0}, CONFIG, None) == {}


def test_replicas_in_sync() -> None:
    info = {
        "role": "master",
        "connected_slaves": 3,
        "slave0": "ip=10.0.0.2,port=6379,state=online,offset=9,lag=0",
        "slave1": "ip=10.0.0.3,port=6379,state=online,offset=3,lag=47",
        "slave2": "ip=10.0.0.4,port=6379,state=wait_bgsave,offset=0,lag=0",
    }
    found = facts(info)
    assert found["replication.in_sync"] == 1
    assert found["replication.worst_lag"] == 47
    assert found["target.role"] == "primary"
    short = {name: value for name, value in info.items() if name != "slave2"}
    assert "replication.in_sync" not in facts(short)


def test_the_link_of_a_replica() -> None:
    info = {"role": "slave", "master_link_status": "down", "master_link_down_since_seconds": -1}
    found = facts(info)
    assert found["replication.link_up"] is False
    assert "replication.link_down_seconds" not in found
    assert found["target.role"] == "replica"


def test_errors_are_counted_from_6_2_on() -> None:
    assert "errors.oom" not in facts({"used_memory": 1})
    assert facts({"total_error_replies": 0})["errors.oom"] == 0
    found = facts({"total_error_replies": 3, "errorstat_MISCONF": "count=3"})
    assert found["errors.misconf"] == 3
    assert facts({"total_error_replies": 3, "errorstat_OOM": {"count": 2}})["errors.oom"] == 2


def test_keys_with_a_time_to_live() -> None:
    found = facts({"db0": "keys=90,expires=9,avg_ttl=0", "db3": "keys=10,expires=1,avg_ttl=0"})
    assert found["info.keys"] == 100
    assert found["info.expiring_share"] == 0.1
    assert "info.keys" not in facts({"used_memory": 1})


def test_settings_that_info_shows() -> None:
    info = fields.typed({"aof_enabled": "1", "maxmemory": "12", "maxmemory_policy": "noeviction"})
    assert live.settings(info) == {
        "appendonly": True,
        "maxmemory": 12,
        "maxmemory-policy": "noeviction",
    }


SAMPLE = {"run_id": "a", "uptime_in_seconds": 900, "evicted_keys": 5, "aof_delayed_fsync": 3}


def changed(seconds: float = 300, **later: Any) -> dict[str, Any]:
    found = rates.change_facts(SAMPLE, {**SAMPLE, **later}, seconds, CONFIG)
    return {path: fact.value for path, fact in found.items()}


def test_what_changed_between_two_samples() -> None:
    found = changed(evicted_keys=417, aof_delayed_fsync=19)
    assert found["change.reset"] == ""
    assert found["change.evicted_keys"] == 412
    assert found["change.aof_delayed_fsync_per_minute"] == pytest.approx(3.2)
    assert "change.oom" not in found
    assert "change.aof_delayed_fsync_per_minute" not in changed(60, aof_delayed_fsync=19)


@pytest.mark.parametrize(
    ("later", "reason"),
    [
        ({"run_id": "b"}, "restarted"),
        ({"aof_delayed_fsync": 0}, "aof_delayed_fsync went from 3 to 0"),
        ({"uptime_in_seconds": 20}, "younger"),
    ],
)
def test_counters_that_were_reset_give_no_rates(later: dict[str, Any], reason: str) -> None:
    found = changed(**later)
    assert reason in found["change.reset"]
    assert set(found) == {"change.seconds", "change.reset"}


def test_the_window_is_measured_by_the_server() -> None:
    first = {**SAMPLE, "server_time_usec": 1_000_000_000}
    later = {**SAMPLE, "server_time_usec": 1_180_000_000}
    assert rates.window(first, later, 3) == 180
    assert rates.window(SAMPLE, SAMPLE, 3) == 3


def test_errors_that_the_audit_causes_are_not_counted() -> None:
    first = {**SAMPLE, "total_error_replies": 10}
    for after, own, counted in ((12, 2, 0), (15, 2, 3), (11, 2, 0)):
        found = rates.change_facts(
            first, {**first, "total_error_replies": after}, 9, own_errors=own
        )
        assert found["change.total_error_replies"].value == counted


def test_why_a_change_is_not_told() -> None:
    paths = [
        "change.seconds",
        "change.evicted_keys",
        "change.total_error_replies",
        "change.aof_delayed_fsync_per_minute",
        "change.rewrite_due_throughout",
    ]
    sound = rates.change_facts(SAMPLE, SAMPLE, 10, CONFIG)
    assert rates.why_missing(sound, paths) == {
        "change.total_error_replies": "INFO of this server does not tell it",
        "change.aof_delayed_fsync_per_minute": (
            "the samples are too close: take them 2m apart (--interval)"
        ),
        "change.rewrite_due_throughout": (
            "the samples are too close: take them 1m apart (--interval)"
        ),
    }
    reset = rates.change_facts(SAMPLE, {**SAMPLE, "run_id": "b"}, 10, CONFIG)
    why = rates.why_missing(reset, paths)
    assert set(why) == set(paths[1:])
    assert set(why.values()) == {"the server was restarted between the samples"}


COUNTS = st.dictionaries(st.sampled_from(rates.WATCHED), st.integers(0, 10**6))


@given(COUNTS, COUNTS, st.sampled_from(["a", "b"]), st.floats(0.1, 1000), st.integers(0, 5))
def test_no_change_is_negative_and_none_crosses_a_restart(
    first: dict[str, int], second: dict[str, int], run_id: str, seconds: float, own: int
) -> None:
    before, after = {**first, "run_id": "a"}, {**second, "run_id": run_id}
    found = rates.change_facts(before, after, seconds, own_errors=own)
    sound = run_id == "a" and all(first[n] <= second[n] for n in first.keys() & second.keys())
    assert (found["change.reset"].value == "") is sound
    numbers = {path: fact.value for path, fact in found.items() if isinstance(fact.value, int)}
    assert all(value >= 0 for value in numbers.values())
    assert sound or set(found) == {"change.seconds", "change.reset"}


@pytest.mark.parametrize(
    ("changes", "calls", "heavy"),
    [
        (None, None, None),
        (101, None, True),
        (100, None, False),
        (None, 501, True),
        (None, 500, False),
        (3, 501, True),
        (101, 3, True),
        (3, 3, False),
    ],
)
def test_heavy_writes(changes: float | None, calls: float | None, heavy: bool | None) -> None:
    assert fork.write_heavy(changes, calls) is heavy


def test_calls_of_commands_that_write() -> None:
    first = {**SAMPLE, "cmdstat_set": "calls=10,usec=3", "cmdstat_get": "calls=10,usec=3"}
    later = {**first, "cmdstat_set": "calls=1010,usec=9", "cmdstat_del": "calls=20,usec=1"}
    writes = frozenset({"set", "del"})
    found = rates.change_facts(
        first, {**later, "cmdstat_get": "calls=9999"}, 2, write_commands=writes
    )
    assert found["change.write_calls_per_second"].value == 510
    none = rates.change_facts(SAMPLE, SAMPLE, 2, write_commands=writes)
    assert "change.write_calls_per_second" not in none


@pytest.mark.parametrize(("seconds", "due"), [(60.0, True), (59.0, None)])
def test_a_rewrite_that_never_starts(seconds: float, due: bool | None) -> None:
    info = {
        "run_id": "a",
        "aof_enabled": 1,
        "aof_current_size": 1 << 30,
        "aof_base_size": 1 << 20,
        "aof_rewrite_in_progress": 0,
    }
    found = rates.change_facts(info, info, seconds, CONFIG)
    fact = found.get("change.rewrite_due_throughout")
    assert (fact.value if fact else None) is due
    running = {**info, "aof_rewrite_in_progress": 1}
    found = rates.change_facts(info, running, seconds, CONFIG)
    assert found["change.rewrite_due_throughout"].value is False


def test_what_a_fork_needs() -> None:
    info = {
        "used_memory": 1000,
        "total_forks": 9,
        "rdb_last_cow_size": 300,
        "aof_last_cow_size": 10,
    }
    assert fork.need(info, False, False)[0] == 450
    assert fork.need(info, None, False)[0] == 450
    assert fork.need(info, True, False)[0] == 1000
    assert fork.need(info, False, True)[0] == 1000
    assert fork.need({**info, "total_forks": 2}, False, False)[0] == 1000
    assert fork.need({**info, "rdb_last_cow_size": 20}, False, False)[0] == 200
    assert fork.need({}, False, False)[0] is None


@pytest.mark.parametrize(
    ("host", "room"),
    [
        ({"memory_available": 700}, 700),
        ({"memory_available": 700, "cgroup_memory_max": 0}, 700),
        ({"memory_available": 700, "cgroup_memory_max": 500}, None),
        ({"memory_available": 700, "cgroup_memory_max": 500, "cgroup_memory_used": 450}, 50),
        (
            {"cgroup_memory_max": 500, "cgroup_memory_used": 450, "cgroup_inactive_file": 200},
            250,
        ),
        ({}, None),
    ],
)
def test_room_for_a_fork(host: dict[str, Any], room: int | None) -> None:
    assert fork.available(host) == room


def test_huge_pages_that_the_server_switches_off() -> None:
    host = {"transparent_hugepage": "always"}
    assert not fork.huge_pages(host, {"disable-thp": True}, 702)
    assert fork.huge_pages(host, {"disable-thp": False}, 702)
    assert fork.huge_pages(host, {}, 500)
    assert not fork.huge_pages({"transparent_hugepage": "madvise"}, {}, 500)


def test_disk_needed() -> None:
    whole = {"base": None, "percentage": 100, "min_size": 0}
    assert disk.floor(100) == 300
    assert disk.floor(None) is None
    assert disk.peak(100, rdb=True, aof=False, preamble=False, **whole) == 100
    assert disk.peak(100, rdb=False, aof=True, preamble=True, **whole) == 150
    never = {**whole, "percentage": 0}
    assert disk.peak(100, rdb=True, aof=True, preamble=True, **never) == math.inf


def test_the_restart_of_what_is_there_now() -> None:
    info = {"used_memory": 553_000_000, "keys": 2_000_000}
    found = restart.of_running("rdb", info, 69_000_000)
    assert found is not None
    assert found.low < 7.6 < found.high + 0.5
    loading = restart.of_running("aof", {"loading": 1, "loading_eta_seconds": 41})
    assert loading is not None
    assert loading.high == 41
    assert restart.of_running("aof", {"used_memory": 1}) is None


def test_what_a_source_has_already_taken_apart() -> None:
    """Lists and maps in place of fields, and the -1 of "never" left out."""
    info = {
        "rdb_last_save_time": 1_000_000,
        "connected_slaves": 1,
        "replicas": [{"state": "online", "lag": 0}],
        "total_error_replies": 4,
        "errors": {"MISCONF": 4},
    }
    found = facts(info)
    assert found["persistence.never_saved"] is True
    assert found["persistence.save_outlasts_points"] is False
    assert found["replication.in_sync"] == 1
    assert (found["errors.misconf"], found["errors.oom"]) == (4, 0)
    known = {"info.used_memory": 1, "live.config_problem": "NOPERM"}
    refused = derive(CONFIG, bool, REDIS, known=known)
    assert refused["target.config_refusal"].value == "NOPERM"
