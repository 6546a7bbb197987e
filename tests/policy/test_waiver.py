from __future__ import annotations

from dataclasses import dataclass

import pytest

from redislint.model import Diagnostic, Finding, Severity, Span
from redislint.policy.loader import load
from redislint.policy.project import CentralWaiver, Word
from redislint.policy.waiver import Audited, apply

TEXT = "rules:\n" + "".join(
    f"""
  - {{id: {identity}, name: {name}, severity: error, summary: s, code: true, tags: [aof],
     waivable: {waivable}, examples: [{{fails: a}}, {{passes: b}}]}}
"""
    for identity, name, waivable in (
        ("RL207", "appendfsync-no", "true"),
        ("RL208", "appendfsync-always", "true"),
        ("RL401", "exposed", "false"),
    )
)
RULES = load(TEXT.encode(), "x.yaml")
TODAY = "2026-06-15"
PRAGMA = Span("a.conf", 1, 1, 1, 10)


@dataclass(frozen=True)
class Silence:
    rules: tuple[str, ...]
    reason: str = "because"
    line: int | None = None
    owner: str = ""
    until: str = ""
    span: Span = PRAGMA
    targets: frozenset[str] = frozenset()


def finding(rule: str = "RL207", line: int = 2, path: str = "a.conf", target: str = "") -> Finding:
    span = Span(path, line, 1, line, 5)
    return Finding(rule, rule, Severity.ERROR, "m", target or path, f"{rule}-{line}", span)


def audited(*decided: tuple[str, str]) -> Audited:
    paths = {"a.conf": "/p/a.conf", "conf/b.conf": "/p/conf/b.conf"}
    return Audited(paths, frozenset(decided or {("a.conf", "RL207"), ("conf/b.conf", "RL207")}))


def central(
    rules: str = "RL207", patterns: tuple[str, ...] = ("**",), reason: str = "why", until: str = ""
) -> CentralWaiver:
    words = tuple(Word(word, "redislint.yaml", 9, 5) for word in rules.split())
    return CentralWaiver(words, patterns, "/p", reason, "team", until, "redislint.yaml", 9, 5)


def run(
    findings: list[Finding],
    inline: tuple[Silence, ...] = (),
    waivers: tuple[CentralWaiver, ...] = (),
    run_of: Audited | None = None,
) -> tuple[list[str], list[Diagnostic]]:
    """The rules and lines of waived findings, and what is said about waivers."""
    known, problems = apply(findings, inline, waivers, RULES, run_of or audited(), TODAY)
    assert len(known) == len(findings)
    return [f"{f.rule}:{f.span and f.span.line}" for f in known if f.waiver], list(problems)


def test_the_next_line_only() -> None:
    waived, problems = run([finding(), finding(line=5)], (Silence(("RL207",), line=2),))
    assert waived == ["RL207:2"]
    assert not problems


def test_a_whole_file_by_name_and_by_tag() -> None:
    other = finding(path="b.conf")
    findings = [finding(), finding("RL208", 3), other]
    assert run(findings, (Silence(("appendfsync-no",)),))[0] == ["RL207:2"]
    assert run(findings, (Silence(("aof",)),))[0] == ["RL207:2", "RL208:3"]


def test_a_finding_without_a_place_belongs_to_its_target() -> None:
    known, _ = apply(
        [Finding("RL207", "n", Severity.ERROR, "m", "a.conf", "f")], [Silence(("RL207",))],
        [], RULES, audited(), TODAY,
    )  # fmt: skip
    assert known[0].waiver is not None


def test_central_waivers_by_path() -> None:
    findings = [finding(), finding(path="conf/b.conf", line=7)]
    waived, problems = run(findings, (), (central(patterns=("conf/*.conf",)),))
    assert waived == ["RL207:7"]
    assert not problems
    known, _ = apply(findings, [], [central(until="2026-06-15")], RULES, audited(), TODAY)
    waiver = known[0].waiver
    assert waiver is not None
    assert (waiver.reason, waiver.owner, waiver.until, waiver.source) == (
        "why", "team", "2026-06-15", "redislint.yaml:9",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("silence", "rule", "message"),
    [
        (Silence(("RL207",), until="2026-06-14"), "RL010", "the waiver of RL207 ended on"
         " 2026-06-14: it would silence RL207"),
        (Silence(("RL207",), reason=" "), "RL012", "the waiver of RL207 gives no reason: expected"
         ' reason="..."'),
        (Silence(("RL401",)), "RL013", "RL401 may not be waived"),
        (Silence(("RL2070",)), "RL014", "a waiver of 'RL2070': no such rule; did you mean"
         " 'rl207'?"),
        (Silence(("RL207",), until="soon"), "RL014", "the waiver of RL207: 'until' is no date:"
         " expected one such as 2027-01-31"),
        (Silence(()), "RL014", "a waiver names no rule: expected 'disable=RULE'"),
    ],
)  # fmt: skip
def test_a_waiver_that_does_not_count(silence: Silence, rule: str, message: str) -> None:
    waived, problems = run([finding(), finding("RL401")], (silence,))
    assert waived == []
    assert [(p.rule, p.message, p.span) for p in problems] == [(rule, message, silence.span)]


def test_the_last_day_still_counts() -> None:
    assert run([finding()], (Silence(("RL207",), until=TODAY),)) == (["RL207:2"], [])


def test_a_tag_with_a_rule_that_may_not_be_waived_waives_the_others() -> None:
    waived, problems = run([finding(), finding("RL401")], (Silence(("aof",)),))
    assert (waived, problems) == (["RL207:2"], [])


def test_unused() -> None:
    _, problems = run([], (Silence(("RL207",)),), (central(),))
    assert [(p.rule, p.message) for p in problems] == [
        ("RL011", "the waiver of RL207 silences nothing: remove it")
    ] * 2


def test_not_unused_without_a_chance() -> None:
    nothing = audited(("a.conf", "RL208"))
    assert run([], (Silence(("RL207",)),), (central(),), nothing) == ([], [])
    elsewhere = audited(("a.conf", "RL207"))
    assert run([], (), (central(patterns=("conf/",)),), elsewhere) == ([], [])


def test_an_expired_waiver_beside_a_good_one() -> None:
    waived, problems = run([finding()], (Silence(("RL207",), until="2020-01-01"),), (central(),))
    assert waived == ["RL207:2"]
    assert [p.rule for p in problems] == ["RL010"]
