"""How a running server differs from the file it was started with: facts `drift.*`.

Values are compared typed, so that units, the order of flags and classes and old names do
not count. Secrets are compared by digests, and all that is told of them is that they differ.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from redislint import catalog
from redislint.model import REDACTED, Fact, Server

SWITCHES = ("stop-writes-on-bgsave-error", "appendonly")
"""What an emergency switches off for a while."""

REWRITE = "auto-aof-rewrite-percentage"

OF_REPLICATION = frozenset({"replicaof", "masterauth", "masteruser"})
"""Directives (by the catalogue's names) that Sentinel and failovers change on purpose."""

MAX_HZ = 500
"""The server lowers a higher `hz`, and raises one below 1."""

_EVENTS = "notify-keyspace-events"
_LIMITS = "client-output-buffer-limit"

HOW = {
    "runtime": "the file is older than the start, so CONFIG SET (or the command line) did it;"
    " the next start may undo it",
    "file": "the file was changed after the start, and the next start takes it",
    "command-line": "the command line says so",
    "start": "CONFIG SET did not do it: the file is newer than the start or not the one of"
    " that start, or the command line says so",
    "unknown": "CONFIG SET did it, or the file is newer than the start; the next start takes"
    " what the file says",
}
"""What a report says of each cause of a difference."""

_NOT_AT_RUN_TIME = ("file", "command-line", "start")


class Side(NamedTuple):
    """One of the two configurations, by canonical name: typed values as expressions see
    them, texts as they may be shown, digests of what is hidden in them, and what only its
    default gives. `unsettled`: what a template still has to fill in."""

    values: Mapping[str, Any]
    texts: Mapping[str, str]
    digests: Mapping[str, bytes]
    defaults: frozenset[str] = frozenset()
    unsettled: frozenset[str] = frozenset()


class Evidence(NamedTuple):
    """What tells a CONFIG SET from a change in the file; None where nobody knows.

    `set_calls`: how often CONFIG SET was called since the start. `changed`: whether the
    file was written after it. `without_file`: the server was started without any.
    """

    set_calls: int | None = None
    changed: bool | None = None
    without_file: bool = False

    def cause(self, name: str, server: Server) -> str:
        """A key of `HOW` for a directive whose values differ."""
        spec = catalog.lookup(name, server)
        fixed = spec is not None and spec.immutable
        if self.without_file or self.set_calls == 0 or fixed:
            if self.without_file or self.changed is None:
                return "start"
            return "file" if self.changed else "command-line"
        return "runtime" if self.changed is False else "unknown"


def drift_facts(
    name: str,
    file: Side,
    live: Side,
    server: Server,
    evidence: Evidence,
    *,
    managed: bool = False,
) -> dict[str, Fact]:
    """`drift.*` of a server that is compared with the file that reports call `name`.

    `managed`: a Sentinel or a cluster decides who is a replica of whom. Left out are what
    one side does not tell, a relative `dir`, and maxclients where the limit of open files
    lowered it.
    """
    basis = f"{name} and CONFIG GET"
    found = [
        _row(directive, name, file, live, server, evidence)
        for directive in _both(file, live, server, managed)
    ]
    at_run_time = {
        row["name"]: row
        for row in found
        if row.get("same") is False and row["cause"] not in _NOT_AT_RUN_TIME
    }
    left = [
        at_run_time[switch]["text"]
        for switch in SWITCHES
        if switch in at_run_time and live.values.get(switch) is False
    ]
    facts = {
        "drift.file": file_fact(name),
        "drift.settings": Fact(found, "", "derived", basis),
        "drift.emergency": Fact(left, "", "derived", ", ".join(SWITCHES)),
    }
    if all("same" in row for row in found):
        facts["drift.settled"] = Fact(True, "", "derived", name)
    if REWRITE in live.values and REWRITE in file.values:
        disabled = live.values[REWRITE] == 0 and REWRITE in at_run_time
        facts["drift.rewrite_disabled"] = Fact(disabled, "", "derived", REWRITE)
    return facts


def file_fact(name: str) -> Fact:
    """`drift.file`: that there is a file to compare with, and what reports call it."""
    return Fact(name, "", "given", "--conf")


def _both(file: Side, live: Side, server: Server, managed: bool) -> Iterable[str]:
    for name in live.texts:
        spec = catalog.lookup(name, server)
        if spec is None or name not in file.texts:
            continue
        if managed and spec.directive in OF_REPLICATION:
            continue
        if not left_out(name, file, live):
            yield name


def left_out(name: str, file: Side, live: Side) -> bool:
    """Whether a difference of a file and a running server means nothing: a relative `dir`,
    and maxclients where the limit of open files lowered it."""
    if name == "dir":
        return not file.texts[name].startswith("/")
    if name == "maxclients":
        before, now = file.values.get(name), live.values.get(name)
        return isinstance(before, int) and isinstance(now, int) and now < before
    return False


def _row(
    name: str, file_name: str, file: Side, live: Side, server: Server, evidence: Evidence
) -> dict[str, Any]:
    row: dict[str, Any] = {"name": name, "file": file.texts[name], "live": live.texts[name]}
    if name in file.unsettled:
        return row  # without `same`: nobody knows yet
    row["same"] = same(name, file, name, live)
    if not row["same"]:
        row["cause"] = evidence.cause(name, server)
        row["how"] = HOW[row["cause"]]
        row["text"] = _text(name, file_name, file, live)
    return row


def _text(name: str, file_name: str, file: Side, live: Side) -> str:
    before, now = file.texts[name], live.texts[name]
    if REDACTED in before and REDACTED in now:
        return f"{name} has another value in {file_name} than on the server"
    default = " by default" if name in file.defaults else ""
    return f"{name} is {_shown(before)}{default} in {file_name} and {_shown(now)} on the server"


def _shown(text: str) -> str:
    return f"set ({REDACTED})" if text == REDACTED else text or '""'


def same(name: str, one: Side, other_name: str, other: Side) -> bool:
    """Whether two sides mean the same by a directive, which may have another name there."""
    digests = one.digests.get(name), other.digests.get(other_name)
    if digests != (None, None):
        return digests[0] == digests[1]
    if name in one.values and other_name in other.values:
        before, now = one.values[name], other.values[other_name]
        return bool(_normal(name, before) == _normal(other_name, now))
    return one.texts.get(name) == other.texts.get(other_name)


def _normal(name: str, value: Any) -> Any:
    """A typed value such that equal ones mean the same."""
    if value is None or isinstance(value, bool):
        return value
    if name == _EVENTS:
        return sorted(str(value))
    if name == "save" and isinstance(value, list):
        return sorted((point["seconds"], point["changes"]) for point in value)
    if name == _LIMITS and isinstance(value, Mapping):
        return {"replica" if kind == "slave" else kind: limit for kind, limit in value.items()}
    if name == "hz" and isinstance(value, int):
        return min(max(value, 1), MAX_HZ)
    if name == "dir":
        return os.path.normpath(str(value))
    return value
