"""The health score: weights, penalties, what takes no part."""

from __future__ import annotations

import pytest

from redislint.audit.score import Score, score
from redislint.model import Finding, Outcome, OutcomeKind, Severity
from redislint.policy.rules import Rule


def rule(identity: str, category: str) -> Rule:
    return Rule(identity, identity.lower(), Severity.ERROR, "", "x.yaml", 1, category)


RULES = {
    one.id: one
    for one in (
        rule("RL201", "persistence"),
        rule("RL202", "persistence"),
        rule("RL220", "persistence"),
        rule("RL301", "memory"),
        rule("RL101", "syntax"),
    )
}


def outcome(identity: str, kind: OutcomeKind) -> Outcome:
    return Outcome(identity, "a", kind)


def finding(identity: str, severity: Severity) -> Finding:
    return Finding(identity, identity.lower(), severity, "", "a", "f")


def scored(kinds: dict[str, OutcomeKind], *found: Finding) -> Score | None:
    return score(found, [outcome(name, kind) for name, kind in kinds.items()], RULES)


PASS, FAIL, UNKNOWN, ABSENT = (
    OutcomeKind.PASS,
    OutcomeKind.FAIL,
    OutcomeKind.UNKNOWN,
    OutcomeKind.NOT_APPLICABLE,
)


def test_nothing_evaluated_is_no_score() -> None:
    assert scored({"RL201": UNKNOWN, "RL202": ABSENT}) is None
    assert scored({"RL101": PASS}) is None


@pytest.mark.parametrize(
    ("severity", "points"),
    [(Severity.ERROR, 60.0), (Severity.WARNING, 85.0), (Severity.INFO, 100.0)],
)
def test_a_failure_costs_by_severity(severity: Severity, points: float) -> None:
    assert scored({"RL201": FAIL}, finding("RL201", severity)) == (points, 1.0)


def test_a_rule_counts_once_with_its_gravest() -> None:
    several = [finding("RL201", s) for s in (Severity.INFO, Severity.ERROR, Severity.ERROR)]
    assert scored({"RL201": FAIL}, *several) == (60.0, 1.0)


def test_a_critical_rule_leaves_its_category_nothing() -> None:
    assert scored({"RL220": FAIL, "RL201": PASS}, finding("RL220", Severity.INFO)) == (0.0, 1.0)


def test_categories_are_weighted_and_the_undecided_lower_the_coverage() -> None:
    kinds = {"RL201": FAIL, "RL301": PASS, "RL202": UNKNOWN, "RL220": ABSENT}
    found = scored(kinds, finding("RL201", Severity.ERROR))
    assert found == (round((10 * 60 + 20 * 100) / 30, 1), round(2 / 3, 3))


def test_a_waived_failure_costs_nothing() -> None:
    assert scored({"RL201": FAIL}) == (100.0, 1.0)
