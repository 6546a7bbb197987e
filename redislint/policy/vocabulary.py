"""The names that a policy may use: facts and directives.

Facts are declared in `schemas/facts.schema.json`. What directives there are is handed
in by the caller, because this room knows no catalogue.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_TYPES = {
    "boolean": "bool",
    "integer": "int",
    "number": "float",
    "string": "text",
    "array": "list",
    "object": "map",
}


@dataclass(frozen=True, slots=True)
class FactInfo:
    """What is declared of one path.

    `type`: bool, int, float, text, list, map, or "" for any. `words`: what a text can
    be. `supply`: how a person supplies it when a source does not. `table`: the table that
    ages which it is looked up in, or "".
    """

    path: str
    type: str = ""
    unit: str = ""
    words: tuple[str, ...] = ()
    supply: str = ""
    secret: bool = False
    table: str = ""


@dataclass(frozen=True, slots=True)
class DirectiveInfo:
    """What is known of one directive over all versions. `type` as in `FactInfo`, ""
    when it differs between versions; `words` are the enum's, of all versions."""

    name: str
    type: str = ""
    words: tuple[str, ...] = ()
    secret: bool = False


def _no_directive(_: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that expressions may use.

    `directive(name)` is None for a name that no server knows; without the function
    every name passes. `facts` None lets every path pass.
    """

    facts: Mapping[str, FactInfo] | None = None
    directive: Callable[[str], DirectiveInfo | None] | None = None
    nearest_directive: Callable[[str], str | None] = _no_directive

    def hint(self, path: str) -> str:
        """How to supply a fact, or ""."""
        facts = self.facts or {}
        found = facts.get(path) or facts.get(path.partition('["')[0].rpartition(".")[0] or path)
        if found is None and path.startswith('config["'):
            found = facts.get("config")
        return found.supply if found else ""

    def is_secret(self, reference: str) -> bool:
        """Whether the value behind a reference (`config["requirepass"]`) must not be shown."""
        if reference.startswith('config["'):
            info = self.directive(reference[8:-2]) if self.directive else None
            return bool(info and info.secret)
        found = (self.facts or {}).get(reference)
        return bool(found and found.secret)


def read_facts(schema: bytes) -> dict[str, FactInfo]:
    """The declared paths of `facts.schema.json`, in its order.

    The schema is a JSON Schema whose nested `properties` are the paths; a leaf is a
    property without properties of its own. Raises ValueError when it is damaged.
    """
    found: dict[str, FactInfo] = {}
    document = json.loads(schema)
    _collect(document, "", found, document.get("$defs", {}))
    return found


def _collect(
    node: Mapping[str, Any], path: str, into: dict[str, FactInfo], shared: Mapping[str, Any]
) -> None:
    reference = str(node.get("$ref", ""))
    if reference.startswith("#/$defs/"):
        node = {**shared[reference.removeprefix("#/$defs/")], **node}
    below = node.get("properties")
    if below:
        for name, inner in below.items():
            _collect(inner, f"{path}.{name}" if path else name, into, shared)
        return
    if not path:
        return
    kinds = node.get("type", "")
    kinds = [kinds] if isinstance(kinds, str) else [kind for kind in kinds if kind != "null"]
    words = tuple(word for word in node.get("enum", ()) if isinstance(word, str))
    into[path] = FactInfo(
        path,
        _TYPES.get(kinds[0], "") if len(kinds) == 1 else "",
        str(node.get("x-unit", "")),
        words,
        str(node.get("x-supply", "")),
        bool(node.get("x-secret", False)),
        str(node.get("x-table", "")),
    )
