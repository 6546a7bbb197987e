"""The made-up fleet is one that redislint could have written."""

from __future__ import annotations

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from tests.fleet.samples import Records, report

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "schemas/fleet-record.schema.json").read_text(encoding="utf-8")
)


def test_records_are_valid_and_repeatable() -> None:
    validator = Draft202012Validator(SCHEMA)
    records = list(Records(200))
    assert [error.message for one in records for error in validator.iter_errors(one.data)] == []
    assert list(Records(200)) == records
    assert len({one.key for one in records}) == 200
    assert {one.status.value for one in records} == {"audited", "partial", "unreachable"}
    assert set(report(200).rules) >= {f["rule"] for one in records for f in one.data["findings"]}
