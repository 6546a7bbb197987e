"""The health score of a target: how much of what was evaluated is in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from redislint.model import Finding, Outcome, OutcomeKind, Severity
from redislint.policy.rules import Rule

WEIGHTS: Mapping[str, int] = {
    "persistence": 10,
    "memory": 20,
    "replication": 20,
    "security": 20,
    "latency": 15,
    "operations": 10,
    "cloud": 5,
}
"""What a category counts. Persistence has the share that the guidance gives it."""

PENALTIES: Mapping[Severity, int] = {Severity.ERROR: 40, Severity.WARNING: 15, Severity.INFO: 0}
"""Points that one failed rule takes from the 100 of its category."""

CRITICAL = frozenset({"RL220", "RL221", "RL226", "RL249", "RL401"})
"""Rules whose failure leaves a category nothing: all data, or all access, is at stake."""

_EVALUATED = (OutcomeKind.PASS, OutcomeKind.FAIL)


class Score(NamedTuple):
    """`points` from 0 to 100; `share` (0 to 1) of the applicable rules could be decided."""

    points: float
    share: float


def score(
    findings: Iterable[Finding], outcomes: Iterable[Outcome], rules: Mapping[str, Rule]
) -> Score | None:
    """The weighted mean of the categories that have an evaluated rule; None where none has.

    A category begins with 100 points and loses `PENALTIES` for each failed rule, counted
    once with its gravest finding; rules that do not apply or lack facts take no part.
    None too for a target that its server refuses: what does not start has no health.
    `findings` are those of one target that count, waived ones left out. The score never
    decides the exit code: severities do.
    """
    evaluated: set[str] = set()
    undecided = 0
    for outcome in outcomes:
        if outcome.kind in _EVALUATED:
            evaluated.add(outcome.rule)
        elif outcome.kind is not OutcomeKind.NOT_APPLICABLE:
            undecided += 1
    gravest: dict[str, Severity] = {}
    for finding in findings:
        if finding.fatal and finding.severity is Severity.ERROR:
            return None
        if finding.rule in evaluated:
            known = gravest.get(finding.rule, finding.severity)
            gravest[finding.rule] = max(known, finding.severity, key=lambda s: s.rank)
    left = {category: 100 for rule in evaluated if (category := rules[rule].category) in WEIGHTS}
    if not left:
        return None
    for rule, severity in gravest.items():
        category = rules[rule].category
        if category in left:
            penalty = 100 if rule in CRITICAL else PENALTIES[severity]
            left[category] = max(0, left[category] - penalty)
    total = sum(WEIGHTS[category] for category in left)
    points = sum(WEIGHTS[category] * value for category, value in left.items()) / total
    return Score(round(points, 1), round(len(evaluated) / (len(evaluated) + undecided), 3))
