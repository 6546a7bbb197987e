"""Which server a container image runs, by its name and tag."""

from __future__ import annotations

import re
from typing import NamedTuple

from redislint import catalog
from redislint.model import Fact, Server
from redislint.sources.iac.deployment import fact

_IMAGE = re.compile(
    r"(?:(?P<registry>[\w.-]+(?:\.[\w-]+|:\d+)|localhost)/)?"
    r"(?P<name>[\w./-]+?)(?::(?P<tag>[\w.-]+))?(?:@[\w:]+)?"
)
_VERSION = re.compile(r"(?:v|redis-|valkey-)?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?![\d.])")

_SERVERS = {
    "redis": "redis",
    "valkey": "valkey",
    "redis-server": "redis",
    "redis-stack": "redis",
    "redis-stack-server": "redis",
    "redis-cluster": "redis",
    "redis-sentinel": "redis",
    "valkey-cluster": "valkey",
    "valkey-sentinel": "valkey",
    "valkey-bundle": "valkey",
}
"""Last part of an image's name -> engine."""

OFFICIAL = frozenset({"redis", "library/redis", "valkey/valkey"})
"""Images of the projects themselves: no configuration file, protected mode off."""


class Image(NamedTuple):
    """A container image: `name` without registry and tag, `engine` of the server in it
    ("" for another program), `servers` that the tag means (empty where it is open)."""

    name: str
    tag: str
    engine: str = ""
    servers: tuple[Server, ...] = ()

    @property
    def official(self) -> bool:
        return self.name in OFFICIAL

    @property
    def facts(self) -> dict[str, Fact]:
        """What its build decides, by path."""
        if not self.official:
            return {}
        return {"image.unprotected": fact(True, "", f"{self.name} is built with it off")}


def read_image(text: str) -> Image:
    """What is known of an image such as `docker.io/bitnami/redis:7.2.4-debian-12`."""
    match = _IMAGE.fullmatch(text.strip())
    if match is None:
        return Image(text, "")
    name, tag = match["name"], match["tag"] or ""
    engine = _SERVERS.get(name.rsplit("/", 1)[-1].lower(), "")
    return Image(name, tag, engine, _servers(engine, tag) if engine else ())


def _servers(engine: str, tag: str) -> tuple[Server, ...]:
    """The server of a tag: `7.2.4-alpine` is 7.2.4, `7` the newest 7 there is. A number that
    no server has as its first, or that is older than all known ones, is the image's own."""
    match = _VERSION.match(tag)
    if match is None:
        return ()
    numbers = tuple(int(number) for number in match.groups() if number is not None)
    known = [s for s in catalog.SERVERS if s.engine == engine and s.version[0] == numbers[0]]
    if known and len(numbers) > 1:
        server = Server(engine, numbers)
        return (server,) if server >= min(known) else ()
    return (max(known),) if known else ()
