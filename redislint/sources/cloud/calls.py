"""Every call to AWS that this program can make. Nothing but what stands here is ever sent.

The IAM policy of the documentation is made from this table, and the tests hold what the
program sends against it. All calls read; none changes anything, none reaches data.
"""

from __future__ import annotations

from typing import NamedTuple


class Call(NamedTuple):
    """One operation. `key` is the member of its answer that holds the list. `page` is how many
    entries to ask for on one page where that is more than the API gives by itself, else 0.
    `when` is what the call is made for: always, metrics (--metrics), regions (`*` as the
    region) or roles (--aws-assume-role)."""

    service: str
    operation: str
    key: str = ""
    page: int = 0
    when: str = "always"

    @property
    def action(self) -> str:
        """The name of its permission in an IAM policy."""
        return f"{_PREFIXES.get(self.service, self.service)}:{self.operation}"

    def __str__(self) -> str:
        return f"{self.service} {self.operation}"


_PREFIXES = {"resourcegroupstaggingapi": "tag"}
"""Services whose permissions have another prefix."""

CALLER = Call("sts", "GetCallerIdentity")
ASSUME_ROLE = Call("sts", "AssumeRole", when="roles")
REGIONS = Call("ec2", "DescribeRegions", "Regions", when="regions")
SECURITY_GROUPS = Call("ec2", "DescribeSecurityGroups", "SecurityGroups", 1000)
SUBNETS = Call("ec2", "DescribeSubnets", "Subnets", 1000)
ROUTE_TABLES = Call("ec2", "DescribeRouteTables", "RouteTables", 100)
KMS_KEY = Call("kms", "DescribeKey", "KeyMetadata")
TAGS = Call("resourcegroupstaggingapi", "GetResources", "ResourceTagMappingList", 100)
LIST_METRICS = Call("cloudwatch", "ListMetrics", "Metrics", when="metrics")
METRICS = Call("cloudwatch", "GetMetricData", "MetricDataResults", when="metrics")

GROUPS = Call("elasticache", "DescribeReplicationGroups", "ReplicationGroups")
CLUSTERS = Call("elasticache", "DescribeCacheClusters", "CacheClusters")
SERVERLESS = Call("elasticache", "DescribeServerlessCaches", "ServerlessCaches")
SNAPSHOTS = Call("elasticache", "DescribeSnapshots", "Snapshots")
SERVERLESS_SNAPSHOTS = Call(
    "elasticache", "DescribeServerlessCacheSnapshots", "ServerlessCacheSnapshots"
)
USERS = Call("elasticache", "DescribeUsers", "Users")
USER_GROUPS = Call("elasticache", "DescribeUserGroups", "UserGroups")
PARAMETER_GROUPS = Call("elasticache", "DescribeCacheParameterGroups", "CacheParameterGroups")
PARAMETERS = Call("elasticache", "DescribeCacheParameters", "Parameters")
DEFAULTS = Call("elasticache", "DescribeEngineDefaultParameters", "EngineDefaults")
SUBNET_GROUPS = Call("elasticache", "DescribeCacheSubnetGroups", "CacheSubnetGroups")
VERSIONS = Call("elasticache", "DescribeCacheEngineVersions", "CacheEngineVersions")
EVENTS = Call("elasticache", "DescribeEvents", "Events")
UPDATES = Call("elasticache", "DescribeUpdateActions", "UpdateActions")

MDB_CLUSTERS = Call("memorydb", "DescribeClusters", "Clusters")
MDB_SNAPSHOTS = Call("memorydb", "DescribeSnapshots", "Snapshots")
MDB_USERS = Call("memorydb", "DescribeUsers", "Users")
MDB_ACLS = Call("memorydb", "DescribeACLs", "ACLs")
MDB_PARAMETER_GROUPS = Call("memorydb", "DescribeParameterGroups", "ParameterGroups")
MDB_PARAMETERS = Call("memorydb", "DescribeParameters", "Parameters")
MDB_SUBNET_GROUPS = Call("memorydb", "DescribeSubnetGroups", "SubnetGroups")
MDB_VERSIONS = Call("memorydb", "DescribeEngineVersions", "EngineVersions")
MDB_EVENTS = Call("memorydb", "DescribeEvents", "Events")
MDB_UPDATES = Call("memorydb", "DescribeServiceUpdates", "ServiceUpdates")

CALLS: tuple[Call, ...] = (
    CALLER, ASSUME_ROLE, REGIONS, SECURITY_GROUPS, SUBNETS, ROUTE_TABLES, KMS_KEY, TAGS,
    LIST_METRICS, METRICS,
    GROUPS, CLUSTERS, SERVERLESS, SNAPSHOTS, SERVERLESS_SNAPSHOTS, USERS, USER_GROUPS,
    PARAMETER_GROUPS, PARAMETERS, DEFAULTS, SUBNET_GROUPS, VERSIONS, EVENTS, UPDATES,
    MDB_CLUSTERS, MDB_SNAPSHOTS, MDB_USERS, MDB_ACLS, MDB_PARAMETER_GROUPS, MDB_PARAMETERS,
    MDB_SUBNET_GROUPS, MDB_VERSIONS, MDB_EVENTS, MDB_UPDATES,
)  # fmt: skip
"""All of them, in the order of the documentation."""
