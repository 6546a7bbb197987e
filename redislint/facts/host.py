"""Facts of a host joined to one target: `host.*` and `disk.*` from a collected document.

The document is what `redislint facts host` writes (schemas/host.schema.json). A host may
run several servers, so the one that the target speaks of is found first. What the
collector could not read stays absent, with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from redislint.model import Fact

FORMAT = "redislint-host"
VERSION = 1

UNITS = {
    "memory_total": "bytes",
    "memory_available": "bytes",
    "swap_total": "bytes",
    "swap_free": "bytes",
    "commit_limit": "bytes",
    "committed": "bytes",
    "cgroup_memory_max": "bytes",
    "cgroup_memory_used": "bytes",
    "cgroup_inactive_file": "bytes",
    "server_swap": "bytes",
    "dirty_expire": "s",
    "dirty_writeback": "s",
    "io_wait": "s",
    "io_busy": "ratio",
}

OF_THE_SERVER = ("somaxconn", "cpus")
"""Facts of the host that count only as the server's own namespace and container show them."""

Document = Mapping[str, Any]


class HostFacts(NamedTuple):
    """`facts` by path, and `unknown`: paths that are missing, with why."""

    facts: dict[str, Fact]
    unknown: dict[str, str]


def check_document(document: Any) -> Document:
    """`document` when it is one of these. Raises ValueError with one line otherwise."""
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise ValueError(
            "not facts of a host: expected what 'redislint facts host' wrote, a JSON object"
            f' with "format": "{FORMAT}"'
        )
    if document.get("version") != VERSION:
        raise ValueError(
            f"facts of a host in version {document.get('version')!r}: expected {VERSION};"
            " collect them with this redislint"
        )
    shapes = {"facts": Mapping, "servers": list, "directories": list, "unknown": Mapping}
    for name, shape in shapes.items():
        if not isinstance(document.get(name), shape):
            raise ValueError(f"facts of a host: '{name}' is missing or of the wrong kind")
    return document


def host_facts(
    document: Document,
    *,
    pid: int | None = None,
    directory: str | None = None,
    dbfilename: str = "dump.rdb",
) -> HostFacts:
    """Facts for one target. `document` as `check_document` returns it.

    `pid`: process_id of INFO, as the server sees itself; `directory`: its effective `dir`;
    `dbfilename`: its snapshot's name. Without a server that fits only facts of the machine
    and of directories that were named are given.
    """
    server, reason = find_server(document, pid, directory)
    facts: dict[str, Fact] = {}
    unknown = {f"host.{name}": str(why) for name, why in document["unknown"].items()}
    values = dict(document["facts"])
    directories = _named(document["directories"], directory)
    if server is None:
        unknown["host.open_files"] = unknown["host.server_swap"] = reason
        for name in OF_THE_SERVER if document["servers"] else ():
            values.pop(name, None)
            unknown[f"host.{name}"] = reason
    else:
        own = server.get("facts", {})
        for name in OF_THE_SERVER:
            values.pop(name, None)
        values.update(own)
        unknown.update((f"host.{n}", str(why)) for n, why in server.get("unknown", {}).items())
        directories = server.get("directories", []) or directories
    for name, value in values.items():
        facts[f"host.{name}"] = Fact(value, UNITS.get(name, ""), "host", "host facts")
    if not directories:
        unknown["disk"] = unknown.pop("host.directories", reason or "no directory was looked at")
    facts.update(_disk(directories, dbfilename))
    missing = {path: why for path, why in unknown.items() if path not in facts}
    return HostFacts(facts, missing)


def find_server(
    document: Document, pid: int | None, directory: str | None
) -> tuple[Mapping[str, Any] | None, str]:
    """The process that a target is, or None and why it is not known."""
    servers: Sequence[Mapping[str, Any]] = document["servers"]
    if not servers:
        return None, "no server process was seen on the host"
    if pid is not None:
        fitting = [s for s in servers if pid == s.get("pid") or pid in s.get("inner_pids", ())]
        if not fitting:
            return None, f"no server process {pid} was seen on the host"
    else:
        fitting = list(servers)
    if len(fitting) > 1 and directory:
        fitting = [s for s in fitting if directory in _paths(s.get("directories", ()))]
    if len(fitting) == 1:
        return fitting[0], ""
    return None, f"{len(servers)} servers run on the host, and which one this is cannot be told"


def _paths(directories: Iterable[Mapping[str, Any]]) -> list[str]:
    return [str(d.get("path")) for d in directories]


def _named(
    directories: Sequence[Mapping[str, Any]], directory: str | None
) -> Sequence[Mapping[str, Any]]:
    """The directories that were named when collecting: the target's own, else all of them."""
    own = [d for d in directories if d.get("path") == directory]
    return own or directories


_WORST: dict[str, tuple[Callable[[list[Any]], Any], str]] = {
    "free": (min, "bytes"),
    "total": (min, "bytes"),
    "used_share": (max, "ratio"),
    "inodes_free": (min, ""),
    "inodes_used_share": (max, "ratio"),
    "inodes_dynamic": (all, ""),
    "read_only": (any, ""),
    "network": (any, ""),
    "volatile": (any, ""),
    "rotational": (any, ""),
    "shared_with_root": (any, ""),
    "writable": (all, ""),
}
"""How facts of several directories become one, the worse wins, and the unit."""


def _disk(directories: Sequence[Mapping[str, Any]], dbfilename: str) -> dict[str, Fact]:
    """`disk.*`: of the data directory, and of the AOF's where it is another."""
    looked = [d for d in directories if d.get("facts")]
    if not looked:
        return {}
    paths = _paths(looked)
    basis = " and ".join(paths)
    found: dict[str, Fact] = {}
    for name, (worst, unit) in _WORST.items():
        values = [d["facts"][name] for d in looked if name in d["facts"]]
        if len(values) == len(looked) or (worst is any and True in values):
            found[f"disk.{name}"] = Fact(worst(values), unit, "host", basis)
    told = next((d for d in looked if d["facts"].get("network")), looked[0])["facts"]
    for name in ("mount", "device", "fstype"):
        if name in told:
            found[f"disk.{name}"] = Fact(told[name], "", "host", basis)
    if "disk.writable" in found:
        bad = [text for d in looked for text in d["facts"].get("not_writable", ())]
        found["disk.not_writable"] = Fact(bad, "", "host", basis)
    found["disk.paths"] = Fact(paths, "", "host", basis)
    files = looked[0]["facts"].get("rdb_files")
    if files is not None:
        found["disk.rdb_exists"] = Fact(dbfilename in files, "", "host", paths[0])
        if dbfilename in files:
            found["disk.rdb_size"] = Fact(files[dbfilename], "bytes", "host", paths[0])
    if all("aof" in d["facts"] for d in looked):
        exists = any(d["facts"]["aof"] for d in looked)
        found["disk.aof_exists"] = Fact(exists, "", "host", basis)
    return found
