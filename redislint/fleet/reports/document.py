"""The parts of the JSON formats; their shape stands in schemas/fleet-report.schema.json."""

from __future__ import annotations

from typing import Any

from redislint.fleet.model import FleetReport, Point, Record, Run
from redislint.model import RuleInfo

SCHEMA = "redislint-fleet-1"

Json = dict[str, Any]


def head(report: FleetReport) -> Json:
    """Everything that is known before the first record."""
    return {
        "schema": SCHEMA,
        "tool": {"name": "redislint", "version": report.run.version},
        "run": run(report.run),
        "previous": run(report.previous) if report.previous else None,
        "notices": list(report.notices),
        "rules": {rule: dict(told) for rule, told in sorted(report.rules.items())},
        "trend": list(map(_point, report.trend)),
        "fixed": [one._asdict() for one in report.fixed],
    }


def run(one: Run) -> Json:
    """A run; `ended` is null where it did not end."""
    return {
        "id": one.id,
        "started": one.started,
        "ended": one.ended or None,
        "inventory": one.inventory,
        "name": one.name,
        "version": one.version,
    }


def rule(info: RuleInfo) -> Json:
    """What `FleetReport.rules` says of a rule."""
    return {
        "name": info.name,
        "summary": info.summary,
        "severity": info.severity.value,
        "category": info.category,
        "help": info.help,
        "tags": list(info.tags),
        "references": list(info.references),
    }


def _point(point: Point) -> Json:
    return {
        **point._asdict(),
        "targets": dict(point.targets),
        "findings": dict(point.findings),
    }


def with_history(report: FleetReport, record: Record) -> Json:
    """A record as the journal has it, each finding with what the history knows of it."""
    if not report.since or not record.data["findings"]:
        return dict(record.data)
    return {
        **record.data,
        "findings": [_finding(report, record, finding) for finding in record.data["findings"]],
    }


def _finding(report: FleetReport, record: Record, finding: Json) -> Json:
    since = report.since.get((record.target, finding["fingerprint"]))
    if since is None:
        return finding
    return {**finding, "history": {**since._asdict(), "state": since.state.value}}
