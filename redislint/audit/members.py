"""Servers of one run looked at together: which replicas which, and how they differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from redislint.facts import replication
from redislint.facts.replication import Member, is_loopback
from redislint.facts.values import expression_values
from redislint.model import Fact
from redislint.sources.live.reading import LiveTarget

_NO_ID = "0" * 40
"""What INFO tells as master_replid while there is none."""


def joined(servers: Sequence[LiveTarget]) -> dict[str, dict[str, Fact]]:
    """Facts by target that follow from servers read in the same run, by path."""
    members = {s.target.id: _member(s) for s in servers if s.identity.mode != "sentinel"}
    followers: dict[str, list[Member]] = {}
    found: dict[str, dict[str, Fact]] = {}
    for one in members.values():
        primary = _primary_of(one, members.values())
        if primary is not None:
            followers.setdefault(primary.name, []).append(one)
            _put(found, one.name, replication.of_replica(one, primary), "both servers")
    for one in members.values():
        if one.info.get("role") == "master":
            facts = replication.of_primary(one, followers.get(one.name, ()))
            _put(found, one.name, facts, "its replicas")
            listed = one.info.get("replicas")
            if isinstance(listed, list) and listed:
                copies = replication.hosts(one.host, listed)
                _put(found, one.name, [("replication.hosts", copies)], "INFO slaveN")
    return found


def _put(
    found: dict[str, dict[str, Fact]], name: str, facts: Iterable[tuple[str, Any]], basis: str
) -> None:
    into = found.setdefault(name, {})
    into.update((path, Fact(value, "", "live", basis)) for path, value in facts)


def _member(server: LiveTarget) -> Member:
    info = {p[5:]: f.value for p, f in server.target.facts.items() if p.startswith("info.")}
    config = expression_values(server.configuration.values())
    return Member(server.target.id, server.address.host, server.target.server, info, config)


def _primary_of(replica: Member, members: Iterable[Member]) -> Member | None:
    """The primary that a replica follows, where it was read: the one with the same history
    (master_replid, 4.0 and later) or, where neither tells one, at the address that it names."""
    if replica.info.get("role") != "slave":
        return None
    history = replica.info.get("master_replid")
    for other in members:
        if other.info.get("role") != "master":
            continue
        theirs = other.info.get("master_replid")
        if history and theirs and _NO_ID not in (history, theirs):
            if history == theirs:
                return other
        elif _is_at(other, replica):
            return other
    return None


def _is_at(primary: Member, replica: Member) -> bool:
    host, port = str(replica.info.get("master_host")), replica.info.get("master_port")
    if primary.info.get("tcp_port") != port:
        return False
    return host == primary.host or (is_loopback(host) and is_loopback(primary.host))
