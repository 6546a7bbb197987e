"""Security groups that Terraform declares: which addresses they let through to a cache."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from redislint.sources.iac.given import Given
from redislint.sources.iac.managed import Ingress
from redislint.sources.iac.managed_network import Ranges, concerns
from redislint.sources.iac.terraform_instances import nested
from redislint.sources.iac.terraform_scope import Scope
from redislint.sources.iac.terraform_syntax import Attribute, Block
from redislint.sources.iac.terraform_values import Value, given, value_of

_GROUP = "aws_security_group"
_RULES = {"aws_security_group_rule": "type", "aws_vpc_security_group_ingress_rule": ""}
_RANGES = ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6")


def ingress(groups: Value | None, port: int | None, scope: Scope) -> Ingress | None:
    """What the groups of a cache let through to its port, None where that is not known.

    None where that is not known in whole, unless what is known lets everybody through.
    """
    if groups is None or not isinstance(groups.data, list) or port is None:
        return None
    found = Ranges()
    for one in groups.data:
        type_, _, rest = one.reference.partition(".")
        block = scope.module.resources.get(f"{type_}.{rest.partition('.')[0].partition('[')[0]}")
        if type_ != _GROUP or block is None:
            found.whole = False
            continue
        for rule, inside in _rules(block, scope):
            _note(rule, port, inside, found)
    return found.result()


def _note(rule: Mapping[str, Attribute] | None, port: int, scope: Scope, found: Ranges) -> None:
    """The ranges of one rule, where it is about the port."""
    if rule is None or scope.doubt:
        found.whole = False
        return
    values = {name: value_of(attribute.expression, scope) for name, attribute in rule.items()}
    told = {name: value.data for name, value in values.items()}
    protocol = told.get("protocol", told.get("ip_protocol", "-1"))
    about = concerns(protocol, told.get("from_port"), told.get("to_port"), port)
    if about is None:
        found.whole = False
    if about and told.get("prefix_list_ids", told.get("prefix_list_id")) is not None:
        found.whole = False
    for name in _RANGES if about else ():
        value = values.get(name)
        if value is None:
            continue
        for item in value.data if isinstance(value.data, list) else [value]:
            found.note(given("cidr", item))


def _rules(group: Block, scope: Scope) -> Iterator[tuple[Mapping[str, Attribute] | None, Scope]]:
    """The rules for incoming traffic of a group, None for those that are not known."""
    for child in nested(group, "ingress", scope):
        if isinstance(child, Given):
            yield None, scope
        else:
            yield child[0].attributes, child[1]
    if "ingress" in group.attributes:
        yield None, scope
    own = ".".join(group.labels)
    for block in scope.module.resources.values():
        if block.labels[0] not in _RULES:
            continue
        target = block.attributes.get("security_group_id")
        if target is None:
            continue
        reference = value_of(target.expression, scope).reference.partition("[")[0]
        if not f"{reference}.".startswith(f"{own}."):
            continue
        kind = _RULES[block.labels[0]]
        told = block.attributes.get(kind) if kind else None
        if told is not None and value_of(told.expression, scope).data == "egress":
            continue
        yield block.attributes, scope
