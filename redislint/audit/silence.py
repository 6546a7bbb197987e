"""Waivers in an audit: pragmas of files and those of redislint.yaml, held against findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from redislint.model import Diagnostic, Finding, Outcome, OutcomeKind, Severity
from redislint.policy.waiver import MALFORMED, WITHOUT_REASON, Audited, apply

if TYPE_CHECKING:
    from redislint.conf.document import Document
    from redislint.conf.pragma import PragmaProblem, Pragmas, Silence
    from redislint.policy.project import Project
    from redislint.policy.ruleset import RuleSet

_DECIDED = (OutcomeKind.PASS, OutcomeKind.FAIL, OutcomeKind.NOT_APPLICABLE)


_NOTHING: Mapping[int, frozenset[str]] = MappingProxyType({})


class Source(NamedTuple):
    """A file that was audited: `shown` is its name in reports, `path` the absolute one.
    `speaks`: by line, ids of the targets that its comment is for, where not for all."""

    shown: str
    path: str
    document: Document
    pragmas: Pragmas | None
    speaks: Mapping[int, frozenset[str]] = _NOTHING


def silence(
    findings: Sequence[Finding],
    outcomes: Iterable[Outcome],
    sources: Sequence[Source],
    rules: RuleSet,
    today: str,
    project: Project | None = None,
) -> tuple[tuple[Finding, ...], tuple[Diagnostic, ...]]:
    """The findings, waived where a sound waiver covers them, and what is wrong with waivers.

    `today` is an ISO date. The diagnostics are of RL010 to RL014; their spans have the
    names that reports use.
    """
    inline = [
        one._replace(span=one.span._replace(path=source.shown), targets=_targets(one, source))
        for source in sources
        if source.pragmas
        for one in source.pragmas.silences
    ]
    decided = {(o.target, o.rule) for o in outcomes if o.kind in _DECIDED}
    found_by_code = [rule for rule in rules.chosen if rules.rules[rule].code]
    decided |= {(source.shown, rule) for source in sources for rule in found_by_code}
    shown = {source.shown for source in sources if source.document.foreign}
    for target, rule in tuple(decided):
        file = target.partition("#")[0]
        if file in shown:
            decided.add((file, rule))
    audited = Audited({source.shown: source.path for source in sources}, frozenset(decided))
    central = project.waivers if project else ()
    known, problems = apply(findings, inline, central, tuple(rules.rules.values()), audited, today)
    return known, (*_misread(sources), *problems)


def _targets(one: Silence, source: Source) -> frozenset[str]:
    """The targets that a waiver is for, none where it is for a line or for the whole file."""
    return source.speaks.get(one.span.line, frozenset()) if one.line is None else frozenset()


def is_about_a_waiver(problem: PragmaProblem, document: Document) -> bool:
    """Whether a pragma that cannot be read was meant to silence something."""
    return "disable" in document.line_text(problem.span.line)


def _misread(sources: Iterable[Source]) -> Iterable[Diagnostic]:
    """Waivers that the reader of pragmas did not take: they do not count."""
    for source in sources:
        for problem in source.pragmas.problems if source.pragmas else ():
            if not is_about_a_waiver(problem, source.document):
                continue
            text = source.document.line_text(problem.span.line)
            rule = MALFORMED if "reason=" in text else WITHOUT_REASON
            span = problem.span._replace(path=source.shown)
            yield Diagnostic(rule, Severity.ERROR, problem.message, span, instance="waiver")
