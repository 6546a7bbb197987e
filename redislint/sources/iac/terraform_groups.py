"""Parameter groups, and the users of user groups, that Terraform declares and refers to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redislint import catalog
from redislint.sources.cloud.users import user_row
from redislint.sources.iac.branches import either, in_doubt, nothing
from redislint.sources.iac.given import UNKNOWN, Given
from redislint.sources.iac.managed_groups import Group
from redislint.sources.iac.terraform_instances import Instance, instances, nested
from redislint.sources.iac.terraform_scope import NAMING, Scope
from redislint.sources.iac.terraform_syntax import Block
from redislint.sources.iac.terraform_tables import RESOURCES, Type
from redislint.sources.iac.terraform_values import Value, given, value_of

_GROUP_TYPES = {
    "elasticache": "aws_elasticache_parameter_group",
    "memorydb": "aws_memorydb_parameter_group",
}


def own_group(
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
                hidden.append(given(name, value._replace(data=UNKNOWN, branches=())))
        for child in nested(block, name, scope):
            if isinstance(child, Given):
                unseen = unseen or child.why
                hidden.append(child)
            elif name == "parameter":
                one, why = _parameter(*child)
                parameters += [in_doubt(each, child[1].doubt) for each in one]
                unseen = unseen or why
            else:
                inner, inside = child
                for entry in inner.attributes.values():
                    directive = entry.name.replace("_", "-")
                    value = value_of(entry.expression, inside)
                    parameters.append(in_doubt(given(entry.name, value, directive), inside.doubt))
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
    if not value.known and value.branches:
        return _of_branches(value)
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


def _of_branches(value: Value) -> tuple[list[Given], str]:
    """The parameters of all branches of a condition, each with what every branch gives it."""
    several = [listed(branch) for branch in value.branches]
    unseen = next((why for _, why in several if why), "")
    by_name = [{one.name: one for one in found} for found, _ in several]
    names = list(dict.fromkeys(name for found in by_name for name in found))
    parameters = []
    for name in names:
        like = next(found[name] for found in by_name if name in found)
        each = [found.get(name) or nothing(like) for found in by_name]
        parameters.append(either(each, like, value.why))
    return parameters, unseen


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
        return own_group(block, RESOURCES[block.labels[0]], one.scope, attributes)

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
