from __future__ import annotations

import json
from pathlib import Path

import pytest

from redislint.facts.workload import Workload
from redislint.model import Severity
from redislint.policy.errors import PolicyError
from redislint.policy.library import builtin, own_rules, policy_files, workloads
from redislint.policy.loader import load
from redislint.policy.selection import (
    Profile,
    UnknownWordError,
    choose,
    find,
    matching,
    profile_rules,
    severities,
)
from redislint.policy.tables import read_profiles, read_workloads
from redislint.resources import policies_dir, read_schema

TEXT = "rules:\n" + "".join(
    f"""
  - id: {identity}
    name: {name}
    severity: {severity}
    tags: [{tags}]
    aliases: [old-{name}]
    summary: s
    code: true
    examples: [{{fails: a}}, {{passes: b}}]
"""
    for identity, name, severity, tags in (
        ("RL201", "no-persistence", "error", "minimal, aof"),
        ("RL210", "fsync-suspended", "info", "recommended, aof"),
        ("RL301", "maxmemory-unset", "warning", "strict"),
        ("RL010", "waiver-expired", "warning", "waivers"),
    )
)
RULES = load(TEXT.encode(), "persistence.yaml")
PROFILES = {
    "minimal": Profile("minimal", "m", select=("RL0", "minimal")),
    "recommended": Profile("recommended", "r", "minimal", ("recommended",), ("waivers",)),
    "strict": Profile("strict", "s", "recommended", ("all",)),
}


@pytest.mark.parametrize(
    ("word", "ids"),
    [
        ("RL201", {"RL201"}), ("rl201", {"RL201"}), ("no-persistence", {"RL201"}),
        ("old-no-persistence", {"RL201"}), ("aof", {"RL201", "RL210"}), ("RL2", {"RL201", "RL210"}),
        ("rl3", {"RL301"}), ("RL", set()), ("all", {"RL201", "RL210", "RL301", "RL010"}),
        ("persistence", {"RL201", "RL210", "RL301", "RL010"}), ("nothing", set()), ("", set()),
    ],
)  # fmt: skip
def test_what_a_word_stands_for(word: str, ids: set[str]) -> None:
    assert matching(word, RULES) == ids


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("RL302", "no rule, name or tag 'RL302'; did you mean 'RL301'?"),
        ("no-persistance", "no rule, name or tag 'no-persistance'; did you mean 'no-persistence'?"),
        ("zzz", "no rule, name or tag 'zzz'"),
    ],
)
def test_an_unknown_word(word: str, message: str) -> None:
    with pytest.raises(UnknownWordError) as caught:
        find(word, RULES)
    assert str(caught.value) == message


def test_profiles_contain_each_other() -> None:
    assert profile_rules("minimal", PROFILES, RULES) == {"RL201", "RL010"}
    assert profile_rules("recommended", PROFILES, RULES) == {"RL201", "RL210"}
    assert profile_rules("strict", PROFILES, RULES) == {"RL201", "RL210", "RL301", "RL010"}


def test_choosing() -> None:
    assert choose(RULES, PROFILES) == {"RL201", "RL210"}
    assert choose(RULES, PROFILES, own=["RL301"]) == {"RL201", "RL210", "RL301"}
    assert choose(RULES, PROFILES, select=["RL3", "RL010"]) == {"RL301", "RL010"}
    assert choose(RULES, PROFILES, profile="strict", ignore=["aof", "gone"]) == {"RL301", "RL010"}
    with pytest.raises(UnknownWordError):
        choose(RULES, PROFILES, select=["gone"])


def test_severities() -> None:
    changes = [("aof", "warning"), ("RL201", "off")]
    assert severities(RULES, changes) == {"RL201": None, "RL210": Severity.WARNING}


def test_the_shipped_profiles_contain_each_other() -> None:
    shipped = builtin()
    rules = list(shipped.rules.values())
    minimal, recommended, strict = (
        profile_rules(name, shipped.profiles, rules)
        for name in ("minimal", "recommended", "strict")
    )
    assert minimal < recommended <= strict == frozenset(shipped.rules)


def test_a_profile_of_an_unknown_one() -> None:
    with pytest.raises(PolicyError) as caught:
        read_profiles(b"profiles:\n  a: {summary: s}\n  b: {extends: aa}\n", "profiles.yaml")
    assert str(caught.value) == (
        "profiles.yaml:3:16: 'extends': 'aa' is no profile above this one; did you mean 'a'?"
    )


WORKLOAD = b"""workloads:
  mine:
    summary: s
    class: durable
    modes: [hybrid]
    appendfsync: [always]
    maxmemory_policy: [noeviction]
    loss_window: 2s
    restart_time: 60s
    stop_writes: true
    backup: daily
    severity: error
"""


def test_a_project_adds_and_changes_workloads(tmp_path: Path) -> None:
    own = tmp_path / "workloads.yaml"
    own.write_bytes(WORKLOAD + b"  cache: {loss_window: 1h}\n")
    known = workloads([str(own)])
    assert isinstance(known["mine"], Workload)
    assert known["cache"].loss_window == 3600
    assert known["cache"].kind == "disposable"
    assert known["page-cache"] is known["cache"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"class: durable", b"class: sturdy", "w.yaml:4:5: 'class' is 'sturdy': expected"
         " disposable, tolerant, durable or zero-loss"),
        (b"    backup: daily\n", b"", "w.yaml:2:3: workload 'mine' lacks 'backup': expected none,"
         " optional, daily or offsite"),
        (b"summary: s", b"summary: s\n    sumary: t", "w.yaml:4:5: unknown key 'sumary' of workload"
         " 'mine'"),
        (b"workloads:", b"workload:", "w.yaml:1:1: unknown key 'workload' in the file: expected one"
         " of workloads; did you mean 'workloads'?"),
        (b"summary: s", b"summary: s\n    aliases: [mine]", "w.yaml: workloads: the workload name"
         " 'mine' stands for two: keep it at one of them"),
    ],
)  # fmt: skip
def test_mistakes_in_workloads(old: bytes, new: bytes, message: str) -> None:
    with pytest.raises(PolicyError) as caught:
        read_workloads(WORKLOAD.replace(old, new, 1), "w.yaml")
    assert any(line.startswith(message) for line in str(caught.value).splitlines())


def test_own_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    example = (Path(__file__).parent / "example.yaml").read_text()
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.yaml").write_text(example.replace("EX-", "OWN-"))
    assert [rule.id for rule in own_rules([str(tmp_path / "rules")])] == ["OWN-1", "OWN-2"]
    (tmp_path / "rules" / "b.yml").write_text(example.replace("EX-1", "RL010"))
    with pytest.raises(PolicyError) as caught:
        own_rules([str(tmp_path / "rules")])
    assert "rules/b.yml:2:9: 'id' 'RL010' is already taken at policies/waivers.yaml:3" in str(
        caught.value
    )
    (tmp_path / "empty").mkdir()
    with pytest.raises(PolicyError, match=r"empty: holds no policy file \(\*.yaml\)"):
        own_rules([str(tmp_path / "empty")])


def test_policy_files_fit_the_schema() -> None:
    import jsonschema
    from ruamel.yaml import YAML

    schema = json.loads(read_schema("policy.schema.json"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    own = Path(__file__).parent / "example.yaml"
    for path in (*map(Path, policy_files(str(policies_dir()))), own):
        validator.validate(YAML(typ="safe", pure=True).load(path.read_bytes()))
