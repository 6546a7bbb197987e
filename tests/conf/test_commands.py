"""The table of commands against what is known of single versions."""

from __future__ import annotations

import json

import pytest

from redislint.conf import commands
from redislint.model import Server
from redislint.resources import read_schema


@pytest.mark.parametrize(
    ("name", "known", "unknown"),
    [
        ("get", ["redis-2.8", "redis-8.6", "valkey-7.2", "valkey-9.1"], []),
        ("HOST:", ["redis-3.2", "redis-6.2"], ["redis-3.0", "redis-7.0", "valkey-7.2"]),
        ("acl", ["redis-6.0", "valkey-8.0"], ["redis-5.0"]),
        ("copy", ["redis-6.2"], ["redis-6.0"]),
        ("replicaof", ["redis-5.0"], ["redis-4.0"]),
        ("config|get", ["redis-7.0", "valkey-8.1"], ["redis-6.2"]),
        ("sentinel", [], ["redis-2.8", "redis-7.2", "valkey-9.1"]),
        ("", [], ["redis-7.2"]),
        ("g\u00e9t", [], ["redis-7.2"]),
    ],
)
def test_exists(name: str, known: list[str], unknown: list[str]) -> None:
    for text, expected in [*((t, True) for t in known), *((t, False) for t in unknown)]:
        assert commands.exists(name.encode(), Server.parse(text)) is expected, text


@pytest.mark.parametrize(
    ("text", "count", "sentinel_count"),
    [
        ("redis-2.8", 157, 10),
        ("redis-3.0", 163, 11),
        ("redis-3.2", 176, 11),
        ("redis-4.0", 180, 11),
        ("redis-5.0", 200, 12),
        ("redis-6.0", 205, 13),
        ("redis-6.2", 224, 15),
        ("redis-7.0", 366, 72),
        ("redis-7.2", 370, 73),
        ("redis-7.4", 379, 73),
        ("redis-8.0", 394, 73),
        ("redis-8.6", 412, 73),
        ("valkey-7.2", 370, 73),
        ("valkey-8.0", 373, 77),
        ("valkey-8.1", 379, 77),
        ("valkey-9.1", 399, 77),
    ],
)
def test_every_measured_version_has_the_commands_it_listed(
    text: str, count: int, sentinel_count: int
) -> None:
    server = Server.parse(text)
    assert len(commands.categories_of(server)) == count
    assert len(commands.categories_of(server, True)) == sentinel_count


def test_a_version_between_two_measured_ones_is_as_the_older() -> None:
    for between, older in [("redis-7.3", "redis-7.2"), ("valkey-9.0", "valkey-8.1")]:
        table = commands.categories_of(Server.parse(between))
        assert table == commands.categories_of(Server.parse(older))
    assert commands.names(Server.parse("redis-7.2.6")) == commands.names(Server.parse("redis-7.2"))


def test_subcommands() -> None:
    seven, six = Server.parse("redis-7.2"), Server.parse("redis-6.2")
    assert commands.subcommands(b"CONFIG", seven) >= {"get", "set", "rewrite", "resetstat"}
    assert commands.subcommands(b"get", seven) == frozenset()
    assert commands.subcommands(b"config", six) == frozenset()
    assert "masters" in commands.subcommands(b"sentinel", seven, sentinel=True)


def test_categories() -> None:
    seven = Server.parse("redis-7.2")
    assert len(commands.categories(seven)) == 21
    assert commands.categories(Server.parse("redis-5.0")) == frozenset()
    assert {"flushall", "config|set", "keys"} <= commands.members("dangerous", seven)
    assert "get" not in commands.members("dangerous", seven)


def test_every_category_of_a_command_is_listed() -> None:
    data = json.loads(read_schema("commands.json"))
    listed = set(data["categories"].split())
    for mode in ("server", "sentinel"):
        for points in data[mode].values():
            for point in points:
                assert all(set(tags.split()) <= listed for tags in point["set"])
