"""`redislint rule`: what rules say, why, and what to do."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from redislint.cli.errors import CommandError, did_you_mean
from redislint.cli.options import Word, color_option
from redislint.cli.output import wants_color, write_stdout
from redislint.reports.wording import FORMS

if TYPE_CHECKING:
    from redislint.facts.aging import Table
    from redislint.policy.rules import Rule
    from redislint.reports.style import Style

WIDTH = 88
"""Columns that prose is wrapped to."""

EPILOG = """\b
Examples:
  redislint rule                 list all rules
  redislint rule RL111           explain one
  redislint rule inline-comment  by name
  redislint rule syntax          list those with a tag
  redislint rule RL2             list those whose id begins so
  redislint rule --tag cwe-306   list those with a tag of that name, and no other word
"""


@click.command(epilog=EPILOG)
@click.argument("words", nargs=-1, metavar="[ID|NAME|TAG]...")
@click.option(
    "--format", "format_", type=Word(("text", "json")), default="text", help="text or json."
)
@click.option(
    "--tag",
    "tags",
    multiple=True,
    metavar="TAG",
    help="Only rules with this tag; of several all must be there.",
)
@click.option("--policy", multiple=True, metavar="PATH", help="Further rules: a file or a folder.")
@click.option("--config", metavar="FILE", help="This redislint.yaml, not one found upwards.")
@color_option
def rule(
    words: tuple[str, ...],
    tags: tuple[str, ...],
    format_: str,
    policy: tuple[str, ...],
    config: str | None,
    color: bool | None,
) -> None:
    """Explain rules, or list them.

    A word that names one rule explains it; a tag or the beginning of ids lists rules;
    without words all are listed. The rules of redislint.yaml are among them.
    """
    from redislint.audit.rules import all_rules
    from redislint.policy.selection import UnknownWordError, find
    from redislint.reports.style import Style

    rules = all_rules(policy, config)
    every = tuple(rules.values())
    try:
        chosen = frozenset[str]().union(*(find(word, every) for word in words))
    except UnknownWordError as error:
        raise CommandError(str(error)) from None
    wanted = _known_tags(tags, every)
    found = [
        one
        for one in every
        if (not words or one.id in chosen) and wanted <= {*one.tags, one.category}
    ]
    if format_ == "json":
        write_stdout(_json(found))
        return
    style = Style(wants_color(color))
    explained = bool(words) and not tags and len(found) == len(words)
    lines = _explained(found, style) if explained else _listed(found, style)
    write_stdout("".join(f"{line}\n" for line in lines))


def _known_tags(tags: Iterable[str], rules: Iterable[Rule]) -> frozenset[str]:
    """The tags in lower case. Raises CommandError for one that no rule has."""
    known = {tag for rule in rules for tag in (*rule.tags, rule.category)}
    wanted = frozenset(tag.lower() for tag in tags)
    for tag in sorted(wanted - known):
        raise CommandError(f"no rule has the tag '{tag}'{did_you_mean(tag, sorted(known))}")
    return wanted


def _json(rules: Iterable[Rule]) -> str:
    import json

    from redislint.audit.rules import tables_of

    found = list(rules)
    tables = tables_of(found)
    return json.dumps([_plain(rule, tables[rule.id]) for rule in found], indent=2) + "\n"


def _plain(rule: Rule, tables: Iterable[Table]) -> dict[str, Any]:
    info = rule.info
    return {
        "id": info.id,
        "name": info.name,
        "severity": info.severity.value,
        "category": info.category,
        "summary": info.summary,
        "help": info.help,
        "tags": list(info.tags),
        "references": list(info.references),
        "fix_safety": info.fix_safety.value if info.fix_safety else None,
        "when": rule.when.source if rule.when else None,
        "require": rule.require.source if rule.require else None,
        "remediation": [dict(remedy) for remedy in info.remediation],
        "fix": {name: expression.source for name, expression in rule.fix},
        "params": dict(rule.params or {}),
        "waivable": rule.waivable,
        "tables": [{"name": one.name, "title": one.title, "date": one.date} for one in tables],
        "security_severity": info.security_severity,
        "examples": [_example(example) for example in info.examples],
    }


def _example(example: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value if isinstance(value, (str, int, float, bool, list)) else str(value)
        for key, value in example.items()
    }


def _listed(infos: list[Rule], style: Style) -> Iterator[str]:
    width = max((len(info.name) for info in infos), default=0)
    for info in infos:
        severity = style.severity(info.severity, f"{info.severity.value:<7}")
        yield f"{info.id}  {severity}  {info.name:<{width}}  {info.summary}".rstrip()


def _explained(infos: list[Rule], style: Style) -> Iterator[str]:
    for number, info in enumerate(infos):
        if number:
            yield ""
        yield from _page(info, style)


def _page(rule: Rule, style: Style) -> Iterator[str]:
    info = rule.info
    severity = style.severity(info.severity, info.severity.value)
    yield f"{style.bold(f'{info.id} {info.name}')} ({severity})"
    yield ""
    yield from textwrap.wrap(info.summary, WIDTH)
    if info.help:
        yield ""
        yield from info.help.strip().splitlines()
    if info.tags:
        yield ""
        yield f"Tags: {', '.join(info.tags)}"
    yield from _condition(rule, style)
    yield from _remediation(info.remediation, style)
    for example in info.examples:
        yield from _shown_example(example, style)
    yield from _tables(rule, style)
    if info.references:
        yield ""
        yield style.bold("References")
        yield from (f"  {reference}" for reference in info.references)


def _tables(rule: Rule, style: Style) -> Iterator[str]:
    """The tables that age which the rule looks into: a person judges by their age."""
    from redislint.audit.rules import tables_of
    from redislint.facts.aging import days_until

    tables = tables_of([rule])[rule.id]
    if tables:
        yield ""
        yield style.bold("Tables")
    for one in tables:
        age = -days_until(one.date)
        yield f"  {one.title}: {len(one.rows)} rows, of {one.date} ({age} days old)"
        yield from textwrap.wrap(one.note, WIDTH, initial_indent="  ", subsequent_indent="  ")


def _condition(rule: Rule, style: Style) -> Iterator[str]:
    """What the rule asks, as its policy file writes it."""
    parts = [
        (what, expression.source)
        for what, expression in (
            ("each", rule.each),
            ("when", rule.when),
            ("require", rule.require),
        )
        if expression
    ]
    parts += [("parameter", f"{name} = {value}") for name, value in (rule.params or {}).items()]
    parts += [
        (f"fix, {rule.fix_safety.value}" if rule.fix_safety else "fix", f"{name}: {value.source}")
        for name, value in rule.fix
    ]
    if not parts and rule.fix_safety:
        parts = [("fix", rule.fix_safety.value)]
    if not rule.waivable:
        parts.append(("waivers", "none: it may not be waived"))
    if parts:
        yield ""
        yield style.bold("Condition" if rule.require else "In short")
    for what, text in parts:
        room = WIDTH - 4 - len(what)
        whole = " ".join(text.split())
        first, *others = textwrap.wrap(
            whole, room, break_on_hyphens=False, break_long_words=False
        ) or [""]
        yield f"  {what}: {first}"
        yield from (f"  {' ' * len(what)}  {line}" for line in others)


def _remediation(remedies: tuple[Mapping[str, str], ...], style: Style) -> Iterator[str]:
    """The templates of what to do on a managed service, as the policy file writes them."""
    for remedy in remedies:
        yield ""
        where = f" where {remedy['when']}" if "when" in remedy else ""
        yield style.bold(f"On a managed service{where}")
        if "note" in remedy:
            yield from textwrap.wrap(
                remedy["note"], WIDTH, initial_indent="  ", subsequent_indent="  "
            )
        for form, name in (*FORMS, ("parameters", "Parameters")):
            if form in remedy:
                yield f"  {name}:"
                yield from (f"    {line}" for line in remedy[form].split("\n"))


def _shown_example(example: Mapping[str, Any], style: Style) -> Iterator[str]:
    verdict = "fails" if "fails" in example else "passes"
    text = example.get(verdict)
    if text is None:
        return
    given = ", ".join(f"{key} {value}" for key, value in example.get("given", {}).items())
    yield ""
    yield style.bold(f"{verdict.capitalize()}{f' ({given})' if given else ''}")
    yield from (f"  {line}" for line in str(text).rstrip("\n").splitlines())
