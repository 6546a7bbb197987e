from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from redislint.policy import builtin_rules

Run = Callable[..., Any]

BY_CODE = ["RL001", "RL003", *(f"RL{number}" for number in range(101, 124))]


def test_all_are_listed_without_words(run: Run) -> None:
    outcome = run("rule")
    assert outcome.code == 0
    ids = [line.split()[0] for line in outcome.out.splitlines()]
    assert set(BY_CODE) <= set(ids)
    assert len(ids) == len(set(ids)) == len(builtin_rules())


@pytest.mark.parametrize("word", ["RL105", "rl105", "invalid-boolean"])
def test_one_is_explained_by_id_or_name(run: Run, word: str) -> None:
    outcome = run("rule", word)
    assert outcome.code == 0
    assert outcome.out.startswith("RL105 invalid-boolean (error)\n")
    assert "\nFails" in outcome.out
    assert "\nPasses" in outcome.out
    assert "\nReferences\n" in outcome.out


def test_several_are_explained_in_turn(run: Run) -> None:
    outcome = run("rule", "RL105", "RL101")
    assert outcome.out.startswith("RL101 unknown-directive")
    assert "\nRL105 invalid-boolean" in outcome.out


@pytest.mark.parametrize("word", ["syntax", "RL1"])
def test_a_tag_or_the_beginning_of_ids_lists(run: Run, word: str) -> None:
    outcome = run("rule", word)
    ids = [line.split()[0] for line in outcome.out.splitlines()]
    assert set(BY_CODE[2:]) <= set(ids)


@pytest.mark.parametrize("rule", BY_CODE)
def test_every_rule_found_by_code_is_declared(run: Run, rule: str) -> None:
    [info] = json.loads(run("rule", rule, "--format", "json").out)
    assert info["id"] == rule
    assert info["name"]
    assert info["summary"]
    assert info["help"]


def test_json_has_every_field(run: Run) -> None:
    [info] = json.loads(run("rule", "RL105", "--format", "json").out)
    assert list(info) == [
        "id",
        "name",
        "severity",
        "category",
        "summary",
        "help",
        "tags",
        "references",
        "fix_safety",
        "examples",
    ]
