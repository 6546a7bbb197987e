"""Settings and facts of targets as text and JSON (schemas/facts-report.schema.json)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from redislint.model import AuditError, Fact, Setting, Target
from redislint.reports.escape import printable
from redislint.reports.json import plain_text, plain_value, server_dict, span_dict
from redislint.reports.style import Style
from redislint.reports.text import place
from redislint.reports.wording import count

SCHEMA = "redislint-facts-1"

_EMPTY = '""'

_LONGEST = 200
"""Characters of a value that are shown without --all."""

DECLARED = ("target.", "workload.")
"""Families of facts that people declare."""


def to_dict(targets: Sequence[Target], errors: Sequence[AuditError]) -> dict[str, Any]:
    """The document of `redislint facts --format json`."""
    return {
        "schema": SCHEMA,
        "targets": [_target(target) for target in targets],
        "errors": [
            {"target": error.target, "stage": error.stage, "message": plain_text(error.message)}
            for error in errors
        ],
    }


def render_json(targets: Sequence[Target], errors: Sequence[AuditError]) -> str:
    return json.dumps(to_dict(targets, errors), indent=2) + "\n"


def _target(target: Target) -> dict[str, Any]:
    return {
        "id": target.id,
        "kind": target.kind,
        "uri": target.uri,
        "server": server_dict(target.server, target.assumed),
        "workload": target.workload,
        "tags": dict(target.tags),
        "settings": [setting_dict(setting) for setting in target.settings],
        "facts": {
            name: {
                "value": plain_value(fact.value),
                "unit": fact.unit,
                "origin": fact.origin,
                "basis": fact.basis,
            }
            for name, fact in target.facts.items()
        },
        "unknown": dict(target.unknown),
    }


def setting_dict(setting: Setting) -> dict[str, Any]:
    return {
        "name": plain_text(setting.name),
        "value": plain_text(setting.text),
        "origin": setting.origin,
        "location": span_dict(setting.span),
        "known": setting.known,
        "effective": setting.effective,
    }


def render_text(
    targets: Sequence[Target], errors: Sequence[AuditError], color: bool, everything: bool = False
) -> str:
    """One line for each setting and fact, aligned; of the unknown facts those that a person
    can declare, or `everything`."""
    style = Style(color)
    blocks = ["\n".join(_lines(target, style, everything)) for target in targets]
    blocks.extend(f"{printable(e.target)}: error: {printable(e.message)}" for e in errors)
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _lines(target: Target, style: Style, everything: bool) -> Iterator[str]:
    assumed = ", assumed" if target.assumed else ""
    heading = f"{printable(target.id)} ({target.kind}, {target.server}{assumed})"
    yield style.bold(heading)
    yield from _table([_row(setting) for setting in target.settings], style)
    if target.facts or target.unknown:
        yield ""
    rows = [
        (name, _cut(_with_unit(fact), everything), fact.basis or fact.origin)
        for name, fact in target.facts.items()
    ]
    listed = [name for name in target.unknown if everything or name.startswith(DECLARED)]
    rows.extend((name, "unknown", printable(target.unknown[name])) for name in listed)
    yield from _table(rows, style)
    more = len(target.unknown) - len(listed)
    if more:
        yield style.dim(f"  {count(more, 'fact')} of a running server and its host: --all")


def _table(rows: Sequence[tuple[str, str, str]], style: Style) -> Iterator[str]:
    width = min(max((len(name) for name, _, _ in rows), default=0), 40)
    values = min(max((len(value) for _, value, _ in rows), default=0), 40)
    for name, value, origin in rows:
        yield f"  {name:<{width}}  {value:<{values}}  {style.dim(origin)}".rstrip()


def _cut(value: str, everything: bool) -> str:
    """A long value's beginning, such as that of all parameters of a group."""
    whole = everything or len(value) <= _LONGEST
    return value if whole else f"{value[:_LONGEST]}... (--all shows the rest)"


def _with_unit(fact: Fact) -> str:
    words = _words(fact.value)
    return words if words == "unbounded" else f"{words or _EMPTY} {fact.unit}".rstrip()


def _words(value: Any) -> str:
    plain = plain_value(value)
    return printable(plain if isinstance(plain, str) else json.dumps(plain))


def _row(setting: Setting) -> tuple[str, str, str]:
    value = printable(setting.text) if setting.known else f"unknown ({printable(setting.text)})"
    origin = place(setting.span) if setting.span else setting.origin
    overridden = "" if setting.effective else ", overridden"
    return printable(setting.name), value or '""', f"{origin}{overridden}"
