"""The catalogue read from `schemas/directives.json` on first use, and its tables per server."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from redislint.catalog.servers import Version, exact
from redislint.catalog.spec import Directive, HistoricDirective, ModuleDirective, Spec
from redislint.model import Server


class _Catalogue:
    """Everything in the file, indexed by spelling."""

    __slots__ = ("directives", "historic", "modules", "spellings")

    def __init__(self) -> None:
        import json

        from redislint.resources import read_schema

        data = json.loads(read_schema("directives.json"))
        self.directives: Final = tuple(map(Directive, data["directives"]))
        self.modules: Final = {row["name"]: ModuleDirective(row) for row in data["modules"]}
        self.historic: Final = {row["name"]: HistoricDirective(row) for row in data["historic"]}
        self.spellings: Final[dict[str, Directive]] = {}
        for directive in self.directives:
            self.spellings[directive.name] = directive
            for alias in directive.aliases:
                self.spellings[alias] = directive


class _Table:
    """What one server knows: by spelling, and by canonical name for each kind of file."""

    __slots__ = ("sentinel", "server", "spellings")

    def __init__(self, server: Server) -> None:
        self.spellings: Final[dict[str, Spec]] = {}
        specs: dict[str, Spec] = {}
        sentinel: dict[str, Spec] = {}
        engine, version = server.engine, exact(server)
        for directive in catalogue().directives:
            spec = directive.spec_at(engine, version)
            if spec is not None:
                (sentinel if spec.sentinel else specs)[spec.name] = spec
                for name in spec.names:
                    self.spellings[name] = spec
        self.server: Final[Mapping[str, Spec]] = MappingProxyType(specs)
        self.sentinel: Final[Mapping[str, Spec]] = MappingProxyType(sentinel)


_loaded: list[_Catalogue] = []
_tables: dict[tuple[str, Version], _Table] = {}
_MOST_TABLES = 64


def catalogue() -> _Catalogue:
    """The catalogue, read once."""
    if not _loaded:
        _loaded.append(_Catalogue())
    return _loaded[0]


def table(server: Server) -> _Table:
    """The table of a server, built once. Raises ValueError for an unknown engine."""
    key = (server.engine, server.version)
    found = _tables.get(key)
    if found is None:
        if len(_tables) >= _MOST_TABLES:
            _tables.clear()
        found = _tables[key] = _Table(server)
    return found


def lookup(name: str, server: Server) -> Spec | None:
    """What `server` knows under that spelling; None when it does not know it.

    `name` is a directive in lower case, any accepted spelling; those of sentinel.conf
    read "sentinel monitor". Raises ValueError for an engine other than redis and valkey.
    """
    return table(server).spellings.get(name)


def specs(server: Server) -> Mapping[str, Spec]:
    """Canonical name to `Spec` of every server directive, in catalogue order."""
    return table(server).server


def sentinel_specs(server: Server) -> Mapping[str, Spec]:
    """Canonical name ("sentinel monitor") to `Spec` of the directives of sentinel.conf."""
    return table(server).sentinel


def directives() -> tuple[Directive, ...]:
    """Every directive since Redis 2.8, those of sentinel.conf included, by name."""
    return catalogue().directives


def directive(name: str) -> Directive | None:
    """The directive with that spelling (lower case) in any version, or None."""
    return catalogue().spellings.get(name)


def module_directive(name: str) -> ModuleDirective | None:
    """The setting of a module bundled with Redis 8 with that name (lower case), or None."""
    return catalogue().modules.get(name)


def historic(name: str) -> HistoricDirective | None:
    """The directive with that name (lower case) that Redis dropped before 2.8, or None."""
    return catalogue().historic.get(name)
