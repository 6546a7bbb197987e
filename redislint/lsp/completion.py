"""What can be written at a place: directives, their words, facts, rules, pragmas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lsprotocol.types import (
    CompletionItem,
    CompletionItemKind,
    CompletionList,
    MarkupContent,
    MarkupKind,
    Position,
    Range,
    TextEdit,
)

from redislint import catalog
from redislint.audit.rules import all_rules
from redislint.conf.pragma_keys import FACT_KEYS, SILENCE_KEYS
from redislint.lsp.check import Checked
from redislint.lsp.text import CONFIGURATIONS, POLICY, PROJECT, Text
from redislint.lsp.words import before
from redislint.model import Server
from redislint.sources import kinds

_PRAGMA = re.compile(r"^\s*#+\s*redislint\s*:", re.IGNORECASE)
_IN_CONFIG = re.compile(r"""(?:config|set)\["?([a-z0-9-]*)$""")
_PATH = re.compile(r"[A-Za-z_][\w.]*$")
_KEY = re.compile(r"^\s*(?:- )?([a-z-]*)$")
_DIRECTIVES_HERE = re.compile(r"^\s*at:\s*\[?[^\]]*?([a-z0-9-]*)$")
_ACL_WORDS = (
    "on", "off", "nopass", "resetpass", "reset", "allkeys", "resetkeys", "allchannels",
    "resetchannels", "allcommands", "nocommands", "~*", "&*", "+@all", "-@all", "+@read",
    "+@write", "-@dangerous", "-@admin", "sanitize-payload", "skip-sanitize-payload",
)  # fmt: skip
_PRAGMA_WORDS = {
    "engine": ("redis", "valkey"),
    "environment": ("production", "staging", "development", "test"),
    "ha": ("none", "replica", "sentinel", "cluster"),
    "template": ("true",),
}


def complete(checked: Checked, position: Position) -> CompletionList:
    """What fits at a position; empty where nothing is known."""
    text = checked.text
    column = text.column(position)
    line = text.line(position.line)
    if text.kind in CONFIGURATIONS:
        found = _in_configuration(text, line, column, checked.server)
    elif text.kind == POLICY:
        found = _in_policy(line[:column])
    elif text.kind == PROJECT:
        found = _rules_from(_PATH_OR_RULE.search(line[:column]))
    else:
        found = iter(())
    items = []
    for start, item in found:
        begin = text.position(position.line + 1, start + 1)
        item.text_edit = TextEdit(Range(begin, position), item.label)
        items.append(item)
    return CompletionList(is_incomplete=False, items=items)


_Found = Iterator[tuple[int, CompletionItem]]
"""Where the word begins that an item replaces (code points from 0), and the item."""

_PATH_OR_RULE = re.compile(r"[\w.-]*$")


def _in_configuration(text: Text, line: str, column: int, server: Server | None) -> _Found:
    pragma = _PRAGMA.match(line)
    if pragma:
        return _in_pragma(line, column) if column >= pragma.end() else iter(())
    if line.lstrip().startswith("#"):
        return iter(())
    words, start = before(line, column)
    begin = column - len(start)
    if text.kind == kinds.ACL_FILE:
        return _matching(_acl(words), start, begin)
    if not words:
        return _matching(_directives(server, text.kind), start, begin)
    if text.kind == kinds.SENTINEL_CONF and words == ["sentinel"]:
        return _matching(_sentinel(server), start, begin)
    return _matching(_values(words, server), start, begin)


def _matching(items: Iterable[CompletionItem], start: str, begin: int) -> _Found:
    return ((begin, item) for item in items if item.label.startswith(start.lower()))


def _acl(words: list[str]) -> Iterator[CompletionItem]:
    if not words:
        yield CompletionItem("user", kind=CompletionItemKind.Keyword)
    elif len(words) > 1:
        for word in _ACL_WORDS:
            yield CompletionItem(word, kind=CompletionItemKind.EnumMember)


