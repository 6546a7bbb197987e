"""Resources of the operators that run Redis: OT-CONTAINER-KIT's, spotahome's, hyperspike's.

What a resource sets is known. The operators write more into the files of the servers than
that, so that the rest of the configuration is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from redislint.conf.document import Document, embed
from redislint.conf.launch import Launch
from redislint.conf.passage import Passage
from redislint.model import Fact
from redislint.sources import kinds
from redislint.sources.iac import operators_access
from redislint.sources.iac.command import start_of
from redislint.sources.iac.deployment import Deployment, fact
from redislint.sources.iac.images import Image, read_image
from redislint.sources.iac.nodes import MAPPING, SCALAR, Node
from redislint.sources.iac.operators_access import NOTHING, Access
from redislint.sources.iac.scalars import passage
from redislint.sources.iac.values import parameter, quantity, span_of

ORIGIN = "resource"
"""The origin of settings that an operator makes of a value."""

Entry = Callable[[str, str], Document | None]
"""Finds the text of a ConfigMap by its name and key."""

_UNSEEN = "the operator sets more than its resource"
_NOT_FOUND = "its resource names the ConfigMap {name}, which was not found"
_CONFIG_KEY = "redis-additional.conf"
_SENTINEL_KEY = "sentinel-additional.conf"

_OPTIONS = {
    "downAfterMilliseconds": "down-after-milliseconds",
    "failoverTimeout": "failover-timeout",
    "parallelSyncs": "parallel-syncs",
}


class _Server(NamedTuple):
    """One server of a resource: where it stands, what it reads, what is around it."""

    name: str
    node: Node
    launch: Launch
    image: Image
    facts: dict[str, Fact]
    access: Access = NOTHING


def servers(node: Node, name: str, entry: Entry) -> Iterator[Deployment]:
    """The servers of a resource; none for an object of another kind."""
    group = node.string("apiVersion").partition("/")[0]
    spec = node.get("spec")
    if spec is None or spec.kind != MAPPING:
        return
    found: Iterator[_Server] = iter(())
    if group == "redis.redis.opstreelabs.in":
        found = _opstree(node.string("kind"), spec, name, entry)
    elif group == "databases.spotahome.com":
        found = _failover(spec, name)
    elif group == "hyperspike.io" and node.string("kind") == "Valkey":
        found = _hyperspike(spec, name)
    for one in found:
        yield Deployment(
            one.name,
            kinds.KUBERNETES,
            one.node.host,
            span_of(one.node),
            one.launch,
            f"resource {name}",
            one.image.servers,
            one.image.engine,
            {**one.facts, **one.access.facts},
            places=one.access.places,
        )


def _opstree(kind: str, spec: Node, name: str, entry: Entry) -> Iterator[_Server]:
    image = read_image(spec.string("kubernetesConfig", "image"))
    where = spec.get("kubernetesConfig", "image") or spec
    if kind == "RedisSentinel":
        config = spec.get("redisSentinelConfig") or spec
        launch = _launch([*_monitored(config)], config, "additionalSentinelConfig", entry)
        yield _Server(name, where, launch._replace(sentinel=True), image, {})
        return
    if kind not in ("Redis", "RedisReplication", "RedisCluster"):
        return
    facts = _opstree_facts(spec, spec.get("redisLeader"))
    launch = _opstree_launch(spec, spec.get("redisLeader"), entry)
    access = operators_access.opstree(spec, _data(launch)) if _is_whole(launch) else NOTHING
    yield _Server(name, where, launch, image, facts, access)
    follower = spec.get("redisFollower")
    if follower is not None and _config_text(follower) != _config_text(spec.get("redisLeader")):
        launch = _opstree_launch(spec, follower, entry)
        access = operators_access.opstree(spec, _data(launch)) if _is_whole(launch) else NOTHING
        facts = _opstree_facts(spec, follower)
        yield _Server(f"{name}/follower", where, launch, image, facts, access)


def _data(launch: Launch) -> bytes:
    """Everything that a server reads, to be searched."""
    return b"\n".join([text.data for text in launch.texts] + [one.data for one in launch.words])


def _is_whole(launch: Launch) -> bool:
    """Whether all texts that the resource names were found."""
    return launch.unseen == _UNSEEN


def _hyperspike(spec: Node, name: str) -> Iterator[_Server]:
    """hyperspike's Valkey, whose resource sets no directives."""
    image = read_image(spec.string("image") or "valkey")
    facts: dict[str, Fact] = {}
    limit = quantity(spec.string("resources", "limits", "memory"))
    if limit:
        facts["host.cgroup_memory_max"] = fact(limit, "bytes", "resources.limits.memory")
    size = quantity(spec.string("storage", "spec", "resources", "requests", "storage"))
    if size:
        facts["disk.total"] = fact(size, "bytes", "storage")
    launch = Launch((), (), False, _UNSEEN)
    access = operators_access.hyperspike(spec)
    yield _Server(name, _first(spec), launch, image, facts, access)


