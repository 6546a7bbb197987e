"""Releases of Helm charts as objects of a cluster: their values stand in the object.

Flux's HelmRelease, the Application of Argo CD and k3s's HelmChart, the values as an object or
as a text (`values: |`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from redislint.sources import kinds
from redislint.sources.iac import helm, lifting
from redislint.sources.iac.deployment import Deployment
from redislint.sources.iac.helm_texts import templated
from redislint.sources.iac.nodes import MAPPING, SCALAR, Node

_VALUES = (
    ("spec", "values"),
    ("spec", "source", "helm", "valuesObject"),
)
_TEXTS = (
    ("spec", "source", "helm", "values"),
    ("spec", "valuesContent"),
)
"""Where the values are YAML in a text."""


def servers(node: Node, name: str, knows: Callable[[str], bool]) -> Iterator[Deployment]:
    """The servers that the values of a release describe."""
    chart = (
        node.string("spec", "chart", "spec", "chart")
        or node.string("spec", "source", "chart")
        or (node.string("spec", "chart") if node.string("kind") == "HelmChart" else "")
    )
    where = (f"{name}/{chart or 'values'}",)
    for path in _VALUES:
        values = node.get(*path)
        if values is not None and values.kind == MAPPING:
            yield from helm.values(values, kinds.KUBERNETES, knows, where)
    for path in _TEXTS:
        text = node.get(*path)
        if text is not None and text.kind == SCALAR and ":" in text.text:
            inner = lifting.document(templated(text))
            for root in lifting.documents(inner)[:1]:
                found = list(helm.values(root, kinds.KUBERNETES, knows, where))
                yield from lifting.lifted(found, inner)
