"""Terraform text as blocks and expressions that know their bytes.

tree-sitter reads on behind an error, so a broken file yields what is readable of it. The
library is imported when the first file is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from redislint.conf.document import Document
from redislint.model import Span

if TYPE_CHECKING:
    from redislint.sources.iac.terraform_scope import Scope
    from redislint.sources.iac.terraform_values import Value

MAX_SIZE = 1024 * 1024
"""Largest Terraform file in bytes; what people write has some thousand lines. Nested blocks
take the parser some 300 bytes of memory for each of theirs."""

_BOM = b"\xef\xbb\xbf"


class Expression(Protocol):
    """The right side of an attribute, of HCL or of JSON."""

    host: Document
    start: int
    end: int

    def evaluate(self, scope: Scope) -> Value:
        """What it comes to; never raises."""


class Attribute(NamedTuple):
    """An attribute and its expression."""

    name: str
    expression: Expression


class Block(NamedTuple):
    """A block: `resource "TYPE" "NAME" { ... }`. `start` and `end` are those of its header."""

    type: str
    labels: tuple[str, ...]
    attributes: dict[str, Attribute]
    blocks: list[Block]
    host: Document
    start: int
    end: int

    @property
    def span(self) -> Span:
        """The place of its header."""
        return self.host.span(self.start, self.end)

    def below(self, type_: str) -> Iterator[Block]:
        """The blocks of a type that stand in it."""
        return (block for block in self.blocks if block.type == type_)


class Trouble(NamedTuple):
    """Where a file stops being Terraform (byte offset), and why in one line."""

    offset: int
    reason: str


class SyntaxFile(NamedTuple):
    """A file: its top-level blocks and attributes, and its first error."""

    host: Document
    blocks: list[Block]
    attributes: dict[str, Attribute]
    trouble: Trouble | None = None


def read(host: Document) -> SyntaxFile:
    """The blocks of an HCL file. Never raises on content."""
    if len(host.data) > MAX_SIZE:
        reason = f"larger than {MAX_SIZE} bytes, which no Terraform file is"
        return SyntaxFile(host, [], {}, Trouble(0, reason))
    data = host.data
    if data.startswith(_BOM):
        data = b"   " + data[3:]
    root = parser().parse(data).root_node
    attributes: dict[str, Attribute] = {}
    blocks: list[Block] = []
    for body in root.children:
        if body.type == "body":
            _body(body, host, attributes, blocks, 0)
        elif body.type == "ERROR":
            _recovered(body, host, attributes, blocks)
    return SyntaxFile(host, blocks, attributes, _trouble(root, data) if root.has_error else None)


@cache
def parser() -> Any:
    """The parser of HCL."""
    import tree_sitter_hcl
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_hcl.language()))


def text_of(node: Any, host: Document) -> str:
    """The text of a node as it stands in the file."""
    return host.data[node.start_byte : node.end_byte].decode("utf-8", "replace")


_MOST_DEPTH = 40


def _body(
    node: Any, host: Document, attributes: dict[str, Attribute], blocks: list[Block], depth: int
) -> None:
    """The attributes and blocks of a body, or of what is readable of a broken one."""
    for child in node.children:
        if child.type == "attribute":
            _attribute(child, host, attributes)
        elif child.type == "block" and depth < _MOST_DEPTH:
            blocks.append(_block(child, host, depth))
        elif child.type == "body":
            _body(child, host, attributes, blocks, depth)
        elif child.type == "ERROR":
            _recovered(child, host, attributes, blocks)


def _recovered(
    node: Any, host: Document, attributes: dict[str, Attribute], blocks: list[Block]
) -> None:
    """What stands whole within a passage that could not be read."""
    header: list[Any] = []
    for child in node.children:
        if child.type in ("identifier", "string_lit"):
            header.append(child)
        elif child.type == "body" and header and header[0].type == "identifier":
            block = _opened(header, child, host, 0)
            blocks.append(block)
            header = []
        elif child.type == "attribute":
            _attribute(child, host, attributes)
        elif child.type == "block":
            blocks.append(_block(child, host, 0))


def _attribute(node: Any, host: Document, attributes: dict[str, Attribute]) -> None:
    from redislint.sources.iac.terraform_expressions import HclExpression

    children = [c for c in node.named_children if c.type != "comment"]
    if len(children) == 2 and children[1].type == "expression":
        name = text_of(children[0], host)
        attributes.setdefault(name, Attribute(name, HclExpression(children[1], host)))


def _block(node: Any, host: Document, depth: int) -> Block:
    header = [c for c in node.children if c.type in ("identifier", "string_lit")]
    body = next((c for c in node.children if c.type == "body"), None)
    block = _opened(header, body, host, depth)
    for child in node.children:
        if child.type == "ERROR":
            _recovered(child, host, block.attributes, block.blocks)
    return block


def _opened(header: list[Any], body: Any, host: Document, depth: int) -> Block:
    labels = tuple(text_of(child, host).strip('"') for child in header[1:])
    block = Block(
        text_of(header[0], host), labels, {}, [], host, header[0].start_byte, header[-1].end_byte
    )
    if body is not None:
        _body(body, host, block.attributes, block.blocks, depth + 1)
    return block


def _trouble(root: Any, data: bytes) -> Trouble:
    """The first node that is wrong or missing."""
    pending = [root]
    while pending:
        node = pending.pop()
        if node.is_missing:
            return Trouble(node.start_byte, f"expected {node.type.replace('_', ' ')}")
        if node.type == "ERROR":
            return Trouble(node.start_byte, "this is not the syntax of Terraform")
        pending.extend(
            child for child in reversed(node.children) if child.has_error or child.is_missing
        )
    return Trouble(len(data), "this is not the syntax of Terraform")
