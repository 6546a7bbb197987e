"""CloudWatch, where it is asked for: what stands in for INFO on a managed cache."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from redislint.sources.cloud import calls as c
from redislint.sources.cloud.cache import Cache
from redislint.sources.cloud.lists import Lists, Wanted

WINDOW = 86400
"""Seconds that are looked at: a day, so that its busiest hour is among them."""
PERIOD = 3600
MOST_QUERIES = 500
"""Queries of one GetMetricData, by its quota."""

NAMESPACES = {"elasticache": "AWS/ElastiCache", "memorydb": "AWS/MemoryDB"}
EXAMPLE = {"elasticache": "BytesUsedForCache", "memorydb": "BytesUsedForMemoryDB"}
"""The metric whose dimensions are listed, to learn the nodes that report any."""


class Metric(NamedTuple):
    """A fact and the metric that it comes from; `factor` turns one into the other, `worst`
    makes one value of those of all hours and nodes: max, min or sum. `whole`: it is an
    integer."""

    path: str
    name: str
    statistic: str
    worst: str = "max"
    factor: float = 1.0
    unit: str = ""
    only: str = ""
    whole: bool = False


_BYTES: dict[str, Any] = {"unit": "bytes", "whole": True}
_PERCENT: dict[str, Any] = {"unit": "ratio", "factor": 0.01}

METRICS = (
    Metric("metrics.engine_cpu", "EngineCPUUtilization", "Maximum", **_PERCENT),
    Metric("metrics.memory_used", "DatabaseMemoryUsagePercentage", "Maximum", **_PERCENT),
    Metric("metrics.used_memory", "BytesUsedForCache", "Maximum", only="elasticache", **_BYTES),
    Metric("metrics.used_memory", "BytesUsedForMemoryDB", "Maximum", only="memorydb", **_BYTES),
    Metric("metrics.swap_used", "SwapUsage", "Maximum", **_BYTES),
    Metric("metrics.freeable", "FreeableMemory", "Minimum", "min", **_BYTES),
    Metric("metrics.fragmentation", "MemoryFragmentationRatio", "Maximum", unit="ratio"),
    Metric("metrics.evictions", "Evictions", "Sum", "sum", whole=True),
    Metric("metrics.connections", "CurrConnections", "Maximum", whole=True),
    Metric("metrics.replication_lag", "ReplicationLag", "Maximum", unit="s"),
    Metric("metrics.durability_lag", "DurabilityLag", "Maximum", factor=0.001, unit="s"),
    Metric("metrics.auth_failures", "AuthenticationFailures", "Sum", "sum", whole=True),
    Metric(
        "metrics.saving_share", "SaveInProgress", "Average", unit="ratio",
        only="elasticache",
    ),
)  # fmt: skip
PATHS = (*dict.fromkeys(metric.path for metric in METRICS), "metrics.window")
NOT_ASKED = "CloudWatch is read with --metrics only"


class Query(NamedTuple):
    """One series of one node of one cache."""

    cache: int
    metric: Metric
    dimensions: Mapping[str, str]


def listing(service: str) -> Wanted:
    """The call that tells which nodes report metrics."""
    parameters = {
        "Namespace": NAMESPACES[service],
        "MetricName": EXAMPLE[service],
        "RecentlyActive": "PT3H",
    }
    return c.LIST_METRICS, "", parameters


def queries(caches: Sequence[Cache], lists: Lists) -> list[Query]:
    """Everything to ask of the nodes that report anything."""
    nodes: dict[str, list[dict[str, str]]] = {}
    for row in lists.rows(c.LIST_METRICS):
        found = {d["Name"]: d["Value"] for d in row.get("Dimensions") or ()}
        name = found.get("CacheClusterId") or found.get("ClusterName") or found.get("clusterId")
        whole = len(found) > 1 or "clusterId" in found
        if name and whole and "Tier" not in found:
            key = f"serverless {name}" if "clusterId" in found else name
            nodes.setdefault(key, []).append(found)
    asked: list[Query] = []
    for place, cache in enumerate(caches):
        serverless = cache.resource == "serverless-cache"
        for name in cache.members:
            for dimensions in nodes.get(f"serverless {name}" if serverless else name, ()):
                asked.extend(
                    Query(place, metric, dimensions)
                    for metric in METRICS
                    if metric.only in ("", cache.service)
                )
    return asked


def wanted(service: str, asked: Sequence[Query], now: float) -> Iterator[Wanted]:
    """The calls for some queries, as many in one as it takes."""
    end = int(now) // 60 * 60
    for start in range(0, len(asked), MOST_QUERIES):
        part = asked[start : start + MOST_QUERIES]
        parameters = {
            "MetricDataQueries": [
                _data_query(f"q{start + at}", service, query) for at, query in enumerate(part)
            ],
            "StartTime": datetime.fromtimestamp(end - WINDOW, UTC),
            "EndTime": datetime.fromtimestamp(end, UTC),
            "ScanBy": "TimestampDescending",
        }
        yield c.METRICS, f"q{start}", parameters


def _data_query(name: str, service: str, query: Query) -> dict[str, Any]:
    dimensions = [{"Name": key, "Value": value} for key, value in query.dimensions.items()]
    metric = {
        "Namespace": NAMESPACES[service],
        "MetricName": query.metric.name,
        "Dimensions": dimensions,
    }
    stat = {"Metric": metric, "Period": PERIOD, "Stat": query.metric.statistic}
    return {"Id": name, "MetricStat": stat}


def metric_facts(
    caches: Sequence[Cache],
    asked: Sequence[Query],
    lists: Lists,
    calls: Iterable[Wanted],
    gaps: list[str],
) -> None:
    """Note what CloudWatch answered. A series without values is no fact: it is not zero."""
    values: dict[str, list[float]] = {}
    states: dict[str, str] = {}
    why = lists.why(c.LIST_METRICS)
    for call, key, _ in calls:
        why = why or lists.why(call, key)
        for row in lists.rows(call, key):
            values.setdefault(row["Id"], []).extend(row.get("Values") or ())
            states[row["Id"]] = row.get("StatusCode") or ""
    found: dict[tuple[int, str], tuple[Metric, list[float]]] = {}
    bad: dict[tuple[int, str], str] = {}
    for at, query in enumerate(asked):
        place = (query.cache, query.metric.path)
        state = states.get(f"q{at}", "")
        if state != "Complete":
            bad[place] = state
        numbers = values.get(f"q{at}", [])
        if numbers and query.metric.statistic == "Average":
            numbers = [sum(numbers) / len(numbers)]  # a node's mean; the worst node counts
        found.setdefault(place, (query.metric, []))[1].extend(numbers)
    for state in sorted(set(bad.values()) - {""}):
        names = sorted({caches[place].name for (place, _), said in bad.items() if said == state})
        shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        gaps.append(f"{c.METRICS}: {state} for {shown}")
    for (at, path), (metric, numbers) in found.items():
        cache = caches[at]
        if (at, path) in bad:
            said = bad[at, path] or why or "no answer"
            cache.miss(f"CloudWatch did not answer in whole: {said}", [path])
        elif numbers:
            cache.put(path, _worst(metric, numbers), metric.unit, f"CloudWatch {metric.name}")
            cache.put("metrics.window", float(WINDOW), "s")
    for cache in caches:
        cache.miss(why or "CloudWatch has no data of it", PATHS)


_WORST: dict[str, Callable[[Sequence[float]], float]] = {
    "max": max,
    "min": min,
    "sum": sum,
}


def _worst(metric: Metric, numbers: Sequence[float]) -> float | int:
    value = float(_WORST[metric.worst](numbers))
    return int(value) if metric.whole else round(value * metric.factor, 6)
