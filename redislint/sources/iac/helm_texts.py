"""Texts in values files: what a chart's template engine fills in, and whole configurations."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from redislint.conf.document import embed
from redislint.conf.launch import Launch
from redislint.conf.passage import Passage
from redislint.sources import kinds
from redislint.sources.iac.deployment import Deployment
from redislint.sources.iac.nodes import SCALAR, Node
from redislint.sources.iac.scalars import passage
from redislint.sources.iac.values import span_of

_ACTION = re.compile(rb"\{\{.*?(?:\}\}|\Z)", re.DOTALL)


def templated(node: Node) -> Passage:
    """The text of a scalar: a hole for each `{{ ... }}`, which a chart may fill in."""
    text = passage(node)
    if b"{{" not in text.data:
        return text
    pieces = []
    at = 0
    for match in _ACTION.finditer(text.data):
        start, end = match.span()
        host, first, last = text.extent(start, end)
        pieces += [text.cut(at, start), Passage.hole(host, first, last)]
        at = end
    return Passage.join([*pieces, text.cut(at)]) if pieces else text


def configuration(
    key: str, value: Node, name: str, kind: str, knows: Callable[[str], bool]
) -> Deployment | None:
    """A scalar that is a whole configuration, told by its lines; None for another text."""
    if value.kind != SCALAR or "\n" not in value.text.strip():
        return None
    data = value.text.encode("utf-8", "surrogatepass")
    found = kinds.found_kind(key, data, knows)
    if found not in (kinds.REDIS_CONF, kinds.SENTINEL_CONF):
        return None
    return Deployment(
        name,
        kind,
        value.host,
        span_of(value),
        Launch((embed(templated(value)),), sentinel=found == kinds.SENTINEL_CONF),
        f"text at {name}",
    )


def texts_of(
    node: Node, name: str, kind: str, knows: Callable[[str], bool]
) -> Iterator[Deployment]:
    """The configurations among the values of one mapping."""
    for key, value in node.entries():
        found = configuration(key, value, f"{name}.{key}" if name else key, kind, knows)
        if found is not None:
            yield found
