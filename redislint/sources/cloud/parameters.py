"""Parameter groups: values in effect, typed through the catalogue, and what an owner changed.

The service says `Source=user` of parameters that nobody changed; what the owner changed is
what differs from the default of the group's family.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from redislint import catalog
from redislint.facts.managed import effective_maxmemory
from redislint.model import Server, Setting
from redislint.sources.cloud import calls as c
from redislint.sources.cloud.cache import Cache
from redislint.sources.cloud.lists import Lists
from redislint.sources.live.running import setting_of

ORIGIN = "parameter-group"
"""Origin of a setting that a parameter group decides."""

_BUFFERS = re.compile(
    r"client-output-buffer-limit-(normal|replica|slave|pubsub)-(hard-limit|soft-limit|soft-seconds)"
)
_PARTS = ("hard-limit", "soft-limit", "soft-seconds")
_LIMITS = "client-output-buffer-limit"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a group. `modifiable` and `reboot` are None where the service does
    not say (MemoryDB). `by_node` holds values by node type, for those that have them."""

    name: str
    value: str
    modifiable: bool | None = None
    reboot: bool | None = None
    allowed: str = ""
    by_node: Mapping[str, str] = field(default_factory=dict)

    def at(self, node_type: str) -> str | None:
        """The value on a node type, None where it is not told."""
        return self.by_node.get(node_type) if self.by_node else self.value


@dataclass(frozen=True, slots=True)
class ParameterGroup:
    """A group with its family's defaults by name (None: the family was not read)."""

    name: str
    family: str
    parameters: tuple[Parameter, ...]
    defaults: Mapping[str, str] | None

    def changed(self, parameter: Parameter) -> bool | None:
        """Whether its value differs from the default of the family."""
        if self.defaults is None:
            return None
        return not parameter.by_node and parameter.value != self.defaults.get(parameter.name, "")


@dataclass(frozen=True, slots=True)
class CloudConfiguration:
    """What a cache has in effect, as far as its parameter group tells: the members of a
    resolved configuration that rules need. `settings` has one for each parameter, under the
    parameter's own name; what is not in it is the service's own affair."""

    server: Server
    settings: tuple[Setting, ...] = ()
    by_name: Mapping[str, Any] = field(default_factory=dict)
    changed: frozenset[str] = frozenset()
    unknown: str = ""

    def values(self) -> Iterator[tuple[str, Any]]:
        """Canonical name and typed value of what is known."""
        yield from self.by_name.items()

    def is_set(self, name: str) -> bool:
        """Whether the owner changed it: its value is not the default of the family."""
        spec = catalog.lookup(name.lower(), self.server)
        return (spec.name if spec else name.lower()) in self.changed


def elasticache_group(name: str, family: str, lists: Lists) -> ParameterGroup | None:
    """A group as both lists of every page tell it; None where they were not read."""
    if not lists.known(c.PARAMETERS, name):
        return None
    defaults = None
    if lists.known(c.DEFAULTS, family):
        rows = _both(lists.rows(c.DEFAULTS, family))
        defaults = {row["ParameterName"]: row.get("ParameterValue") or "" for row in rows}
    parameters = tuple(map(_parameter, _both(lists.rows(c.PARAMETERS, name))))
    return ParameterGroup(name, family, parameters, defaults)


