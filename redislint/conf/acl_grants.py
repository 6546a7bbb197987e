"""What an ACL user may do that matters for security, as plain data.

The order of command rules counts: `+@all -@dangerous` and `-@dangerous +@all` are not the
same. Selectors add to the user's own rules and never take away.
"""

from __future__ import annotations

from typing import Any

from redislint.conf.acl import AclUser, permits
from redislint.conf.acl_state import AclSelector, allows
from redislint.conf.commands import DANGEROUS, exists, names
from redislint.model import Server

SCRIPTS = ("eval", "evalsha", "eval_ro", "evalsha_ro", "fcall", "fcall_ro", "function|load")
"""Commands that run Lua."""


def grants(user: AclUser, server: Server) -> dict[str, Any]:
    """What a user's rules come to.

    `login`: `off`, `nopass` or `password`; one that is on without any password cannot log
    in and counts as off. `dangerous`: which of DANGEROUS it may run. `weak_password`: one
    of its passwords is easy to guess (of a hash only known samples are told).
    """
    selectors = (user.root, *user.selectors)
    return {
        "login": login(user.enabled, user.nopass, user.passwords),
        "all_commands": any(_everything(selector, server) for selector in selectors),
        "all_keys": any("~*" in selector.keys for selector in selectors),
        "all_channels": any("&*" in selector.channels for selector in selectors),
        "any_keys": any(selector.keys for selector in selectors),
        "dangerous": [name for name in DANGEROUS if permits(user, name, server)],
        "scripts": any(permits(user, name, server) for name in _scripts(server)),
        "weak_password": user.weak,
    }


def login(enabled: bool, nopass: bool, passwords: int) -> str:
    """How one becomes this user: `off`, `nopass` or `password`."""
    if not enabled:
        return "off"
    if nopass:
        return "nopass"
    return "password" if passwords else "off"


def as_fact(user: AclUser, server: Server) -> dict[str, Any]:
    """The user as expressions see it; no password and no hash is in it."""
    return {
        "name": user.name,
        "on": user.enabled,
        "nopass": user.nopass,
        "passwords": user.passwords,
        "commands": list(user.commands),
        "keys": list(user.keys),
        "channels": list(user.channels),
        **grants(user, server),
    }


def _scripts(server: Server) -> list[str]:
    """Those of SCRIPTS that the version has: what it does not have is in no category, and
    `+@all -@scripting` would leave it."""
    return [name for name in SCRIPTS if exists(name.encode("ascii"), server)]


def _everything(selector: AclSelector, server: Server) -> bool:
    if selector.commands == ("+@all",):
        return True
    return all(allows(selector.commands, name, server) for name in names(server))
