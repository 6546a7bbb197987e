"""JUnit XML for Jenkins, GitLab, Azure Pipelines: a suite for each target, a case for
each rule.

Rules that passed are cases too, so that a dashboard shows what was looked at. A case
with an error or a warning fails; one with mere remarks passes and carries them as
output; what was waived, does not apply or could not be decided is skipped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from redislint.model import AuditError, Finding, Outcome, OutcomeKind, Report, Severity, Target
from redislint.reports import Options
from redislint.reports.levels import is_open
from redislint.reports.plain import error_place, message, one_line

ATTRIBUTE_LIMIT = 4096

FAILING = (Severity.ERROR, Severity.WARNING)


@dataclass(frozen=True, slots=True)
class _Case:
    """One testcase: `kind` is the element that says how it ended ("" for a pass)."""

    name: str
    kind: str = ""
    type: str = ""
    message: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class _Suite:
    name: str
    cases: tuple[_Case, ...]

    def count(self, kind: str) -> int:
        return sum(case.kind == kind for case in self.cases)


def render(report: Report, options: Options) -> str:
    """The document; only characters that XML allows are in it."""
    suites = list(_suites(report))
    head = _counts("testsuites", "redislint", suites)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<{head}>"]
    for suite in suites:
        skipped = f' skipped="{suite.count("skipped")}"'
        lines.append(f"  <{_counts('testsuite', suite.name, [suite])}{skipped}>")
        for case in suite.cases:
            lines.extend(_xml(case, suite.name))
        lines.append("  </testsuite>")
    lines.append("</testsuites>")
    return "".join(f"{line}\n" for line in lines)


def _counts(element: str, name: str, suites: Sequence[_Suite]) -> str:
    tests = sum(len(suite.cases) for suite in suites)
    failures = sum(suite.count("failure") for suite in suites)
    errors = sum(suite.count("error") for suite in suites)
    numbers = f'tests="{tests}" failures="{failures}" errors="{errors}"'
    return f"{element} name={_attribute(name)} {numbers}"


def _suites(report: Report) -> Iterator[_Suite]:
    """The suites of all targets, then those of what could not even become one."""
    findings: dict[str, dict[str, list[Finding]]] = {}
    for finding in report.findings:
        findings.setdefault(finding.target, {}).setdefault(finding.rule, []).append(finding)
    outcomes: dict[str, dict[str, Outcome]] = {}
    for outcome in filter(_shown, report.outcomes):
        outcomes.setdefault(outcome.target, {})[outcome.rule] = outcome
    errors: dict[str, list[AuditError]] = {}
    for error in report.errors:
        errors.setdefault(error_place(error.target)[0], []).append(error)
    targets = {target.id: target for target in report.targets}
    names = {rule.id: rule.name for rule in report.rules.values()}
    for name in dict.fromkeys((*targets, *findings, *outcomes, *errors)):
        found, ended = findings.get(name, {}), outcomes.get(name, {})
        cases = [_read(errors.get(name, ()))]
        for rule in sorted({*found, *ended}):
            own = found.get(rule, [])
            title = f"{rule} {names.get(rule) or (own[0].name if own else '')}".strip() or "rules"
            cases.append(_rule(title, own, ended.get(rule), targets.get(name)))
        yield _Suite(name, tuple(cases))


def _shown(outcome: Outcome) -> bool:
    """Outcomes that a saved report only counts make no case, but for failures."""
    return bool(outcome.rule) or outcome.kind is OutcomeKind.ERROR


def _read(errors: Sequence[AuditError]) -> _Case:
    """Whether the target could be read and its comments for redislint understood."""
    if not errors:
        return _Case("read")
    body = "\n".join(one_line(f"{error.target}: {error.message}") for error in errors)
    return _Case("read", "error", errors[0].stage, errors[0].message, body)


def _rule(
    title: str, findings: Sequence[Finding], outcome: Outcome | None, target: Target | None
) -> _Case:
    """How one rule ended on one target."""
    if outcome is not None and outcome.kind is OutcomeKind.ERROR:
        why = outcome.message or outcome.hint or "could not be evaluated"
        return _Case(title, "error", "rule", why, one_line(why))
    current = [finding for finding in findings if is_open(finding)]
    failing = [finding for finding in current if finding.severity in FAILING]
    if failing:
        worst = max(failing, key=lambda finding: finding.severity.rank)
        body = _told(current, target)
        return _Case(title, "failure", worst.severity.value, message(worst, target), body)
    if current:
        return _Case(title, body=_told(current, target))
    if findings:
        return _Case(title, "skipped", message=_excuse(findings[0]))
    if outcome is None or outcome.kind in (OutcomeKind.PASS, OutcomeKind.FAIL):
        return _Case(title)
    needs = f": needs {', '.join(outcome.missing)}" if outcome.missing else ""
    hint = f" ({outcome.hint})" if outcome.hint else ""
    return _Case(title, "skipped", message=f"{outcome.kind.value}{needs}{hint}")


def _excuse(finding: Finding) -> str:
    return f"waived: {finding.waiver.reason}" if finding.waiver else "known in the baseline"


def _told(findings: Sequence[Finding], target: Target | None) -> str:
    """A line for each finding, with its place: the format has no other room for that."""
    lines = []
    for finding in findings:
        span = finding.span
        place = f"{span.path}:{span.line}:{span.column}" if span else finding.target
        severity = finding.severity.value
        lines.append(f"{one_line(place)}: {severity}: {message(finding, target)}")
    return "\n".join(lines)


def _xml(case: _Case, suite: str) -> Iterator[str]:
    start = f"    <testcase classname={_attribute(suite)} name={_attribute(case.name)}"
    if not case.kind and not case.body:
        yield f"{start}/>"
        return
    yield f"{start}>"
    if case.kind:
        type_ = f" type={_attribute(case.type)}" if case.type else ""
        told = f"      <{case.kind}{type_} message={_attribute(case.message)}"
        yield f"{told}>{_text(case.body)}</{case.kind}>" if case.body else f"{told}/>"
    else:
        yield f"      <system-out>{_text(case.body)}</system-out>"
    yield "    </testcase>"


def _attribute(value: str) -> str:
    return f'"{_text(one_line(value, ATTRIBUTE_LIMIT))}"'


def _text(value: str) -> str:
    return escape(value, quote=True)
