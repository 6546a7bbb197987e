"""Users of managed caches: who is admitted, and what their access strings grant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from redislint import catalog
from redislint.conf import commands
from redislint.conf.acl import AclUser, parse_user
from redislint.conf.acl_state import AclSelector, allows
from redislint.conf.redact import redact_line
from redislint.model import Server
from redislint.sources.cloud import calls as c
from redislint.sources.cloud.cache import Cache
from redislint.sources.cloud.lists import Lists

OPEN_ACCESS = "open-access"
"""MemoryDB's ACL that admits everybody."""

_LOGIN = {"no-password": "none", "no-password-required": "none", "password": "password",
          "iam": "iam"}  # fmt: skip


def user_facts(cache: Cache, lists: Lists, gaps: list[str]) -> None:
    """Note the users that a cache admits. `cache.user_groups` are user groups, or the ACL."""
    if not cache.user_groups:
        if cache.value("cloud.user_groups") == []:
            cache.put("cloud.users", [])
        return
    if cache.service == "memorydb":
        groups, users, members, identity = c.MDB_ACLS, c.MDB_USERS, "UserNames", "Name"
        named = {row["Name"]: row for row in lists.rows(groups)}
    else:
        groups, users, members, identity = c.USER_GROUPS, c.USERS, "UserIds", "UserId"
        named = {row["UserGroupId"]: row for row in lists.rows(groups)}
    reason = lists.why_any(groups, users)
    if reason or not (lists.known(groups) and lists.known(users)):
        cache.miss(reason or "users were not read", ["cloud.users"])
        return
    known = {row[identity]: row for row in lists.rows(users)}
    found: dict[str, dict[str, Any]] = {}
    for group in cache.user_groups:
        if group not in named:
            gaps.append(f"{cache.name} uses {group}, which is not in the list of user groups")
            cache.miss(f"{group} is not in the list of user groups", ["cloud.users"])
            return
        for name in named[group].get(members) or ():
            if name not in known:
                gaps.append(f"the user {name} of {group} is not in the list of users")
                cache.miss(f"the user {name} is not in the list of users", ["cloud.users"])
                return
            found[name] = user_row(known[name], identity, cache.server or catalog.SERVERS[-1])
    cache.put("cloud.users", [found[name] for name in sorted(found)])


def user_row(row: Mapping[str, Any], identity: str, server: Server) -> dict[str, Any]:
    """A user as the fact `cloud.users` has it, of a row of DescribeUsers; `identity` names
    its key."""
    text = row.get("AccessString") or ""
    name = row.get("UserName") or row[identity]
    kind = (row.get("Authentication") or {}).get("Type") or ""
    granted = _granted(text, server)
    login = _LOGIN.get(kind)
    if login is None:
        login = "none" if granted.nopass else "password"
    return {
        "id": row[identity],
        "name": name,
        "status": row.get("Status") or "",
        "on": granted.enabled,
        "login": login,
        "all_keys": any("~*" in part.keys for part in _parts(granted)),
        "all_channels": any("&*" in part.channels for part in _parts(granted)),
        "commands": _extent(granted, server),
        "access": redact_line(f"user {name} {text}").text.removeprefix(f"user {name} "),
    }


@lru_cache(maxsize=4096)
def _granted(text: str, server: Server) -> AclUser:
    return parse_user([b"user", *text.encode().split()], server)


def _parts(user: AclUser) -> Iterable[AclSelector]:
    return (user.root, *user.selectors)


@lru_cache(maxsize=4096)
def _extent(user: AclUser, server: Server) -> str:
    """all, dangerous or some: what its commands come to."""
    if any(part.commands == ("+@all",) for part in _parts(user)):
        return "all"
    risky = commands.members("dangerous", server)
    for part in _parts(user):
        if any(allows(part.commands, name, server) for name in risky):
            return "dangerous"
    return "some"
