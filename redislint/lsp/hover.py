"""What a word means, shown beside it: directives, rules and what was found there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lsprotocol.types import Hover, MarkupContent, MarkupKind, Position

from redislint import catalog
from redislint.audit.rules import all_rules
from redislint.catalog import describe
from redislint.lsp.check import Checked
from redislint.lsp.text import CONFIGURATIONS, POLICY, PROJECT, Text
from redislint.lsp.words import word_at
from redislint.model import RuleInfo, Server
from redislint.policy.rules import Rule

_SHOWN = ("known to", "type", "words", "bounds", "default", "with a file", "at run time")


def hover(checked: Checked, position: Position) -> Hover | None:
    """Markdown about the word at a position, or None."""
    parts = list(_parts(checked, position))
    if not parts:
        return None
    return Hover(MarkupContent(MarkupKind.Markdown, "\n\n---\n\n".join(parts)))


def _parts(checked: Checked, position: Position) -> Iterator[str]:
    text = checked.text
    if text.kind in CONFIGURATIONS:
        yield from _findings(checked, position)
        yield from _directive(text, position, checked.server)
    yield from _named(text, position)


def _findings(checked: Checked, position: Position) -> Iterator[str]:
    """The rules behind what was found at a position."""
    report = checked.report
    if report is None:
        return
    seen = set()
    for finding in checked.own:
        if finding.span is None or finding.rule in seen:
            continue
        place = checked.text.range(finding.span)
        if place.start <= position <= place.end:
            seen.add(finding.rule)
            yield rule_text(report.rules[finding.rule])


def _directive(text: Text, position: Position, server: Server | None) -> Iterator[str]:
    found = text.directive_at(position)
    if found is None:
        return
    values = found[0].values or ()
    names = [word.decode("utf-8", "replace").lower() for word in values[:2]]
    if names[:1] == ["sentinel"] and len(names) == 2:
        names = [" ".join(names)]
    if names:
        yield from directive_text(names[0], server)


def directive_text(name: str, server: Server | None) -> Iterator[str]:
    """Markdown about a directive, for one server or for all; nothing for an unknown name."""
    entry = catalog.directive(name) or catalog.module_directive(name) or catalog.historic(name)
    if entry is None:
        return
    known = isinstance(entry, catalog.Directive) and server and entry.spec(server)
    facts = describe.facts(entry, server if known else None)
    lines = [f"**{name}**: {describe.summary(entry)}", ""]
    for label, texts in facts:
        if texts and label in _SHOWN:
            lines += [f"- {label}: {one}" for one in texts]
    if server and isinstance(entry, catalog.Directive) and not known:
        lines.append(f"- {server} does not know it")
    yield "\n".join(lines)


def _named(text: Text, position: Position) -> Iterator[str]:
    """A rule whose id or name stands at the position: in comments, policies, redislint.yaml."""
    line = text.line(position.line)
    comment = line.lstrip().startswith("#")
    if not (comment or text.kind in (POLICY, PROJECT)):
        return
    word = word_at(line, text.column(position))
    rule = _find(all_rules(), word) if word else None
    if rule is not None:
        yield rule_text(rule.info)


def _find(rules: Mapping[str, Rule], word: str) -> Rule | None:
    found = rules.get(word.upper())
    return found or next((rule for rule in rules.values() if rule.name == word), None)


def rule_text(rule: RuleInfo) -> str:
    """Markdown about a rule: what it says, why, and where to read more."""
    lines = [f"**{rule.id} {rule.name}** ({rule.severity.value}): {rule.summary}"]
    if rule.help:
        lines += ["", rule.help.strip()]
    if rule.references:
        lines += ["", *(f"- {reference}" for reference in rule.references)]
    return "\n".join(lines)
