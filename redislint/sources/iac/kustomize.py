"""ConfigMaps that Kustomize generates of files and literals."""

from __future__ import annotations

import os
from collections.abc import Iterator

from redislint.conf.document import Document, embed
from redislint.sources.iac.deployment import World
from redislint.sources.iac.nodes import SCALAR, Node
from redislint.sources.iac.scalars import passage

KIND = "Kustomization"
_GENERATOR = "configMapGenerator"


def kind(root: Node) -> str:
    """The kind of a kustomization that does not name it, "" for another file."""
    return KIND if root.get(_GENERATOR) is not None else ""


def entry(root: Node, name: str, key: str, world: World) -> Document | None:
    """The text below a key of a ConfigMap that is generated under a name."""
    for one in root.list(_GENERATOR):
        if one.string("name") != name:
            continue
        for item in _scalars(one, "literals"):
            text = passage(item)
            if text.data.partition(b"=")[0] == key.encode():
                return embed(text.cut(len(key.encode()) + 1))
        for item in _scalars(one, "files"):
            given, found, path = item.text.partition("=")
            file = path if found else given
            if (given if found else os.path.basename(given)) == key:
                folder = os.path.dirname(root.host.path or "")
                return world.read(os.path.normpath(os.path.join(folder, file)))
    return None


def _scalars(node: Node, key: str) -> Iterator[Node]:
    return (item for item in node.list(key) if item.kind == SCALAR)
