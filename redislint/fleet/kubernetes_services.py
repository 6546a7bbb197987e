"""Servers of Kubernetes manifests by the names that the cluster's DNS gives them.

A StatefulSet with a headless Service has a name for each pod; a Service before a single pod has
one as well. Where a Service stands for several pods nobody can tell which one answers, so these
are audited as files only, as are workloads without a Service or namespace.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from redislint import catalog
from redislint.conf.document import Document, parse
from redislint.conf.reading import ReadError, read_file
from redislint.fleet.model import Entry, Tls
from redislint.policy.errors import PolicyError, Problem
from redislint.sources import discovery, kinds
from redislint.sources.iac import filled, kubernetes
from redislint.sources.iac.deployment import Deployment, World
from redislint.sources.iac.nodes import Node, NodeError

SERVER_PORTS = ("6379", "26379")
"""Ports of a Service that are a server's beyond doubt where it has several."""

_WORKLOADS = ("StatefulSet", "Deployment", "ReplicaSet", "Pod")


_DNS = re.compile(r"[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?")


class _Workload(NamedTuple):
    name: str
    namespace: str
    replicas: int | None
    first: int
    service: str
    labels: dict[str, str]


def entries(path: str, shown: str, base: Entry) -> Iterator[Entry | str]:
    """An entry for each server that has a name of its own, one for each file with others, and a
    line that says why. Raises PolicyError for a file that cannot be read."""
    hosts = _documents(path, shown)
    objects = [one for host in hosts for one in _objects(host)]
    world = World(path if os.path.isdir(path) else os.path.dirname(path), _knows)
    files: dict[str, None] = {}
    found = False
    for server in kubernetes.find(hosts, world):
        if not isinstance(server, Deployment):
            raise PolicyError([Problem(server.path, 0, 0, server.reason)])
        found = True
        urls = _urls(server, objects, base)
        if isinstance(urls, str):
            file = server.host.path or ""
            files.setdefault(file)
            yield f"{_shown(file, path, shown)}: {server.name} is audited as a file: {urls}"
            continue
        for name, url in urls:
            yield base._replace(name=name, kind="live", where=url, seed=False)
    for file in files:
        name = _shown(file, path, shown)
        yield base._replace(name=name, kind="file", where=file, seed=True)
    if not found:
        yield f"{shown}: no manifest there runs Redis or Valkey"


def _documents(path: str, shown: str) -> list[Document]:
    """The manifests that name a product, and those with Services, which need not."""
    found: dict[str, Document] = {}
    for item in discovery.discover([path], _knows):
        if isinstance(item, discovery.Unread):
            raise PolicyError([Problem(_shown(item.path, path, shown), 0, 0, item.reason)])
        if item.kind == kinds.KUBERNETES:
            found[item.path] = parse(item.data, item.path)
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(set(folders) - discovery.SKIPPED_DIRECTORIES)
        for name in sorted(names):
            file = os.path.join(folder, name)
            if file not in found and name.endswith((".yaml", ".yml")):
                data = _service(file)
                found |= {file: data} if data is not None else {}
    return list(found.values())


def _service(path: str) -> Document | None:
    """A manifest with a Service; None for others, and for what no product is named in and
    cannot be read."""
    try:
        host = parse(read_file(path), path)
    except ReadError:
        return None
    return host if any(one.kind == "Service" for one in _objects(host)) else None


def _objects(host: Document) -> list[kubernetes.Object]:
    """The objects of a manifest, none where it is no YAML: `kubernetes.find` says so of those
    that matter."""
    try:
        roots = filled.documents(host)
    except NodeError:
        return []
    return [one for root in roots for one in kubernetes.objects_of(root)]


def _knows(name: str) -> bool:
    return catalog.directive(name) is not None


def _shown(file: str, path: str, shown: str) -> str:
    """A file as the user would name it."""
    return shown if file == path else os.path.join(shown, os.path.relpath(file, path))


def _urls(
    server: Deployment, objects: Sequence[kubernetes.Object], base: Entry
) -> list[tuple[str, str]] | str:
    """Names and URLs of a workload's pods, or why it has none."""
    kind, name, _ = (*server.name.split("/"), "", "")[:3]
    owner = next((one for one in objects if (one.kind, one.name) == (kind, name)), None)
    if kind not in _WORKLOADS or owner is None:
        return f"a {kind} has no name of its own in the cluster"
    workload = _workload(owner)
    if not (_DNS.fullmatch(workload.name) and _DNS.fullmatch(workload.namespace or "x")):
        return "a template makes its name"
    if not workload.namespace:
        return "its manifest names no namespace"
    services = [one for one in objects if one.kind == "Service" and _selects(one, workload)]
    if not services:
        return "no Service of these manifests leads to it"
    headless = [one for one in services if one.node.string("spec", "clusterIP") == "None"]
    own = next((one for one in headless if one.name == workload.service), None)
    if workload.replicas is None:
        return "the number of its replicas is not known"
    service = own or services[0]
    port = _port(service.node)
    if not port or not _DNS.fullmatch(service.name):
        return f"Service {service.name} does not tell which port is the server's"
    suffix = f"{service.name}.{workload.namespace}.svc"
    if own is not None:
        numbers = range(workload.first, workload.first + workload.replicas)
        pods = [f"{workload.name}-{n}" for n in numbers]
        return [
            (f"{workload.namespace}/{pod}", _url(f"{pod}.{suffix}", port, base)) for pod in pods
        ]
    if workload.replicas != 1:
        return f"Service {service.name} stands for {workload.replicas} pods, of which one answers"
    return [(f"{workload.namespace}/{workload.name}", _url(suffix, port, base))]


def _workload(one: kubernetes.Object) -> _Workload:
    spec = one.node.get("spec")
    pod = one.node if one.kind == "Pod" else spec.get("template") if spec else None
    labels = pod.get("metadata", "labels") if pod else None
    replicas = spec.string("replicas") if spec and one.kind != "Pod" else ""
    first = spec.string("ordinals", "start") if spec else ""
    return _Workload(
        one.name,
        one.namespace,
        int(replicas) if replicas.isdigit() else None if replicas else 1,
        int(first) if first.isdigit() else 0,
        spec.string("serviceName") if spec else "",
        {key: value.text for key, value in labels.entries()} if labels else {},
    )


def _selects(service: kubernetes.Object, workload: _Workload) -> bool:
    """Whether a Service leads to the pods of a workload."""
    selector = service.node.get("spec", "selector")
    wanted = {key: value.text for key, value in selector.entries()} if selector else {}
    return (
        service.namespace == workload.namespace
        and bool(wanted)
        and wanted.items() <= workload.labels.items()
    )


def _port(service: Node) -> str:
    """The port of a Service that is the server's, "" where it does not tell."""
    ports = [port.string("port") for port in service.list("spec", "ports")]
    ours = [port for port in ports if port in SERVER_PORTS] or ports
    return ours[0] if len(ours) == 1 and ours[0].isdigit() else ""


def _url(place: str, port: str, base: Entry) -> str:
    return f"{'rediss' if base.tls != Tls() else 'redis'}://{place}:{port}"
