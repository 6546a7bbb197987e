"""What each recorded state of a real server must raise, and on which versions.

Judged from what was done to the server and from what its replies say, not from what the
rules say. The table is complete for the categories of `TABLE_CATEGORIES` in the profile
`strict`: nothing else of them may be raised.
"""

from __future__ import annotations

from redislint.model import Server
from tests.policy_rules import recorded_security

TABLE_CATEGORIES = ("RL0", "RL2", "RL3", "RL4", "RL7", "RL8")
"""Of RL4 the expectations stand in `recorded_security`."""

Versions = tuple[int, int]
"""The first compatible version, and the first one that is not any more: 602 is 6.2."""

ALL: Versions = (0, 9999)
ERRORSTATS: Versions = (602, 9999)
"""INFO counts errors by kind."""
FORK_STATUS: Versions = (700, 9999)
"""A failing fork of a rewrite sets aof_last_bgrewrite_status."""
FOUR: Versions = (400, 401)
"""aof-use-rdb-preamble exists and is off by default."""
PREAMBLE: Versions = (400, 9999)
TO_THREE: Versions = (0, 301)
"""tcp-keepalive is 0 by default."""
TO_SIX: Versions = (0, 602)
"""Options on the command line take the default save points away."""
INFO_LIMIT: Versions = (302, 9999)
"""INFO shows maxmemory."""

NO_PERSISTENCE = {"RL201 warning": ALL, "RL213 info": ALL}
AOF_ALONE = {"RL206 warning": FOUR, "RL213 info": ALL, "RL245 info": ALL}
NO_LIMIT = {"RL301 info": ALL}
EARLY_BASE = {"RL219 info": ALL}
NO_REWRITE = {"RL215 warning": ALL}
OF_DEFAULTS = {"RL006 info": ALL, "RL711 warning": TO_THREE, "RL714 info": ALL}
"""What every server of the version is told that sets nothing about it."""

