"""Workflow commands: escaped, counted, and never those of somebody's configuration."""

from __future__ import annotations

import re

from hypothesis import given

from redislint.model import AuditError, Report, Severity, Span, Waiver
from redislint.reports import Options, renderer
from tests.reports.report_samples import CONF, REPORTS, everything, finding, report

PLAIN = Options()
COMMAND = re.compile(r"::(error|warning|notice) [^:]*::.*")


def commands(made: Report, options: Options = PLAIN) -> list[str]:
    lines = renderer("github")(made, options).split("\n")
    return lines[lines.index("::endgroup::") + 1 : -1]


def test_a_command() -> None:
    made = report(
        finding(message="50%: a, b", span=Span("a,b:c%.conf", 2, 12, 2, 16)),
        finding(severity=Severity.WARNING, span=Span(CONF, 3, 4, 5, 6)),
        finding(severity=Severity.INFO, span=None),
    )
    assert commands(made) == [
        "::error file=a%2Cb%3Ac%25.conf,line=2,endLine=2,col=12,endColumn=16,"
        "title=RL105 invalid-boolean::50%25: a, b",
        f"::warning file={CONF},line=3,endLine=5,title=RL105 invalid-boolean::message of RL105",
        "::notice title=RL105 invalid-boolean::message of RL105",
    ]


def test_what_was_not_read_is_an_error() -> None:
    made = report(errors=(AuditError(f"{CONF}:5:3", "pragma", "unknown key"),))
    assert commands(made) == [
        f"::error file={CONF},line=5,title=redislint could not check this::{CONF}: unknown key"
    ]


def test_ten_of_each_level_and_how_many_more() -> None:
    found = [finding(line=n, severity=s) for s in Severity for n in range(1, 13)]
    told = commands(report(*found))
    levels = [line.split(" ")[0] for line in told]
    assert levels == ["::error"] * 10 + ["::warning"] * 10 + ["::notice"] * 10
    assert told[-1] == "::notice title=redislint::7 more findings in the log of this step"


def test_ten_of_each_level_need_no_such_notice() -> None:
    found = [finding(line=n, severity=s) for s in Severity for n in range(1, 11)]
    told = commands(report(*found))
    assert len(told) == 30
    assert "more" not in told[-1]


def test_waived_and_known_findings_are_no_annotations() -> None:
    silent = finding(waiver=Waiver("why")), finding(baseline="known")
    assert commands(report(*silent), Options(show=frozenset({"waived"}))) == []


def test_nothing_to_say_is_nothing() -> None:
    assert renderer("github")(report(), Options(quiet=True)) == ""


def test_text_stands_between_switches_that_nobody_can_guess() -> None:
    lines = renderer("github")(everything(), Options()).splitlines()
    assert lines[0] == "::group::redislint"
    token = lines[1].removeprefix("::stop-commands::")
    assert re.fullmatch("[0-9a-f]{32}", token)
    assert lines.count(f"::{token}::") == 1
    assert lines[lines.index(f"::{token}::") + 1] == "::endgroup::"


@given(REPORTS)
def test_any_report_gives_these_commands_alone(made: Report) -> None:
    assert all(COMMAND.fullmatch(line) for line in commands(made))
    text = renderer("github")(made, Options(verbose=True))
    assert not any(ord(c) < 32 and c not in "\n\t" for c in text)
    text.encode("utf-8")
