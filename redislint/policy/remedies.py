"""What to do about a finding on a managed service: AWS CLI, Terraform, CloudFormation.

The templates stand in the policies. Here their values are put in, quoted for the language
that they land in, and a change of parameters is written in all three. Nothing is ever run.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from redislint.model import Fact, Remediation
from redislint.policy.expression import Context, EvaluationError, Missing
from redislint.policy.rules import Expression, Piece, Remedy, Rule
from redislint.policy.template import redis_text, show

_COMMANDS = ("cloud.modify", "cloud.modify_now")
"""Facts that are pieces of a command already, their values quoted."""


class _Service(NamedTuple):
    """How a service names its groups of parameters in each language."""

    command: str
    create: str
    change: str
    name_option: str
    family_option: str
    terraform: str
    terraform_key: str
    cloudformation: str
    cloudformation_key: str
    of_cloudformation: str


_SERVICES = {
    "elasticache": _Service(
        "elasticache",
        "create-cache-parameter-group",
        "modify-cache-parameter-group",
        "--cache-parameter-group-name",
        "--cache-parameter-group-family",
        "aws_elasticache_parameter_group",
        "parameter_group_name",
        "AWS::ElastiCache::ParameterGroup",
        "CacheParameterGroupName",
        "Properties",
    ),
    "memorydb": _Service(
        "memorydb",
        "create-parameter-group",
        "update-parameter-group",
        "--parameter-group-name",
        "--family",
        "aws_memorydb_parameter_group",
        "parameter_group_name",
        "AWS::MemoryDB::ParameterGroup",
        "ParameterGroupName",
        "Parameters",
    ),
}
_TYPES = {
    "replication-group": (
        "aws_elasticache_replication_group",
        "AWS::ElastiCache::ReplicationGroup",
    ),
    "cache-cluster": ("aws_elasticache_cluster", "AWS::ElastiCache::CacheCluster"),
    "serverless-cache": ("aws_elasticache_serverless_cache", "AWS::ElastiCache::ServerlessCache"),
    "cluster": ("aws_memorydb_cluster", "AWS::MemoryDB::Cluster"),
}


def remediation(
    rule: Rule, context: Context, facts: Mapping[str, Fact], config: Mapping[str, Any]
) -> Remediation | None:
    """The first remedy of the rule that applies to the target with these facts.

    A rule without one whose fix sets parameters that the target has gets these, written for
    its parameter group. None when there is nothing to say.
    """
    values = {path: fact.value for path, fact in facts.items() if path.startswith("cloud.")}
    for remedy in rule.remediation:
        if remedy.when is None or _value(context, remedy.when) is True:
            return _rendered(remedy, context, values)
    changes = _changes(context, (pair for pair in rule.fix if pair[0] in config))
    if not changes or len(changes) < len(rule.fix):
        return None
    return _of_parameters(values, changes)


def _rendered(remedy: Remedy, context: Context, values: Mapping[str, Any]) -> Remediation | None:
    made = Remediation()
    if remedy.parameters:
        changes = _changes(context, remedy.parameters)
        made = (_of_parameters(values, changes) if changes else None) or made
    note = _text(remedy.note, context, str)
    terraform = _text(remedy.terraform, context, _hcl)
    template = _text(remedy.cloudformation, context, _json)
    return Remediation(
        note=" ".join(filter(None, (note, made.note))),
        cli=_lines(_text(remedy.cli, context, _shell), made.cli),
        terraform=_lines(_as_resource(terraform, values), made.terraform),
        cloudformation=_lines(_as_properties(template, values), made.cloudformation),
    )


def _lines(*parts: str) -> str:
    return "\n".join(filter(None, parts))


def _value(context: Context, expression: Expression) -> Any:
    """The value, None where it is unknown: a remedy is no place for a second failure."""
    try:
        value = context.evaluate(expression)
    except EvaluationError:
        return None
    return None if isinstance(value, Missing) else value


def _changes(
    context: Context, pairs: Iterable[tuple[str, Expression]]
) -> tuple[tuple[str, str], ...]:
    found = []
    for name, expression in pairs:
        value = _value(context, expression)
        if value is not None:
            found.append((name, "" if value == "" else redis_text(value)))
    return tuple(found)


# -- templates ---------------------------------------------------------------------------


def _text(pieces: tuple[Piece, ...], context: Context, quote: Any) -> str:
    return "".join(
        piece if isinstance(piece, str) else _piece(piece, context, quote) for piece in pieces
    )


def _piece(piece: tuple[Expression, str], context: Context, quote: Any) -> str:
    expression, form = piece
    value = _value(context, expression)
    if value is None:
        return str(quote(f"<{expression.source}>"))
    text = show(value, form)
    return text if expression.source in _COMMANDS else str(quote(text))


def _shell(text: str) -> str:
    return shlex.quote(text)


def _hcl(text: str) -> str:
    """A value within double quotes of Terraform."""
    return _json(text).replace("${", "$${").replace("%{", "%%{")


def _json(text: str) -> str:
    """A value within double quotes of YAML or JSON."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _as_resource(lines: str, values: Mapping[str, Any]) -> str:
    """Lines of a resource's body as the whole resource; a text that is one stays."""
    kind = _TYPES.get(str(values.get("cloud.resource")))
    if not lines or lines.startswith(("resource ", "#")) or kind is None:
        return lines
    return f'resource "{kind[0]}" "{label(values)}" {{\n{_indented(lines, 2)}\n}}'


