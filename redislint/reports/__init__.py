"""Output formats: each is one module with `render(report, options) -> str`.

The table below is the whole registry; a format's module is imported when somebody
asks for that format, so a plain lint never pays for the others.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

from redislint.model import Report

FORMATS: dict[str, str] = {
    "text": "redislint.reports.text",
    "concise": "redislint.reports.concise",
    "json": "redislint.reports.json",
    "jsonl": "redislint.reports.jsonl",
    "sarif": "redislint.reports.sarif",
    "github": "redislint.reports.github",
    "gitlab": "redislint.reports.gitlab",
    "junit": "redislint.reports.junit",
    "markdown": "redislint.reports.markdown",
}
"""Name of each format and the module that renders it, in the order of the help text."""


class Options(NamedTuple):
    """How a report is to look; most formats for programs heed none of this.

    `show` names outcomes beyond findings that the reader wants listed: `pass`,
    `unknown`, `not-applicable`, `waived`. `exit_code` and `ended` (seconds since the
    epoch) are of the run that the report is about, where they are known.
    """

    color: bool = False
    quiet: bool = False
    verbose: bool = False
    show: frozenset[str] = frozenset()
    exit_code: int | None = None
    ended: float | None = None


Renderer = Callable[[Report, Options], str]


def renderer(name: str) -> Renderer:
    """The function that renders format `name`. Raises KeyError for a name not in FORMATS."""
    render: Renderer = import_module(FORMATS[name]).render
    return render
