"""What an ACL user's rules come to; tried on a real server in test_real_access."""

from __future__ import annotations

from typing import Any

import pytest

from redislint.conf.acl import parse_user
from redislint.conf.acl_grants import as_fact, grants, login
from redislint.model import Server


def told(rules: str, server: str = "redis-7.2") -> dict[str, Any]:
    where = Server.parse(server)
    return grants(parse_user([b"app", *rules.encode().split(b" ")], where), where)


@pytest.mark.parametrize(
    ("enabled", "nopass", "passwords", "expected"),
    [
        (False, True, 1, "off"), (True, True, 0, "nopass"), (True, False, 2, "password"),
        (True, False, 0, "off"),
    ],
)  # fmt: skip
def test_login(enabled: bool, nopass: bool, passwords: int, expected: str) -> None:
    assert login(enabled, nopass, passwords) == expected


def test_the_order_of_rules_counts() -> None:
    assert told("on >x ~* +@all -@dangerous")["dangerous"] == []
    assert told("on >x ~* -@dangerous +@all")["all_commands"]
    assert told("on >x ~* +@all -flushall")["all_commands"] is False
    assert told("on >x ~* +@all nocommands +get")["dangerous"] == []


def test_selectors_add() -> None:
    user = told("on >x ~app:* +@read -keys (+flushall ~*)")
    assert user["dangerous"] == ["flushall"]
    assert user["all_keys"]
    assert told("on >x +ping (+@all ~*)")["all_commands"]
    assert not told("on >x +ping")["any_keys"]


def test_a_later_reset_takes_everything_back() -> None:
    user = told("on nopass ~* &* +@all reset on")
    assert (user["login"], user["dangerous"], user["any_keys"]) == ("off", [], False)
    assert told("on nopass resetpass >x ~*")["login"] == "password"


def test_scripts_are_those_of_the_version() -> None:
    for server in ("redis-6.0", "redis-6.2", "redis-7.2", "valkey-9.0"):
        assert not told("on >x ~* +@all -@scripting", server)["scripts"], server
        assert told("on >x ~* +@all", server)["scripts"], server
    assert told("on >x ~* +@write", "redis-7.2")["scripts"]  # FUNCTION LOAD
    assert not told("on >x ~* +@write", "redis-6.2")["scripts"]


def test_no_password_and_no_hash_is_in_the_fact() -> None:
    where = Server.parse("redis-7.2")
    digest = "1c30b9611d449da859fd6c43a94d37a34ae3c9101b46421dbb16e5c5f8d4ac0c"
    rules = f"on >CANARY-one #{digest} ~* +@all (~x:* +get)".encode().split(b" ")
    fact = as_fact(parse_user([b"app", *rules], where), where)
    assert fact["passwords"] == 2
    assert "CANARY" not in repr(fact)
    assert digest not in repr(fact)


def test_one_weak_password_of_several_is_enough() -> None:
    assert told("on >5e2b8b0f4c6d41d3a7f9 >foobared ~*")["weak_password"]
    assert not told("on >5e2b8b0f4c6d41d3a7f9 ~*")["weak_password"]
    assert not told("on nopass ~*")["weak_password"]
