"""systemd units that start a server.

[Service]
ExecStart=/usr/bin/redis-server /etc/redis/redis.conf --supervised systemd
LimitNOFILE=65535
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence

from redislint.conf.document import Document
from redislint.conf.launch import Launch
from redislint.conf.passage import Passage
from redislint.model import Fact
from redislint.sources import kinds
from redislint.sources.iac import shell
from redislint.sources.iac import systemd_unit as unit
from redislint.sources.iac.command import Start, start_of
from redislint.sources.iac.deployment import Deployment, Problem, World, fact

_PREFIX = re.compile(rb"[-@:+!|]*")
_FILLED_IN = re.compile(
    rb"\$\{[^}]{0,400}\}|\$[A-Za-z_]\w*|%%|%[A-Za-z]|\{\{.{0,400}?\}\}|\{%.{0,400}?%\}"
    rb"|<%.{0,400}?%>|@[A-Z_]+@",
    re.DOTALL,
)
"""Bounded, so that a line of openings alone costs no more than any other."""

_OURS = re.compile("redis|valkey", re.IGNORECASE)
_SIZE = re.compile(r"(\d+(?:\.\d+)?)([KMGT]?)")
_LIMITS = {b"memorymax": "MemoryMax", b"memorylimit": "MemoryLimit", b"memoryhigh": "MemoryHigh"}
"""What bounds the memory of a unit, the hard limit and its old name before the soft one, above
which the server is slowed down until it is of no use."""


def find(hosts: Sequence[Document], world: World) -> Iterator[Deployment | Problem]:
    """The server of each unit."""
    units = {host.path for host in hosts}
    for host in hosts:
        folder = os.path.dirname(host.path or "")
        if folder.endswith(".d") and folder.removesuffix(".d") in units:
            continue  # a drop-in that is read with its unit
        entries = unit.entries(host)
        for document in unit.drop_ins(host, world):
            entries += unit.entries(document)
        known = unit.variables(entries, world) or {}
        started = _start([text for name, text in entries if name == b"execstart"], known)
        if started is not None:
            yield _deployment(host, started, entries, world)


def _start(lines: Sequence[Passage], known: unit.Variables) -> Start | None:
    """What the last ExecStart runs; an empty one takes those before it back."""
    for line in reversed(lines):
        if not line.data.strip():
            return None
        text = line.cut(_prefix(line.data))
        words = shell.words(_filled_in(unit.filled(text, known)))
        found = start_of(words) or _templated(words, line.hosts[0])
        if found is not None:
            return found
    return None


def _templated(words: list[Passage], host: Document) -> Start | None:
    """A program whose name is filled in (`<%= $provider %>-server`), in a unit of ours."""
    if not words or words[0].known or not words[0].data.endswith(b"-server"):
        return None
    if not _OURS.search(os.path.basename(host.path or "")):
        return None
    file, rest = None, words[1:]
    if rest and not rest[0].data.startswith(b"-"):
        file, rest = rest[0], rest[1:]
    return Start(file, tuple(rest), program=words[0])


def _prefix(data: bytes) -> int:
    match = _PREFIX.match(data)
    return match.end() if match else 0


def _filled_in(text: Passage) -> Passage:
    """Specifiers, variables and placeholders are holes: the unit alone does not tell them."""
    pieces = []
    at = 0
    for match in _FILLED_IN.finditer(text.data):
        start, end = match.span()
        pieces.append(text.cut(at, start))
        host, first, last = text.extent(start, end)
        if match.group() == b"%%":
            pieces.append(Passage.instead(b"%", host, first, last))
        else:
            pieces.append(Passage.hole(host, first, last))
        at = end
    return Passage.join([*pieces, text.cut(at)]) if pieces else text


def _deployment(
    host: Document, start: Start, entries: Sequence[unit.Entry], world: World
) -> Deployment:
    texts: tuple[Document, ...] = ()
    unseen = ""
    if start.file is not None:
        unseen = "a variable stands for its configuration file"
        if start.file.known:
            path = start.file.data.decode("utf-8", "surrogateescape")
            found = world.read(os.path.join(world.root, path.lstrip("/")))
            texts = (found,) if found is not None else ()
            unseen = "" if texts else f"its configuration file {path} is not in this repository"
    place = start.program or start.file
    at, first, last = place.extent(0, len(place)) if place is not None else (host, 0, 0)
    return Deployment(
        "",
        kinds.SYSTEMD,
        host,
        at.span(first, last),
        Launch(texts, start.words, start.sentinel, unseen),
        "ExecStart of the unit",
        facts=_facts(entries),
    )


def _facts(entries: Sequence[unit.Entry]) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    given = {name: text.data.decode("utf-8", "replace").strip() for name, text in entries}
    # The server raises its own limit as far as the second number, the hard one, allows.
    hard = given.get(b"limitnofile", "").rpartition(":")[2]
    if hard.isdigit():
        facts["host.open_files"] = fact(int(hard), "", "LimitNOFILE")
    for name, written in _LIMITS.items():
        match = _SIZE.fullmatch(given.get(name, ""))
        if match is not None:
            size = int(float(match[1]) * 1024 ** " KMGT".index(match[2] or " "))
            facts["host.cgroup_memory_max"] = fact(size, "bytes", written)
            break
    return facts
