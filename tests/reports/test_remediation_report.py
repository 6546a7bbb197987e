"""What to do on a managed service, in each format that shows it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from jsonschema import Draft202012Validator

from redislint.model import Remediation
from redislint.reports import Options, sarif, text
from redislint.reports import json as json_report
from redislint.resources import read_schema
from tests.reports.report_samples import RULES, finding, report

SAID = Remediation(
    note="It cannot be changed in place.",
    cli="aws elasticache one\naws elasticache two \x1b[31m",
    terraform='resource "aws_elasticache_cluster" "a" {\n  port = 1\n}',
    cloudformation="",
)


def of_json(**changes: Any) -> Any:
    made = report(finding(**changes))
    document = json.loads(json_report.render(made, Options()))
    Draft202012Validator(json.loads(read_schema("report.schema.json"))).validate(document)
    return document["findings"][0]


def test_json_has_it_where_there_is_one() -> None:
    assert of_json(remediation=SAID)["remediation"] == SAID._asdict()
    assert "remediation" not in of_json()


def test_text_shows_it_when_asked_for_more() -> None:
    made = report(finding(remediation=SAID))
    shown = text.render(made, Options(verbose=True))
    assert "note: It cannot be changed in place." in shown
    assert "AWS CLI:\n    aws elasticache one\n    aws elasticache two " in shown
    assert "Terraform:\n    resource" in shown
    assert "CloudFormation" not in shown
    assert "\x1b[31m" not in shown
    assert "aws elasticache" not in text.render(made, Options())


def test_sarif_has_it_in_the_result_and_the_templates_in_the_help() -> None:
    rule = RULES[0]._replace(
        remediation=({"when": "cloud.memorydb", "note": "Mind it.", "cli": "aws {cloud.modify}"},)
    )
    made = replace(report(finding(remediation=SAID)), rules={rule.id: rule})
    run = json.loads(sarif.render(made, Options()))["runs"][0]
    said = run["results"][0]["properties"]["remediation"]
    assert set(said) == {"note", "cli", "terraform"}
    assert said["cli"].startswith("aws elasticache one\naws elasticache two")
    help_text = run["tool"]["driver"]["rules"][0]["help"]["markdown"]
    assert "where `cloud.memorydb`: Mind it." in help_text
    assert "```\naws {cloud.modify}\n```" in help_text
