"""Kubernetes manifests: containers that run a server, with what belongs to them.

A workload (StatefulSet, Deployment, Pod, ...), the ConfigMap that it mounts and the claim
or emptyDir of its data directory are one server, wherever in the repository they stand. A
ConfigMap with a redis.conf that no workload of the run mounts is one on its own. Secrets
are not read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from redislint.conf.document import Document, embed
from redislint.conf.launch import Launch
from redislint.conf.passage import Passage
from redislint.model import Fact
from redislint.sources import kinds
from redislint.sources.iac import environment
from redislint.sources.iac.command import Start, start_of
from redislint.sources.iac.deployment import Deployment, Problem, World, fact
from redislint.sources.iac.images import Image, read_image
from redislint.sources.iac.nodes import MAPPING, SCALAR, Node, NodeError, documents
from redislint.sources.iac.scalars import passage
from redislint.sources.iac.values import quantity, span_of

DATA = "/data"
"""Working directory of the official images."""

_VARIABLE = re.compile(rb"\$\$|\$\(([A-Za-z_][\w.-]*)\)")

_Knows = Callable[[str], bool]


class _Object(NamedTuple):
    """One object of a manifest."""

    kind: str
    namespace: str
    name: str
    node: Node


class _Volume(NamedTuple):
    """A volume of a pod, mounted: `path` and `sub_path` of the mount, `kind` as the
    volume's key (configMap, emptyDir, persistentVolumeClaim, ...), `node` what that holds."""

    path: str
    sub_path: str
    kind: str
    node: Node


def find(hosts: Sequence[Document], world: World) -> Iterator[Deployment | Problem]:
    """The servers of some manifests, which are read together."""
    objects: list[_Object] = []
    for host in hosts:
        try:
            for root in documents(host):
                objects += _objects(root)
        except NodeError as error:
            yield Problem.at(host, error)
    yield from _Cluster(objects).deployments(world.knows)


def _objects(root: Node) -> Iterator[_Object]:
    """The objects of a document, those of a List one by one."""
    pending = [root]
    seen: set[int] = set()
    while pending:
        node = pending.pop(0)
        if id(node) in seen:  # a list that an alias puts into itself
            continue
        seen.add(id(node))
        kind = node.string("kind")
        if kind.endswith("List") and node.get("items") is not None:
            pending = [*node.list("items"), *pending]
        elif kind:
            name, namespace = node.string("metadata", "name"), node.string("metadata", "namespace")
            yield _Object(kind, namespace, name, node)


class _Cluster:
    """All objects of a run."""

    def __init__(self, objects: Sequence[_Object]) -> None:
        self._objects = objects
        self._used: set[int] = set()

    def deployments(self, knows: _Knows) -> Iterator[Deployment]:
        for one in self._objects:
            yield from self._workload(one)
        for one in self._objects:
            if one.kind == "ConfigMap" and id(one.node) not in self._used:
                yield from _config_map(one, knows)

    def _workload(self, one: _Object) -> Iterator[Deployment]:
        spec = one.node.get("spec")
        if one.kind == "CronJob" and spec is not None:
            spec = spec.get("jobTemplate", "spec")
        if spec is not None and one.kind != "Pod":
            spec = spec.get("template", "spec")
        for container in spec.list("containers") if spec is not None else ():
            found = self._container(one, spec, container) if spec is not None else None
            if found is not None:
                yield found

    def _container(self, one: _Object, spec: Node, container: Node) -> Deployment | None:
        image = read_image(container.string("image"))
        variables = _environment(container)
        words = [
            _expanded(passage(item), variables)
            for key in ("command", "args")
            for item in container.list(key)
        ]
        start = start_of(words, bare=bool(image.engine) and container.get("command") is None)
        if start is None:
            if words or not image.engine:
                return None
            start = Start(None, ())
        volumes = _volumes(one, spec, container)
        texts, unseen = self._configuration(one, spec, start, volumes)
        given = environment.settings(image, variables)
        launch = Launch(
            (*given.before, *texts, *given.after),
            (*start.words, *given.words),
            start.sentinel,
            unseen or given.unseen,
        )
        where = container.get("image") or container
        name = f"{one.kind}/{one.name or '?'}/{container.string('name') or '?'}"
        why = "command" if start.program is not None or start.words else "image"
        return Deployment(
            name,
            kinds.KUBERNETES,
            container.host,
            span_of(where),
            launch,
            f"{why} of container {container.string('name')}",
            image.servers,
            image.engine,
            self._facts(one, container, image, volumes),
        )

    def _configuration(
        self, one: _Object, spec: Node, start: Start, volumes: Sequence[_Volume]
    ) -> tuple[tuple[Document, ...], str]:
        """The texts of the file that the command names, or why nobody can see them."""
        if start.file is None:
            return (), ""
        if not start.file.known:
            return (), "a variable stands for its configuration file or for options"
        path = start.file.data.decode("utf-8", "surrogateescape")
        for volume in sorted(volumes, key=lambda v: -len(v.path)):
            inside = _inside(path, volume)
            if inside is None:
                continue
            if volume.kind == "secret":
                return (), f"its configuration file {path} is kept in a Secret"
            if volume.kind == "configMap":
                text = self._entry(one, volume.node, inside)
                if text is not None:
                    return (text,), ""
                return (), f"its configuration file {path} is in a ConfigMap that was not found"
            break
        copied = self._copied(one, spec, path.rsplit("/", 1)[-1])
        if copied is not None:
            return (copied,), f"a script prepares {path} and may add to it"
        return (), f"its configuration file {path} is not among these manifests"

    def _copied(self, one: _Object, spec: Node, name: str) -> Document | None:
        """The entry of that name in a ConfigMap of the pod, which a script copies."""
        for volume in spec.list("volumes"):
            node = volume.get("configMap")
            found = self._entry(one, node, name) if node is not None else None
            if found is not None:
                return found
        return None

    def _entry(self, one: _Object, reference: Node, file: str) -> Document | None:
        """The text of a file of a mounted ConfigMap; `file` is its path in the volume."""
        key = file
        items = reference.list("items")
        if items:
            key = next((i.string("key") for i in items if i.string("path") == file), "")
        name = reference.string("name")
        for other in self._objects:
            if other.kind != "ConfigMap" or other.name != name:
                continue
            if other.namespace != one.namespace and other.namespace and one.namespace:
                continue
            value = other.node.get("data", key)
            if value is not None and value.kind == SCALAR:
                self._used.add(id(other.node))
                return embed(passage(value))
        return None

    def _facts(
        self, one: _Object, container: Node, image: Image, volumes: Sequence[_Volume]
    ) -> dict[str, Fact]:
        facts: dict[str, Fact] = {}
        limit = quantity(container.string("resources", "limits", "memory"))
        if limit:
            facts["host.cgroup_memory_max"] = fact(limit, "bytes", "resources.limits.memory")
        data = next((v for v in volumes if v.path.rstrip("/") == DATA), None)
        if data is None:
            if image.official and one.kind != "Pod":
                facts["disk.volatile"] = fact(True, "", f"no volume at {DATA}")
            return facts
        facts["disk.volatile"] = fact(data.kind == "emptyDir", "", f"{data.kind} at {DATA}")
        size = quantity(self._size(one, data))
        if size:
            facts["disk.total"] = fact(size, "bytes", f"{data.kind} at {DATA}")
        return facts

    def _size(self, one: _Object, volume: _Volume) -> str:
        """The size that a volume asks for, as written; "" where it does not tell."""
        if volume.kind == "emptyDir":
            return volume.node.string("sizeLimit")
        if volume.kind == "volumeClaimTemplate":
            return volume.node.string("spec", "resources", "requests", "storage")
        if volume.kind == "persistentVolumeClaim":
            claim = volume.node.string("claimName")
            for other in self._objects:
                if other.kind == "PersistentVolumeClaim" and other.name == claim:
                    return other.node.string("spec", "resources", "requests", "storage")
        return ""


