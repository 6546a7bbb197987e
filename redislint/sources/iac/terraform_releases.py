"""Helm releases that Terraform makes: `helm_release` with the values that it passes.

resource "helm_release" "sessions" {
  chart  = "redis"
  values = [file("values.yaml"), yamlencode({ architecture = "standalone" })]
  set {
    name  = "auth.enabled"
    value = "false"
  }
}
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from redislint.conf.document import Document
from redislint.sources import kinds
from redislint.sources.iac import helm, lifting
from redislint.sources.iac.deployment import Deployment, World
from redislint.sources.iac.given import Given
from redislint.sources.iac.nodes import MAPPING, Node
from redislint.sources.iac.terraform_instances import Instance, nested
from redislint.sources.iac.terraform_nodes import merged, node_of, put
from redislint.sources.iac.terraform_values import Value, value_of

TYPE = "helm_release"

_OUR_CHART = re.compile(r"redis|valkey|keydb", re.IGNORECASE)
_SETS = ("set", "set_sensitive", "set_list")


def releases(instance: Instance, world: World) -> Iterator[Deployment]:
    """The servers that the values of a release describe."""
    inner: list[Document] = []
    root = merged(_values(instance, inner))
    if root is None or root.kind != MAPPING:
        root = Node(MAPPING, instance.block.host, instance.block.start, "")
        root.end = instance.block.start
    for path, value in _sets(instance):
        put(root, path, value)
    chart = instance.block.attributes.get("chart")
    name = value_of(chart.expression, instance.scope).data if chart is not None else None
    ours = isinstance(name, str) and _OUR_CHART.search(name) is not None
    declared = frozenset({instance.address}) if ours else frozenset()
    found: Iterator[Deployment] = helm.values(
        root, kinds.TERRAFORM, world.knows, (instance.address,), declared
    )
    for document in inner:
        found = lifting.lifted(list(found), document)
    yield from found


def _values(instance: Instance, inner: list[Document]) -> Iterator[Node]:
    """The values that are passed as texts or as objects, in their order; the documents that
    texts are read as are added to `inner`."""
    attribute = instance.block.attributes.get("values")
    value = value_of(attribute.expression, instance.scope) if attribute is not None else None
    for item in value.data if value is not None and isinstance(value.data, list) else ():
        if isinstance(item.data, Mapping):
            yield node_of(item)
        elif item.passage is not None:
            document = lifting.document(item.passage)
            inner.append(document)
            yield from lifting.documents(document)[:1]


def _sets(instance: Instance) -> Iterator[tuple[str, Value]]:
    """Single values by their dotted path: blocks, or from version 3 of the provider on lists."""
    block, scope = instance.block, instance.scope
    for type_ in _SETS:
        for child in nested(block, type_, scope):
            if isinstance(child, Given):
                continue
            inner, inside = child
            parts = {n: value_of(a.expression, inside) for n, a in inner.attributes.items()}
            yield from _pair(parts)
        attribute = block.attributes.get(type_)
        listed = value_of(attribute.expression, scope).data if attribute is not None else ()
        for item in listed if isinstance(listed, list) else ():
            if isinstance(item.data, Mapping):
                yield from _pair(item.data)


def _pair(parts: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
    name, value = parts.get("name"), parts.get("value")
    if name is not None and value is not None and isinstance(name.data, str):
        yield name.data, value
