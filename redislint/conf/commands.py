"""Which commands, subcommands and ACL categories each server version has.

The facts stand in `schemas/commands.json` as the running servers listed them
(COMMAND in server mode and in sentinel mode, ACL CAT), one change point per measured
version. A version that was not measured has what the greatest measured version of its
engine below it has. The file is read when the first question is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from redislint.model import Server

DANGEROUS = (
    "acl|setuser",
    "config|set",
    "debug",
    "flushall",
    "flushdb",
    "keys",
    "migrate",
    "module|load",
    "replicaof",
    "shutdown",
    "slaveof",
)
"""Commands that reach the host, hand over the data, or stop or empty the server: the part
of the category @dangerous that no application needs. The category itself also holds INFO,
SORT or LATENCY, which monitoring does need."""


def exists(name: bytes, server: Server, sentinel: bool = False) -> bool:
    """Does `server` know a command of this name? The case does not matter; a
    subcommand is written `config|get` and is known from 7.0 on."""
    return _text(name) in categories_of(server, sentinel)


def names(server: Server, sentinel: bool = False) -> frozenset[str]:
    """The names of all commands, lower case, without subcommands."""
    return frozenset(name for name in categories_of(server, sentinel) if "|" not in name)


def subcommands(name: bytes, server: Server, sentinel: bool = False) -> frozenset[str]:
    """The subcommands of a container command (`get`, `set`, ... of `config`), empty
    for any other command and for servers older than 7.0."""
    return _containers(server, sentinel).get(_text(name), frozenset())


def categories(server: Server) -> frozenset[str]:
    """The ACL categories without `@` and without `all`, empty before redis 6.0."""
    known = categories_of(server, False).values()
    return frozenset(_data()["categories"].split()) if any(known) else frozenset()


@cache
def categories_of(server: Server, sentinel: bool = False) -> Mapping[str, frozenset[str]]:
    """Every command and `container|subcommand` with the ACL categories it is in."""
    data = _data()["sentinel" if sentinel else "server"]
    found: dict[str, frozenset[str]] = {}
    for point in _points(data, server):
        for gone in point["removed"].split():
            del found[gone]
        for tags, members in point["set"].items():
            tagged = frozenset(tags.split())
            found.update(dict.fromkeys(members.split(), tagged))
    return found


@cache
def members(category: str, server: Server) -> frozenset[str]:
    """The commands and `container|subcommand` names in an ACL category (no `@`)."""
    return frozenset(name for name, tags in categories_of(server).items() if category in tags)


def _points(data: Mapping[str, list[dict[str, Any]]], server: Server) -> list[dict[str, Any]]:
    """The change points that lead to `server`, oldest first. A version older than the
    first measured one counts as that one."""
    points = data[server.engine]
    reached = [point for point in points if _version(point["version"]) <= server.version]
    reached = reached or points[:1]
    base = reached[0].get("like")
    return (_points(data, Server.parse(base)) if base else []) + reached


@cache
def _containers(server: Server, sentinel: bool) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for name in categories_of(server, sentinel):
        container, bar, sub = name.partition("|")
        if bar:
            found.setdefault(container, set()).add(sub)
    return {container: frozenset(subs) for container, subs in found.items()}


@cache
def _data() -> dict[str, Any]:
    import json

    from redislint.resources import read_schema

    data: dict[str, Any] = json.loads(read_schema("commands.json"))
    return data


def _version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def _text(name: bytes) -> str:
    return name.decode("latin-1").lower() if name.isascii() else ""