def _directives(server: Server | None, kind: str) -> Iterator[CompletionItem]:
    """Names as that server spells them; without a server the newest spelling."""
    for entry in catalog.directives():
        spec = entry.spec(server) if server else None
        if (server and spec is None) or entry.context == "sentinel":
            continue
        yield CompletionItem(
            spec.name if spec else entry.name,
            kind=CompletionItemKind.Property,
            documentation=MarkupContent(MarkupKind.Markdown, entry.summary),
            detail=f"default: {spec.default}" if spec and spec.default else None,
        )
    if kind == kinds.SENTINEL_CONF:
        yield CompletionItem("sentinel", kind=CompletionItemKind.Keyword)


def _sentinel(server: Server | None) -> Iterator[CompletionItem]:
    for entry in catalog.directives():
        name = entry.name.removeprefix("sentinel ")
        if name != entry.name and (server is None or entry.spec(server)):
            yield CompletionItem(
                name,
                kind=CompletionItemKind.Property,
                documentation=MarkupContent(MarkupKind.Markdown, entry.summary),
            )


def _values(words: list[str], server: Server | None) -> Iterator[CompletionItem]:
    """The words that a directive takes, where it takes words."""
    entry = catalog.directive(words[0].lower())
    if not isinstance(entry, catalog.Directive):
        return
    specs = [entry.spec(server)] if server else [entry.spec(one) for one in entry.versions()]
    taken: dict[str, str] = {}
    for spec in filter(None, specs):
        choices = spec.enum or (("yes", "no") if spec.type == "bool" else ())
        for word in choices:
            taken.setdefault(word, "default" if word == spec.default else "")
    for word, detail in taken.items():
        yield CompletionItem(word, kind=CompletionItemKind.EnumMember, detail=detail or None)


def _in_pragma(line: str, column: int) -> _Found:
    _, word = before(line, column)
    key, equals, value = word.partition("=")
    begin = column - len(word)
    if not equals:
        keys = sorted(FACT_KEYS | SILENCE_KEYS)
        items = (CompletionItem(f"{one}=", kind=CompletionItemKind.Keyword) for one in keys)
        return _matching(items, key, begin)
    if key in SILENCE_KEYS:
        return _rules_from(re.search(r"[\w-]*$", line[:column]))
    return _matching(_pragma_values(key), value, begin + len(key) + 1)


def _pragma_values(key: str) -> Iterator[CompletionItem]:
    words: Iterable[str] = _PRAGMA_WORDS.get(key, ())
    if key == "server":
        words = map(str, catalog.SERVERS)
    elif key == "workload":
        from redislint.policy.library import workloads

        words = workloads()
    for word in words:
        yield CompletionItem(word, kind=CompletionItemKind.EnumMember)


def _rules_from(match: re.Match[str] | None) -> _Found:
    """Rule ids whose id or name begins with what stands there."""
    if match is None:
        return
    start = match.group().lower()
    for rule in all_rules().values():
        if rule.id.lower().startswith(start) or rule.name.startswith(start):
            yield (
                match.start(),
                CompletionItem(
                    rule.id,
                    kind=CompletionItemKind.Reference,
                    detail=rule.name,
                    filter_text=rule.name if rule.name.startswith(start) and start else rule.id,
                    documentation=rule.summary,
                ),
            )


def _in_policy(line: str) -> _Found:
    """Directives inside `config["`, keys of a rule, else facts."""
    inside = _IN_CONFIG.search(line) or _DIRECTIVES_HERE.search(line)
    if inside:
        items = _directives(None, kinds.REDIS_CONF)
        yield from _matching(items, inside.group(1), inside.start(1))
        return
    key = _KEY.match(line)
    if key:
        from redislint.policy.loader import RULE_KEYS

        names = (CompletionItem(f"{one}:", kind=CompletionItemKind.Keyword) for one in RULE_KEYS)
        yield from _matching(names, key.group(1), key.start(1))
    path = _PATH.search(line)
    if path:
        yield from _matching(_facts(), path.group(), path.start())


def _facts() -> Iterator[CompletionItem]:
    from redislint.policy.vocabulary import read_facts
    from redislint.resources import read_schema

    for path, info in read_facts(read_schema("facts.schema.json")).items():
        detail = ", ".join(filter(None, (info.type, info.unit)))
        yield CompletionItem(
            path,
            kind=CompletionItemKind.Variable,
            detail=detail or None,
            documentation=info.supply or None,
        )
