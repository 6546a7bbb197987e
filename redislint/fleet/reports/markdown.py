"""A summary in Markdown for tickets, merge requests and chats that take it.

Bounded in size: what has no room is counted. What comes from an inventory or a server is
escaped: it can neither format the page, nor link anywhere, nor mention anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from redislint.fleet.model import FleetReport
from redislint.fleet.reports import Options
from redislint.fleet.reports.digest import Cell, Code, Section, digest
from redislint.fleet.reports.totals import totals
from redislint.model import Severity
from redislint.reports.markdown import SIGNS, code, escaped
from redislint.reports.wording import count

LIMIT = 60_000
"""Longest text, in characters: a comment on GitHub takes 65,536."""

ROWS = {"New": 30, "Fixed": 20, "Findings by rule": 30}
MORE_ROWS = 10
"""Rows of each section, of the others `MORE_ROWS`."""


def write(report: FleetReport, out: TextIO, options: Options) -> None:
    """The summary, ending in a line feed."""
    told = digest(report, totals(report))
    lines = [f"### Fleet {code(told.name)}: {told.verdict}", ""]
    lines += [f"**{alarm}**\n" for alarm in told.alarms]
    lines.append(" ".join(map(escaped, told.lines)))
    size = sum(len(line) + 1 for line in lines)
    for section in told.sections:
        for line in _section(section, LIMIT - size):
            lines.append(line)
            size += len(line) + 1
    out.write("\n".join(lines) + "\n")


def _section(section: Section, room: int) -> Iterator[str]:
    """A table within `room` characters; nothing where not even its head has room."""
    title = f"#### {section.title}" + (f" ({section.total})" if section.total > 1 else "")
    head = ["", title, "", _row(section.header), "|" + "---|" * len(section.header)]
    room -= sum(len(line) + 1 for line in head) + 100
    if room < 0:
        return
    yield from head
    shown = 0
    for row in section.rows[: ROWS.get(section.title, MORE_ROWS)]:
        line = _row([_cell(cell) for cell in row])
        room -= len(line) + 1
        if room < 0:
            break
        yield line
        shown += 1
    if shown < section.total:
        yield ""
        yield f"and {count(section.total - shown, 'more row')}"


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(cell: Cell) -> str:
    if isinstance(cell, Severity):
        return SIGNS[cell]
    if isinstance(cell, Code):
        return code(cell)
    return escaped(cell) if isinstance(cell, str) else str(cell)