def _as_properties(lines: str, values: Mapping[str, Any]) -> str:
    """Properties as the whole resource of a CloudFormation template."""
    kind = _TYPES.get(str(values.get("cloud.resource")))
    if not lines or "Type: " in lines or lines.startswith("#") or kind is None:
        return lines
    return f"{logical_id(values)}:\n  Type: {kind[1]}\n  Properties:\n{_indented(lines, 4)}"


def _indented(lines: str, width: int) -> str:
    return "\n".join(" " * width + line if line else line for line in lines.split("\n"))


def label(values: Mapping[str, Any]) -> str:
    """A Terraform name for the resource: sessions-prod becomes sessions_prod."""
    name = re.sub(r"[^A-Za-z0-9_]", "_", str(values.get("cloud.name", "cache")))
    return name if not name[:1].isdigit() else f"_{name}"


def logical_id(values: Mapping[str, Any]) -> str:
    """A CloudFormation name for the resource: sessions-prod becomes SessionsProd."""
    words = re.split(r"[^A-Za-z0-9]+", str(values.get("cloud.name", "cache")))
    return "".join(word[:1].upper() + word[1:] for word in words) or "Cache"


# -- parameters --------------------------------------------------------------------------


def _of_parameters(
    values: Mapping[str, Any], changes: tuple[tuple[str, str], ...]
) -> Remediation | None:
    """A change of parameters in all three forms. A group of the service's own cannot be
    changed, so one is made and taken in its place."""
    words = _SERVICES.get(str(values.get("cloud.service")))
    group, family = values.get("cloud.parameter_group"), values.get("cloud.parameter_family")
    if words is None or not group:
        return None
    new = str(group).startswith("default.")
    name = f"{values.get('cloud.name', 'cache')}-parameters" if new else str(group)
    if new and str(group).endswith(".cluster.on"):
        changes = (("cluster-enabled", "yes"), *changes)
    family = str(family or "<cloud.parameter_family>")
    note = (
        f"{group} is the service's own and cannot be changed: a group of your own takes its place."
        if new
        else ""
    )
    return Remediation(
        note,
        _cli(words, values, name, family if new else "", changes),
        _terraform(words, values, name, family, changes, new),
        _cloudformation(words, values, name, family, changes, new),
    )


def _cli(
    words: _Service,
    values: Mapping[str, Any],
    name: str,
    family: str,
    changes: tuple[tuple[str, str], ...],
) -> str:
    region = values.get("cloud.region")
    where = f" --region {shlex.quote(str(region))}" if region else ""
    group = f"{words.name_option} {shlex.quote(name)}"
    pairs = " ".join(_pair(*change) for change in changes)
    lines = [f"aws {words.command} {words.change}{where} {group} --parameter-name-values {pairs}"]
    if family:
        made = f"{group} {words.family_option} {shlex.quote(family)}"
        made += f" --description {shlex.quote('Parameters of ' + str(values.get('cloud.name')))}"
        lines.insert(0, f"aws {words.command} {words.create}{where} {made}")
        lines.append(f"{values.get('cloud.modify_now', '# then')} {group}")
    return "\n".join(lines)


def _pair(name: str, value: str) -> str:
    """One parameter in the AWS CLI's shorthand syntax."""
    plain = value if re.fullmatch(r"[A-Za-z0-9._:/-]+", value) else f'"{_json(value)}"'
    return shlex.quote(f"ParameterName={name},ParameterValue={plain}")


def _terraform(
    words: _Service,
    values: Mapping[str, Any],
    name: str,
    family: str,
    changes: tuple[tuple[str, str], ...],
    new: bool,
) -> str:
    own = label({"cloud.name": name})
    blocks = "".join(
        f'\n  parameter {{\n    name  = "{_hcl(key)}"\n    value = "{_hcl(value)}"\n  }}\n'
        for key, value in changes
    )
    text = (
        f'resource "{words.terraform}" "{own}" {{\n  name   = "{_hcl(name)}"\n'
        f'  family = "{_hcl(family)}"\n{blocks}}}'
    )
    if new:
        used = f"{words.terraform_key} = {words.terraform}.{own}.name"
        text += "\n" + _as_resource(used, values)
    return text


def _cloudformation(
    words: _Service,
    values: Mapping[str, Any],
    name: str,
    family: str,
    changes: tuple[tuple[str, str], ...],
    new: bool,
) -> str:
    own = logical_id({"cloud.name": name})
    lines = [f"{own}:", f"  Type: {words.cloudformation}", "  Properties:"]
    key = "CacheParameterGroupFamily" if words.command == "elasticache" else "Family"
    lines += [f'    {key}: "{_json(family)}"']
    if words.command == "elasticache":
        lines += [f'    Description: "Parameters of {_json(str(values.get("cloud.name")))}"']
    else:
        lines += [f'    ParameterGroupName: "{_json(name)}"']
    lines += [f"    {words.of_cloudformation}:"]
    lines += [f'      {key}: "{_json(value)}"' for key, value in changes]
    if new:
        lines += [_as_properties(f"{words.cloudformation_key}: !Ref {own}", values)]
    return "\n".join(lines)
