"""The charts that people run Redis and Valkey with: what their values set.

Charts of Bitnami (redis, redis-cluster, valkey, valkey-cluster, keydb, the old stable/redis)
and DandyDeveloper's redis-ha, which was stable/redis-ha before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from redislint.conf.document import Document, embed
from redislint.conf.launch import Launch
from redislint.conf.passage import Passage
from redislint.sources.iac import helm_facts, shell
from redislint.sources.iac.command import start_of
from redislint.sources.iac.deployment import Deployment, fact
from redislint.sources.iac.helm_facts import Told, surroundings, switch
from redislint.sources.iac.helm_texts import templated
from redislint.sources.iac.images import Image, read_image
from redislint.sources.iac.nodes import MAPPING, SCALAR, Node
from redislint.sources.iac.values import parameter, span_of

ORIGIN = "values"
"""The origin of settings that a chart makes of a value."""

_UNSEEN = "the templates of its chart set more than its values"
_OFF = "a switch of the chart turns it off"

_FIRST = ("master", "primary")
_SECOND = ("replica", "slave", "secondary")
_OWN = ("configuration", "extraFlags", "disableCommands")
"""Keys of a role that no other chart's role has together with one of `_FIRST`."""


_SIGNS = ("auth", "usePassword", "tls", "sentinel", "persistence", *_FIRST, *_SECOND)
"""Keys of the charts that others have as well: enough where the chart is known."""


def is_off(node: Node) -> bool:
    """Whether `enabled: false` stands in these values."""
    return switch(node.get("enabled")) is False


def is_chart(node: Node, *, named: bool, certain: bool = False) -> bool:
    """Whether a mapping holds the values of one of these charts. `named`: its key, the
    chart's name or alias, speaks of one of the products. `certain`: a dependency says so."""
    if certain and any(node.get(key) is not None for key in _SIGNS):
        return True
    return _is_ha(node) or _is_bitnami(node, named=named)


def servers(node: Node, name: str, kind: str) -> Iterator[Deployment]:
    """The servers of a chart, by the values that `is_chart` knows."""
    if _is_ha(node):
        yield from _ha(node, name, kind)
    else:
        yield from _bitnami(node, name, kind)


def _is_ha(node: Node) -> bool:
    redis = node.get("redis")
    if redis is None or redis.kind != MAPPING:
        return False
    config = redis.get("config")
    told = config is not None and config.kind == MAPPING
    return told or any(redis.get(key) is not None for key in ("customConfig", "masterGroupName"))


def _is_bitnami(node: Node, *, named: bool) -> bool:
    if node.get("commonConfiguration") is not None:
        return True
    ours = named or bool(_image(node).engine)
    roles = [role for key in (*_FIRST, *_SECOND) if (role := node.get(key)) is not None]
    if any(role.get(key) is not None for role in roles for key in _OWN[1:]):
        return True
    if not ours:
        return False
    inner = node.get("redis") or node.get("valkey")
    cluster = ("configmap", "defaultConfigOverride", "useAOFPersistence")
    if inner is not None and any(inner.get(key) is not None for key in cluster):
        return True
    keys = ("architecture", "configmap", "usePassword", *_OWN)
    has = any(node.get(key) is not None for key in keys)
    return has or any(role.kind == MAPPING and role.pairs for role in roles)


def _bitnami(node: Node, name: str, kind: str) -> Iterator[Deployment]:
    role = _role(node, _FIRST) or node
    key = next((key for key in _FIRST if node.get(key) is role), "")
    common = list(_texts(node, ("commonConfiguration", "configmap")))
    for inner in (node.get("redis"), node.get("valkey")):
        if inner is not None and inner.kind == MAPPING:
            common += _texts(inner, ("defaultConfigOverride", "configmap"))
            common += _parameters(inner, {"useAOFPersistence": "appendonly"})
    password = list(_parameters(node.get("auth") or node, {"password": "requirepass"}))
    texts = [*common, *_own(role), *password]
    given = b"\n".join([text.data for text in texts] + [word.data for word in _words(role)])
    more = helm_facts.access(node, given)
    yield _server(node, role, _joined(name, key), kind, texts, more=more)
    second = _role(node, _SECOND)
    alone = node.string("architecture") == "standalone"
    if second is not None and not alone and _differs(role, second):
        key = next(key for key in _SECOND if node.get(key) is second)
        texts = [*common, *_own(second), *password]
        yield _server(node, second, _joined(name, key), kind, texts, more=more)
    yield from _bitnami_sentinel(node, name, kind)


def _bitnami_sentinel(node: Node, name: str, kind: str) -> Iterator[Deployment]:
    sentinel = node.get("sentinel")
    if sentinel is None or sentinel.kind != MAPPING:
        return
    texts = list(_texts(sentinel, ("configuration",)))
    switched_on = not is_off(sentinel) and sentinel.get("enabled") is not None
    if switched_on:
        group = sentinel.get("masterSet") or sentinel.get("primarySet")
        timings = {
            "downAfterMilliseconds": "down-after-milliseconds",
            "failoverTimeout": "failover-timeout",
            "parallelSyncs": "parallel-syncs",
        }
        for key, option in timings.items():
            texts += _sentinel_option(option, sentinel.get(key), group)
    if texts:
        where = _joined(name, "sentinel")
        found = _server(node, sentinel, where, kind, texts, sentinel=True)
        yield found if switched_on else switched_off(found)


def switched_off(found: Deployment) -> Deployment:
    """A server that no cluster runs, because a switch of its chart says so."""
    return found._replace(launch=found.launch._replace(off=_OFF))


