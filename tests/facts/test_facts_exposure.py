"""Who can reach the server, on the versions that differ."""

from __future__ import annotations

from typing import Any

import pytest

from redislint.facts import derive
from redislint.model import Server

BASE: dict[str, Any] = {
    "bind": ["*", "-::*"],
    "port": 6379,
    "tls-port": 0,
    "protected-mode": True,
    "requirepass": "",
    "aclfile": "",
    "tls-auth-clients": "yes",
}


def level(server: str = "redis-7.2", default_user: str | None = "", **values: Any) -> str | None:
    config = {**BASE, **{name.replace("_", "-"): value for name, value in values.items()}}
    given = {name.replace("_", "-") for name in values}
    facts = derive(config, given.__contains__, Server.parse(server), default_user=default_user)
    found = facts.get("exposure.level")
    return found.value if found else None


def test_stock_servers_are_guarded_or_local() -> None:
    assert level() == "guarded"
    assert level(bind=["127.0.0.1", "-::1"]) == "loopback"
    assert level(bind=["::1", "localhost"]) == "loopback"
    assert level(port=0) == "unix-only"


def test_an_explicit_bind_switches_protected_mode_off_up_to_6_2() -> None:
    assert level("redis-6.2", bind=["10.0.0.1"]) == "open"
    assert level("redis-7.0", bind=["10.0.0.1"]) == "guarded"
    assert level("valkey-7.2", bind=["10.0.0.1"]) == "guarded"


def test_an_empty_bind_listens_nowhere_from_7_0_on() -> None:
    assert level("redis-7.2", bind=[]) == "unix-only"
    assert level("valkey-8.0", bind=[], protected_mode=False) == "unix-only"
    assert level("redis-6.2", bind=[], protected_mode=False) == "open"


def test_protected_mode_came_with_3_2() -> None:
    assert level("redis-3.0", protected_mode=False) == "open"
    assert level("redis-3.2") == "guarded"


def test_passwords_and_tls() -> None:
    assert level(requirepass="[redacted]") == "auth-plain"
    assert level(requirepass="[redacted]", tls_port=6380) == "auth-plain"
    assert level(requirepass="[redacted]", tls_port=6380, port=0) == "auth-tls"
    assert level(protected_mode=False) == "open"
    assert level(protected_mode=False, port=0, tls_port=6380) == "auth-tls"
    assert level(protected_mode=False, tls_port=6380) == "open"
    assert level(protected_mode=False, port=0, tls_port=1, tls_auth_clients="no") == "open"


def test_unread_acl_rules_leave_it_unknown() -> None:
    assert level(aclfile="/etc/redis/users.acl") is None
    assert level(user=["alice on nopass"]) is None
    assert level(aclfile="/etc/redis/users.acl", bind=["127.0.0.1"]) == "loopback"


@pytest.mark.parametrize(
    ("rule", "expected"), [("nopass", "guarded"), ("off", "auth-plain"), ("password", "auth-plain")]
)
def test_what_acl_rules_make_of_the_default_user(rule: str, expected: str) -> None:
    assert level(default_user=rule, aclfile="/etc/redis/users.acl") == expected


def test_a_hidden_address_or_port_leaves_it_unknown() -> None:
    assert level(bind=None) is None
    assert level(port=None) is None
