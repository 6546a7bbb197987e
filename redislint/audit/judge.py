"""Policies in an audit: from a resolved configuration to what its rules say.

The results are diagnostics, as the server's own, so that they take the same way into
findings: names for paths, excerpts, fingerprints.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from redislint.audit.policies import with_facts
from redislint.audit.vocabulary import spelling
from redislint.facts.declared import KEYS, DeclarationError
from redislint.model import (
    AuditError,
    Diagnostic,
    Fix,
    FixSafety,
    Outcome,
    Span,
    Target,
)

if TYPE_CHECKING:
    from redislint.conf.resolve import Configuration
    from redislint.facts.workload import Workload
    from redislint.policy.engine import Violation
    from redislint.policy.project import FileSettings, Project
    from redislint.policy.ruleset import RuleSet


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules say of one target: `target` with its facts, a diagnostic for each
    failed rule (or instance), every outcome, and what could not be evaluated."""

    target: Target
    diagnostics: tuple[Diagnostic, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    errors: tuple[AuditError, ...] = ()


@dataclass(frozen=True, slots=True)
class Judge:
    """The policies of one run. `workload` is that of the command line, or ""."""

    rules: RuleSet
    workloads: Mapping[str, Workload]
    project: Project | None = None
    workload: str = ""

    def judge(
        self,
        target: Target,
        conf: Configuration,
        path: str,
        pragma: Mapping[str, str],
        known: Mapping[str, Any] | None = None,
    ) -> Judgement:
        """Hold the rules against the configuration that was read from `path`.

        `pragma`: what the file declares about itself, by key. What a person says on the
        command line counts before redislint.yaml, and that before the file. `known`:
        facts from elsewhere by path.
        """
        settings = self.project.settings_for(path) if self.project else None
        declared = self._declared(pragma, settings)
        start = Span(path, 1, 1, 1, 1)
        try:
            judged = with_facts(target, conf, declared, self.workloads, known=known, start=start)
        except DeclarationError as error:
            return Judgement(target, errors=(AuditError(target.id, "pragma", str(error)),))
        found = self.rules.evaluate(judged, spelling=spelling)
        words = [word.text for word in settings.ignore] if settings else []
        ignored = self.rules.matching(words) if words else frozenset()
        return Judgement(
            judged,
            tuple(
                _diagnostic(violation, conf)
                for violation in found.violations
                if violation.rule.id not in ignored
            ),
            tuple(outcome for outcome in found.outcomes if outcome.rule not in ignored),
            found.errors,
        )

    def _declared(self, pragma: Mapping[str, str], settings: FileSettings | None) -> dict[str, str]:
        declared = {key: pragma[key] for key in KEYS if key in pragma}
        if settings is not None:
            texts = {
                "workload": ",".join(settings.workload),
                "environment": settings.environment,
                "rpo": _duration(settings.rpo),
                "rto": _duration(settings.rto),
                "accept": ",".join(settings.accept),
            }
            declared |= {key: text for key, text in texts.items() if text}
        if self.workload:
            declared["workload"] = self.workload
        return declared


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return "unlimited" if math.isinf(seconds) else f"{seconds:f}s"


def _diagnostic(violation: Violation, conf: Configuration) -> Diagnostic:
    return Diagnostic(
        rule=violation.rule.id,
        severity=violation.severity,
        message=violation.message,
        span=violation.span,
        directive=violation.directive,
        instance=violation.instance,
        related=violation.related,
        fix=_fix(violation, conf),
    )


def _fix(violation: Violation, conf: Configuration) -> Fix | None:
    """The rule's fix as edits of the lines that set its directives."""
    if not violation.fix:
        return None
    from redislint.conf.fixes_set import setting

    safety = violation.rule.fix_safety or FixSafety.UNSAFE
    return setting(conf, violation.fix, safety, violation.rule.at)
