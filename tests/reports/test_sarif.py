"""SARIF: its structure, what consumers demand, and that nothing hostile gets through."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given

from redislint.model import (
    REDACTED,
    AuditError,
    Edit,
    Fix,
    FixSafety,
    Outcome,
    OutcomeKind,
    Report,
    RuleInfo,
    Severity,
    Span,
    Waiver,
)
from redislint.reports import Options, renderer
from redislint.reports.sarif_linehash import line_hashes
from redislint.reports.sarif_places import artifact, target_path
from redislint.reports.sarif_rules import descriptor
from tests.reports.report_samples import CONF, LIVE, REPORTS, TEXT, everything, finding, report
from tests.reports.sarif_checks import problems

GOLDEN = Path(__file__).parent / "data" / "golden"
PLAIN = Options(exit_code=3, ended=1_600_000_000.25)
WAIVED = PLAIN._replace(show=frozenset({"waived"}))


def sarif(made: Report, options: Options = PLAIN) -> Any:
    return json.loads(renderer("sarif")(made, options))


def first_run(made: Report, options: Options = PLAIN) -> Any:
    return sarif(made, options)["runs"][0]


@pytest.mark.parametrize("name", ["sarif", "sarif-waived"])
def test_golden(name: str) -> None:
    text = renderer("sarif")(everything(), WAIVED if "waived" in name else PLAIN)
    path = GOLDEN / f"{name}.json"
    if os.environ.get("GOLDEN_UPDATE"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
    assert problems(json.loads(text)) == []


@given(REPORTS)
def test_any_report_makes_a_file_that_consumers_take(made: Report) -> None:
    for options in (PLAIN, WAIVED):
        text = renderer("sarif")(made, options)
        assert text.isascii()
        assert problems(json.loads(text)) == []


def test_the_official_schema_agrees(shared: Path) -> None:
    schema = json.loads((shared / "data" / "sarif-schema-2.1.0.json").read_text())
    validator = jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())
    for made in (everything(), report(), report(targets=())):
        for options in (PLAIN, WAIVED, Options()):
            assert list(validator.iter_errors(sarif(made, options))) == []


def test_nothing_found_still_has_results() -> None:
    run = first_run(report(targets=(), rules={}))
    assert run["results"] == []
    assert run["tool"]["driver"]["rules"] == []


def test_a_finding_without_a_place_covers_the_first_line() -> None:
    region = first_run(report(finding(span=None)))["results"][0]["locations"][0]
    assert region["physicalLocation"]["region"] == {
        "startLine": 1,
        "startColumn": 1,
        "endLine": 1,
        "endColumn": 10,
    }


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("conf/redis.conf", {"uri": "conf/redis.conf", "uriBaseId": "%SRCROOT%"}),
        ("a b/50%#?.conf", {"uri": "a%20b/50%25%23%3F.conf", "uriBaseId": "%SRCROOT%"}),
        ("a:b.conf", {"uri": "a%3Ab.conf", "uriBaseId": "%SRCROOT%"}),
        ("<stdin>", {"uri": "%3Cstdin%3E", "uriBaseId": "%SRCROOT%"}),
        ("数\udcff.conf", {"uri": "%E6%95%B0%FF.conf", "uriBaseId": "%SRCROOT%"}),
        ("/etc/redis/redis.conf", {"uri": "file:///etc/redis/redis.conf"}),
        ("C:/redis/redis.conf", {"uri": "file:///C:/redis/redis.conf"}),
    ],
)
def test_uris(path: str, expected: object) -> None:
    assert artifact(path) == expected


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("redis://user:pw@host:6379", "redislint/targets/redis/host/6379.conf"),
        ("unix:///run/../redis.sock", "redislint/targets/unix/run/redis.sock.conf"),
        (
            "arn:aws:elasticache:eu-west-1:123:cluster:a",
            "redislint/targets/arn/aws/elasticache/eu-west-1/123/cluster/a.conf",
        ),
    ],
)
def test_a_server_gets_a_relative_name_without_credentials(uri: str, path: str) -> None:
    assert target_path(LIVE._replace(uri=uri)) == path


def test_servers_and_files_are_runs_of_their_own() -> None:
    log = sarif(everything())
    assert [run["automationDetails"]["id"] for run in log["runs"]] == [
        "redislint/files/",
        "redislint/live/",
    ]
    made = report(finding(span=None, target=LIVE.id), targets=(LIVE,))
    place = first_run(made)["results"][0]["locations"][0]
    assert place["logicalLocations"][0]["fullyQualifiedName"] == (
        "redis://cache.example:6379/appendonly"
    )
    assert "pw" not in renderer("sarif")(made, PLAIN)


def test_the_line_hash_is_that_of_the_text_as_it_may_be_shown() -> None:
    prints = first_run(report(finding(line=2)))["results"][0]["partialFingerprints"]
    assert prints["primaryLocationLineHash"] == line_hashes(TEXT)[1]


def test_without_the_text_the_line_hash_follows_from_the_fingerprint() -> None:
    made = report(finding(line=2, fingerprint="ab" * 16), texts={})
    prints = first_run(made)["results"][0]["partialFingerprints"]
    assert prints == {
        "redislint/v1": "ab" * 16,
        "primaryLocationLineHash": "abababababababab:1",
    }


def test_equal_fingerprints_are_told_apart() -> None:
    run = first_run(report(finding(), finding(), texts={}))
    prints = [result["partialFingerprints"]["redislint/v1"] for result in run["results"]]
    assert prints == [f"{2:032x}", f"{2:032x}:2"]


def test_waived_findings_appear_on_request_only() -> None:
    made = report(finding(waiver=Waiver("why", "ops", "2030-01-31", "redislint.yaml:7")), finding())
    assert len(first_run(made)["results"]) == 1
    assert "suppressions" not in first_run(made)["results"][0]
    waived, open_ = first_run(made, WAIVED)["results"]
    assert open_["suppressions"] == []
    (suppression,) = waived["suppressions"]
    assert (suppression["kind"], suppression["status"]) == ("external", "accepted")
    assert suppression["justification"] == "why"
    assert suppression["properties"] == {"owner": "ops", "until": "2030-01-31"}
    assert suppression["location"]["physicalLocation"]["region"] == {"startLine": 7}


def test_a_waiver_in_the_file_itself_is_in_source() -> None:
    made = report(finding(waiver=Waiver("why", source=f"{CONF}:1")))
    assert first_run(made, WAIVED)["results"][0]["suppressions"][0]["kind"] == "inSource"


def test_redaction_is_declared_where_it_happened_only() -> None:
    assert "redactionTokens" not in first_run(report(finding()))
    assert first_run(report(finding(message=f"x {REDACTED}")))["redactionTokens"] == [REDACTED]


def test_what_was_not_read_makes_the_run_unsuccessful() -> None:
    made = report(errors=(AuditError(f"{CONF}:5:3", "pragma", "unknown key"),))
    invocation = first_run(made)["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert invocation["exitCode"] == 3
    assert invocation["endTimeUtc"] == "2020-09-13T12:26:40Z"
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["level"] == "error"
    place = notification["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == CONF
    assert place["region"] == {"startLine": 5}


def test_what_was_not_decided_is_told_once_for_each_lack() -> None:
    outcomes = [
        Outcome("RL203", CONF, OutcomeKind.UNKNOWN, ("disk.free",)),
        Outcome("RL203", LIVE.id, OutcomeKind.UNKNOWN, ("disk.free",)),
        Outcome("RL405", CONF, OutcomeKind.ERROR, message="division by zero"),
    ]
    invocation = first_run(report(outcomes=tuple(outcomes)))["invocations"][0]
    failed, undecided = invocation["toolExecutionNotifications"]
    assert failed["level"] == "error"
    assert undecided["level"] == "note"
    assert undecided["message"]["text"] == (
        "RL203 could not be decided on 2 targets: it needs disk.free"
    )
    assert invocation["executionSuccessful"] is False


def test_only_as_many_results_as_github_keeps_and_the_worst_of_them() -> None:
    mild = [finding(line=n, severity=Severity.INFO) for n in range(1, 30_001)]
    worst = [finding(line=40_000), finding(line=40_001)]
    run = first_run(report(*mild, *worst))
    assert len(run["results"]) == 5000
    assert [result["level"] for result in run["results"][-2:]] == ["error", "error"]
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"].startswith("25002 more findings are left out")
    assert run["invocations"][0]["executionSuccessful"] is True


def test_texts_are_cut_to_what_consumers_take() -> None:
    rule = RuleInfo("RL105", "n" * 999, Severity.ERROR, "s" * 5000, help="𝄞" * 5000)
    made = report(finding(message="𝄞" * 5000, versions=("redis-7.2",)), rules={"RL105": rule})
    log = sarif(made)
    assert problems(log) == []
    assert log["runs"][0]["results"][0]["message"]["text"].endswith("… (redis 7.2)")
    assert "𝄞" * 5000 in log["runs"][0]["tool"]["driver"]["rules"][0]["help"]["markdown"]


def test_security_rules_and_others() -> None:
    def properties(**changes: Any) -> Any:
        rule = RuleInfo("RL405", "n", Severity.WARNING, "s")
        return descriptor(rule._replace(**changes))["properties"]

    assert properties()["problem.severity"] == "warning"
    assert "problem.severity" not in properties(category="security")
    assert properties(category="security")["security-severity"] == "5.5"
    assert properties(security_severity=9.5)["security-severity"] == "9.5"


def test_fixes_are_exact() -> None:
    edits = (
        Edit(CONF, 0, 3, b"\xff", Span(CONF, 1, 1, 1, 4)),
        Edit("other.conf", 0, 0, b"new\r\n", Span("other.conf", 1, 1, 1, 1)),
        Edit(CONF, 9, 12, b"", Span(CONF, 2, 1, 2, 4)),
    )
    (told,) = first_run(report(finding(fix=Fix("mend", FixSafety.UNSAFE, edits))))["results"][0][
        "fixes"
    ]
    here, there = told["artifactChanges"]
    assert [r.get("insertedContent") for r in here["replacements"]] == [{"binary": "/w=="}, None]
    assert there["replacements"][0]["insertedContent"] == {"text": "new\r\n"}
    assert told["description"]["text"] == "mend (changes behaviour)"
