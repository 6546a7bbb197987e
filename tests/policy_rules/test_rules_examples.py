"""Each built-in rule: its examples on every server they mean, and its entry in the catalogue."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from redislint import catalog
from redislint.conf.document import parse
from redislint.conf.resolve import resolve
from redislint.model import FixSafety, Outcome, OutcomeKind, Server
from redislint.policy.engine import Evaluation
from redislint.policy.rules import Example, Rule

LEFT_OUT = {
    "RL236": "whether the server's user can write dir is a fact of the host",
    "RL251": "a statement of every report, not a rule that can pass",
    "RL254": "whether two files are used on one host is not in the files",
}
"""Rules that the catalogue lets a file decide, and that no file decides in truth."""


def servers_of(example: Example) -> tuple[Server, ...]:
    server = example.given.get("server")
    return (Server.parse(server),) if server else catalog.SUPPORTED


def given_of(example: Example) -> dict[str, Any]:
    return {key: value for key, value in example.given.items() if key != "server"}


class Ran(NamedTuple):
    """One example of one rule on one server."""

    rule: Rule
    example: Example
    server: Server
    evaluation: Evaluation

    @property
    def kind(self) -> OutcomeKind:
        return self.evaluation.outcomes[0].kind


@pytest.fixture(scope="module")
def ran(rules: tuple[Rule, ...], audit: Callable[..., Any]) -> list[Ran]:
    return [
        Ran(rule, example, server, audit(example.text, server, given_of(example), rule.id))
        for rule in rules
        for example in rule.examples
        for server in servers_of(example)
    ]


def test_every_example_ends_as_it_says(ran: list[Ran]) -> None:
    for one in ran:
        place = (one.rule.id, str(one.server), one.evaluation.outcomes[0])
        if one.example.fails:
            assert one.kind is OutcomeKind.FAIL, place
        else:
            assert one.kind in (OutcomeKind.PASS, OutcomeKind.NOT_APPLICABLE), place
        if one.example.at:
            lines = {v.span.line for v in one.evaluation.violations if v.span}
            assert lines == set(one.example.at), place


def test_each_rule_passes_somewhere(ran: list[Ran]) -> None:
    """A passing example that is only ever not applicable proves nothing."""
    passed = {one.rule.id for one in ran if one.kind is OutcomeKind.PASS}
    assert passed == {one.rule.id for one in ran}


def test_every_example_is_accepted_by_its_server(rules: tuple[Rule, ...]) -> None:
    for rule in rules:
        for example in rule.examples:
            for server in servers_of(example):
                configuration = resolve(parse(example.text, "redis.conf"), server)
                assert configuration.accepted, (rule.id, str(server), configuration.rejection)


def test_messages_show_values_and_no_gaps(ran: list[Ran]) -> None:
    for one in ran:
        for violation in one.evaluation.violations:
            told = (one.rule.id, violation.message)
            assert "unknown" not in violation.message, told
            assert "{" not in violation.message, told
            assert not re.search(r"\s\s|\s[,;:]", violation.message), told
            assert len(violation.message) < 400, told


def test_a_rule_says_why_what_and_what_it_costs(rules: tuple[Rule, ...]) -> None:
    for rule in rules:
        for heading in ("**Why.**", "**What to do.**", "**What it costs.**"):
            assert heading in rule.help, (rule.id, heading)
        assert rule.references, rule.id
        assert len({"minimal", "recommended", "strict"} & set(rule.tags)) == 1, rule.id


def test_only_fixes_that_change_nothing_are_safe(rules: tuple[Rule, ...]) -> None:
    safe = {rule.id for rule in rules if rule.fix_safety is FixSafety.SAFE}
    assert safe == {"RL205", "RL316", "RL317"}


def with_fix(text: str, fix: Mapping[str, str]) -> str:
    """The text with the fix written below it, save points one to a line."""
    lines = [text]
    for name, value in fix.items():
        words = value.split()
        if name == "save" and len(words) > 2:
            lines.append('save ""\n')
            pairs = zip(words[::2], words[1::2], strict=True)
            lines += [f"save {seconds} {changes}\n" for seconds, changes in pairs]
        else:
            lines.append(f"{name} {value}\n")
    return "".join(lines)


def test_a_fix_ends_the_finding(ran: list[Ran], audit: Callable[..., Any]) -> None:
    for rule, example, server, evaluation in ran:
        if not (example.fails and rule.fix):
            continue
        fix = evaluation.violations[0].fix
        assert fix, rule.id
        text = with_fix(example.text, fix)
        assert resolve(parse(text, "redis.conf"), server).accepted, (rule.id, text)
        ended = audit(text, server, given_of(example), rule.id).outcomes[0].kind
        done = (OutcomeKind.PASS, OutcomeKind.NOT_APPLICABLE)
        assert ended in done, (rule.id, str(server), text)


def test_old_names_are_found_under_the_names_of_the_server(audit: Callable[..., Any]) -> None:
    text = "hash-max-ziplist-entries 10000\n"
    for server in ("redis-6.2", "redis-7.2", "valkey-9.1"):
        found = audit(text, server, {}, "RL318").violations[0]
        assert found.span.line == 1
        assert "-entries 10000" in found.message
    text = "maxmemory 40gb\nclient-output-buffer-limit slave 64mb 16mb 60\n"
    assert audit(text, "redis-7.2", {}, "RL313").violations[0].span.line == 2


def test_no_message_repeats_what_experiments_refuted(rules: tuple[Rule, ...]) -> None:
    """C1: AOF errors stop writes whatever stop-writes-on-bgsave-error says. C9, C10, C13."""
    texts = {rule.id: (str(rule.message) + rule.help).lower() for rule in rules}
    assert "aof errors stop writes whatever this says" in texts["RL212"]
    assert "does not lift that" in texts["RL212"]
    assert "only with `no`" in texts["RL241"]
    assert "4.0" in texts["RL206"]
    for rule, text in texts.items():
        assert "is a guarantee" not in text, rule
        assert "introduced as stable in redis 7" not in text, rule


def test_the_rules_are_those_of_the_catalogue(rules: tuple[Rule, ...], shared: Path) -> None:
    catalogue = json.loads((shared / "rules" / "catalogue.json").read_text(encoding="utf-8"))
    entries = {entry["id"]: entry for entry in catalogue["rules"]}
    for rule in rules:
        entry = entries[rule.id]
        assert (rule.name, rule.severity.value) == (entry["name"], entry["severity"])
        assert rule.category == entry["category"]
        if not entry["fix"]["available"]:
            assert not rule.fix, rule.id
        elif rule.fix_safety:
            assert rule.fix_safety.value == entry["fix"]["safety"], rule.id
    decidable = {
        entry["id"]
        for entry in entries.values()
        if entry["category"] in ("persistence", "memory") and "file" in entry["decidable_from"]
    }
    assert decidable == {rule.id for rule in rules} | set(LEFT_OUT)


@pytest.mark.parametrize(
    ("text", "given", "rule", "severity"),
    [
        ('save ""\n', {}, "RL201", "warning"),
        ('save ""\n', {"workload": "queue"}, "RL201", "error"),
        ('save ""\nreplicaof 10.0.0.1 6379\n', {}, "RL201", "info"),
        ("appendonly yes\nappendfsync no\n", {"workload": "queue"}, "RL207", "error"),
        ("appendonly yes\nappendfsync no\n", {}, "RL207", "warning"),
        ("appendonly yes\nappendfsync always\n", {"disk.rotational": True}, "RL208", "error"),
        ("appendonly yes\nappendfsync always\n", {"workload": "ledger"}, "RL208", "info"),
        ("appendonly yes\nno-appendfsync-on-rewrite yes\n", {}, "RL210", "info"),
        (
            "appendonly yes\nno-appendfsync-on-rewrite yes\n",
            {"workload": "queue"},
            "RL210",
            "warning",
        ),
        ("appendonly yes\nno-appendfsync-on-rewrite yes\n", {"rpo": "1m"}, "RL210", "info"),
        ("save 60 1\nstop-writes-on-bgsave-error no\n", {"workload": "cache"}, "RL212", "info"),
        (
            "save 60 1\nstop-writes-on-bgsave-error no\n",
            {"info.rdb_last_bgsave_status": "err"},
            "RL212",
            "error",
        ),
        ("maxmemory 0\n", {}, "RL301", "info"),
        ("maxmemory 0\n", {"environment": "production"}, "RL301", "warning"),
        ("maxmemory 0\n", {"workload": "queue"}, "RL301", "warning"),
        ("maxmemory 0\n", {"workload": "cache"}, "RL301", "error"),
        ("maxmemory-policy allkeys-lru\n", {"workload": "queue"}, "RL305", "info"),
        ("maxmemory 1gb\nmaxmemory-policy volatile-ttl\n", {"workload": "lock"}, "RL305", "error"),
        ("client-output-buffer-limit pubsub 0 0 0\n", {"workload": "pubsub"}, "RL312", "error"),
    ],
)
def test_severity_follows_what_is_known(
    text: str, given: dict[str, Any], rule: str, severity: str, audit: Callable[..., Any]
) -> None:
    found = audit(text, "redis-7.2", given, rule).violations
    assert [violation.severity.value for violation in found] == [severity]


def outcome_of(rule: str, *arguments: Any, audit: Callable[..., Any]) -> Outcome:
    outcome: Outcome = audit(*arguments, rule).outcomes[0]
    return outcome


@pytest.mark.parametrize(
    ("rule", "text", "given", "missing"),
    [
        ("RL302", "maxmemory 1gb\n", {}, "memory.maxmemory_share"),
        ("RL232", "maxmemory 1gb\nsave 60 1\n", {}, "memory.fork_headroom"),
        ("RL246", "appendonly yes\n", {}, "disk.rdb_exists"),
        ("RL306", "maxmemory 1gb\nmaxmemory-policy volatile-lru\n", {}, "info.expiring_share"),
        ("RL316", "activedefrag yes\n", {}, "info.mem_allocator"),
        ("RL203", "save 60 1\n", {"rpo": "2m"}, "persistence.loss_window_worst"),
        ("RL314", "aclfile /etc/redis/users.acl\nbind 0.0.0.0\n", {}, "exposure.reachable"),
    ],
)
def test_a_missing_fact_is_named_with_a_way_to_supply_it(
    rule: str, text: str, given: dict[str, Any], missing: str, audit: Callable[..., Any]
) -> None:
    outcome = outcome_of(rule, text, "redis-7.2", given, audit=audit)
    assert outcome.kind is OutcomeKind.UNKNOWN
    assert missing in outcome.missing
    assert outcome.hint


@pytest.mark.parametrize(
    ("rule", "server", "text"),
    [
        ("RL242", "valkey-9.1", "appendonly yes\n"),
        ("RL242", "redis-7.2", "appendonly yes\n"),
        ("RL206", "redis-3.2", "appendonly yes\n"),
        ("RL314", "redis-6.2", "bind 0.0.0.0\nrequirepass a-long-example-password\n"),
        ("RL207", "redis-7.2", "appendfsync no\n"),
    ],
)
def test_what_a_server_lacks_or_does_not_use_is_not_applicable(
    rule: str, server: str, text: str, audit: Callable[..., Any]
) -> None:
    outcome = outcome_of(rule, text, server, {}, audit=audit)
    assert outcome.kind is OutcomeKind.NOT_APPLICABLE


def test_one_cause_is_one_finding_at_least_warning(audit: Callable[..., Any]) -> None:
    def told(text: str, **given: Any) -> set[str]:
        found = audit(text, "redis-7.2", given)
        return {v.rule.id for v in found.violations if v.severity.value != "info"}

    limit = "maxmemory 1gb\n"
    assert told(limit + 'save ""\n', workload="queue") == {"RL201"}
    assert told(limit + "save 3600 1\n", workload="queue") == {"RL202"}
    assert told(limit + "appendonly yes\nappendfsync no\n", workload="queue") == {"RL207"}
    assert told(limit + "appendonly yes\n", workload="ledger") == {"RL209"}
    assert told(limit + "appendonly yes\n", workload="queue") == set()
    assert told(limit + "appendonly yes\n", workload="cache,queue") == {"RL320"}