def _config_map(one: _Object, knows: _Knows) -> Iterator[Deployment]:
    """The configuration files in a ConfigMap that no workload of the run mounts."""
    data = one.node.get("data")
    for key, value in data.entries() if data is not None else ():
        if value.kind != SCALAR:
            continue
        kind = kinds.found_kind(key, value.text.encode("utf-8", "surrogatepass"), knows)
        if kind not in (kinds.REDIS_CONF, kinds.SENTINEL_CONF) or "\n" not in value.text.strip():
            continue
        document = embed(passage(value))
        yield Deployment(
            f"ConfigMap/{one.name or '?'}/{key}",
            kinds.KUBERNETES,
            value.host,
            span_of(value),
            Launch((document,), sentinel=kind == kinds.SENTINEL_CONF),
            f"entry {key} of ConfigMap {one.name}",
        )


def _environment(container: Node) -> dict[str, Passage]:
    """The variables of a container: their values, a hole for what comes from elsewhere."""
    found: dict[str, Passage] = {}
    for item in container.list("env"):
        value = item.get("value")
        other = item.get("valueFrom")
        if value is not None and value.kind == SCALAR:
            found[item.string("name")] = _expanded(passage(value), found)
        elif other is not None:
            found[item.string("name")] = Passage.hole(other.host, other.start, other.end)
    return found


def _expanded(text: Passage, variables: dict[str, Passage]) -> Passage:
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
            if value is None or not value.known:
                piece = Passage.hole(host, first, last)
            else:
                piece = Passage.instead(value.data, host, first, last)
        pieces += [text.cut(at, start), piece]
        at = end
    return Passage.join([*pieces, text.cut(at)]) if pieces else text


def _volumes(one: _Object, spec: Node, container: Node) -> list[_Volume]:
    """The mounted volumes of a container."""
    known: dict[str, tuple[str, Node]] = {}
    for volume in spec.list("volumes"):
        for kind, node in volume.entries():
            if kind != "name":
                known[volume.string("name")] = (kind, node)
    for claim in one.node.list("spec", "volumeClaimTemplates"):
        known[claim.string("metadata", "name")] = ("volumeClaimTemplate", claim)
    found = []
    for mount in container.list("volumeMounts"):
        if mount.kind == MAPPING and mount.string("name") in known:
            kind, node = known[mount.string("name")]
            found.append(_Volume(mount.string("mountPath"), mount.string("subPath"), kind, node))
    return found


def _inside(path: str, volume: _Volume) -> str | None:
    """The path within a volume of what the container sees at `path`; None outside of it."""
    if path == volume.path:
        return volume.sub_path or None
    start = volume.path.rstrip("/") + "/"
    if not path.startswith(start):
        return None
    rest = path[len(start) :]
    return f"{volume.sub_path}/{rest}" if volume.sub_path else rest
