"""YAML and JSON as a graph of nodes that know their bytes.

Values stay as written: `yes`, `016` and `1:30` are texts. The events of the parser are
put together without recursion and within bounds, so that an alias bomb costs nothing (an
alias is the node itself, never a copy) and deep nesting is one error.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Any, NamedTuple

from redislint.conf.document import Document
from redislint.conf.passage import Passage

MAX_DEPTH = 200
"""Deepest nesting that is read; what people write has some twenty levels."""

MAX_NODES = 1_000_000
"""Most nodes of one file."""

SCALAR, MAPPING, SEQUENCE = "scalar", "mapping", "sequence"

_BOM = b"\xef\xbb\xbf"


class NodeError(Exception):
    """A file that is no YAML: where (byte offset), and why in one line."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


class Node:
    """One value: a scalar with its `text`, a mapping with `pairs`, a sequence with `items`.

    `start` and `end` are bytes of the host, quotes and block headers included. `tag` is one
    that the file writes (`!Ref`), else "". `style` is the first character of a scalar that
    is not plain (`'`, `"`, `|`, `>`), else "". `filled` where a tool fills in parts of it.
    `placed`: the text with its places, of a node that no YAML was read for.
    """

    __slots__ = (
        "end",
        "filled",
        "host",
        "items",
        "kind",
        "pairs",
        "placed",
        "start",
        "style",
        "tag",
        "text",
    )

    def __init__(self, kind: str, host: Document, start: int, tag: str) -> None:
        self.kind = kind
        self.host = host
        self.start = start
        self.end = start
        self.tag = tag
        self.style = ""
        self.text = ""
        self.filled = False
        self.placed: Passage | None = None
        self.pairs: list[tuple[Node, Node]] = []
        self.items: list[Node] = []

    def __repr__(self) -> str:
        return f"<{self.kind} {self.text[:20]!r} at {self.start}>"

    def get(self, *path: str) -> Node | None:
        """The value below these keys; None where one is missing or no mapping."""
        node: Node | None = self
        for key in path:
            if node is None:
                return None
            node = next((value for name, value in node.entries() if name == key), None)
        return node

    def entries(self) -> Iterator[tuple[str, Node]]:
        """The entries of a mapping by the text of their keys, its own before merged ones
        (`<<: *defaults`); nothing for other nodes."""
        seen: set[str] = set()
        pending = [self]
        visited: set[int] = set()
        while pending:
            node = pending.pop(0)
            if id(node) in visited:
                continue
            visited.add(id(node))
            for key, value in node.pairs:
                if key.text == "<<" and not key.style:
                    pending.extend(value.items or [value])
                elif key.kind == SCALAR and key.text not in seen:
                    seen.add(key.text)
                    yield key.text, value

    def string(self, *path: str) -> str:
        """The text of a scalar below these keys, "" where there is none."""
        node = self.get(*path)
        return node.text if node is not None and node.kind == SCALAR else ""

    def list(self, *path: str) -> list[Node]:
        """The items of a sequence below these keys."""
        node = self.get(*path)
        return node.items if node is not None else []


def scalars_of(roots: Iterable[Node]) -> Iterator[Node]:
    """Every scalar below some nodes once, keys too, in no order."""
    pending = list(roots)
    seen: set[int] = set()
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node.kind == SCALAR:
            yield node
        pending += node.items
        for pair in node.pairs:
            pending += pair


def documents(host: Document, data: bytes | None = None) -> list[Node]:
    """The documents of a YAML or JSON file. Raises NodeError.

    `data`: what the parser reads in place of the host's bytes, equally long.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data = host.data if data is None else data
    skipped = len(_BOM) if data.startswith(_BOM) else 0
    try:
        text = data[skipped:].decode("utf-8")
    except UnicodeDecodeError as error:
        raise NodeError("it is not UTF-8", error.start + skipped) from None
    offsets = _Offsets(text, skipped)
    try:
        return _compose(yaml.parse(text, Loader=loader), host, offsets)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = " ".join(str(error.problem or error.context or "no YAML").split())
        raise NodeError(reason, offsets.byte(mark.index) if mark else 0) from None
    except yaml.YAMLError as error:
        reason = " ".join(str(getattr(error, "reason", "no YAML")).split())
        raise NodeError(reason, offsets.byte(getattr(error, "position", 0) or 0)) from None


class _Offsets:
    """Byte offsets of the characters of a text."""

    def __init__(self, text: str, skipped: int) -> None:
        self._skipped = skipped
        self._wide: list[int] = []
        self._extra: list[int] = []
        if not text.isascii():
            wide = [(i, len(c.encode()) - 1) for i, c in enumerate(text) if c > "\x7f"]
            self._wide = [index for index, _ in wide]
            self._extra = list(accumulate(extra for _, extra in wide))

    def byte(self, index: int) -> int:
        before = bisect_right(self._wide, index - 1)
        return index + self._skipped + (self._extra[before - 1] if before else 0)


class _Open(NamedTuple):
    """A collection that is being read; `key` waits for its value."""

    node: Node
    key: list[Node]


def _compose(events: Iterator[Any], host: Document, offsets: _Offsets) -> list[Node]:
    import yaml

    found: list[Node] = []
    stack: list[_Open] = []
    anchors: dict[str, Node] = {}
    count = 0
    for event in events:
        node: Node | None = None
        if isinstance(event, yaml.AliasEvent):
            node = anchors.get(event.anchor)
            if node is None:
                raise NodeError(f"unknown alias *{event.anchor}", _start(event, offsets))
        elif isinstance(event, yaml.NodeEvent):
            count += 1
            if count > MAX_NODES:
                raise NodeError(f"more than {MAX_NODES} values", _start(event, offsets))
            node = _node(event, host, offsets)
            if event.anchor:
                anchors[event.anchor] = node
        elif isinstance(event, yaml.CollectionEndEvent):
            stack.pop().node.end = offsets.byte(event.end_mark.index)
        elif isinstance(event, yaml.DocumentStartEvent):
            anchors = {}
        if node is None:
            continue
        if stack:
            _put(stack[-1], node)
        else:
            found.append(node)
        if isinstance(event, yaml.CollectionStartEvent):
            if len(stack) >= MAX_DEPTH:
                raise NodeError(f"nested deeper than {MAX_DEPTH} levels", node.start)
            stack.append(_Open(node, []))
    return found


def _start(event: Any, offsets: _Offsets) -> int:
    return offsets.byte(event.start_mark.index)


def _node(event: Any, host: Document, offsets: _Offsets) -> Node:
    import yaml

    tag = event.tag or ""
    tag = "" if tag in ("!", None) or tag.startswith("tag:yaml.org,2002:") else tag
    kind = SCALAR
    if not isinstance(event, yaml.ScalarEvent):
        kind = MAPPING if isinstance(event, yaml.MappingStartEvent) else SEQUENCE
    node = Node(kind, host, _start(event, offsets), tag)
    if kind == SCALAR:
        node.text = event.value
        node.style = event.style or ""
        node.end = offsets.byte(event.end_mark.index)
    return node


def _put(open_: _Open, node: Node) -> None:
    parent, key = open_
    if parent.kind == SEQUENCE:
        parent.items.append(node)
    elif key:
        parent.pairs.append((key.pop(), node))
    else:
        key.append(node)
