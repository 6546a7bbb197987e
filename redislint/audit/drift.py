"""Running servers held beside the file that they were started with (`--conf`)."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from redislint.audit.evidence import gather
from redislint.audit.inputs import Inputs, is_url
from redislint.audit.paths import Paths
from redislint.audit.report import UsageError
from redislint.audit.sides import blind, of_file, of_server
from redislint.conf.include import IncludeReader
from redislint.facts.drift import Side, drift_facts, file_fact
from redislint.model import AuditError, Diagnostic, Fact, Related, Server, Span
from redislint.sources import kinds
from redislint.sources.conf_file import LoadedFile, load
from redislint.sources.discovery import ConfFile, Unread

if TYPE_CHECKING:
    from redislint.conf.resolve import Configuration
    from redislint.policy.rules import Rule
    from redislint.sources.live.reading import LiveTarget

TAG = "drift"
"""Rules with this tag speak of the file beside the server: their findings name its line."""

_FACTS = ("drift.settings", "drift.emergency", "drift.rewrite_disabled")


class Drift(NamedTuple):
    """What a comparison came to: facts by path, why they are unknown, and for each directive
    that differs the line of the file that speaks of it."""

    facts: Mapping[str, Fact] = {}
    unknown: Mapping[str, str] = {}
    places: Mapping[str, Related] = {}
    errors: tuple[AuditError, ...] = ()
    notices: tuple[str, ...] = ()


class Started:
    """The file that servers were started with. Read once, resolved once for each version."""

    def __init__(self, item: ConfFile | Unread, inputs: Inputs, paths: Paths) -> None:
        self._paths = paths
        self._inputs = inputs
        self.name = paths.name(item.path)
        self._unread = item.reason if isinstance(item, Unread) else ""
        self._loaded: LoadedFile | None = None if isinstance(item, Unread) else load(item)
        self._resolved: dict[Server, tuple[Configuration, Side]] = {}

    @classmethod
    def of(cls, path: str | os.PathLike[str], inputs: Inputs, paths: Paths) -> Started:
        """`inputs`: how files of this run are read. Raises UsageError for what is no file
        of a server's configuration; what cannot be read is told by `compare`."""
        given = os.fspath(path)
        if is_url(given) or given == "-" or os.path.isdir(given):
            raise UsageError(f"--conf {given}: expected the redis.conf of the servers, a file")
        alone = inputs._replace(targets=(given,), urls=(), stdin=None)
        (item,) = alone.read()
        if isinstance(item, ConfFile) and item.kind != kinds.REDIS_CONF:
            raise UsageError(f"--conf {given}: it is a {item.kind}, expected a redis.conf")
        return cls(item, inputs, paths)

    def compare(self, server: LiveTarget, *, managed: bool) -> Drift:
        """How a running server differs from the file, as its own version reads it.

        `managed`: a Sentinel or a cluster decides who is a replica.
        """
        if self._loaded is None:
            error = AuditError(self.name, "read", self._unread)
            return _nothing(self.name, f"{self.name}: {self._unread}", error)
        live = server.configuration
        if live.unknown:
            return _nothing(self.name, live.unknown)
        conf, side = self._resolve(live.server, self._loaded)
        problem = blind(conf, self._paths)
        if problem is not None:
            place, reason = problem
            error = AuditError(place or self.name, TAG, f"{reason}; no server is compared with it")
            return _nothing(self.name, f"{self.name} cannot be compared: {reason}", error)
        files = [part.path for text in conf.documents for part in (text.parts or (text,))]
        evidence = gather(server, self._loaded.file.path, [path for path in files if path])
        side = _at_home(side, of_server(live))
        facts = drift_facts(
            self.name, side, of_server(live), live.server, evidence, managed=managed
        )
        rows = facts["drift.settings"].value
        places = {row["name"]: self._place(conf, row["name"]) for row in rows if "text" in row}
        notices: tuple[str, ...] = ()
        if evidence.without_file:
            place = server.address.place
            notices = (f"{place} was started without a file; it is compared with {self.name}",)
        return Drift(facts, _unsettled(self.name, rows), places, notices=notices)

    def _resolve(self, server: Server, loaded: LoadedFile) -> tuple[Configuration, Side]:
        if server not in self._resolved:
            from redislint.conf.resolve import resolve

            reader = IncludeReader(
                loaded.file.path,
                allow_outside=self._inputs.allow_outside,
                max_bytes=self._inputs.max_file_size,
            )
            conf = resolve(loaded.document, server, reader=reader)
            self._resolved[server] = conf, of_file(conf, self._paths)
        return self._resolved[server]

    def _place(self, conf: Configuration, name: str) -> Related:
        span = conf.place(name)
        if span is None:
            start = Span(self.name, 1, 1, 1, 1)
            return Related(start, f"nothing in this file sets {name}: its default counts")
        span = span._replace(path=self._paths.name(span.path))
        return Related(span, f"{name} in the file")


def _nothing(name: str, why: str, *errors: AuditError) -> Drift:
    """No comparison with the file of that name, and why."""
    return Drift({"drift.file": file_fact(name)}, dict.fromkeys(_FACTS, why), errors=errors)


def _unsettled(name: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Why it is unknown whether some directives differ."""
    left = ", ".join(row["name"] for row in rows if "same" not in row)
    why = f"{name} has a template in the place of {left}: name the file that the server got"
    return {"drift.settled": why} if left else {}


def _at_home(file: Side, live: Side) -> Side:
    """Where `dir` is a symbolic link on this machine, what it leads to is what counts: the
    server tells its directory without links."""
    before, now = file.texts.get("dir", ""), live.texts.get("dir")
    if before.startswith("/") and before != now and os.path.realpath(before) == now:
        return file._replace(texts={**file.texts, "dir": now}, values={**file.values, "dir": now})
    return file


def placed(
    diagnostics: Sequence[Diagnostic],
    rules: Mapping[str, Rule],
    found: Drift,
    spans: Mapping[str, Span],
) -> tuple[Diagnostic, ...]:
    """Findings of rules about drift name the directive that differs, and its line in the
    file. `spans`: its places in what was written of the running server."""
    return tuple(
        _placed(one, (one.instance,) if one.instance else rules[one.rule].at, found, spans)
        if TAG in rules[one.rule].tags
        else one
        for one in diagnostics
    )


def _placed(
    diagnostic: Diagnostic, names: Sequence[str], found: Drift, spans: Mapping[str, Span]
) -> Diagnostic:
    differing = [name for name in names if name in found.places]
    if not differing:
        return diagnostic
    return diagnostic._replace(
        directive=differing[0],
        span=spans.get(differing[0], diagnostic.span),
        related=tuple(found.places[name] for name in differing),
    )
