"""The nouns of the fleet: what an inventory asks for, and the one record of each target."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

_NOTHING: Mapping[str, str] = MappingProxyType({})

RECORD = "redislint-fleet-record-1"
"""The name of the form of records."""


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
    server is meant to run with (drift). `timeout` and `interval` are seconds; `interval` above 0
    takes two samples. `line` is where the inventory has it. `seed`: a live URL that stands
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
    timeout: float = 30.0
    interval: float = 0.0
    accounts: tuple[str, ...] = ()
    line: int = 0
    seed: bool = False


class Status(StrEnum):
    """How the audit of a target ended."""

    AUDITED = "audited"
    PARTIAL = "partial"
    UNREACHABLE = "unreachable"


class Record(NamedTuple):
    """What became of one target in one run; `data` is its whole form in JSON.

    `entry` is the name in the inventory, `target` the stable id of what was read (the entry's
    own where nothing was). `key` is unique within a run.
    """

    entry: str
    target: str
    status: Status
    data: Mapping[str, Any]

    @property
    def key(self) -> str:
        return f"{self.entry}\n{self.target}"
