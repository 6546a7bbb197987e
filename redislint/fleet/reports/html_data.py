"""The data of the page: JSON, in blocks of records so that the whole is never in memory.

A block has columns instead of objects, and a table of the values that recur (rules, hints,
tags, lists of unknowns): columns of such values hold numbers of the table's rows, 0 for null.
A message is a row of the table and the words with digits that fill its gaps: messages of a rule
differ in little else. `page/data.js` reads it; it is no format for others: they have JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from json import JSONEncoder
from typing import Any

from redislint.fleet.model import FleetReport, Record, Status
from redislint.fleet.reports.document import run
from redislint.reports.escape import printable

BLOCK = 200
FINDINGS = 4000
"""A block ends with so many records or findings: what is held at a time, and how far the table
of a block reaches."""

PLAIN = ("entry", "target", "at", "seconds", "attempts", "score", "coverage")
SHARED = (
    "kind", "reason", "environment", "workload", "rpo", "rto", "tags", "server", "role",
    "persistence", "outcomes", "errors",
)  # fmt: skip
OF_FINDING = ("location", "directives", "fix", "waiver", "remediation")
"""Members of records and findings: those that are a column of their own values, and those
whose values stand in the table."""

GAP = "\x01"
"""Where a word with digits stood in a message. No text has one: control characters are escaped."""

_OWN_WORD = re.compile(r"\S*\d\S*")

_STATUSES = tuple(Status)
_encode = JSONEncoder(separators=(",", ":")).encode


def pieces(report: FleetReport) -> Iterator[str]:
    """The JSON text, safe inside of a `script` element."""
    yield "{"
    for name, value in _head(report).items():
        yield f'"{name}":{_text(value)},\n'
    yield '"blocks":['
    block = _Block()
    comma = ""
    for record in report.records:
        block.add(report, record)
        if block.full:
            yield comma + block.text()
            block, comma = _Block(), ",\n"
    if block.targets["entry"]:
        yield comma + block.text()
    yield "]}"


def _head(report: FleetReport) -> dict[str, Any]:
    return {
        "run": run(report.run),
        "previous": run(report.previous) if report.previous else None,
        "complete": report.complete,
        "notices": list(report.notices),
        "rules": {rule: dict(told) for rule, told in report.rules.items()},
        "trend": [
            {**point._asdict(), "targets": dict(point.targets), "findings": dict(point.findings)}
            for point in report.trend
        ],
        "fixed": [one._asdict() for one in report.fixed],
    }


class _Block:
    """Columns of some records and of their findings, and the table that both refer to."""

    def __init__(self) -> None:
        self.targets: dict[str, list[Any]] = {
            name: [] for name in (*PLAIN, *SHARED, "uri", "status", "unknown", "findings")
        }
        self.findings: dict[str, list[Any]] = {
            name: [] for name in ("rule", "history", "message", *OF_FINDING)
        }
        self._texts = ["null"]
        self._numbers = {"null": 0}

    @property
    def full(self) -> bool:
        return len(self.targets["entry"]) >= BLOCK or len(self.findings["rule"]) >= FINDINGS

    def add(self, report: FleetReport, record: Record) -> None:
        data = record.data
        columns = self.targets
        for name in PLAIN:
            columns[name].append(data[name])
        for name in SHARED:
            columns[name].append(self._number(data[name]))
        uri = data["uri"]
        columns["uri"].append(self._number(None if uri == data["target"] else uri))
        columns["status"].append(_STATUSES.index(record.status))
        lacking = [
            self._number([one["missing"], one["rules"], one["hint"]]) for one in data["unknown"]
        ]
        columns["unknown"].append(self._number(lacking or None))
        columns["findings"].append(len(data["findings"]))
        for finding in data["findings"]:
            self._finding(report, record, finding)

    def _finding(self, report: FleetReport, record: Record, finding: Mapping[str, Any]) -> None:
        columns = self.findings
        rule = [finding["rule"], finding["name"], finding["severity"]]
        columns["rule"].append(self._number(rule))
        since = report.since.get((record.target, finding["fingerprint"]))
        past = [since.first_seen, since.since, since.looks, since.state.value] if since else None
        columns["history"].append(self._number(past))
        columns["message"].append(self._message(_safe(finding["message"])))
        for name in OF_FINDING:
            columns[name].append(self._number(finding[name]))

    def _message(self, message: str) -> int | list[int | str]:
        words: list[int | str] = _OWN_WORD.findall(message)
        row = self._row(_quoted(_OWN_WORD.sub(GAP, message)))
        return [row, *words] if words else row

    def _number(self, value: Any) -> int:
        """The row of the table that has `value`."""
        return 0 if value is None else self._row(_text(value))

    def _row(self, text: str) -> int:
        number = self._numbers.get(text)
        if number is None:
            number = self._numbers[text] = len(self._texts)
            self._texts.append(text)
        return number

    def text(self) -> str:
        table = ",".join(self._texts)
        columns = f'"targets":{_text(self.targets)},"findings":{_quoted(self.findings)}'
        return f'{{"values":[{table}],{columns}}}'


def _text(value: Any) -> str:
    """`value` as JSON in ASCII that neither ends a script element nor opens a comment."""
    return _quoted(_safe(value))


def _quoted(value: Any) -> str:
    return _encode(value).replace("<", "\\u003c")


def _safe(value: Any) -> Any:
    """`value` with every character that could act on a screen escaped, line feeds kept."""
    if isinstance(value, str):
        if value.isprintable():
            return value
        return "\n".join(map(printable, value.split("\n")))
    if isinstance(value, Mapping):
        return {_safe(key): _safe(one) for key, one in value.items()}
    if isinstance(value, Sequence):
        return [_safe(one) for one in value]
    return value
