"""Configuration files within Terraform: the entries of a `kubernetes_config_map`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from redislint.conf.document import embed
from redislint.conf.launch import Launch
from redislint.conf.passage import Passage
from redislint.sources import kinds
from redislint.sources.iac.deployment import Deployment, World
from redislint.sources.iac.given import Given
from redislint.sources.iac.terraform_instances import Instance, nested
from redislint.sources.iac.terraform_values import Value, given, value_of


def configurations(instance: Instance, world: World) -> Iterator[Deployment]:
    """The redis.conf files among the entries of a ConfigMap."""
    block, scope = instance.block, instance.scope
    attribute = block.attributes.get("data")
    entries: dict[str, Value] = {}
    if attribute is not None:
        value = value_of(attribute.expression, scope)
        if isinstance(value.data, Mapping):
            entries = dict(value.data)
    for child in nested(block, "data", scope):
        if isinstance(child, Given):
            continue
        inner, inside = child
        for one in inner.attributes.values():
            entries[one.name] = value_of(one.expression, inside)
    for name, value in entries.items():
        found = _configuration(name, value, instance, world)
        if found is not None:
            yield found


def _configuration(name: str, value: Value, instance: Instance, world: World) -> Deployment | None:
    text: Passage | None = value.passage
    if text is None or b"\n" not in text.data.strip():
        return None
    kind = kinds.found_kind(name, text.data, world.knows)
    if kind not in (kinds.REDIS_CONF, kinds.SENTINEL_CONF):
        return None
    place = given(name, value)
    host = place.host
    line_end = host.data.find(b"\n", place.start)
    stop = place.end if line_end < 0 else min(line_end, place.end)
    branching = any(b"%{" in one.data for one in text.hosts if one is not value.host)
    return Deployment(
        f"{instance.address}.{name}",
        kinds.TERRAFORM,
        host,
        host.span(place.start, stop),
        Launch((embed(text, branching=branching),), sentinel=kind == kinds.SENTINEL_CONF),
        f"entry {name} of {instance.address}",
    )
