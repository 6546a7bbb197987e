"""What a summary for people says, before a format gives it its marks: a headline, a few
sentences, and sections of rows, the most urgent first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from redislint.fleet.model import FleetReport
from redislint.fleet.reports.totals import LISTED, SEVERITIES, Totals, rank
from redislint.model import Severity
from redislint.reports.plain import clipped, one_line
from redislint.reports.wording import count


class Code(str):
    """A name to be shown letter by letter."""


Cell = str | Code | Severity | int


class Section(NamedTuple):
    """A list: its title, the columns' names, as many rows as are kept, and how many there are."""

    title: str
    header: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
    total: int


class Digest(NamedTuple):
    """`name` is the fleet's, `verdict` what was found in few words; `alarms` are sentences that
    nobody may miss, `lines` the others."""

    name: str
    verdict: str
    alarms: tuple[str, ...]
    lines: tuple[str, ...]
    sections: tuple[Section, ...]


TEXT_LIMIT = 300
"""Longest text of a cell, before a format escapes it."""


def digest(report: FleetReport, found: Totals) -> Digest:
    """The summary of a fleet."""
    return Digest(
        clipped(one_line(report.run.name), 100),
        f"{severities(found)} on {count(found.targets, 'target')}",
        tuple(_alarms(report, found)),
        tuple(_lines(report, found)),
        tuple(section for section in _sections(report, found) if section.total),
    )


def severities(found: Totals) -> str:
    """`2 errors, 1 warning`; `no findings` where nothing is open."""
    names = {"error": "error", "warning": "warning", "info": "note"}
    parts = [
        count(found.findings[severity], names[severity])
        for severity in SEVERITIES
        if found.findings[severity]
    ]
    return ", ".join(parts) or "no findings"


def _alarms(report: FleetReport, found: Totals) -> Iterator[str]:
    if not report.complete:
        yield "The run was interrupted: not every target of the inventory is in this report."
    if unread := found.statuses["unreachable"]:
        yield f"{count(unread, 'target')} could not be reached: nothing is known of them."
    if partial := found.statuses["partial"]:
        yield f"{count(partial, 'target')} could be read in part only."


def _lines(report: FleetReport, found: Totals) -> Iterator[str]:
    ended = f" to {report.run.ended}" if report.run.ended else ""
    yield f"Run of {one_line(report.run.started)}{one_line(ended)}."
    if found.score is not None and found.coverage is not None:
        yield f"Mean score {found.score:.1f} of 100, coverage {found.coverage:.0%}."
    if report.previous is None:
        yield "There is no earlier run to compare with."
    else:
        new = f"{found.new.total()} new" + (
            f" ({count(found.new['error'], 'error')})" if found.new["error"] else ""
        )
        since = one_line(report.previous.started)
        yield f"Since the run of {since}: {new}, {len(report.fixed)} fixed."
    if found.modes:
        modes = sorted(found.modes.items(), key=lambda item: (-item[1], item[0]))
        yield "Persistence: " + ", ".join(f"{one_line(mode)} {n}" for mode, n in modes) + "."
    if found.waived:
        yield f"{count(found.waived, 'finding')} waived."
    yield from map(one_line, report.notices)


def _sections(report: FleetReport, found: Totals) -> Iterator[Section]:
    yield Section(
        "New",
        ("", "Target", "Finding"),
        [
            (Severity(finding["severity"]), Code(about["entry"]), _told(finding))
            for about, finding in found.newest
        ],
        found.newest.count,
    )
    fixed = sorted(report.fixed, key=lambda one: (rank(one.severity), one.rule, one.entry))
    yield Section(
        "Fixed",
        ("", "Target", "Finding", "First seen"),
        [
            (Severity(one.severity), Code(one.entry), _told(one._asdict()), one.first_seen)
            for one in fixed[:LISTED]
        ],
        len(fixed) if report.previous else 0,
    )
    yield Section(
        "Worst targets",
        ("Target", "Score", "Errors", "Warnings"),
        [(Code(about["entry"]), f"{about['score']:.1f}", *_counts(about)) for about in found.worst],
        found.worst.count,
    )
    yield _reasons("Not reached", found.unread, found.unread.count)
    yield _reasons("Read in part", found.partial, found.partial.count)
    rules = found.rules
    yield Section(
        "Findings by rule",
        ("", "Rule", "Findings", "New"),
        [
            (Severity(one.severity), f"{one.rule} {one.name}", one.findings, one.new)
            for one in rules[:LISTED]
        ],
        len(rules),
    )
    lacking = found.lacking
    yield Section(
        "Not decided for lack of facts",
        ("Fact", "Targets", "Rules", "How to supply it"),
        [
            (Code(one.missing), one.targets, _few(one.rules), clipped(one.hint, TEXT_LIMIT))
            for one in lacking[:LISTED]
        ],
        len(lacking),
    )


def _reasons(title: str, items: Iterable[dict[str, Any]], total: int) -> Section:
    rows = [
        (Code(about["entry"]), clipped(about["reason"], TEXT_LIMIT))
        for about in islice(items, LISTED)
    ]
    return Section(title, ("Target", "Why"), rows, total)


def _told(finding: dict[str, Any]) -> str:
    return clipped(f"{finding['rule']} {finding['message'] or finding['name']}", TEXT_LIMIT)


def _counts(about: dict[str, Any]) -> tuple[int, int]:
    return about["counts"].get("error", 0), about["counts"].get("warning", 0)


def _few(rules: Sequence[str], shown: int = 6) -> str:
    more = f" and {len(rules) - shown} more" if len(rules) > shown else ""
    return ", ".join(rules[:shown]) + more
