"""Every format of a fleet report: as it looks, valid, bounded, and in little memory."""

from __future__ import annotations

import io
import json
import os
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from redislint.fleet.model import FleetReport, Record
from redislint.fleet.reports import FORMATS, Options, writer
from tests.fleet.past import report_with_past
from tests.fleet.samples import RUN, Records, report

GOLDEN = Path(__file__).parent / "golden"
SCHEMAS = Path(__file__).parents[2] / "schemas"
OWN = ("markdown", "slack", "csv", "targets-csv", "json", "jsonl", "sarif", "prometheus")

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "@everyone <!channel> https://evil.example/ `x` **b** | c\n\r\u2028",
    "</script><img src=x onerror=alert(1)>",
    '\\" quote "} 1\n# TYPE evil counter',
    "\x1b[31mred\x00\u202e\udce4",
    "漢字 emoji 🙂 " + "x" * 5000,
)


def written(name: str, told: FleetReport, options: Options | None = None) -> str:
    out = io.StringIO(newline="")
    writer(name)(told, out, options or Options())
    return out.getvalue()


def hostile(count: int) -> FleetReport:
    """A fleet whose every text was written by an enemy."""
    records = []
    for number, record in enumerate(Records(count)):
        data: dict[str, Any] = json.loads(json.dumps(record.data))
        text = HOSTILE[number % len(HOSTILE)]
        data["entry"] = f"{text} {number}"
        data["target"] = f"{text} {number}"
        data["uri"] = f"redis://{text}:{number}"
        data["reason"] = text if data["reason"] else ""
        data["environment"] = text
        data["tags"] = {text: text, "team": text}
        for finding in data["findings"]:
            finding["message"] = finding["name"] = text
            finding["directives"] = [text]
            finding["fix"] = text
        for unknown in data["unknown"]:
            unknown["missing"] = unknown["hint"] = text
        for error in data["errors"]:
            error["message"] = text
        records.append(Record.of(data))
    run = RUN._replace(name=HOSTILE[1], inventory=HOSTILE[2])
    return FleetReport(run, records, complete=False, notices=HOSTILE)


def validator(definition: str = "") -> Draft202012Validator:
    schemas = {
        name: json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
        for name in ("fleet-report.schema.json", "fleet-record.schema.json")
    }
    registry: Registry[Any] = Registry().with_resources(
        (name, Resource.from_contents(schema)) for name, schema in schemas.items()
    )
    reference = f"fleet-report.schema.json{definition}"
    return Draft202012Validator({"$ref": reference}, registry=registry)


def test_the_table_has_these_formats() -> None:
    assert set(OWN) <= set(FORMATS)


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("past", [False, True], ids=["first", "later"])
def test_golden(name: str, past: bool) -> None:
    told = report_with_past(12) if past else report(12)
    options = Options(by=("environment", "team") if past else ())
    text = written(name, told, options)
    path = GOLDEN / f"{name}-{'later' if past else 'first'}.txt"
    if os.environ.get("GOLDEN_UPDATE"):
        path.write_bytes(text.encode())
    assert text.encode() == path.read_bytes()


@pytest.mark.parametrize("told", [report(0), report(40), report_with_past(40), hostile(12)])
def test_json_is_valid(told: FleetReport) -> None:
    document = json.loads(written("json", told))
    assert [error.message for error in validator().iter_errors(document)] == []
    assert [one["entry"] for one in document["records"]] == [one.entry for one in told.records]
    assert document["summary"]["targets"] == {
        status: sum(one.status == status for one in told.records)
        for status in ("audited", "partial", "unreachable")
    }


@pytest.mark.parametrize("told", [report(0), report_with_past(40), hostile(12)])
def test_lines_are_the_document_in_parts(told: FleetReport) -> None:
    head, *records, end = map(json.loads, written("jsonl", told).splitlines())
    document = json.loads(written("json", told))
    assert list(validator("#/$defs/head").iter_errors(head)) == []
    assert list(validator("#/$defs/end").iter_errors(end)) == []
    assert records == document.pop("records")
    assert end["summary"] == document.pop("summary")
    assert {**document, "part": "head"} == head


def test_history_goes_along_with_findings() -> None:
    document = json.loads(written("json", report_with_past(40)))
    findings = [one for record in document["records"] for one in record["findings"]]
    assert findings
    assert {one["history"]["state"] for one in findings} == {"new", "persistent", "flapping"}
    open_new = [f for f in findings if f["history"]["state"] == "new" and not f["waiver"]]
    assert sum(document["summary"]["new"].values()) == len(open_new)
    assert json.loads(written("json", report(9)))["summary"]["new"] is None


@pytest.mark.parametrize("name", OWN)
def test_nothing_acts_on_a_terminal(name: str) -> None:
    text = written(name, hostile(12))
    text.encode("utf-8")
    allowed = "\n" if name not in ("csv", "targets-csv") else "\r\n"
    zero_width = "\u200b" if name == "slack" else ""
    acting = {c for c in text if not c.isprintable()} - set(allowed) - set(zero_width)
    assert acting == set()


@pytest.mark.parametrize("name", OWN)
def test_records_pass_by_one_at_a_time(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept of many records is little: here they take about 5 MB."""

    class Sink(io.StringIO):
        def write(self, text: str) -> int:
            return len(text)

    monkeypatch.setattr("redislint.fleet.reports.sarif.RESULT_LIMIT", 100)
    written(name, report(1))
    told = report(1500)
    tracemalloc.start()
    writer(name)(told, Sink(), Options())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000
