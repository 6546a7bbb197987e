"""Kubernetes objects that Terraform makes: as manifests, as YAML, as resources of their own.

`kubernetes_manifest` and `kubectl_manifest` hold an object; `kubernetes_stateful_set` and its
like spell it in blocks, with the names of the API in another style. All objects of a module
are read together, so that a workload finds the ConfigMap that it mounts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from redislint.conf.document import Document
from redislint.sources import kinds
from redislint.sources.iac import kubernetes, lifting
from redislint.sources.iac.deployment import Deployment, World
from redislint.sources.iac.given import UNKNOWN, Given
from redislint.sources.iac.nodes import MAPPING, SEQUENCE, Node
from redislint.sources.iac.terraform_instances import Instance, nested
from redislint.sources.iac.terraform_nodes import node_of
from redislint.sources.iac.terraform_scope import Scope
from redislint.sources.iac.terraform_syntax import Block
from redislint.sources.iac.terraform_values import Value, value_of

_MANIFESTS = {"kubernetes_manifest": "manifest", "kubectl_manifest": "yaml_body"}
_WORKLOADS = {
    "kubernetes_cron_job": "CronJob",
    "kubernetes_daemonset": "DaemonSet",
    "kubernetes_daemon_set": "DaemonSet",
    "kubernetes_deployment": "Deployment",
    "kubernetes_job": "Job",
    "kubernetes_pod": "Pod",
    "kubernetes_replication_controller": "ReplicationController",
    "kubernetes_stateful_set": "StatefulSet",
}
CONFIG_MAPS = frozenset({"kubernetes_config_map", "kubernetes_config_map_v1"})

_LISTS = {
    "container": "containers",
    "env": "env",
    "env_from": "envFrom",
    "init_container": "initContainers",
    "items": "items",
    "port": "ports",
    "volume": "volumes",
    "volume_claim_template": "volumeClaimTemplates",
    "volume_mount": "volumeMounts",
}
"""Blocks that are items of a list, and what the API calls it."""

_MOST_NESTING = 20


def is_ours(type_: str) -> bool:
    """Whether a resource of this type may hold a workload or an object."""
    return type_ in _MANIFESTS or _kind(type_) != ""


def _kind(type_: str) -> str:
    return _WORKLOADS.get(type_.removesuffix("_v1").removesuffix("_v1beta1"), "")


def servers(
    found: Sequence[Instance], maps: Sequence[Instance], world: World
) -> tuple[list[Deployment], frozenset[str]]:
    """The servers of some objects, and the addresses of the ConfigMaps that they use."""
    inner: list[Document] = []
    roots = [root for one in found for root in _objects(one, inner)]
    entries = {one.address: _config_map(one) for one in maps}
    made, used = kubernetes.servers_of(roots, list(entries.values()), world)
    for document in inner:
        made = list(lifting.lifted(made, document))
    taken = frozenset(name for name, node in entries.items() if id(node) in used)
    return [one._replace(kind=kinds.TERRAFORM) for one in made], taken


def _objects(one: Instance, inner: list[Document]) -> Iterator[Node]:
    block, scope = one.block, one.scope
    type_ = block.labels[0]
    if type_ not in _MANIFESTS:
        root = _block(block, scope, 0)
        root.pairs.append((_word(block, "kind"), _word(block, _kind(type_))))
        yield root
        return
    attribute = block.attributes.get(_MANIFESTS[type_])
    value = value_of(attribute.expression, scope) if attribute is not None else None
    if value is None:
        return
    if isinstance(value.data, Mapping):
        yield node_of(value)
    elif value.passage is not None:
        document = lifting.document(value.passage)
        inner.append(document)
        yield from lifting.documents(document)


def _config_map(one: Instance) -> Node:
    root = _block(one.block, one.scope, 0)
    root.pairs.append((_word(one.block, "kind"), _word(one.block, "ConfigMap")))
    return root


def _word(block: Block, text: str) -> Node:
    """A word that stands nowhere: it is told by the resource's type."""
    value = Value(text, block.host, block.start, block.start)
    return node_of(value)


def _block(block: Block, scope: Scope, depth: int) -> Node:
    """The attributes and blocks of a block as the API has them."""
    node = Node(MAPPING, block.host, block.start, "")
    node.end = block.end
    several: dict[str, Node] = {}
    for attribute in block.attributes.values():
        value = _resolved(value_of(attribute.expression, scope), scope)
        node.pairs.append((_word(block, _camel(attribute.name)), node_of(value)))
    types = dict.fromkeys(_type(child) for child in block.blocks)
    for type_ in types if depth < _MOST_NESTING else ():
        for child in nested(block, type_, scope):
            if isinstance(child, Given):
                continue
            below = _block(*child, depth + 1)
            if type_ not in _LISTS:
                node.pairs.append((_word(block, _camel(type_)), below))
                continue
            if type_ not in several:
                several[type_] = Node(SEQUENCE, block.host, block.start, "")
                node.pairs.append((_word(block, _LISTS[type_]), several[type_]))
            several[type_].items.append(below)
    return node


def _type(child: Block) -> str:
    return child.labels[0] if child.type == "dynamic" and child.labels else child.type


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _resolved(value: Value, scope: Scope) -> Value:
    """The name of another object of the module, where an attribute refers to it."""
    kind, _, rest = value.reference.partition(".")
    if value.data is not UNKNOWN or not kind.startswith("kubernetes_"):
        return value
    block = scope.module.resources.get(f"{kind}.{rest.partition('.')[0].partition('[')[0]}")
    metadata = next(block.below("metadata"), None) if block is not None else None
    attribute = metadata.attributes.get("name") if metadata is not None else None
    if attribute is None or not rest.endswith(".name"):
        return value
    return value_of(attribute.expression, scope).at(value)
