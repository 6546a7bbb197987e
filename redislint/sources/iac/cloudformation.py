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

from redislint import catalog
from redislint.conf.document import Document
from redislint.model import Span
from redislint.sources import kinds
from redislint.sources.cloud.users import user_row
from redislint.sources.iac.cloudformation_syntax import call_of, extent
from redislint.sources.iac.cloudformation_tables import GROUPS, TYPES, Type
from redislint.sources.iac.cloudformation_values import Template
from redislint.sources.iac.deployment import Deployment, Problem, World
from redislint.sources.iac.given import UNKNOWN, Given, is_secret
from redislint.sources.iac.managed import Resource, deployment, is_memcached
from redislint.sources.iac.managed_groups import Group
from redislint.sources.iac.nodes import MAPPING, SEQUENCE, Node, NodeError, documents

_KEPT = frozenset({"Snapshot", "Retain", "RetainExceptOnCreate"})
"""Values of `DeletionPolicy` under which the data outlives the resource."""

_LOGS = "LogDeliveryConfigurations"
_LOG_LEAVES = (
    ("DestinationDetails", "CloudWatchLogsDetails", "LogGroup"),
    ("DestinationDetails", "KinesisFirehoseDetails", "DeliveryStream"),
    ("DestinationType",),
    ("LogFormat",),
    ("LogType",),
)
_EACH = "Fn::ForEach::"


