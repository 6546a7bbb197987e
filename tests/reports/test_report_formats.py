"""Each format against a golden file; GOLDEN_UPDATE=1 rewrites them."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from redislint.model import (
    AuditError,
    Edit,
    Excerpt,
    Finding,
    Fix,
    FixSafety,
    Outcome,
    OutcomeKind,
    Related,
    Report,
    RuleInfo,
    Server,
    Severity,
    Span,
    Target,
    Waiver,
)
from redislint.reports import FORMATS, Options, renderer
from redislint.reports.json import to_dict

GOLDEN = Path(__file__).parent / "golden"
HELD = tuple(map(Server.parse, ("redis-6.2", "redis-7.0", "redis-7.2", "valkey-7.2", "valkey-8.0")))


def finding(rule: str, line: int, text: str, start: int, end: int, **changes: object) -> Finding:
    made = Finding(
        rule=rule,
        name="some-rule",
        severity=Severity.ERROR,
        message=f"message of {rule}",
        target="conf/redis.conf",
        fingerprint=f"{line:032x}",
        span=Span("conf/redis.conf", line, start, line, end),
        excerpt=Excerpt(line, text, start, end),
        directives=("appendonly",),
    )
    return made._replace(**changes)  # type: ignore[arg-type]


def report() -> Report:
    fix_span = Span("conf/redis.conf", 9, 12, 9, 16)
    fix = Fix(
        "write yes",
        FixSafety.SAFE,
        (Edit("conf/redis.conf", 120, 124, b"yes", fix_span),),
    )
    findings = (
        finding("RL003", 1, "", 1, 1, severity=Severity.INFO, excerpt=None),
        finding("RL105", 9, "appendonly true", 12, 16, fatal=True, fix=fix),
        finding(
            "RL110",
            12,
            "\ttimeout 9",
            2,
            9,
            severity=Severity.WARNING,
            related=(Related(Span("conf/base.conf", 3, 1, 3, 8), "first set here"),),
        ),
        finding("RL119", 20, "# 数据 requirepass ${口令}", 18, 23, severity=Severity.WARNING),
        finding(
            "RL113",
            30,
            "latency-tracking yes",
            1,
            17,
            severity=Severity.INFO,
            versions=("redis-6.2", "valkey-7.2", "valkey-8.0"),
        ),
        finding("RL101", 100, "x" * 90 + " culprit " + "y" * 90, 92, 99),
        finding("RL104", 101, "esc \x1b[31mred\x1b[0m \u202eabc", 5, 8, message="bad \x1b[31m"),
        finding("RL201", 102, 'save ""', 1, 5, waiver=Waiver("a cache", "ops", "2030-01-31")),
        finding("RL202", 1, "", 1, 1, span=None, excerpt=None, severity=Severity.INFO),
    )
    return Report(
        targets=(
            Target(
                "conf/redis.conf", "redis-conf", "conf/redis.conf", HELD[2], True, HELD, "queue"
            ),
        ),
        findings=findings,
        outcomes=(
            Outcome("RL201", "conf/redis.conf", OutcomeKind.PASS),
            Outcome(
                "RL232",
                "conf/redis.conf",
                OutcomeKind.UNKNOWN,
                ("host.memory_total",),
                "run it on the host",
            ),
            Outcome("RL301", "conf/redis.conf", OutcomeKind.NOT_APPLICABLE),
        ),
        errors=(AuditError("conf/\udcff.conf", "read", "permission denied"),),
        rules={"RL201": RuleInfo("RL201", "a-rule", Severity.ERROR, "Summary.")},
        tool_version="0.0.0",
        files_checked=1,
    )


CASES = {
    "text": Options(),
    "text-color": Options(color=True),
    "text-quiet": Options(quiet=True),
    "text-verbose": Options(
        verbose=True, show=frozenset({"pass", "unknown", "not-applicable", "waived"})
    ),
    "concise": Options(),
    "concise-color": Options(color=True),
    "json": Options(),
}


@pytest.mark.parametrize("case", CASES)
def test_golden(case: str) -> None:
    text = renderer(case.partition("-")[0])(report(), CASES[case])
    path = GOLDEN / f"{case}.golden"
    if os.environ.get("GOLDEN_UPDATE"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_lets_control_characters_of_a_file_through(name: str) -> None:
    text = renderer(name)(report(), Options())
    assert not any(ord(c) < 32 and c not in "\n\t" for c in text)
    assert "\u202e" not in text
    text.encode("utf-8")


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_ends_its_last_line(name: str) -> None:
    assert renderer(name)(report(), Options()).endswith("\n")


def test_json_is_as_its_schema_says(root: Path) -> None:
    schema = json.loads((root / "schemas" / "report.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json.loads(renderer("json")(report(), Options()))
    jsonschema.validate(document, schema)
    assert document == json.loads(json.dumps(to_dict(report())))


def test_json_schema_refuses_what_is_not_named(root: Path) -> None:
    schema = json.loads((root / "schemas" / "report.schema.json").read_text())
    document = to_dict(report())
    document["findings"][0]["colour"] = "red"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema)


def test_the_summary_leaves_out_what_is_waived() -> None:
    summary = to_dict(report())["summary"]
    assert summary["by_severity"] == {"error": 3, "warning": 2, "info": 3}
    assert (summary["waived"], summary["errors"], summary["complete"]) == (1, 1, False)


def caret_line(excerpt: Excerpt) -> tuple[str, str]:
    made = report()
    one = made.findings[1]._replace(excerpt=excerpt)
    text = renderer("text")(replace(made, findings=(one,)), Options())
    lines = text.splitlines()
    at = next(i for i, line in enumerate(lines) if line.strip().endswith("^"))
    return lines[at - 1].partition("| ")[2], lines[at].partition("| ")[2]


@pytest.mark.parametrize(
    ("text", "start", "end", "shown", "caret"),
    [
        ("appendonly true", 12, 16, "appendonly true", " " * 11 + "^^^^"),
        ("a\ttrue", 3, 7, "a    true", "     ^^^^"),
        ("数据 true", 4, 8, "数据 true", "     ^^^^"),
        ("数据", 1, 3, "数据", "^^^^"),
        ("e\u0301 true", 4, 8, "e\u0301 true", "  ^^^^"),
        ("a\x1bb true", 5, 9, "a\\x1bb true", " " * 7 + "^^^^"),
        ("a\u200bb", 3, 4, "a\\u200bb", " " * 7 + "^"),
        ("appendonly", 11, 11, "appendonly", " " * 10 + "^"),
        ("appendonly", 40, 50, "appendonly", " " * 10 + "^"),
    ],
)
def test_the_caret_stands_under_its_text(
    text: str, start: int, end: int, shown: str, caret: str
) -> None:
    assert caret_line(Excerpt(9, text, start, end)) == (shown, caret)


def test_a_huge_line_is_cut_around_the_caret() -> None:
    shown, caret = caret_line(Excerpt(9, "a" * 100_000 + "HERE" + "b" * 100_000, 100_001, 100_005))
    assert len(shown) < 140
    assert shown[caret.index("^") : caret.rindex("^") + 1] == "HERE"


def test_an_empty_report_says_so_in_text_and_nothing_in_concise() -> None:
    empty = Report((), (), (), (), {})
    assert renderer("concise")(empty, Options()) == ""
    assert renderer("text")(empty, Options(quiet=True)) == ""
    assert "nothing checked" in renderer("text")(empty, Options())
