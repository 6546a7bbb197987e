"""Findings as CSV: one row each, waived ones too (the column `waiver` says so)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TextIO

from redislint.fleet.model import FleetReport, Record
from redislint.fleet.reports import Options
from redislint.fleet.reports.cells import Table

OF_TARGET = ("entry", "target", "kind", "uri", "environment", "workload", "tags", "status")
HEADER = (
    *OF_TARGET, "engine", "version", "role", "rule", "name", "severity", "message", "path", "line",
    "column", "directives", "fix", "state", "first_seen", "since", "looks", "waiver",
    "waiver_owner", "waiver_until", "fingerprint",
)  # fmt: skip
"""The columns, in the order of the file; new ones are added at its end."""


def write(report: FleetReport, out: TextIO, options: Options) -> None:
    """A header, then the findings in the order of the records."""
    table = Table(out, HEADER)
    for record in report.records:
        about = of_target(record)
        for finding in record.data["findings"]:
            table.add({**about, **_finding(report, record, finding)})


def of_target(record: Record) -> dict[str, Any]:
    """The columns that say which target a row is about."""
    data = record.data
    server = data["server"] or {}
    return {
        **{name: data[name] for name in OF_TARGET},
        "engine": server.get("engine"),
        "version": server.get("version"),
        "role": data["role"],
    }


def _finding(report: FleetReport, record: Record, finding: Mapping[str, Any]) -> dict[str, Any]:
    place = finding["location"] or {}
    waiver = finding["waiver"] or {}
    since = report.since.get((record.target, finding["fingerprint"]))
    past = since._asdict() if since else {}
    return {
        **{name: finding[name] for name in ("rule", "name", "severity", "message")},
        **{name: place.get(name) for name in ("path", "line", "column")},
        **{name: finding[name] for name in ("directives", "fix", "fingerprint")},
        **{name: past.get(name) for name in ("state", "first_seen", "since", "looks")},
        "waiver": waiver.get("reason"),
        "waiver_owner": waiver.get("owner"),
        "waiver_until": waiver.get("until"),
    }
