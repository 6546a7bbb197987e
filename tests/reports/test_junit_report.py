"""JUnit XML: well formed whatever was read, counts that add up, nothing unread green."""

from __future__ import annotations

import os
from pathlib import Path
from xml.etree import ElementTree

from hypothesis import given

from redislint.model import AuditError, Outcome, OutcomeKind, Report, Severity, Waiver
from redislint.reports import Options, renderer
from tests.reports.report_samples import CONF, REPORTS, everything, finding, report

GOLDEN = Path(__file__).parent / "data" / "golden" / "junit.xml"
ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped"},
    "testcase": {"classname", "name"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "skipped": {"message"},
    "system-out": set[str](),
}
CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"testcase"},
    "testcase": {"failure", "error", "skipped", "system-out"},
}
"""What the schema of Jenkins' xUnit plugin allows, as far as it is used here."""


def parsed(made: Report) -> ElementTree.Element:
    return ElementTree.fromstring(renderer("junit")(made, Options()).encode("utf-8"))


def checked(root: ElementTree.Element) -> None:
    for element in root.iter():
        assert set(element.attrib) <= ATTRIBUTES[element.tag]
        assert {child.tag for child in element} <= CHILDREN.get(element.tag, set())
        if element.tag == "testcase":
            assert element.get("name")
            assert len(element) <= 1
        elif element.tag in ("testsuite", "testsuites"):
            for attribute, tag in (
                ("tests", "testcase"), ("failures", "failure"), ("errors", "error")
            ):  # fmt: skip
                assert int(element.attrib[attribute]) == len(list(element.iter(tag)))


def case(made: Report, name: str) -> ElementTree.Element:
    (found,) = [c for c in parsed(made).iter("testcase") if c.get("name", "").startswith(name)]
    return found


def test_golden() -> None:
    text = renderer("junit")(everything(), Options())
    if os.environ.get("GOLDEN_UPDATE"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")
    checked(parsed(everything()))


@given(REPORTS)
def test_any_report_is_well_formed_and_adds_up(made: Report) -> None:
    checked(parsed(made))


def test_how_rules_end() -> None:
    outcomes = (
        Outcome("RL203", CONF, OutcomeKind.PASS),
        Outcome("RL232", CONF, OutcomeKind.UNKNOWN, ("host.memory",), "run it there"),
        Outcome("RL301", CONF, OutcomeKind.ERROR, message="division by zero"),
    )
    made = report(
        finding("RL105", 2), finding("RL105", 3, severity=Severity.WARNING),
        finding("RL405", 4, severity=Severity.INFO),
        finding("RL406", 5, waiver=Waiver("a test")),
        finding("RL407", 6, baseline="known"),
        outcomes=outcomes,
    )  # fmt: skip
    failure = case(made, "RL105")[0]
    assert (failure.tag, failure.get("type")) == ("failure", "error")
    assert (failure.text or "").splitlines() == [
        f"{CONF}:2:12: error: message of RL105",
        f"{CONF}:3:12: warning: message of RL105",
    ]
    assert len(case(made, "RL203")) == 0
    assert case(made, "RL405")[0].tag == "system-out"
    assert case(made, "RL406")[0].attrib == {"message": "waived: a test"}
    assert case(made, "RL407")[0].attrib == {"message": "known in the baseline"}
    assert case(made, "RL232")[0].attrib == {"message": "unknown: needs host.memory (run it there)"}
    assert case(made, "RL301")[0].tag == "error"


def test_a_clean_file_is_a_case_that_passes() -> None:
    assert len(case(report(), "read")) == 0


def test_what_was_not_read_is_an_error_of_its_file() -> None:
    errors = (AuditError(f"{CONF}:5:3", "pragma", "unknown key"), AuditError("b", "read", "no"))
    suites = parsed(report(errors=errors)).findall("testsuite")
    assert [(suite.get("name"), suite.get("errors")) for suite in suites] == [
        (CONF, "1"),
        ("b", "1"),
    ]
