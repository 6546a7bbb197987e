"""Exit codes: the same for every command and every output format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redislint.model import OutcomeKind, Severity

if TYPE_CHECKING:
    from redislint.audit import Report

OK = 0
FINDINGS = 1
USAGE = 2
INCOMPLETE = 3
NOTHING = 4
INTERRUPTED = 130


def exit_code(report: Report, fail_on: Severity, fail_on_unknown: bool) -> int:
    """The exit code of an audit. What could not be read or evaluated wins over findings."""
    if report.interrupted:
        return INTERRUPTED
    if report.errors or any(o.kind is OutcomeKind.ERROR for o in report.outcomes):
        return INCOMPLETE
    if not report.targets:
        return NOTHING
    failing = any(
        finding.severity.rank >= fail_on.rank
        for finding in report.findings
        if finding.waiver is None and finding.baseline != "known"
    )
    unknown = fail_on_unknown and any(o.kind is OutcomeKind.UNKNOWN for o in report.outcomes)
    return FINDINGS if failing or unknown else OK
