"""From blocks of Terraform to managed resources: attributes, settings, parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from redislint.sources.cloud.network import USUAL_PORT
from redislint.sources.iac.given import UNKNOWN, Given
from redislint.sources.iac.managed import Resource
from redislint.sources.iac.managed_notes import whole
from redislint.sources.iac.terraform_groups import Groups, own_group
from redislint.sources.iac.terraform_instances import Instance, nested
from redislint.sources.iac.terraform_network import ingress
from redislint.sources.iac.terraform_scope import Scope
from redislint.sources.iac.terraform_syntax import Block
from redislint.sources.iac.terraform_tables import RESOURCES, Type
from redislint.sources.iac.terraform_values import Value, given, plain, value_of


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
    group = own_group(block, type_, scope, attributes)
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
        ingress=ingress(values.get("security_group_ids"), _port(attributes), scope),
    )


def _port(attributes: Mapping[str, Given]) -> int | None:
    """The port of a cache, None where it is not known."""
    told = attributes.get("port")
    return USUAL_PORT if told is None or told.value is None else whole(told.text)


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
