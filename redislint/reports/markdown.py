"""A summary for people in Markdown: a comment on a merge request, a step summary, a chat.

Bounded in size. What comes from a configuration is escaped: it can neither format the
page, nor link anywhere, nor mention anybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from redislint.model import Finding, FixSafety, OutcomeKind, Report, Severity, Target
from redislint.reports import Options
from redislint.reports.plain import clipped, message, one_line
from redislint.reports.text import shown, tally
from redislint.reports.wording import count, servers

ROWS = 50
"""Findings listed; a comment on GitHub takes 65,536 characters."""

UNREAD = 20
"""Targets listed that could not be read."""

MESSAGE_LIMIT = 400
PATH_LIMIT = 200

_SPECIAL = re.compile(r"[\\`*_\[\]<>|~&$]")
_ACTIVE = re.compile(r"@(?=\w)|#(?=\d)|(?<=:)(?=//)|(?<=\bwww)(?=\.)")
_BREAK = "&#8203;"
"""A space without width, between two characters that would otherwise become a link."""


def render(report: Report, options: Options) -> str:
    """The summary, ending in a line feed."""
    return "".join(f"{line}\n" for line in _lines(report, options))


def escaped(text: str) -> str:
    """`text` as prose of one line that Markdown shows as it is."""
    shown = _SPECIAL.sub(r"\\\g<0>", one_line(text))
    return _ACTIVE.sub(lambda match: match.group() + _BREAK, shown)


def code(text: str) -> str:
    """`text` as code on one line, fit for a cell of a table."""
    shown = one_line(text, PATH_LIMIT).replace("|", "\\|")
    runs = re.findall("`+", shown)
    fence = "`" * (max(map(len, runs), default=0) + 1)
    pad = " " if shown[:1] == "`" or shown[-1:] == "`" else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _lines(report: Report, options: Options) -> Iterator[str]:
    yield f"### redislint: {tally(report)}"
    yield ""
    yield _scope(report)
    if report.errors:
        yield ""
        yield f"**{count(len(report.errors), 'input')} could not be checked:**"
        yield ""
        for error in report.errors[:UNREAD]:
            yield f"- {code(error.target)}: {escaped(clipped(error.message, MESSAGE_LIMIT))}"
        if len(report.errors) > UNREAD:
            yield f"- and {len(report.errors) - UNREAD} more"
    findings = sorted(shown(report.findings, options), key=lambda found: -found.severity.rank)
    if findings:
        targets = {target.id: target for target in report.targets}
        yield ""
        yield "| | Place | Finding |"
        yield "|---|---|---|"
        for finding in findings[:ROWS]:
            yield _row(finding, targets.get(finding.target))
        if len(findings) > ROWS:
            yield ""
            yield f"and {count(len(findings) - ROWS, 'more finding')}"


def _scope(report: Report) -> str:
    parts = [f"{count(len(report.targets), 'target')} checked"]
    against = dict.fromkeys(target.held for target in report.targets if target.held)
    if len(against) == 1:
        parts[0] += f" against {servers(next(iter(against)))}"
    unknown = sum(outcome.kind is OutcomeKind.UNKNOWN for outcome in report.outcomes)
    if unknown:
        parts.append(f"{count(unknown, 'rule')} could not be decided for lack of facts")
    return f"{'; '.join(parts)}."


SIGNS = {
    Severity.ERROR: ":x: error",
    Severity.WARNING: ":warning: warning",
    Severity.INFO: ":information_source: info",
}


def _row(finding: Finding, target: Target | None) -> str:
    span = finding.span
    place = f"{span.path}:{span.line}:{span.column}" if span else finding.target
    told = f"**{escaped(finding.rule)}** {escaped(message(finding, target, MESSAGE_LIMIT))}"
    if finding.fix is not None:
        kind = "unsafe fix" if finding.fix.safety is FixSafety.UNSAFE else "fix"
        told += f"<br>{kind}: {escaped(clipped(finding.fix.description, MESSAGE_LIMIT))}"
    if finding.waiver is not None:
        told += f"<br>waived: {escaped(clipped(finding.waiver.reason, MESSAGE_LIMIT))}"
    return f"| {SIGNS[finding.severity]} | {code(place)} | {told} |"
