"""Security groups in a template: which addresses they let through to a cache."""

from __future__ import annotations

from collections.abc import Iterator

from redislint.sources.cloud.network import USUAL_PORT
from redislint.sources.iac.cloudformation_properties import Properties
from redislint.sources.iac.cloudformation_values import Template
from redislint.sources.iac.managed import Ingress
from redislint.sources.iac.managed_network import Ranges, concerns
from redislint.sources.iac.managed_notes import whole

_GROUP = "AWS::EC2::SecurityGroup"
_RULE = "AWS::EC2::SecurityGroupIngress"
_RANGES = ("CidrIp", "CidrIpv6")
_LISTS = ("SourcePrefixListId",)


def ingress(cache: Properties, groups: str) -> Ingress | None:
    """What the groups of a cache, in the property `groups`, let through to its port; None
    where that is not known."""
    template = cache.template
    found = Ranges()
    names = list(cache.items(groups))
    if not names:
        return None
    port = cache.plain("Port")
    number = USUAL_PORT if port is None else whole(str(port))
    for item in names:
        reference = template.given("", item).reference if item is not None else ""
        name = reference.partition(".")[0]
        node = template.resources.get(name)
        if node is None or node.string("Type") != _GROUP or number is None:
            found.whole = False
            continue
        for rule in _rules(template, name):
            _note(rule, number, found)
    return found.result()


def _rules(template: Template, name: str) -> Iterator[Properties | None]:
    """The rules for incoming traffic of a group, None for those that are not known."""
    group = Properties(template, template.resources[name].get("Properties"))
    for item in group.items("SecurityGroupIngress"):
        inner = Properties(template, item)
        yield inner if inner.nodes else None
    for node in template.resources.values():
        if node.string("Type") == _RULE:
            rule = Properties(template, node.get("Properties"))
            target = rule.value("GroupId")
            if target is not None and target.reference.partition(".")[0] == name:
                yield rule


def _note(rule: Properties | None, port: int, found: Ranges) -> None:
    about = None
    if rule is not None:
        first, last = (_number(rule, name) for name in ("FromPort", "ToPort"))
        about = concerns(rule.plain("IpProtocol"), first, last, port)
    if rule is None or about is None:
        found.whole = False
        return
    for name in _RANGES if about else ():
        given = rule.value(name)
        if given is not None:
            found.note(given)
    if about and any(rule.value(name) is not None for name in _LISTS):
        found.whole = False


def _number(rule: Properties, name: str) -> object:
    value = rule.plain(name)
    return whole(value) if isinstance(value, str) else value
