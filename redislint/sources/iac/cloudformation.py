"""CloudFormation templates, also as CDK and SAM make them: managed caches among the resources.

Resources:
  Params:
    Type: AWS::ElastiCache::ParameterGroup
    Properties:
      CacheParameterGroupFamily: redis7
      Properties: { maxmemory-policy: noeviction }
  Cache:
    Type: AWS::ElastiCache::ReplicationGroup
    Properties:
      CacheParameterGroupName: !Ref Params
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from redislint.conf.document import Document
from redislint.model import Span
from redislint.sources import kinds
from redislint.sources.iac.cloudformation_nested import pass_parameters
from redislint.sources.iac.cloudformation_network import ingress
from redislint.sources.iac.cloudformation_properties import Properties, either
from redislint.sources.iac.cloudformation_syntax import call_of, extent
from redislint.sources.iac.cloudformation_tables import GROUPS, TYPES, Type
from redislint.sources.iac.cloudformation_users import users
from redislint.sources.iac.cloudformation_values import Template
from redislint.sources.iac.deployment import Deployment, Problem, World
from redislint.sources.iac.given import UNKNOWN, Given
from redislint.sources.iac.managed import Resource, deployment, is_memcached
from redislint.sources.iac.managed_groups import Group
from redislint.sources.iac.nodes import MAPPING, Node, NodeError, documents

_KEPT = frozenset({"Snapshot", "Retain", "RetainExceptOnCreate"})
"""Values of `DeletionPolicy` under which the data outlives the resource."""

_LOGS = "LogDeliveryConfigurations"
_LOG_LEAVES = (
    "DestinationDetails.CloudWatchLogsDetails.LogGroup",
    "DestinationDetails.KinesisFirehoseDetails.DeliveryStream",
    "DestinationType",
    "LogFormat",
    "LogType",
)
_EACH = "Fn::ForEach::"


def find(hosts: Sequence[Document], world: World) -> Iterator[Deployment | Problem]:
    """The managed caches of some templates."""
    stacks: list[_Stack] = []
    for host in hosts:
        try:
            roots = documents(host)
        except NodeError as error:
            yield Problem.at(host, error)
            continue
        for root in roots:
            stacks += [_Stack(host, part, foreign=foreign) for part, foreign in _templates(root)]
    pass_parameters([stack.template for stack in stacks])
    for stack in stacks:
        yield from stack.deployments()


def _templates(root: Node) -> Iterator[tuple[Node, bool]]:
    """The templates of a file, and whether another tool fills in variables first."""
    if root.get("Resources") is not None:
        yield root, False
    inner = root.get("resources")
    for node in inner.items or [inner] if inner is not None else ():
        if node.get("Resources") is not None:
            yield node, True


class _Stack:
    """One template."""

    def __init__(self, host: Document, root: Node, *, foreign: bool) -> None:
        self._host = host
        self.template = Template(host, root, foreign=foreign)
        self._keys: dict[str, Span] = {}
        self._joined: set[str] = set()
        self._loops: dict[str, frozenset[str]] = {}
        resources = root.get("Resources")
        for name, node in resources.entries() if resources is not None else ():
            self._take(name, node)
        for pair in resources.pairs if resources is not None else ():
            self._keys[pair[0].text] = host.span(*extent(pair[0]))
        host.secrets.update(self.template.secrets())

    def _take(self, name: str, node: Node) -> None:
        """Note a resource; of a loop those that its body makes."""
        if name.startswith(_EACH) and len(node.items) == 3:
            variables = {node.items[0].text}
            for inner, body in node.items[2].entries():
                self.template.resources[inner] = body
                self._keys[inner] = self._host.span(*extent(node.items[0]))
                self._loops[inner] = frozenset(variables)
        elif node.kind == MAPPING:
            self.template.resources[name] = node

    def deployments(self) -> Iterator[Deployment]:
        later: dict[str, Resource] = {}
        for name, node in self.template.resources.items():
            type_ = TYPES.get(node.string("Type"))
            if type_ is None:
                continue
            self.template.looping(self._loops.get(name, frozenset()))
            one = self._resource(name, node, type_)
            if type_.resource == "parameter-group":
                later[name] = one
            elif not is_memcached(one):
                yield deployment(one, kinds.CLOUDFORMATION, _why(node))
        for name, one in later.items():
            if name not in self._joined and not is_memcached(one):
                node = self.template.resources[name]
                yield deployment(one, kinds.CLOUDFORMATION, _why(node))

    def _resource(self, name: str, node: Node, type_: Type) -> Resource:
        properties = Properties(self.template, node.get("Properties"))
        attributes: dict[str, Given] = {}
        settings: list[Given] = []
        for path, renamed in (*type_.settings.items(), *type_.others.items()):
            found = properties.value(path)
            if found is None:
                continue
            attributes[renamed] = found
            if path in type_.settings:
                settings.append(found)
        settings += self._logs(properties, attributes)
        policy = node.get("DeletionPolicy")
        if policy is not None and policy.text in _KEPT:
            kept = Given("DeletionPolicy", policy.text, self._host, *extent(policy))
            attributes.setdefault("final_snapshot_identifier", kept)
            attributes.setdefault("final_snapshot_name", kept)
        group = self._own_group(properties, type_) if type_.parameters else None
        if type_.group:
            group = self._group(attributes.get("parameter_group_name"), type_)
        return Resource(
            type_.service,
            type_.resource,
            f"Resources.{name}",
            self._host,
            self._keys.get(name) or self._host.span(*extent(node)),
            attributes,
            settings,
            group,
            users(properties, type_),
            _tags(properties),
            ingress=ingress(properties, _groups(type_)),
        )

    def _logs(self, properties: Properties, attributes: dict[str, Given]) -> Iterator[Given]:
        """The settings of delivered logs; their types are noted as one attribute."""
        types: list[Any] = []
        why = ""
        first: Node | None = None
        for item in properties.items(_LOGS):
            own = Properties(self.template, item)
            if not own.nodes:
                why = why or "which logs are delivered is not known"
                continue
            first = first or own.nodes[0]
            for path in _LOG_LEAVES:
                leaf = own.value(path)
                if leaf is not None:
                    yield leaf
            told = own.value("LogType")
            types += [told.value] if told is not None else []
            why = why or (told.why if told is not None else "")
        if first is not None or why:
            place = extent(first if first is not None else properties.nodes[-1])
            known = UNKNOWN if why else sorted(map(str, types))
            attributes["log_types"] = Given("LogType", known, self._host, *place, why)

    # -- parameter groups ----------------------------------------------------------------

    def _own_group(self, properties: Properties, type_: Type) -> Group:
        """The parameters that a group itself gives."""
        hidden: list[Given] = []
        unseen = ""
        parts: list[dict[str, Node]] = []
        for part in properties.whole(type_.parameters):
            if part is not None and (part.kind != MAPPING or call_of(part) is not None):
                whole = self.template.given(type_.parameters, part)
                unseen = whole.why or "its parameters are not known"
                hidden.append(whole._replace(value=UNKNOWN, branches=()))
            else:
                parts.append(dict(part.entries()) if part is not None else {})
        parameters: list[Given] = []
        for name in dict.fromkeys(name for part in parts for name in part):
            if name.startswith("Fn::"):
                unseen = f"{name} adds to its parameters"
                continue
            several: list[Node | None] = []
            for one in parts:
                value = one.get(name)
                several += self.template.alternatives(value) if value is not None else [None]
            if any(value is not None for value in several):
                place = next(one[name] for one in parts if name in one)
                parameters.append(either(self.template, name, several, place))
        family = properties.value(_family(type_))
        return Group(family, tuple(parameters), unseen, tuple(hidden))

    def _group(self, name: Given | None, type_: Type) -> Group | None:
        """The group that a cache names, by a reference or by its literal name."""
        if name is None:
            return None
        wanted = GROUPS[type_.service]
        for key, node in self.template.resources.items():
            if node.string("Type") != wanted:
                continue
            properties = Properties(self.template, node.get("Properties"))
            own = properties.value(_naming(wanted))
            if name.reference == key or (name.known and own and own.value == name.value):
                group = self._own_group(properties, TYPES[wanted])
                self._joined.add(key)
                if group.family is not None and "memcached" in str(group.family.value):
                    return Group(unseen="its parameter group is one of memcached")
                return group
        return None


def _family(type_: Type) -> str:
    return next(name for name, renamed in type_.others.items() if renamed == "family")


def _naming(wanted: str) -> str:
    return next(name for name, renamed in TYPES[wanted].others.items() if renamed == "name")


def _groups(type_: Type) -> str:
    """The property with the security groups of a cache."""
    given = (name for name, renamed in type_.others.items() if renamed == "security_group_ids")
    return next(given, "SecurityGroupIds")


def _tags(properties: Properties) -> Mapping[str, str]:
    found = {}
    for node in properties.nodes:
        for item in node.list("Tags"):
            value = item.get("Value")
            if value is not None and call_of(value) is None and value.text:
                found[item.string("Key")] = value.text
    return found


def _why(node: Node) -> str:
    """How it was found; of what the CDK made, where its source has it."""
    path = node.string("Metadata", "aws:cdk:path")
    return f"{node.string('Type')}, construct {path}" if path else node.string("Type")