def _both(pages: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for page in pages:
        yield from page.get("Parameters") or ()
        yield from page.get("CacheNodeTypeSpecificParameters") or ()


def _parameter(row: Mapping[str, Any]) -> Parameter:
    values = row.get("CacheNodeTypeSpecificValues") or ()
    return Parameter(
        row["ParameterName"],
        row.get("ParameterValue") or "",
        row.get("IsModifiable"),
        {"requires-reboot": True, "immediate": False}.get(row.get("ChangeType") or ""),
        row.get("AllowedValues") or "",
        {value["CacheNodeType"]: value.get("Value") or "" for value in values},
    )


def memorydb_group(name: str, family: str, default: str, lists: Lists) -> ParameterGroup | None:
    """The same of MemoryDB, where `default` is the family's own group."""
    if not lists.known(c.MDB_PARAMETERS, name):
        return None
    rows = lists.rows(c.MDB_PARAMETERS, name)
    defaults = None
    if lists.known(c.MDB_PARAMETERS, default):
        told = lists.rows(c.MDB_PARAMETERS, default)
        defaults = {row["Name"]: row.get("Value") or "" for row in told}
    parameters = tuple(
        Parameter(row["Name"], row.get("Value") or "", allowed=row.get("AllowedValues") or "")
        for row in rows
    )
    return ParameterGroup(name, family, parameters, defaults)


_OLD_RESERVE = "reserved-memory"
"""Groups from before 2017 have it in place of the family's reserved-memory-percent."""

_OF_ONE_PARAMETER = (
    "cloud.node_maxmemory",
    "cloud.reserved_percent",
    "cloud.reserved_bytes",
    "cloud.close_on_replica_write",
)


# -- facts -----------------------------------------------------------------------------


def group_facts(cache: Cache, group: ParameterGroup) -> None:
    """Note what a cache's parameter group says."""
    put = cache.put
    put("cloud.parameters", [_row(group, one, cache.node_type) for one in group.parameters])
    if group.defaults is None:
        cache.miss("the defaults of the family were not read", ["cloud.changed_parameters"])
    else:
        changed = [f"{one.name} {one.value}".rstrip() for one in group.parameters
                   if group.changed(one)]  # fmt: skip
        put("cloud.changed_parameters", changed)
    by_name = {one.name: one for one in group.parameters}
    node = _number(by_name, "maxmemory", cache.node_type)
    put("cloud.node_maxmemory", node, "bytes", f"parameter maxmemory of {cache.node_type}")
    percent = _number(by_name, "reserved-memory-percent")
    put("cloud.reserved_percent", percent, "percent")
    put("cloud.reserved_bytes", _number(by_name, "reserved-memory"), "bytes")
    renames = by_name.get("rename-commands")
    put("cloud.rename_commands", renames.value if renames else "")
    for name in ("close-on-replica-write", "close-on-slave-write"):
        if name in by_name:
            put("cloud.close_on_replica_write", by_name[name].value == "yes")
    cache.miss("the parameter group has no such parameter", _OF_ONE_PARAMETER)


def _row(group: ParameterGroup, one: Parameter, node_type: str) -> dict[str, Any]:
    defaults = group.defaults
    default = None if one.by_node or defaults is None else defaults.get(one.name)
    value = one.at(node_type)
    row = {
        "name": one.name,
        "value": "" if value is None else value,
        "default": default,
        "known": None if defaults is None else one.name in {*defaults, _OLD_RESERVE},
        "allowed": is_allowed(one.value, one.allowed) if one.allowed and not one.by_node else True,
        "modifiable": one.modifiable,
        "changed": group.changed(one),
        "reboot": one.reboot,
    }
    return {key: item for key, item in row.items() if item is not None}


def is_allowed(value: str, allowed: str) -> bool:
    """Whether a value fits AllowedValues: `a,b,c`, `1-75`, `0-`, `0,20-`, or `-` for any
    integer."""
    if not value:
        return True
    for part in allowed.split(","):
        if value == part:
            return True
        low, dash, high = part.partition("-")
        if not dash or not re.fullmatch(r"\d*", low) or not re.fullmatch(r"\d*", high):
            continue
        if not re.fullmatch(r"-?\d+", value):
            continue
        number = int(value)
        if not low and not high:
            return True
        if (not low or number >= int(low)) and (not high or number <= int(high)):
            return True
    return False


def _number(by_name: Mapping[str, Parameter], name: str, node_type: str = "") -> int | None:
    one = by_name.get(name)
    text = one.at(node_type) if one else None
    return int(text) if text and text.isascii() and text.isdigit() else None


# -- configuration ---------------------------------------------------------------------


def configuration(cache: Cache, server: Server, group: ParameterGroup | None) -> CloudConfiguration:
    """The settings of a cache; of one without a group (serverless, or one that could not be
    read) there are none, and `unknown` says why."""
    if group is None:
        reason = cache.unknown.get("cloud.parameters", "the service does not tell its parameters")
        return CloudConfiguration(server, unknown=reason)
    settings = []
    values: dict[str, Any] = {}
    changed = set()
    for one in group.parameters:
        text = _effective(cache, one)
        if text is None:
            settings.append(Setting(one.name, one.name, "", None, ORIGIN, known=False))
            continue
        setting = setting_of(one.name, text.encode(), server, ORIGIN)
        settings.append(setting)
        if catalog.lookup(one.name, server) is None or not setting.known:
            continue
        values[setting.canonical] = setting.value
        if group.changed(one):
            changed.add(setting.canonical)
    limits, touched = _limits(group, cache.node_type)
    if limits:
        values[_LIMITS] = limits
        if touched:
            changed.add(_LIMITS)
    return CloudConfiguration(server, tuple(settings), values, frozenset(changed))


def _effective(cache: Cache, one: Parameter) -> str | None:
    """The text in effect: maxmemory is that of the node type without the reserve."""
    if one.name == "maxmemory":
        node = cache.value("cloud.node_maxmemory")
        if node is None:
            return None
        percent, reserved = (
            cache.value("cloud.reserved_percent"),
            cache.value("cloud.reserved_bytes"),
        )
        return str(effective_maxmemory(node, percent, reserved))
    return one.at(cache.node_type)


def _limits(group: ParameterGroup, node_type: str) -> tuple[tuple[Any, ...], bool]:
    """client-output-buffer-limit from its nine parameters: class, hard, soft, seconds; and
    whether the owner changed any."""
    found: dict[str, dict[str, int]] = {}
    touched = False
    for one in group.parameters:
        match = _BUFFERS.fullmatch(one.name)
        text = one.at(node_type) if match else None
        if match is None or text is None or not text.isdigit():
            continue
        kind = "replica" if match[1] == "slave" else match[1]
        found.setdefault(kind, {})[match[2]] = int(text)
        touched = touched or bool(group.changed(one))
    whole = {kind: parts for kind, parts in found.items() if set(parts) == set(_PARTS)}
    order = [kind for kind in ("normal", "replica", "pubsub") if kind in whole]
    return tuple((kind, *(whole[kind][part] for part in _PARTS)) for kind in order), touched


def default_groups(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The service's own group of each MemoryDB family, by family."""
    return {
        row["Family"]: row["Name"]
        for row in rows
        if row["Name"].startswith("default.") and "search" not in row["Name"]
    }
