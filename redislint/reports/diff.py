"""Differences between two configurations as text and JSON (schemas/diff-report.schema.json)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from redislint.model import Diagnostic, Setting
from redislint.reports.escape import printable
from redislint.reports.facts import setting_dict
from redislint.reports.json import plain_text, span_dict
from redislint.reports.style import Style
from redislint.reports.text import place
from redislint.reports.wording import count

SCHEMA = "redislint-diff-1"

Row = tuple[str, str, Setting | None, Setting | None]
"""A directive, how it changed, and its setting on either side."""

Part = tuple[str, str, Sequence[Diagnostic]]
"""A side: what to call it, its server, and what that refuses of its file."""


def render_json(sides: Sequence[Part], rows: Sequence[Row]) -> str:
    """Both sides and every directive that differs; null where a server has no such directive."""
    left, right = map(_part, sides)
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "left": left,
        "right": right,
        "differences": [
            {
                "name": name,
                "change": change,
                "left": setting_dict(before) if before else None,
                "right": setting_dict(after) if after else None,
            }
            for name, change, before, after in rows
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def _part(side: Part) -> dict[str, Any]:
    label, server, refused = side
    return {
        "name": plain_text(label),
        "server": server,
        "refused": [
            {
                "message": plain_text(one.message),
                "location": span_dict(one.span) if one.span else None,
            }
            for one in refused
        ],
    }


def render_text(sides: Sequence[Part], rows: Sequence[Row], color: bool) -> str:
    """The sides, then each directive with the value and its place on either side."""
    style = Style(color)
    (left, _, _), (right, _, _) = sides
    lines = [style.bold(f"- {printable(left)}"), style.bold(f"+ {printable(right)}")]
    for name, change, before, after in rows:
        if change in ("new", "gone"):
            continue
        note = style.dim("  (the default changed)") if change == "default" else ""
        lines.append("")
        lines.append(f"{style.bold(printable(name))}{note}")
        lines.extend(_side("-", before, style))
        lines.extend(_side("+", after, style))
    lines.extend(_alone(f"+ new in {sides[1][1]}", "new", rows, style))
    lines.extend(_alone(f"- gone in {sides[1][1]}", "gone", rows, style))
    for sign, (_, server, refused) in zip("-+", sides, strict=True):
        if refused:
            lines.append("")
            lines.append(style.bold(f"{sign} {server} refuses"))
            lines.extend(f"  {_refusal(one)}" for one in refused)
    lines.append("")
    lines.append(_tally(sides, len(rows)))
    return "\n".join(lines) + "\n"


def _refusal(diagnostic: Diagnostic) -> str:
    where = f"{place(diagnostic.span)}: " if diagnostic.span else ""
    return f"{where}{printable(diagnostic.message)}"


def _tally(sides: Sequence[Part], number: int) -> str:
    differing = f"{count(number, 'setting')} differ{'s' if number == 1 else ''}"
    refused = sum(len(side[2]) for side in sides)
    return f"{differing}, {count(refused, 'line')} refused" if refused else differing


def _alone(title: str, kind: str, rows: Sequence[Row], style: Style) -> Iterator[str]:
    """The directives that one side alone has, a line for each."""
    found = [(name, before or after) for name, change, before, after in rows if change == kind]
    if found:
        yield ""
        yield style.bold(title)
    for name, setting in found:
        if setting is not None:
            yield f"  {printable(name)} {_value(setting, style)}"


def _side(sign: str, setting: Setting | None, style: Style) -> Iterator[str]:
    if setting is not None:
        yield f"  {sign} {_value(setting, style)}"


def _value(setting: Setting, style: Style) -> str:
    where = place(setting.span) if setting.span else setting.origin
    value = printable(setting.text) or '""'
    return f"{value}  {style.dim(f'({where})')}"
