"""The hosts of running servers: a collected document, or this machine itself."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

from redislint.audit.report import UsageError
from redislint.facts.host import check_document, find_server, host_facts
from redislint.model import Fact
from redislint.sources.live.reading import LiveTarget

NONE = "none"
"""What `--host` says where no host is to be joined, not even this machine."""

SAME_START = 3.0
"""Seconds by which the start of a process may differ from what the server says: whole
seconds on one side, and the time from its start until it looks at the clock."""

_LARGEST = 8 << 20

Joined = tuple[dict[str, Fact], dict[str, str]]
"""Facts by path, and why others are missing."""


class Hosts:
    """What is known of hosts. `document`: as `redislint facts host` wrote it; without one,
    servers that run on this machine get its facts, unless `here` is False."""

    def __init__(self, document: Mapping[str, Any] | None = None, *, here: bool = True) -> None:
        self._document = document
        self._here = here and document is None and sys.platform == "linux"
        self._seen: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, path: str | os.PathLike[str] | None) -> Hosts:
        """`path` of a document, NONE, or None. Raises UsageError where it cannot be used."""
        if path is None:
            return cls()
        name = os.fspath(path)
        return cls(here=False) if name == NONE else cls(_read(name))

    def facts_of(self, server: LiveTarget, alone: bool) -> Joined:
        """The facts of the host of one server, none where it is not known.

        Of several servers (not `alone`) only the one that runs there has those of a
        document: the others may run elsewhere.
        """
        if server.identity.mode == "sentinel":
            return {}, {}
        document, pid = self._document, _number(server.info.text("process_id"))
        directory = server.configuration.config_get("dir")
        if document is None:
            document = self._this_machine(server) if self._here and server.local else None
            alone = False
        if document is None:
            return {}, {}
        if not alone and find_server(document, pid, directory)[0] is None:
            return {}, {}
        name = server.configuration.config_get("dbfilename")
        named = {"dbfilename": name} if name else {}
        found = host_facts(document, pid=pid, directory=directory, **named)
        return found.facts, found.unknown

    def _this_machine(self, server: LiveTarget) -> Mapping[str, Any] | None:
        """This machine with the processes that began when the server says that it did.

        A connection that leads here may go on to another host, through a tunnel, where a
        process has the same number.
        """
        now = server.target.facts.get("server.time")
        uptime = server.info.number("uptime_in_seconds")
        if now is None or uptime is None or server.info.text("process_id") is None:
            return None
        if self._seen is None:
            from redislint.sources.host import collect

            self._seen = collect()
        start = now.value - uptime
        fitting = [
            one
            for one in self._seen["servers"]
            if abs(one.get("started_at", 0.0) - start) <= SAME_START
        ]
        return {**self._seen, "servers": fitting} if fitting else None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None


def _read(path: str) -> Mapping[str, Any]:
    try:
        with open(path, "rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError(f"--host {path}: {(error.strerror or 'unreadable').lower()}") from None
    if len(data) > _LARGEST:
        raise UsageError(f"--host {path}: larger than {_LARGEST} bytes")
    try:
        return check_document(json.loads(data))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        raise UsageError(f"--host {path}: not JSON; 'redislint facts host' writes it") from None
    except ValueError as error:
        raise UsageError(f"--host {path}: {error}") from None
