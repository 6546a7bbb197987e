"""Whether saved JSON has the shape that a schema of this project asks for.

Knows the words of JSON Schema that our own schemas use, and heeds them but for
`additionalProperties`: a newer redislint may have added members.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from redislint.reports.plain import one_line
from redislint.resources import read_schema

Json = Any

_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}


class Shape:
    """One schema file, and those that it refers to."""

    def __init__(self, name: str) -> None:
        self._schemas: dict[str, Json] = {}
        self._name = name

    def problem(self, value: Json, definition: str = "") -> str | None:
        """What is wrong with `value` and where (`findings[0].severity: expected ...`), None where
        nothing is. `definition` is a JSON pointer into the schema, such as `/$defs/end`."""
        schema = self._resolve(f"{self._name}#{definition}", self._name)[0]
        return next(self._problems(value, schema, self._name, ""), None)

    def _problems(self, value: Json, schema: Json, file: str, path: str) -> Iterator[str]:
        if "$ref" in schema:
            target, where = self._resolve(schema["$ref"], file)
            yield from self._problems(value, target, where, path)
        for word in ("anyOf", "oneOf"):
            if word in schema:
                yield from self._one_of(value, schema[word], file, path)
        if "type" in schema and not _is_of(value, schema["type"]):
            yield f"{path or 'the document'}: expected {_said(schema['type'])}"
            return
        if "const" in schema and value != schema["const"]:
            yield f"{path}: expected {json.dumps(schema['const'])}"
        if "enum" in schema and value not in schema["enum"]:
            yield f"{path}: expected one of {', '.join(map(str, schema['enum']))}"
        if isinstance(value, dict):
            yield from self._members(value, schema, file, path)
        elif isinstance(value, list):
            if len(value) < schema.get("minItems", 0):
                yield f"{path}: expected at least {schema['minItems']} items"
            items = schema.get("items")
            for number, item in enumerate(value if items is not None else ()):
                yield from self._problems(item, items, file, f"{path}[{number}]")
        elif isinstance(value, str):
            if len(value) < schema.get("minLength", 0):
                yield f"{path}: expected some text"
            if "pattern" in schema and not re.search(schema["pattern"], value):
                yield f"{path}: expected the form {schema['pattern']}"
        elif _is_of(value, "number") and not (
            schema.get("minimum", value) <= value <= schema.get("maximum", value)
        ):
            yield f"{path}: {value} is out of bounds"

    def _members(self, value: Json, schema: Json, file: str, path: str) -> Iterator[str]:
        for name in schema.get("required", ()):
            if name not in value:
                yield f"{path or 'the document'}: '{name}' is missing"
        own = schema.get("properties", {})
        others = schema.get("additionalProperties")
        for name, item in value.items():
            wanted = own.get(name, others)
            if isinstance(wanted, dict):
                place = one_line(f"{path}.{name}" if path else name, 200)
                yield from self._problems(item, wanted, file, place)

    def _one_of(self, value: Json, schemas: Json, file: str, path: str) -> Iterator[str]:
        """The problem with the form that comes nearest: the last one found that is not of
        another type."""
        found = [next(self._problems(value, one, file, path), None) for one in schemas]
        if None not in found:
            inner = [text for text in found if text and not text.startswith(f"{path}: ")]
            yield inner[0] if inner else str(found[-1])

    def _resolve(self, reference: str, file: str) -> tuple[Json, str]:
        name, _, pointer = reference.partition("#")
        name = name or file
        if name not in self._schemas:
            self._schemas[name] = json.loads(read_schema(name))
        found = self._schemas[name]
        for part in filter(None, pointer.split("/")):
            found = found[part]
        return found, name


def _is_of(value: Json, types: str | list[str]) -> bool:
    names = [types] if isinstance(types, str) else types
    if isinstance(value, bool):
        return "boolean" in names
    return any(isinstance(value, _TYPES[name]) for name in names)


def _said(types: str | list[str]) -> str:
    names = [types] if isinstance(types, str) else types
    return " or ".join(names)
