"""Each rule about running servers and hosts: its texts, and its entry in the catalogue."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from redislint import catalog
from redislint.audit import check
from redislint.model import FixSafety, OutcomeKind, Server
from redislint.policy.library import load_files
from redislint.policy.rules import Rule

FILES = ("persistence.live", "persistence.host", "memory.live", "operations", "latency")


@pytest.fixture(scope="module")
def live_rules(root: Path) -> tuple[Rule, ...]:
    names = [f"{stem}.yaml" for stem in FILES]
    return load_files([(name, (root / "policies" / name).read_bytes()) for name in names])


def test_a_rule_says_why_what_and_what_it_costs(live_rules: tuple[Rule, ...]) -> None:
    for rule in live_rules:
        for heading in ("**Why.**", "**What to do.**", "**What it costs.**"):
            assert heading in rule.help, (rule.id, heading)
        assert rule.references, rule.id
        # The findings of RL801 name their own, that of RL814 stands at the probe.
        assert rule.at or rule.id in ("RL801", "RL814"), rule.id
        assert len({"minimal", "recommended", "strict"} & set(rule.tags)) == 1, rule.id


@pytest.mark.parametrize("server", catalog.SERVERS, ids=str)
def test_a_file_alone_is_not_asked_what_only_a_server_knows(
    server: Server,
    live_rules: tuple[Rule, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("redis.conf").write_text("appendonly yes\nsave 60 1000\nmaxmemory 1gb\n")
    report = check(["redis.conf"], server=server)
    assert report.errors == ()
    of_these = {rule.id for rule in live_rules}
    kinds = {one.rule: one.kind for one in report.outcomes if one.rule in of_these}
    assert kinds
    assert set(kinds.values()) <= {OutcomeKind.PASS, OutcomeKind.FAIL, OutcomeKind.NOT_APPLICABLE}
    of_old_defaults = {"RL711"} if str(server) in ("redis-2.8", "redis-3.0") else set()
    assert {rule for rule, kind in kinds.items() if kind is OutcomeKind.FAIL} == of_old_defaults


def test_only_fixes_of_what_is_observed_are_safe(live_rules: tuple[Rule, ...]) -> None:
    safe = {rule.id for rule in live_rules if rule.fix_safety is FixSafety.SAFE}
    assert safe == {"RL713", "RL714", "RL816"}


def test_no_message_repeats_what_experiments_refuted(live_rules: tuple[Rule, ...]) -> None:
    """C1, C2, C3, C19, C31, C32, C33: AOF errors, the switch that does nothing, repairs."""
    texts = {rule.id: " ".join((str(rule.message) + rule.help).split()) for rule in live_rules}
    assert "whatever stop-writes-on-bgsave-error says" in texts["RL220"]
    assert (
        "`CONFIG SET appendonly no`; `stop-writes-on-bgsave-error no` does nothing"
        in (texts["RL220"])
    )
    assert "refused while the disk is full" in texts["RL220"]
    assert "CONFIG SET appendonly no, then yes" in texts["RL221"]
    assert "not counted and not delayed" in texts["RL224"]
    assert "never sets `aof_last_write_status`" in texts["RL225"]
    assert "read both statuses" in texts["RL812"]
    for rule, text in texts.items():
        assert not re.search(r"is a guarantee|deletes? the AOF\b(?! in use)", text), rule


def test_the_rules_are_those_of_the_catalogue(live_rules: tuple[Rule, ...], shared: Path) -> None:
    catalogue = json.loads((shared / "rules" / "catalogue.json").read_text(encoding="utf-8"))
    entries = {entry["id"]: entry for entry in catalogue["rules"]}
    for rule in live_rules:
        entry = entries[rule.id]
        assert (rule.name, rule.severity.value) == (entry["name"], entry["severity"])
        assert rule.category == entry["category"].partition("/")[0]
        if not entry["fix"]["available"]:
            assert not rule.fix, rule.id
        elif rule.fix_safety:
            assert rule.fix_safety.value == entry["fix"]["safety"], rule.id