def _ha(node: Node, name: str, kind: str) -> Iterator[Deployment]:
    redis = node.get("redis") or node
    custom = list(_texts(redis, ("customConfig",)))
    texts = list(_map(redis.get("config")))
    renamed = list(_renamed(redis.get("disableCommands")))
    own = [*custom, *renamed] if custom else [*texts, *renamed]
    if own:
        more = helm_facts.password(node)
        yield _server(node, redis, _joined(name, "redis"), kind, own, more=more)
    if custom and texts:
        yield switched_off(_server(node, redis, _joined(name, "redis.config"), kind, texts))
    sentinel = node.get("sentinel")
    if sentinel is None or sentinel.kind != MAPPING:
        return
    custom = list(_texts(sentinel, ("customConfig",)))
    texts = []
    config = sentinel.get("config")
    for key, value in config.entries() if config is not None else ():
        if key == "maxclients":
            texts += _parameters(config or node, {key: key})
        else:
            texts += _sentinel_option(key, value, redis.get("masterGroupName"))
    where = _joined(name, "sentinel")
    if custom or texts:
        yield _server(node, sentinel, where, kind, custom or texts, sentinel=True)
    if custom and texts:
        unused = _server(node, sentinel, f"{where}.config", kind, texts, sentinel=True)
        yield switched_off(unused)


def _server(
    node: Node,
    role: Node,
    name: str,
    kind: str,
    texts: Sequence[Document],
    *,
    sentinel: bool = False,
    more: Mapping[str, Told] = MappingProxyType({}),
) -> Deployment:
    """The server of one role of a chart; `more`: facts beside those of its surroundings."""
    told = {} if sentinel else {**surroundings(node, role), **more}
    image = _image(role) if role.get("image") is not None else _image(node)
    first = (role.pairs or node.pairs)[0][0]
    return Deployment(
        name,
        kind,
        node.host,
        span_of(first),
        Launch(tuple(texts), tuple(_words(role)), sentinel, _UNSEEN),
        f"values of a chart at {name}",
        image.servers,
        image.engine,
        {path: fact(one.value, one.unit, one.basis) for path, one in told.items()},
        places={path: span_of(one.node) for path, one in told.items()},
    )


def _role(node: Node, keys: Sequence[str]) -> Node | None:
    found = [node.get(key) for key in keys]
    return next((one for one in found if one is not None and one.kind == MAPPING), None)


def _joined(name: str, key: str) -> str:
    return ".".join(part for part in (name, key) if part) or "values"


def _image(node: Node) -> Image:
    """The image of a chart: a mapping of repository and tag, or one text with a tag apart."""
    image = node.get("image")
    if image is None:
        return Image("", "")
    name = image.text if image.kind == SCALAR else image.string("repository")
    tag = node.string("tag") if image.kind == SCALAR else image.string("tag")
    return read_image(f"{name}:{tag}" if tag else name)


def _texts(node: Node, keys: Sequence[str]) -> Iterator[Document]:
    """The configuration texts below some keys, in their order."""
    for key in keys:
        value = node.get(key)
        if value is not None and value.kind == SCALAR and _is_given(value):
            yield embed(templated(value))


def _is_given(value: Node) -> bool:
    text = value.text.strip()
    return bool(text) and not (not value.style and text in ("~", "null"))


def _parameters(node: Node, names: dict[str, str]) -> Iterator[Document]:
    """Values that become a directive each, by their key."""
    for key, directive in names.items():
        value = node.get(key)
        if value is not None and value.kind == SCALAR and _is_given(value):
            yield parameter(directive, templated(value), origin=ORIGIN)


def _own(role: Node) -> Iterator[Document]:
    """What a role has beside what is common: its text, then the commands it disables."""
    yield from _texts(role, ("configuration",))
    yield from _renamed(role.get("disableCommands"))


def _differs(first: Node, second: Node) -> bool:
    """Whether the second role sets anything that the first does not."""

    def shape(role: Node) -> list[object]:
        return [[n.text for n in role.list(key)] or role.string(key) for key in _OWN]

    return any(own and own != other for own, other in zip(shape(second), shape(first), strict=True))


def _renamed(commands: Node | None) -> Iterator[Document]:
    """`rename-command NAME ""` for each command that is disabled."""
    for item in commands.items if commands is not None else ():
        if item.kind == SCALAR and item.text.strip():
            name = templated(item)
            host, start, end = name.extent(0, len(name))
            before = Passage.instead(b"rename-command ", host, start, start)
            yield embed(
                Passage.join((before, name, Passage.instead(b' ""', host, end, end))),
                origin=ORIGIN,
            )


def _map(config: Node | None) -> Iterator[Document]:
    """Directives by name: a value, or a list of several lines of the directive."""
    for key, value in config.entries() if config is not None else ():
        for item in value.items or [value]:
            if item.kind == SCALAR:
                yield parameter(key, templated(item), origin=ORIGIN)


def _sentinel_option(option: str, value: Node | None, group: Node | None) -> Iterator[Document]:
    """`sentinel OPTION GROUP VALUE`; the charts call the group mymaster on their own."""
    if value is None or value.kind != SCALAR or not _is_given(value):
        return
    text = templated(value)
    host, start = text.place(0)
    name = templated(group).data if group is not None and _is_given(group) else b"mymaster"
    before = Passage.instead(
        b"sentinel " + option.encode() + b" " + name + b" ", host, start, start
    )
    yield embed(Passage.join((before, text)), origin=ORIGIN)


def _words(role: Node) -> Iterator[Passage]:
    """The words of the command line: of a command that replaces the chart's, and flags."""
    words = [templated(item) for key in ("command", "args") for item in role.list(key)]
    start = start_of(words, bare=True) if words else None
    if start is not None:
        yield from start.words
    flags = role.get("extraFlags")
    for item in (flags.items or [flags]) if flags is not None else ():
        if item.kind == SCALAR and item.text.strip():
            yield from shell.words(templated(item))
