"""Policies on configurations: declarations, fixes, and that fixes mend what they are for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import redislint
from redislint import catalog
from redislint.audit.judge import Judge, Judgement
from redislint.conf import edit
from redislint.conf.document import Document, parse
from redislint.conf.resolve import Configuration, resolve
from redislint.facts.declared import KEYS
from redislint.model import Diagnostic, OutcomeKind, Server, Severity, Target
from redislint.policy.library import builtin_policy, workloads
from redislint.policy.project import load
from redislint.policy.rules import Example, Rule
from redislint.policy.ruleset import rule_set

PATH = "/srv/redis.conf"
RULES = rule_set(profile="strict")
WORKLOADS = workloads()


def read(text: str, server: str = "redis-7.2") -> tuple[Document, Configuration]:
    document = parse(text, PATH)
    return document, resolve(document, server)


def judge(text: str, judged: Judge | None = None, **pragma: str) -> Judgement:
    _, conf = read(text)
    target = Target("redis.conf", "conf", "redis.conf", conf.server)
    return (judged or Judge(RULES, WORKLOADS)).judge(target, conf, PATH, pragma)


def rules(judgement: Judgement) -> set[str]:
    return {diagnostic.rule for diagnostic in judgement.diagnostics}


def test_a_violation_is_a_diagnostic_with_a_place() -> None:
    found = judge("appendonly yes\nappendfsync no\n", workload="queue")
    (diagnostic,) = [d for d in found.diagnostics if d.rule == "RL207"]
    assert diagnostic.span is not None
    assert (diagnostic.span.path, diagnostic.span.line) == (PATH, 2)
    assert diagnostic.directive == "appendfsync"
    assert not found.errors
    assert found.target.facts["workload.name"].value == "queue"
    assert {outcome.rule for outcome in found.outcomes} >= rules(found)


def test_who_declares_counts_in_order(tmp_path: Path) -> None:
    path = tmp_path / "redislint.yaml"
    path.write_text("files: [{path: '**', workload: queue, rpo: 5s, rto: unlimited}]\n")
    project = load(str(path))

    def declared(judged: Judge) -> tuple[Any, Any]:
        _, conf = read("appendonly yes\n")
        target = Target("a", "conf", "a", conf.server)
        found = judged.judge(target, conf, str(tmp_path / "redis.conf"), {"workload": "cache"})
        facts = found.target.facts
        loss = facts.get("workload.loss_window")
        return facts["workload.name"].value, loss and loss.value

    assert declared(Judge(RULES, WORKLOADS))[0] == "cache"
    assert declared(Judge(RULES, WORKLOADS, project)) == ("queue", 5.0)
    assert declared(Judge(RULES, WORKLOADS, project, "ledger"))[0] == "ledger"


def test_ignored_by_path(tmp_path: Path) -> None:
    path = tmp_path / "redislint.yaml"
    path.write_text(f"files: [{{path: '**', ignore: [RL207]}}]\nextends: []\n# {PATH}\n")
    _, conf = read("appendonly yes\nappendfsync no\n")
    judged = Judge(RULES, WORKLOADS, load(str(path)))
    target = Target("a", "conf", "a", conf.server)
    found = judged.judge(target, conf, str(tmp_path / "redis.conf"), {})
    assert "RL207" not in rules(found) | {outcome.rule for outcome in found.outcomes}


def test_an_unknown_workload_is_an_error_not_silence() -> None:
    found = judge("appendonly yes\n", workload="quue")
    (error,) = found.errors
    assert (error.stage, found.diagnostics) == ("pragma", ())
    assert error.message.startswith("unknown workload 'quue'")
    assert error.message.endswith("did you mean 'queue'?")


def test_a_project_changes_severities(tmp_path: Path) -> None:
    path = tmp_path / "redislint.yaml"
    path.write_text("severity: {RL207: info}\n")
    judged = Judge(rule_set(load(str(path))), WORKLOADS)
    found = judge("appendonly yes\nappendfsync no\n", judged)
    assert {d.severity for d in found.diagnostics if d.rule == "RL207"} == {Severity.INFO}


def test_no_secret_is_said() -> None:
    canary = "canary-7f3a"
    text = (
        f"requirepass {canary}\nmasterauth {canary}\nuser default on >{canary} ~* +@all\n"
        "bind 0.0.0.0\nprotected-mode no\nmaxmemory 1kb\n"
    )
    found = judge(text, workload="queue")
    assert found.diagnostics
    assert canary not in repr(found)


def _fixable() -> list[Any]:
    return [
        pytest.param(rule, example, id=f"{rule.id}-{number}")
        for rule in builtin_policy().values()
        for number, example in enumerate(rule.examples, 1)
        if rule.fix and example.fails and not _measured(example)
    ]


def _measured(example: Example) -> bool:
    """Whether the example tells what a running server measured: no edit changes that."""
    return any(key.startswith("info.") for key in example.given)


def _held(rule: Rule, example: Example, text: str) -> tuple[Document, list[Diagnostic]]:
    given: Mapping[str, Any] = example.given
    newest = max(server for server in catalog.SUPPORTED if server.engine == "redis")
    server = Server.parse(given["server"]) if "server" in given else newest
    document, conf = read(text, str(server))
    assert conf.accepted, conf.rejection
    pragma = {key: _text(value) for key, value in given.items() if key in KEYS}
    known = {path: value for path, value in given.items() if path not in (*KEYS, "server")}
    target = Target("redis.conf", "conf", "redis.conf", server)
    found = Judge(RULES, WORKLOADS).judge(target, conf, PATH, pragma, known)
    assert not found.errors
    return document, [d for d in found.diagnostics if d.rule == rule.id]


def _text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


@pytest.mark.parametrize(("rule", "example"), _fixable())
def test_a_fix_mends_its_finding_and_once_is_enough(rule: Rule, example: Example) -> None:
    document, found = _held(rule, example, example.text)
    fixes = [diagnostic.fix for diagnostic in found if diagnostic.fix]
    if not fixes:
        pytest.skip("the rule offers no edit for this example")
    assert {fix.safety for fix in fixes} == {rule.fix_safety}
    mended = edit.apply(document, [e for fix in fixes for e in fix.edits]).decode()
    assert mended != example.text
    _, left = _held(rule, example, mended)
    assert left == []


def test_a_refused_file_is_not_told_what_is_missing() -> None:
    """A line that the server refuses may be the one to set what a rule misses."""
    report = redislint.check(["-"], stdin=b"maxmemory=1gb\nappendonly yes\n", server="redis-7.2")
    assert {finding.rule for finding in report.findings} == {"RL101"}
    missing = next(one for one in report.outcomes if one.rule == "RL301")
    assert missing.kind is OutcomeKind.UNKNOWN
    assert "refuses" in missing.hint
