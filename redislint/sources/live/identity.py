"""Which engine, version and service answers: read from INFO."""

from __future__ import annotations

import re
from dataclasses import dataclass

from redislint.model import Server
from redislint.sources.live.info import Info

_VERSION = re.compile(r"([0-9]{1,6})\.([0-9]{1,6})(?:\.([0-9]{1,6}))?")

_AMAZON = (("amazon elasticache", "elasticache"), ("amazon memorydb", "memorydb"))
_AMAZON_HOSTS = (
    (re.compile(r"\.memorydb\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\Z"), "memorydb"),
    (re.compile(r"\.cache\.amazonaws\.com(?:\.cn)?\Z"), "elasticache"),
)
_PRODUCTS = (
    ("dragonfly_version", "Dragonfly"),
    ("kvrocks_version", "Kvrocks"),
    ("garnet_version", "Garnet"),
    ("redict_version", "Redict"),
)


@dataclass(frozen=True, slots=True)
class Identity:
    """What answers. `mode` is standalone, cluster or sentinel. `service` is elasticache,
    memorydb or "". `product` names a work-alike that is neither Redis nor Valkey, whose
    `server` is the Redis that it says to be like."""

    server: Server
    mode: str
    service: str = ""
    product: str = ""


def identify(info: Info, host: str = "") -> Identity | None:
    """Read who it is; None where INFO names no version."""
    valkey = info.text("valkey_version")
    if valkey is None and info.text("server_name") == "valkey":
        valkey = info.text("redis_version")
    version = _VERSION.match(valkey or info.text("redis_version") or "")
    if version is None:
        return None
    numbers = tuple(int(part) for part in version.groups() if part is not None)
    mode = info.text("redis_mode") or info.text("server_mode") or ""
    if not mode:
        mode = "cluster" if info.text("cluster_enabled") == "1" else "standalone"
    if "sentinel" in info.sections and "replication" not in info.sections:
        mode = "sentinel"
    server = Server("valkey" if valkey else "redis", numbers)
    return Identity(server, mode, _service(info, host), _product(info))


def _service(info: Info, host: str) -> str:
    system = (info.text("os") or "").lower()
    for words, service in _AMAZON:
        if words in system:
            return service
    for pattern, service in _AMAZON_HOSTS:
        if pattern.search(host.rstrip(".")):
            return service
    return ""


def _product(info: Info) -> str:
    for name, product in _PRODUCTS:
        if name in info.fields:
            return product
    return "KeyDB" if "keydb" in (info.text("executable") or "").lower() else ""
