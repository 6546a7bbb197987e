"""One HTML page about a whole fleet: nothing is loaded from elsewhere, and it opens as a file.

The page is its template (`page/`) with a summary in plain HTML, for those who read it without
JavaScript, and the data as JSON in blocks of records, from which the script makes every other
view. What comes from an inventory or a server is text wherever it lands: the Content Security
Policy of the page runs the one script and applies the one style sheet whose hashes it names.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Iterator
from typing import TextIO

from redislint.fleet.model import FleetReport
from redislint.fleet.reports import Options
from redislint.fleet.reports.digest import digest
from redislint.fleet.reports.html_data import pieces
from redislint.fleet.reports.html_summary import alarms, entities, summary
from redislint.fleet.reports.totals import totals

STYLES = ("page.css", "tables.css", "print.css")
SCRIPTS = (
    "dom.js",
    "words.js",
    "data.js",
    "select.js",
    "route.js",
    "table.js",
    "columns.js",
    "chart.js",
    "overview.js",
    "lists.js",
    "groups.js",
    "rule.js",
    "target.js",
    "filters.js",
    "page.js",
)
"""The files of the style sheet and the script, in the order in which they are put together."""

_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "page")
_MARK = re.compile("@@([a-z]+)@@")


def write(report: FleetReport, out: TextIO, options: Options) -> None:
    """The page, in ASCII: whatever is not is an entity or an escape, so that no encoding can
    spoil it. Goes over the records twice."""
    told = digest(report, totals(report))
    style = "".join(map(_read, STYLES))
    script = script_text()
    parts = {
        "title": lambda: iter([entities(f"Fleet {told.name}: {told.verdict}")]),
        "policy": lambda: iter([_policy(style, script)]),
        "style": lambda: iter([style]),
        "script": lambda: iter([script]),
        "alarms": lambda: alarms(told),
        "summary": lambda: summary(report, told),
        "data": lambda: pieces(report),
    }
    for number, text in enumerate(_MARK.split(_read("page.html"))):
        for piece in parts[text]() if number % 2 else _whole(text):
            out.write(piece)


def script_text() -> str:
    """The script of the page as it stands between its tags."""
    return "\n(() => {\n" + "".join(map(_read, SCRIPTS)) + "})();\n"


def _policy(style: str, script: str) -> str:
    """What the page may do: no request at all, no script or style but its own."""
    return (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)};"
        " base-uri 'none'; form-action 'none';"
        " require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _hash(text: str) -> str:
    digested = hashlib.sha256(text.encode("ascii")).digest()
    return f"'sha256-{base64.b64encode(digested).decode('ascii')}'"


def _whole(text: str) -> Iterator[str]:
    yield text


def _read(name: str) -> str:
    with open(os.path.join(_FOLDER, name), encoding="ascii") as file:
        return file.read()
