"""Running servers from end to end: read, joined to their host, held against the rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from redislint.audit import sentinel
from redislint.audit.drift import Drift, Started, placed
from redislint.audit.dump import Dumped, dump, folder_of
from redislint.audit.examine import Examined
from redislint.audit.findings import of_judgement
from redislint.audit.hosts import Hosts
from redislint.audit.inputs import Inputs, ServerInputs
from redislint.audit.judge import Judge
from redislint.audit.members import joined
from redislint.audit.paths import Paths
from redislint.audit.plan import Plans
from redislint.audit.policies import with_running_facts
from redislint.audit.report import UsageError
from redislint.facts.declared import DeclarationError
from redislint.facts.rates import Counters, change_facts, why_missing
from redislint.facts.values import expression_values
from redislint.model import AuditError, Fact, Server, Target
from redislint.sources import live
from redislint.sources.live.options import LiveOptions
from redislint.sources.live.reading import LiveTarget, Reading

_NEWEST = Server("redis", (99,))
"""A version after all that are measured."""
_OF_SERVICE = ("persistence.", "host.", "disk.")
_FROM_CONFIGURATION = ("persistence.", "memory.", "exposure.")


class Servers(NamedTuple):
    """How to reach running servers, and what is held beside them: `hosts` is what
    is known of their hosts, `started` the file that they were started with, `folder`
    where their effective configuration is written ("" = nowhere), `readings` what was
    read already, by URL, `before` the counters of an earlier look, by the target's id."""

    options: LiveOptions
    hosts: Hosts
    started: Started | None = None
    folder: str = ""
    readings: Mapping[str, Reading] = MappingProxyType({})
    before: Mapping[str, Counters] = MappingProxyType({})

    @classmethod
    def of(cls, inputs: Inputs, asked: ServerInputs, paths: Paths) -> Servers:
        """Raises UsageError for what cannot be used, or without the URL of a server."""
        option = asked.needing_servers
        if option and not inputs.urls:
            raise UsageError(f"{option} needs the URL of a running server, such as redis://host")
        return cls(
            asked.live or LiveOptions(),
            asked.hosts or Hosts.of(asked.host),
            None if asked.conf is None else Started.of(asked.conf, inputs, paths),
            "" if asked.dump is None else folder_of(asked.dump),
            asked.readings,
            asked.before,
        )

    def read(self, urls: Sequence[str], errors: list[AuditError]) -> tuple[LiveTarget, ...]:
        """Every server behind `urls`, once; what cannot be read is appended to `errors`."""
        found: dict[str, LiveTarget] = {}
        unread = tuple(dict.fromkeys(url for url in urls if url not in self.readings))
        known = [self.readings[url] for url in urls if url in self.readings]
        for reading in (*known, *(live.read(unread, self.options) if unread else ())):
            errors.extend(error for error in reading.errors if error not in errors)
            for one in reading.targets:
                found.setdefault(one.target.id, one)
        return tuple(found.values())

    def drift(self, server: LiveTarget, watched: bool) -> Drift:
        """How a server differs from its file. `watched`: by Sentinels of this run."""
        mode = server.identity.mode
        if self.started is None or mode == "sentinel":
            return Drift()
        return self.started.compare(server, managed=watched or mode == "cluster")


def targets(
    urls: Sequence[str],
    servers: Servers,
    plans: Plans,
    errors: list[AuditError],
    notices: list[str],
) -> Iterator[tuple[LiveTarget, Target, Judge, Drift]]:
    """Each server with its facts, the judge of the project of the working directory, and
    how the server differs from its file."""
    judge = plans.elsewhere()
    found = servers.read(urls, errors)
    watched = any(server.identity.mode == "sentinel" for server in found)
    together = joined(found)
    for server in found:
        notices.extend(server.notices)
        more, unknown = servers.hosts.facts_of(server, alone=len(found) == 1)
        changes, untold = _changes(server, servers.before.get(server.target.id))
        drift = servers.drift(server, watched)
        errors.extend(error for error in drift.errors if error not in errors)
        notices.extend(drift.notices)
        more |= {**changes, **drift.facts, **together.get(server.target.id, {})}
        unknown |= {**untold, **drift.unknown}
        try:
            yield server, _target(server, judge, more, unknown), judge, drift
        except DeclarationError as error:
            errors.append(AuditError(server.target.id, "pragma", str(error)))


