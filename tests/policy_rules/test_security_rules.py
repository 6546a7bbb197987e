"""Each rule about security: its examples on every server they mean, and its texts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from redislint import catalog
from redislint.audit.examples import ExampleRunner
from redislint.facts.workload import Workload
from redislint.model import OutcomeKind, Server
from redislint.policy.library import load_files
from redislint.policy.rules import Example, Rule
from redislint.policy.testing import Ended

LEFT_OUT: dict[str, str] = {
    "RL422": "no public part of the standard library reads certificates: docs/decisions/rules.md",
}
"""Rules of the catalogue that are no policy, and why."""

ENDED_WELL = (OutcomeKind.PASS, OutcomeKind.NOT_APPLICABLE)


class Ran(NamedTuple):
    """One example of one rule on one server."""

    rule: Rule
    example: Example
    server: Server
    ended: Ended


@pytest.fixture(scope="module")
def security_rules(root: Path) -> tuple[Rule, ...]:
    paths = sorted((root / "policies").glob("security*.yaml"))
    return load_files([(path.name, path.read_bytes()) for path in paths])


def servers_of(rule: Rule, example: Example) -> Iterator[Server]:
    """The server that is named, else every supported one on which the rule's directives and
    those of the example are known."""
    named = example.given.get("server")
    if named:
        yield Server.parse(str(named))
        return
    words = {line.split()[0] for line in example.text.splitlines() if line.strip()}
    for server in catalog.SUPPORTED:
        if all(catalog.lookup(word, server) for word in words):
            yield server


@pytest.fixture(scope="module")
def ran(security_rules: tuple[Rule, ...], workloads: dict[str, Workload]) -> list[Ran]:
    runner = ExampleRunner(workloads)
    return [
        Ran(rule, example, server, runner(rule, at(example, server)))
        for rule in security_rules
        for example in rule.examples
        for server in servers_of(rule, example)
    ]


def at(example: Example, server: Server) -> Example:
    return example._replace(given={**example.given, "server": str(server)})


def test_every_example_ends_as_it_says_on_every_server(ran: list[Ran]) -> None:
    for one in ran:
        told = (one.rule.id, one.example.line, str(one.server), one.ended)
        if one.example.fails:
            assert one.ended.kind is OutcomeKind.FAIL, told
        else:
            assert one.ended.kind in ENDED_WELL, told


def test_each_rule_passes_somewhere(ran: list[Ran]) -> None:
    passed = {one.rule.id for one in ran if one.ended.kind is OutcomeKind.PASS}
    assert passed == {one.rule.id for one in ran}


def test_each_has_what_looks_like_a_finding_and_is_none(
    security_rules: tuple[Rule, ...],
) -> None:
    """Besides the plain opposite of a failing example, one more that must pass."""
    for rule in security_rules:
        kinds = [example.fails for example in rule.examples]
        assert kinds.count(False) >= 2, rule.id
        assert kinds.count(True) >= 1, rule.id


def test_a_rule_says_why_what_and_what_it_costs(security_rules: tuple[Rule, ...]) -> None:
    for rule in security_rules:
        for heading in ("**Why.**", "**What to do.**", "**What it costs.**"):
            assert heading in rule.help, (rule.id, heading)
        assert rule.references, rule.id
        assert len({"minimal", "recommended", "strict"} & set(rule.tags)) == 1, rule.id


def test_each_carries_a_cwe_and_a_grade_that_fits_its_severity(
    security_rules: tuple[Rule, ...],
) -> None:
    lowest = {"error": 7.0, "warning": 3.0, "info": 0.1}
    highest = {"error": 10.0, "warning": 7.5, "info": 3.9}
    for rule in security_rules:
        assert any(tag.startswith("cwe-") for tag in rule.tags), rule.id
        assert "security" in rule.tags, rule.id
        grade = rule.security_severity
        assert grade is not None, rule.id
        assert lowest[rule.severity] <= grade <= highest[rule.severity], rule.id


def test_the_rules_are_those_of_the_catalogue(
    security_rules: tuple[Rule, ...], shared: Path
) -> None:
    catalogue = json.loads((shared / "rules" / "catalogue.json").read_text(encoding="utf-8"))
    entries = {entry["id"]: entry for entry in catalogue["rules"]}
    for rule in security_rules:
        entry = entries[rule.id]
        assert (rule.name, rule.severity.value) == (entry["name"], entry["severity"])
        assert rule.category == entry["category"] == "security"
        if not entry["fix"]["available"]:
            assert not rule.fix, rule.id
    wanted = {entry["id"] for entry in entries.values() if entry["category"] == "security"}
    assert wanted == {rule.id for rule in security_rules} | set(LEFT_OUT)
