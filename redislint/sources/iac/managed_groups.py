"""Parameter groups that host files declare: what they set, and what their family adds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple

from redislint import catalog
from redislint.facts.aging import family_for
from redislint.facts.parameters import Family, family_of, never
from redislint.model import REDACTED, Server, Setting, Span
from redislint.sources.cloud.cache import Cache
from redislint.sources.cloud.parameters import (
    ORIGIN,
    CloudConfiguration,
    Parameter,
    ParameterGroup,
    configuration,
    is_allowed,
)
from redislint.sources.iac.branches import listed
from redislint.sources.iac.given import Given, is_secret
from redislint.sources.live.running import setting_of


class Group(NamedTuple):
    """A parameter group: `parameters` by name, in file order, a `Given` for each value.

    `family` None: none is given. `unseen`: why there may be parameters that nobody can
    see from here, "" for no reason; `hidden`: what would give them.
    """

    family: Given | None = None
    parameters: tuple[Given, ...] = ()
    unseen: str = ""
    hidden: tuple[Given, ...] = ()


def default_group(name: str) -> str | None:
    """The family of one of the service's own groups (`default.redis7.cluster.on`), None
    for another name."""
    start, _, rest = name.partition(".")
    family = rest.removesuffix(".cluster.on").replace("memorydb-", "memorydb_")
    return family if start == "default" and rest else None


def group_settings(
    cache: Cache, server: Server, group: Group | None, spans: dict[str, Span]
) -> CloudConfiguration:
    """What the group of a cache comes to, its facts noted in `cache`, places in `spans`."""
    if cache.resource in ("serverless-cache", ""):
        return CloudConfiguration(server, unknown="it has no parameter group")
    if group is None and "cloud.parameter_group" not in (*cache.facts, *cache.unknown):
        _default(cache)
    name = cache.value("cloud.parameter_group")
    own = default_group(name) if isinstance(name, str) else None
    if group is None and own is None:
        return _hidden(cache, server, name)
    text = own if group is None else group.family.text if group.family else None
    known = group is None or group.family is None or group.family.known
    family = family_of(cache.service, text) if known and text else None
    if known and text:
        cache.put("cloud.parameter_family", text)
    if group is not None and group.family is not None:
        spans["cloud.family_fits"] = group.family.span
    given = group.parameters if group else ()
    unseen = group.unseen if group else ""
    _rows(cache, server, family, given, unseen)
    for one in given:
        spans[f"cloud.parameters {one.name}"] = one.span
    conf = _configuration(cache, server, family, given, unseen, spans)
    if group is None:
        return conf
    others = [*([group.family] if group.family else []), *group.hidden]
    more = tuple(_setting(one, server) for one in others)
    return replace(conf, settings=(*more, *conf.settings))


def _default(cache: Cache) -> None:
    """A cache that names no group has the service's own, of its engine version's family."""
    if cache.service not in ("elasticache", "memorydb"):
        return
    cache.put("cloud.default_parameter_group", True, "", "no parameter group is named")
    server = cache.server
    version = ".".join(map(str, server.version)) if server else ""
    family = family_for(cache.service, cache.engine, version) if server else None
    if family is not None:
        on = ".cluster.on" if cache.value("cloud.cluster_mode") else ""
        name = f"default.{family.replace('_', '-')}" if cache.service == "memorydb" else None
        cache.put("cloud.parameter_group", name or f"default.{family}{on}")


def _hidden(cache: Cache, server: Server, name: Any) -> CloudConfiguration:
    """Nothing is known of the parameters: say so for each of them."""
    why = cache.unknown.get("cloud.parameter_group", "")
    if not why and name:
        why = f"the parameter group {name} is not declared in these files"
    why = why or "the default group depends on the engine version that the service picks"
    cache.miss(why, ["cloud.parameters", *_every(server)])
    return CloudConfiguration(server, unknown=why)


def _every(server: Server) -> list[str]:
    return [f'config["{name}"]' for name in catalog.specs(server)]


def _by_node(family: Family, server: Server) -> list[str]:
    """The directives whose default differs by node type."""
    names = [name for name, told in family.parameters.items() if told.default is None]
    specs = [catalog.lookup(name, server) for name in names]
    return [f'config["{spec.name}"]' for spec in specs if spec is not None]


def _rows(
    cache: Cache, server: Server, family: Family | None, given: Iterable[Given], unseen: str
) -> None:
    each = [branch for one in given for branch in listed(one)]
    shown = [one for one in each if one.known and not is_secret(one.name)]
    rows = [_row(cache.service, family, one, server) for one in shown]
    if unseen:
        cache.miss(unseen, ["cloud.parameters"])
    else:
        cache.put("cloud.parameters", rows)
        if family is not None and all("changed" in row for row in rows):
            changed = [f"{row['name']} {row['value']}".rstrip() for row in rows if row["changed"]]
            cache.put("cloud.changed_parameters", changed)
    _reserve(cache, family, given, unseen)


def _row(service: str, family: Family | None, one: Given, server: Server) -> dict[str, Any]:
    """A parameter as expressions see it. That a family does not have it is only said where
    no family has, where it went with this one, or where the name means nothing at all. A
    value is refused that the family does not list, or that no server could read."""
    row: dict[str, Any] = {"name": one.name, "value": one.text}
    told = family.parameters.get(one.name) if family else None
    if not _setting(one, server).known:
        row["allowed"] = False
    if told is None:
        gone = family is not None and one.name in family.gone
        if service in ("elasticache", "memorydb") and (gone or never(one.name)):
            row["known"] = False
        return row
    allowed = is_allowed(one.text, told.allowed) if told.allowed else row.get("allowed", True)
    row |= {"known": True, "allowed": allowed}
    if told.default is not None:
        row |= {"default": told.default, "changed": one.text != told.default}
    if told.modifiable is not None:
        row["modifiable"] = told.modifiable
    if told.reboot is not None:
        row["reboot"] = told.reboot
    return row


def _reserve(cache: Cache, family: Family | None, given: Iterable[Given], unseen: str) -> None:
    """The facts of single parameters, where the text or the family tells."""
    by_name = {one.name: one for one in given}
    for name, path, unit in (
        ("reserved-memory-percent", "cloud.reserved_percent", "percent"),
        ("reserved-memory", "cloud.reserved_bytes", "bytes"),
    ):
        text = _value(name, by_name, family, unseen)
        if text is not None and text.isascii() and text.isdigit():
            cache.put(path, int(text), unit, f"parameter {name}")
    if not unseen and "rename-commands" not in by_name:
        cache.put("cloud.rename_commands", "")
    elif "rename-commands" in by_name and by_name["rename-commands"].known:
        cache.put("cloud.rename_commands", by_name["rename-commands"].text)
    for name in ("close-on-replica-write", "close-on-slave-write"):
        text = _value(name, by_name, family, unseen)
        if text is not None:
            cache.put("cloud.close_on_replica_write", text == "yes")


def _value(name: str, by_name: dict[str, Given], family: Family | None, unseen: str) -> str | None:
    if name in by_name:
        return by_name[name].text if by_name[name].known else None
    told = family.parameters.get(name) if family and not unseen else None
    return told.default if told else None


def _configuration(
    cache: Cache,
    server: Server,
    family: Family | None,
    given: tuple[Given, ...],
    unseen: str,
    spans: dict[str, Span],
) -> CloudConfiguration:
    """What is in effect: the group's own values over those of its family."""
    texts: dict[str, str] = {}
    if family is not None and not unseen:
        texts = {n: p.default for n, p in family.parameters.items() if p.default is not None}
    hidden = _every(server) if family is None or unseen else _by_node(family, server)
    why = unseen or "what the parameter group's family or the node type gives is not known here"
    settings = []
    changed = set()
    for one in given:
        for each in listed(one):
            settings.append(_setting(each, server)._replace(effective=each.effective))
        if one.value is None:
            continue
        canonical = _setting(one, server).canonical
        spans[canonical] = one.span
        name = one.directive or one.name
        usual = texts.pop(name, None)
        if usual is not None and one.branches and all(_is(b, usual) for b in one.branches):
            texts[name] = usual
        elif one.known and not is_secret(one.name):
            texts[name] = one.text
            changed.add(canonical)
        else:
            cache.unknown[f'config["{canonical}"]'] = one.why or "its value is not known"
    whole = tuple(Parameter(name, text) for name, text in texts.items())
    conf = configuration(cache, server, ParameterGroup("", "", whole, {}))
    known = {f'config["{name}"]' for name in conf.by_name}
    cache.miss(why, [path for path in hidden if path not in known])
    return replace(conf, settings=tuple(settings), changed=frozenset(changed))


def _is(branch: Given, usual: str) -> bool:
    """Whether a branch leaves a parameter as its family has it."""
    return branch.value is None or (branch.known and branch.text == usual)


def _setting(one: Given, server: Server) -> Setting:
    name = one.directive or one.name
    if is_secret(one.name):
        one.host.secrets.add((one.start, one.end))
        value = REDACTED if one.known else None
        return Setting(one.name, name, REDACTED, value, ORIGIN, one.span, known=one.known)
    if not one.known:
        spec = catalog.lookup(name.lower(), server)
        canonical = spec.name if spec else name
        return Setting(one.name, canonical, one.text, None, ORIGIN, one.span, known=False)
    found = setting_of(name, one.text.encode("utf-8", "surrogateescape"), server, ORIGIN)
    return found._replace(name=one.name, span=one.span)
