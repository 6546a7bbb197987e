"""Backups of managed caches: snapshots over all shards, and what failed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from redislint.sources.cloud import calls as c
from redislint.sources.cloud.cache import Cache, seconds_since
from redislint.sources.cloud.lists import Lists

_PATHS = (
    "backup.exists",
    "backup.age",
    "backup.automatic_age",
    "backup.count",
    "backup.incomplete",
    "backup.unkeyed",
)
_FAILURES_SHOWN = 10
_OF_BACKUP = re.compile(r"snapshot|backup", re.IGNORECASE)
_FAILED = re.compile(r"fail|unable|could not|unsuccessful", re.IGNORECASE)
NO_FAILURE = "no failed backup is known"


class Snapshot(NamedTuple):
    """One snapshot. `taken` is when the first of its shards was copied, None where it lacks
    a shard; `usable`: it is finished and kept."""

    name: str
    owner: str
    usable: bool
    failed: bool
    automatic: bool
    taken: datetime | None
    keyed: bool


class Event(NamedTuple):
    """What the service told of a cache."""

    source: str
    message: str
    date: datetime


def of_elasticache(row: Mapping[str, Any]) -> Snapshot:
    """A snapshot of nodes; of a group in cluster mode it has one part for each shard."""
    parts = row.get("NodeSnapshots") or []
    times = [part["SnapshotCreateTime"] for part in parts if part.get("SnapshotCreateTime")]
    shards = row.get("NumNodeGroups") or 1
    covered = {part.get("NodeGroupId") for part in parts if part.get("SnapshotCreateTime")}
    return Snapshot(
        row.get("SnapshotName") or "",
        row.get("ReplicationGroupId") or row.get("CacheClusterId") or "",
        row.get("SnapshotStatus") == "available",
        row.get("SnapshotStatus") == "failed",
        row.get("SnapshotSource") in ("automated", "system"),
        min(times) if times and len(covered) >= shards else None,
        bool(row.get("KmsKeyId")),
    )


def of_serverless(row: Mapping[str, Any]) -> Snapshot:
    """A snapshot of a serverless cache."""
    about = row.get("ServerlessCacheConfiguration") or {}
    return Snapshot(
        row.get("ServerlessCacheSnapshotName") or "",
        about.get("ServerlessCacheName") or "",
        row.get("Status") == "available",
        row.get("Status") == "failed",
        row.get("SnapshotType") in ("automated", "system"),
        row.get("CreateTime"),
        bool(row.get("KmsKeyId")),
    )


def of_memorydb(row: Mapping[str, Any]) -> Snapshot:
    """A snapshot of a MemoryDB cluster; its parts are told with ShowDetail only."""
    about = row.get("ClusterConfiguration") or {}
    parts = about.get("Shards") or []
    times = [part["SnapshotCreationTime"] for part in parts if part.get("SnapshotCreationTime")]
    return Snapshot(
        row.get("Name") or "",
        about.get("Name") or "",
        row.get("Status") == "available",
        row.get("Status") == "failed",
        row.get("Source") in ("automated", "system"),
        min(times) if times and len(times) >= (about.get("NumShards") or 1) else None,
        bool(row.get("KmsKeyId")),
    )


def by_owner(snapshots: Iterable[Snapshot]) -> dict[str, list[Snapshot]]:
    """Snapshots by the group or cluster that they are of."""
    found: dict[str, list[Snapshot]] = {}
    for snapshot in snapshots:
        found.setdefault(snapshot.owner, []).append(snapshot)
    return found


def snapshot_facts(
    cache: Cache, owned: Mapping[str, list[Snapshot]], now: float, reason: str
) -> None:
    """Note what is kept of a cache; `reason` says why the list is missing ("" = it is not)."""
    if reason:
        cache.miss(reason, _PATHS)
        return
    own = list(_own(cache, owned))
    usable = [snapshot for snapshot in own if snapshot.usable]
    whole = [snapshot for snapshot in usable if snapshot.taken is not None]
    put = cache.put
    put("backup.count", len(usable))
    put("backup.exists", bool(whole))
    put("backup.incomplete", sorted(s.name for s in usable if s.taken is None))
    put("backup.unkeyed", sorted(s.name for s in usable if not s.keyed))
    ages = [age for s in whole if (age := seconds_since(s.taken, now)) is not None]
    put("backup.age", min(ages, default=None), "s")
    automatic = [s for s in whole if s.automatic]
    ages = [age for s in automatic if (age := seconds_since(s.taken, now)) is not None]
    put("backup.automatic_age", min(ages, default=None), "s")
    cache.miss("there is no snapshot", ["backup.age"])
    cache.miss("there is no automatic snapshot", ["backup.automatic_age"])


def _own(cache: Cache, owned: Mapping[str, list[Snapshot]]) -> Iterator[Snapshot]:
    for name in cache.members:
        yield from owned.get(name, ())


def failure_facts(
    cache: Cache,
    owned: Mapping[str, list[Snapshot]],
    events: Mapping[str, list[Event]],
    now: float,
    reason: str,
) -> None:
    """Note failed backups: what events of the last 14 days and failed snapshots tell."""
    if reason:
        cache.miss(reason, ["backup.failures", "backup.failure_age"])
        return
    found = [
        event
        for name in cache.members
        for event in events.get(name, ())
        if _OF_BACKUP.search(event.message) and _FAILED.search(event.message)
    ]
    found.sort(key=lambda event: event.date, reverse=True)
    texts = [event.message for event in found]
    texts += [f"snapshot {s.name} has the status failed" for s in _own(cache, owned) if s.failed]
    cache.put("backup.failures", texts[:_FAILURES_SHOWN])
    if found:
        cache.put("backup.failure_age", seconds_since(found[0].date, now), "s")
    cache.miss(NO_FAILURE, ["backup.failure_age"])


def by_source(rows: Iterable[Mapping[str, Any]], key: str) -> dict[str, list[Event]]:
    """Events by what they are about; `key` names the member that tells it."""
    found: dict[str, list[Event]] = {}
    for row in rows:
        source, date = row.get(key), row.get("Date")
        if source and date:
            event = Event(source, " ".join((row.get("Message") or "").split()), date)
            found.setdefault(source, []).append(event)
    return found


class Kept(NamedTuple):
    """Snapshots by owner (serverless caches have names of their own), events by source, and
    why any of them could not be read ("" = they were)."""

    snapshots: Mapping[str, list[Snapshot]]
    serverless: Mapping[str, list[Snapshot]]
    events: Mapping[str, list[Event]]
    no_snapshots: str = ""
    no_serverless: str = ""
    no_events: str = ""

    def note(self, cache: Cache, now: float) -> None:
        """Put down the facts about backups of one cache."""
        serverless = cache.resource == "serverless-cache"
        owned = self.serverless if serverless else self.snapshots
        why = self.no_serverless if serverless else self.no_snapshots
        snapshot_facts(cache, owned, now, why)
        failure_facts(cache, owned, self.events, now, why or self.no_events)


def of_lists(lists: Lists, service: str) -> Kept:
    """What the lists of a service say about backups."""
    if service == "memorydb":
        return Kept(
            by_owner(map(of_memorydb, lists.rows(c.MDB_SNAPSHOTS))),
            {},
            by_source(lists.rows(c.MDB_EVENTS), "SourceName"),
            lists.why(c.MDB_SNAPSHOTS),
            "",
            lists.why(c.MDB_EVENTS),
        )
    return Kept(
        by_owner(map(of_elasticache, lists.rows(c.SNAPSHOTS))),
        by_owner(map(of_serverless, lists.rows(c.SERVERLESS_SNAPSHOTS))),
        by_source(lists.rows(c.EVENTS), "SourceIdentifier"),
        lists.why(c.SNAPSHOTS),
        lists.why(c.SERVERLESS_SNAPSHOTS),
        lists.why(c.EVENTS),
    )
