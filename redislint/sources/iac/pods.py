"""Pods: the variables of their containers, and the volumes that these mount."""

from __future__ import annotations

import re
from typing import NamedTuple

from redislint.conf.passage import Passage
from redislint.sources.iac.nodes import MAPPING, SCALAR, Node
from redislint.sources.iac.scalars import passage

_VARIABLE = re.compile(rb"\$\$|\$\(([A-Za-z_][\w.-]*)\)")


LONGEST = 1 << 16
"""Most bytes of a variable that are filled in; variables of variables grow without end."""


class Volume(NamedTuple):
    """A volume of a pod, mounted: `path` and `sub_path` of the mount, `kind` as the
    volume's key (configMap, emptyDir, persistentVolumeClaim, ...), `node` what that holds."""

    path: str
    sub_path: str
    kind: str
    node: Node


def environment_of(container: Node) -> dict[str, Passage]:
    """The variables of a container: their values, a hole for what comes from elsewhere."""
    found: dict[str, Passage] = {}
    for item in container.list("env"):
        value = item.get("value")
        other = item.get("valueFrom")
        if value is not None and value.kind == SCALAR:
            found[item.string("name")] = expanded(passage(value), found)
        elif other is not None:
            found[item.string("name")] = Passage.hole(other.host, other.start, other.end)
    return found


def expanded(text: Passage, variables: dict[str, Passage]) -> Passage:
    """A value with `$(NAME)` as the kubelet fills it in: with a variable's own text, or a
    hole for one that comes from elsewhere; an unknown name stays as it is."""
    pieces = []
    at = 0
    for match in _VARIABLE.finditer(text.data):
        start, end = match.span()
        host, first, last = text.extent(start, end)
        if match.group() == b"$$":
            piece = Passage.instead(b"$", host, first, last)
        else:
            value = variables.get(match[1].decode("utf-8", "replace"))
            if value is None or not value.known or len(value) > LONGEST:
                piece = Passage.hole(host, first, last)
            else:
                piece = Passage.instead(value.data, host, first, last)
        pieces += [text.cut(at, start), piece]
        at = end
    return Passage.join([*pieces, text.cut(at)]) if pieces else text


def volumes_of(owner: Node, spec: Node, container: Node) -> list[Volume]:
    """The mounted volumes of a container."""
    known: dict[str, tuple[str, Node]] = {}
    for volume in spec.list("volumes"):
        for kind, node in volume.entries():
            if kind != "name":
                known[volume.string("name")] = (kind, node)
    for claim in owner.list("spec", "volumeClaimTemplates"):
        known[claim.string("metadata", "name")] = ("volumeClaimTemplate", claim)
    found = []
    for mount in container.list("volumeMounts"):
        if mount.kind == MAPPING and mount.string("name") in known:
            kind, node = known[mount.string("name")]
            found.append(Volume(mount.string("mountPath"), mount.string("subPath"), kind, node))
    return found


def inside(path: str, volume: Volume) -> str | None:
    """The path within a volume of what the container sees at `path`; None outside of it."""
    if path == volume.path:
        return volume.sub_path or None
    start = volume.path.rstrip("/") + "/"
    if not path.startswith(start):
        return None
    rest = path[len(start) :]
    return f"{volume.sub_path}/{rest}" if volume.sub_path else rest
