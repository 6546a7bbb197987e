"""One line for each finding, for editors, grep and logs:

`path:line:column: severity RL105 invalid-boolean: message`
"""

from __future__ import annotations

from collections.abc import Iterator

from redislint.model import Finding, Report, Target
from redislint.reports import Options
from redislint.reports.escape import printable
from redislint.reports.style import Style
from redislint.reports.text import UNREADABLE, place, shown
from redislint.reports.wording import servers


def render(report: Report, options: Options) -> str:
    """All lines, each ending in a newline; "" when there is nothing to say."""
    return "".join(f"{line}\n" for line in _lines(report, options))


def _lines(report: Report, options: Options) -> Iterator[str]:
    style = Style(options.color)
    targets = {target.id: target for target in report.targets}
    for finding in shown(report.findings, options):
        yield _line(finding, targets.get(finding.target), style)
    for error in report.errors:
        rule = f"{UNREADABLE} input-unreadable" if error.stage == "read" else error.stage
        yield f"{printable(error.target)}: error {rule}: {printable(error.message)}"


def _line(finding: Finding, target: Target | None, style: Style) -> str:
    where = place(finding.span) if finding.span else printable(finding.target)
    severity = style.severity(finding.severity, finding.severity.value)
    held = target.held if target else ()
    only = f" [{servers(held, finding.versions)}]" if finding.versions is not None else ""
    waived = " (waived)" if finding.waiver is not None else ""
    message = printable(finding.message)
    return f"{where}: {severity} {finding.rule} {finding.name}: {message}{only}{waived}"
