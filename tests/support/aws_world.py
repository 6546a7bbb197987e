"""Accounts and regions of AWS for the endpoint of the tests, and what can go wrong in them.

Lists are paged as the API pages them, by the tokens of botocore's own paginators; what a
parameter of the request must ask for (nodes, shards, details, a fortnight of events) is left
out without it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import botocore.session

from tests.support.aws_endpoint import AwsError, Raw, Seen

ACCOUNT = "111122223333"
KEY = "AKIAEXAMPLE000000001"
Row = dict[str, Any]
_session = botocore.session.get_session()
_PAGINATORS = {
    name: _session.get_paginator_model(name)
    for name in ("elasticache", "memorydb", "ec2", "cloudwatch", "resourcegroupstaggingapi")
}
_LIMITS = {
    "elasticache DescribeSnapshots": 50,
    "elasticache DescribeServerlessCaches": 50,
    "elasticache DescribeServerlessCacheSnapshots": 50,
    "resourcegroupstaggingapi GetResources": 100,
    "ec2": 1000,
    "cloudwatch ListMetrics": 500,
}
"""Most entries of one page; 100 elsewhere."""


@dataclass
class Region:
    """What one account has in one region. `lists` are rows by `service Operation`."""

    lists: dict[str, list[Row]] = field(default_factory=dict)
    parameters: dict[str, tuple[list[Row], list[Row]]] = field(default_factory=dict)
    """Both lists of every parameter group of ElastiCache, by name."""
    families: dict[str, tuple[list[Row], list[Row]]] = field(default_factory=dict)
    memorydb: dict[str, list[Row]] = field(default_factory=dict)
    """Parameters of every parameter group of MemoryDB."""
    keys: dict[str, str] = field(default_factory=dict)
    """State of every KMS key, by ARN."""
    series: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    """Values by node and metric."""
    forbidden: set[str] = field(default_factory=set)
    """Metrics that CloudWatch forbids."""
    partial: set[str] = field(default_factory=set)

    def add(self, call: str, *rows: Row) -> None:
        self.lists.setdefault(call, []).extend(rows)


Fault = Callable[[Seen, int], None]
"""Raises what goes wrong at a request; the number counts requests of that operation."""


@dataclass
class World:
    """The handler of an endpoint."""

    accounts: dict[str, dict[str, Region]] = field(default_factory=dict)
    partition: str = "aws"
    enabled: tuple[str, ...] = ()
    """Regions that DescribeRegions names; empty: those of the first account."""
    roles: dict[str, str] = field(default_factory=dict)
    """Account of each role that may be assumed, by ARN."""
    external_id: str = ""
    denied: set[tuple[str, str, str]] = field(default_factory=set)
    """Account, region and `service Operation`; `*` stands for any of the first two."""
    disabled: set[str] = field(default_factory=set)
    faults: dict[str, Fault] = field(default_factory=dict)
    most: int = 0
    """Entries of a page at most, below the API's own limit; 0: that limit."""
    counts: Counter[str] = field(default_factory=Counter)
    sessions: dict[str, str] = field(default_factory=dict)

    def region(self, name: str = "eu-west-1", account: str = ACCOUNT) -> Region:
        """A region of an account, made when it is not there."""
        return self.accounts.setdefault(account, {}).setdefault(name, Region())

    def __call__(self, seen: Seen) -> dict[str, Any]:
        name = f"{seen.service} {seen.operation}"
        self.counts[name] += 1
        account = self._account(seen)
        if seen.region in self.disabled:
            raise AwsError("InvalidClientTokenId", "The security token is invalid.", 403)
        self._deny(seen, account, name)
        if name in self.faults:
            self.faults[name](seen, self.counts[name])
        region = self.accounts.get(account, {}).get(seen.region, Region())
        special = getattr(self, f"_{seen.operation}", None)
        if special is not None:
            return special(seen, account, region)  # type: ignore[no-any-return]
        if name not in _KNOWN:
            raise AwsError("InvalidAction", name)
        return self._page(seen, _filtered(seen, region.lists.get(name, [])))

    def _account(self, seen: Seen) -> str:
        if seen.key in self.sessions:
            return self.sessions[seen.key]
        return next(iter(self.accounts), ACCOUNT)

    def _deny(self, seen: Seen, account: str, name: str) -> None:
        for who in (account, "*"):
            for where in (seen.region, "*"):
                if (who, where, name) in self.denied:
                    arn = f"arn:{self.partition}:iam::{account}:user/audit"
                    said = f"User: {arn} is not authorized to perform: {name}, key {seen.key}"
                    kind = "AccessDeniedException" if seen.service == "memorydb" else "AccessDenied"
                    raise AwsError(kind, said, 403)

    # -- pages -----------------------------------------------------------------------

    def _page(self, seen: Seen, rows: list[Row]) -> dict[str, Any]:
        config = _PAGINATORS[seen.service].get_paginator(seen.operation)
        key = config["result_key"]
        key = key[0] if isinstance(key, list) else key
        part, token = self._part(seen, rows, config)
        return {key: part} | ({config["output_token"]: token} if token else {})

    def _part(self, seen: Seen, rows: list[Any], config: Any) -> tuple[list[Any], str]:
        name = f"{seen.service} {seen.operation}"
        most = _LIMITS.get(name, _LIMITS.get(seen.service, 100))
        asked = int(seen.parameters.get(config.get("limit_key") or "") or most)
        if asked > most or (seen.service == "elasticache" and asked < 20):
            raise AwsError("InvalidParameterValue", f"{config['limit_key']} {asked}")
        size = min(asked, self.most or most)
        token = seen.parameters.get(config["input_token"]) or "page-0"
        start = int(token.removeprefix("page-"))
        end = start + size
        return rows[start:end], f"page-{end}" if end < len(rows) else ""

    def _both(self, seen: Seen, found: tuple[list[Row], list[Row]]) -> dict[str, Any]:
        """A page of both lists of parameters, counted together."""
        config = _PAGINATORS["elasticache"].get_paginator(seen.operation)
        rows = [("Parameters", row) for row in found[0]]
        rows += [("CacheNodeTypeSpecificParameters", row) for row in found[1]]
        part, token = self._part(seen, rows, config)
        page: dict[str, Any] = {
            name: [row for kind, row in part if kind == name]
            for name in ("Parameters", "CacheNodeTypeSpecificParameters")
        }
        return page | ({"Marker": token} if token else {})

    # -- operations of their own -----------------------------------------------------

    def _GetCallerIdentity(self, seen: Seen, account: str, region: Region) -> Row:
        return {
            "Account": account,
            "Arn": f"arn:{self.partition}:iam::{account}:user/audit",
            "UserId": "AIDAEXAMPLE",
        }

    def _AssumeRole(self, seen: Seen, account: str, region: Region) -> Row:
        arn = seen.parameters["RoleArn"]
        if arn not in self.roles or seen.parameters.get("ExternalId", "") != self.external_id:
            raise AwsError("AccessDenied", f"not authorized to assume {arn}", 403)
        key = f"ASIAEXAMPLE{len(self.sessions):09d}"
        self.sessions[key] = self.roles[arn]
        caller = f"arn:{self.partition}:sts::{self.roles[arn]}:assumed-role/audit/redislint"
        return {
            "Credentials": {
                "AccessKeyId": key,
                "SecretAccessKey": "assumedSecretEXAMPLEassumedSecretEXAMPLE",
                "SessionToken": "SessionTokenEXAMPLE//////////" * 8,
                "Expiration": time.time() + 3600,
            },
            "AssumedRoleUser": {"AssumedRoleId": "AROAEXAMPLE:redislint", "Arn": caller},
        }

    def _DescribeRegions(self, seen: Seen, account: str, region: Region) -> Row:
        names = self.enabled or tuple(self.accounts.get(account, {}))
        return {"Regions": [{"RegionName": n, "OptInStatus": "opted-in"} for n in names]}

    def _DescribeCacheParameters(self, seen: Seen, account: str, region: Region) -> Row:
        name = seen.parameters["CacheParameterGroupName"]
        if name not in region.parameters:
            raise AwsError("CacheParameterGroupNotFound", f"{name} not found", 404)
        return self._both(seen, region.parameters[name])

    def _DescribeEngineDefaultParameters(self, seen: Seen, account: str, region: Region) -> Row:
        family = seen.parameters["CacheParameterGroupFamily"]
        if family not in region.families:
            raise AwsError("InvalidParameterValue", f"{family} is no family")
        return {"EngineDefaults": self._both(seen, region.families[family])}

    def _DescribeParameters(self, seen: Seen, account: str, region: Region) -> Row:
        return self._page(seen, region.memorydb[seen.parameters["ParameterGroupName"]])

    def _DescribeKey(self, seen: Seen, account: str, region: Region) -> Row:
        key = seen.parameters["KeyId"]
        if key not in region.keys:
            raise AwsError("NotFoundException", "Key does not exist")
        return {"KeyMetadata": {"KeyId": key.rpartition("/")[2], "KeyState": region.keys[key]}}

    def _GetMetricData(self, seen: Seen, account: str, region: Region) -> Row:
        queries = seen.parameters["MetricDataQueries"]
        if len(queries) > 500:
            raise AwsError("ValidationError", "too many queries")
        results = []
        for query in queries:
            metric = query["MetricStat"]["Metric"]
            nodes = {d["Name"]: d["Value"] for d in metric["Dimensions"]}
            node = nodes.get("CacheClusterId") or nodes.get("ClusterName") or nodes["clusterId"]
            name = metric["MetricName"]
            values = region.series.get((node, name), [])
            state = "Forbidden" if name in region.forbidden else "Complete"
            state = "PartialData" if name in region.partial else state
            results.append({
                "Id": query["Id"], "Label": name, "StatusCode": state,
                "Values": [] if state == "Forbidden" else values,
                "Timestamps": [] if state == "Forbidden" else [0.0 for _ in values],
            })  # fmt: skip
        return {"MetricDataResults": results}


