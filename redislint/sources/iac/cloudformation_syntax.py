"""What a node of a CloudFormation template is: a value or a function, and where it stands."""

from __future__ import annotations

from typing import NamedTuple

from redislint.sources.iac.nodes import MAPPING, MAX_DEPTH, SCALAR, Node
from redislint.sources.iac.scalars import content_start

_NULLS = frozenset({"", "null", "~", "Null", "NULL"})
_ABSENT = "AWS::NoValue"


class Call(NamedTuple):
    """A function and what it is given: a scalar, a mapping or a sequence."""

    name: str
    node: Node


def call_of(node: Node) -> Call | None:
    """The function that a node calls (`!Ref X`, `{"Ref": "X"}`), None for a plain value."""
    if node.tag.startswith("!"):
        name = node.tag[1:]
        return Call(name if name in ("Ref", "Condition") else f"Fn::{name}", node)
    if node.kind != MAPPING or len(node.pairs) != 1:
        return None
    key, value = node.pairs[0]
    return Call(key.text, value) if key.text == "Ref" or key.text.startswith("Fn::") else None


def is_absent(node: Node) -> bool:
    """Whether it stands for nothing: null, or `AWS::NoValue`."""
    call = call_of(node)
    if call is not None:
        return call.name == "Ref" and call.node.text == _ABSENT
    return node.kind == SCALAR and not node.style and node.text in _NULLS


def extent(node: Node) -> tuple[int, int]:
    """The bytes of a value without its quotes; with its tag, where that is a function's."""
    end = _end(node)
    if node.kind != SCALAR or node.tag:
        return node.start, max(end, node.start)
    quoted = 1 if node.style in ("'", '"') else 0
    start = content_start(node) + quoted
    return start, max(end - quoted, start)


def _end(node: Node) -> int:
    """Where a node ends, with its quotes. What the parser calls the end of a block is the
    beginning of what follows: it ends with the last of its parts."""
    data = node.host.data
    for _ in range(MAX_DEPTH):
        if node.kind == SCALAR or data[node.end - 1 : node.end] in (b"]", b"}"):
            break
        parts = [*node.items, *(part for pair in node.pairs for part in pair)]
        parts = [p for p in parts if p is not node and node.start <= p.start < node.end]
        if not parts:
            break
        node = max(parts, key=lambda part: part.start)
    return node.start + len(data[node.start : node.end].rstrip())
