"""The page of all facts that expressions may name."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from docsite.markdown import table
from redislint.resources import read_schema

_INTRO = """\
# Facts

Every path is a name that a policy's expressions may use. Who can tell: a configuration file
(`file`), a running server (`live`), its `host`, a managed service (`cloud`), deployment files
(`iac`), a person (`declared`). A fact that nobody supplied is unknown, never zero.
`redislint facts TARGET` shows those of a target, with where each comes from.
"""


def page() -> str:
    """The Markdown of the page."""
    schema = json.loads(read_schema("facts.schema.json"))
    parts = [_INTRO]
    for group, node in schema["properties"].items():
        parts.append(f"## {group}\n\n{node.get('description', '')}\n")
        rows = list(_rows(group, node, schema.get("$defs", {})))
        if rows:
            parts.append(table(("fact", "type", "unit", "who can tell", "meaning"), rows))
    return "\n".join(parts)


def _rows(path: str, node: Mapping[str, Any], defs: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    if "$ref" in node:
        node = {**defs[node["$ref"].rpartition("/")[2]], **node}
    inner = node.get("properties")
    if inner:
        for name, child in inner.items():
            yield from _rows(f"{path}.{name}", child, defs)
        return
    words = f" ({', '.join(map(str, node['enum']))})" if "enum" in node else ""
    kind = node.get("type", "any")
    yield (
        f"`{path}`",
        ("/".join(kind) if isinstance(kind, list) else kind) + words,
        str(node.get("x-unit", "")),
        ", ".join(node.get("x-suppliers", ())),
        str(node.get("description", "")),
    )
