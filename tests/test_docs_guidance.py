"""docs/guidance.md: what they name exists, and no piece is missing."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from redislint.policy.ruleset import rule_set

PIECES = {"W": 71, "R": 44, "P": 60}
"""How many pieces of guidance each of the three guides has, by the letter of their numbers."""

SHARED_NAMES = {"S0": "W", "S1": "R", "S2": "P"}


@pytest.fixture(scope="module")
def rows(root: Path) -> dict[str, tuple[str, list[str], str]]:
    """Guidance, rules and what shows them, by number."""
    text = (root / "docs" / "guidance.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| ([WRP]\d+) \| (.+) \| (RL[^|]+) \| ([^|]+) \|$", text, re.M)
    return {
        number: (said, re.findall(r"RL\d{3}", rules), shown) for number, said, rules, shown in found
    }


@pytest.fixture(scope="module")
def left_out(root: Path) -> set[str]:
    text = (root / "docs" / "decisions" / "rules.md").read_text(encoding="utf-8")
    return set(re.findall(r"^\| (RL\d{3}) ", text, re.M))


@pytest.fixture(scope="module")
def rules() -> set[str]:
    return set(rule_set(profile="strict").rules)


def test_every_piece_of_guidance_has_a_row(rows: dict[str, tuple[str, list[str], str]]) -> None:
    wanted = [f"{letter}{n}" for letter, count in PIECES.items() for n in range(1, count + 1)]
    assert list(rows) == wanted
    assert all(said for said, _, _ in rows.values())


def test_every_rule_named_exists_or_was_left_out(
    rows: dict[str, tuple[str, list[str], str]], rules: set[str], left_out: set[str]
) -> None:
    for number, (_, named, shown) in rows.items():
        assert set(named) <= rules | left_out, number
        assert set(re.findall(r"RL\d{3}", shown)) <= set(named) & rules, number


def test_every_test_named_exists(root: Path, rows: dict[str, tuple[str, list[str], str]]) -> None:
    for number, (_, _, shown) in rows.items():
        named = re.findall(r"`([\w/.]+\.py)::(\w+)`", shown)
        assert named or "examples of" in shown or "where each rule went" in shown, number
        for file, name in named:
            path = root / (file if "/" in file else f"tests/policy_rules/{file}")
            assert f"def {name}(" in path.read_text(encoding="utf-8"), (number, name)


def test_no_rule_of_the_catalogue_is_forgotten(
    shared: Path,
    rows: dict[str, tuple[str, list[str], str]],
    rules: set[str],
    left_out: set[str],
) -> None:
    catalogue = json.loads((shared / "rules" / "catalogue.json").read_text(encoding="utf-8"))
    count = dict.fromkeys(PIECES, 0)
    for entry in catalogue["traceability"]:
        letter = SHARED_NAMES[entry["seed"]]
        count[letter] += 1
        _, named, _ = rows[f"{letter}{count[letter]}"]
        assert set(entry["rules"]) & (rules | left_out) <= set(named), f"{letter}{count[letter]}"
    assert count == PIECES


def test_rules_carry_the_tag_of_the_guide_that_they_check(
    rows: dict[str, tuple[str, list[str], str]],
) -> None:
    tags = {
        "W": "guide-aof-write-errors",
        "R": "guide-aof-rewrite-status",
        "P": "guide-persistence-modes",
    }
    wanted: dict[str, set[str]] = {}
    for number, (_, named, _) in rows.items():
        for rule in named:
            wanted.setdefault(rule, set()).add(tags[number[0]])
    for one in rule_set(profile="strict").rules.values():
        carried = {tag for tag in one.tags if tag.startswith("guide-")}
        assert carried == wanted.get(one.id, set()), one.id
