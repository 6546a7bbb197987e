"""Values of Helm charts that run Redis or Valkey, at any nesting.

A chart is told by the keys that it alone has, wherever in a values file they stand: at the
top, below the name of a sub-chart or of its alias. What the values set is known; the
templates of the chart set more, so that the rest of the configuration is not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from redislint.conf.document import Document
from redislint.sources import kinds
from redislint.sources.iac import helm_charts
from redislint.sources.iac.deployment import Deployment, Problem, World
from redislint.sources.iac.helm_dependencies import keys_of_charts
from redislint.sources.iac.helm_texts import texts_of
from redislint.sources.iac.nodes import MAPPING, Node, NodeError, documents

_OUR_KEY = re.compile(r"redis|valkey|keydb", re.IGNORECASE)


class _Place(NamedTuple):
    """A mapping of a values file: the keys above it, and whether a switch turns it off."""

    path: tuple[str, ...]
    node: Node
    off: bool = False


def find(hosts: Sequence[Document], world: World) -> Iterator[Deployment | Problem]:
    """The servers of some values files, each file alone."""
    for host in hosts:
        try:
            roots = documents(host)
        except NodeError as error:
            yield Problem.at(host, error)
            continue
        declared = keys_of_charts(host, world)
        for root in roots:
            yield from values(root, kinds.HELM, world.knows, declared=declared)


def values(
    root: Node,
    kind: str,
    knows: Callable[[str], bool],
    path: tuple[str, ...] = (),
    declared: frozenset[str] = frozenset(),
) -> Iterator[Deployment]:
    """The servers that the values below `root`, the keys `path`, describe. `declared`: keys
    that are certain to be those of charts of ours, "" for the top."""
    pending = [_Place(path, root)]
    seen: set[int] = set()
    while pending:
        place = pending.pop(0)
        if id(place.node) in seen:
            continue
        seen.add(id(place.node))
        place = place._replace(off=place.off or helm_charts.is_off(place.node))
        name = ".".join(place.path)
        named = bool(place.path) and _OUR_KEY.search(place.path[-1]) is not None
        certain = len(place.path) < 2 and (place.path[-1] if place.path else "") in declared
        if helm_charts.is_chart(place.node, named=named or certain, certain=certain):
            found = helm_charts.servers(place.node, name, kind)
        else:
            found = texts_of(place.node, name, kind, knows)
            pending += [
                _Place((*place.path, key), value, place.off)
                for key, value in place.node.entries()
                if value.kind == MAPPING
            ]
        for one in found:
            yield helm_charts.switched_off(one) if place.off else one
