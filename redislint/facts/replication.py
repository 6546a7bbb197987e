"""Replication and cluster, as one server sees it (INFO, CLUSTER NODES) and as several do.

`server_facts` is about one server; `of_replica` and `of_primary` join servers that were read
in one run. What a server does not tell stays absent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from redislint.model import Server

Values = Mapping[str, Any]

IN_SYNC_SECONDS = 10
"""A replica whose last acknowledgement is at most this old counts as in sync."""

SLOTS = 16384
"""Hash slots of a cluster (CLUSTER_SLOTS in the servers' cluster.h)."""

COMPARED = (
    "maxmemory", "maxmemory-policy", "appendonly", "appendfsync", "save", "timeout",
)  # fmt: skip
"""Directives whose difference between members shows after a failover."""

RDB_VERSIONS = {
    ("redis", (2, 8)): 6, ("redis", (3, 0)): 6, ("redis", (3, 2)): 7, ("redis", (4, 0)): 8,
    ("redis", (5, 0)): 9, ("redis", (6, 0)): 9, ("redis", (6, 2)): 9, ("redis", (7, 0)): 10,
    ("redis", (7, 2)): 11, ("redis", (7, 4)): 12, ("redis", (8, 0)): 12,
    ("valkey", (7, 2)): 11, ("valkey", (8, 0)): 11, ("valkey", (8, 1)): 11,
    ("valkey", (9, 0)): 80, ("valkey", (9, 1)): 80,
}  # fmt: skip
"""RDB_VERSION of each line (src/rdb.h): a server reads what is not newer than its own."""


class Member(NamedTuple):
    """One server of a run. `host` is where it was reached; `config` are typed values."""

    name: str
    host: str
    server: Server
    info: Values
    config: Values


def is_part(info: Values, config: Values, ha: str | None) -> bool:
    """Whether somebody says that the server has or is a replica: INFO, its configuration, or
    the declaration `ha`. That nobody says so is no proof that it stands alone."""
    if info.get("role") == "slave" or (info.get("connected_slaves") or 0) > 0:
        return True
    if in_cluster(info, config) or config.get("replicaof") or config.get("slaveof"):
        return True
    return ha in ("replica", "sentinel", "cluster")


def server_facts(
    info: Values, config: Values, number: Callable[[Values, str], Any], replicas: Sequence[Values]
) -> Iterator[tuple[str, Any, str, str]]:
    """Path, value, unit and basis of what INFO says; `replicas` as INFO lists them."""
    attached = number(info, "connected_slaves")
    if attached is None:
        return
    yield "replication.replicas", int(attached), "", "connected_slaves"
    if len(replicas) == attached:
        online = [one for one in replicas if one.get("state") == "online"]
        lags = [lag(one) for one in online]
        good = [seconds for seconds in lags if seconds <= IN_SYNC_SECONDS]
        yield "replication.in_sync", len(good), "", "slaveN: online, lag of at most 10 s"
        yield "replication.worst_lag", max(lags, default=None), "s", "slaveN: lag"
        yield "replication.behind", _behind(info, replicas, number), "", "slaveN, backlog"
    # A primary sends the stream to each replica: what one gets is what the backlog takes.
    rate = number(info, "instantaneous_output_repl_kbps")
    if rate is not None and attached:
        each = rate * 1024 / attached
        yield "replication.write_rate", each, "bytes per second", "instantaneous_output_repl_kbps"
        size = config.get("repl-backlog-size")
        if size and each >= 1:
            yield "replication.backlog_seconds", size / each, "s", "repl-backlog-size / write rate"


def lag(replica: Values) -> float:
    """Seconds since a replica's last acknowledgement; without end where none came."""
    found = replica.get("lag")
    return found if isinstance(found, (int, float)) else float("inf")


def _behind(
    info: Values, replicas: Sequence[Values], number: Callable[[Values, str], Any]
) -> list[dict[str, Any]] | None:
    """The replicas that miss more than half of what the backlog keeps, or do not answer."""
    end, kept = number(info, "master_repl_offset"), number(info, "repl_backlog_size")
    if end is None or kept is None:
        return None
    found = []
    for one in replicas:
        missing = end - offset if isinstance(offset := one.get("offset"), int) else 0
        if one.get("state") != "online" or (lag(one) <= IN_SYNC_SECONDS and missing <= kept / 2):
            continue
        seconds = lag(one)
        found.append(
            {
                "replica": f"{one.get('ip', '?')}:{one.get('port', '?')}",
                "bytes": missing,
                "seconds": seconds if seconds != float("inf") else -1,
            }
        )
    return found


def cluster_facts(nodes: Sequence[Values]) -> Iterator[tuple[str, Any, str, str]]:
    """The shard of the node that answered CLUSTER NODES, where it is a primary with slots."""
    own = next((node for node in nodes if "myself" in node.get("flags", ())), None)
    if own is None or own.get("role") != "primary":
        return
    yield "cluster.own_slots", own.get("slots", 0), "", "CLUSTER NODES"
    replicas = [node for node in nodes if node.get("primary") == own.get("id")]
    healthy = [node for node in replicas if not node.get("failed")]
    yield "cluster.own_replicas", len(healthy), "", "CLUSTER NODES: replicas that did not fail"


def of_replica(replica: Member, primary: Member) -> Iterator[tuple[str, Any]]:
    """What a replica has otherwise than its primary, from both in one run."""
    yield "replication.primary", primary.name
    yield (
        "replication.differences",
        [
            {"directive": name, "here": replica.config[name], "primary": primary.config[name]}
            for name in COMPARED
            if name in replica.config
            and name in primary.config
            and replica.config[name] != primary.config[name]
        ],
    )
    limit = primary.config.get("maxmemory")
    if isinstance(limit, int):
        yield "target.primary_maxmemory", limit
    own, other = rdb_version(replica.server), rdb_version(primary.server)
    yield "replication.primary_server", str(primary.server)
    if own is not None and other is not None:
        yield "replication.reads_primary", own >= other


def rdb_version(server: Server) -> int | None:
    """The newest RDB format that a server reads; None for a line that is not known."""
    major, minor = (*server.version, 0)[:2]
    return RDB_VERSIONS.get((server.engine, (major, minor)))


def of_primary(primary: Member, replicas: Sequence[Member]) -> Iterator[tuple[str, Any]]:
    """Who could take over, where every replica of a primary was read in the same run."""
    if not replicas or primary.info.get("connected_slaves") != len(replicas):
        return
    able = [_electable(one) for one in replicas]
    if None not in able:
        yield "replication.promotable", sum(1 for one in able if one)


def in_cluster(info: Values, config: Values) -> bool:
    """Whether it is a node of a cluster. CONFIG GET shows it from 4.0 on, INFO always."""
    return info.get("cluster_enabled") == 1 or bool(config.get("cluster-enabled"))


def _electable(one: Member) -> bool | None:
    """Whether a replica may become primary by itself; None where it does not tell. Nodes
    before 5.0 have no switch against it."""
    if not in_cluster(one.info, one.config):
        priority = one.config.get("replica-priority", one.config.get("slave-priority"))
        return None if priority is None else priority > 0
    for name in ("cluster-replica-no-failover", "cluster-slave-no-failover"):
        if name in one.config:
            return not one.config[name]
    return True if one.server.engine == "redis" and one.server.version < (5,) else None


def hosts(own: str, replicas: Sequence[Values]) -> list[str]:
    """The hosts that hold a copy: a replica that comes from loopback is on the primary's."""
    found = [str(one.get("ip", "")) for one in replicas]
    there = [own if not ip or is_loopback(ip) else ip for ip in found]
    return sorted({own, *there})


def is_loopback(host: str) -> bool:
    """Whether an address or name means the host itself."""
    word = host.lower().strip("[]")
    return word.startswith("127.") or word in ("::1", "localhost")
