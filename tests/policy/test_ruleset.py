from __future__ import annotations

from pathlib import Path

import pytest

from redislint.model import Fact, OutcomeKind, Server, Severity, Target
from redislint.policy.errors import PolicyError
from redislint.policy.project import Project, load
from redislint.policy.ruleset import RuleSet, rule_set
from redislint.policy.selection import UnknownWordError

OWN = (Path(__file__).parent / "example.yaml").read_text().replace("EX-", "OWN-")


def project(folder: Path, text: str) -> Project:
    path = folder / "redislint.yaml"
    path.write_text(text)
    (folder / "own.yaml").write_text(OWN)
    return load(str(path), "redislint.yaml")


def held(rules: RuleSet, maxmemory: int = 1024) -> dict[str, tuple[OutcomeKind, Severity | None]]:
    facts = {"config": Fact({"maxmemory": maxmemory}), "set": Fact({"maxmemory": True})}
    target = Target("a.conf", "conf", "a.conf", Server("redis", (7, 2)), facts=facts)
    found = rules.evaluate(target)
    severities = {violation.rule.id: violation.severity for violation in found.violations}
    return {o.rule: (o.kind, severities.get(o.rule)) for o in found.outcomes}


def test_the_default_is_the_recommended_profile() -> None:
    rules = rule_set()
    assert "RL010" in rules.chosen
    assert rules.chosen <= set(rules.rules)
    assert rule_set(profile="minimal").chosen < rules.chosen < rule_set(profile="strict").chosen


def test_own_rules_belong_to_every_profile(tmp_path: Path) -> None:
    found = rule_set(project(tmp_path, "profile: minimal\npolicies: own.yaml\n"))
    assert {"OWN-1", "OWN-2"} <= found.chosen
    assert found.rules["OWN-2"].params == {"floor": 1048576}
    assert held(found)["OWN-2"] == (OutcomeKind.FAIL, Severity.WARNING)


def test_the_project_changes_rules(tmp_path: Path) -> None:
    text = "policies: own.yaml\nselect: [OWN]\nseverity: {OWN-2: error, OWN-1: off}\n"
    assert held(rule_set(project(tmp_path, text.replace("[OWN]", "[OWN-1, OWN-2]")))) == {
        "OWN-2": (OutcomeKind.FAIL, Severity.ERROR)
    }
    text = "policies: own.yaml\nselect: [OWN-2]\nparams: {OWN-2: {floor: 10}}\n"
    assert held(rule_set(project(tmp_path, text))) == {"OWN-2": (OutcomeKind.PASS, None)}


def test_the_command_line_goes_first(tmp_path: Path) -> None:
    found = project(tmp_path, "policies: own.yaml\nselect: [OWN-1]\nignore: [OWN-2]\n")
    assert rule_set(found, select=["RL010", "RL011"], ignore=["RL011"]).chosen == {"RL010"}
    assert rule_set(found, select=["OWN-2"]).chosen == set()
    with pytest.raises(UnknownWordError):
        rule_set(select=["RL999"])
    with pytest.raises(UnknownWordError):
        rule_set(ignore=["RL999"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("select: [RL01, nothing]", "redislint.yaml:1:16: no rule, name or tag 'nothing'"),
        ("severity: {RL0100: error}", "redislint.yaml:1:12: no rule, name or tag 'RL0100'; did you"
         " mean 'RL010'?"),
        ("params: {RL010: {x: 1}}", "redislint.yaml:1:10: RL010 has no parameter 'x'"),
        ("waivers: [{rule: waiver-expird, reason: r}]", "redislint.yaml:1:18: no rule, name or tag"
         " 'waiver-expird'; did you mean 'waiver-expired'?"),
    ],
)  # fmt: skip
def test_words_that_stand_for_nothing(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(PolicyError) as caught:
        rule_set(project(tmp_path, text))
    assert str(caught.value) == message


def test_an_ignored_word_may_be_unknown(tmp_path: Path) -> None:
    found = rule_set(project(tmp_path, "ignore: [RL999]\nfiles: [{path: a, ignore: gone}]\n"))
    assert found.notices == (
        "redislint.yaml:1:10: 'ignore': no rule, name or tag 'RL999'",
        "redislint.yaml:2:27: 'ignore': no rule, name or tag 'gone'",
    )
    assert found.matching(["gone", "RL010"]) == {"RL010"}


def test_an_unknown_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    expected = (
        "unknown profile 'strickt': expected one of minimal, recommended, strict; did you mean"
        " 'strict'?"
    )
    with pytest.raises(PolicyError) as caught:
        rule_set(profile="strickt")
    assert str(caught.value) == f"--profile: {expected}"
    with pytest.raises(PolicyError) as caught:
        rule_set(project(tmp_path, "profile: strickt"))
    assert str(caught.value) == f"redislint.yaml: {expected}"
