"""One managed cache while its facts are put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from redislint.model import Fact, Server
from redislint.sources.cloud.calls import Call
from redislint.sources.cloud.lists import Lists


@dataclass(slots=True)
class Cache:
    """What is known of a cache so far.

    `resource` is as the fact `cloud.resource`. `server` is None while the version is not
    known; `engine` is redis or valkey. `members` are the names under which snapshots,
    events and updates may speak of it, its own first. `nodes` are the values of CloudWatch's
    dimensions, one mapping for each node, replicas marked in `replicas`.
    """

    service: str
    resource: str
    name: str
    arn: str
    engine: str
    server: Server | None = None
    node_type: str = ""
    parameter_group: str = ""
    user_groups: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    nodes: tuple[dict[str, str], ...] = ()
    replicas: frozenset[str] = frozenset()
    facts: dict[str, Fact] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)

    def put(self, path: str, value: Any, unit: str = "", basis: str = "") -> None:
        """Note a fact; None is none."""
        if value is not None:
            self.facts[path] = Fact(value, unit, self.service, basis)
            self.unknown.pop(path, None)

    def miss(self, reason: str, paths: Iterable[str]) -> None:
        """Note why facts are missing, where nothing told them; an empty reason is none."""
        for path in paths if reason else ():
            if path not in self.facts:
                self.unknown.setdefault(path, reason)

    def value(self, path: str) -> Any:
        """What a fact says, None while it is not known."""
        fact = self.facts.get(path)
        return fact.value if fact else None


def server_of(engine: str, version: str | None) -> Server | None:
    """`valkey` and `8.0.1`, `redis` and `6.x` as a server; None where that says too little."""
    numbers: list[int] = []
    for part in (version or "").split("."):
        if not (part.isascii() and part.isdigit() and len(part) < 6):
            break
        numbers.append(int(part))
    if not numbers or engine not in ("redis", "valkey"):
        return None
    return Server(engine, tuple(numbers) if len(numbers) > 1 else (numbers[0], 0))


def seconds_since(moment: datetime | None, now: float) -> float | None:
    """Whole seconds from a time of AWS until `now` (seconds since 1970), never below 0."""
    return None if moment is None else max(0.0, float(int(now - moment.timestamp())))


def known_engine(engine: str | None) -> bool:
    """Whether it is one that this program speaks of."""
    return engine in ("redis", "valkey")


def version_order(version: str) -> tuple[int, ...]:
    """What orders versions: 8.10 after 8.9."""
    return tuple(int(part) if part.isdigit() else 0 for part in version.split("."))


def newest_version(cache: Cache, lists: Lists, call: Call) -> None:
    """Note the newest version of a cache's engine, of the list that `call` gives."""
    cache.miss(lists.why(call), ["cloud.newest_version"])
    offered = [
        row.get("EnginePatchVersion") or row["EngineVersion"]
        for row in lists.rows(call)
        if row.get("Engine") == cache.engine and row.get("EngineVersion")
    ]
    cache.put("cloud.newest_version", max(offered, key=version_order, default=None))
