"""For whom a comment speaks, where one host file describes several servers.

A pragma or waiver inside the block of a server, or right above it, counts for this server
alone: a service, a document, a resource, a container. The block is the innermost one around
the comment in which a server begins, or in which something stands that one reads (the
ConfigMap that it mounts, its parameter group). What stands in no such block, or at the top
of the file before anything else, is for the whole file.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from redislint.conf.document import Document
from redislint.model import Span
from redislint.sources import kinds
from redislint.sources.iac.deployment import Deployment
from redislint.sources.iac.nodes import Node

_COMMENT = re.compile(rb"[ \t]*(?:#|//|/\*|;|\{#|<%-?#|\{\{-?[ \t]*/\*)")
_NOTHING = re.compile(rb"[ \t\r]*(?:(?:#|//|/\*|;|---|%|\{#|<%-?#|\{\{-?[ \t]*/\*).*)?\n?")
_MARK = re.compile(rb"redislint[ \t]*:", re.IGNORECASE)


class Block(NamedTuple):
    """Bytes of a host that belong together, with the comments right above."""

    start: int
    end: int

    def holds(self, offset: int) -> bool:
        return self.start <= offset < self.end


class Places(NamedTuple):
    """Where servers begin in a host, and where else something stands that they read: bytes of
    it with the server's number, in order. `own` are the servers that the host describes."""

    begins: list[tuple[int, int]]
    reads: list[tuple[int, int]]
    own: frozenset[int]


def places(hosts: Mapping[str, Document], found: Sequence[Deployment]) -> Mapping[str, Places]:
    """The places of `found`, which are all servers of a run, in some hosts, by path."""
    begins: dict[str, set[tuple[int, int]]] = {path: set() for path in hosts}
    reads: dict[str, set[tuple[int, int]]] = {path: set() for path in hosts}
    own: dict[str, set[int]] = {path: set() for path in hosts}
    for number, one in enumerate(found):
        path = one.host.path or ""
        if path in hosts:
            own[path].add(number)
            at = _offset(one.start, hosts[path]) if one.block < 0 else one.block
            begins[path].add((at, number))
        for place, offset in _read(one, hosts):
            reads[place].add((offset, number))
    return {
        path: Places(sorted(begins[path]), sorted(reads[path]), frozenset(own[path]))
        for path in hosts
    }


def _read(one: Deployment, hosts: Mapping[str, Document]) -> Iterator[tuple[str, int]]:
    """Path and byte of what a server reads in some hosts."""
    passages = [text.passage for text in one.launch.texts if text.passage is not None]
    for passage in (*passages, *one.launch.words):
        for run in passage.runs:
            path = run.host.path or ""
            if path in hosts:
                yield path, run.start
    if one.managed is not None:
        target = one.managed.found.target
        settings = (setting.span for setting in target.settings if setting.span is not None)
        for span in (*target.spans.values(), *settings):
            if span.path in hosts:
                yield span.path, _offset(span, hosts[span.path])


def _offset(span: Span, host: Document) -> int:
    return host.offset(span.line, span.column)


def owners(
    host: Document, kind: str, roots: Sequence[Node], where: Places
) -> Mapping[int, frozenset[int]]:
    """For each line of a host with a comment that speaks for some servers alone: these, by
    number. `roots` are those of a YAML file."""
    told: dict[int, frozenset[int]] = {}
    if len({number for _, number in (*where.begins, *where.reads)} | where.own) < 2 and where.own:
        return told
    blocks = _Blocks(host, kind, roots)
    head = _head(host.data)
    line, at = 1, 0
    for match in _MARK.finditer(host.data):
        line += host.data.count(b"\n", at, match.start())
        at = match.start()
        if at < head:
            continue
        for block in reversed(blocks.around(at)):
            chosen = _inside(where.begins, block) or _inside(where.reads, block)
            if chosen:
                if chosen != where.own:
                    told[line] = chosen
                break
    return told


def _inside(where: Sequence[tuple[int, int]], block: Block) -> frozenset[int]:
    first, last = bisect_left(where, (block.start, -1)), bisect_left(where, (block.end, -1))
    return frozenset(number for _, number in where[first:last])


def _head(data: bytes) -> int:
    """Where the first line begins that is no comment."""
    at = 0
    while at < len(data):
        stop = data.find(b"\n", at) + 1 or len(data)
        if not _NOTHING.fullmatch(data, at, stop):
            break
        at = stop
    return at


# -- blocks ----------------------------------------------------------------------------


class _Blocks:
    """The blocks of a host, looked up by a byte."""

    def __init__(self, host: Document, kind: str, roots: Sequence[Node]) -> None:
        self._data = host.data
        self._resources = sorted(_resources(host)) if kind == kinds.TERRAFORM else []
        self._roots = [(root.start, root) for root in roots]
        self._children: dict[int, list[tuple[int, Node]]] = {}
        self._known: dict[tuple[int, int], Block] = {}

    def around(self, offset: int) -> list[Block]:
        """The blocks that hold a byte, the outermost first."""
        nearby = self._resources[: bisect_right(self._resources, (offset, len(self._data))) + 1]
        found = [block for block in nearby[-2:] if block.holds(offset)]
        entries = self._roots
        while len(found) < _MOST_DEPTH:
            at = bisect_right(entries, offset, key=lambda entry: entry[0])
            near = (self._block(*entry) for entry in entries[max(at - 1, 0) : at + 1])
            # What is indented like the one before is still of that, not above the next one.
            inner = next((one for one in near if one[0].holds(offset)), None)
            if inner is None:
                break
            found.append(inner[0])
            entries = self._below(inner[1])
        return found

    def _block(self, start: int, node: Node) -> tuple[Block, Node]:
        key = start, id(node)
        if key not in self._known:
            self._known[key] = Block(_above(start, self._data), _last(node, self._data))
        return self._known[key], node

    def _below(self, node: Node) -> list[tuple[int, Node]]:
        """The values of a node with where their keys begin, or its items, in order. What is an
        alias stands elsewhere."""
        known = self._children.get(id(node))
        if known is not None:
            return known
        found: list[tuple[int, Node]] = []
        at = node.start
        for first, value in (*node.pairs, *((item, item) for item in node.items)):
            if value.start >= first.start >= at:
                found.append((first.start, value))
                at = value.end
        self._children[id(node)] = found
        return found


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
