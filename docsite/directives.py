"""A page for each directive, and their list."""

from __future__ import annotations

from collections.abc import Iterator

from docsite.markdown import cell, table
from redislint import catalog
from redislint.catalog import Directive, describe
from redislint.policy.library import builtin_policy
from redislint.policy.rules import Rule

FOLDER = "reference/directives"


def pages() -> Iterator[tuple[str, str]]:
    """The list of all directives and the page of each."""
    entries = catalog.directives()
    mentioned = _mentioned()
    yield f"{FOLDER}/index.md", _index(entries)
    for entry in entries:
        yield f"{FOLDER}/{slug(entry.name)}.md", page(entry, mentioned.get(entry.name, []))


def slug(name: str) -> str:
    """The file name of a directive's page, without its ending."""
    return name.replace(" ", "-")


def _index(entries: tuple[Directive, ...]) -> str:
    parts = [
        "# Directives\n",
        f"{len(entries)} directives, measured on real servers of {len(catalog.SERVERS)} versions,"
        f" {catalog.SERVERS[0]} to {catalog.SERVERS[-1]}. `redislint directive NAME` shows the"
        " same in a terminal.\n",
    ]
    for title, context in (("redis.conf and valkey.conf", "server"), ("sentinel.conf", "sentinel")):
        rows = [
            (f"[{entry.name}]({slug(entry.name)}.md)", describe.availability(entry), entry.summary)
            for entry in entries
            if entry.context == context
        ]
        parts += [f"## {title}\n", table(("directive", "known to", "what it does"), rows)]
    return "\n".join(parts)


def page(entry: Directive, rules: list[Rule]) -> str:
    """The Markdown of one directive's page."""
    rows = [
        (label, "<br>".join(map(cell, lines))) for label, lines in describe.facts(entry) if lines
    ]
    parts = [f"# {entry.name}\n", f"{entry.summary}\n", "| | |\n|---|---|"]
    parts.append("\n".join(f"| {label} | {text} |" for label, text in rows) + "\n")
    if rules:
        parts.append("## Rules that look at it\n")
        parts += [f"- [{one.id}](../rules/{one.id}.md) {one.name}: {cell(one.summary)}"
                  for one in rules]  # fmt: skip
    return "\n".join(parts) + "\n"


def _mentioned() -> dict[str, list[Rule]]:
    """The rules that read or point at a directive, by its newest name."""
    found: dict[str, list[Rule]] = {}
    for rule in builtin_policy().values():
        names = set(rule.at)
        for expression in rule.expressions:
            names |= {ref[8:-2] for ref in expression.refs if ref.startswith('config["')}
        for entry in {entry for name in names if (entry := catalog.directive(name))}:
            found.setdefault(entry.name, []).append(rule)
    return found
