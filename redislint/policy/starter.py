"""The redislint.yaml that `redislint init` writes."""

from __future__ import annotations

from collections.abc import Iterable

from redislint.policy.discovery import NAMES

NAME = NAMES[0]


def starter(servers: Iterable[str] = (), profile: str = "recommended") -> str:
    """A starting configuration, every line explained; `servers` as `redis-7.2`.

    What is not certain stands there as a comment, so that nothing is decided for anyone.
    """
    known = tuple(servers)
    if not known:
        server = "# server: redis-7.2"
    elif len(known) == 1:
        server = f"server: {known[0]}"
    else:
        server = f"server: [{', '.join(known)}]"
    return _TEXT.format(server=server, profile=profile)


_TEXT = """\
# What redislint holds the configurations below this folder against.
# `redislint check` finds this file; every key is optional.

# The server that reads the files. Without it, and without a comment such as
# `# redislint: engine=redis version=7.2` in a file, every supported version is tried.
{server}

# minimal, recommended or strict; then single rules by id, name, tag or beginning of ids.
profile: {profile}
# select: [RL2]
# ignore: [RL205]
# severity:
#   appendfsync-no: error

# What the data is for decides what is right: cache, session, queue, stream, ledger, ...
# A path is a glob relative to this file; of several entries that fit the last one counts.
# files:
#   - path: "**/cache*.conf"
#     workload: cache
#   - path: "**/ledger*.conf"
#     workload: ledger
#     environment: production

# Own rules (`redislint policy test` runs their examples) and own workloads.
# policies: [policies/]
# workloads: [workloads.yaml]

# Findings that are accepted on purpose. A reason is mandatory; after `until` a finding
# is back.
# waivers:
#   - rule: appendfsync-no
#     path: "**/batch.conf"
#     reason: rebuilt from the log after a crash
#     owner: platform team
#     until: 2027-01-31
"""
