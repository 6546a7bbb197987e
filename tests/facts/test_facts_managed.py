"""What follows from a managed service's own description."""

from __future__ import annotations

import math
from typing import Any

import pytest

from redislint.facts import derive
from redislint.facts.managed import (
    access,
    effective_maxmemory,
    in_effect,
    managed_facts,
    mode,
    windows_overlap,
)
from redislint.model import Server

VALKEY = Server("valkey", (8, 1))
GROUP: dict[str, Any] = {
    "cloud.service": "elasticache",
    "cloud.resource": "replication-group",
    "cloud.name": "sessions",
    "cloud.region": "eu-west-1",
}


def told(server: Server = VALKEY, **more: Any) -> dict[str, Any]:
    known = {**GROUP, **{key.replace("__", "."): value for key, value in more.items()}}
    return {path: fact.value for path, fact in managed_facts(known, server).items()}


@pytest.mark.parametrize(
    ("node", "percent", "reserved", "expected"),
    [
        # Both seen in INFO of real nodes: cache.t2.medium and cache.m3.large at 25 %.
        (3461349376, 25, None, 2596012032),
        (6501171200, 25, None, 4875878400),
        (1000, None, 300, 700),
        (1000, None, None, 1000),
        (1000, None, 2000, 0),
    ],
)
def test_maxmemory_in_effect(
    node: int, percent: float | None, reserved: int | None, expected: int
) -> None:
    assert effective_maxmemory(node, percent, reserved) == expected


@pytest.mark.parametrize(
    ("service", "durability", "retention", "window", "expected"),
    [
        ("memorydb", None, 0, "", ("managed-log", 0.0, 0.0)),
        ("elasticache", "sync", 0, "", ("managed-durable-sync", 0.0, 0.0)),
        ("elasticache", "async", None, "", ("managed-durable-async", 10.0, 10.0)),
        ("elasticache", "disabled", 7, "", ("managed-snapshot", 86400.0, None)),
        ("elasticache", "disabled", 7, "23:30-01:00", ("managed-snapshot", 86400.0, 91800.0)),
        ("elasticache", "disabled", 0, "", ("none", math.inf, math.inf)),
        ("elasticache", "disabled", None, "", None),
        ("elasticache", None, 0, "", None),
    ],
)
def test_mode(
    service: str, durability: str | None, retention: int | None, window: str, expected: Any
) -> None:
    assert mode(service, durability, retention, window) == expected


@pytest.mark.parametrize(
    ("daily", "weekly", "expected"),
    [
        ("05:00-06:00", "sun:05:30-sun:06:30", True),
        ("05:00-06:00", "sun:06:00-sun:07:00", False),
        ("04:00-05:00", "sun:05:00-sun:06:00", False),
        ("23:30-00:30", "mon:00:00-mon:01:00", True),
        ("00:00-01:00", "sun:23:00-mon:00:30", True),
        ("12:00-13:00", "sun:23:00-mon:00:30", False),
        ("05:30", "sun:06:00-sun:07:00", True),
        ("noon", "sun:06:00-sun:07:00", None),
        ("05:00-06:00", "someday", None),
    ],
)
def test_windows(daily: str, weekly: str, expected: bool | None) -> None:
    assert windows_overlap(daily, weekly) is expected


def user(login: str, on: bool = True) -> dict[str, Any]:
    return {"id": "u", "name": "u", "on": on, "login": login, "access": "on ~* +@all"}


@pytest.mark.parametrize(
    ("token", "groups", "users", "expected"),
    [
        (False, [], None, "open"),
        (True, [], None, "password"),
        (None, [], None, None),
        (False, None, None, None),
        (False, ["app"], None, None),
        (False, ["app"], [user("password")], "password"),
        (False, ["app"], [user("iam"), user("none", on=False)], "password"),
        (False, ["app"], [user("password"), user("none")], "open"),
        (False, ["app"], [user("password", on=False)], "off"),
        (False, ["open-access"], None, "open"),
    ],
)
def test_access(token: Any, groups: Any, users: Any, expected: str | None) -> None:
    assert access(token, groups, users) == expected


