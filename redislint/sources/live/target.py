"""From a server's replies to a target with facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from redislint import catalog
from redislint.model import REDACTED, Fact, Target
from redislint.sources.live import acl, topology
from redislint.sources.live import commands as c
from redislint.sources.live.acl import AclUser
from redislint.sources.live.collect import Replies, knows
from redislint.sources.live.info import (
    NEVER,
    counts,
    keyspace,
    numbered,
    scalars,
    typed,
    unit,
)
from redislint.sources.live.reading import LiveTarget, Refusal
from redislint.sources.live.running import RunningConfiguration, from_config_get, from_info

KIND = "live"

_SINCE = {
    "maxclients": "6.2",
    "maxmemory": "3.2",
    "maxmemory_policy": "3.2",
    "total_system_memory": "3.2",
    "used_memory_startup": "4.0",
    "used_memory_dataset": "4.0",
    "used_memory_overhead": "4.0",
    "rdb_last_cow_size": "4.0",
    "aof_last_cow_size": "4.0",
    "allocator_frag_ratio": "5.0",
    "mem_fragmentation_bytes": "5.0",
    "current_cow_size": "6.2",
    "current_fork_perc": "6.2",
    "total_forks": "6.2",
    "total_error_replies": "6.2",
    "server_time_usec": "6.2",
    "errors": "6.2",
    "current_cow_peak": "7.0",
    "async_loading": "7.0",
    "rdb_saves": "7.0",
    "aof_rewrites": "7.0",
    "aof_rewrites_consecutive_failures": "7.0",
    "evicted_clients": "7.0",
    "total_eviction_exceeded_time": "7.0",
    "acl_access_denied_auth": "7.2",
}
"""The first Redis version whose INFO has the field; every Valkey has them all."""

_WITH_AOF = (
    "aof_current_size",
    "aof_base_size",
    "aof_pending_rewrite",
    "aof_buffer_length",
    "aof_pending_bio_fsync",
    "aof_delayed_fsync",
)
_OF_REPLICA = ("master_link_status", "master_last_io_seconds_ago", "slave_repl_offset")


def make_target(replies: Replies) -> LiveTarget:
    """The target, from everything that the server answered."""
    facts: dict[str, Fact] = {}
    unknown: dict[str, str] = {}
    _info_facts(replies, facts, unknown)
    configuration = _configuration(replies)
    users = _users(replies)
    default_user = _default_user(replies, users)
    _identity_facts(replies, facts, configuration, default_user)
    _reply_facts(replies, facts, users)
    _secret_facts(replies, facts, configuration, users)
    for refusal in replies.refusals:
        for path in _facts_of(refusal.command):
            unknown.setdefault(path, _reason(refusal))
    if configuration.unknown:
        for name in catalog.specs(replies.identity.server):
            if name not in configuration.by_name:
                unknown[f'config["{name}"]'] = configuration.unknown
    uri = replies.address.uri
    return LiveTarget(
        target=Target(
            id=uri,
            kind=KIND,
            uri=uri,
            server=replies.identity.server,
            held=(replies.identity.server,),
            settings=configuration.settings,
            facts=facts,
            unknown=unknown,
        ),
        address=replies.address,
        identity=replies.identity,
        info=replies.info,
        configuration=configuration,
        default_user=default_user,
        users=users,
        second=replies.second,
        seconds=replies.seconds,
        own_errors=replies.own_errors,
        local=replies.local,
        refusals=replies.refusals,
        notices=tuple(_notices(replies)),
    )


# -- INFO ------------------------------------------------------------------------------


def _info_facts(replies: Replies, facts: dict[str, Fact], unknown: dict[str, str]) -> None:
    info = replies.info
    for name, value in scalars(info):
        if value is None:
            unknown[f"info.{name}"] = NEVER.get(name, "the server says that it has no value")
        else:
            facts[f"info.{name}"] = Fact(value, unit(name), "info")
    for name, value in keyspace(info).items():
        facts[f"info.{name}"] = Fact(value, "ratio" if name == "expiring_share" else "", "info")
    if replies.identity.mode == "sentinel":
        return
    facts["info.replicas"] = Fact(numbered(info, "slave"), "", "info")
    for path, prefix, key in (
        ("info.errors", "errorstat_", "count"),
        ("info.commands", "cmdstat_", "calls"),
    ):
        rows = counts(info, prefix, key)
        if rows is not None:
            facts[path] = Fact(rows, "", "info")
    _absent(replies, facts, unknown)


def _absent(replies: Replies, facts: Mapping[str, Fact], unknown: dict[str, str]) -> None:
    """Why a field that rules ask for is not there."""
    server = replies.identity.server
    for name, since in _SINCE.items():
        if f"info.{name}" not in facts:
            unknown.setdefault(
                f"info.{name}", f"INFO of {server} does not tell it; Redis {since} and later does"
            )
    if replies.info.text("aof_enabled") == "0":
        for name in _WITH_AOF:
            unknown.setdefault(f"info.{name}", "INFO tells it only while appendonly is on")
    if replies.info.text("role") == "master":
        for name in _OF_REPLICA:
            unknown.setdefault(f"info.{name}", "only a replica has it")


# -- configuration, users --------------------------------------------------------------


def _configuration(replies: Replies) -> RunningConfiguration:
    server = replies.identity.server
    if replies.identity.mode == "sentinel":
        return RunningConfiguration(server, unknown="a Sentinel has no CONFIG GET")
    pairs = _pairs(replies.by_command.get(c.CONFIG_GET.name))
    if pairs:
        return from_config_get(pairs, server)
    refusal = replies.refusal(c.CONFIG_GET)
    if refusal is not None:
        reason = _reason(refusal)
    else:
        reason = "the server answers CONFIG GET with nothing that is a configuration"
    return from_info(replies.info, server, reason, managed=bool(replies.identity.service))


def _pairs(reply: Any) -> list[tuple[bytes, bytes]]:
    """A flat list of names and values; empty for anything else."""
    if not isinstance(reply, list) or len(reply) % 2:
        return []
    if not all(isinstance(item, bytes) or item is None for item in reply):
        return []
    pairs = zip(reply[::2], reply[1::2], strict=True)
    return [(name, value or b"") for name, value in pairs if name]


def _reason(refusal: Refusal) -> str:
    """Why a fact is missing, and what helps."""
    command = next((k for k in c.COMMANDS if k.name == refusal.command), None)
    said = refusal.command.removesuffix(" *")
    if refusal.code == "NOPERM":
        grant = f": grant {command.acl} to the user of the audit" if command else ""
        return f"the user may not run {said} (NOPERM){grant}"
    if refusal.hidden:
        word = said.split()[0]
        return f"the server does not know {word}: renamed, disabled, or a managed service"
    return f"the server refused {said} ({refusal.code})"


def _facts_of(name: str) -> tuple[str, ...]:
    return next((command.facts for command in c.COMMANDS if command.name == name), ())


def _users(replies: Replies) -> tuple[AclUser, ...] | None:
    reply = replies.by_command.get(c.ACL_LIST.name)
    if isinstance(reply, list):
        lines = [line for line in reply if isinstance(line, bytes)]
        return acl.parse_list(lines, replies.identity.server)
    return None


def _default_user(replies: Replies, users: Iterable[AclUser] | None) -> str | None:
    """See `LiveTarget.default_user`."""
    if knows(replies.identity.server) < c.ACL_LIST.since:
        return ""
    for user in users or ():
        if user.name == "default":
            return user.access
    reply = replies.by_command.get(c.ACL_GETUSER.name)
    if isinstance(reply, list):
        told = acl.parse_getuser("default", reply)
        if told is not None:
            return told.access
    own = replies.by_command.get(c.ACL_WHOAMI.name)
    return "nopass" if own == b"default" and not replies.asked else None


# -- the other facts -------------------------------------------------------------------


def _identity_facts(
    replies: Replies,
    facts: dict[str, Fact],
    configuration: RunningConfiguration,
    default_user: str | None,
) -> None:
    identity = replies.identity
    facts["server.mode"] = Fact(identity.mode, "", "info")
    facts["server.product"] = Fact(identity.product, "", "info")
    if identity.service:
        facts["cloud.service"] = Fact(identity.service, "", "info")
    facts["live.password_asked"] = Fact(replies.asked, "", "connection")
    facts["live.tls"] = Fact(replies.address.tls, "", "connection")
    if identity.mode != "sentinel":
        facts["live.config_readable"] = Fact(not configuration.unknown, "", "connection")
        facts["live.config_problem"] = Fact(configuration.unknown, "", "connection")
        told = "info.aof_enabled" in facts or "info.rdb_last_bgsave_status" in facts
        facts["live.persistence_readable"] = Fact(told, "", "info")
    if default_user:
        facts["acl.default_user"] = Fact(default_user, "", "ACL LIST")
    role = {"master": "primary", "slave": "replica"}.get(replies.info.text("role") or "")
    if role:
        facts["live.role"] = Fact(role, "", "info")
        if identity.mode == "standalone":
            facts["target.role"] = Fact(role, "", "info")


def _secret_facts(
    replies: Replies,
    facts: dict[str, Fact],
    configuration: RunningConfiguration,
    users: tuple[AclUser, ...] | None,
) -> None:
    """Whose passwords are easy to guess, where both CONFIG GET and ACL LIST answered."""
    acl_known = users is not None or knows(replies.identity.server) < c.ACL_LIST.since
    if configuration.unknown or not acl_known:
        return
    weak = [*configuration.weak]
    for user in users or ():
        told = user.name == "default" and "requirepass" in weak
        if user.grants.get("weak_password") and user.access != "off" and not told:
            weak.append(f"user {user.name}")
    facts["secrets.weak"] = Fact(weak, "", "CONFIG GET, ACL LIST")


def _reply_facts(
    replies: Replies, facts: dict[str, Fact], users: tuple[AclUser, ...] | None
) -> None:
    found = replies.by_command
    version = knows(replies.identity.server)
    if version < c.ACL_LIST.since:
        facts["acl.users"] = Fact([], "", "INFO: its version has no ACL")
    if version < c.MODULE_LIST.since:
        facts["modules"] = Fact([], "", "INFO: its version has no modules")
    if users is not None:
        facts["acl.users"] = Fact([user.as_fact() for user in users], "", c.ACL_LIST.name)
    own = found.get(c.ACL_WHOAMI.name)
    if isinstance(own, bytes):
        facts["acl.whoami"] = Fact(topology.text(own), "", c.ACL_WHOAMI.name)
    modules = found.get(c.MODULE_LIST.name)
    if isinstance(modules, list):
        facts["modules"] = Fact([_module(row) for row in topology.rows(modules)], "", "MODULE LIST")
    for name, value in _cluster_info(found.get(c.CLUSTER_INFO.name)):
        facts[f"cluster.{name}"] = Fact(value, "", c.CLUSTER_INFO.name)
    nodes = found.get(c.CLUSTER_NODES.name)
    if isinstance(nodes, bytes):
        rows = [node.as_fact() for node in topology.cluster_nodes(nodes)]
        facts["cluster.nodes"] = Fact(rows, "", c.CLUSTER_NODES.name)
    events = found.get(c.LATENCY_LATEST.name)
    if isinstance(events, list):
        rows = [row for event in events if (row := _event(event))]
        facts["latency.events"] = Fact(rows, "", c.LATENCY_LATEST.name)
    length = found.get(c.SLOWLOG_LEN.name)
    if isinstance(length, int):
        facts["slowlog.length"] = Fact(length, "", c.SLOWLOG_LEN.name)
    clock = found.get(c.TIME.name)
    if isinstance(clock, list) and len(clock) == 2:
        numbers = [typed("time", topology.text(part)) for part in clock]
        if all(isinstance(number, int) for number in numbers):
            facts["server.time"] = Fact(numbers[0] + numbers[1] / 1e6, "s", c.TIME.name)
    if replies.identity.mode == "sentinel":
        _sentinel_facts(found, facts)


def _module(row: Mapping[str, Any]) -> dict[str, Any]:
    told = {"name": str(row.get("name", "")), "version": row.get("ver")}
    return {**told, "path": str(row["path"])} if row.get("path") else told


def _cluster_info(reply: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(reply, bytes):
        return
    for line in topology.text(reply).splitlines():
        name, found, value = line.partition(":")
        if found and name.startswith("cluster_"):
            yield name.removeprefix("cluster_"), typed(name, value)


def _event(event: Any) -> dict[str, Any] | None:
    if not isinstance(event, list) or len(event) < 4 or not isinstance(event[0], bytes):
        return None
    if not all(isinstance(number, int) for number in event[1:4]):
        return None
    return {
        "event": topology.text(event[0]),
        "at": event[1],
        "latest_ms": event[2],
        "max_ms": event[3],
    }


def _sentinel_facts(found: Mapping[str, Any], facts: dict[str, Fact]) -> None:
    primaries = topology.rows(found.get(c.SENTINEL_MASTERS.name))
    for row in primaries:
        for key, command in (("replicas", c.SENTINEL_SLAVES), ("others", c.SENTINEL_SENTINELS)):
            reply = found.get(f"{command.name} {row.get('name')}")
            if reply is not None:
                row[key] = topology.rows(reply)
    if c.SENTINEL_MASTERS.name in found:
        facts["sentinel.primaries"] = Fact(primaries, "", c.SENTINEL_MASTERS.name)
    pairs = _pairs(found.get(c.SENTINEL_CONFIG.name))
    if pairs:
        settings = {topology.text(name): topology.text(value) for name, value in pairs}
        if settings.get("sentinel-pass"):
            settings["sentinel-pass"] = REDACTED
        facts["sentinel.config"] = Fact(settings, "", "SENTINEL CONFIG GET")


def _notices(replies: Replies) -> Iterator[str]:
    identity, place = replies.identity, replies.address.place
    if identity.product:
        yield f"{place} is {identity.product}; it is judged as {identity.server}, which it copies"
    if not catalog.is_measured(identity.server):
        near = catalog.measured(identity.server)
        yield f"{identity.server} at {place} was not measured; it is judged by what {near} knows"
