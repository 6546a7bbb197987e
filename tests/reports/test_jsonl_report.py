"""JSON lines: the JSON report, an object a line."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given

from redislint.model import Report
from redislint.reports import Options, renderer
from redislint.reports.json import to_dict
from tests.reports.report_samples import REPORTS, everything


def items(made: Report) -> list[Any]:
    return [json.loads(line) for line in renderer("jsonl")(made, Options()).splitlines()]


def test_kinds_and_order() -> None:
    kinds = [item["type"] for item in items(everything())]
    assert kinds == [
        "run", "target", "target", *["finding"] * 5, "unknown", "error", "error", "summary"
    ]  # fmt: skip
    assert items(everything())[0]["schema"] == "redislint-report-1"


@given(REPORTS)
def test_the_lines_hold_what_the_json_report_holds(made: Report) -> None:
    found = items(made)
    document = json.loads(json.dumps(to_dict(made)))
    assert [{**i, "type": 0} for i in found if i["type"] == "finding"] == [
        {**finding, "type": 0} for finding in document["findings"]
    ]
    assert {**found[-1], "type": 0} == {**document["summary"], "type": 0}
    assert renderer("jsonl")(made, Options()).isascii()
