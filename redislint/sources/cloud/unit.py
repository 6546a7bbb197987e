"""One service in one account and region, from the first call to targets."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from redislint.model import AuditError
from redislint.sources.cloud import calls as c
from redislint.sources.cloud import elasticache, memorydb, metrics, network, snapshots, tags
from redislint.sources.cloud.accounts import Account
from redislint.sources.cloud.cache import Cache
from redislint.sources.cloud.client import Api
from redislint.sources.cloud.errors import one_line
from redislint.sources.cloud.lists import Lists, Wanted, read_lists
from redislint.sources.cloud.options import CloudOptions
from redislint.sources.cloud.parameters import (
    ParameterGroup,
    default_groups,
    elasticache_group,
    group_facts,
    memorydb_group,
)
from redislint.sources.cloud.reading import CloudTarget, Reading
from redislint.sources.cloud.target import Where, make_target, unused_group
from redislint.sources.cloud.users import user_facts

FORTNIGHT = 14 * 24 * 60
"""Minutes that DescribeEvents goes back at most; an hour without asking."""

FIRST_SHARE = 0.6
"""Share of the time for the lists of caches and what belongs to them. What they name is read
afterwards (parameters, networks): a list that hangs leaves time for it."""

_FIRST: dict[str, tuple[Wanted, ...]] = {
    "elasticache": (
        (c.CLUSTERS, "", {"ShowCacheNodeInfo": True}),
        (c.GROUPS, "", {}),
        (c.EVENTS, "", {"Duration": FORTNIGHT}),
        (c.SNAPSHOTS, "", {}),
        (c.SERVERLESS, "", {}),
        (c.UPDATES, "", {"UpdateActionStatus": [
            "not-applied", "waiting-to-start", "in-progress", "stopping", "stopped",
            "scheduling", "scheduled",
        ]}),
        (c.USERS, "", {}),
        (c.USER_GROUPS, "", {}),
        (c.PARAMETER_GROUPS, "", {}),
        (c.SERVERLESS_SNAPSHOTS, "", {}),
        (c.SUBNET_GROUPS, "", {}),
        (c.VERSIONS, "", {}),
    ),
    "memorydb": (
        (c.MDB_CLUSTERS, "", {"ShowShardDetails": True}),
        (c.MDB_EVENTS, "", {"Duration": FORTNIGHT}),
        (c.MDB_SNAPSHOTS, "", {"ShowDetail": True}),
        (c.MDB_USERS, "", {}),
        (c.MDB_ACLS, "", {}),
        (c.MDB_PARAMETER_GROUPS, "", {}),
        (c.MDB_SUBNET_GROUPS, "", {}),
        (c.MDB_UPDATES, "", {}),
        (c.MDB_VERSIONS, "", {}),
    ),
}  # fmt: skip
"""What is asked of each service at once, the longest lists first."""


@dataclass(slots=True)
class Unit:
    """One service in one account and region. `names` are the caches asked for, empty: all."""

    account: Account
    service: str
    region: str
    options: CloudOptions
    names: tuple[str, ...] = ()
    lists: Lists = field(default_factory=Lists)
    gaps: list[str] = field(default_factory=list)

    @property
    def where(self) -> Where:
        return Where(self.account.partition, self.account.id, self.region)

    @property
    def title(self) -> str:
        """How errors name it."""
        return f"{self.service}://{self.region} account {self.account.id}"

    def read(self) -> Reading:
        """Read it within the time that the options give. What is missing is in the errors."""
        now = float(int(time.time()))
        api = Api(self.account, self.region, time.monotonic() + self.options.timeout)
        try:
            first = [*_FIRST[self.service], tags.wanted(self.service)]
            if self.options.metrics:
                first.append(metrics.listing(self.service))
            until = api.deadline - (1 - FIRST_SHARE) * self.options.timeout
            read_lists(self.lists, api, first, self.options, until)
            caches = self._chosen(now)
            settle = self._settler(now)
            for cache in caches:
                settle(cache)
            families = self._families()
            nets = list(network.wanted(caches))
            asked = metrics.queries(caches, self.lists) if self.options.metrics else []
            series = list(metrics.wanted(self.service, asked, now))
            second = [*self._parameters(caches, families), *nets, *_keys(caches), *series]
            read_lists(self.lists, api, second, self.options, api.deadline)
        finally:
            api.close()
        if self.options.metrics:
            metrics.metric_facts(caches, asked, self.lists, series, self.gaps)
        else:
            for cache in caches:
                cache.miss(metrics.NOT_ASKED, metrics.PATHS)
        targets = list(self._targets(caches, families, network.Network(self.lists, nets), now))
        if not self.names:
            targets.extend(self._unused(caches, families, now))
        return Reading(tuple(targets), tuple(self._errors()))

    # -- what is there ---------------------------------------------------------------

    def _chosen(self, now: float) -> list[Cache]:
        """The caches asked for."""
        if self.service == "memorydb":
            found = list(memorydb.clusters(self.lists, self.where, self.gaps))
        else:
            found = list(elasticache.caches(self.lists, self.where, now, self.gaps))
        if not self.names:
            return found
        known = {cache.name for cache in found}
        for name in self.names:
            if name not in known:
                within = "" if not self.lists.gaps else " among what could be read"
                self.gaps.append(f"there is no cache {name}{within}")
        return [cache for cache in found if cache.name in self.names]

    def _families(self) -> dict[str, str]:
        """The family of every parameter group, by name."""
        if self.service == "memorydb":
            rows = self.lists.rows(c.MDB_PARAMETER_GROUPS)
            return {row["Name"]: row.get("Family") or "" for row in rows}
        rows = self.lists.rows(c.PARAMETER_GROUPS)
        return {
            row["CacheParameterGroupName"]: row.get("CacheParameterGroupFamily") or ""
            for row in rows
        }

    def _parameters(self, caches: Iterable[Cache], families: dict[str, str]) -> Iterator[Wanted]:
        """One call for each parameter group in use, and one for each family of those."""
        used = sorted({cache.parameter_group for cache in caches} - {""})
        known = sorted({families[name] for name in used if families.get(name)})
        if self.service == "memorydb":
            default = default_groups(self.lists.rows(c.MDB_PARAMETER_GROUPS))
            wanted = {*used, *(default[family] for family in known if family in default)}
            for name in sorted(wanted):
                yield c.MDB_PARAMETERS, name, {"ParameterGroupName": name}
            return
        for name in used:
            yield c.PARAMETERS, name, {"CacheParameterGroupName": name}
        for family in known:
            yield c.DEFAULTS, family, {"CacheParameterGroupFamily": family}

    def _group(self, name: str, family: str) -> ParameterGroup | None:
        if self.service == "memorydb":
            default = default_groups(self.lists.rows(c.MDB_PARAMETER_GROUPS)).get(family, "")
            return memorydb_group(name, family, default, self.lists)
        return elasticache_group(name, family, self.lists)

    # -- targets ---------------------------------------------------------------------

    def _targets(
        self, caches: Sequence[Cache], families: dict[str, str], net: network.Network, now: float
    ) -> Iterator[CloudTarget]:
        known = tags.tags_of(self.lists)
        groups = {
            name: self._group(name, families.get(name, ""))
            for name in {cache.parameter_group for cache in caches} - {""}
        }
        for cache in caches:
            network.network_facts(cache, net)
            user_facts(cache, self.lists, self.gaps)
            self._key_state(cache)
            group = groups.get(cache.parameter_group)
            self._group_facts(cache, group, families)
            own = known.get(cache.arn, {}) if self.lists.known(c.TAGS) else None
            yield make_target(cache, self.where, own, group, now)

    def _settler(self, now: float) -> Any:
        """A function that notes what lists about many caches say of one."""
        if self.service == "memorydb":
            return partial(memorydb.settle, lists=self.lists, now=now,
                           kept=snapshots.of_lists(self.lists, "memorydb"))  # fmt: skip
        return partial(elasticache.settle, lists=self.lists, now=now,
                       kept=snapshots.of_lists(self.lists, "elasticache"))  # fmt: skip

    def _group_facts(
        self, cache: Cache, group: ParameterGroup | None, families: dict[str, str]
    ) -> None:
        cache.put("cloud.parameter_family", families.get(cache.parameter_group) or None)
        if group is not None:
            group_facts(cache, group)
        elif cache.parameter_group:
            call = c.MDB_PARAMETERS if self.service == "memorydb" else c.PARAMETERS
            why = self.lists.why(call, cache.parameter_group)
            cache.miss(why or "the parameter group was not read", _OF_GROUP)
        listing = c.MDB_PARAMETER_GROUPS if self.service == "memorydb" else c.PARAMETER_GROUPS
        why = self.lists.why(listing)
        if why:
            cache.miss(why, ["cloud.parameter_family"])

    def _key_state(self, cache: Cache) -> None:
        key = cache.value("cloud.kms_key")
        if key:
            for row in self.lists.rows(c.KMS_KEY, key):
                cache.put("cloud.kms_key_state", row.get("KeyState"))
            cache.miss(self.lists.why(c.KMS_KEY, key), ["cloud.kms_key_state"])

    def _unused(
        self, caches: Sequence[Cache], families: dict[str, str], now: float
    ) -> Iterator[CloudTarget]:
        """The owner's parameter groups that no cache uses; none where that cannot be told."""
        memory = self.service == "memorydb"
        needed = (c.MDB_CLUSTERS,) if memory else (c.CLUSTERS, c.GROUPS)
        if not all(map(self.lists.known, needed)):
            return
        used = {cache.parameter_group for cache in caches}
        used |= elasticache.groups_in_use(self.lists)
        rows = self.lists.rows(c.MDB_PARAMETER_GROUPS if memory else c.PARAMETER_GROUPS)
        arns = {
            row.get("CacheParameterGroupName") or row.get("Name"): row.get("ARN") or ""
            for row in rows
        }
        for name in sorted(families):
            family = families[name]
            if name in used or name.startswith("default.") or family.startswith("memcached"):
                continue
            row = {"name": name, "family": family, "arn": arns.get(name, "")}
            yield unused_group(row, self.service, self.where, now)

    def _errors(self) -> Iterator[AuditError]:
        for gap in self.lists.gaps:
            yield AuditError(self.title, gap.stage, gap.message)
        for said in dict.fromkeys(self.gaps):
            yield AuditError(self.title, "read", one_line(said))


_OF_GROUP = (
    "cloud.parameters",
    "cloud.changed_parameters",
    "cloud.node_maxmemory",
    "cloud.reserved_percent",
    "cloud.reserved_bytes",
    "cloud.rename_commands",
    "cloud.close_on_replica_write",
)


def _keys(caches: Iterable[Cache]) -> Iterator[Wanted]:
    """One call for each customer's key."""
    for key in sorted({cache.value("cloud.kms_key") or "" for cache in caches} - {""}):
        yield c.KMS_KEY, key, {"KeyId": key}
