"""The document about a host, and the command that prints it."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from redislint.sources.host.disk import directory
from redislint.sources.host.files import open_config_files
from redislint.sources.host.kernel import kernel
from redislint.sources.host.process import server, servers
from redislint.sources.host.reading import Host

FORMAT = "redislint-host"
VERSION = 1


def collect(
    root: str = "/",
    now: float | None = None,
    pids: list[int] | None = None,
    dirs: tuple[str, ...] = (),
    logs: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Everything about this host as a JSON object (schemas/host.schema.json).

    `pids`: the server processes, by default every redis-server and valkey-server; `dirs`:
    further directories to look at, for servers whose own cannot be seen; `logs`: log files
    of servers. Never raises for what it cannot read.
    """
    host = Host(root, now)
    facts = {**kernel(host), "open_config_files": open_config_files(host)}
    found = servers(host) if pids is None else pids
    return {
        "format": FORMAT,
        "version": VERSION,
        "collected_at": host.now,
        "system": {"name": os.uname().sysname, "release": os.uname().release},
        "facts": {name: value for name, value in facts.items() if value is not None},
        "servers": [server(host, pid, logs) for pid in found],
        "directories": [directory(host, path, None) for path in dirs],
        "unknown": host.unknown,
    }


def main(arguments: list[str]) -> int:
    """`[--pid PID]... [--dir DIR]... [--log FILE]...`: JSON to standard output, 0; 2 for a
    wrong call."""
    chosen: dict[str, list[str]] = {"--pid": [], "--dir": [], "--log": []}
    for name, value in zip(arguments[::2], [*arguments[1::2], ""]):  # noqa: B905
        if name not in chosen or not value or (name == "--pid" and not value.isdigit()):
            print("usage: host.py [--pid PID]... [--dir DIR]... [--log FILE]...", file=sys.stderr)
            return 2
        chosen[name].append(value)
    pids = [int(pid) for pid in chosen["--pid"]] or None
    found = collect(pids=pids, dirs=tuple(chosen["--dir"]), logs=tuple(chosen["--log"]))
    json.dump(found, sys.stdout, indent=2, sort_keys=True)
    print()
    return 0
