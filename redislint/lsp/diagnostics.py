"""Findings as an editor shows them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from lsprotocol.types import (
    CodeDescription,
    Diagnostic,
    DiagnosticRelatedInformation,
    DiagnosticSeverity,
    DiagnosticTag,
    Location,
    Position,
    Range,
)
from pygls.uris import from_fs_path

from redislint.lsp.check import Checked, gravest
from redislint.lsp.text import Text
from redislint.model import Finding, Severity, Span
from redislint.policy.errors import Problem

SOURCE = "redislint"

_SEVERITIES = {
    Severity.ERROR: DiagnosticSeverity.Error,
    Severity.WARNING: DiagnosticSeverity.Warning,
    Severity.INFO: DiagnosticSeverity.Information,
}
_WITHOUT_EFFECT = frozenset({"RL110", "RL115"})
"""Rules about lines that the server does not act on: editors grey them out."""

_URL = re.compile(r"https?://\S+")


def diagnostics(checked: Checked) -> list[Diagnostic]:
    """Everything to show in the text, in the order of its lines."""
    found = [_of_finding(finding, checked) for finding in checked.own]
    found += _of_includes(checked)
    found += [_of_problem(problem, checked.text) for problem in checked.problems]
    found.sort(key=lambda one: (one.range.start.line, one.range.start.character))
    return found


def _of_finding(finding: Finding, checked: Checked) -> Diagnostic:
    return Diagnostic(
        range=_range(finding.span, checked.text),
        message=finding.message,
        severity=_SEVERITIES[finding.severity],
        code=finding.rule,
        code_description=_reference(finding, checked),
        source=SOURCE,
        tags=[DiagnosticTag.Unnecessary] if finding.rule in _WITHOUT_EFFECT else None,
        related_information=list(_related(finding, checked)) or None,
        data={"fingerprint": finding.fingerprint},
    )


def _reference(finding: Finding, checked: Checked) -> CodeDescription | None:
    """Where to read more: the first page that the rule refers to."""
    report = checked.report
    if report is None:
        return None
    texts = report.rules[finding.rule].references
    found = next((match for text in texts if (match := _URL.search(text))), None)
    return CodeDescription(found.group()) if found else None


def _range(span: Span | None, text: Text) -> Range:
    """The place of a finding; the first line where it is about the text as a whole."""
    return text.range(span or Span("", 1, 1, 1, 1))


def _related(finding: Finding, checked: Checked) -> Iterator[DiagnosticRelatedInformation]:
    for related in finding.related:
        location = location_of(related.span, checked)
        if location is not None:
            yield DiagnosticRelatedInformation(location, related.message)


def location_of(span: Span, checked: Checked) -> Location | None:
    """Where a span of a report lies; None for what is no file.

    In files other than the text itself, characters are taken for one UTF-16 unit each.
    """
    report, text = checked.report, checked.text
    if report is not None and any(target.id == span.path for target in report.targets):
        return Location(text.uri, text.exact(span))
    path = report.files.get(span.path) if report is not None else None
    uri = from_fs_path(os.path.abspath(path)) if path else None
    if uri is None:
        return None
    start = Position(span.line - 1, span.column - 1)
    return Location(uri, Range(start, Position(span.end_line - 1, span.end_column - 1)))


def _of_includes(checked: Checked) -> list[Diagnostic]:
    """One diagnostic at the first include for all that is found in included files."""
    findings = checked.elsewhere
    if not findings:
        return []
    lines = [line for line in checked.text.document.directives if line.name == "include"]
    span = lines[0].span() if lines else None
    places = []
    for finding in findings:
        location = location_of(finding.span, checked) if finding.span else None
        if location is not None:
            said = f"{finding.rule}: {finding.message}"
            places.append(DiagnosticRelatedInformation(location, said))
    number = len(findings)
    return [
        Diagnostic(
            range=_range(span, checked.text),
            message=f"{number} finding{'s' * (number != 1)} in included files",
            severity=_SEVERITIES[gravest(findings)],
            source=SOURCE,
            related_information=places or None,
        )
    ]


def _of_problem(problem: Problem, text: Text) -> Diagnostic:
    line, column = max(problem.line, 1), max(problem.column, 1)
    prefix = f"{problem.path}: " if problem.path and not problem.line else ""
    start = text.position(line, column)
    end = text.position(line, _word_end(text.line(line - 1), column))
    place = Range(start, end) if problem.line else text.range(Span("", 1, 1, 1, 1))
    return Diagnostic(
        range=place,
        message=prefix + problem.message,
        severity=DiagnosticSeverity.Error,
        source=SOURCE,
    )


def _word_end(line: str, column: int) -> int:
    """One past the word that begins at a column (from 1), or past the line's only character."""
    rest = line[column - 1 :]
    word = re.match(r"[\w.\-]+|\S", rest)
    return column + (word.end() if word else len(rest))
