"""What an Ansible inventory comes to: groups, hosts, and the variables that count for each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from redislint.policy.errors import PolicyError, Problem

MOST_HOSTS = 100_000
"""Hosts of one group; more are a mistake in a range."""

_RANGE = re.compile(r"\[([0-9]+|[A-Za-z]):([0-9]+|[A-Za-z])(?::([0-9]+))?\]")


class Value(NamedTuple):
    """A variable's text, None where a template or a vault keeps it; `path` and `line` say where."""

    text: str | None
    path: str
    line: int


Variables = dict[str, Value]


@dataclass
class Group:
    """A group; `children` by name, `hosts` with the variables that stand beside them."""

    name: str
    hosts: dict[str, Variables] = field(default_factory=dict)
    variables: Variables = field(default_factory=dict)
    children: set[str] = field(default_factory=set)


@dataclass
class Estate:
    """All groups of an inventory and the files of variables beside it, by name; `notices` say
    what of it cannot be read here."""

    groups: dict[str, Group] = field(default_factory=dict)
    of_groups: dict[str, Variables] = field(default_factory=dict)
    of_hosts: dict[str, Variables] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)

    def group(self, name: str) -> Group:
        return self.groups.setdefault(name, Group(name))


def wrong(path: str, line: int, column: int, message: str) -> PolicyError:
    """An error with its place, to be raised."""
    return PolicyError([Problem(path, line, column, message)])


def add(
    group: Group, pattern: str, variables: Variables, path: str, line: int, column: int
) -> None:
    """Add the hosts of a pattern to a group. Raises PolicyError for too many."""
    name, port = _port(pattern)
    own = {"ansible_port": Value(port, path, line)} if port else {}
    for host in _expanded(name):
        if len(group.hosts) >= MOST_HOSTS:
            raise wrong(path, line, column, f"more than {MOST_HOSTS} hosts in one group")
        group.hosts.setdefault(host, {}).update({**own, **variables})


def _port(pattern: str) -> tuple[str, str]:
    """A host and the port of SSH that may follow it, which is not that of a server."""
    if pattern.count(":") == 1 or "]:" in pattern:
        host, _, port = pattern.rpartition(":")
        if port.isdigit() and host.count("[") == host.count("]"):
            return host, port
    return pattern, ""


def _expanded(pattern: str) -> Iterator[str]:
    """The hosts of `cache[01:12:2].example.com` and `db-[a:c]`; both ends belong to it."""
    match = _RANGE.search(pattern)
    if match is None:
        yield pattern
        return
    first, last, step = match[1], match[2], int(match[3] or 1) or 1
    before, after = pattern[: match.start()], pattern[match.end() :]
    if first.isdigit() and last.isdigit():
        width = len(first) if first.startswith("0") or len(first) == len(last) else 0
        middles: Iterator[str] = (
            str(n).zfill(width) for n in range(int(first), int(last) + 1, step)
        )
    else:
        middles = (chr(n) for n in range(ord(first), ord(last) + 1, step))
    for middle in middles:
        yield from _expanded(f"{before}{middle}{after}")


def variables_of(estate: Estate) -> Mapping[str, tuple[Variables, frozenset[str]]]:
    """For each host its variables as Ansible merges them (groups from the outermost inwards, then
    files of groups, the host, files of hosts) and the names of all its groups."""
    parents: dict[str, set[str]] = {}
    for group in estate.groups.values():
        for child in group.children:
            parents.setdefault(child, set()).add(group.name)
    above = {name: _above(name, parents) for name in estate.groups}
    depth = {name: len(above[name]) for name in estate.groups}
    own: dict[str, Variables] = {}
    groups: dict[str, set[str]] = {}
    for group in estate.groups.values():
        for host, variables in group.hosts.items():
            own.setdefault(host, {}).update(variables)
            groups.setdefault(host, set()).update({group.name, *above[group.name]})
    found = {}
    for host, variables in own.items():
        order = sorted(groups[host] - {"all"}, key=lambda name: (depth[name], name))
        merged: Variables = {}
        for name in ("all", *order):
            merged.update(estate.groups[name].variables if name in estate.groups else {})
        for name in ("all", *order):
            merged.update(estate.of_groups.get(name, {}))
        merged.update(variables)
        merged.update(estate.of_hosts.get(host, {}))
        found[host] = merged, frozenset(groups[host])
    return found


def _above(name: str, parents: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    pending = list(parents.get(name, ()))
    while pending:
        one = pending.pop()
        if one not in found:
            found.add(one)
            pending += parents.get(one, ())
    return found
