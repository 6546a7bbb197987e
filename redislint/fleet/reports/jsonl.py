"""The report as JSON Lines: a head (`"part": "head"`), a line for each record, and an end
(`"part": "end"`) with the summary, so that a cut file is told from a whole one."""

from __future__ import annotations

import json
from typing import TextIO

from redislint.fleet.model import FleetReport
from redislint.fleet.reports import Options
from redislint.fleet.reports.document import SCHEMA, head, with_history
from redislint.fleet.reports.totals import Totals, summary


def write(report: FleetReport, out: TextIO, options: Options) -> None:
    """All lines, as ASCII text."""
    first = head(report)
    out.write(json.dumps({"schema": first.pop("schema"), "part": "head", **first}) + "\n")
    found = Totals(compared=report.previous is not None)
    for record in report.records:
        found.add(report, record)
        out.write(json.dumps(with_history(report, record)) + "\n")
    end = {"schema": SCHEMA, "part": "end", "summary": summary(report, found)}
    out.write(json.dumps(end) + "\n")