def test_an_aof_parameter_is_no_evidence_of_an_aof() -> None:
    shown = {"appendonly": True, "appendfsync": "everysec", "timeout": 300}
    assert in_effect(shown) == {"timeout": 300}
    known = {**GROUP, "cloud.durability": "disabled", "backup.retention_days": 7}
    found = derive(in_effect(shown), lambda name: False, VALKEY, known=known)
    assert found["persistence.aof"].value is False
    assert found["persistence.mode"].value == "managed-snapshot"
    assert found["persistence.family"].value == "managed"
    assert "exposure.level" not in found


def test_nothing_is_said_of_persistence_that_was_not_told() -> None:
    found = told()
    assert "persistence.mode" not in found
    assert "persistence.loss_window" not in found


def test_a_file_is_not_managed() -> None:
    found = derive({}, lambda name: False, VALKEY)
    assert found["target.managed"].value is False
    assert found["target.cloud"].value is False


def test_a_live_server_of_the_service_is_managed_and_not_described() -> None:
    found = derive({}, lambda name: False, VALKEY, known={"cloud.service": "memorydb"})
    assert found["target.managed"].value is True
    assert found["target.cloud"].value is False
    assert found["persistence.mode"].value == "managed-log"


def test_node_types() -> None:
    found = told(cloud__node_type="cache.t3.micro")
    assert found["cloud.node_family"] == "t3"
    assert found["cloud.node_size"] == "micro"
    assert found["cloud.burstable"] is True
    assert found["cloud.previous_generation"] is False
    assert told(cloud__node_type="cache.r3.large")["cloud.previous_generation"] is True
    unheard = told(cloud__node_type="cache.x99.large")
    assert unheard["cloud.burstable"] is False
    assert "cloud.previous_generation" not in unheard


def test_reserve_group_and_family() -> None:
    found = told(
        cloud__parameter_group="default.valkey8",
        cloud__parameter_family="valkey8",
        cloud__reserved_bytes=250,
        cloud__node_maxmemory=1000,
    )
    assert found["cloud.default_parameter_group"] is True
    assert found["cloud.family_fits"] is True
    assert found["cloud.reserved_share"] == 0.25
    wrong = told(Server("redis", (7, 1)), cloud__parameter_family="valkey8")
    assert wrong["cloud.family_fits"] is False
    assert "cloud.family_fits" not in told(cloud__parameter_family="valkey99")


def test_end_of_support_counts_from_the_time_of_reading() -> None:
    at = 1769817599.0  # 2026-01-30 23:59:59 UTC, a day before the end
    ended = told(Server("redis", (5, 0, 6)), cloud__read_at=at)
    assert ended["cloud.engine_support_left"] == 86400.0
    assert told(cloud__read_at=at)["cloud.engine_support_left"] == math.inf
    assert "cloud.engine_support_left" not in told()
    assert "cloud.engine_support_left" not in told(Server("valkey", (99, 0)), cloud__read_at=at)


def test_ingress() -> None:
    found = told(cloud__ingress=["0.0.0.0/0", "::/0", "10.0.0.0/8", "10.1.2.0/24", "fd00::/40"])
    assert found["cloud.ingress_anywhere"] == ["0.0.0.0/0", "::/0"]
    assert found["cloud.ingress_wide"] == ["10.0.0.0/8", "fd00::/40"]


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"backup.exists": False}, "there is no usable one"),
        ({"backup.exists": True, "backup.age": 90061.0}, "the newest usable one is 1d1h old"),
        (
            {"backup.exists": True, "backup.age": 7200.0, "backup.failure_age": 3600.0},
            "the newest usable one is 2h old, and one failed 1h ago",
        ),
        (
            {"backup.exists": True, "backup.age": 3600.0, "backup.failure_age": 7200.0},
            "the newest usable one is 1h old",
        ),
    ],
)
def test_the_last_backup_in_words(facts: dict[str, Any], text: str) -> None:
    found = managed_facts({**GROUP, **facts}, VALKEY)
    assert found["backup.statement"].value == text


def test_command_lines_are_quoted() -> None:
    found = told(cloud__name="it's; rm -rf /")
    assert found["cloud.modify"] == (
        "aws elasticache modify-replication-group --region eu-west-1"
        " --replication-group-id 'it'\"'\"'s; rm -rf /'"
    )
    assert found["cloud.modify_now"].endswith(" --apply-immediately")
