"""Formats of a fleet report: each is one module with `write(report, out, options)`.

A format is written piece by piece, for the records of a fleet may be larger than memory.
The table below is the whole registry; a format's module is imported when somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple, TextIO

from redislint.fleet.model import FleetReport

FORMATS: dict[str, str] = {
    "text": "redislint.fleet.reports.text",
    "markdown": "redislint.fleet.reports.markdown",
    "slack": "redislint.fleet.reports.slack",
    "csv": "redislint.fleet.reports.csv",
    "targets-csv": "redislint.fleet.reports.targets_csv",
    "json": "redislint.fleet.reports.json",
    "jsonl": "redislint.fleet.reports.jsonl",
    "sarif": "redislint.fleet.reports.sarif",
    "prometheus": "redislint.fleet.reports.prometheus",
    "html": "redislint.fleet.reports.html",
}
"""Name of each format and the module that writes it, in the order of the help text."""


class Options(NamedTuple):
    """How a fleet report is to look; most formats for programs heed none of this.

    `by` names what Prometheus counts by, beyond rule and severity: `environment`, `kind`,
    `entry`, `target` or a tag. `show` may hold `waived`: list findings that a waiver silences,
    too. `exit_code` is of the run that the report is about, where it is known.
    """

    color: bool = False
    by: tuple[str, ...] = ()
    show: frozenset[str] = frozenset()
    exit_code: int | None = None


Writer = Callable[[FleetReport, TextIO, Options], None]


def writer(name: str) -> Writer:
    """The function that writes format `name`. Raises KeyError for a name not in FORMATS."""
    write: Writer = import_module(FORMATS[name]).write
    return write