_KNOWN = frozenset(
    f"elasticache Describe{name}"
    for name in (
        "CacheClusters", "ReplicationGroups", "ServerlessCaches", "Snapshots", "Users", "Events",
        "ServerlessCacheSnapshots", "UserGroups", "CacheParameterGroups", "CacheSubnetGroups",
        "CacheEngineVersions", "UpdateActions",
    )
) | frozenset(
    f"memorydb Describe{name}"
    for name in (
        "Clusters", "Snapshots", "Users", "ACLs", "ParameterGroups", "SubnetGroups", "Events",
        "EngineVersions", "ServiceUpdates",
    )
) | {
    "ec2 DescribeSecurityGroups", "ec2 DescribeSubnets", "ec2 DescribeRouteTables",
    "resourcegroupstaggingapi GetResources", "cloudwatch ListMetrics",
}  # fmt: skip


def _filtered(seen: Seen, rows: list[Row]) -> list[Row]:
    """The rows that a request asks for, without what it did not ask for."""
    given = seen.parameters
    match seen.operation:
        case "DescribeCacheClusters":
            if given.get("ShowCacheNodeInfo") != "true":
                return [_without(row, "CacheNodes") for row in rows]
        case "DescribeClusters":
            if not given.get("ShowShardDetails"):
                return [_without(row, "Shards") for row in rows]
        case "DescribeSnapshots" if seen.service == "memorydb":
            if not given.get("ShowDetail"):
                return [
                    row | {"ClusterConfiguration": _without(row["ClusterConfiguration"], "Shards")}
                    for row in rows
                ]
        case "DescribeEvents":
            since = time.time() - int(given.get("Duration", 60)) * 60
            return [row for row in rows if row["Date"] >= since]
        case "DescribeUpdateActions":
            wanted = {v for k, v in given.items() if k.startswith("UpdateActionStatus")}
            return [row for row in rows if not wanted or row["UpdateActionStatus"] in wanted]
        case "GetResources":
            kinds = given.get("ResourceTypeFilters") or []
            return [row for row in rows if not kinds or _kind(row["ResourceARN"]) in kinds]
        case "ListMetrics":
            return [row for row in rows if row["MetricName"] == given.get("MetricName")]
        case "DescribeSecurityGroups" | "DescribeSubnets":
            key = "GroupId" if seen.operation == "DescribeSecurityGroups" else "SubnetId"
            wanted = {v for k, v in given.items() if k.startswith("Filter.1.Value.")}
            if len(wanted) > 200:
                raise AwsError("FilterLimitExceeded", "200 values at most")
            return [row for row in rows if row[key] in wanted]
    return rows


