"""The settings and facts of targets, for `redislint facts` and `redislint diff`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from redislint import catalog
from redislint.audit.examine import pragma_errors
from redislint.audit.inputs import Inputs, ServerInputs, held_against
from redislint.audit.paths import Paths
from redislint.audit.plan import Plans, Wishes
from redislint.audit.policies import Values, with_facts
from redislint.audit.report import UsageError
from redislint.audit.servers import judged, servers_of
from redislint.conf.include import IncludeReader
from redislint.conf.reading import MAX_BYTES
from redislint.facts import server_facts
from redislint.facts.declared import DeclarationError
from redislint.model import REDACTED, AuditError, Server, Setting, Span, Target
from redislint.sources import kinds
from redislint.sources.conf_file import LoadedFile
from redislint.sources.discovery import NO_FILE_NAME, Unread

if TYPE_CHECKING:
    from redislint.audit.judge import Judge
    from redislint.conf.resolve import Configuration
    from redislint.sources.cloud.options import CloudOptions
    from redislint.sources.iac.deployment import Machine, Managed
    from redislint.sources.live.options import LiveOptions

_SETTINGS = ("config", "set")
"""Facts that a report shows as settings."""

_DRIFT = "drift.settings"
"""The fact with a row for each directive; shown are those that differ."""


@dataclass(frozen=True, slots=True)
class FactsReport:
    """Targets with their settings and facts, what could not be read, and `notices`: lines
    for a person at a terminal."""

    targets: tuple[Target, ...]
    errors: tuple[AuditError, ...]
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolved:
    """A configuration with the name that reports give it, and how it was chosen.

    `configuration` is None for an ACL file, which has users and no directives, and for a
    managed cache, which has parameters.
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
    workload: str | Sequence[str] | None = None,
    config: str | os.PathLike[str] | None = None,
    defaults: bool = False,
    stdin: bytes | None = None,
    stdin_filename: str | None = None,
    allow_outside: bool = False,
    max_file_size: int = MAX_BYTES,
    live: LiveOptions | None = None,
    host: str | os.PathLike[str] | None = None,
    conf: str | os.PathLike[str] | None = None,
    cloud: CloudOptions | None = None,
) -> FactsReport:
    """The settings of each target, one for every place that sets something, and its facts.
    Of a running server those settings count that differ from the version's defaults.

    `defaults` adds the directives that nothing sets. Without `server`, pragma and
    redislint.yaml a file is read as the newest supported server that accepts it does.
    `live`, `host`, `conf` and `cloud` as for `check`.
    Raises UsageError, and PolicyError for a broken redislint.yaml.
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
    names = (workload,) if isinstance(workload, str) else workload or ()
    wishes = Wishes(workload=",".join(names), config=None if config is None else os.fspath(config))
    plans = Plans(wishes, inputs.paths())
    for resolved in resolve_all(inputs, servers_of(server), errors, plans):
        judge = plans.of(resolved.loaded.file.path)
        deployment = resolved.loaded.deployment
        if deployment is not None and deployment.managed is not None:
            found.extend(_declared(resolved, deployment.managed, judge, errors))
        elif deployment is not None and deployment.machine is not None:
            found.extend(_machine(resolved, deployment.machine, judge, errors))
        else:
            found.append(_target(resolved, judge, defaults, errors))
    notices: list[str] = []
    asked = ServerInputs(live, host, conf)
    if inputs.urls or asked.needing_servers:
        from redislint.audit.running import Servers
        from redislint.audit.running import targets as running

        servers = Servers.of(inputs, asked, inputs.paths())
        for one, target, *_ in running(inputs.urls, servers, plans, errors, notices):
            found.append(_running(target, one.configuration, defaults))
    if inputs.clouds:
        from redislint.audit.cloud import targets as managed

        for cache, target, _ in managed(inputs.clouds, cloud, plans, errors, notices):
            found.append(_managed(target, cache.configuration, defaults))
    found.sort(key=lambda target: target.id)
    return FactsReport(tuple(found), tuple(errors), tuple(dict.fromkeys(notices)))


def resolve_all(
    inputs: Inputs,
    servers: tuple[Server, ...],
    errors: list[AuditError],
    plans: Plans | None = None,
) -> Iterator[Resolved]:
    """Each file as one server sees it: the named one, or the newest that accepts it.

    What cannot be read is appended to `errors`. `plans` know the servers of projects.
    """
    paths = inputs.paths()
    for loaded in inputs.load():
        if isinstance(loaded, Unread):
            errors.append(AuditError(paths.name(loaded.path), "read", loaded.reason))
            continue
        item = loaded.file
        path = paths.name(item.path)
        name = path + loaded.suffix
        errors.extend(e for e in pragma_errors(loaded, paths) if e not in errors)
        try:
            known = plans.of(item.path).servers(item.path) if plans else ()
            held, assumed = held_against(loaded, servers, known)
        except UsageError as error:
            errors.append(AuditError(name, "pragma", str(error)))
            continue
        server, configuration = _resolve(loaded, held, name, inputs)
        yield Resolved(name, item.kind, server, assumed, loaded, configuration, paths)


def _resolve(
    loaded: LoadedFile, held: Sequence[Server], name: str, inputs: Inputs
) -> tuple[Server, Configuration | None]:
    deployment = loaded.deployment
    other = deployment is not None and (deployment.managed or deployment.machine) is not None
    if loaded.file.kind == kinds.ACL_FILE or other:
        return judged((), held, name), None
    reader = IncludeReader(
        None if loaded.file.path == NO_FILE_NAME else loaded.file.path,
        allow_outside=inputs.allow_outside,
        max_bytes=inputs.max_file_size,
    )
    made = {server: loaded.resolve(server, reader) for server in held}
    accepting = [server for server, conf in made.items() if conf.accepted]
    server = judged(accepting, held, name)
    return server, made[server]


def _target(resolved: Resolved, judge: Judge, defaults: bool, errors: list[AuditError]) -> Target:
    conf, path = resolved.configuration, resolved.loaded.file.path
    declared = judge.declared(resolved.loaded.declared, path)
    target = Target(
        id=resolved.name,
        kind=resolved.kind,
        uri=resolved.paths.name(path),
        server=resolved.server,
        assumed=resolved.assumed,
        workload=declared.get("workload"),
    )
    settings = tuple(_settings(resolved, defaults))
    if conf is None:
        return target._replace(settings=settings, facts=server_facts(resolved.server))
    try:
        known = resolved.loaded.facts
        target = with_facts(target, conf, declared, judge.workloads, known=known)
    except DeclarationError as error:
        errors.append(AuditError(target.id, "pragma", str(error)))
        return target._replace(settings=settings, facts=server_facts(resolved.server))
    return _told(target._replace(settings=settings))


def _running(target: Target, conf: Values, defaults: bool) -> Target:
    """A running server: its settings, those that are not the defaults or all of them."""
    settings = tuple(one for one in target.settings if defaults or conf.is_set(one.canonical))
    facts = dict(target.facts)
    compared = facts.get(_DRIFT)
    if compared is not None and not defaults:
        differing = [row for row in compared.value if not row.get("same")]
        left = f"{compared.basis}; {len(compared.value) - len(differing)} more agree"
        facts[_DRIFT] = compared._replace(value=differing, basis=left)
    return _told(target._replace(settings=settings, facts=facts))


def _declared(
    resolved: Resolved, managed: Managed, judge: Judge, errors: list[AuditError]
) -> Iterator[Target]:
    """A managed cache that host files declare: all that they set."""
    from redislint.audit.managed import target_of

    target = target_of(resolved.loaded, managed, judge, resolved.paths, errors)
    if target is not None:
        settings = tuple(placed(one, resolved.paths) for one in target.settings)
        yield _told(target._replace(settings=settings))


def _machine(
    resolved: Resolved, machine: Machine, judge: Judge, errors: list[AuditError]
) -> Iterator[Target]:
    """A host that a file tells something of: its kernel settings."""
    from redislint.audit.machine import target_of

    target = target_of(resolved.loaded, machine, judge, resolved.paths, errors)
    if target is not None:
        settings = tuple(named(one, resolved.paths) for one in target.settings)
        yield _told(target._replace(settings=settings))


def _managed(target: Target, conf: Values, defaults: bool) -> Target:
    """A managed cache: the parameters that its owner changed, or all of them."""
    settings = tuple(one for one in target.settings if defaults or conf.is_set(one.canonical))
    return _told(target._replace(settings=settings))


def _told(target: Target) -> Target:
    """The target without the facts that are shown as settings, and with what is unknown."""
    facts = {path: fact for path, fact in target.facts.items() if path not in _SETTINGS}
    unknown = {**_suppliers(), **target.unknown}
    missing = {path: why for path, why in unknown.items() if path not in facts}
    return target._replace(facts=facts, unknown=missing)


@cache
def _suppliers() -> Mapping[str, str]:
    """How to supply each declared fact that somebody can supply, by path."""
    from redislint.policy.vocabulary import read_facts
    from redislint.resources import read_schema

    facts = read_facts(read_schema("facts.schema.json"))
    return {path: fact.supply for path, fact in facts.items() if fact.supply}


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
    setting = setting._replace(text=_hidden(setting.canonical, setting.text))
    return placed(setting, paths)


def placed(setting: Setting, paths: Paths) -> Setting:
    """`setting` with its places under the names of the report."""
    span = setting.span
    overrode = tuple(other._replace(path=paths.name(other.path)) for other in setting.overrode)
    if span is not None:
        span = span._replace(path=paths.name(span.path))
    return setting._replace(span=span, overrode=overrode)
