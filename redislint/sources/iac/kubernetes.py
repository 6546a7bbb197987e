"""Kubernetes manifests: containers that run a server, with what belongs to them.

A workload (StatefulSet, Deployment, Pod, ...), the ConfigMap that it mounts and the claim
or emptyDir of its data directory are one server, wherever in the repository they stand. A
ConfigMap with a redis.conf that no workload of the run mounts is one on its own. Secrets
are not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from typing import NamedTuple

from redislint.conf.document import Document
from redislint.conf.launch import Launch
from redislint.model import Fact
from redislint.sources import kinds
from redislint.sources.iac import environment, filled, kustomize, operators, releases
from redislint.sources.iac.command import Start, start_of
from redislint.sources.iac.deployment import Deployment, Problem, World, fact
from redislint.sources.iac.images import Image, read_image
from redislint.sources.iac.nodes import SCALAR, Node, NodeError
from redislint.sources.iac.pods import Volume, environment_of, expanded, inside, volumes_of
from redislint.sources.iac.probes import liveness
from redislint.sources.iac.scalars import passage
from redislint.sources.iac.values import quantity, span_of

DATA = "/data"
"""Working directory of the official images."""

_Knows = Callable[[str], bool]


class Object(NamedTuple):
    """One object of a manifest."""

    kind: str
    namespace: str
    name: str
    node: Node


def find(hosts: Sequence[Document], world: World) -> Iterator[Deployment | Problem]:
    """The servers of some manifests, which are read together."""
    objects: list[Object] = []
    for host in hosts:
        try:
            for root in filled.documents(host):
                objects += objects_of(root)
        except NodeError as error:
            yield Problem.at(host, error)
    yield from _Cluster(objects, world).deployments()


def servers_of(
    roots: Sequence[Node], maps: Sequence[Node], world: World
) -> tuple[list[Deployment], frozenset[int]]:
    """The servers of objects that another tool makes, and which of the ConfigMaps `maps`
    (by the identity of their node) these use."""
    objects = [one for root in (*roots, *maps) for one in objects_of(root)]
    cluster = _Cluster(objects, world)
    alone = {id(node) for node in maps}
    found = list(cluster.deployments(alone))
    return found, cluster.used & alone


def objects_of(root: Node) -> Iterator[Object]:
    """The objects of a document, those of a List one by one."""
    pending = [root]
    seen: set[int] = set()
    while pending:
        node = pending.pop(0)
        if id(node) in seen:  # a list that an alias puts into itself
            continue
        seen.add(id(node))
        kind = node.string("kind") or kustomize.kind(node)
        if kind.endswith("List") and node.get("items") is not None:
            pending = [*node.list("items"), *pending]
        elif kind:
            name, namespace = node.string("metadata", "name"), node.string("metadata", "namespace")
            yield Object(kind, namespace, name, node)


class _Cluster:
    """All objects of a run."""

    def __init__(self, objects: Sequence[Object], world: World) -> None:
        self._objects = objects
        self._world = world
        self._used: set[int] = set()

    @property
    def used(self) -> frozenset[int]:
        """The identities of the ConfigMaps that a workload uses."""
        return frozenset(self._used)

    def deployments(self, passed: Set[int] = frozenset()) -> Iterator[Deployment]:
        """The servers; `passed`: ConfigMaps that are none of their own."""
        knows = self._world.knows
        for one in self._objects:
            yield from self._workload(one)
            yield from self._custom(one)
            yield from releases.servers(one.node, f"{one.kind}/{one.name or '?'}", knows)
        for one in self._objects:
            if one.kind == "ConfigMap" and id(one.node) not in self._used | passed:
                yield from _config_map(one, knows)

    def _custom(self, one: Object) -> Iterator[Deployment]:
        """The servers of an operator's resource, with the ConfigMaps that it names."""

        def entry(name: str, key: str) -> Document | None:
            return self._named(one, name, key)

        yield from operators.servers(one.node, f"{one.kind}/{one.name or '?'}", entry)

    def _workload(self, one: Object) -> Iterator[Deployment]:
        spec = one.node.get("spec")
        if one.kind == "CronJob" and spec is not None:
            spec = spec.get("jobTemplate", "spec")
        if spec is not None and one.kind != "Pod":
            spec = spec.get("template", "spec")
        for container in spec.list("containers") if spec is not None else ():
            found = self._container(one, spec, container) if spec is not None else None
            if found is not None:
                yield found

    def _container(self, one: Object, spec: Node, container: Node) -> Deployment | None:
        image = read_image(container.string("image"))
        variables = environment_of(container)
        words = [
            expanded(passage(item), variables)
            for key in ("command", "args")
            for item in container.list(key)
        ]
        start = start_of(words, bare=bool(image.engine) and container.get("command") is None)
        if start is None:
            if words or not image.engine:
                return None
            start = Start(None, ())
        volumes = volumes_of(one.node, spec, container)
        texts, unseen = self._configuration(one, spec, start, volumes)
        given = environment.settings(image, variables)
        launch = Launch(
            (*given.before, *texts, *given.after),
            (*start.words, *given.words),
            start.sentinel,
            unseen or given.unseen,
        )
        where = container.get("image") or container
        probed = liveness(container)
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
            {
                **self._facts(one, container, image, volumes),
                **image.facts,
                **self._published(one, spec),
                **probed,
            },
            places={path: span_of(container.get("livenessProbe") or where) for path in probed},
        )

    def _configuration(
        self, one: Object, spec: Node, start: Start, volumes: Sequence[Volume]
    ) -> tuple[tuple[Document, ...], str]:
        """The texts of the file that the command names, or why nobody can see them."""
        if start.file is None:
            return (), ""
        if not start.file.known:
            return (), "a variable stands for its configuration file or for options"
        path = start.file.data.decode("utf-8", "surrogateescape")
        for volume in sorted(volumes, key=lambda v: -len(v.path)):
            within = inside(path, volume)
            if within is None:
                continue
            if volume.kind == "secret":
                return (), f"its configuration file {path} is kept in a Secret"
            if volume.kind == "configMap":
                text = self._entry(one, volume.node, within)
                if text is not None:
                    return (text,), ""
                return (), f"its configuration file {path} is in a ConfigMap that was not found"
            break
        copied = self._copied(one, spec, path.rsplit("/", 1)[-1])
        if copied is not None:
            return (copied,), f"a script prepares {path} and may add to it"
        return (), f"its configuration file {path} is not among these manifests"

    def _copied(self, one: Object, spec: Node, name: str) -> Document | None:
        """The entry of that name in a ConfigMap of the pod, which a script copies."""
        for volume in spec.list("volumes"):
            node = volume.get("configMap")
            found = self._entry(one, node, name) if node is not None else None
            if found is not None:
                return found
        return None

    def _entry(self, one: Object, reference: Node, file: str) -> Document | None:
        """The text of a file of a mounted ConfigMap; `file` is its path in the volume."""
        key = file
        items = reference.list("items")
        if items:
            key = next((i.string("key") for i in items if i.string("path") == file), "")
        return self._named(one, reference.string("name"), key)

    def _named(self, one: Object, name: str, key: str) -> Document | None:
        """The text below a key of a ConfigMap in the namespace of `one`, which a generator
        of Kustomize may make."""
        for other in self._objects:
            if other.kind == "Kustomization":
                made = kustomize.entry(other.node, name, key, self._world)
                if made is not None:
                    return made
            if other.kind != "ConfigMap" or other.name != name:
                continue
            if other.namespace != one.namespace and other.namespace and one.namespace:
                continue
            value = other.node.get("data", key)
            if value is not None and value.kind == SCALAR:
                self._used.add(id(other.node))
                return filled.text(value)
        return None

    def _facts(
        self, one: Object, container: Node, image: Image, volumes: Sequence[Volume]
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

    def _published(self, one: Object, spec: Node) -> dict[str, Fact]:
        """Ports of Services that lead from outside of the cluster to the pods of `one`."""
        if spec.string("hostNetwork") == "true":
            return {}
        labels = _labels(one)
        found = []
        for other in self._objects:
            kind = other.node.string("spec", "type")
            if other.kind != "Service" or kind not in ("LoadBalancer", "NodePort"):
                continue
            selector = other.node.get("spec", "selector")
            wanted = {key: v.text for key, v in selector.entries()} if selector else {}
            if other.namespace != one.namespace or not wanted or not wanted.items() <= labels:
                continue
            key = "nodePort" if kind == "NodePort" else "port"
            ports = other.node.list("spec", "ports")
            found += [f"*:{port.string(key) or '?'}" for port in ports]
        return {"container.published": fact(found, "", "Service")} if found else {}

    def _size(self, one: Object, volume: Volume) -> str:
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


def _labels(one: Object) -> Set[tuple[str, str]]:
    """The labels of the pods of a workload."""
    path = (
        ("metadata", "labels") if one.kind == "Pod" else ("spec", "template", "metadata", "labels")
    )
    node = one.node.get(*path)
    return {(key, v.text) for key, v in node.entries() if v.kind == SCALAR} if node else set()


def _config_map(one: Object, knows: _Knows) -> Iterator[Deployment]:
    """The configuration files in a ConfigMap that no workload of the run mounts."""
    data = one.node.get("data")
    for key, values in _texts(data).items() if data is not None else ():
        whole = "\n".join([value.text for value in values])
        kind = kinds.found_kind(key, whole.encode("utf-8", "surrogatepass"), knows)
        if kind not in (kinds.REDIS_CONF, kinds.SENTINEL_CONF) or "\n" not in whole.strip():
            continue
        texts = tuple([filled.text(value) for value in values])
        yield Deployment(
            f"ConfigMap/{one.name or '?'}/{key}",
            kinds.KUBERNETES,
            values[0].host,
            span_of(values[0]),
            Launch(texts, sentinel=kind == kinds.SENTINEL_CONF),
            f"entry {key} of ConfigMap {one.name}",
        )


def _texts(data: Node) -> dict[str, list[Node]]:
    """The texts of a mapping by their key, which each branch of a template may write."""
    found = {key: [value] for key, value in data.entries() if value.kind == SCALAR}
    for key, value in data.pairs:
        if key.text in found and value.filled and value not in found[key.text]:
            found[key.text].append(value)
    return found
