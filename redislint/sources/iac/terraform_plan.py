"""Plans and states of Terraform as JSON (`terraform show -json`, `terraform state pull`).

Everything is resolved in them, so they are the exact way; they have no lines, so what is
found is shown in the source where that lies beside them. They hold secrets in clear: none of
their text is ever shown.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from redislint.conf.document import Document
from redislint.sources import kinds
from redislint.sources.iac import terraform_modules as modules
from redislint.sources.iac.deployment import Deployment, Problem, World
from redislint.sources.iac.given import SENSITIVE, UNKNOWN, Given, is_secret
from redislint.sources.iac.managed import Resource, deployment, is_memcached
from redislint.sources.iac.managed_groups import Group
from redislint.sources.iac.nodes import MAPPING, Node, NodeError, documents
from redislint.sources.iac.terraform import Reader
from redislint.sources.iac.terraform_groups import Groups
from redislint.sources.iac.terraform_instances import Instance
from redislint.sources.iac.terraform_json import block_of
from redislint.sources.iac.terraform_resources import resource
from redislint.sources.iac.terraform_scope import Module, Scope, module
from redislint.sources.iac.terraform_syntax import Attribute, Block
from redislint.sources.iac.terraform_tables import RESOURCES

_LATER = "it is known after it is made"

_STEP = re.compile(r"module\.([\w-]+)(?:\[[^\]]*\])?\.")


class _Planned(NamedTuple):
    """A resource of a plan: its values, which of them are sensitive and which not known
    yet, and what its configuration says by attribute (None: not told)."""

    address: str
    type: str
    name: str
    values: Node
    sensitive: Node | None
    unknown: Node | None
    expressions: Node | None


def find(hosts: Sequence[Document], world: World) -> Iterator[Deployment | Problem]:
    """The managed caches of some plans and states."""
    for host in hosts:
        try:
            roots = documents(host)
        except NodeError as error:
            yield Problem.at(host, error)
            continue
        for root in roots:
            yield from _deployments(root, host, world)


def _deployments(root: Node, host: Document, world: World) -> Iterator[Deployment]:
    planned = [one for one in _planned(root) if one.type in RESOURCES]
    blocks: dict[str, Block] = {}
    for one in planned:
        block = block_of("resource", (one.type, one.name), one.values, plain=True)
        blocks[one.address] = block
        blocks.setdefault(f"{one.type}.{one.name}", block)
    whole = module([])
    if whole is None:
        return
    scope = Scope(whole._replace(resources=blocks))
    groups = Groups(scope)
    sources = _Sources(os.path.dirname(host.path or ""), world)
    everything = [
        resource(Instance(blocks[one.address], one.address, scope), groups) for one in planned
    ]
    moved: dict[int, Given] = {}
    for made in everything:
        source = sources.block(made.address)
        if source is not None and made.resource == "parameter-group" and made.group is not None:
            moved |= _group_places(made.group, source)
    later = []
    for one, raw in zip(planned, everything, strict=True):
        made = _completed(raw, one)
        source = sources.block(one.address)
        if source is not None:
            made = _relocated(made, source)
        if made.group is not None:
            made = made._replace(group=_moved(made.group, moved))
        if is_memcached(made):
            continue
        found = _without_text(
            deployment(made, kinds.TERRAFORM_PLAN, f"planned {one.address}"), host
        )
        if made.resource == "parameter-group":
            later.append((f"{one.type}.{one.name}", found))
        else:
            yield found
    yield from (found for name, found in later if name not in groups.used)


def _without_text(found: Deployment, host: Document) -> Deployment:
    """The deployment, none of the plan's own text to be shown with it."""
    if found.managed is None:
        return found
    hosts = tuple(one for one in found.managed.hosts if one is not host)
    return found._replace(host=host, managed=found.managed._replace(hosts=hosts))


def _planned(root: Node) -> Iterator[_Planned]:
    later = {item.string("address"): item for item in root.list("resource_changes")}
    configured = dict(_configured(root.get("configuration", "root_module"), ""))
    for top in ("planned_values", "values"):
        pending = [node for node in [root.get(top, "root_module")] if node is not None]
        while pending:
            node = pending.pop(0)
            pending += node.list("child_modules")
            for item in node.list("resources"):
                values = item.get("values")
                if values is None or values.kind != MAPPING or item.string("mode") == "data":
                    continue
                address = item.string("address")
                change = later.get(address)
                yield _Planned(
                    address,
                    item.string("type"),
                    item.string("name"),
                    values,
                    item.get("sensitive_values"),
                    change.get("change", "after_unknown") if change is not None else None,
                    configured.get(_plain(address)),
                )
    for item in root.list("resources"):
        for number, instance in enumerate(item.list("instances")):
            values = instance.get("attributes")
            if values is None or values.kind != MAPPING or item.string("mode") == "data":
                continue
            key = instance.string("index_key")
            prefix = item.string("module")
            address = f"{prefix}." if prefix else ""
            address += f"{item.string('type')}.{item.string('name')}"
            address += f"[{key or number}]" if len(item.list("instances")) > 1 or key else ""
            yield _Planned(
                address, item.string("type"), item.string("name"), values, None, None, None
            )


