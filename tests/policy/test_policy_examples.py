from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from redislint.model import OutcomeKind
from redislint.policy.loader import load
from redislint.policy.rules import Example, Rule
from redislint.policy.testing import Coverage, Ended, coverage, judge, junit, run

RULES = load((Path(__file__).parent / "example.yaml").read_bytes(), "example.yaml")
FAILS = Example(True, "x", {}, (2,), 5)
PASSES = Example(False, "x", {}, (), 6)


@pytest.mark.parametrize(
    ("example", "ended", "problem"),
    [
        (FAILS, Ended(OutcomeKind.FAIL, (2,)), ""),
        (FAILS, Ended(OutcomeKind.FAIL, (2, 2)), ""),
        (FAILS, Ended(OutcomeKind.FAIL, (3,)), "must be found on line 2, and was on 3"),
        (FAILS, Ended(OutcomeKind.FAIL), "must be found on line 2, and was on no line"),
        (FAILS._replace(at=()), Ended(OutcomeKind.FAIL, (9,)), ""),
        (FAILS, Ended(OutcomeKind.PASS), "must fail, and ended as pass"),
        (FAILS, Ended(OutcomeKind.UNKNOWN, (), "host.x missing"),
         "must fail, and ended as unknown: host.x missing"),
        (PASSES, Ended(OutcomeKind.PASS), ""),
        (PASSES, Ended(OutcomeKind.NOT_APPLICABLE), ""),
        (PASSES, Ended(OutcomeKind.FAIL, (4,), "too weak"),
         "must pass, and ended as fail on line 4: too weak"),
        (PASSES, Ended(OutcomeKind.ERROR, (), "refused"), "must pass, and ended as error: refused"),
    ],
)  # fmt: skip
def test_judging(example: Example, ended: Ended, problem: str) -> None:
    assert judge(example, ended) == problem


def right(rule: Rule, example: Example) -> Ended:
    return Ended(OutcomeKind.FAIL, example.at) if example.fails else Ended(OutcomeKind.PASS)


def never_applies(rule: Rule, example: Example) -> Ended:
    if rule.id == "EX-2" and not example.fails:
        return Ended(OutcomeKind.NOT_APPLICABLE)
    return right(rule, example)


def test_coverage_wants_both_outcomes() -> None:
    assert not any(item.problem for item in coverage(run(RULES, right)))
    results = run(RULES, never_applies)
    assert not any(result.problem for result in results)
    assert [item.problem for item in coverage(results)] == ["", "no example of EX-2 ends as pass"]
    assert Coverage(RULES[0], False, True).problem == "no example of EX-1 ends as fail"


def test_places_and_titles() -> None:
    first, second = run(RULES, right)[:2]
    assert (first.place, first.title) == ("example.yaml:23", "example 1 (fails)")
    assert (second.place, second.title) == ("example.yaml:28", "example 2 (passes)")


def test_junit() -> None:
    results = run(RULES, lambda rule, example: Ended(OutcomeKind.PASS, (), "<&\x1b"))
    root = ET.fromstring(junit(results, coverage(results)))
    assert (root.get("tests"), root.get("failures")) == ("6", "4")
    cases = root.findall(".//testcase")
    assert [case.get("name") for case in cases] == [
        "example 1 (fails)", "example 2 (passes)", "example 1 (fails)", "example 2 (passes)",
        "coverage", "coverage",
    ]  # fmt: skip
    failure = cases[0].find("failure")
    assert failure is not None
    assert failure.text == "example.yaml:23: must fail, and ended as pass: <& "
    assert (cases[0].get("file"), cases[0].get("line")) == ("example.yaml", "23")
