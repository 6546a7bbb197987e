"""Telling redis.conf, sentinel.conf and ACL files apart, and all of them from the rest.

Many programs call their configuration `something.conf`. A line speaks for Redis when
its first word is a directive that some server version knows; it speaks against when it
is written in another program's syntax (`key = value`, `key: value`, blocks in braces or
brackets). Words that other programs share (`port`, `timeout`, `user`) prove nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

REDIS_CONF = "redis-conf"
SENTINEL_CONF = "sentinel-conf"
ACL_FILE = "acl-file"
KUBERNETES = "kubernetes"
COMPOSE = "compose"
HELM = "helm"
TEMPLATE = "template"
TERRAFORM = "terraform"
TERRAFORM_PLAN = "terraform-plan"
CLOUDFORMATION = "cloudformation"
ANSIBLE = "ansible"
DOCKERFILE = "dockerfile"
SYSTEMD = "systemd"
SYSCTL = "sysctl"

HOSTS = frozenset(
    {
        KUBERNETES,
        COMPOSE,
        HELM,
        TEMPLATE,
        TERRAFORM,
        TERRAFORM_PLAN,
        CLOUDFORMATION,
        ANSIBLE,
        DOCKERFILE,
        SYSTEMD,
        SYSCTL,
    }
)
"""Kinds of files that describe servers in another language (`sources.iac`)."""

_PRODUCT = re.compile(r"redis|valkey|sentinel", re.IGNORECASE)
_CONF_NAME = re.compile(r"\.(?:conf|acl)(?:\.(?:example|sample|default|dist))?$")
_FOREIGN = re.compile(rb"^[\[<{}]|[;{]\s*$|^[^\s\"']+\s*[=:](?:\s|$)|^[^\s\"'=]+=|^-")
_ACL_RULE = re.compile(
    rb"^(?:on|off|nopass|reset|resetkeys|resetchannels|resetpass|allkeys|allcommands"
    rb"|allchannels|nocommands|clearselectors|sanitize-payload|skip-sanitize-payload|alldbs"
    rb"|[+\-~&%>#<!(].*)$",
    re.IGNORECASE,
)

_SYSCTL = re.compile(
    rb"^[ \t]*-?[ \t]*(?:vm[./]overcommit_memory|net[./]core[./]somaxconn)[ \t]*=", re.MULTILINE
)

_UNIT = re.compile(rb"^\[Service\][ \t]*\r?$", re.MULTILINE)

_SHARED_WORDS = frozenset(
    b"include user port bind dir timeout logfile pidfile daemonize maxclients loglevel"
    b" databases hz save supervised unixsocket unixsocketperm syslog-enabled"
    b" syslog-ident syslog-facility tcp-keepalive tcp-backlog locale-collate io-threads".split()
)
"""Directives whose names other programs use as well."""

_DATA_DIRECTIVES = frozenset(
    b"save appendonly maxmemory maxmemory-policy replicaof slaveof dbfilename cluster-enabled"
    b" appendfsync databases".split()
)
"""Directives that only make sense in the configuration of a server that holds data."""

BINARY_SAMPLE = 8192
"""Bytes at the start of a file in which a NUL byte marks it as binary (as git does)."""


class _Census(NamedTuple):
    """How the lines of a file begin."""

    directives: int
    known: int
    distinctive: int
    foreign: int
    sentinel: int
    data: int
    users: int
    acl_users: int


def is_candidate(name: str) -> bool:
    """Whether a directory search looks into a file of this name at all."""
    return _CONF_NAME.search(name.lower()) is not None


def speaks_for_itself(name: str) -> bool:
    """Whether the name alone says Redis, Valkey or sentinel: it is never skipped silently."""
    return is_candidate(name) and _PRODUCT.search(name) is not None


def named_kind(name: str, data: bytes, knows: Callable[[str], bool]) -> str:
    """The kind of a file that the user named: it is one of the three, whatever it holds."""
    if _is_sysctl(data):
        return SYSCTL
    if b"[Service]" in data and _UNIT.search(data):
        return SYSTEMD
    census = _take(data, knows)
    return _special_kind(name, census) or REDIS_CONF


def found_kind(name: str, data: bytes, knows: Callable[[str], bool]) -> str | None:
    """The kind of a file that a directory search came across; None for another program's."""
    if _is_sysctl(data):
        return SYSCTL
    census = _take(data, knows)
    if b"\0" in data[:BINARY_SAMPLE] and not speaks_for_itself(name):
        return None
    special = _special_kind(name, census)
    if special == ACL_FILE:
        return ACL_FILE if census.acl_users or not data.strip() else None
    if not _is_ours(name, data, census):
        return None
    return special or REDIS_CONF


def _is_sysctl(data: bytes) -> bool:
    """Whether it sets a kernel setting that rules look at."""
    mentioned = b"overcommit_memory" in data or b"somaxconn" in data
    return mentioned and _SYSCTL.search(data) is not None


def _is_ours(name: str, data: bytes, census: _Census) -> bool:
    if _PRODUCT.search(name):
        if census.directives == 0:
            return True
        if b"\0" in data[:BINARY_SAMPLE]:
            return True
        return census.known > census.foreign and census.known * 3 >= census.directives
    return (
        census.foreign == 0
        and census.known >= 2
        and census.distinctive >= 1
        and census.known * 3 >= census.directives * 2
    )


def _special_kind(name: str, census: _Census) -> str | None:
    lower = name.lower()
    only_users = census.users > 0 and census.users == census.directives
    if lower.endswith(".acl") or (only_users and census.acl_users and _acl_name(lower)):
        return ACL_FILE
    if "sentinel" in lower and not (census.data and not census.sentinel):
        return SENTINEL_CONF
    if census.sentinel and (census.sentinel * 2 > census.directives or not census.data):
        return SENTINEL_CONF
    return None


def _acl_name(lower: str) -> bool:
    return "acl" in lower or lower.startswith("users")


_HASH = ord("#")


def _take(data: bytes, knows: Callable[[str], bool]) -> _Census:
    known = distinctive = foreign = sentinel = in_data = users = acl_users = directives = 0
    verdicts: dict[bytes, bool] = {}
    lines = data.replace(b"\r", b"\n") if b"\r" in data else data
    # Most lines are comments or empty: the cheap test comes first.
    for line in [line for line in lines.split(b"\n") if line and line[0] != _HASH]:
        words = line.split(None, 2)
        if not words or words[0].startswith(b"#"):
            continue
        directives += 1
        first = words[0].lower()
        if _FOREIGN.search(line.strip()):
            foreign += 1
            continue
        if first == b"sentinel":
            sentinel += 1
            known += 1
            distinctive += len(words) > 1
            continue
        if first not in verdicts:
            verdicts[first] = first.isascii() and knows(first.decode("ascii"))
        if not verdicts[first]:
            continue
        known += 1
        distinctive += first not in _SHARED_WORDS
        in_data += first in _DATA_DIRECTIVES
        if first == b"user":
            users += 1
            acl_users += len(words) == 2 or all(map(_ACL_RULE.match, words[2].split()[:3]))
    return _Census(directives, known, distinctive, foreign, sentinel, in_data, users, acl_users)
