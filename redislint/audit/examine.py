"""One file from end to end: what servers say of it and what the rules say, as findings.

`Examiner.examine` is the one place where findings, with their fixes, come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from redislint.audit.inputs import Inputs, held_against
from redislint.audit.judge import Judge, Judgement
from redislint.audit.merge import Merged, merge
from redislint.audit.paths import Paths
from redislint.audit.plan import Plans
from redislint.audit.report import UsageError
from redislint.audit.servers import judged
from redislint.audit.verdict import Verdict, verdicts
from redislint.conf.document import Document
from redislint.model import (
    AuditError,
    Diagnostic,
    Finding,
    Outcome,
    OutcomeKind,
    Server,
    Severity,
    Span,
    Target,
)
from redislint.sources.conf_file import LoadedFile

if TYPE_CHECKING:
    from redislint.conf.pragma import Pragmas

VERSION_UNDETERMINED = "RL003"

_GRAVEST_LAST = (
    OutcomeKind.NOT_APPLICABLE,
    OutcomeKind.PASS,
    OutcomeKind.UNKNOWN,
    OutcomeKind.FAIL,
    OutcomeKind.ERROR,
)


class Examined(NamedTuple):
    """What one file came to, before waivers and baseline.

    `path` is the absolute one; `texts` every file that was read, by absolute path;
    `accepted` says of each server whether it takes the file. `shown`: texts that findings
    point into and that nobody wrote, so that no waiver stands in them. `deployed`: it is a
    server that a host file describes, one of several perhaps.
    """

    target: Target
    findings: tuple[Finding, ...]
    outcomes: tuple[Outcome, ...]
    path: str
    texts: Mapping[str, Document]
    accepted: Mapping[Server, bool]
    judge: Judge
    pragma: Pragmas | None = None
    shown: Mapping[str, Document] = MappingProxyType({})
    deployed: bool = False

    @property
    def includes(self) -> frozenset[str]:
        """Absolute paths of what the file reads besides itself."""
        return frozenset(self.texts) - {self.path}


class Examiner(NamedTuple):
    """Examines files. `servers` are those that the command line names."""

    inputs: Inputs
    servers: tuple[Server, ...]
    plans: Plans
    paths: Paths

    def examine(self, loaded: LoadedFile, errors: list[AuditError]) -> Examined | None:
        """The findings of one file, or of one server in it; None where it cannot be judged.

        What could not be read or evaluated is appended to `errors`. Raises PolicyError
        for a broken project configuration or policy.
        """
        file = loaded.file
        path = self.paths.name(file.path)
        name = path + loaded.suffix
        judge = self.plans.of(file.path)
        errors.extend(e for e in pragma_errors(loaded, self.paths) if e not in errors)
        if loaded.deployment is not None and loaded.deployment.managed is not None:
            from redislint.audit import managed

            cache = loaded.deployment.managed
            return managed.examine(loaded, cache, judge, self.paths, errors)
        if loaded.deployment is not None and loaded.deployment.machine is not None:
            from redislint.audit import machine

            host = loaded.deployment.machine
            return machine.examine(loaded, host, judge, self.paths, errors)
        try:
            held, assumed = held_against(loaded, self.servers, judge.servers(file.path))
        except UsageError as error:
            errors.append(AuditError(name, "pragma", str(error)))
            return None
        limits = self.inputs
        found = verdicts(
            loaded,
            held,
            allow_outside=limits.allow_outside,
            max_bytes=limits.max_file_size,
            texts=limits.texts,
        )
        if not found:
            asked = ", ".join(map(str, held))
            errors.append(AuditError(name, "read", f"{asked} has no ACL files, Redis 6.0 has"))
            return None
        accepted = {server: verdict.accepted for server, verdict in found.items()}
        accepting = [server for server, starts in accepted.items() if starts]
        target = Target(
            id=name,
            kind=file.kind,
            uri=path,
            server=judged(accepting, tuple(found), name),
            assumed=assumed,
            held=tuple(found),
            workload=judge.declared(loaded.declared, file.path).get("workload"),
        )
        judgements = self._judgements(target, found, loaded, judge)
        for judgement in judgements.values():
            errors.extend(judgement.errors)
        if target.server in judgements:
            target = judgements[target.server].target._replace(settings=())
        texts: dict[str, Document] = {}
        for verdict in found.values():
            texts.update(verdict.texts)
        merged = _merged(found, judgements, target, loaded, judge)
        return Examined(
            target,
            self._findings(merged, target, texts, judge),
            _outcomes(judgement.outcomes for judgement in judgements.values()),
            file.path,
            texts,
            accepted,
            judge,
            loaded.pragma,
            deployed=loaded.deployment is not None,
        )

    def _judgements(
        self, target: Target, found: Mapping[Server, Verdict], loaded: LoadedFile, judge: Judge
    ) -> dict[Server, Judgement]:
        """What the rules say: on the one server that counts, or on each that was named."""
        if loaded.is_acl_file:
            return {}
        judgements = {}
        for server in (target.server,) if target.assumed else target.held:
            conf = found[server].conf
            if conf is not None:
                judgements[server] = judge.judge(
                    target,
                    conf,
                    loaded.file.path,
                    loaded.declared,
                    loaded.facts,
                    loaded.start,
                    loaded.places,
                )
        return judgements

    def _findings(
        self,
        merged: list[Merged],
        target: Target,
        texts: Mapping[str, Document],
        judge: Judge,
    ) -> tuple[Finding, ...]:
        if not merged:
            return ()
        from redislint.audit.findings import finding, numbered

        paths = self.paths
        merged.sort(key=lambda item: _order(item.diagnostic, paths))
        fingerprint = numbered()
        rules = judge.rules.rules
        return tuple(finding(one, target.id, texts, paths, fingerprint, rules) for one in merged)


def _merged(
    found: Mapping[Server, Verdict],
    judgements: Mapping[Server, Judgement],
    target: Target,
    loaded: LoadedFile,
    judge: Judge,
) -> list[Merged]:
    """One list of diagnostics: the servers' and the rules', without those nobody wants."""
    environment = target.facts.get("target.environment")
    weigh = judge.weighing(loaded.file.path, environment.value if environment else "")
    said = {server: weigh(verdict.diagnostics) for server, verdict in found.items()}
    ruled = {server: weigh(judgement.diagnostics) for server, judgement in judgements.items()}
    accepted = {server: verdict.accepted for server, verdict in found.items()}
    if not target.assumed:
        both = {server: (*said[server], *ruled.get(server, ())) for server in said}
        return merge(both, accepted, assumed=False)
    merged = merge(said, accepted, assumed=True)
    merged += [Merged(d, None) for diagnostics in ruled.values() for d in diagnostics]
    merged += [Merged(d, None) for d in weigh((_version_undetermined(loaded.start),))]
    return merged


def _outcomes(several: Iterable[Sequence[Outcome]]) -> tuple[Outcome, ...]:
    """One outcome for each rule: the gravest of those on several servers."""
    gravest: dict[str, Outcome] = {}
    for outcomes in several:
        for outcome in outcomes:
            known = gravest.get(outcome.rule)
            if known is None or _grave(outcome) > _grave(known):
                gravest[outcome.rule] = outcome
    return tuple(gravest.values())


def _grave(outcome: Outcome) -> int:
    return _GRAVEST_LAST.index(outcome.kind)


def pragma_errors(loaded: LoadedFile, paths: Paths) -> Iterator[AuditError]:
    """What is wrong with the pragmas of a file and of those it takes in, waivers apart."""
    if loaded.pragma is None or not loaded.pragma.problems:
        return
    from redislint.audit.silence import is_about_a_waiver

    for problem in loaded.pragma.problems:
        elsewhere = problem.span.path != loaded.document.path
        if elsewhere or not is_about_a_waiver(problem, loaded.document):
            place = f"{paths.name(problem.span.path)}:{problem.span.line}:{problem.span.column}"
            yield AuditError(place, "pragma", problem.message)


def _order(diagnostic: Diagnostic, paths: Paths) -> tuple[str, int, int, str]:
    span = diagnostic.span
    if span is None:
        return "", 0, 0, diagnostic.rule
    return paths.name(span.path), span.line, span.column, diagnostic.rule


def _version_undetermined(start: Span) -> Diagnostic:
    return Diagnostic(
        rule=VERSION_UNDETERMINED,
        severity=Severity.INFO,
        message=(
            "no engine and version is named; held against every supported version, and what"
            " differs between them is marked"
        ),
        span=start,
    )
