"""Every fact that a configuration decides, from its typed values.

`derive` puts the pure functions of this room together. It is the only place that
knows which path of `schemas/facts.schema.json` holds which result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from redislint.facts import aging, attack, exposure, memory, persistence, promises, replication
from redislint.facts.board import Board
from redislint.facts.running import Running, host_needs, running_facts
from redislint.model import Fact, Server

Values = Mapping[str, Any]
"""Typed effective values by canonical directive name; None or absent = unknown."""

VALKEY_COMPAT = 702
"""Every Valkey behaves as Redis 7.2 did, which it was forked from (7.2.4)."""


def derive(
    config: Values,
    is_set: Callable[[str], bool],
    server: Server,
    *,
    known: Values | None = None,
    default_user: str | None = "",
) -> dict[str, Fact]:
    """Facts of one target by path, each with unit and basis.

    `config`: effective typed values; `is_set(name)`: whether anything but the default
    sets the directive; `known`: facts from elsewhere by path (`host.memory_total`,
    `info.used_memory_dataset`, `target.load_seconds`, ...); `default_user`: what ACL
    rules make of the default user (see `exposure.default_user_open`). A fact that
    cannot be decided is absent: a rule that needs it ends as unknown.
    """
    more = running_facts(known or {}, config)
    board = Board()
    board.facts.update(server_facts(server))
    board.facts.update(more.facts)
    if _managed(board, more.values, server, config):
        _memory(board, config, is_set, more.values, None, None)
        board.put("replication.in_use", False, basis="the service sees to replicas by itself")
        board.put("target.sentinel", False)
        return board.facts
    compat = compatibility(server)
    rdb, aof = _persistence(board, config, server, more)
    _memory(board, config, is_set, more.values, rdb, aof)
    promises.restarts(board, config, more)
    promises.statement(board)
    board.facts.update(attack.facts(config, more.values))
    board.facts.update(exposure.facts(config, is_set, compat, default_user, more.values))
    if "target.role" not in board.facts:
        board.put("target.role", role(config), basis="replicaof, cluster-enabled")
    board.facts.update(host_needs(board.facts, more, config, compat))
    _replication(board, config, more)
    board.put("target.sentinel", False)
    return board.facts


def _managed(board: Board, known: Values, server: Server, config: Values) -> bool:
    """Whether a managed service runs the server; then its facts are put down."""
    service = known.get("cloud.service")
    board.put("target.managed", bool(service), basis="cloud.service")
    board.put("target.cloud", bool(service and known.get("cloud.resource")), basis="cloud.resource")
    if not service:
        return False
    from redislint.facts.managed import managed_facts

    board.facts.update(managed_facts(known, server, config))
    return True


def derive_sentinel(
    config: Values,
    is_set: Callable[[str], bool],
    server: Server,
    watched: Sequence[Mapping[str, Any]],
    options: Mapping[str, str] | None,
    default_user: str | None = "",
) -> dict[str, Fact]:
    """Facts of a Sentinel: what it watches (see `facts.sentinel`) and who reaches it.

    `config` holds what it shares with a server, {} for one that runs and does not tell.
    """
    from redislint.facts import sentinel

    board = Board()
    board.facts.update(server_facts(server))
    board.facts.update(sentinel.facts(watched, options))
    board.put("target.sentinel", True)
    board.put("target.role", "sentinel")
    if config:
        compat = compatibility(server)
        board.facts.update(exposure.facts(config, is_set, compat, default_user, {}))
    return board.facts


def _replication(board: Board, config: Values, more: Running) -> None:
    ha = more.values.get("target.ha")
    basis = "INFO replication, replicaof, cluster-enabled, declared ha"
    board.put("replication.in_use", replication.is_part(more.info, config, ha), "", basis)
    nodes = more.values.get("cluster.nodes")
    if isinstance(nodes, list):
        for path, value, unit, source in replication.cluster_facts(nodes):
            board.put(path, value, unit, source)


def version_number(server: Server) -> int:
    """Major and minor version as one integer that orders: 7.2 -> 702, 8.10 -> 810."""
    major, minor = (*server.version, 0)[:2]
    return major * 100 + minor


def compatibility(server: Server) -> int:
    """The Redis version whose behaviour it has, as `version_number`: any Valkey 702."""
    return VALKEY_COMPAT if server.engine == "valkey" else version_number(server)


def server_facts(server: Server) -> dict[str, Fact]:
    """`server.*`: engine, version as text and numbers, and what the tables say of it."""
    values = {
        "server.engine": server.engine,
        "server.name": str(server),
        "server.version": version_number(server),
        "server.version_text": ".".join(map(str, server.version)),
        "server.compat": compatibility(server),
    }
    found = {path: Fact(value, "", "server") for path, value in values.items()}
    return found | dict(aging.server_aging(server))


def role(config: Values) -> str | None:
    """`replica`, `cluster` or `primary`, as the configuration starts it.

    A file tells only the first role: a failover changes it.
    """
    if config.get("cluster-enabled"):
        return "cluster"
    for name in ("replicaof", "slaveof"):
        if config.get(name):
            return "replica"
    return "primary" if "replicaof" in config or "slaveof" in config else None


def _persistence(
    board: Board, config: Values, server: Server, more: Running
) -> tuple[bool | None, bool | None]:
    points, aof = config.get("save"), config.get("appendonly")
    if "aof_enabled" in more.info:
        aof = more.info["aof_enabled"] == 1
    rdb: bool | None = None
    if isinstance(points, list):
        rdb = bool(points)
        text = persistence.save_text(points)
        floor = persistence.floor_point(points)
        board.put("persistence.save_points", points, basis="save")
        board.put("persistence.rdb", rdb, basis=f"save {text or 'is empty'}")
        board.put("persistence.save_min_changes", floor and floor["changes"], "changes", "save")
        board.put(
            "persistence.unsaved_changes", persistence.unsaved_changes(points), "changes", "save"
        )
    stop = config.get("stop-writes-on-bgsave-error")
    if stop is False or (stop is not None and rdb is not None):
        board.put("persistence.stop_writes_effective", bool(stop and rdb), basis="save")
    board.put("persistence.aof", aof, basis="appendonly")
    if aof is None:
        return rdb, None
    fsync = config.get("appendfsync") if aof else "no"
    preamble = _preamble(config, server) if aof else False
    if aof:
        _rewrite(board, config)
        _incremental(board, config, rdb)
    if rdb is None or fsync is None or preamble is None:
        return rdb, aof
    basis = "save, appendonly, appendfsync, aof-use-rdb-preamble"
    family = persistence.family(rdb, aof, preamble)
    board.put("persistence.mode", persistence.mode(rdb, aof, fsync, preamble), basis=basis)
    text = persistence.mode_text(rdb, aof, fsync, preamble)
    board.put("persistence.mode_text", text, basis=basis)
    board.put("persistence.family", family, basis=basis)
    board.put("persistence.rank", persistence_rank(family, fsync), basis=basis)
    if not aof:
        _incremental(board, config, rdb)
    promises.losses(board, config, more, aof, fsync)
    return rdb, aof


def persistence_rank(family: str, appendfsync: str) -> int:
    """See `workload.rank`; here for the mode in effect."""
    from redislint.facts.workload import rank

    return rank(family, appendfsync)


def _preamble(config: Values, server: Server) -> bool | None:
    """aof-use-rdb-preamble came with Redis 4.0; before that no AOF starts with an RDB."""
    if compatibility(server) < 400:
        return False
    value = config.get("aof-use-rdb-preamble")
    return value if isinstance(value, bool) else None


def _rewrite(board: Board, config: Values) -> None:
    percentage = config.get("auto-aof-rewrite-percentage")
    size = config.get("auto-aof-rewrite-min-size")
    if percentage is None:
        return
    board.put("persistence.rewrite_automatic", percentage > 0, basis="auto-aof-rewrite-percentage")
    if percentage > 0:
        ratio = 1 + percentage / 100
        board.put(
            "persistence.rewrite_ratio", ratio, "times", "1 + auto-aof-rewrite-percentage / 100"
        )
    if size is not None:
        text = persistence.rewrite_trigger(percentage, size)
        board.put("persistence.rewrite_text", text, basis="auto-aof-rewrite-*")


def _incremental(board: Board, config: Values, rdb: bool | None) -> None:
    """The directives that make a child flush its file in one burst, of those that matter."""
    names = ["aof-rewrite-incremental-fsync"] if config.get("appendonly") else []
    if rdb or config.get("appendonly"):
        names.append("rdb-save-incremental-fsync")
    off = [name for name in names if config.get(name) is False]
    board.put("persistence.burst_flush", off, basis="aof-rewrite-, rdb-save-incremental-fsync")


def _memory(
    board: Board,
    config: Values,
    is_set: Callable[[str], bool],
    more: Values,
    rdb: bool | None,
    aof: bool | None,
) -> None:
    maxmemory, policy = config.get("maxmemory"), config.get("maxmemory-policy")
    limit = memory.memory_limit(more.get("host.memory_total"), more.get("host.cgroup_memory_max"))
    forks = memory.forks_possible(
        bool(rdb), bool(aof), role(config) == "replica", more.get("info.connected_slaves")
    )
    if rdb is None or aof is None:
        forks = True if rdb or aof else None
    board.put("memory.forks", forks, basis="save, appendonly, connected replicas")
    if isinstance(maxmemory, int):
        board.put("memory.limited", maxmemory > 0, basis="maxmemory")
        bound = memory.dataset_bound(maxmemory, more.get("target.dataset"))
        board.put("memory.dataset_bound", bound, "bytes", "maxmemory, declared data size")
        board.put("memory.limit", limit, "bytes", "host and container limit")
        advised = memory.maxmemory_advised(limit, forks, more.get("memory.write_heavy"))
        board.put("memory.maxmemory_advised", advised, "bytes", "memory.limit, memory.forks")
        if maxmemory > 0:
            portion = memory.share(maxmemory, limit)
            board.put("memory.maxmemory_share", portion, "ratio", "maxmemory / memory.limit")
            room = memory.fork_headroom(limit, bound)
            board.put("memory.fork_headroom", room, "ratio", "(memory.limit - data) / data")
            if room is not None:
                board.put("memory.headroom_text", memory.headroom_text(maxmemory, limit, room))
    if isinstance(policy, str):
        board.put("memory.eviction", memory.policy_scope(policy), basis="maxmemory-policy")
        board.put("memory.policy_samples", memory.policy_samples(policy), basis="maxmemory-policy")
    large = memory.large_thresholds(config)
    board.put(
        "memory.large_encodings",
        [f"{t.name} {t.value}" for t in large],
        basis="*-max-*-entries, -value",
    )
    limits = config.get("client-output-buffer-limit")
    for kind in ("normal", "replica", "pubsub"):
        found = memory.buffer_limit(limits, kind)
        if found is not None:
            for part, unit in (("hard", "bytes"), ("soft", "bytes"), ("seconds", "s")):
                path = f"memory.{kind}_buffer_{part}"
                board.put(path, found[part], unit, "client-output-buffer-limit")
