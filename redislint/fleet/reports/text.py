"""A summary for a terminal: the headline, what nobody may miss, and short tables."""

from __future__ import annotations

from typing import TextIO

from redislint.fleet.model import FleetReport
from redislint.fleet.reports import Options
from redislint.fleet.reports.digest import Cell, Section, digest
from redislint.fleet.reports.totals import totals
from redislint.model import Severity
from redislint.reports.escape import printable
from redislint.reports.style import Style
from redislint.reports.wording import count

ROWS = 10
"""Rows of a section; what has no room is counted."""

WIDTH = 100
"""Characters of a cell."""


def write(report: FleetReport, out: TextIO, options: Options) -> None:
    """The summary, ending in a line feed."""
    style = Style(options.color)
    told = digest(report, totals(report))
    lines = [style.bold(printable(f"{told.name}: {told.verdict}"))]
    lines += [style.severity(Severity.WARNING, printable(alarm)) for alarm in told.alarms]
    lines += [printable(line) for line in told.lines]
    for section in told.sections:
        lines += ["", *_section(section, style)]
    out.write("\n".join(lines) + "\n")


def _section(section: Section, style: Style) -> list[str]:
    rows = [[_text(cell) for cell in row] for row in section.rows[:ROWS]]
    header = list(section.header)
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = [style.bold(section.title), style.dim(_line(header, widths))]
    for row, cells in zip(section.rows, rows, strict=False):
        line = _line(cells, widths)
        grave = next((cell for cell in row if isinstance(cell, Severity)), None)
        if grave is not None:
            line = line.replace(grave.value, style.severity(grave, grave.value), 1)
        lines.append(line)
    if section.total > len(rows):
        lines.append(style.dim(f"  and {count(section.total - len(rows), 'more row')}"))
    return lines


def _line(cells: list[str], widths: list[int]) -> str:
    padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=True)]
    return f"  {'  '.join(padded)}".rstrip()


def _text(cell: Cell) -> str:
    text = printable(cell.value if isinstance(cell, Severity) else str(cell))
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"
