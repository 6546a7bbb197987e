"""For whom a comment speaks, where one host file describes several servers.

A pragma or waiver inside the block of a server, or right above it, counts for this server
alone: a service, a document, a resource, a container. The block is the innermost one around
the comment in which a server begins, or in which something stands that one reads (the
ConfigMap that it mounts, its parameter group). What stands in no such block, or at the top
of the file before anything else, is for the whole file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from redislint.conf.document import Document
from redislint.model import Span
from redislint.sources import kinds
from redislint.sources.iac.deployment import Deployment
from redislint.sources.iac.nodes import Node

_COMMENT = re.compile(rb"[ \t]*(?:#|//|/\*|;|\{#|<%-?#|\{\{-?[ \t]*/\*)")
_NOTHING = re.compile(rb"[ \t\r]*(?:(?:#|//|/\*|;|---|%|\{#|<%-?#|\{\{-?[ \t]*/\*).*)?")


class Block(NamedTuple):
    """Bytes of a host that belong together, with the comments right above; `node` is what
    stands there in YAML."""

    start: int
    end: int
    node: Node | None = None

    def holds(self, offset: int) -> bool:
        return self.start <= offset < self.end


class _Points(NamedTuple):
    """Where a server begins in a host, and where else something stands that it reads."""

    begins: frozenset[int]
    reads: frozenset[int]


def owners(
    host: Document, kind: str, roots: Sequence[Node], found: Sequence[Deployment]
) -> Mapping[int, frozenset[int]]:
    """For each line of a host with a comment that speaks for some servers alone: these, as
    indexes of `found`, which are all that the run found. `roots` are those of a YAML file."""
    points = {
        number: where
        for number, one in enumerate(found)
        if (where := _points(one, host)).begins or where.reads
    }
    own = frozenset(number for number, one in enumerate(found) if one.host.path == host.path)
    told: dict[int, frozenset[int]] = {}
    if len(points) < 2 and set(points) == own:
        return told
    blocks = list(_blocks(host, kind, roots))
    for match in re.finditer(rb"redislint[ \t]*:", host.data, re.IGNORECASE):
        offset = match.start()
        if _is_head(host.data, offset):
            continue
        chosen = _chosen(host.data, offset, blocks, points)
        if chosen and chosen != own:
            told[host.data.count(b"\n", 0, offset) + 1] = chosen
    return told


def _chosen(
    data: bytes, offset: int, blocks: Iterable[Block], points: Mapping[int, _Points]
) -> frozenset[int]:
    """The servers of the innermost block around a comment that has any."""
    chosen: frozenset[int] = frozenset()
    around = next((one for one in blocks if one.holds(offset)), None)
    depth = 0
    while around is not None and depth < _MOST_DEPTH:
        for name in ("begins", "reads"):
            inside = frozenset(
                number
                for number, where in points.items()
                if any(map(around.holds, getattr(where, name)))
            )
            if inside:
                chosen = inside
                break
        around = next((one for one in _below(around, data) if one.holds(offset)), None)
        depth += 1
    return chosen


def _is_head(data: bytes, offset: int) -> bool:
    """Whether nothing but comments stands before it in the file."""
    return all(_NOTHING.fullmatch(line) for line in data[:offset].splitlines()[:-1]) and (
        _COMMENT.match(data, data.rfind(b"\n", 0, offset) + 1) is not None
    )


def _points(one: Deployment, host: Document) -> _Points:
    begins: set[int] = set()
    reads: set[int] = set()
    if one.host.path == host.path:
        begins.add(_offset(one.start, host) if one.block < 0 else one.block)
    passages = [text.passage for text in one.launch.texts if text.passage is not None]
    for passage in (*passages, *one.launch.words):
        reads.update(run.start for run in passage.runs if run.host.path == host.path)
    if one.managed is not None:
        target = one.managed.found.target
        spans = [*target.spans.values(), *(s.span for s in target.settings if s.span is not None)]
        reads.update(_offset(span, host) for span in spans if span.path == host.path)
    return _Points(frozenset(begins), frozenset(reads))


def _offset(span: Span, host: Document) -> int:
    return host.offset(span.line, span.column)


# -- blocks ----------------------------------------------------------------------------


def _blocks(host: Document, kind: str, roots: Sequence[Node]) -> Iterator[Block]:
    """The outermost blocks of a host."""
    if kind == kinds.TERRAFORM:
        yield from _resources(host)
    for root in roots:
        yield Block(_above(root.start, host.data), _last(root, host.data), root)


def _below(block: Block, data: bytes) -> Iterator[Block]:
    """The values of a block with their keys, or its items, in order. What is an alias stands
    elsewhere."""
    at = block.start
    node = block.node
    if node is None:
        return
    for first, value in (*node.pairs, *((item, item) for item in node.items)):
        if first.start >= at and value.start >= first.start:
            yield Block(_above(first.start, data), _last(value, data), value)
            at = value.end


_MOST_DEPTH = 20
"""Deeper than any server stands in a file."""


def _above(start: int, data: bytes) -> int:
    """Where the comments begin that stand right above the line of a byte."""
    begin = data.rfind(b"\n", 0, start) + 1
    while begin:
        before = data.rfind(b"\n", 0, begin - 1) + 1
        if not _COMMENT.match(data, before, begin):
            break
        begin = before
    return begin


def _last(node: Node, data: bytes) -> int:
    """Where a value ends, with the comments below it that are indented like it. YAML's own
    mark is at the next value, behind the comments above that one."""
    column = node.start - (data.rfind(b"\n", 0, node.start) + 1)
    end = node.end
    while end > node.start and (node.pairs or node.items):
        begin = data.rfind(b"\n", 0, max(end - 1, 0)) + 1
        line = data[begin:end]
        indent = len(line) - len(line.lstrip(b" \t"))
        if line.strip() and not (_COMMENT.match(line) and indent < column):
            break
        if begin <= node.start:
            break
        end = begin
    return max(end, _line_end(data, end))


def _line_end(data: bytes, offset: int) -> int:
    """The end of the line of a byte, unless it is the beginning of one."""
    if offset and data[offset - 1 : offset] == b"\n":
        return offset
    stop = data.find(b"\n", offset)
    return len(data) if stop < 0 else stop


def _resources(host: Document) -> Iterator[Block]:
    """The blocks of a Terraform file."""
    from redislint.sources.iac.terraform_syntax import MAX_SIZE, parser

    if len(host.data) > MAX_SIZE or (host.path or "").endswith(".json"):
        return
    pending = [parser().parse(host.data).root_node]
    while pending:
        node = pending.pop()
        if node.type == "block":
            end = _line_end(host.data, node.end_byte)
            yield Block(_above(node.start_byte, host.data), end)
        elif node.type in ("config_file", "body", "ERROR"):
            pending.extend(node.children)
