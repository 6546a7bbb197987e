"""The nouns of the fleet: what an inventory asks for, and the one record of each target."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

_NOTHING: Mapping[str, str] = MappingProxyType({})

RECORD = "redislint-fleet-record-1"
"""The name of the form of records."""


def moment() -> str:
    """Now as records, journals and runs say it: ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Secret(NamedTuple):
    """Where a password is to be had. The password itself is never kept: it is fetched just
    before it is used, and only in the process that uses it.

    Exactly one is given: `env` a variable's name, `file` a path whose first line it is,
    `command` the words of a program that prints it.
    """

    env: str = ""
    file: str = ""
    command: tuple[str, ...] = ()


class Tls(NamedTuple):
    """TLS of `rediss` URLs; paths of certificates and keys. `verify` False: not verified."""

    ca: str = ""
    cert: str = ""
    key: str = ""
    server_name: str = ""
    verify: bool = True


class Entry(NamedTuple):
    """One target of an inventory, groups and defaults taken in.

    `kind`: `live` (`where` is a URL), `file` (a path) or `cloud` (a URL such as
    `elasticache://eu-west-1/id`). `host` is a file of host facts, `conf` the file that the
    server is meant to run with (drift). `timeout` and `interval` are seconds; `timeout` bounds
    everything about the target, 0 is the default of its kind; `interval` above 0 takes two
    samples. `line` is where the inventory has it. `seed`: a live URL that stands
    for several servers, or a cloud URL for several caches.
    """

    name: str
    kind: str
    where: str
    workload: tuple[str, ...] = ()
    environment: str = ""
    rpo: str = ""
    rto: str = ""
    tags: Mapping[str, str] = _NOTHING
    user: str = ""
    password: Secret | None = None
    tls: Tls = Tls()
    host: str = ""
    conf: str = ""
    server: str = ""
    timeout: float = 0.0
    interval: float = 0.0
    accounts: tuple[str, ...] = ()
    line: int = 0
    seed: bool = False


class Status(StrEnum):
    """How the audit of a target ended.

    `audited`: everything asked for was read. `partial`: something of it was not (a refused
    command, a list that AWS denied, a rule that failed): what was read is judged.
    `unreachable`: nothing was read.
    """

    AUDITED = "audited"
    PARTIAL = "partial"
    UNREACHABLE = "unreachable"


class Record(NamedTuple):
    """What became of one target in one run; `data` is its whole form in JSON, shaped as
    schemas/fleet-record.schema.json says.

    `entry` is the name in the inventory, `target` the stable id of what was read (the entry's
    name where nothing was). The two together are unique within a run, and the same in
    every run: history goes by them.
    """

    entry: str
    target: str
    status: Status
    data: Mapping[str, Any]

    @property
    def key(self) -> str:
        return f"{self.entry}\n{self.target}"

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Record:
        """The record of its form in JSON."""
        return cls(data["entry"], data["target"], Status(data["status"]), data)


class Run(NamedTuple):
    """One audit of an inventory. `id` sorts by time (`20261128T031700042Z-4f1c`); `started` and
    `ended` are ISO 8601 in UTC, `ended` "" while it has not ended or where it was interrupted;
    `inventory` is the path as the user gave it; `name` what the fleet is called (the
    inventory's file name without its suffix)."""

    id: str
    started: str
    ended: str
    inventory: str
    name: str
    version: str


class State(StrEnum):
    """What the history knows of a finding.

    `new`: the last complete look at its target did not have it. `persistent`: that look had
    it too. `flapping`: it went and came back at least twice within the last ten looks.
    """

    NEW = "new"
    PERSISTENT = "persistent"
    FLAPPING = "flapping"


class Since(NamedTuple):
    """The past of a finding that is there now. Times are ISO 8601 in UTC; `first_seen` is
    when it was first seen ever, `since` when its present unbroken stay began, `looks` in how
    many looks at its target in a row it was seen."""

    first_seen: str
    since: str
    looks: int
    state: State


class Fixed(NamedTuple):
    """A finding that a look before had and this one, which could see it, no longer has."""

    entry: str
    target: str
    rule: str
    name: str
    severity: str
    message: str
    first_seen: str
    last_seen: str


class Point(NamedTuple):
    """One run in the trend. `targets` counts by Status, `findings` by severity (waived ones
    left out); `score` (0 to 100) and `coverage` (0 to 1) are means over the targets that have
    one, None where none has."""

    run: str
    started: str
    targets: Mapping[str, int]
    findings: Mapping[str, int]
    new: int
    fixed: int
    score: float | None
    coverage: float | None


class FleetReport(NamedTuple):
    """A finished (or interrupted) run with what the history adds: what every format renders.

    `records` may be iterated any number of times, is read from disk each time, and may be
    far larger than memory: a format goes over it and keeps only what it must. `since` knows
    findings by (target, fingerprint), empty without a history. `rules` has, for each rule that
    a finding or an unknown names, `name`, `summary`, `severity`, `category`, `help`, `tags` and
    `references`. `previous` is the run that `new` and `fixed` compare with, None in a first run
    or without a history. `trend` is in order of time and ends with this run.
    """

    run: Run
    records: Iterable[Record]
    complete: bool
    since: Mapping[tuple[str, str], Since] = MappingProxyType({})
    fixed: Sequence[Fixed] = ()
    trend: Sequence[Point] = ()
    previous: Run | None = None
    rules: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
    notices: Sequence[str] = ()
