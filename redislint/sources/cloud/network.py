"""The network around a cache, as EC2 describes it: subnets, routes, security groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from redislint.sources.cloud import calls as c
from redislint.sources.cloud.cache import Cache
from redislint.sources.cloud.lists import Lists, Wanted

MOST_VALUES = 200
"""Values that one filter of EC2 takes."""

USUAL_PORT = 6379
_NO_WORDS = ("", "Managed by Terraform")


def subnet_group_facts(cache: Cache, groups: Mapping[str, Mapping[str, Any]], reason: str) -> None:
    """Note VPC and subnets of a cache's subnet group; `groups` by name."""
    name = cache.value("cloud.subnet_group")
    if name == "":
        cache.put("cloud.vpc", "")
        cache.put("cloud.subnets", [])
        return
    found = groups.get(name) if name else None
    if found is None:
        said = reason or (f"the subnet group {name} is not in the list" if name else "")
        cache.miss(said or "the subnet group is not known", ["cloud.vpc", "cloud.subnets"])
        return
    subnets = found.get("Subnets") or ()
    names = [s.get("SubnetIdentifier") or s.get("Identifier") or "" for s in subnets]
    cache.put("cloud.vpc", found.get("VpcId") or "")
    cache.put("cloud.subnets", sorted(filter(None, names)))


def wanted(caches: Iterable[Cache]) -> Iterator[Wanted]:
    """The calls to EC2 that tell of the network of all these caches together."""
    security: set[str] = set()
    subnets: set[str] = set()
    for cache in caches:
        security.update(cache.value("cloud.security_groups") or ())
        subnets.update(cache.value("cloud.subnets") or ())
    for part in _parts(sorted(security)):
        filters = [{"Name": "group-id", "Values": part}]
        yield c.SECURITY_GROUPS, part[0], {"Filters": filters}
    for part in _parts(sorted(subnets)):
        yield c.SUBNETS, part[0], {"Filters": [{"Name": "subnet-id", "Values": part}]}
    if subnets:
        yield c.ROUTE_TABLES, "", {}


def _parts(names: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), MOST_VALUES):
        yield list(names[start : start + MOST_VALUES])


class Network:
    """What EC2 told; of what it did not tell, `whys` has the reason by call."""

    def __init__(self, lists: Lists, asked: Sequence[Wanted]) -> None:
        self.security: dict[str, Mapping[str, Any]] = {}
        self.vpcs: dict[str, str] = {}
        self.whys: dict[c.Call, str] = {}
        for call, key, _ in asked:
            why = lists.why(call, key)
            if why:
                self.whys.setdefault(call, why)
            for row in lists.rows(call, key):
                if call is c.SECURITY_GROUPS:
                    self.security[row["GroupId"]] = row
                elif call is c.SUBNETS:
                    self.vpcs[row["SubnetId"]] = row.get("VpcId") or ""
        self._routes = lists.rows(c.ROUTE_TABLES)

    def is_public(self, subnet: str) -> bool | None:
        """Whether a subnet has a route to an internet gateway; None where it is not known."""
        main = None
        for table in self._routes:
            for link in table.get("Associations") or ():
                if link.get("SubnetId") == subnet:
                    return _to_internet(table)
                if link.get("Main") and table.get("VpcId") == self.vpcs.get(subnet):
                    main = table
        return None if main is None else _to_internet(main)


def _to_internet(table: Mapping[str, Any]) -> bool:
    return any(
        (route.get("GatewayId") or "").startswith("igw-") for route in table.get("Routes") or ()
    )


def network_facts(cache: Cache, network: Network) -> None:
    """Note who can reach a cache, as its subnets and security groups have it."""
    subnets = cache.value("cloud.subnets")
    if subnets is not None:
        known = {subnet: network.is_public(subnet) for subnet in subnets}
        if all(public is not None for public in known.values()):
            cache.put("cloud.public_subnets", [name for name, public in known.items() if public])
        if subnets and not cache.value("cloud.vpc") and network.vpcs.get(subnets[0]):
            cache.put("cloud.vpc", network.vpcs[subnets[0]])
    if subnets == []:
        cache.put("cloud.public_subnets", [])
    why = network.whys.get(c.SUBNETS) or network.whys.get(c.ROUTE_TABLES)
    cache.miss(why or "the routes of its subnets are not known", ["cloud.public_subnets"])
    groups = cache.value("cloud.security_groups")
    paths = ["cloud.ingress", "cloud.undescribed_security_groups"]
    if groups is None or any(name not in network.security for name in groups):
        why = network.whys.get(c.SECURITY_GROUPS)
        cache.miss(why or "its security groups are not all in the list of EC2", paths)
        return
    rows = [network.security[name] for name in groups]
    cache.put("cloud.undescribed_security_groups", [
        row["GroupId"] for row in rows if (row.get("Description") or "").strip() in _NO_WORDS
    ])  # fmt: skip
    port = cache.value("cloud.port") or USUAL_PORT
    ranges = {text for row in rows for text in _ranges(row, port)}
    cache.put("cloud.ingress", sorted(ranges))


def _ranges(row: Mapping[str, Any], port: int) -> Iterator[str]:
    """The address ranges that a group lets through to a port."""
    for rule in row.get("IpPermissions") or ():
        protocol = rule.get("IpProtocol")
        whole = protocol == "-1"
        if not whole and protocol not in ("tcp", "6"):
            continue
        if not whole and not rule.get("FromPort", 0) <= port <= rule.get("ToPort", 65535):
            continue
        for found in rule.get("IpRanges") or ():
            yield found["CidrIp"]
        for found in rule.get("Ipv6Ranges") or ():
            yield found["CidrIpv6"]
