"""Saved reports, opened to be rendered again: a fleet's in JSON, JSON Lines, or the journal of
its run, whose records are read from the file as often as a format goes over them; and the
document of a single check, which is no fleet's but is asked for with the same command.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, BinaryIO, NamedTuple

from redislint.fleet.journal import JOURNAL
from redislint.fleet.model import RECORD, Fixed, FleetReport, Point, Record, Run, Since, State
from redislint.fleet.reports.document import SCHEMA, rule
from redislint.fleet.saved_document import Parsed, items, parse
from redislint.reports.json import SCHEMA as CHECK
from redislint.reports.plain import one_line
from redislint.reports.shape import Shape

Json = dict[str, Any]

_VERSION = re.compile(r"redislint-(?:report|fleet|fleet-journal)-(\d+)")
_SNIFFED = 1 << 26
"""Longest first line, in bytes, that is looked at for JSON Lines."""


STRANGER = (
    "is no saved report: expected the output of 'redislint check --format json', of"
    " 'redislint fleet' as json or jsonl, or the journal of a fleet"
)


class SavedError(ValueError):
    """A file that cannot be rendered: one line with its place. `wrong` says that it is no saved
    report at all, or one of a newer redislint; otherwise it is damaged or cut."""

    def __init__(self, message: str, wrong: bool = False) -> None:
        super().__init__(message)
        self.wrong = wrong


class Check(NamedTuple):
    """The saved report of `redislint check`, its shape checked."""

    document: Json


def open_saved(file: BinaryIO, name: str) -> Check | FleetReport:
    """What a file holds; `file` must be seekable and stay open, `name` is for messages. Raises
    SavedError."""
    first = file.readline(_SNIFFED)
    head = _line(first) if first.endswith(b"\n") else None
    if isinstance(head, dict):
        if "part" in head or head.get("type") == "run":
            _expect_known(head, name)
        if head.get("schema") == JOURNAL:
            return _journal(file, name, head)
        if head.get("schema") == SCHEMA and head.get("part") == "head":
            return _lines(file, name, head)
    file.seek(0)
    data = file.read()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SavedError(
            f"{name}: is no saved report: byte {error.start} is not UTF-8", wrong=True
        ) from None
    return _document(text, name)


def _line(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _document(text: str, name: str) -> Check | FleetReport:
    found = _parsed(text, name)
    schema = found.members.get("schema")
    if schema == CHECK:
        _checked("report.schema.json", "", found.members, name)
        return Check(found.members)
    _expect_known(found.members, name)
    if not found.start:
        raise SavedError(f"{name}: is damaged: 'records' is missing")
    report = _report(found.members, name, "")
    records = _Array(text, found.start, name)
    return _with_past(report, records)


def _expect_known(head: Json, name: str) -> None:
    """Refuse what is no saved report, or none that this redislint can read."""
    schema = head.get("schema")
    match = _VERSION.fullmatch(schema) if isinstance(schema, str) else None
    if match is None:
        raise SavedError(f"{name}: {STRANGER}", wrong=True)
    if int(match[1]) > 1:
        text = f"was written by a newer redislint: this one reads version 1, not {schema}"
        raise SavedError(f"{name}: {text}", wrong=True)
    if head.get("type") == "run":
        text = "is the output of 'redislint check --format jsonl': save it with --format json"
        raise SavedError(f"{name}: {text}", wrong=True)


def _parsed(text: str, name: str) -> Parsed:
    try:
        return parse(text, "records")
    except json.JSONDecodeError as error:
        if not text.lstrip("\ufeff \t\r\n").startswith("{"):
            raise SavedError(f"{name}: {STRANGER}", wrong=True) from None
        what = "is cut" if not text[error.pos :].strip() else "is damaged"
        place = f"{name}:{error.lineno}:{error.colno}"
        raise SavedError(f"{place}: {what}: expected JSON to go on here") from None
    except RecursionError:
        raise SavedError(f"{name}: is nested too deeply for a report") from None


class _Array:
    """The records of a document, decoded one by one."""

    def __init__(self, text: str, start: int, name: str) -> None:
        self._text = text
        self._start = start
        self._name = name

    def __iter__(self) -> Iterator[Record]:
        checked = _Checked(self._name)
        for number, (item, _) in enumerate(items(self._text, self._start)):
            yield checked.record(item, f"records[{number}]")


# JSON Lines and journals


def _lines(file: BinaryIO, name: str, head: Json) -> FleetReport:
    report = _report(head, name, "/$defs/head")
    end = None
    for number, row in _rows(file, name):
        if end is not None:
            raise SavedError(f"{name}:{number}: is damaged: this stands after the last line")
        if row.get("schema") == SCHEMA:
            _checked("fleet-report.schema.json", "/$defs/end", row, f"{name}:{number}")
            end = row
    if end is None:
        raise SavedError(f"{name}: is cut: its last line is missing")
    complete = bool(end["summary"]["complete"])
    return _with_past(report, _Rows(file, name))._replace(complete=complete)


def _journal(file: BinaryIO, name: str, head: Json) -> FleetReport:
    """The run that a journal tells of; what was cut off in the middle of a line counts as not
    done, as for a resumed run."""
    for member in ("run", "started"):
        if not isinstance(head.get(member), str):
            raise SavedError(f"{name}:1: is damaged: expected '{member}' in the first line")
    end: Json = {}
    for _, row in _rows(file, name, may_be_cut=True):
        if row.get("schema") == JOURNAL:
            end = row
    stem = os.path.basename(name).split(".")[0]
    run = Run(
        id=head["run"],
        started=head["started"],
        ended=str(end.get("at", "")),
        inventory=str(head.get("path", name)),
        name=str(head.get("name", stem)),
        version=str(head.get("version", "")),
    )
    notices = () if end else ("the run did not end: this is what its journal holds",)
    records = _Rows(file, name, may_be_cut=True)
    return FleetReport(run, records, bool(end), rules=_rules(records), notices=notices)


def _rules(records: Iterable[Record]) -> dict[str, Json]:
    """What this redislint says of the rules that records name; their journal does not."""
    from redislint.policy import builtin_rules

    named: set[str] = set()
    for record in records:
        named.update(finding["rule"] for finding in record.data["findings"])
        named.update(one for unknown in record.data["unknown"] for one in unknown["rules"])
    known = builtin_rules()
    return {name: rule(known[name]) for name in sorted(named) if name in known}


class _Rows:
    """The records of a file of lines, read from it anew each time."""

    def __init__(self, file: BinaryIO, name: str, may_be_cut: bool = False) -> None:
        self._file = file
        self._name = name
        self._may_be_cut = may_be_cut

    def __iter__(self) -> Iterator[Record]:
        checked = _Checked(self._name)
        seen = set()
        for number, row in _rows(self._file, self._name, self._may_be_cut):
            for data in _of_line(row):
                record = checked.record(data, f"line {number}")
                if record.key not in seen:
                    seen.add(record.key)
                    yield record


def _of_line(row: Json) -> Sequence[Any]:
    """The records of a line: one in JSON Lines, those of an entry in a journal."""
    if row.get("schema") == RECORD:
        return (row,)
    several = row.get("records")
    return several if isinstance(several, list) else ()


def _rows(file: BinaryIO, name: str, may_be_cut: bool = False) -> Iterator[tuple[int, Json]]:
    """The objects of all lines but the first, with the lines' numbers from 1."""
    file.seek(0)
    for number, line in enumerate(islice(file, 1, None), 2):
        row = _line(line)
        if isinstance(row, dict) and (line.endswith(b"\n") or not may_be_cut):
            yield number, row
        elif line.endswith(b"\n"):
            raise SavedError(f"{name}:{number}: is damaged: expected one JSON object")
        elif not may_be_cut:
            raise SavedError(f"{name}:{number}: is cut: expected one JSON object")


