"""Targets as CSV: one row each, those without findings and those not reached included."""

from __future__ import annotations

from collections import Counter
from typing import Any, TextIO

from redislint.fleet.model import FleetReport, Record, State
from redislint.fleet.reports import Options
from redislint.fleet.reports.cells import Table
from redislint.fleet.reports.csv import OF_TARGET, of_target
from redislint.fleet.reports.totals import SEVERITIES, state

HEADER = (
    *OF_TARGET, "engine", "version", "role", "reason", "at", "seconds", "attempts", "rpo", "rto",
    "persistence_mode", "loss_process_crash_s", "loss_host_crash_s", "restart_s", "score",
    "coverage", *SEVERITIES, "waived", "new", "passed", "not_applicable", "undecided", "failed",
    "missing_facts", "errors",
)  # fmt: skip
"""The columns, in the order of the file; new ones are added at its end."""


def write(report: FleetReport, out: TextIO, options: Options) -> None:
    """A header, then the targets in the order of the records."""
    table = Table(out, HEADER)
    for record in report.records:
        table.add({**of_target(record), **_rest(report, record)})


def _rest(report: FleetReport, record: Record) -> dict[str, Any]:
    data = record.data
    persistence = data["persistence"] or {}
    losses = persistence.get("loss_window_s", {})
    outcomes = data["outcomes"]
    unwaived = [finding for finding in data["findings"] if not finding["waiver"]]
    severities = Counter(finding["severity"] for finding in unwaived)
    plain = ("reason", "at", "seconds", "attempts", "rpo", "rto", "score", "coverage")
    fresh = sum(state(report, record, finding) is State.NEW for finding in unwaived)
    return {
        **{name: data[name] for name in plain},
        "persistence_mode": persistence.get("mode"),
        "loss_process_crash_s": losses.get("process_crash"),
        "loss_host_crash_s": losses.get("host_crash"),
        "restart_s": persistence.get("restart_s"),
        **{severity: severities[severity] for severity in SEVERITIES},
        "waived": len(data["findings"]) - len(unwaived),
        "new": fresh if report.previous else None,
        "passed": outcomes["pass"],
        "not_applicable": outcomes["not-applicable"],
        "undecided": outcomes["unknown"],
        "failed": outcomes["error"],
        "missing_facts": [unknown["missing"] for unknown in data["unknown"]],
        "errors": "; ".join(error["message"] for error in data["errors"]),
    }
