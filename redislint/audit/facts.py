"""The settings and facts of targets, for `redislint facts` and `redislint diff`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from redislint import catalog
from redislint.audit.inputs import Inputs, held_against
from redislint.audit.paths import Paths
from redislint.audit.report import UsageError
from redislint.audit.examine import pragma_errors
from redislint.audit.servers import judged, servers_of
from redislint.conf.include import IncludeReader
from redislint.conf.reading import MAX_BYTES
from redislint.model import REDACTED, AuditError, Fact, Server, Setting, Span, Target
from redislint.sources import kinds
from redislint.sources.conf_file import LoadedFile, load
from redislint.sources.discovery import NO_FILE_NAME, Unread

if TYPE_CHECKING:
    from redislint.conf.resolve import Configuration


@dataclass(frozen=True, slots=True)
class FactsReport:
    """Targets with their settings and facts, and what could not be read."""

    targets: tuple[Target, ...]
    errors: tuple[AuditError, ...]


@dataclass(frozen=True, slots=True)
class Resolved:
    """A configuration with the name that reports give it, and how it was chosen.

    `configuration` is None for an ACL file, which has users and no directives.
    """

    name: str
    kind: str
    server: Server
    assumed: bool
    loaded: LoadedFile
    configuration: Configuration | None
    paths: Paths


def facts(
    targets: Iterable[str | os.PathLike[str]] = (),
    *,
    server: Server | str | None = None,
    workload: str | None = None,
    defaults: bool = False,
    stdin: bytes | None = None,
    stdin_filename: str | None = None,
    allow_outside: bool = False,
    max_file_size: int = MAX_BYTES,
) -> FactsReport:
    """The settings of each target, one for every place that sets something.

    `defaults` adds the directives that nothing sets. Without `server` and pragma a file
    is read as the newest supported server that accepts it does. Raises UsageError.
    """
    inputs = Inputs.of(
        targets,
        stdin=stdin,
        stdin_filename=stdin_filename,
        allow_outside=allow_outside,
        max_file_size=max_file_size,
    )
    found: list[Target] = []
    errors: list[AuditError] = []
    for resolved in resolve_all(inputs, servers_of(server), errors):
        found.append(_target(resolved, workload, defaults))
    found.sort(key=lambda target: target.id)
    return FactsReport(tuple(found), tuple(errors))


def resolve_all(
    inputs: Inputs, servers: tuple[Server, ...], errors: list[AuditError]
) -> Iterator[Resolved]:
    """Each file as one server sees it: the named one, or the newest that accepts it.

    What cannot be read is appended to `errors`.
    """
    paths = inputs.paths()
    for item in inputs.read():
        name = paths.name(item.path)
        if isinstance(item, Unread):
            errors.append(AuditError(name, "read", item.reason))
            continue
        loaded = load(item)
        errors.extend(pragma_errors(loaded, name))
        try:
            held, assumed = held_against(loaded, servers)
        except UsageError as error:
            errors.append(AuditError(name, "pragma", str(error)))
            continue
        server, configuration = _resolve(loaded, held, name, inputs)
        yield Resolved(name, item.kind, server, assumed, loaded, configuration, paths)


def _resolve(
    loaded: LoadedFile, held: Sequence[Server], name: str, inputs: Inputs
) -> tuple[Server, Configuration | None]:
    from redislint.conf.resolve import resolve

    if loaded.file.kind == kinds.ACL_FILE:
        return judged((), held, name), None
    reader = IncludeReader(
        None if loaded.file.path == NO_FILE_NAME else loaded.file.path,
        allow_outside=inputs.allow_outside,
        max_bytes=inputs.max_file_size,
    )
    sentinel = loaded.file.kind == kinds.SENTINEL_CONF
    made = {
        server: resolve(loaded.document, server, sentinel=sentinel, reader=reader)
        for server in held
    }
    accepting = [server for server, conf in made.items() if conf.accepted]
    server = judged(accepting, held, name)
    return server, made[server]


def _target(resolved: Resolved, workload: str | None, defaults: bool) -> Target:
    settings = tuple(_settings(resolved, defaults))
    return Target(
        id=resolved.name,
        kind=resolved.kind,
        uri=resolved.name,
        server=resolved.server,
        assumed=resolved.assumed,
        workload=workload or resolved.loaded.workload,
        settings=settings,
        facts=_facts(resolved.configuration, resolved.server),
    )


def _facts(configuration: Configuration | None, server: Server) -> Mapping[str, Fact]:
    """What the configuration decides; of an ACL file and of a sentinel the server alone."""
    from redislint.facts import derive, expression_values, server_facts

    if configuration is None or configuration.sentinel:
        return server_facts(server)
    values = expression_values(configuration.values())
    return derive(values, configuration.is_set, server)


def _settings(resolved: Resolved, defaults: bool) -> Iterator[Setting]:
    conf = resolved.configuration
    if conf is None:
        yield from _users(resolved)
        return
    for setting in conf.settings:
        yield named(setting, resolved.paths)
    if defaults and not conf.sentinel:
        for name in catalog.specs(resolved.server):
            if not conf.is_set(name):
                yield named(conf[name], resolved.paths)


def _users(resolved: Resolved) -> Iterator[Setting]:
    """The lines of an ACL file, passwords hidden."""
    from redislint.conf.redact import redact_line

    document = resolved.loaded.document
    for number in range(1, document.data.count(b"\n") + 2):
        line = document.line_text(number)
        text = line.strip(" \t\r")
        if not text.startswith("user "):
            continue
        start = line.index(text) + len("user ") + 1
        span = Span(resolved.name, number, start, number, line.index(text) + len(text) + 1)
        shown = redact_line(text, number).text.removeprefix("user ")
        yield Setting("user", "user", shown, shown, "file", span)


def _hidden(name: str, text: str) -> str:
    """The value of a directive as it may be shown: a module's password argument, say."""
    from redislint.conf.redact import secret_ranges

    line = f"{name} {text}"
    for start, end in reversed(secret_ranges(line)):
        line = line[:start] + REDACTED + line[end:]
    return line[len(name) + 1 :]


def named(setting: Setting, paths: Paths) -> Setting:
    """`setting` as it may be shown, its places under the names of the report."""
    span = setting.span
    setting = replace(setting, text=_hidden(setting.canonical, setting.text))
    overrode = tuple(replace(other, path=paths.name(other.path)) for other in setting.overrode)
    if span is not None:
        span = replace(span, path=paths.name(span.path))
    return replace(setting, span=span, overrode=overrode)