# What both have


class _Checked:
    """Makes records of JSON. Raises SavedError for what has not their shape."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._shape = Shape("fleet-record.schema.json")

    def record(self, data: Any, place: str) -> Record:
        problem = self._shape.problem(data)
        if problem:
            raise SavedError(f"{self._name}: {place}: {problem}")
        return Record.of(data)


def _checked(schema: str, definition: str, value: Any, place: str) -> None:
    problem = Shape(schema).problem(value, definition)
    if problem:
        raise SavedError(f"{place}: {one_line(problem, 300)}")


def _report(head: Mapping[str, Any], name: str, definition: str) -> FleetReport:
    """Everything but the records, which are checked as they are read."""
    whole = head if definition else {**head, "records": []}
    _checked("fleet-report.schema.json", definition, whole, name)
    return FleetReport(
        run=_run(head["run"]),
        records=(),
        complete=bool(head.get("summary", {}).get("complete")),
        fixed=[Fixed(*(one[member] for member in Fixed._fields)) for one in head["fixed"]],
        trend=[Point(*(one[member] for member in Point._fields)) for one in head["trend"]],
        previous=_run(head["previous"]) if head["previous"] else None,
        rules=head["rules"],
        notices=head["notices"],
    )


def _run(data: Mapping[str, Any]) -> Run:
    return Run(*(data[member] or "" for member in Run._fields))


class _Bare:
    """Records as the journal has them: what the history said of findings is taken out, for it
    stands in `FleetReport.since`."""

    def __init__(self, records: _Array | _Rows) -> None:
        self._records = records

    def __iter__(self) -> Iterator[Record]:
        for record in self._records:
            findings = record.data["findings"]
            if any("history" in finding for finding in findings):
                kept = [{k: v for k, v in f.items() if k != "history"} for f in findings]
                yield Record.of({**record.data, "findings": kept})
            else:
                yield record


def _with_past(report: FleetReport, records: _Array | _Rows) -> FleetReport:
    """One pass that checks every record and gathers what the history said."""
    since = {
        (record.target, finding["fingerprint"]): _since(finding["history"])
        for record in records
        for finding in record.data["findings"]
        if "history" in finding
    }
    return report._replace(records=_Bare(records), since=since)


def _since(data: Mapping[str, Any]) -> Since:
    return Since(data["first_seen"], data["since"], data["looks"], State(data["state"]))
