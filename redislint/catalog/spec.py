"""What the catalogue knows: of a directive on one server (`Spec`), across all (`Directive`).

Plain slotted classes, compared by identity: a `Spec` is shared by every server on which
all facts about the directive are equal, so `is` and `id` make good cache keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from redislint.catalog.servers import PATCHES, SERVERS, Version, exact, read_version
from redislint.model import Server

_START: Final[dict[str, Any]] = {
    "type": "",
    "default": None,
    "default_with_file": None,
    "bounds": None,
    "enum": None,
    "event_letters": None,
    "args": (1, 1),
    "flags": (),
    "config_get": "listed",
    "listed": None,
    "config_file": True,
}
"""What a fact is until the first change point of `schemas/directives.json` names it."""


class Spec:
    """What one server knows of one directive. Treat as read-only.

    Attributes:
        directive: the catalogue's name, the same on every server.
        name: the canonical spelling on that server; `names` all spellings it takes,
            canonical first; `aliases` the others.
        type: bool, int, memory, percent-or-memory, signed-memory, octal, enum, string,
            special, or ignored (parsed without effect).
        unit: unit of a plain number, such as "bytes" or "milliseconds", or None.
        repeat: what a second line does: last-wins, append, per-class or each.
        secret: the value is a credential, or holds one.
        bounds: (lowest, highest) that a configuration file may give, None inside for an
            end without a check, None for no check at all; octal bounds as plain numbers;
            those of percent-or-memory hold for the byte form (percent: 0 to 100).
        enum: the words accepted.
        default: as CONFIG GET shows it on a server started without a file; None when
            the server does not show it.
        default_with_file: the same for a server started with a file that does not set it.
        event_letters: the letters that notify-keyspace-events takes.
        args: (fewest, most) arguments after the name, most None for no limit.
        flags: among immutable, protected, sensitive, hidden, debug, multi_arg,
            deny_loading, volatile, module.
        config_get: "listed" in CONFIG GET *, "by-name" only, or "none".
        listed: the spellings that CONFIG GET * lists (asked for by name, all answer).
        config_file: False when the name is for CONFIG GET and SET only and fatal in a file.
        sentinel: the directive belongs to sentinel.conf (its name starts with "sentinel ").
    """

    __slots__ = (
        "aliases",
        "args",
        "bounds",
        "config_file",
        "config_get",
        "default",
        "default_with_file",
        "directive",
        "enum",
        "event_letters",
        "flags",
        "hidden",
        "ignored",
        "immutable",
        "listed",
        "multi_arg",
        "name",
        "names",
        "protected",
        "repeat",
        "secret",
        "sensitive",
        "sentinel",
        "type",
        "unit",
    )

    def __init__(self, owner: Directive, facts: Mapping[str, Any]) -> None:
        names: tuple[str, ...] = facts["names"]
        flags = frozenset(facts["flags"])
        self.directive: Final[str] = owner.name
        self.name: Final[str] = names[0]
        self.names: Final = names
        self.aliases: Final = names[1:]
        self.type: Final[str] = facts["type"]
        self.unit: Final = owner.unit
        self.repeat: Final = owner.repeat
        self.secret: Final = owner.secret
        self.sentinel: Final = owner.context == "sentinel"
        self.bounds: Final[tuple[int | None, int | None] | None] = facts["bounds"]
        self.enum: Final[tuple[str, ...] | None] = facts["enum"]
        self.default: Final[str | None] = facts["default"]
        with_file = facts["default_with_file"]
        self.default_with_file: Final[str | None] = self.default if with_file is None else with_file
        self.event_letters: Final[str | None] = facts["event_letters"]
        self.args: Final[tuple[int, int | None]] = facts["args"]
        self.flags: Final = flags
        self.immutable: Final = "immutable" in flags
        self.protected: Final = "protected" in flags
        self.sensitive: Final = "sensitive" in flags
        self.hidden: Final = "hidden" in flags
        self.multi_arg: Final = "multi_arg" in flags
        self.config_get: Final[str] = facts["config_get"]
        listed = names if facts["listed"] is None else facts["listed"]
        self.listed: Final[tuple[str, ...]] = listed if self.config_get == "listed" else ()
        self.config_file: Final[bool] = facts["config_file"]
        self.ignored: Final = self.type == "ignored"

    def __repr__(self) -> str:
        return f"<Spec {self.name} {self.type}>"


Point = tuple[Version, Spec | None]
"""From this version on the facts are these; None: the server does not know the directive."""


class Directive:
    """A directive across all engines and versions. Treat as read-only.

    Attributes:
        name: the newest Redis spelling (the newest Valkey one where Redis has none).
        aliases: every other spelling that any version takes.
        context: "server", or "sentinel" for those of sentinel.conf alone.
        summary: one sentence on what it does.
        unit, repeat, secret: as in `Spec`.
        rule: what the value must look like beyond type and bounds, or None.
        build: on which builds of the server it depends, or None.
        replaced_by: the directive to use instead of a dead one, or None.
        inferred: which facts stand on release notes alone, not on a measured server, or None.
    """

    __slots__ = (
        "_points",
        "_row",
        "_shared",
        "aliases",
        "build",
        "context",
        "inferred",
        "name",
        "repeat",
        "replaced_by",
        "rule",
        "secret",
        "summary",
        "unit",
    )

    def __init__(self, row: Mapping[str, Any]) -> None:
        self._row = row
        self._points: dict[str, tuple[Point, ...]] = {}
        self._shared: dict[tuple[Any, ...], Spec] = {}
        self.name: Final[str] = row["name"]
        self.context: Final[str] = row.get("context", "server")
        self.summary: Final[str] = row["summary"]
        self.unit: Final[str | None] = row.get("unit")
        self.repeat: Final[str] = row.get("repeat", "last-wins")
        self.secret: Final[bool] = row.get("secret", False)
        self.rule: Final[str | None] = row.get("rule")
        self.build: Final[str | None] = row.get("build")
        self.replaced_by: Final[str | None] = row.get("replaced_by")
        self.inferred: Final[str | None] = row.get("inferred")
        self.aliases: Final = _aliases(row)

    def __repr__(self) -> str:
        return f"<Directive {self.name}>"

    @property
    def engines(self) -> tuple[str, ...]:
        """The engines that know it in some version, among redis and valkey."""
        return tuple(engine for engine in PATCHES if engine in self._row)

    def points(self, engine: str) -> tuple[Point, ...]:
        """The change points of an engine, oldest first; empty when it never knew it."""
        points = self._points.get(engine)
        if points is None:
            points = self._points[engine] = tuple(self._build(engine))
        return points

    def _build(self, engine: str) -> Iterator[Point]:
        facts = _START.copy()
        facts["names"] = (self.name,)
        for change in self._row.get(engine, ()):
            for fact, value in change.items():
                if fact in facts:
                    facts[fact] = tuple(value) if type(value) is list else value
            if change.get("known") is False:
                yield read_version(change["from"]), None
            else:
                key = tuple(facts.values())
                spec = self._shared.get(key)
                if spec is None:
                    spec = self._shared[key] = Spec(self, facts)
                yield read_version(change["from"]), spec

    def spec(self, server: Server) -> Spec | None:
        """What that server knows of it; None when it does not know it.

        Raises ValueError for an engine other than redis and valkey.
        """
        return self.spec_at(server.engine, exact(server))

    def spec_at(self, engine: str, version: Version) -> Spec | None:
        """As `spec`, for a version with its patch release."""
        found = None
        for start, spec in self.points(engine):
            if start > version:
                break
            found = spec
        return found

    def since(self, engine: str) -> Server | None:
        """The first version of the engine that has it for good (redis-2.8: 2.8 or older)."""
        since = self.since_patch(engine)
        return Server(engine, since.version[:2]) if since else None

    def since_patch(self, engine: str) -> Server | None:
        """As `since`, with the patch release where it came later than the series did."""
        first = None
        previous = None
        for version, spec in self.points(engine):
            if spec is not None and previous is None:
                first = Server(engine, version)
            previous = spec
        return first

    def backports(self, engine: str) -> tuple[Server, ...]:
        """Patch releases of older series that have it although the next series does not."""
        starts = []
        previous = None
        for version, spec in self.points(engine):
            if spec is not None and previous is None:
                starts.append(Server(engine, version))
            previous = spec
        return tuple(starts[:-1])

    def removed_in(self, engine: str) -> Server | None:
        """The first version that no longer knows it; None while the newest does."""
        points = self.points(engine)
        return Server(engine, points[-1][0]) if points and points[-1][1] is None else None

    def ignored_since(self, engine: str) -> Server | None:
        """The first version that parses it without effect; None while it has one."""
        for version, spec in self.points(engine):
            if spec is not None and spec.ignored:
                return Server(engine, version)
        return None

    def versions(self) -> tuple[Server, ...]:
        """The measured servers that know it, oldest first, Redis before Valkey."""
        return tuple(server for server in SERVERS if self.spec(server) is not None)


def _aliases(row: Mapping[str, Any]) -> tuple[str, ...]:
    spellings: dict[str, None] = {}
    for engine in PATCHES:
        for change in row.get(engine, ()):
            spellings.update(dict.fromkeys(change.get("names", ())))
    spellings.pop(row["name"], None)
    return tuple(spellings)


class ModuleDirective:
    """A setting of a module bundled with full builds of Redis 8, as its sample file names it.

    A server that has not loaded the module refuses to start with it. `default`, `range`
    and `values` are the documented ones, not measured.
    """

    __slots__ = ("default", "module", "name", "range", "type", "values")

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.name: Final[str] = row["name"]
        self.module: Final[str] = row["module"]
        self.type: Final[str] = row["type"]
        self.default: Final[str] = row["default"]
        self.range: Final[str | None] = row.get("range")
        values: Sequence[str] = row.get("values", ())
        self.values: Final = tuple(values)

    def __repr__(self) -> str:
        return f"<ModuleDirective {self.name}>"


class HistoricDirective:
    """A directive that Redis dropped before 2.8. Versions are text such as "2.4"."""

    __slots__ = ("last_seen", "name", "removed_in", "replaced_by")

    engine: Final = "redis"

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.name: Final[str] = row["name"]
        self.last_seen: Final[str] = row["last_seen"]
        self.removed_in: Final[str] = row["removed_in"]
        self.replaced_by: Final[str | None] = row.get("replaced_by")

    def __repr__(self) -> str:
        return f"<HistoricDirective {self.name}>"
