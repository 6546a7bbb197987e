"""Managed caches as Terraform, CloudFormation and their like declare them.

A format module hands over each resource with its attributes under the names of Terraform's
AWS provider (`transit_encryption_enabled`), whatever its own language calls them, and gets
a deployment with the facts that the same resource would have if it were read from AWS.
What only AWS knows (members, ages, events) stays unknown; what an attribute that is absent
means is known where the service documents it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from types import MappingProxyType
from typing import Any, NamedTuple

from redislint import catalog
from redislint.conf.document import Document
from redislint.conf.launch import Launch
from redislint.conf.redact import redact_line
from redislint.model import REDACTED, Server, Setting, Span, Target
from redislint.sources.cloud.cache import Cache, server_of
from redislint.sources.cloud.reading import CloudTarget
from redislint.sources.iac.branches import listed
from redislint.sources.iac.deployment import Deployment, Managed
from redislint.sources.iac.given import Given, is_secret
from redislint.sources.iac.managed_attributes import attribute_facts
from redislint.sources.iac.managed_groups import Group, group_settings
from redislint.sources.iac.managed_notes import Attributes

ORIGIN = "iac"
"""The origin of facts that Terraform or CloudFormation text states."""

MEMCACHED = "memcached"
_NO_RANGES = "its security groups, or their rules, are not all in these files"
_NO_VERSION = "no engine version is given: the service picks one"

_GOOGLE_VERSION = re.compile(r"(REDIS|VALKEY)_(\d+_\w+)")

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Ingress(NamedTuple):
    """Address ranges that may reach a cache, and the place of the widest."""

    ranges: tuple[str, ...]
    place: Given | None = None


class Resource(NamedTuple):
    """A resource of a managed service as a host file declares it.

    `service` and `resource` as the facts `cloud.service` and `cloud.resource`; `resource` is
    "" for what is no cache and no group (a user), whose settings are listed alone. `address` is
    its name in the file. `attributes`: what is given, under the names of Terraform's AWS
    provider. `settings`: what is listed as a setting, in file order; parameters of the
    group come from `group`, None where the files declare none. `users`: rows as the fact
    `cloud.users` has them, None where they are not known. `tags`: those that are known.
    `defaults`: whether the service's defaults hold for attributes that are absent; not so
    for the inputs of a module. `ingress`: None where it is not known.
    """

    service: str
    resource: str
    address: str
    host: Document
    start: Span
    attributes: Mapping[str, Given] = _NOTHING
    settings: Sequence[Given] = ()
    group: Group | None = None
    users: Sequence[Mapping[str, Any]] | None = None
    tags: Mapping[str, str] = _NOTHING
    defaults: bool = True
    ingress: Ingress | None = None


def is_memcached(resource: Resource) -> bool:
    """Whether it is none of ours. An engine that is given decides, whatever else is wrong."""
    engine = resource.attributes.get("engine")
    if engine is not None and isinstance(engine.value, str):
        return MEMCACHED in engine.value.lower()
    given = [resource.attributes.get(name) for name in ("family", "parameter_group_name")]
    if resource.group is not None:
        given.append(resource.group.family)
    return any(one is not None and MEMCACHED in str(one.value).lower() for one in given)


def deployment(resource: Resource, kind: str, why: str) -> Deployment:
    """The resource as what is audited; `kind` is that of its file, `why` how it was found."""
    cache, server, spans = _cache(resource)
    if cache.server is None:
        version = resource.attributes.get("engine_version")
        why = version.why if version and version.why else _NO_VERSION
        cache.miss(why, ["server.version", "cloud.engine_support_left"])
    else:
        cache.put("cloud.read_at", _today(), "s", "the day of the check")
    conf = group_settings(cache, server, resource.group, spans)
    own = tuple(_setting(one) for given in resource.settings for one in listed(given))
    settings = tuple(sorted((*own, *conf.settings), key=_place))
    target = Target(
        id=resource.address,
        kind=kind,
        uri=resource.address,
        server=server,
        assumed=cache.server is None,
        held=(server,),
        tags=dict(resource.tags),
        settings=settings,
        facts={path: fact._replace(origin=ORIGIN) for path, fact in cache.facts.items()},
        unknown=dict(cache.unknown),
        spans={**spans, "": resource.start},
    )
    conf = replace(conf, settings=settings)
    found = CloudTarget(target, conf, cache.server is not None)
    return Deployment(
        resource.address,
        kind,
        resource.host,
        resource.start,
        Launch(),
        why,
        (server,) if cache.server else (),
        cache.engine,
        managed=Managed(found, _hosts(resource)),
    )


def _today() -> float:
    """The beginning of this day, in seconds since 1970: files are judged by the day on which
    they are read."""
    return datetime.combine(datetime.now(UTC).date(), time(), UTC).timestamp()


def _hosts(resource: Resource) -> tuple[Document, ...]:
    """Every file that a place of it lies in, its own first."""
    given = [*resource.attributes.values(), *resource.settings]
    if resource.group is not None:
        given += resource.group.parameters
        given += [resource.group.family] if resource.group.family else []
    if resource.ingress is not None and resource.ingress.place is not None:
        given.append(resource.ingress.place)
    hosts = [resource.host, *(one.host for one in given)]
    return tuple({id(host): host for host in hosts}.values())


def _cache(resource: Resource) -> tuple[Cache, Server, dict[str, Span]]:
    attributes = Attributes(resource.attributes, defaults=resource.defaults)
    engine = _engine(resource, attributes)
    version = _version(attributes)
    known = _server(engine, version)
    family = resource.group.family if resource.group else None
    cache = Cache(
        resource.service, resource.resource, resource.address, "", engine, known,
        node_type=attributes.text("node_type") or "",
    )  # fmt: skip
    cache.put("cloud.service", resource.service)
    cache.put("cloud.resource", resource.resource or None)
    spans = attribute_facts(cache, attributes)
    if resource.ingress is not None:
        cache.put("cloud.ingress", list(resource.ingress.ranges), "", "security groups")
        if resource.ingress.place is not None:
            for path in ("cloud.ingress", "cloud.ingress_anywhere", "cloud.ingress_wide"):
                spans[path] = resource.ingress.place.span
    else:
        cache.miss(_NO_RANGES, ["cloud.ingress"])
    if cache.value("cloud.user_groups") == []:
        cache.put("cloud.users", [])
    elif resource.users is not None:
        cache.put("cloud.users", list(resource.users))
    if known is None and family is not None and isinstance(family.value, str):
        known = _family_server(engine, family.value)
        cache.server = known if resource.resource == "parameter-group" else None
    return cache, known or _newest(engine), spans


def _version(attributes: Attributes) -> str | None:
    """The engine's version; Google writes it REDIS_7_0."""
    text = attributes.text("engine_version") or attributes.text("major_engine_version")
    match = _GOOGLE_VERSION.fullmatch(text or "")
    return match[2].replace("_", ".") if match else text


