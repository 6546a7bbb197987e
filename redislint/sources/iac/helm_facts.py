"""What values of a chart say of a server's surroundings: memory, disk, who may log in."""

from __future__ import annotations

from typing import Any, NamedTuple

from redislint.facts.exposure import AUTH_PLAIN, AUTH_TLS, OPEN
from redislint.sources.iac.nodes import SCALAR, Node
from redislint.sources.iac.values import quantity


class Told(NamedTuple):
    """A fact, and the node that says it."""

    value: Any
    unit: str
    basis: str
    node: Node


_FALSE = frozenset({"false", "no", "off"})
_TRUE = frozenset({"true", "yes", "on"})


def switch(node: Node | None) -> bool | None:
    """What a switch says, None where it is absent or a template fills it in."""
    text = node.text.strip().lower() if node is not None and node.kind == SCALAR else ""
    return True if text in _TRUE else False if text in _FALSE else None


def surroundings(node: Node, role: Node) -> dict[str, Told]:
    """The memory limit and the volume of a role, its own or those of all."""
    found: dict[str, Told] = {}
    for owner in (role, node):
        limit = owner.get("resources", "limits", "memory")
        size = quantity(limit.text) if limit is not None and limit.kind == SCALAR else None
        if limit is not None and size:
            found["host.cgroup_memory_max"] = Told(size, "bytes", "resources.limits.memory", limit)
            break
    for owner in (role, node):
        for key in ("persistence", "persistentVolume"):
            store = owner.get(key)
            enabled = store.get("enabled") if store is not None else None
            on = switch(enabled)
            if store is None or enabled is None or on is None:
                continue
            medium = store.string("medium")
            kept = on and medium != "Memory"
            found["disk.volatile"] = Told(not kept, "", f"{key}.enabled", enabled)
            text = store.get("size")
            size = quantity(text.text) if text is not None and text.kind == SCALAR else None
            if text is not None and size and kept:
                found["disk.total"] = Told(size, "bytes", f"{key}.size", text)
            return found
    return found


def access(node: Node, texts: bytes) -> dict[str, Told]:
    """Who may log in, where the values of one of Bitnami's charts say it. Its images listen
    on all addresses and switch protected mode off where no password is asked for. `texts`:
    the configuration that the values give, which may say otherwise."""
    auth = node.get("auth")
    given = auth.get("enabled") if auth is not None else node.get("usePassword")
    asked = switch(given)
    own = ("requirepass", "bind", "protected-mode", "aclfile", "user ", "port ")
    if given is None or asked is None or any(word.encode() in texts for word in own):
        return {}
    basis = "auth.enabled" if auth is not None else "usePassword"
    found: dict[str, Told] = {"exposure.no_password": Told(not asked, "", basis, given)}
    level = _level(node, asked=asked)
    if level:
        found["exposure.level"] = Told(level, "", f"{basis}, tls", given)
        found["exposure.beyond_loopback"] = Told(True, "", "the chart's service", given)
        found["exposure.addresses"] = Told(["0.0.0.0", "::"], "", "the chart's image", given)
    if not asked:
        found["exposure.protected_mode"] = Told(False, "", basis, given)
    return found


def _level(node: Node, *, asked: bool) -> str:
    """One word for the exposure, "" where it hangs on what these values do not say."""
    tls = node.get("tls", "enabled")
    on = switch(tls) if tls is not None else None
    if tls is not None and on is None:
        return ""
    if asked:
        return "" if on is None else AUTH_TLS if on else AUTH_PLAIN
    clients = switch(node.get("tls", "authClients"))
    return AUTH_TLS if on and clients is not False else OPEN


def password(redis_ha: Node) -> dict[str, Told]:
    """The same of the chart redis-ha, of which only the password is known."""
    given = redis_ha.get("auth")
    asked = switch(given)
    if given is None or asked is None:
        return {}
    return {"exposure.no_password": Told(not asked, "", "auth", given)}
