"""The summary for Slack and chats of its kind: their own marks, no tables, and short enough
for one message.

What comes from an inventory or a server can neither mention anybody, nor link, nor format:
`&`, `<` and `>` are entities, and the rest stands in code.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from redislint.fleet.model import FleetReport
from redislint.fleet.reports import Options
from redislint.fleet.reports.digest import Cell, Code, Section, digest
from redislint.fleet.reports.totals import totals
from redislint.model import Severity
from redislint.reports.plain import clipped, one_line

LIMIT = 2900
"""Longest text, in characters: a section of a Slack message takes 3,000."""

ROWS = 5
CELL_LIMIT = 160
SECTIONS = ("New", "Fixed", "Worst targets", "Not reached", "Read in part")

_LABELS = {
    "Score": "score ",
    "Errors": "errors ",
    "Warnings": "warnings ",
    "First seen": "first seen ",
}
"""What stands before a value that a table would have a column's name for."""

_SIGNS = {
    Severity.ERROR: ":red_circle:",
    Severity.WARNING: ":large_orange_circle:",
    Severity.INFO: ":white_circle:",
}


def write(report: FleetReport, out: TextIO, options: Options) -> None:
    """The message, ending in a line feed."""
    told = digest(report, totals(report))
    lines = [f"*Fleet* {_code(told.name)}*: {told.verdict}*"]
    lines += [f":warning: {alarm}" for alarm in told.alarms]
    lines += [_plain(line) for line in told.lines]
    kept = []
    size = 0
    for line in [*lines, *_sections(told.sections)]:
        size += len(line) + 1
        if size > LIMIT:
            kept.append("_cut to the length of a message_")
            break
        kept.append(line)
    out.write("\n".join(kept) + "\n")


def _sections(sections: tuple[Section, ...]) -> Iterator[str]:
    for section in sections:
        if section.title not in SECTIONS:
            continue
        yield f"*{section.title}* ({section.total})"
        for row in section.rows[:ROWS]:
            named = zip(section.header, row, strict=True)
            yield f"• {' '.join(_cell(cell, _LABELS.get(name, '')) for name, cell in named)}"
        if section.total > ROWS:
            yield f"• and {section.total - ROWS} more"


def _cell(cell: Cell, label: str) -> str:
    if isinstance(cell, Severity):
        return _SIGNS[cell]
    if isinstance(cell, Code):
        return _code(cell)
    return label + (_plain(cell) if isinstance(cell, str) else str(cell))


def _code(text: str) -> str:
    """Text as code; a backtick would end it, so it becomes an apostrophe."""
    shown = clipped(one_line(text), CELL_LIMIT).replace("`", "'")
    return f"`{_entities(shown)}`" if shown else ""


_MARKS = str.maketrans({mark: f"{mark}\u200b" for mark in "*_~`@#"})


def _plain(text: str) -> str:
    """Text whose marks, links and mentions are broken by a space without width."""
    shown = _entities(clipped(one_line(text), CELL_LIMIT)).translate(_MARKS)
    return shown.replace("://", ":\u200b//")


def _entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
