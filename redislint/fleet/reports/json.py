"""The report as one JSON document, written record by record: each is a line of its own."""

from __future__ import annotations

import json
from typing import TextIO

from redislint.fleet.model import FleetReport
from redislint.fleet.reports import Options
from redislint.fleet.reports.document import head, with_history
from redislint.fleet.reports.totals import Totals, summary


def write(report: FleetReport, out: TextIO, options: Options) -> None:
    """The document as ASCII text: what is not ASCII is escaped, and so cannot act on a terminal."""
    out.write("{\n")
    for name, value in head(report).items():
        out.write(f'"{name}": {json.dumps(value)},\n')
    found = Totals(compared=report.previous is not None)
    out.write('"records": [')
    for number, record in enumerate(report.records):
        found.add(report, record)
        out.write(",\n" if number else "\n")
        out.write(json.dumps(with_history(report, record)))
    out.write(f'\n],\n"summary": {json.dumps(summary(report, found))}\n}}\n')
