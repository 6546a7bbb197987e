"""Releases of Helm charts as objects of a cluster: their values stand in the object.

Flux's HelmRelease, the Application of Argo CD and k3s's HelmChart. Values given as a text
in the object (`values: |`) are YAML within YAML and are not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from redislint.sources import kinds
from redislint.sources.iac import helm
from redislint.sources.iac.deployment import Deployment
from redislint.sources.iac.nodes import MAPPING, Node

_VALUES = (
    ("spec", "values"),
    ("spec", "source", "helm", "valuesObject"),
)


def servers(node: Node, name: str, knows: Callable[[str], bool]) -> Iterator[Deployment]:
    """The servers that the values of a release describe."""
    chart = node.string("spec", "chart", "spec", "chart") or node.string("spec", "source", "chart")
    for path in _VALUES:
        values = node.get(*path)
        if values is not None and values.kind == MAPPING:
            yield from helm.values(
                values, kinds.KUBERNETES, knows, (f"{name}/{chart or 'values'}",)
            )
