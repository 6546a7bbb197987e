"""The members of clusters and of what Sentinels watch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from redislint.sources.live.address import Address
from redislint.sources.live.info import typed


@dataclass(frozen=True, slots=True)
class ClusterNode:
    """One line of CLUSTER NODES. `host` is "" where the node has not told it."""

    id: str
    host: str
    port: int
    flags: tuple[str, ...]
    primary: str
    link: str
    slots: int

    def as_fact(self) -> dict[str, Any]:
        """The node as expressions see it."""
        return {
            "id": self.id,
            "host": self.host,
            "port": self.port,
            "flags": list(self.flags),
            "role": "replica" if "slave" in self.flags else "primary",
            "primary": self.primary,
            "link": self.link,
            "slots": self.slots,
            "failed": "fail" in self.flags or "fail?" in self.flags,
        }


def cluster_nodes(reply: bytes) -> tuple[ClusterNode, ...]:
    """Read CLUSTER NODES. Lines of another form are passed over."""
    nodes = []
    for line in reply.decode("utf-8", "replace").splitlines():
        words = line.split()
        if len(words) < 8:
            continue
        place = words[1].partition(",")[0].partition("@")[0]
        host, _, port = place.rpartition(":")
        nodes.append(
            ClusterNode(
                words[0],
                host,
                int(port) if port.isascii() and port.isdigit() else 0,
                tuple(words[2].split(",")),
                "" if words[3] == "-" else words[3],
                words[7],
                sum(map(_slots, words[8:])),
            )
        )
    return tuple(nodes)


def _slots(word: str) -> int:
    first, found, last = word.partition("-")
    if word.startswith("[") or not first.isdigit():
        return 0  # a slot that moves
    return int(last) - int(first) + 1 if found and last.isdigit() else 1


def members(nodes: Sequence[ClusterNode], seed: Address) -> Iterator[Address]:
    """Where to reach each node; one that tells no host is the seed itself."""
    for node in nodes:
        if "noaddr" in node.flags or "handshake" in node.flags or not node.port:
            continue
        yield Address(node.host or seed.host, node.port, seed.tls)


def rows(reply: Any) -> list[dict[str, Any]]:
    """A reply of flat name-value lists as mappings; `-` in names becomes `_`."""
    found = []
    for row in reply if isinstance(reply, list) else ():
        if isinstance(row, list):
            pairs = zip(row[::2], row[1::2], strict=False)
            found.append({text(k).replace("-", "_"): _value(text(k), v) for k, v in pairs})
    return found


def text(value: Any) -> str:
    """A reply's piece as text."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


_WORDS = frozenset({"name", "ip", "runid", "flags", "master-host", "role-reported", "voted-leader"})


def _value(name: str, value: Any) -> Any:
    return text(value) if name in _WORDS else typed(name, text(value))


def place(row: dict[str, Any], seed: Address) -> Address | None:
    """Where a row of SENTINEL MASTERS, SLAVES or SENTINELS says that the server is."""
    host, port = row.get("ip"), row.get("port")
    if not isinstance(host, str) or not host or not isinstance(port, int) or not 0 < port < 65536:
        return None
    return Address(host, port, seed.tls)
