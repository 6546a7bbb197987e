"""What of the page stands there without JavaScript: the alarms and a summary."""

from __future__ import annotations

import html
from collections.abc import Iterator

from redislint.fleet.model import FleetReport
from redislint.fleet.reports.digest import Cell, Code, Digest, Section
from redislint.model import Severity
from redislint.reports.plain import one_line
from redislint.reports.wording import count


def alarms(told: Digest) -> Iterator[str]:
    """What nobody may miss; it stays in every view."""
    for alarm in told.alarms:
        yield f'<p class="alarm"><strong>Attention.</strong> {entities(alarm)}</p>\n'


def summary(report: FleetReport, told: Digest) -> Iterator[str]:
    """The fleet in short, the most urgent first."""
    yield f"<h2>{entities(told.verdict)}</h2>\n"
    for line in told.lines:
        yield f"<p>{entities(line)}</p>\n"
    for section in told.sections:
        yield from _section(section)


def entities(text: str) -> str:
    """`text` on one line as HTML in ASCII: nothing in it is markup, nothing acts."""
    escaped = html.escape(one_line(text), quote=True)
    return escaped.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _section(section: Section) -> Iterator[str]:
    yield '<div class="scroll" role="region" tabindex="0"'
    yield f' aria-label="{entities(section.title)}"><table>\n'
    yield f"<caption>{entities(section.title)} ({section.total})</caption>\n<thead><tr>"
    for name in section.header:
        yield f'<th scope="col">{entities(name or "Severity")}</th>'
    yield "</tr></thead>\n<tbody>\n"
    for row in section.rows:
        yield f"<tr>{''.join(map(_cell, row))}</tr>\n"
    yield "</tbody></table></div>\n"
    if section.total > len(section.rows):
        yield f"<p>and {count(section.total - len(section.rows), 'more row')}</p>\n"


def _cell(cell: Cell) -> str:
    if isinstance(cell, Severity):
        return f'<td class="sev {cell.value}">{cell.value}</td>'
    if isinstance(cell, Code):
        return f"<td><code>{entities(cell)}</code></td>"
    if isinstance(cell, int):
        return f'<td class="num">{cell}</td>'
    return f"<td>{entities(cell)}</td>"
