"""Rows of ElastiCache and MemoryDB as their APIs give them, with usual values for the rest.

Made up after the API reference; the names of members are checked by the endpoint, which
serialises along botocore's models.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from tests.support.aws_world import ACCOUNT, Region, Row

HOUR = 3600.0
DAY = 24 * HOUR
NODE_MEMORY = {
    "cache.r7g.large": 14037181030,
    "cache.r6gd.xlarge": 28071305216,
    "cache.m7g.large": 6847426150,
    "cache.t4g.micro": 536870912,
    "cache.m4.large": 6885969960,
}

_BUFFERS = {
    "client-output-buffer-limit-normal-hard-limit": "0",
    "client-output-buffer-limit-normal-soft-limit": "0",
    "client-output-buffer-limit-normal-soft-seconds": "0",
    "client-output-buffer-limit-pubsub-hard-limit": "33554432",
    "client-output-buffer-limit-pubsub-soft-limit": "8388608",
    "client-output-buffer-limit-pubsub-soft-seconds": "60",
}
_COMMON = {
    **_BUFFERS,
    "active-defrag-cycle-max": "75",
    "active-defrag-cycle-min": "5",
    "active-defrag-ignore-bytes": "104857600",
    "active-defrag-threshold-lower": "10",
    "active-defrag-threshold-upper": "100",
    "activedefrag": "no",
    "activerehashing": "yes",
    "hash-max-listpack-entries": "512",
    "hash-max-listpack-value": "64",
    "hll-sparse-max-bytes": "3000",
    "latency-tracking": "no",
    "lfu-decay-time": "1",
    "lfu-log-factor": "10",
    "list-compress-depth": "0",
    "list-max-listpack-size": "-2",
    "maxmemory-policy": "volatile-lru",
    "maxmemory-samples": "3",
    "notify-keyspace-events": "",
    "set-max-intset-entries": "512",
    "slowlog-log-slower-than": "10000",
    "slowlog-max-len": "128",
    "stream-node-max-bytes": "4096",
    "stream-node-max-entries": "100",
    "tcp-keepalive": "300",
    "timeout": "0",
    "tracking-table-max-keys": "1000000",
    "zset-max-listpack-entries": "128",
    "zset-max-listpack-value": "64",
}
_ELASTICACHE = {
    **_COMMON,
    "acl-pubsub-default": "allchannels",
    "appendfsync": "everysec",
    "appendonly": "no",
    "client-output-buffer-limit-replica-soft-seconds": "60",
    "close-on-replica-write": "yes",
    "cluster-allow-reads-when-down": "no",
    "cluster-enabled": "no",
    "cluster-require-full-coverage": "no",
    "databases": "16",
    "maxclients": "65000",
    "min-replicas-max-lag": "10",
    "min-replicas-to-write": "0",
    "rename-commands": "",
    "repl-backlog-size": "1048576",
    "repl-backlog-ttl": "3600",
    "repl-timeout": "60",
    "reserved-memory-percent": "25",
}
FAMILIES: Mapping[str, Mapping[str, str]] = {
    "redis5.0": {
        name.replace("listpack", "ziplist"): value
        for name, value in _ELASTICACHE.items()
        if name not in ("acl-pubsub-default", "latency-tracking", "tracking-table-max-keys")
    },
    "redis7": {**_ELASTICACHE, "lazyfree-lazy-eviction": "no", "lazyfree-lazy-expire": "no"},
    "valkey8": {**_ELASTICACHE, "repl-backlog-size": "10485760"},
    "valkey9": {**_ELASTICACHE, "repl-backlog-size": "10485760"},
    "memorydb_valkey7": {**_COMMON, "maxmemory-policy": "noeviction", "acllog-max-len": "128"},
}
_FIXED = ("appendfsync", "appendonly", "maxclients", "min-replicas-max-lag", "repl-timeout",
          "client-output-buffer-limit-replica-soft-seconds")  # fmt: skip
_REBOOT = ("activerehashing", "cluster-enabled", "databases")


def usual(region: Region, *, families: tuple[str, ...] = ("redis7", "valkey8", "valkey9")) -> None:
    """What every region has: default parameter groups, versions, a network, the default user."""
    for family in families:
        default_group(region, family)
    region.add(
        "elasticache DescribeCacheEngineVersions",
        *[
            {"Engine": engine, "EngineVersion": version, "CacheParameterGroupFamily": family}
            for engine, version, family in (
                ("memcached", "1.6.22", "memcached1.6"), ("redis", "5.0.6", "redis5.0"),
                ("redis", "7.0", "redis7"), ("redis", "7.1", "redis7"),
                ("valkey", "8.0", "valkey8"), ("valkey", "8.2", "valkey8"),
                ("valkey", "9.0", "valkey9"),
            )
        ],
    )  # fmt: skip
    region.add(
        "elasticache DescribeUsers", user("default", "default", "on ~* +@all", "no-password")
    )
    subnets = [{"SubnetIdentifier": f"subnet-{zone}"} for zone in "ab"]
    region.add(
        "elasticache DescribeCacheSubnetGroups",
        {"CacheSubnetGroupName": "private", "VpcId": "vpc-1", "Subnets": subnets},
    )
    region.add(
        "memorydb DescribeSubnetGroups",
        {"Name": "private", "VpcId": "vpc-1",
         "Subnets": [{"Identifier": one["SubnetIdentifier"]} for one in subnets]},
    )  # fmt: skip
    region.add(
        "ec2 DescribeSubnets", *[{"SubnetId": f"subnet-{zone}", "VpcId": "vpc-1"} for zone in "ab"]
    )
    region.add(
        "ec2 DescribeRouteTables",
        {"VpcId": "vpc-1", "RouteTableId": "rtb-1", "Associations": [{"Main": True}],
         "Routes": [{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"}]},
    )  # fmt: skip
    region.add("ec2 DescribeSecurityGroups", security_group("sg-app", "10.0.0.0/20"))


def security_group(name: str, *ranges: str, port: int = 6379) -> Row:
    return {
        "GroupId": name,
        "Description": "clients of the caches",
        "IpPermissions": [
            {"IpProtocol": "tcp", "FromPort": port, "ToPort": port,
             "IpRanges": [{"CidrIp": text} for text in ranges]}
        ],
    }  # fmt: skip


def parameter_rows(family: str, changes: Mapping[str, str | None]) -> tuple[list[Row], list[Row]]:
    """Both lists as DescribeCacheParameters gives them: everything modifiable says `user`.
    A change to None leaves the parameter out."""
    merged = {**FAMILIES[family], **changes}
    values = {name: value for name, value in merged.items() if value is not None}
    own = [
        {
            "ParameterName": name,
            **({"ParameterValue": value} if value else {}),
            "Source": "system" if name in _FIXED else "user",
            "DataType": "integer" if value.isdigit() else "string",
            **({"AllowedValues": "yes,no"} if value in ("yes", "no") else {}),
            "IsModifiable": name not in _FIXED,
            "ChangeType": "requires-reboot" if name in _REBOOT else "immediate",
        }
        for name, value in sorted(values.items())
    ]
    per_node = [
        {
            "ParameterName": name,
            "DataType": "integer",
            "IsModifiable": False,
            "ChangeType": "immediate",
            "CacheNodeTypeSpecificValues": [
                {"CacheNodeType": node, "Value": str(int(size * share))}
                for node, size in NODE_MEMORY.items()
            ],
        }
        for name, share in (
            ("client-output-buffer-limit-replica-hard-limit", 0.1),
            ("client-output-buffer-limit-replica-soft-limit", 0.1),
            ("maxmemory", 1.0),
        )
    ]
    return own, per_node


def default_group(region: Region, family: str) -> None:
    """A family with its two default groups (with cluster mode, and without)."""
    region.families[family] = parameter_rows(family, {})
    parameter_group(region, f"default.{family}", family)
    parameter_group(region, f"default.{family}.cluster.on", family, {"cluster-enabled": "yes"})


def parameter_group(
    region: Region, name: str, family: str, changes: Mapping[str, str | None] | None = None
) -> None:
    """A parameter group with what its owner changed."""
    arn = f"arn:aws:elasticache:eu-west-1:{ACCOUNT}:parametergroup:{name}"
    region.parameters[name] = parameter_rows(family, changes or {})
    row = {"CacheParameterGroupName": name, "CacheParameterGroupFamily": family, "ARN": arn}
    region.add("elasticache DescribeCacheParameterGroups", row)


def user(identity: str, name: str, access: str, kind: str, count: int = 0) -> Row:
    about: Row = {"Type": kind} | ({"PasswordCount": count} if count else {})
    return {
        "UserId": identity,
        "UserName": name,
        "Status": "active",
        "Engine": "valkey",
        "AccessString": access,
        "Authentication": about,
    }


def user_group(region: Region, name: str, *users: Row) -> None:
    region.add("elasticache DescribeUsers", *users)
    group = {
        "UserGroupId": name,
        "Status": "active",
        "UserIds": [one["UserId"] for one in users],
    }
    region.add("elasticache DescribeUserGroups", group)


def arn(kind: str, name: str, region: str = "eu-west-1", account: str = ACCOUNT) -> str:
    service = "memorydb" if kind == "cluster/" else "elasticache"
    rest = f"{kind}{name}" if kind.endswith("/") else f"{kind}:{name}"
    return f"arn:aws:{service}:{region}:{account}:{rest}"


def replication_group(
    region: Region,
    name: str,
    *,
    engine: str = "valkey",
    version: str = "8.0",
    shards: int = 1,
    replicas: int = 1,
    node_type: str = "cache.r7g.large",
    parameters: str = "",
    members: Mapping[str, Any] | None = None,
    place: str = "eu-west-1",
    account: str = ACCOUNT,
    snapshot_age: float | None = 5 * HOUR,
    **changes: Any,
) -> Row:
    """A group with its member clusters and, unless `snapshot_age` is None, its snapshot."""
    now = time.time()
    mode = shards > 1 or bool(changes.get("ClusterEnabled"))
    family = f"{engine}{version.partition('.')[0]}"
    parameters = parameters or f"default.{family}{'.cluster.on' if mode else ''}"
    groups, names = [], []
    for shard in range(1, shards + 1):
        nodes = []
        for node in range(1, replicas + 2):
            member = f"{name}-{shard:04d}-{node:03d}" if mode else f"{name}-{node:03d}"
            names.append(member)
            zone = f"{place}{'abc'[(node - 1) % 3]}"
            row = {"CacheClusterId": member, "CacheNodeId": "0001",
                   "PreferredAvailabilityZone": zone}  # fmt: skip
            if not mode:
                row["CurrentRole"] = "primary" if node == 1 else "replica"
            nodes.append(row)
        groups.append({"NodeGroupId": f"{shard:04d}", "Status": "available",
                       "PrimaryEndpoint": {"Address": f"{name}.example", "Port": 6379},
                       "NodeGroupMembers": nodes})  # fmt: skip
    group: Row = {
        "ReplicationGroupId": name,
        "Description": name,
        "Status": "available",
        "PendingModifiedValues": {},
        "MemberClusters": names,
        "NodeGroups": groups,
        "AutomaticFailover": "enabled" if replicas else "disabled",
        "MultiAZ": "enabled" if replicas else "disabled",
        "SnapshotRetentionLimit": 7,
        "SnapshotWindow": "03:00-04:00",
        "ClusterEnabled": mode,
        "ClusterMode": "enabled" if mode else "disabled",
        "CacheNodeType": node_type,
        "AuthTokenEnabled": True,
        "AuthTokenLastModifiedDate": now - 30 * DAY,
        "TransitEncryptionEnabled": True,
        "TransitEncryptionMode": "required",
        "AtRestEncryptionEnabled": True,
        "StorageEncryptionType": "sse-elasticache",
        "ARN": arn("replicationgroup", name, place, account),
        "LogDeliveryConfigurations": [
            {"LogType": kind, "DestinationType": "cloudwatch-logs", "LogFormat": "json",
             "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": f"/cache/{name}"}},
             "Status": "active"}
            for kind in ("slow-log", "engine-log")
        ],
        "ReplicationGroupCreateTime": now - 200 * DAY,
        "DataTiering": "disabled",
        "AutoMinorVersionUpgrade": True,
        "Engine": engine,
        **changes,
    }  # fmt: skip
    if not replicas and not mode:
        group["SnapshottingClusterId"] = names[0]
    elif not mode:
        group.setdefault("SnapshottingClusterId", names[-1])
    region.add("elasticache DescribeReplicationGroups", group)
    region.add(
        "elasticache DescribeCacheClusters",
        *[
            cluster_row(member, engine, version, parameters, node_type, place, account)
            | {"ReplicationGroupId": name, **(members or {})}
            for member in names
        ],
    )
    if snapshot_age is not None:
        snapshot(region, name, shards, snapshot_age)
    return group


def cluster_row(
    name: str,
    engine: str,
    version: str,
    parameters: str,
    node_type: str,
    place: str = "eu-west-1",
    account: str = ACCOUNT,
) -> Row:
    return {
        "CacheClusterId": name,
        "CacheNodeType": node_type,
        "Engine": engine,
        "EngineVersion": version,
        "CacheClusterStatus": "available",
        "NumCacheNodes": 1,
        "PreferredAvailabilityZone": f"{place}a",
        "CacheClusterCreateTime": time.time() - 200 * DAY,
        "PreferredMaintenanceWindow": "sun:05:00-sun:06:00",
        "PendingModifiedValues": {},
        "NotificationConfiguration": {
            "TopicArn": f"arn:aws:sns:{place}:{account}:caches", "TopicStatus": "active",
        },
        "CacheSecurityGroups": [],
        "CacheParameterGroup": {
            "CacheParameterGroupName": parameters,
            "ParameterApplyStatus": "in-sync",
            "CacheNodeIdsToReboot": [],
        },
        "CacheSubnetGroupName": "private",
        "CacheNodes": [
            {"CacheNodeId": "0001", "CacheNodeStatus": "available",
             "ParameterGroupStatus": "in-sync",
             "Endpoint": {"Address": f"{name}.example", "Port": 6379}}
        ],
        "AutoMinorVersionUpgrade": True,
        "SecurityGroups": [{"SecurityGroupId": "sg-app", "Status": "active"}],
        "SnapshotRetentionLimit": 7,
        "SnapshotWindow": "03:00-04:00",
        "AuthTokenEnabled": True,
        "TransitEncryptionEnabled": True,
        "AtRestEncryptionEnabled": True,
        "ARN": arn("cluster", name, place, account),
    }  # fmt: skip


def snapshot(
    region: Region,
    owner: str,
    shards: int,
    age: float,
    *,
    covered: int | None = None,
    **changes: Any,
) -> None:
    """An automatic snapshot; `covered` shards of it are there (all of them by default)."""
    taken = time.time() - age
    parts = [
        {
            "NodeGroupId": f"{shard:04d}",
            "CacheClusterId": f"{owner}-{shard:04d}-002",
            "CacheSize": "2 GB",
            "SnapshotCreateTime": taken + 60 * (shard - 1),
        }
        for shard in range(1, (shards if covered is None else covered) + 1)
    ]
    number = len(region.lists.get("elasticache DescribeSnapshots", ()))
    row = {"SnapshotName": f"automatic.{owner}-{number}", "ReplicationGroupId": owner,
           "SnapshotStatus": "available", "SnapshotSource": "automated", "NumNodeGroups": shards,
           "NodeSnapshots": parts, **changes}  # fmt: skip
    region.add("elasticache DescribeSnapshots", row)


def single_node(
    region: Region,
    name: str,
    *,
    engine: str = "redis",
    version: str = "7.1",
    parameters: str = "default.redis7",
    node_type: str = "cache.t4g.micro",
    place: str = "eu-west-1",
    **changes: Any,
) -> Row:
    row = cluster_row(name, engine, version, parameters, node_type, place) | {
        "AuthTokenEnabled": False,
        "TransitEncryptionEnabled": False,
        "AtRestEncryptionEnabled": False,
        "SnapshotRetentionLimit": 0,
        **changes,
    }
    region.add("elasticache DescribeCacheClusters", row)
    return row


def serverless(region: Region, name: str, **changes: Any) -> Row:
    row = {
        "ServerlessCacheName": name,
        "CreateTime": time.time() - 60 * DAY,
        "Status": "available",
        "Engine": "valkey",
        "MajorEngineVersion": "8",
        "FullEngineVersion": "8.0",
        "CacheUsageLimits": {"DataStorage": {"Maximum": 10, "Unit": "GB"}},
        "SecurityGroupIds": ["sg-app"],
        "Endpoint": {"Address": f"{name}.serverless.example", "Port": 6379},
        "ARN": arn("serverlesscache", name),
        "SubnetIds": ["subnet-a", "subnet-b"],
        "SnapshotRetentionLimit": 1,
        "DailySnapshotTime": "03:00",
        "ConnectionType": "vpc",
        **changes,
    }
    region.add("elasticache DescribeServerlessCaches", row)
    return row


def memorydb_cluster(
    region: Region, name: str, *, shards: int = 1, nodes: int = 2, **changes: Any
) -> Row:
    """A MemoryDB cluster with its snapshot; `memorydb` parameter groups are made on need."""
    if not region.memorydb:
        values = FAMILIES["memorydb_valkey7"]
        rows = [{"Name": key, "Value": value or None, "DataType": "string"}
                for key, value in sorted(values.items())]  # fmt: skip
        region.memorydb["default.memorydb-valkey7"] = rows
        group = {"Name": "default.memorydb-valkey7", "Family": "memorydb_valkey7"}
        region.add("memorydb DescribeParameterGroups", group)
        region.add("memorydb DescribeUsers", {
            "Name": "default", "Status": "active", "AccessString": "on ~* &* +@all",
            "Authentication": {"Type": "no-password"},
        })  # fmt: skip
        region.add("memorydb DescribeACLs", {"Name": "open-access", "UserNames": ["default"]})
        version = {"Engine": "valkey", "EngineVersion": "7.3", "EnginePatchVersion": "7.3.0"}
        region.add("memorydb DescribeEngineVersions", version)
    row: Row = {
        "Name": name,
        "Status": "available",
        "NumberOfShards": shards,
        "Shards": [
            {"Name": f"{shard:04d}", "NumberOfNodes": nodes,
             "Nodes": [{"Name": f"{name}-{shard:04d}-{node:03d}",
                        "AvailabilityZone": f"eu-west-1{'ab'[node % 2]}"}
                       for node in range(1, nodes + 1)]}
            for shard in range(1, shards + 1)
        ],
        "AvailabilityMode": "multiaz" if nodes > 1 else "singleaz",
        "ClusterEndpoint": {"Address": f"{name}.memorydb.example", "Port": 6379},
        "NodeType": "db.r7g.large",
        "Engine": "valkey",
        "EngineVersion": "7.2",
        "EnginePatchVersion": "7.2.6",
        "ParameterGroupName": "default.memorydb-valkey7",
        "ParameterGroupStatus": "in-sync",
        "SecurityGroups": [{"SecurityGroupId": "sg-app", "Status": "active"}],
        "SubnetGroupName": "private",
        "TLSEnabled": True,
        "ARN": arn("cluster/", name),
        "SnapshotRetentionLimit": 1,
        "MaintenanceWindow": "sun:05:00-sun:06:00",
        "SnapshotWindow": "03:00-04:00",
        "ACLName": "open-access",
        "AutoMinorVersionUpgrade": True,
        "DataTiering": "false",
        **changes,
    }  # fmt: skip
    region.add("memorydb DescribeClusters", row)
    taken = time.time() - 5 * HOUR
    region.add("memorydb DescribeSnapshots", {
        "Name": f"automatic.{name}", "Status": "available", "Source": "automated",
        "ClusterConfiguration": {"Name": name, "NumShards": shards, "Shards": [
            {"Name": f"{shard:04d}", "SnapshotCreationTime": taken}
            for shard in range(1, shards + 1)
        ]},
    })  # fmt: skip
    return row


def tag(region: Region, resource: str, **tags: str) -> None:
    """Tags of a resource by ARN; `redislint__rpo` stands for `redislint:rpo`."""
    rows = [{"Key": key.replace("__", ":"), "Value": value} for key, value in tags.items()]
    region.add("resourcegroupstaggingapi GetResources", {"ResourceARN": resource, "Tags": rows})


def fleet(region: Region, caches: int, place: str = "eu-west-1") -> None:
    """So many caches of every sort, as a large account has them: of ten, seven groups (one of
    them in cluster mode), one single node, one serverless cache, one MemoryDB cluster."""
    usual(region)
    for number in range(10):
        parameter_group(region, f"own-{number}", "valkey8", {"timeout": str(number)})
    user_group(region, "team", *[
        user(f"u-{number}", f"u-{number}", f"on ~app{number}:* +@read", "password", 1)
        for number in range(20)
    ])  # fmt: skip
    for number in range(caches):
        name, kind = f"c-{number}", number % 10
        if kind == 0:
            single_node(region, name, place=place)
        elif kind == 1:
            serverless(region, name, ARN=arn("serverlesscache", name, place))
        elif kind == 2:
            memorydb_cluster(region, name, shards=2, ARN=arn("cluster/", name, place))
        else:
            shards = 3 if kind == 3 else 1
            own = "" if shards > 1 else f"own-{number % 100 // 10}"
            replication_group(region, name, shards=shards, parameters=own, place=place,
                              UserGroupIds=["team"], AuthTokenEnabled=False)  # fmt: skip
            for day in range(1, 7):
                snapshot(region, name, shards, day * DAY)
            tag(region, arn("replicationgroup", name, place), team=f"t{number % 7}")