def _config_text(role: Node | None) -> str:
    """What a role's own configuration comes to, to be compared."""
    config = role.get("redisConfig") if role is not None else None
    if config is None:
        return ""
    dynamic = [item.text for item in config.list("dynamicConfig")]
    return repr((config.string("additionalRedisConfig"), dynamic))


def _opstree_launch(spec: Node, role: Node | None, entry: Entry) -> Launch:
    """What the servers of a role read: the named ConfigMap, then what is set at run time."""
    configs = [
        config
        for owner in (spec, role)
        if owner is not None and (config := owner.get("redisConfig")) is not None
    ]
    texts: list[Document] = []
    for config in configs:
        percent = config.get("maxMemoryPercentOfLimit")
        limit = _limit(spec, role)
        if percent is not None and limit and percent.text.strip().isdecimal():
            share = str(limit * int(percent.text) // 100).encode()
            value = passage(percent)
            host, start, end = value.extent(0, len(value))
            texts.append(
                parameter("maxmemory", Passage.instead(share, host, start, end), origin=ORIGIN)
            )
    launch = Launch(tuple(texts), (), False, _UNSEEN)
    for config in configs:
        found = _launch([], config, "additionalRedisConfig", entry)
        dynamic = tuple(embed(passage(item), origin=ORIGIN) for item in _scalars(config))
        unseen = found.unseen if found.unseen != _UNSEEN else launch.unseen
        launch = Launch((*launch.texts, *found.texts, *dynamic), (), False, unseen)
    return launch


def _scalars(config: Node) -> Iterator[Node]:
    return (item for item in config.list("dynamicConfig") if item.kind == SCALAR)


def _launch(before: Sequence[Document], config: Node, key: str, entry: Entry) -> Launch:
    """Texts, then that of the ConfigMap that is named below a key."""
    name = config.string(key)
    if not name:
        return Launch(tuple(before), (), False, _UNSEEN)
    text = entry(name, _CONFIG_KEY if key == "additionalRedisConfig" else _SENTINEL_KEY)
    if text is None:
        return Launch(tuple(before), (), False, _NOT_FOUND.format(name=name))
    return Launch((*before, text), (), False, _UNSEEN)


def _monitored(config: Node) -> Iterator[Document]:
    """The options of the group that a sentinel of OT-CONTAINER-KIT's watches."""
    group = (config.string("masterGroupName") or "myMaster").encode()
    for key, option in _OPTIONS.items():
        value = config.get(key)
        if value is not None and value.kind == SCALAR and value.text.strip():
            yield _sentinel(option.encode(), group, passage(value))


def _sentinel(option: bytes, group: bytes, value: Passage) -> Document:
    host, start = value.place(0)
    before = Passage.instead(b"sentinel " + option + b" " + group + b" ", host, start, start)
    return embed(Passage.join((before, value)), origin=ORIGIN)


def _limit(spec: Node, role: Node | None) -> int | None:
    """The memory limit of a role, or that of all, in bytes."""
    for owner in (role, spec.get("kubernetesConfig")):
        text = owner.string("resources", "limits", "memory") if owner is not None else ""
        if text:
            return quantity(text)
    return None


def _opstree_facts(spec: Node, role: Node | None) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    limit = _limit(spec, role)
    if limit:
        facts["host.cgroup_memory_max"] = fact(limit, "bytes", "resources.limits.memory")
    claim = spec.get("storage", "volumeClaimTemplate")
    kept = claim is not None and spec.string("persistenceEnabled") != "false"
    facts["disk.volatile"] = fact(not kept, "", "storage.volumeClaimTemplate")
    if kept and claim is not None:
        size = quantity(claim.string("spec", "resources", "requests", "storage"))
        if size:
            facts["disk.total"] = fact(size, "bytes", "storage.volumeClaimTemplate")
    return facts


def _failover(spec: Node, name: str) -> Iterator[_Server]:
    """spotahome's RedisFailover: servers and the sentinels that watch them."""
    redis, sentinel = spec.get("redis"), spec.get("sentinel")
    if redis is not None and redis.kind == MAPPING:
        texts = [
            *(embed(passage(item), origin=ORIGIN) for item in _texts(redis)),
            *_renamed(redis),
        ]
        launch = Launch(tuple(texts), _command(redis), False, _UNSEEN)
        image = read_image(redis.string("image"))
        official = image.official or not redis.string("image")
        access = operators_access.failover(spec, _data(launch), official=official)
        facts = _failover_facts(redis)
        yield _Server(f"{name}/redis", _first(redis), launch, image, facts, access)
    if sentinel is not None and sentinel.kind == MAPPING:
        options = tuple(map(_failover_option, _texts(sentinel)))
        launch = Launch(options, _command(sentinel), True, _UNSEEN)
        image = read_image(sentinel.string("image"))
        if options or launch.words:
            yield _Server(f"{name}/sentinel", _first(sentinel), launch, image, {})


def _first(node: Node) -> Node:
    """The first key of a mapping, or an empty one itself."""
    return node.pairs[0][0] if node.pairs else node


def _texts(role: Node) -> Iterator[Node]:
    return (item for item in role.list("customConfig") if item.kind == SCALAR)


def _failover_option(item: Node) -> Document:
    """`down-after-milliseconds 2000` of the group mymaster, which the operator sets."""
    text = passage(item)
    option, _, value = text.data.partition(b" ")
    if not value or option == b"sentinel":
        return embed(text, origin=ORIGIN)
    return _sentinel(option, b"mymaster", text.cut(len(option) + 1))


def _renamed(role: Node) -> Iterator[Document]:
    for item in role.list("customCommandRenames"):
        old, new = item.get("from"), item.get("to")
        if old is None or new is None or (old.kind, new.kind) != (SCALAR, SCALAR):
            continue
        host, start = passage(old).place(0)
        pieces = (
            Passage.instead(b"rename-command ", host, start, start),
            passage(old),
            Passage.instead(b" ", host, old.end, old.end),
            passage(new) if new.text else Passage.instead(b'""', host, new.start, new.end),
        )
        yield embed(Passage.join(pieces), origin=ORIGIN)


def _command(role: Node) -> tuple[Passage, ...]:
    """The arguments of a command that takes the place of the operator's."""
    words = [passage(item) for item in role.list("command") if item.kind == SCALAR]
    start = start_of(words) if words else None
    return start.words if start is not None else ()


def _failover_facts(redis: Node) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    limit = quantity(redis.string("resources", "limits", "memory"))
    if limit:
        facts["host.cgroup_memory_max"] = fact(limit, "bytes", "resources.limits.memory")
    claim = redis.get("storage", "persistentVolumeClaim")
    facts["disk.volatile"] = fact(claim is None, "", "redis.storage")
    size = quantity(claim.string("spec", "resources", "requests", "storage")) if claim else None
    if size:
        facts["disk.total"] = fact(size, "bytes", "redis.storage")
    return facts
