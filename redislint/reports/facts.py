"""Settings and facts of targets as text and JSON (schemas/facts-report.schema.json)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from redislint.model import AuditError, Setting, Target
from redislint.reports.escape import printable
from redislint.reports.json import plain_text, plain_value, server_dict, span_dict
from redislint.reports.style import Style
from redislint.reports.text import place

SCHEMA = "redislint-facts-1"


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


def render_text(targets: Sequence[Target], errors: Sequence[AuditError], color: bool) -> str:
    """One line for each setting and fact, aligned."""
    style = Style(color)
    blocks = ["\n".join(_lines(target, style)) for target in targets]
    blocks.extend(f"{printable(e.target)}: error: {printable(e.message)}" for e in errors)
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _lines(target: Target, style: Style) -> Iterator[str]:
    assumed = ", assumed" if target.assumed else ""
    heading = f"{printable(target.id)} ({target.kind}, {target.server}{assumed})"
    yield style.bold(heading)
    yield from _table([_row(setting) for setting in target.settings], style)
    if target.facts or target.unknown:
        yield ""
    rows = [
        (name, f"{_words(fact.value)} {fact.unit}".rstrip(), fact.basis or fact.origin)
        for name, fact in target.facts.items()
    ]
    rows.extend((name, "unknown", printable(why)) for name, why in target.unknown.items())
    yield from _table(rows, style)


def _table(rows: Sequence[tuple[str, str, str]], style: Style) -> Iterator[str]:
    width = min(max((len(name) for name, _, _ in rows), default=0), 40)
    values = min(max((len(value) for _, value, _ in rows), default=0), 40)
    for name, value, origin in rows:
        yield f"  {name:<{width}}  {value:<{values}}  {style.dim(origin)}".rstrip()


def _words(value: Any) -> str:
    plain = plain_value(value)
    return printable(plain if isinstance(plain, str) else json.dumps(plain))


def _row(setting: Setting) -> tuple[str, str, str]:
    value = printable(setting.text) if setting.known else f"unknown ({printable(setting.text)})"
    origin = place(setting.span) if setting.span else setting.origin
    overridden = "" if setting.effective else ", overridden"
    return printable(setting.name), value or '""', f"{origin}{overridden}"
