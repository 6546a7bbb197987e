"""Values of Terraform as the YAML that a provider makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from redislint.conf.passage import Passage
from redislint.sources.iac.given import shown
from redislint.sources.iac.nodes import MAPPING, SCALAR, SEQUENCE, Node
from redislint.sources.iac.terraform_values import Value

MOST_NODES = 20_000
"""Most values of one object that are turned into YAML."""


def node_of(value: Value) -> Node:
    """A value as a node; what is not known is a text that is a hole."""
    left = [MOST_NODES]
    return _node(value, left)


def _node(value: Value, left: list[int]) -> Node:
    left[0] -= 1
    if left[0] > 0 and isinstance(value.data, Mapping):
        node = _empty(MAPPING, value)
        node.pairs = [(_key(name, item), _node(item, left)) for name, item in value.data.items()]
        return node
    if left[0] > 0 and isinstance(value.data, list):
        node = _empty(SEQUENCE, value)
        node.items = [_node(item, left) for item in value.data]
        return node
    node = _empty(SCALAR, value)
    if value.known and not isinstance(value.data, (Mapping, list)):
        node.text = shown(value.data)
        data = node.text.encode("utf-8", "surrogateescape")
        node.placed = value.passage or Passage.instead(data, value.host, value.start, value.end)
        node.style = '"' if isinstance(value.data, str) else ""
    else:
        node.text = "unknown"
        node.placed = value.passage or Passage.hole(value.host, value.start, value.end)
        node.style = '"'
    return node


def _empty(kind: str, value: Value) -> Node:
    node = Node(kind, value.host, value.start, "")
    node.end = max(value.end, value.start)
    return node


def _key(name: str, value: Value) -> Node:
    node = _empty(SCALAR, value)
    node.text = name
    node.style = '"'
    return node


def put(root: Node, path: str, value: Value) -> None:
    """Set a value below a dotted path as `--set` of Helm does (`a.b[0].c`, `a\\\\.b` is a key)."""
    keys = [key.replace("\0", ".") for key in path.replace("\\.", "\0").split(".")]
    if any("[" in key for key in keys):
        return  # an item of a list: which ones it replaces hangs on the chart's own values
    node = root
    for index, key in enumerate(keys):
        last = index == len(keys) - 1
        below = _node(value, [MOST_NODES]) if last else node.get(key)
        if below is None or (not last and below.kind != MAPPING):
            below = _empty(MAPPING, value)
        node.pairs = [pair for pair in node.pairs if pair[0].text != key]
        node.pairs.append((_key(key, value), below))
        node = below


def merged(roots: Iterator[Node]) -> Node | None:
    """Several objects as Helm puts them together: later ones over earlier ones, in depth."""
    found: Node | None = None
    for root in roots:
        found = root if found is None else _over(found, root, 0)
    return found


def _over(base: Node, more: Node, depth: int) -> Node:
    if base.kind != MAPPING or more.kind != MAPPING or depth > 50:
        return more
    made = Node(MAPPING, more.host, more.start, "")
    made.end = more.end
    given = dict(more.entries())
    keys = {key.text: key for node in (base, more) for key, _ in node.pairs}
    for name, value in base.entries():
        if name in given:
            value = _over(value, given.pop(name), depth + 1)
        made.pairs.append((keys.get(name) or value, value))
    made.pairs += [(keys.get(name) or value, value) for name, value in given.items()]
    return made