def _engine(resource: Resource, attributes: Attributes) -> str:
    """redis or valkey: as it is given, else as the family says, else redis (the default)."""
    engine = (attributes.text("engine") or "").lower()
    if engine in ("redis", "valkey"):
        return engine
    match = _GOOGLE_VERSION.fullmatch(attributes.text("engine_version") or "")
    if match:
        return match[1].lower()
    family = resource.group.family if resource.group else None
    return "valkey" if family is not None and "valkey" in str(family.value) else "redis"


def _family_server(engine: str, family: str) -> Server | None:
    """The oldest server of a family: redis7 is Redis 7.0, memorydb_valkey7 is Valkey 7.2."""
    numbers = family.rpartition("redis")[2].rpartition("valkey")[2]
    version = numbers.replace("x", "0") if "." in numbers else f"{numbers}.0"
    return _server(engine, version)


def _server(engine: str, version: str | None) -> Server | None:
    """The server of a version; a mere `7` of Valkey is 7.2, its first. None for one that is
    older than all that are known."""
    server = server_of(engine, version)
    oldest = min(s for s in catalog.SERVERS if s.engine == engine)
    if server is None or server >= oldest:
        return server
    return oldest if server.version[0] == oldest.version[0] else None


def _newest(engine: str) -> Server:
    return max(server for server in catalog.SERVERS if server.engine == engine)


def _setting(given: Given) -> Setting:
    """An attribute as reports list it; a credential is told to its file, never shown."""
    name, known = given.name, given.known
    text, value = given.text, given.value
    if is_secret(name):
        given.host.secrets.add((given.start, given.end))
        text = value = REDACTED
    elif name in ("access_string", "AccessString"):
        text = redact_line(f"user name {text}").text.removeprefix("user name ")
        if text != given.text:
            given.host.secrets.add((given.start, given.end))
            value = text
    return Setting(
        name,
        name,
        text,
        value if known else None,
        ORIGIN,
        given.span,
        known=known,
        effective=given.effective,
    )


def _place(setting: Setting) -> tuple[str, int, int]:
    span = setting.span
    return (span.path, span.line, span.column) if span else ("", 0, 0)