def _without(row: Row, key: str) -> Row:
    return {name: value for name, value in row.items() if name != key}


def _kind(arn: str) -> str:
    parts = arn.split(":", 5)
    return f"{parts[2]}:{parts[5].replace('/', ':').partition(':')[0]}"


# -- what goes wrong ---------------------------------------------------------------------


def throttle(times: int) -> Fault:
    """So many requests are refused, then the next is answered."""

    def fault(seen: Seen, number: int) -> None:
        if number <= times:
            code = "ThrottlingException" if seen.service == "memorydb" else "Throttling"
            raise AwsError(code, "Rate exceeded")

    return fault


def gateway(seen: Seen, number: int) -> None:
    """A proxy answers with a page of its own."""
    raise Raw(b"<html><head><title>Sign in</title></head><body>Hotel Wi-Fi</body></html>")


def cut(seen: Seen, number: int) -> None:
    """The answer ends in its middle."""
    if seen.service == "elasticache":
        raise Raw(b"<" + seen.operation.encode() + b"Response><x>" * 40, "text/xml", sent=30)
    raise Raw(b'{"Users": [], "NextToken": "aaaa"}', "application/x-amz-json-1.1", sent=12)


def hang(seconds: float) -> Fault:
    """No answer for so long."""

    def fault(seen: Seen, number: int) -> None:
        raise Raw(b"", "text/xml", seconds=seconds)

    return fault
