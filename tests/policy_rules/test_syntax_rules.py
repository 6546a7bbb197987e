"""Every example of the syntax rules, and that rules and code agree on what there is."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import redislint
from redislint.policy.library import load_files
from redislint.policy.rules import Example, Rule

ROOT = Path(__file__).parents[2]
POLICY = ROOT / "policies" / "syntax.yaml"
RULES = {rule.id: rule for rule in load_files([("policies/syntax.yaml", POLICY.read_bytes())])}
EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.id}-line-{example.line}")
    for rule in RULES.values()
    for example in rule.examples
]
BY_THE_RUN = {"RL003"}
"""Rules about the run, not about what one server makes of the text."""


def _lines(rule: str, example: Example) -> set[int | None]:
    if rule in BY_THE_RUN:
        return {1} if _undetermined(example.text) else set()
    conf = redislint.parse(example.text).resolve(example.given["server"])
    return {d.line for d in conf.diagnostics if d.rule == rule}


def _undetermined(text: str) -> bool:
    from redislint.audit import check

    report = check(["-"], stdin=text.encode(), select=["RL003"])
    return any(finding.rule == "RL003" for finding in report.findings)


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_example(rule: Rule, example: Example) -> None:
    lines = _lines(rule.id, example)
    assert lines == set(example.at) if example.fails else not lines


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_passing_examples_are_accepted(rule: Rule, example: Example) -> None:
    if example.fails or rule.id in BY_THE_RUN:
        return
    conf = redislint.parse(example.text).resolve(example.given["server"])
    assert conf.accepted, conf.rejection


def test_every_rule_that_the_code_names_is_declared() -> None:
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "redislint/conf").rglob("*.py"))
    constants = (
        node.value
        for text in texts
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    named = {value for value in constants if re.fullmatch(r"RL\d{3}", value)}
    assert named == set(RULES) - BY_THE_RUN


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_a_rule_is_explained(rule: Rule) -> None:
    assert rule.code
    assert rule.category == "syntax"
    assert 2 <= len(rule.help.strip().splitlines()) <= 20
    assert not rule.summary.endswith(".")
