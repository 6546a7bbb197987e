"""Variables of Ansible's roles that configure a Sentinel.

redis_sentinel_port: 26379
redis_sentinel_monitors:
  - {name: main, host: 10.0.0.1, port: 6379, quorum: 2, down_after_milliseconds: 5000}
"""

from __future__ import annotations

from collections.abc import Iterator

from redislint.conf.document import Document, embed
from redislint.conf.passage import Passage
from redislint.sources.iac.ansible_values import rendered
from redislint.sources.iac.deployment import World
from redislint.sources.iac.nodes import SCALAR, Node
from redislint.sources.iac.values import parameter

PREFIX = "sentinel_"
"""What the variables of a Sentinel begin with, behind the product's name."""

_MONITORS = "monitors"
_MONITOR = ("name", "host", "port", "quorum")
_OPTIONS = (
    "auth_pass",
    "auth_user",
    "client_reconfig_script",
    "down_after_milliseconds",
    "failover_timeout",
    "notification_script",
    "parallel_syncs",
)
_OTHERWISE = {"password": "requirepass"}


def settings(name: str, value: Node, world: World, origin: str) -> Iterator[Document]:
    """The directives that a variable comes to; `name` is without `PREFIX`."""
    if name == _MONITORS:
        for item in value.items:
            yield from _watched(item, origin)
        return
    directive = _OTHERWISE.get(name, name.replace("_", "-"))
    if value.kind == SCALAR and world.knows(directive):
        given = rendered(value, directive)
        if given is not None:
            yield parameter(directive, given, origin=origin)


def _watched(item: Node, origin: str) -> Iterator[Document]:
    """`sentinel monitor` of one primary, then its options."""
    words = [_word(item.get(key), key) for key in _MONITOR]
    given = [word for word in words if word is not None]
    if len(given) < len(_MONITOR):
        return
    host, start = given[0].place(0)
    pieces = [Passage.instead(b"sentinel monitor", host, start, start)]
    for word in given:
        where, at, _ = word.extent(0, len(word))
        pieces += [Passage.instead(b" ", where, at, at), word]
    yield embed(Passage.join(pieces), origin=origin)
    for key in _OPTIONS:
        value = _word(item.get(key), key)
        if value is not None:
            if key == "auth_pass":
                value_host, first, last = value.extent(0, len(value))
                value_host.secrets.add((first, last))
            yield _option(key.replace("_", "-").encode(), given[0], value, origin)


def _word(node: Node | None, key: str) -> Passage | None:
    return rendered(node, key) if node is not None and node.kind == SCALAR else None


def _option(option: bytes, group: Passage, value: Passage, origin: str) -> Document:
    host, start = value.place(0)
    before = b"sentinel " + option + b" " + group.data + b" "
    return embed(Passage.join((Passage.instead(before, host, start, start), value)), origin=origin)
