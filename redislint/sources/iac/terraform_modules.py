"""Calls of modules: of the common ones by a table of their inputs, of local ones by reading
their folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from redislint.sources.iac.given import UNKNOWN, Given
from redislint.sources.iac.managed import Resource
from redislint.sources.iac.managed_groups import Group
from redislint.sources.iac.terraform_groups import listed
from redislint.sources.iac.terraform_instances import Instance
from redislint.sources.iac.terraform_syntax import Block
from redislint.sources.iac.terraform_tables import MODULES, SIGNS, Type
from redislint.sources.iac.terraform_values import Value, given, plain, value_of

_DOWNLOADED = "the module that it is passed to is not read"


def source_of(block: Block) -> str:
    """The literal source of a call of a module, "" where there is none."""
    attribute = block.attributes.get("source")
    if attribute is None:
        return ""
    expression = attribute.expression
    text = expression.host.data[expression.start : expression.end].decode("utf-8", "replace")
    return text.strip('"')


def is_local(source: str) -> bool:
    """Whether a module lies in a folder of its own repository."""
    return source.startswith(("./", "../"))


def type_of(block: Block) -> Type | None:
    """What a module makes, as its source tells, or the inputs of one that cannot be read."""
    source = source_of(block)
    for pattern, type_ in MODULES:
        if pattern.search(source):
            return type_
    if is_local(source) or not source:
        for signs, type_ in SIGNS:
            if signs <= block.attributes.keys():
                return type_
    return None


def resource(one: Instance, type_: Type) -> Resource:
    """The managed resource that a common module makes of its inputs."""
    block, scope = one.block, one.scope
    values = {n: value_of(a.expression, scope) for n, a in block.attributes.items()}
    attributes = {
        type_.renames.get(name, name): given(name, value) for name, value in values.items()
    }
    settings = [given(name, values[name]) for name in values if name in type_.settings]
    for name in type_.blocks:
        if name in values:
            settings = [s for s in settings if s.name != name]
            leaves = list(_leaves(values[name], type_))
            settings += leaves
            attributes |= {leaf.name: leaf for leaf in leaves if "." in leaf.name}
    resource_ = type_.resource
    if _is(values, "create_replication_group", False) and _is(values, "create_cluster", True):
        resource_ = "cache-cluster"
    if _is(values, "cluster_mode_enabled", True):
        attributes["cluster_mode"] = attributes["cluster_mode_enabled"]._replace(value="enabled")
    attributes |= _logs(values.get("log_delivery_configuration"))
    for name, usual in type_.usual.items() if resource_ == "replication-group" else ():
        if name not in attributes:
            attributes[name] = Given(
                name, usual, block.host, block.start, block.end, basis="default of the module"
            )
    return Resource(
        type_.service,
        resource_,
        one.address,
        block.host,
        block.span,
        attributes,
        settings,
        _group(values, type_, attributes),
        defaults=False,
    )


def _is(values: Mapping[str, Value], name: str, wanted: bool) -> bool:
    return name in values and values[name].data is wanted


def _group(
    values: Mapping[str, Value], type_: Type, attributes: Mapping[str, Given]
) -> Group | None:
    """The parameters that the inputs hold."""
    parameters: list[Given] = []
    hidden: list[Given] = []
    unseen = ""
    given_ = [name for name in type_.parameters if name in values]
    for name in given_:
        found, why = listed(values[name])
        parameters += found
        unseen = unseen or why
        if why and not found:
            hidden.append(given(name, values[name]._replace(data=UNKNOWN, branches=())))
    family = attributes.get("parameter_group_family")
    if not given_ and family is None:
        return None
    return Group(family, tuple(parameters), unseen, tuple(hidden))


def _logs(value: Value | None) -> dict[str, Given]:
    if value is None:
        return {}
    types: object = UNKNOWN
    if isinstance(value.data, Mapping):
        types = [
            str(plain(item.data["log_type"]))
            if isinstance(item.data, Mapping) and "log_type" in item.data
            else key
            for key, item in value.data.items()
        ]
        if any(str(one) not in ("slow-log", "engine-log") for one in value.data):
            types = UNKNOWN
    one = given("log_delivery_configuration", value)
    return {"log_types": one._replace(value=types, why=one.why or "which logs it is about")}


def _leaves(value: Value, type_: Type) -> Iterator[Given]:
    """The settings in an input that is an object or a list of objects."""
    pending: list[tuple[str, Value]] = [("", value)]
    while pending:
        path, one = pending.pop(0)
        if isinstance(one.data, list):
            pending += [(path, item) for item in one.data if isinstance(item.data, Mapping)]
        elif isinstance(one.data, Mapping):
            for name, item in one.data.items():
                if isinstance(item.data, (Mapping, list)):
                    pending.append((name, item))
                elif name in _LEAVES or name in type_.settings:
                    yield given(name, item)
                elif path in ("data_storage", "ecpu_per_second"):
                    yield given(f"{path}.{name}", item)


_LEAVES = frozenset({"destination", "destination_type", "log_format", "log_type"})
