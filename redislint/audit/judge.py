"""Policies in an audit: from a resolved configuration to what its rules say.

The results are diagnostics, as the server's own, so that they take the same way into
findings: names for paths, excerpts, fingerprints.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from redislint.audit.policies import with_facts
from redislint.audit.vocabulary import spelling
from redislint.facts.declared import KEYS, DeclarationError, severity_in
from redislint.model import (
    AuditError,
    Diagnostic,
    Fix,
    FixSafety,
    Outcome,
    OutcomeKind,
    Server,
    Span,
    Target,
)

if TYPE_CHECKING:
    from redislint.conf.resolve import Configuration
    from redislint.facts.workload import Workload
    from redislint.policy.engine import Violation
    from redislint.policy.project import FileSettings, Project
    from redislint.policy.ruleset import RuleSet


Offer = Callable[[Mapping[str, str], FixSafety, Sequence[str]], "Fix | None"]
"""The fix that makes a target set directives to texts, near others where it needs new lines."""

Weighing = Callable[[Iterable[Diagnostic]], tuple[Diagnostic, ...]]


class Judgement(NamedTuple):
    """What the rules say of one target: `target` with its facts, a diagnostic for each
    failed rule (or instance), every outcome, and what could not be evaluated."""

    target: Target
    diagnostics: tuple[Diagnostic, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    errors: tuple[AuditError, ...] = ()


class Judge(NamedTuple):
    """The policies of one run. `workload` is that of the command line, or ""; `said` is what
    an inventory declares about the target at hand, as texts by key, and counts most."""

    rules: RuleSet
    workloads: Mapping[str, Workload]
    project: Project | None = None
    workload: str = ""
    said: Mapping[str, str] = MappingProxyType({})

    def judge(
        self,
        target: Target,
        conf: Configuration,
        path: str,
        pragma: Mapping[str, str],
        known: Mapping[str, Any] | None = None,
        start: Span | None = None,
        places: Mapping[str, Span] = MappingProxyType({}),
    ) -> Judgement:
        """Hold the rules against the configuration that was read from `path`.

        `pragma`: what the file declares about itself, by key. `known`: facts, or their
        values, from elsewhere by path. `start`: where findings about absent directives
        point, the beginning of the file by default; `places`: those of facts in `known`.
        """
        declared = self.declared(pragma, path)
        start = start or Span(path, 1, 1, 1, 1)
        try:
            judged = with_facts(
                target, conf, declared, self.workloads, known=known, start=start, places=places
            )
        except DeclarationError as error:
            return Judgement(target, errors=(AuditError(target.id, "pragma", str(error)),))
        found = self.hold(judged, path, _lines_of(conf))
        return found if conf.accepted else _as_far_as_read(found, start)

    def hold(self, judged: Target, path: str, offer: Offer | None = None) -> Judgement:
        """What the rules say of a target with all its facts. `offer` makes the fix that gives
        directives these texts. `path` is that of the file, or the URL, that the project speaks
        of."""
        found = self.rules.evaluate(judged, spelling=spelling)
        ignored = self._ignored(self._settings(path))
        diagnostics = [
            _diagnostic(violation, offer)
            for violation in found.violations
            if violation.rule.id not in ignored
        ]
        outcomes = [outcome for outcome in found.outcomes if outcome.rule not in ignored]
        return Judgement(judged, tuple(diagnostics), tuple(outcomes), found.errors)

    def servers(self, path: str) -> tuple[Server, ...]:
        """The servers that the project names for the file at `path`."""
        settings = self._settings(path)
        return settings.servers if settings else ()

    def weighing(self, path: str, environment: str) -> Weighing:
        """A function that leaves out the diagnostics of rules that do not count for the
        file at `path`, and gives the others their severity there: what the project says,
        else what the environment ("" = undeclared) makes of it."""
        rules, ignored = self.rules, self._ignored(self._settings(path))

        def weigh(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
            kept = []
            for one in diagnostics:
                if one.rule not in rules.chosen or one.rule in ignored:
                    continue
                lowered = severity_in(environment, one.rule, one.severity)
                severity = rules.severity(one.rule, lowered)
                kept.append(one if severity is one.severity else one._replace(severity=severity))
            return tuple(kept)

        return weigh

    def declared(self, pragma: Mapping[str, str], path: str) -> dict[str, str]:
        """What people declare about the file at `path`, as texts by key.

        What an inventory says counts before the command line, that before redislint.yaml, and
        that before the file's own `pragma`.
        """
        settings = self._settings(path)
        declared = {key: pragma[key] for key in KEYS if key in pragma}
        if settings is not None:
            texts = {
                "workload": ",".join(settings.workload),
                "environment": settings.environment,
                "rpo": _duration(settings.rpo),
                "rto": _duration(settings.rto),
                "accept": ",".join(settings.accept),
                "backup": settings.backup,
                "backup-max-age": _duration(settings.backup_max_age),
                "last-drill": settings.last_drill,
                "load": _duration(settings.load),
            }
            declared |= {key: text for key, text in texts.items() if text}
        if self.workload:
            declared["workload"] = self.workload
        return {**declared, **self.said}

    def _settings(self, path: str) -> FileSettings | None:
        return self.project.settings_for(path) if self.project else None

    def _ignored(self, settings: FileSettings | None) -> frozenset[str]:
        words = [word.text for word in settings.ignore] if settings else []
        return self.rules.matching(words) if words else frozenset()


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return "unlimited" if math.isinf(seconds) else f"{seconds:f}s"


def _as_far_as_read(found: Judgement, start: Span) -> Judgement:
    """Of a file that the server refuses: what is said of lines that set something. That a
    directive is missing (the finding stands at the `start` of the file) cannot be said, as
    a refused line may be the one to set it."""
    kept = tuple(one for one in found.diagnostics if one.span != start)
    dropped = {one.rule for one in found.diagnostics} - {one.rule for one in kept}
    hint = "the server refuses this file: mend it first"
    outcomes = tuple(
        one._replace(kind=OutcomeKind.UNKNOWN, hint=hint, message="")
        if one.rule in dropped and one.kind is OutcomeKind.FAIL
        else one
        for one in found.outcomes
    )
    return found._replace(diagnostics=kept, outcomes=outcomes)


def _diagnostic(violation: Violation, offer: Offer | None) -> Diagnostic:
    return Diagnostic(
        rule=violation.rule.id,
        severity=violation.severity,
        message=violation.message,
        span=violation.span,
        directive=violation.directive,
        instance=violation.instance,
        related=violation.related,
        fix=_fix(violation, offer),
        remediation=violation.remediation,
    )


def _fix(violation: Violation, offer: Offer | None) -> Fix | None:
    if offer is None or not violation.fix:
        return None
    safety = violation.rule.fix_safety or FixSafety.UNSAFE
    return offer(violation.fix, safety, violation.rule.at)


def _lines_of(conf: Configuration) -> Offer:
    """A rule's fix as edits of the lines that set its directives."""

    def offer(wanted: Mapping[str, str], safety: FixSafety, at: Sequence[str]) -> Fix | None:
        from redislint.conf.fixes_set import setting

        return setting(conf, wanted, safety, at)

    return offer
