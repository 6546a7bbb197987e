"""The JSON report as one object on each line, for streams and log collectors.

`type` says what a line is: first `run`, then `target`, `finding`, `unknown`, `error`, each
any number of times, last `summary`. The other members are those of the JSON report.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from redislint.model import Report
from redislint.reports import Options
from redislint.reports.json import to_dict

_LISTS = {"target": "targets", "finding": "findings", "unknown": "unknown", "error": "errors"}


def render(report: Report, options: Options) -> str:
    """All lines, as ASCII text."""
    return dump(to_dict(report))


def dump(document: dict[str, Any]) -> str:
    """The lines of a document that `json.to_dict` made."""
    return "".join(f"{json.dumps(item)}\n" for item in _items(document))


def _items(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"type": "run", "schema": document["schema"], "tool": document["tool"]}
    for kind, name in _LISTS.items():
        for item in document[name]:
            yield {"type": kind, **item}
    yield {"type": "summary", **document["summary"]}
