"""Every rule of the catalogue is a policy, or docs/decisions/rules.md says where it went."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from redislint.policy.library import builtin_policy

LINE = re.compile(
    r"\| (?P<id>RL\d{3}) (?P<name>[a-z0-9-]+)"
    r" \| (?P<state>dropped|merged: RL\d{3}) \| (?P<why>.+) \|"
)


@pytest.fixture(scope="module")
def catalogue(root: Path) -> dict[str, str]:
    """Names by number."""
    path = root / "tests" / "policy_rules" / "data" / "catalogue_ids.txt"
    return dict(line.split() for line in path.read_text(encoding="ascii").splitlines())


@pytest.fixture(scope="module")
def decided(root: Path) -> dict[str, re.Match[str]]:
    """The lines of the decisions by number."""
    text = (root / "docs" / "decisions" / "rules.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| RL")]
    found = [LINE.fullmatch(row) for row in rows]
    assert [row for row, match in zip(rows, found, strict=True) if match is None] == []
    lines = {match["id"]: match for match in found if match is not None}
    assert len(lines) == len(rows), "a rule stands there twice"
    return lines


def test_the_catalogue_has_255_rules(catalogue: dict[str, str]) -> None:
    assert len(catalogue) == 255


def test_every_rule_is_accounted_for(
    catalogue: dict[str, str], decided: dict[str, re.Match[str]]
) -> None:
    rules = builtin_policy()
    lost = [one for one in catalogue if one not in rules and one not in decided]
    assert lost == []


def test_a_decision_is_about_a_rule_that_is_gone(
    catalogue: dict[str, str], decided: dict[str, re.Match[str]]
) -> None:
    rules = builtin_policy()
    for identity, match in decided.items():
        assert identity not in rules, f"{identity} is a policy"
        assert match["name"] == catalogue[identity]
        other = match["state"].partition(": ")[2]
        assert not other or other in rules, f"{identity} is merged into {other}, which is none"


def test_policies_keep_the_names_of_the_catalogue(catalogue: dict[str, str]) -> None:
    for identity, rule in builtin_policy().items():
        name = catalogue.get(identity, rule.name)
        assert name in (rule.name, *rule.aliases), identity
