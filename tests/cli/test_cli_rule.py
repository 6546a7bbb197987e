from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
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
        "when",
        "require",
        "remediation",
        "fix",
        "params",
        "waivable",
        "tables",
        "security_severity",
        "examples",
    ]


def test_a_policy_rule_is_shown_with_its_condition(run: Run) -> None:
    out = run("rule", "RL209").out
    for part in ("**Why.**", "when: ", "require: ", "fix, unsafe: appendonly", "Fails", "Passes"):
        assert part in out
    assert "https://" in out


def test_rules_of_a_project_are_among_them(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own.yaml").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    assert "TEAM-1 no-tcp" in run("rule", "TEAM-1", "--policy", "own.yaml").out
    (tmp_path / "redislint.yaml").write_text("policies: [own.yaml]\n")
    assert "TEAM-1 no-tcp" in run("rule", "no-tcp").out
    outcome = run("rule", "TEAM-2")
    assert (outcome.code, outcome.err.strip()) == (
        2,
        "redislint: no rule, name or tag 'TEAM-2'; did you mean 'TEAM-1'?",
    )


OWN = """\
rules:
  - id: TEAM-1
    name: no-tcp
    severity: warning
    summary: only sockets
    require: config["port"] == 0
    at: [port]
    message: port {config["port"]} is open
    help: Why not.
    examples:
      - fails: port 6379
      - passes: port 0
"""


OLD_VERSION = """\
rules:
  - id: ACME-1
    name: supported-version
    severity: warning
    summary: the version gets no more fixes
    require: server.supported
    message: "{server.name} gets no more fixes (as of {server.lifecycle_date})"
    help: Upgrade.
    examples:
      - {fails: "port 1", given: {server: redis-7.0}}
      - {passes: "port 1", given: {server: redis-8.6, server.supported: true}}
"""


def test_a_rule_says_how_old_its_table_is(run: Run, tmp_path: Path) -> None:
    policy = tmp_path / "own.yaml"
    policy.write_text(OLD_VERSION)
    page = run("rule", "ACME-1", "--policy", str(policy)).out
    place = page.index("\nTables\n")
    assert "rows, of 2" in page[place:]
    assert "days old)" in page[place:]
    (told,) = json.loads(run("rule", "ACME-1", "--policy", str(policy), "--format", "json").out)
    assert [table["name"] for table in told["tables"]] == ["lifecycle"]
    assert "Tables" not in run("rule", "RL105").out


def test_a_rule_judges_by_its_table(run: Run, tmp_path: Path) -> None:
    policy, conf = tmp_path / "own.yaml", tmp_path / "redis.conf"
    policy.write_text(OLD_VERSION)
    conf.write_text("port 6379\n")
    asked = ("--policy", str(policy), "--select", "ACME-1", "--server")
    assert (
        "redis-7.0 gets no more fixes (as of 2" in run("check", str(conf), *asked, "redis-7.0").out
    )
    assert "ACME-1" not in run("check", str(conf), *asked, "redis-7.2").out


def test_tags_choose_rules_that_have_all_of_them(run: Run) -> None:
    every = {line.split()[0] for line in run("rule", "--tag", "cwe-306").out.splitlines()}
    assert "RL401" in every
    fewer = run("rule", "--tag", "CWE-306", "--tag", "minimal")
    ids = {line.split()[0] for line in fewer.out.splitlines()}
    assert ids == {i for i in every if "minimal" in builtin_rules()[i].tags}
    assert ids < every


def test_an_unknown_tag_is_named_with_the_nearest(run: Run) -> None:
    outcome = run("rule", "--tag", "cwe-30")
    assert outcome.code == 2
    assert "no rule has the tag 'cwe-30', did you mean 'cwe-306'?" in outcome.err
