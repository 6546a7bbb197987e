"""Terraform in JSON (`*.tf.json`): the same blocks, their expressions in texts."""

from __future__ import annotations

from typing import Any

from redislint.conf.document import Document, parse
from redislint.sources.iac.given import UNKNOWN
from redislint.sources.iac.nodes import MAPPING, SCALAR, SEQUENCE, Node, NodeError, documents
from redislint.sources.iac.scalars import content_start
from redislint.sources.iac.terraform_expressions import HclExpression
from redislint.sources.iac.terraform_scope import Scope
from redislint.sources.iac.terraform_syntax import (
    Attribute,
    Block,
    SyntaxFile,
    Trouble,
    parser,
)
from redislint.sources.iac.terraform_values import Value, number

_LABELS = {"resource": 2, "data": 2, "variable": 1, "module": 1, "locals": 0, "output": 1}
_LITERALS = {"true": True, "false": False, "null": None}
_BLOCKS = frozenset(
    {"parameter", "dynamic", "content", "log_delivery_configuration", "cluster_mode",
     "authentication_mode", "redis_configuration", "persistence_config", "cache_usage_limits",
     "data_storage", "ecpu_per_second", "patch_schedule", "maintenance_policy"}
)  # fmt: skip


def read_json(host: Document) -> SyntaxFile:
    """The blocks of a file. Never raises on content."""
    try:
        roots = documents(host)
    except NodeError as error:
        return SyntaxFile(host, [], {}, Trouble(error.offset, error.reason))
    blocks: list[Block] = []
    attributes: dict[str, Attribute] = {}
    for root in roots:
        for key, node in root.entries():
            if key in _LABELS and not (host.path or "").endswith(".tfvars.json"):
                _labelled(key, (), _LABELS[key], node, blocks)
            else:
                attributes[key] = Attribute(key, JsonExpression(node))
    return SyntaxFile(host, blocks, attributes)


def _labelled(
    type_: str, labels: tuple[str, ...], left: int, node: Node, blocks: list[Block]
) -> None:
    """Blocks whose labels are keys; lists hold several of them."""
    if node.kind == SEQUENCE:
        for item in node.items:
            _labelled(type_, labels, left, item, blocks)
    elif node.kind == MAPPING and left:
        for key, value in node.entries():
            _labelled(type_, (*labels, key), left - 1, value, blocks)
    elif node.kind == MAPPING:
        blocks.append(block_of(type_, labels, node))


def block_of(type_: str, labels: tuple[str, ...], node: Node, *, plain: bool = False) -> Block:
    """The block that an object is. `plain`: its texts are no templates, but values."""
    block = Block(type_, labels, {}, [], node.host, node.start, node.start + 1)
    for key, value in node.entries():
        if key == "dynamic":
            _labelled("dynamic", (), 1, value, block.blocks)
        elif key in _BLOCKS and type_ != "module" and value.kind in (MAPPING, SEQUENCE):
            items = value.items if value.kind == SEQUENCE else [value]
            block.blocks.extend(block_of(key, (), item, plain=plain) for item in items)
        else:
            block.attributes[key] = Attribute(key, JsonExpression(value, plain=plain))
    return block


class JsonExpression:
    """A value of JSON: texts are templates, collections hold more of them."""

    __slots__ = ("_node", "_plain", "end", "host", "start")

    def __init__(self, node: Node, *, plain: bool = False) -> None:
        self._node = node
        self._plain = plain
        self.host = node.host
        quoted = 1 if node.style == '"' else 0
        self.start = content_start(node) + quoted
        self.end = max(node.end - quoted, self.start)

    def evaluate(self, scope: Scope) -> Value:
        """What it comes to; never raises."""
        node = self._node
        place = Value(UNKNOWN, self.host, self.start, self.end)
        if not scope.step():
            return place._replace(why="the expression is too long")
        if node.kind == SEQUENCE:
            return place._replace(data=[self._below(item, scope) for item in node.items])
        if node.kind == MAPPING:
            data = {key: self._below(item, scope) for key, item in node.entries()}
            return place._replace(data=data)
        if node.kind == SCALAR and not node.style:
            return place._replace(data=_LITERALS.get(node.text, number(node.text)))
        if self._plain or ("${" not in node.text and "%{" not in node.text):
            return place._replace(data=node.text)
        return _moved(_template(node.text, scope), place)

    def _below(self, node: Node, scope: Scope) -> Value:
        return JsonExpression(node, plain=self._plain).evaluate(scope)


def _moved(value: Value, place: Value) -> Value:
    """A value, with all that is in it, in the place of another."""
    data = value.data
    if isinstance(data, list):
        data = [_moved(item, place) for item in data]
    elif isinstance(data, dict):
        data = {key: _moved(item, place) for key, item in data.items()}
    return value._replace(data=data, passage=None).at(place)


def _template(text: str, scope: Scope) -> Value:
    """A template that stands in a text of JSON, read as one of HCL."""
    escaped = text.replace("\n", "\\n").replace("\r", "\\r")
    source = parse(f'x = "{escaped}"'.encode("utf-8", "surrogatepass"), None)
    found = _expression(parser().parse(source.data).root_node)
    if found is None:
        return Value(UNKNOWN, source, 0, 0, "the template cannot be read")
    return HclExpression(found, source).evaluate(scope)


def _expression(root: Any) -> Any:
    if root.has_error:
        return None
    node = root
    for kind in ("body", "attribute", "expression"):
        node = next((c for c in node.children if c.type == kind), None)
        if node is None:
            return None
    return node
