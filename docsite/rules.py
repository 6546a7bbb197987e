"""A page for each built-in rule, and their list."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from docsite.markdown import fence, reference, table
from redislint.model import FixSafety
from redislint.policy.library import builtin, builtin_policy
from redislint.policy.rules import Example, Rule
from redislint.policy.selection import profile_rules

FOLDER = "reference/rules"
SINCE = Path(__file__).with_name("since.json")
"""Which release brought which rules; a rule that no release has yet is missing there."""

_SAFETY = {
    FixSafety.SAFE: "`--fix` mends it: nothing changes that is durable, reachable or evicted",
    FixSafety.UNSAFE: "`--unsafe-fixes` mends it; behaviour changes, so look at the change",
}


def pages() -> Iterator[tuple[str, str]]:
    """The list of all rules and the page of each."""
    rules = builtin_policy()
    profiles = _profiles(tuple(rules.values()))
    since = first_releases()
    yield f"{FOLDER}/index.md", _index(rules, profiles)
    for rule in rules.values():
        yield f"{FOLDER}/{rule.id}.md", page(rule, profiles[rule.id], since.get(rule.id))


def first_releases() -> dict[str, str]:
    """The release that first had a rule, by the rule's id."""
    found = json.loads(SINCE.read_text(encoding="utf-8"))
    return {rule: release for release, rules in found.items() for rule in rules}


def _profiles(rules: Sequence[Rule]) -> dict[str, str]:
    """The smallest profile that has each rule."""
    profiles = builtin().profiles
    smallest = dict.fromkeys((rule.id for rule in rules), "strict")
    for name in ("recommended", "minimal"):
        for identity in profile_rules(name, profiles, rules):
            smallest[identity] = name
    return smallest


def _index(rules: Mapping[str, Rule], profiles: Mapping[str, str]) -> str:
    categories: dict[str, list[Rule]] = {}
    for rule in sorted(rules.values(), key=lambda one: one.id):
        categories.setdefault(rule.category, []).append(rule)
    parts = [
        "# Rules\n",
        f"{len(rules)} rules. The profile is the smallest that has the rule; `recommended`"
        " is used unless told otherwise. `redislint rule RL210` shows the same page in a"
        " terminal, `redislint rule durability` lists those with a tag.\n",
    ]
    for category, members in sorted(categories.items(), key=lambda item: item[1][0].id):
        parts.append(f"## {category.capitalize()}\n")
        rows = [
            (f"[{rule.id}]({rule.id}.md)", rule.name, rule.severity.value,
             profiles[rule.id], rule.summary)
            for rule in members
        ]  # fmt: skip
        parts.append(table(("rule", "name", "severity", "profile", "what it says"), rows))
    return "\n".join(parts)


def page(rule: Rule, profile: str, since: str | None) -> str:
    """The Markdown of one rule's page."""
    rows: list[tuple[str, object]] = [
        ("Severity", rule.severity.value),
        ("Profile", profile),
        ("Category", rule.category),
        ("Tags", ", ".join(rule.tags) or "none"),
        ("Since", since or "the next release"),
    ]
    if rule.aliases:
        rows.append(("Also called", ", ".join(rule.aliases)))
    if not rule.waivable:
        rows.append(("Waivers", "none: it may not be waived"))
    parts = [f"# {rule.id} {rule.name}\n", f"{rule.summary.capitalize()}.\n", _facts(rows)]
    if rule.help:
        parts.append(f"{rule.help.strip()}\n")
    parts += _condition(rule)
    parts += _fix(rule)
    for fails, title in ((True, "Fails"), (False, "Passes")):
        shown = [example for example in rule.examples if example.fails is fails]
        if shown:
            parts.append(f"## {title}\n")
            parts += [_example(example) for example in shown]
    if rule.references:
        parts.append("## Sources\n")
        parts.append("\n".join(map(reference, rule.references)) + "\n")
    return "\n".join(parts)


def _facts(rows: Sequence[tuple[str, object]]) -> str:
    return table(("", ""), [(f"**{label}**", value) for label, value in rows])


def _condition(rule: Rule) -> Iterator[str]:
    named = (("each", rule.each), ("when", rule.when), ("require", rule.require))
    lines = [f"{name}: {' '.join(e.source.split())}" for name, e in named if e]
    lines += [f"{severity.value} if: {' '.join(e.source.split())}" for severity, e in
              rule.severity_if]  # fmt: skip
    lines += [f"parameter {name}: {value}" for name, value in (rule.params or {}).items()]
    if lines:
        yield "## Condition\n"
        yield fence("\n".join(lines))


def _fix(rule: Rule) -> Iterator[str]:
    if rule.fix_safety is None:
        return
    yield "## Fix\n"
    yield f"{_SAFETY[rule.fix_safety]}.\n"
    if rule.fix:
        yield fence("\n".join(f"{name}: {expression.source}" for name, expression in rule.fix))


def _example(example: Example) -> str:
    text = example.text or "# nothing set\n"
    given = "".join(f"\n- `{key}`: `{_shown(value)}`" for key, value in example.given.items())
    return fence(text) + (f"\nGiven:\n{given}\n" if given else "")


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)