def _target(
    server: LiveTarget, judge: Judge, more: Mapping[str, Fact], unknown: Mapping[str, str]
) -> Target:
    target = server.target
    declared = judge.declared({}, target.id)
    missing = {path: why for path, why in target.unknown.items() if path not in more}
    target = target._replace(
        facts={**target.facts, **more},
        unknown={**missing, **unknown},
        workload=declared.get("workload"),
    )
    if server.identity.mode == "sentinel":
        return sentinel.of_replies(target, declared, judge.workloads)
    target = with_running_facts(
        target, server.configuration, declared, judge.workloads, server.default_user
    )
    if server.identity.service:
        target = target._replace(unknown=_of_service(server.identity.service, target))
    reason = server.configuration.unknown
    return target._replace(unknown=_for_want_of(reason, target)) if reason else target


def _of_service(service: str, target: Target) -> dict[str, str]:
    """Why facts about persistence and hosts are unknown where a service sees to them."""
    name = {"elasticache": "ElastiCache", "memorydb": "MemoryDB"}.get(service, service)
    reason = f"{name} keeps files and hosts to itself: audit the service ({service}://REGION)"
    hidden = [path for path in _paths() if path.startswith(_OF_SERVICE)]
    return dict(target.unknown) | {p: reason for p in hidden if p not in target.facts}


def _for_want_of(reason: str, target: Target) -> dict[str, str]:
    """Why facts are unknown that follow from a configuration which the server hides."""
    follow = [path for path in _paths() if path.startswith(_FROM_CONFIGURATION)]
    hidden = {path: reason for path in follow if path not in target.facts}
    return {**hidden, **target.unknown}


def _paths() -> Iterable[str]:
    """Every declared fact."""
    from redislint.policy.vocabulary import read_facts
    from redislint.resources import read_schema

    return read_facts(read_schema("facts.schema.json"))


def _changes(server: LiveTarget, before: Counters | None) -> tuple[dict[str, Fact], dict[str, str]]:
    """What happened between two samples, or since an earlier look, and why the rest is
    unknown."""
    if server.second is not None:
        first, second, seconds = server.info.fields, server.second.fields, server.seconds
    elif before is not None:
        clock = server.target.facts.get("server.time")
        if clock is None:
            return {}, {}
        first, second, seconds = before.fields, server.info.fields, clock.value - before.at
    else:
        return {}, {}
    from redislint.conf.commands import members

    found = change_facts(
        first,
        second,
        seconds,
        expression_values(server.configuration.values()),
        own_errors=server.own_errors,
        write_commands=members("write", server.target.server) or members("write", _NEWEST),
    )
    return found, why_missing(found, [path for path in _paths() if path.startswith("change.")])


def examine(
    urls: Sequence[str],
    servers: Servers,
    plans: Plans,
    paths: Paths,
    errors: list[AuditError],
    notices: list[str],
) -> Iterator[Examined]:
    """What the rules say of each running server."""
    for server, target, judge, drift in targets(urls, servers, plans, errors, notices):
        dumped = None
        if server.identity.mode == "sentinel":
            judgement = judge.hold(target, target.id)
        else:
            dumped = _dumped(server, servers.folder, errors)
            if dumped is not None:
                target = target._replace(spans=dumped.spans)
            judgement = judge.hold(target, target.id)
            said = placed(judgement.diagnostics, judge.rules.rules, drift, target.spans)
            judgement = judgement._replace(diagnostics=said)
        errors.extend(judgement.errors)
        shown = {dumped.path: dumped.document} if dumped else {}
        yield Examined(
            target=target._replace(settings=()),
            findings=of_judgement(judgement, judge, paths, shown),
            outcomes=judgement.outcomes,
            path=target.id,
            texts={},
            accepted={target.server: True},
            judge=judge,
            shown=shown,
        )


def _dumped(server: LiveTarget, folder: str, errors: list[AuditError]) -> Dumped | None:
    """The file with the effective configuration, None where none was wished or written."""
    written = dump(server, folder) if folder else None
    if isinstance(written, AuditError):
        errors.append(written)
        return None
    return written
