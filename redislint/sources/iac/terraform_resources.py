"""From blocks of Terraform to managed resources: attributes, parameters, what refers to what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from redislint import catalog
from redislint.conf.document import Document
from redislint.sources.cloud.users import user_row
from redislint.sources.iac.given import UNKNOWN, Given, is_secret
from redislint.sources.iac.managed import Resource
from redislint.sources.iac.managed_groups import Group
from redislint.sources.iac.terraform_scope import NAMING, Scope
from redislint.sources.iac.terraform_syntax import Block
from redislint.sources.iac.terraform_tables import RESOURCES, Type
from redislint.sources.iac.terraform_values import Value, entries, given, plain, value_of

MOST_INSTANCES = 50
"""Most instances of one resource that are looked at, each by itself."""

_GROUP_TYPES = {
    "elasticache": "aws_elasticache_parameter_group",
    "memorydb": "aws_memorydb_parameter_group",
}
_NOWHERE = "which parameters a dynamic block makes is not known"


class Instance(NamedTuple):
    """One instance of a resource: its address, and what names mean in it."""

    block: Block
    address: str
    scope: Scope


def instances(block: Block, address: str, scope: Scope) -> Iterator[Instance]:
    """The instances that count and for_each make of a block, one where that is not known."""
    count, each = block.attributes.get("count"), block.attributes.get("for_each")
    if count is not None:
        number = value_of(count.expression, scope)
        if number.data in (0, False) and number.known:
            return
        if number.data in (1, True):
            index = number._replace(data={"index": number._replace(data=0)})
            scope = scope.within({"count": index})
        yield Instance(block, address, scope)
        return
    pairs = entries(value_of(each.expression, scope)) if each is not None else None
    if pairs is None:
        yield Instance(block, address, scope)
        return
    for key, value in pairs[:MOST_INSTANCES]:
        bound = value._replace(data={"key": key, "value": value})
        yield Instance(block, f'{address}["{key.data}"]', scope.within({"each": bound}))


def nested(block: Block, type_: str, scope: Scope) -> Iterator[tuple[Block, Scope] | Given]:
    """The blocks of a type within a block, static ones and those of dynamic blocks; what
    goes over them where it is not known which there are."""
    for child in block.below(type_):
        yield child, scope
    for child in block.below("dynamic"):
        if child.labels != (type_,):
            continue
        each = child.attributes.get("for_each")
        content = next(child.below("content"), None)
        value = value_of(each.expression, scope) if each is not None else None
        pairs = entries(value) if value is not None else None
        if pairs is None or content is None:
            if value is not None:
                why = f"{_NOWHERE}: {value.why}" if value.why else _NOWHERE
                yield given(type_, value._replace(data=UNKNOWN, why=why))
            continue
        iterator = child.attributes.get("iterator")
        name = type_
        if iterator is not None:
            host, expression = iterator.expression.host, iterator.expression
            name = host.data[expression.start : expression.end].decode("utf-8", "replace")
        for key, item in pairs[:500]:
            bound = item._replace(data={"key": key, "value": item})
            yield content, scope.within({name: bound})


def resource(instance: Instance, groups: Groups) -> Resource:
    """An instance with everything that is known of it."""
    block, scope = instance.block, instance.scope
    type_ = RESOURCES[block.labels[0]]
    values = {n: value_of(a.expression, scope) for n, a in block.attributes.items()}
    attributes = {
        type_.renames.get(name, name): given(name, value) for name, value in values.items()
    }
    settings = [given(name, values[name]) for name in values if name in type_.settings]
    for name in type_.blocks:
        for leaf in _leaves(block, name, scope, type_):
            settings.append(leaf)
            attributes.setdefault(leaf.name, leaf)
    attributes |= _logs(block, scope)
    for name in ("patch_schedule", "maintenance_policy"):
        if any(child.type == name for child in block.blocks):
            attributes[name] = Given(name, True, block.host, block.start, block.end)
    group = _own_group(block, type_, scope, attributes)
    for one in group.parameters if group is not None else ():
        if one.directive:
            attributes.setdefault(one.name, one)
    if group is None and type_.resource not in ("serverless-cache", "parameter-group", ""):
        group = groups.of(attributes.get("parameter_group_name"), type_.service, scope)
    tags = values.get("tags")
    return Resource(
        type_.service,
        type_.resource,
        instance.address,
        block.host,
        block.span,
        attributes,
        settings,
        group,
        groups.users(values.get("user_group_ids") or values.get("user_group_id"), scope),
        _tags(tags) if tags is not None else {},
    )


def _tags(value: Value) -> dict[str, str]:
    data = plain(value)
    if not isinstance(data, Mapping):
        return {}
    return {key: item for key, item in data.items() if isinstance(item, str)}


def _leaves(block: Block, name: str, scope: Scope, type_: Type) -> Iterator[Given]:
    """The settings in nested blocks of one name, at any depth."""
    for found in nested(block, name, scope):
        if isinstance(found, Given):
            continue
        child, inside = found
        for attribute in child.attributes.values():
            label = attribute.name
            if name in ("data_storage", "ecpu_per_second"):
                label = f"{name}.{attribute.name}"
            yield given(label, value_of(attribute.expression, inside))
        for inner in child.blocks:
            for type_name in type_.blocks:
                if inner.type == type_name:
                    yield from _leaves(child, type_name, inside, type_)


def _logs(block: Block, scope: Scope) -> dict[str, Given]:
    """The types of logs that are delivered, as one attribute."""
    found = list(nested(block, "log_delivery_configuration", scope))
    if not found:
        return {}
    types: list[Any] = []
    why = ""
    for one in found:
        attribute = None if isinstance(one, Given) else one[0].attributes.get("log_type")
        if isinstance(one, Given) or attribute is None:
            why = "which logs are delivered is not known"
            continue
        value = value_of(attribute.expression, one[1])
        types.append(value.data)
        why = why or value.why
    first = next((one[0] for one in found if not isinstance(one, Given)), block)
    told = UNKNOWN if why else sorted({str(t) for t in types})
    return {"log_types": Given("log_type", told, first.host, first.start, first.end, why)}


def _own_group(
    block: Block, type_: Type, scope: Scope, attributes: Mapping[str, Given]
) -> Group | None:
    """The parameters that a resource itself holds, in blocks or in a map."""
    if not type_.parameters:
        return None
    parameters: list[Given] = []
    hidden: list[Given] = []
    unseen = ""
    for name in type_.parameters:
        attribute = block.attributes.get(name)
        if attribute is not None:
            value = value_of(attribute.expression, scope)
            found, why = listed(value)
            parameters += found
            unseen = unseen or why
            if why and not found:
                hidden.append(given(name, value._replace(data=UNKNOWN)))
        for child in nested(block, name, scope):
            if isinstance(child, Given):
                unseen = unseen or child.why
                hidden.append(child)
            elif name == "parameter":
                one, why = _parameter(*child)
                parameters += one
                unseen = unseen or why
            else:
                inner, inside = child
                for entry in inner.attributes.values():
                    directive = entry.name.replace("_", "-")
                    value = value_of(entry.expression, inside)
                    parameters.append(given(entry.name, value, directive))
    family = attributes.get("family") if type_.service in _GROUP_TYPES else None
    return Group(family, tuple(parameters), unseen, tuple(hidden))


def _parameter(block: Block, scope: Scope) -> tuple[list[Given], str]:
    """A `parameter` block: its value under its name."""
    parts = {n: value_of(a.expression, scope) for n, a in block.attributes.items()}
    return _pair(parts.get("name"), parts.get("value"))


def _pair(name: Value | None, value: Value | None) -> tuple[list[Given], str]:
    if name is None or value is None:
        return [], ""
    if not isinstance(name.data, str):
        return [], name.why or "the name of a parameter is not known"
    return [given(name.data, value)], ""


def listed(value: Value) -> tuple[list[Given], str]:
    """Parameters as a list of `{name, value}`, or as a map; why there may be more."""
    if value.data is None:
        return [], ""
    if isinstance(value.data, Mapping):
        return [given(name, item) for name, item in value.data.items()], ""
    if not isinstance(value.data, list):
        return [], value.why or "the parameters are not known"
    found: list[Given] = []
    unseen = ""
    for item in value.data:
        if isinstance(item.data, Mapping):
            one, why = _pair(item.data.get("name"), item.data.get("value"))
            found += one
            unseen = unseen or why
        else:
            unseen = unseen or item.why or "a parameter is not known"
    return found, unseen


class Groups:
    """The parameter groups and users of one module, and which of them are in use."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self.used: set[str] = set()

    def of(self, name: Given | None, service: str, scope: Scope) -> Group | None:
        """The group that a cache names, by a reference or by its literal name."""
        type_ = _GROUP_TYPES.get(service)
        block = self._block(name, type_) if name is not None and type_ else None
        if block is None:
            return None
        self.used.add(".".join(block.labels))
        chosen = list(instances(block, ".".join(block.labels), scope))
        key = name.reference.partition("[")[2].partition("]")[0] if name else ""
        literal = key.strip('"')
        one = next((i for i in chosen if i.address.endswith(f'["{literal}"]')), None)
        own = scope if "each.key" in key else None
        if one is None and own is not None:
            one = Instance(block, "", own)
        one = one or (chosen[0] if chosen else Instance(block, "", scope))
        attributes = {
            n: given(n, value_of(a.expression, one.scope)) for n, a in block.attributes.items()
        }
        return _own_group(block, RESOURCES[block.labels[0]], one.scope, attributes)

    def _block(self, name: Given, type_: str) -> Block | None:
        resources = self._scope.module.resources
        kind, _, rest = name.reference.partition(".")
        if kind == type_:
            return resources.get(f"{kind}.{rest.partition('.')[0].partition('[')[0]}")
        if not isinstance(name.value, str):
            return None
        return self._named(type_, name.value)

    def _named(self, type_: str, name: str) -> Block | None:
        """The resource of a type that has this literal name."""
        attribute = NAMING.get(type_, "name")
        for block in self._scope.module.resources.values():
            own = block.attributes.get(attribute) if block.labels[0] == type_ else None
            if own is not None and value_of(own.expression, self._scope).data == name:
                return block
        return None

    def users(self, names: Value | None, scope: Scope) -> list[dict[str, Any]] | None:
        """The users of some user groups as rows of `cloud.users`; None where any is not known."""
        if names is None or names.data is None:
            return None
        several = names.data if isinstance(names.data, list) else [names]
        found: dict[str, dict[str, Any]] = {}
        for name in several:
            group = self._referred(name, "aws_elasticache_user_group")
            ids = group.attributes.get("user_ids") if group is not None else None
            members = value_of(ids.expression, scope).data if ids is not None else None
            if not isinstance(members, list) or self._is_associated():
                return None
            for member in members:
                user = self._referred(member, "aws_elasticache_user")
                row = self._row(user, scope) if user is not None else None
                if row is None:
                    return None
                found[row["id"]] = row
        return [found[key] for key in sorted(found)]

    def _is_associated(self) -> bool:
        """Whether users are put into groups by resources of their own."""
        kinds = {block.labels[0] for block in self._scope.module.resources.values()}
        return "aws_elasticache_user_group_association" in kinds

    def _referred(self, name: Value, type_: str) -> Block | None:
        return self._block(given("", name), type_)

    def _row(self, block: Block, scope: Scope) -> dict[str, Any] | None:
        values = {n: value_of(a.expression, scope) for n, a in block.attributes.items()}
        access = values.get("access_string")
        if access is None or not isinstance(access.data, str):
            return None
        kind = "password"
        free = values.get("no_password_required")
        if free is not None and free.data is True:
            kind = "no-password-required"
        for mode in nested(block, "authentication_mode", scope):
            attribute = None if isinstance(mode, Given) else mode[0].attributes.get("type")
            told = value_of(attribute.expression, scope).data if attribute else UNKNOWN
            if not isinstance(told, str):
                return None
            kind = told
        texts = {n: v.data for n, v in values.items() if isinstance(v.data, str)}
        identity = texts.get("user_id") or ".".join(block.labels)
        row = {
            "UserId": identity,
            "UserName": texts.get("user_name") or identity,
            "AccessString": access.data,
            "Authentication": {"Type": kind},
        }
        return user_row(row, "UserId", catalog.SERVERS[-1])


def hide_secrets(host: Document, blocks: Iterable[Block]) -> None:
    """Tell a file which of its bytes are credentials, wherever they stand in it."""
    pending = list(blocks)
    while pending:
        block = pending.pop()
        pending += block.blocks
        for attribute in block.attributes.values():
            if is_secret(attribute.name):
                expression = attribute.expression
                host.secrets.add((expression.start, expression.end))
