"""The examples of rules as tests: what `redislint policy test` runs.

Every rule carries configurations that must fail and ones that must pass it. How an
example is evaluated is handed in, because reading a configuration is not this room's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from redislint.model import OutcomeKind
from redislint.policy.rules import Example, Rule


class Ended(NamedTuple):
    """How an example ended: `lines` are where findings of the rule were, `detail` says
    more (the finding's message, the missing facts, why the server refuses the text)."""

    kind: OutcomeKind
    lines: tuple[int, ...] = ()
    detail: str = ""


RunExample = Callable[[Rule, Example], Ended]
"""Evaluates one example with its `given` facts."""


class Result(NamedTuple):
    """One example of one rule: `problem` is "" when it did what it must."""

    rule: Rule
    example: Example
    number: int
    ended: Ended
    problem: str

    @property
    def place(self) -> str:
        return f"{self.rule.path}:{self.example.line}"

    @property
    def title(self) -> str:
        return f"example {self.number} ({'fails' if self.example.fails else 'passes'})"


class Coverage(NamedTuple):
    """Which outcomes the examples of a rule reached."""

    rule: Rule
    fails: bool
    passes: bool

    @property
    def problem(self) -> str:
        if self.fails and self.passes:
            return ""
        return f"no example of {self.rule.id} ends as {'fail' if not self.fails else 'pass'}"


def run(rules: Iterable[Rule], evaluate: RunExample) -> list[Result]:
    """Run every example of every rule, in their order."""
    results = []
    for rule in rules:
        for number, example in enumerate(rule.examples, 1):
            ended = evaluate(rule, example)
            results.append(Result(rule, example, number, ended, judge(example, ended)))
    return results


def judge(example: Example, ended: Ended) -> str:
    """What is wrong with how an example ended, "" when nothing is."""
    detail = f": {ended.detail}" if ended.detail else ""
    if example.fails:
        if ended.kind is not OutcomeKind.FAIL:
            return f"must fail, and ended as {ended.kind}{detail}"
        if example.at and set(example.at) != set(ended.lines):
            return (
                f"must be found on line {_numbers(example.at)}, and was on"
                f" {_numbers(ended.lines) or 'no line'}"
            )
        return ""
    if ended.kind in (OutcomeKind.PASS, OutcomeKind.NOT_APPLICABLE):
        return ""
    where = f" on line {_numbers(ended.lines)}" if ended.lines else ""
    return f"must pass, and ended as {ended.kind}{where}{detail}"


def coverage(results: Sequence[Result]) -> list[Coverage]:
    """For each rule, whether its examples reached both outcomes.

    A passing example that does not apply passes, but at least one must reach `require`.
    """
    found: dict[str, Coverage] = {}
    for result in results:
        rule = result.rule
        so_far = found.get(rule.id, Coverage(rule, False, False))
        kind = result.ended.kind
        found[rule.id] = Coverage(
            rule,
            so_far.fails or kind is OutcomeKind.FAIL,
            so_far.passes or kind is OutcomeKind.PASS,
        )
    return list(found.values())


def junit(results: Sequence[Result], covered: Sequence[Coverage]) -> str:
    """The results as JUnit XML: a test case per example, and one per rule for coverage."""
    gaps = [item for item in covered if item.problem]
    failures = sum(bool(result.problem) for result in results) + len(gaps)
    total = len(results) + len(covered)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="redislint policy test" tests="{total}" failures="{failures}">',
        f'<testsuite name="redislint policy test" tests="{total}" failures="{failures}">',
    ]
    for result in results:
        lines += _case(result.rule, result.title, result.example.line, result.problem)
    for item in covered:
        lines += _case(item.rule, "coverage", item.rule.line, item.problem)
    lines += ["</testsuite>", "</testsuites>", ""]
    return "\n".join(lines)


def _case(rule: Rule, title: str, line: int, problem: str) -> list[str]:
    head = (
        f"<testcase classname={_attribute(f'{rule.id} {rule.name}')} name={_attribute(title)}"
        f' file={_attribute(rule.path)} line="{line}"'
    )
    if not problem:
        return [f"{head}/>"]
    text = f"{rule.path}:{line}: {problem}"
    return [
        f"{head}>",
        f"<failure message={_attribute(problem)}>{escape(_clean(text))}</failure>",
        "</testcase>",
    ]


def _attribute(text: str) -> str:
    return quoteattr(_clean(text))


def _clean(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return "".join(c if c.isprintable() else " " for c in text)


def _numbers(lines: Iterable[int]) -> str:
    return ", ".join(str(line) for line in sorted(set(lines)))