def _configured(node: Node | None, prefix: str) -> Iterator[tuple[str, Node]]:
    """The expressions of each resource of the configuration, by address without indexes."""
    if node is None:
        return
    for item in node.list("resources"):
        expressions = item.get("expressions")
        if expressions is not None:
            yield prefix + item.string("address"), expressions
    calls = node.get("module_calls")
    for name, call in calls.entries() if calls is not None else ():
        yield from _configured(call.get("module"), f"{prefix}module.{name}.")


def _plain(address: str) -> str:
    """An address without indexes."""
    return re.sub(r"\[[^\]]*\]", "", address)


def _completed(made: Resource, one: _Planned) -> Resource:
    """What the values do not tell: what is set and known later, what is sensitive."""
    attributes = dict(made.attributes)
    for name, flag in one.unknown.entries() if one.unknown is not None else ():
        expression = one.expressions.get(name) if one.expressions is not None else None
        if flag.text != "true" or expression is None:
            continue
        references = expression.list("references")
        reference = references[0].text if references else ""
        node = one.values
        attributes[name] = Given(
            name, UNKNOWN, node.host, node.start, node.start + 1, _LATER, reference
        )
    for name, given in made.attributes.items():
        mark = one.sensitive.get(name) if one.sensitive is not None else None
        marked = mark is not None and mark.text != "false" and bool(mark.text or mark.items)
        if given.value is not None and (marked or is_secret(name)):
            attributes[name] = given._replace(value=UNKNOWN, why=SENSITIVE, reference=SENSITIVE)
    settings = [attributes.get(given.name, given) for given in made.settings]
    settings = [given for given in settings if given.value is not None]
    return made._replace(attributes=attributes, settings=settings)


class _Sources:
    """The Terraform files beside a plan."""

    def __init__(self, folder: str, world: World) -> None:
        self._folder = folder
        self._reader = Reader((), world)
        self._world = world

    def block(self, address: str) -> Block | None:
        """The block that an address stands for, None where its source is not there."""
        folder = self._folder
        rest = address
        part = self._module(folder)
        while part is not None and (match := _STEP.match(rest)) is not None:
            call = part.calls.get(match[1])
            source = modules.source_of(call) if call is not None else ""
            if not modules.is_local(source):
                return None
            folder = os.path.normpath(os.path.join(folder, source))
            part = self._module(folder)
            rest = rest[match.end() :]
        return part.resources.get(_plain(rest)) if part is not None else None

    def _module(self, folder: str) -> Module | None:
        parts = self._reader.modules(folder) if self._world.holds(folder) else []
        return parts[0] if len(parts) == 1 else None


def _relocated(made: Resource, source: Block) -> Resource:
    """The resource with its places in the source that it was planned from."""
    attributes = {name: _there(given, source) for name, given in made.attributes.items()}
    settings = [_there(given, source) for given in made.settings]
    return made._replace(
        host=source.host, start=source.span, attributes=attributes, settings=settings
    )


def _group_places(group: Group, source: Block) -> dict[int, Given]:
    """What a group gives in its places of the source, by its place in the plan."""
    places = {one.start: _parameter(one, source) for one in group.parameters}
    if group.family is not None:
        places[group.family.start] = _there(group.family, source)
    return places


def _moved(group: Group, places: dict[int, Given]) -> Group:
    family = group.family
    return group._replace(
        parameters=tuple(places.get(one.start, one) for one in group.parameters),
        family=None if family is None else places.get(family.start, family),
    )


def _there(given: Given, source: Block) -> Given:
    """An attribute, or one of a nested block, else the header of the resource."""
    pending = [source]
    while pending:
        block = pending.pop(0)
        found = block.attributes.get(given.name)
        if found is not None:
            return _placed(given, found)
        pending += block.blocks
    return given._replace(host=source.host, start=source.start, end=source.end)


def _parameter(given: Given, source: Block) -> Given:
    """The `parameter` block of that name, else the dynamic block, else the header."""
    for block in source.below("parameter"):
        name = block.attributes.get("name")
        value = block.attributes.get("value")
        if name is None or value is None:
            continue
        text = name.expression.host.data[name.expression.start : name.expression.end]
        if text.strip(b'"') == given.name.encode():
            return _placed(given, value)
    dynamic = next((b for b in source.below("dynamic") if b.labels == ("parameter",)), source)
    return given._replace(host=dynamic.host, start=dynamic.start, end=dynamic.end)


def _placed(given: Given, attribute: Attribute) -> Given:
    """The value in the place of an attribute's."""
    expression = attribute.expression
    return given._replace(host=expression.host, start=expression.start, end=expression.end)