STATES: dict[str, dict[str, Versions]] = {
    "acl-users-overbroad": {**NO_LIMIT},
    "after-restart": {},
    "allkeys-lru-evicting": {
        **NO_PERSISTENCE,
        "RL308 warning": ALL,
        "RL321 warning": ALL,
    },
    "aof-auto-rewrite-off-growth": {
        **NO_LIMIT,
        **NO_REWRITE,
        "RL206 warning": FOUR,
        "RL218 warning": ALL,
    },
    "aof-fresh-base-zero": {**NO_LIMIT, **EARLY_BASE, "RL206 warning": FOUR},
    "aof-fsync-failing": {
        **NO_LIMIT,
        **AOF_ALONE,
        **NO_REWRITE,
        **EARLY_BASE,
        "RL220 error": ERRORSTATS,
        "RL249 error": ERRORSTATS,
    },
    "aof-off-stale-rewrite-err": {**NO_LIMIT, **NO_PERSISTENCE},
    "aof-rewrite-fail-fork": {
        **NO_LIMIT,
        **AOF_ALONE,
        **NO_REWRITE,
        "RL222 error": FORK_STATUS,
        "RL249 error": FORK_STATUS,
    },
    "aof-rewrite-fork-storm": {
        **NO_LIMIT,
        **AOF_ALONE,
        **EARLY_BASE,
        "RL217 info": ALL,
        "RL222 error": FORK_STATUS,
        "RL249 error": FORK_STATUS,
    },
    "aof-rewrite-in-progress": {
        **NO_LIMIT,
        **AOF_ALONE,
        **NO_REWRITE,
        **EARLY_BASE,
        "RL005 info": ALL,
    },
    "aof-write-enospc": {
        **NO_LIMIT,
        **NO_REWRITE,
        **EARLY_BASE,
        "RL206 warning": FOUR,
        "RL220 error": ALL,
        "RL249 error": ALL,
        "RL812 error": ERRORSTATS,
    },
    "auditor-read-only": {**NO_LIMIT, **EARLY_BASE},
    "bgsave-fail-no-save-points": {**NO_LIMIT, **NO_PERSISTENCE, "RL226 warning": ALL},
    "bgsave-fail-stop-writes-yes": {
        **NO_LIMIT,
        "RL226 error": ALL,
        "RL249 error": ALL,
        "RL812 error": ERRORSTATS,
    },
    "bgsave-in-progress": {
        **NO_LIMIT,
        **NO_REWRITE,
        **EARLY_BASE,
        "RL005 info": ALL,
        "RL206 warning": FOUR,
    },
    "cluster-alone": {**NO_LIMIT, **EARLY_BASE, "RL206 warning": FOUR},
    "config-renamed-away": {**EARLY_BASE, "RL002 info": ALL, "RL301 info": INFO_LIMIT},
    "drift-emergency-switches": {
        **NO_REWRITE,
        **EARLY_BASE,
        "RL206 warning": FOUR,
        "RL207 warning": ALL,
        "RL212 warning": ALL,
        "RL720 info": ALL,
    },
    "healthy-aof-commands-only": {
        **NO_LIMIT,
        **AOF_ALONE,
        "RL206 warning": PREAMBLE,
        "RL210 info": ALL,
        "RL720 info": ALL,
    },
    "healthy-hybrid-everysec": {},
    "healthy-rdb-only": {**NO_LIMIT},
    "latency-events": {**NO_LIMIT, **NO_PERSISTENCE},
    "many-clients": {
        **NO_LIMIT,
        **NO_PERSISTENCE,
        "RL706 error": ALL,
        "RL711 warning": ALL,
        "RL712 info": ALL,
    },
    "min-replicas-unmet": {**NO_LIMIT, "RL813 error": ERRORSTATS},
    "no-config-file": {
        **NO_LIMIT,
        "RL201 warning": TO_SIX,
        "RL213 info": TO_SIX,
        "RL802 warning": ALL,
    },
    "no-persistence": {**NO_LIMIT, **NO_PERSISTENCE},
    "noeviction-oom": {
        **NO_PERSISTENCE,
        "RL308 error": ALL,
        "RL309 info": ERRORSTATS,
        "RL321 warning": ALL,
    },
    "open-nopass": {**NO_LIMIT, "RL314 info": FORK_STATUS},
    "primary-with-replica": {**NO_LIMIT, **NO_PERSISTENCE},
    "replica-healthy": {**NO_LIMIT, "RL201 info": ALL, "RL213 info": ALL},
    "replica-stale-refused": {**NO_LIMIT, "RL201 info": ALL, "RL213 info": ALL},
    "requirepass": {**NO_LIMIT, "RL314 info": FORK_STATUS},
    "sentinel-three": {},
    "start-warnings": {**NO_LIMIT, "RL703 warning": (602, 9999)},
}
"""What one sample tells."""

WITH_RATES: dict[str, dict[str, Versions]] = {
    "aof-fsync-failing": {"RL812 error": ERRORSTATS},
    "aof-rewrite-fork-storm": {"RL224 error": FORK_STATUS},
    "noeviction-oom": {"RL309 warning": ERRORSTATS},
}
"""What two samples tell besides; the same rule with another severity takes its place."""

UNDEFAULTED = {"config-renamed-away": {"RL711", "RL714"}, "latency-events": {"RL714"}}
"""States in which what `OF_DEFAULTS` says does not hold: unknown, or set."""


def compatible(server: Server) -> int:
    """Which Redis the server behaves as; every Valkey as 7.2."""
    return 702 if server.engine == "valkey" else server.version[0] * 100 + server.version[1]


def expected(state: str, server: Server, rates: bool) -> set[str]:
    """`RLnnn severity` of each rule that the state raises on that server."""
    if state == "sentinel-three":  # read, not judged
        return set()
    table = {
        **{k: v for k, v in OF_DEFAULTS.items() if k[:5] not in UNDEFAULTED.get(state, ())},
        **STATES[state],
    }
    if rates:
        more = WITH_RATES.get(state, {})
        table = {k: v for k, v in table.items() if k[:5] not in {m[:5] for m in more}} | more
        table["RL811 info"] = ERRORSTATS  # the recorder's own refused commands
    version = compatible(server)
    raised = {rule for rule, (first, after) in table.items() if first <= version < after}
    return raised | recorded_security.expected(state, server, version)
