"""Security groups that Terraform declares: which addresses they let through to a cache."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping

from redislint.sources.iac.given import Given
from redislint.sources.iac.managed import Ingress
from redislint.sources.iac.terraform_instances import nested
from redislint.sources.iac.terraform_scope import Scope
from redislint.sources.iac.terraform_syntax import Attribute, Block
from redislint.sources.iac.terraform_values import Value, given, value_of

_GROUP = "aws_security_group"
_RULES = {"aws_security_group_rule": "type", "aws_vpc_security_group_ingress_rule": ""}
_RANGES = ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6")
_EVERYWHERE = ("0.0.0.0/0", "::/0")


def ingress(groups: Value | None, port: int, scope: Scope) -> Ingress | None:
    """What the groups of a cache let through to its port.

    None where that is not known in whole, unless what is known lets everybody through.
    """
    if groups is None or not isinstance(groups.data, list):
        return None
    found: dict[str, Given] = {}
    whole = True
    for one in groups.data:
        type_, _, rest = one.reference.partition(".")
        block = scope.module.resources.get(f"{type_}.{rest.partition('.')[0].partition('[')[0]}")
        if type_ != _GROUP or block is None:
            whole = False
            continue
        for rule, inside in _rules(block, scope):
            if rule is None:
                whole = False
                continue
            for attribute in _ranges(rule, port, inside):
                value = value_of(attribute.expression, inside)
                items = value.data if isinstance(value.data, list) else [value]
                for item in items:
                    whole = _note(item, found) and whole
    anywhere = next((found[text] for text in _EVERYWHERE if text in found), None)
    if not whole and anywhere is None:
        return None
    place = anywhere or next(iter(found.values()), None)
    return Ingress(tuple(sorted(found)), place)


def _note(item: Value, found: dict[str, Given]) -> bool:
    """Note an address range; whether it is known."""
    if item.data is None:
        return True
    if not isinstance(item.data, str):
        return False
    try:
        ipaddress.ip_network(item.data, strict=False)
    except ValueError:
        return False
    found.setdefault(item.data, given("cidr", item))
    return True


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


def _ranges(rule: Mapping[str, Attribute], port: int, scope: Scope) -> Iterator[Attribute]:
    """The attributes with address ranges of a rule that is about a port."""
    values = {
        name: value_of(rule[name].expression, scope).data
        for name in ("protocol", "ip_protocol", "from_port", "to_port")
        if name in rule
    }
    protocol = str(values.get("protocol", values.get("ip_protocol", "-1"))).lower()
    if protocol not in ("-1", "all", "tcp", "6"):
        return
    first, last = values.get("from_port"), values.get("to_port")
    if protocol in ("tcp", "6") and isinstance(first, int) and isinstance(last, int):
        inside = first <= port <= last
    else:
        inside = True
    if not inside:
        return
    for name in _RANGES:
        if name in rule:
            yield rule[name]