def find(hosts: Sequence[Document], world: World) -> Iterator[Deployment | Problem]:
    """The managed caches of some templates."""
    for host in hosts:
        try:
            roots = documents(host)
        except NodeError as error:
            yield Problem.at(host, error)
            continue
        for root in roots:
            for part, foreign in _templates(root):
                yield from _Stack(host, part, foreign=foreign).deployments()


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
        self._template = Template(host, root, foreign=foreign)
        self._keys: dict[str, Span] = {}
        self._joined: set[str] = set()
        self._loops: dict[str, frozenset[str]] = {}
        resources = root.get("Resources")
        for name, node in resources.entries() if resources is not None else ():
            self._take(name, node)
        for pair in resources.pairs if resources is not None else ():
            self._keys[pair[0].text] = host.span(*extent(pair[0]))
        host.secrets.update(self._template.secrets())

    def _take(self, name: str, node: Node) -> None:
        """Note a resource; of a loop those that its body makes."""
        if name.startswith(_EACH) and len(node.items) == 3:
            variables = {node.items[0].text}
            for inner, body in node.items[2].entries():
                self._template.resources[inner] = body
                self._keys[inner] = self._host.span(*extent(node.items[0]))
                self._loops[inner] = frozenset(variables)
        elif node.kind == MAPPING:
            self._template.resources[name] = node

    def deployments(self) -> Iterator[Deployment]:
        later: dict[str, Resource] = {}
        for name, node in self._template.resources.items():
            type_ = TYPES.get(node.string("Type"))
            if type_ is None:
                continue
            self._template.looping(self._loops.get(name, frozenset()))
            one = self._resource(name, node, type_)
            if type_.resource == "parameter-group":
                later[name] = one
            elif not is_memcached(one):
                yield deployment(one, kinds.CLOUDFORMATION, _why(node))
        for name, one in later.items():
            if name not in self._joined and not is_memcached(one):
                node = self._template.resources[name]
                yield deployment(one, kinds.CLOUDFORMATION, _why(node))

    def _resource(self, name: str, node: Node, type_: Type) -> Resource:
        properties = _objects(self._template, node.get("Properties"))
        attributes: dict[str, Given] = {}
        settings: list[Given] = []
        for path, renamed in (*type_.settings.items(), *type_.others.items()):
            found = list(self._values(properties, path))
            if path in type_.settings:
                settings += found
            if found:
                attributes[renamed] = found[-1]
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
            self._users(properties, type_),
            _tags(properties),
        )

    def _values(self, properties: Sequence[Node], path: str) -> Iterator[Given]:
        """What a property can be, under its own name: every branch, in file order."""
        nodes = list(properties)
        name = path
        for part in path.split("."):
            below = [found for node in nodes if (found := node.get(part)) is not None]
            nodes = [one for node in below for one in self._template.branches(node)]
            name = part
        shown = path.removeprefix("CacheUsageLimits.") if "Limits." in path else name
        yield from self._each(shown, nodes)

    def _each(self, name: str, branches: Sequence[Node]) -> Iterator[Given]:
        """What each branch of a value comes to; the last is the one in effect."""
        for number, node in enumerate(branches, 1):
            if is_secret(name):
                self._host.secrets.add(extent(node))
            found = self._template.given(name, node)
            yield found._replace(effective=number == len(branches))

    def _logs(self, properties: Sequence[Node], attributes: dict[str, Given]) -> Iterator[Given]:
        """The settings of delivered logs; their types are noted as one attribute."""
        types: list[Any] = []
        why = ""
        first: Node | None = None
        for whole in (one for node in properties if (one := node.get(_LOGS)) is not None):
            for several in self._template.branches(whole):
                if several.kind != SEQUENCE or call_of(several) is not None:
                    why = why or "which logs are delivered is not known"
                for item in several.items:
                    for node in _objects(self._template, item):
                        first = first or node
                        for path in _LOG_LEAVES:
                            yield from self._values([node], ".".join(path))
                        told = list(self._values([node], "LogType"))
                        types += [one.value for one in told]
                        why = why or next((one.why for one in told if one.why), "")
        if first is not None or why:
            place = extent(first) if first is not None else extent(properties[-1])
            known = UNKNOWN if why else sorted(map(str, types))
            attributes["log_types"] = Given("LogType", known, self._host, *place, why)

    # -- parameter groups ----------------------------------------------------------------

    def _own_group(self, properties: Sequence[Node], type_: Type) -> Group:
        """The parameters that a group itself gives."""
        family = list(self._values(properties, _family(type_)))
        parameters: list[Given] = []
        hidden: list[Given] = []
        unseen = ""
        for node in (one for p in properties if (one := p.get(type_.parameters)) is not None):
            for part in self._template.branches(node):
                if part.kind != MAPPING or call_of(part) is not None:
                    whole = self._template.given(type_.parameters, part)
                    unseen = whole.why or "its parameters are not known"
                    hidden.append(whole._replace(value=UNKNOWN))
                    continue
                for name, value in part.entries():
                    if name.startswith("Fn::"):
                        unseen = f"{name} adds to its parameters"
                        continue
                    parameters += self._each(name, self._template.branches(value))
        return Group(family[-1] if family else None, tuple(parameters), unseen, tuple(hidden))

    def _group(self, name: Given | None, type_: Type) -> Group | None:
        """The group that a cache names, by a reference or by its literal name."""
        if name is None:
            return None
        wanted = GROUPS[type_.service]
        for key, node in self._template.resources.items():
            if node.string("Type") != wanted:
                continue
            properties = _objects(self._template, node.get("Properties"))
            own = list(self._values(properties, _naming(wanted)))
            if name.reference == key or (name.known and own and own[-1].value == name.value):
                group = self._own_group(properties, TYPES[wanted])
                self._joined.add(key)
                if group.family is not None and "memcached" in str(group.family.value):
                    return Group(unseen="its parameter group is one of memcached")
                return group
        return None

    # -- users ---------------------------------------------------------------------------

    def _users(self, properties: Sequence[Node], type_: Type) -> list[dict[str, Any]] | None:
        """Who may log in, as rows of `cloud.users`; None where anybody is not known."""
        named = list(self._values(properties, type_.users)) if type_.users else []
        if not named or not named[-1].reference:
            return None
        group = self._template.resources.get(named[-1].reference)
        if group is None:
            return None
        inside = _objects(self._template, group.get("Properties"))
        rows: dict[str, dict[str, Any]] = {}
        for node in (one for p in inside if (one := p.get(type_.members)) is not None):
            for item in node.items:
                row = self._user(self._template.given("", item).reference)
                if row is None:
                    return None
                rows[row["id"]] = row
        return [rows[key] for key in sorted(rows)] if rows else None

    def _user(self, name: str) -> dict[str, Any] | None:
        node = self._template.resources.get(name.partition(".")[0])
        if node is None or not node.string("Type").endswith("::User"):
            return None
        properties = _objects(self._template, node.get("Properties"))

        def last(path: str) -> Any:
            found = list(self._values(properties, path))
            return found[-1].value if found else None

        access = last("AccessString")
        if not isinstance(access, str):
            return None
        kind = last("AuthenticationMode.Type")
        if kind is None and str(last("NoPasswordRequired")).lower() == "true":
            kind = "no-password-required"
        names = [text for path in ("UserName", "UserId") if isinstance(text := last(path), str)]
        row = {
            "UserId": name,
            "UserName": names[0] if names else name,
            "AccessString": access,
            "Authentication": {"Type": kind if isinstance(kind, str) else "password"},
        }
        return user_row(row, "UserId", catalog.SERVERS[-1])


def _objects(template: Template, node: Node | None) -> list[Node]:
    """The objects that a node can be."""
    several = template.branches(node) if node is not None else []
    return [one for one in several if one.kind == MAPPING and call_of(one) is None]


def _family(type_: Type) -> str:
    return next(name for name, renamed in type_.others.items() if renamed == "family")


def _naming(wanted: str) -> str:
    return next(name for name, renamed in TYPES[wanted].others.items() if renamed == "name")


def _tags(properties: Sequence[Node]) -> Mapping[str, str]:
    found = {}
    for node in properties:
        for item in node.list("Tags"):
            value = item.get("Value")
            if value is not None and call_of(value) is None and value.text:
                found[item.string("Key")] = value.text
    return found


def _why(node: Node) -> str:
    """How it was found; of what the CDK made, where its source has it."""
    path = node.string("Metadata", "aws:cdk:path")
    return f"{node.string('Type')}, construct {path}" if path else node.string("Type")
