"""What each recorded state must raise about security, and what must stay unknown in it.

Judged from what was done to the server and from the replies, like `recorded_states`. The
servers of the records listened on 127.0.0.1 without a password unless a state says otherwise.
"""

from __future__ import annotations

from redislint.model import Server

Versions = tuple[int, int]

ALL: Versions = (0, 9999)
ACL: Versions = (600, 9999)
"""ACL users, and TLS."""
PROTECTED_MODE: Versions = (302, 9999)
MODULES: Versions = (400, 9999)
GUARDED_COMMANDS: Versions = (700, 9999)
"""enable-debug-command and its like."""
CHANNELS_OPEN: Versions = (602, 700)
"""acl-pubsub-default exists and is allchannels."""
BIND_UNGUARDS: Versions = (302, 700)

NO_PASSWORD = {"RL405 info": ALL}

STATES: dict[str, dict[str, Versions]] = {
    "acl-users-overbroad": {
        "RL408 error": ACL,
        "RL409 warning": ACL,
        "RL428 info": CHANNELS_OPEN,
    },
    "auditor-read-only": {"RL428 info": CHANNELS_OPEN},
    "config-renamed-away": {},
    "latency-events": {**NO_PASSWORD, "RL414 warning": GUARDED_COMMANDS},
    "open-nopass": {
        "RL401 error": ALL,
        "RL402 error": PROTECTED_MODE,
        "RL404 warning": ALL,
        "RL417 warning": ACL,
    },
    "requirepass": {"RL407 warning": ACL, "RL417 warning": ACL},
}
"""Every other state has `NO_PASSWORD` alone."""

PATCHED = {"valkey-9.1"}
"""The releases of the records without a known hole."""

LUA_PATCHED = {"redis-8.6", "valkey-9.1"}
"""Those without one in Lua. On the others a user may run scripts in every state."""

ENDED = {"redis-2.8", "redis-3.0", "redis-3.2", "redis-4.0", "redis-5.0", "redis-6.0",
         "redis-7.0", "redis-8.0"}  # fmt: skip
"""The lines that get no security fixes any more."""

OF_THE_HOST = {"RL411": ALL, "RL423": ALL}
"""Permissions of files and the account of the process: the audit came over the network."""

UNKNOWN: dict[str, dict[str, Versions]] = {
    "config-renamed-away": {
        "RL401": ALL,
        "RL402": PROTECTED_MODE,
        "RL403": BIND_UNGUARDS,
        "RL404": ALL,
        "RL405": ALL,
        "RL406": ALL,
        "RL412": ALL,
        "RL414": GUARDED_COMMANDS,
        "RL415": GUARDED_COMMANDS,
        "RL416": GUARDED_COMMANDS,
        "RL417": ACL,
        "RL418": ACL,
        "RL419": ACL,
        "RL420": ACL,
        "RL424": ALL,
        "RL428": (602, 9999),
        "RL429": ALL,
        "RL432": MODULES,
    },
    "replica-stale-refused": {"RL430": MODULES},
}
"""Without CONFIG nothing of it passes; a stale replica refuses MODULE LIST."""


def _on(table: dict[str, Versions], version: int) -> set[str]:
    return {rule for rule, (first, after) in table.items() if first <= version < after}


def expected(state: str, server: Server, version: int) -> set[str]:
    """`RL4nn severity` of each rule that the state raises; `version` as the table's."""
    if state == "sentinel-three":  # read, not judged
        return set()
    found = _on(STATES.get(state, NO_PASSWORD), version)
    if str(server) not in PATCHED:
        found.add("RL425 error")
    if str(server) not in LUA_PATCHED and version >= 600:
        found.add("RL426 warning")
    if str(server) in ENDED:
        found.add("RL427 warning")
    return found


def unknown(state: str, server: Server, version: int) -> set[str]:
    """`RL4nn` of each rule that nobody can decide from the replies."""
    if state == "sentinel-three":
        return set()
    found = _on(OF_THE_HOST | UNKNOWN.get(state, {}), version)
    if state == "config-renamed-away" and server.engine == "valkey":
        found -= {"RL403"}
    return found
