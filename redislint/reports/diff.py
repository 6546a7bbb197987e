"""Differences between two configurations as text and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from redislint.model import Setting
from redislint.reports.escape import printable
from redislint.reports.facts import setting_dict
from redislint.reports.style import Style
from redislint.reports.text import place
from redislint.reports.wording import count

SCHEMA = "redislint-diff-1"

Row = tuple[str, Setting | None, Setting | None]


def render_json(labels: tuple[str, str], servers: tuple[str, str], rows: Iterable[Row]) -> str:
    """Both sides and every directive that differs; null where a server has no such directive."""
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "left": {"name": labels[0], "server": servers[0]},
        "right": {"name": labels[1], "server": servers[1]},
        "differences": [
            {
                "name": name,
                "left": setting_dict(left) if left else None,
                "right": setting_dict(right) if right else None,
            }
            for name, left, right in rows
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def render_text(labels: tuple[str, str], rows: Iterable[Row], color: bool) -> str:
    """The sides, then each directive with the value and its place on either side."""
    style = Style(color)
    found = list(rows)
    lines = [style.bold(f"- {printable(labels[0])}"), style.bold(f"+ {printable(labels[1])}")]
    for name, left, right in found:
        lines.append("")
        lines.append(style.bold(printable(name)))
        lines.extend(_side("-", left, style))
        lines.extend(_side("+", right, style))
    lines.append("")
    lines.append(f"{count(len(found), 'setting')} differ{'s' if len(found) == 1 else ''}")
    return "\n".join(lines) + "\n"


def _side(sign: str, setting: Setting | None, style: Style) -> Iterator[str]:
    if setting is None:
        yield f"  {sign} {style.dim('no such directive')}"
        return
    where = place(setting.span) if setting.span else setting.origin
    value = printable(setting.text) or '""'
    yield f"  {sign} {value}  {style.dim(f'({where})')}"
