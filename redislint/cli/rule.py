"""`redislint rule`: what rules say, why, and what to do."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from redislint.cli.errors import CommandError
from redislint.cli.options import Word
from redislint.cli.output import wants_color, write_stdout

if TYPE_CHECKING:
    from redislint.model import RuleInfo
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
"""


@click.command(epilog=EPILOG)
@click.argument("words", nargs=-1, metavar="[ID|NAME|TAG]...")
@click.option(
    "--format", "format_", type=Word(("text", "json")), default="text", help="text or json."
)
@click.option("--color/--no-color", default=None, help="Colour (NO_COLOR, FORCE_COLOR).")
def rule(words: tuple[str, ...], format_: str, color: bool | None) -> None:
    """Explain rules, or list them.

    A word that names one rule explains it; a tag or the beginning of ids lists rules;
    without words all are listed.
    """
    from redislint.audit import UsageError
    from redislint.audit.rules import matching
    from redislint.policy import builtin_rules
    from redislint.reports.style import Style

    rules = builtin_rules()
    try:
        chosen = frozenset[str]().union(*map(matching, words)) if words else frozenset(rules)
    except UsageError as error:
        raise CommandError(str(error)) from None
    infos = [rules[name] for name in rules if name in chosen]
    if format_ == "json":
        write_stdout(_json(infos))
        return
    style = Style(wants_color(color))
    explained = bool(words) and len(infos) == len(words)
    lines = _explained(infos, style) if explained else _listed(infos, style)
    write_stdout("".join(f"{line}\n" for line in lines))


def _json(infos: Iterable[RuleInfo]) -> str:
    import json

    return json.dumps([_plain(info) for info in infos], indent=2) + "\n"


def _plain(info: RuleInfo) -> dict[str, Any]:
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
        "examples": [_example(example) for example in info.examples],
    }


def _example(example: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value if isinstance(value, (str, int, float, bool, list)) else str(value)
        for key, value in example.items()
    }


def _listed(infos: list[RuleInfo], style: Style) -> Iterator[str]:
    width = max((len(info.name) for info in infos), default=0)
    for info in infos:
        severity = style.severity(info.severity, f"{info.severity.value:<7}")
        yield f"{info.id}  {severity}  {info.name:<{width}}  {info.summary}".rstrip()


def _explained(infos: list[RuleInfo], style: Style) -> Iterator[str]:
    for number, info in enumerate(infos):
        if number:
            yield ""
        yield from _page(info, style)


def _page(info: RuleInfo, style: Style) -> Iterator[str]:
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
    if info.fix_safety:
        yield ""
        yield f"Fix: {info.fix_safety.value}"
    for example in info.examples:
        yield from _shown_example(example, style)
    if info.references:
        yield ""
        yield style.bold("References")
        yield from (f"  {reference}" for reference in info.references)


def _shown_example(example: Mapping[str, Any], style: Style) -> Iterator[str]:
    verdict = "fails" if "fails" in example else "passes"
    text = example.get(verdict)
    if text is None:
        return
    given = ", ".join(f"{key} {value}" for key, value in example.get("given", {}).items())
    yield ""
    yield style.bold(f"{verdict.capitalize()}{f' ({given})' if given else ''}")
    yield from (f"  {line}" for line in str(text).rstrip("\n").splitlines())
