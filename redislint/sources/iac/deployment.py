"""What a module of this package finds: servers, as host files describe them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from redislint.conf.document import Document, parse
from redislint.conf.launch import Launch
from redislint.conf.reading import MAX_BYTES, ReadError, read_file
from redislint.model import Fact, Server, Span, Target
from redislint.sources.iac.nodes import NodeError

if TYPE_CHECKING:
    from redislint.sources.cloud.reading import CloudTarget

ORIGIN = "deployment"
"""The origin of facts from host files."""

_NOTHING: Mapping[str, Fact] = MappingProxyType({})
_NO_PLACES: Mapping[str, Span] = MappingProxyType({})


class Managed(NamedTuple):
    """A managed cache as host files declare it; `hosts` are all the files that it stands in."""

    found: CloudTarget
    hosts: tuple[Document, ...]


class Machine(NamedTuple):
    """A host of which a file tells something; findings point at the places of its facts."""

    target: Target
    host: Document


class Deployment(NamedTuple):
    """One server as host files describe it: what the rules are held against.

    `name` is its address within the file (`services.cache`), the same between runs; `host`
    the file that it stands in. `start` is where findings about absent directives point.
    `launch` is what it reads; `servers` are those that the image's tag means, empty where it
    does not tell, and `engine` is what it does tell then. `facts` come by their path in
    schemas/facts.schema.json. `why` says in a few words how it was found. `managed`: the
    managed cache that it is, `machine` the host, which start no server of their own.
    `places`: where some of the facts stand, by path. `block`: a byte of the host at which its
    own block begins, -1 where `start` lies in it.
    """

    name: str
    kind: str
    host: Document
    start: Span
    launch: Launch
    why: str
    servers: tuple[Server, ...] = ()
    engine: str = ""
    facts: Mapping[str, Fact] = _NOTHING
    managed: Managed | None = None
    machine: Machine | None = None
    places: Mapping[str, Span] = _NO_PLACES
    block: int = -1


class Problem(NamedTuple):
    """A host file that should have been read and could not be; `reason` is one line."""

    path: str
    reason: str

    @classmethod
    def at(cls, host: Document, error: NodeError) -> Problem:
        """The problem of a file that is no YAML, with its line and column."""
        span = host.span(error.offset, error.offset)
        return cls(host.path or "", f"line {span.line}, column {span.column}: {error.reason}")


class World(NamedTuple):
    """What modules may look at beside the files that were found.

    `root` is the repository, or the folder of the target; nothing outside of it is read,
    links resolved. `knows` answers whether any server has a directive of that name. `texts`:
    what counts in place of what files hold, by resolved path.
    """

    root: str
    knows: Callable[[str], bool]
    max_bytes: int = MAX_BYTES
    texts: Mapping[str, bytes] = MappingProxyType({})

    def holds(self, path: str) -> bool:
        """Whether an absolute path lies within the bounds, links resolved."""
        real = os.path.realpath(path)
        root = os.path.realpath(self.root)
        inside = real == root or real.startswith(root.rstrip("/") + "/")
        return inside and ".git" not in real.split(os.sep)

    def read(self, path: str) -> Document | None:
        """The file at an absolute path; None where it is missing, or out of bounds."""
        real = os.path.realpath(path)
        if not self.holds(path):
            return None
        try:
            data = self.texts.get(real) or read_file(real, max_bytes=self.max_bytes)
        except ReadError:
            return None
        return parse(data, path)


def fact(value: object, unit: str = "", basis: str = "") -> Fact:
    """A fact that a host file states; `basis` is where, for people."""
    return Fact(value, unit, ORIGIN, basis)
