"""Which CloudFormation resources are ours, and which of their properties are settings.

Names as in the resource specification; what they are called in Terraform's AWS provider, by
which everything else goes, stands beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Type(NamedTuple):
    """A type of resource. `settings`: properties that are listed as settings, by their
    name in Terraform; `others`: properties that are only read. A dot leads into an object.

    `parameters`: the property with the parameters of a group, `group`: the property that
    names the group of a cache. `users` names user groups or the ACL, `members` who is in.
    """

    service: str
    resource: str
    settings: Mapping[str, str]
    others: Mapping[str, str]
    parameters: str = ""
    group: str = ""
    users: str = ""
    members: str = ""


def _same(text: str) -> dict[str, str]:
    """Properties whose name in Terraform is the same in its own style."""
    return {name: _snake(name) for name in text.split()}


def _snake(name: str) -> str:
    text = "".join("_" + c.lower() if c.isupper() else c for c in name)
    return text.lstrip("_")


_CACHE = _same(
    "AuthToken AutoMinorVersionUpgrade Engine EngineVersion SnapshotRetentionLimit SnapshotWindow"
    " TransitEncryptionEnabled TransitEncryptionMode"
) | {
    "CacheNodeType": "node_type",
    "CacheParameterGroupName": "parameter_group_name",
    "PreferredMaintenanceWindow": "maintenance_window",
}
_CACHE_OTHERS = {
    "CacheSubnetGroupName": "subnet_group_name",
    "NotificationTopicArn": "notification_topic_arn",
    "Port": "port",
}
_USER = _same("AccessString NoPasswordRequired Passwords") | {
    "AuthenticationMode.Type": "type",
    "AuthenticationMode.Passwords": "passwords",
}

TYPES: Mapping[str, Type] = {
    "AWS::ElastiCache::ReplicationGroup": Type(
        "elasticache",
        "replication-group",
        _CACHE
        | _same(
            "AtRestEncryptionEnabled AutomaticFailoverEnabled ClusterMode DataTieringEnabled"
            " Durability KmsKeyId NumCacheClusters NumNodeGroups ReplicasPerNodeGroup UserGroupIds"
        )
        | {"MultiAZEnabled": "multi_az_enabled"},
        _CACHE_OTHERS | _same("GlobalReplicationGroupId ReplicationGroupId SecurityGroupIds"),
        group="CacheParameterGroupName",
        users="UserGroupIds",
        members="UserIds",
    ),
    "AWS::ElastiCache::CacheCluster": Type(
        "elasticache",
        "cache-cluster",
        _CACHE | {"AZMode": "az_mode", "NumCacheNodes": "num_cache_nodes"},
        _CACHE_OTHERS | {"ClusterName": "cluster_id", "VpcSecurityGroupIds": "security_group_ids"},
        group="CacheParameterGroupName",
    ),
    "AWS::ElastiCache::ServerlessCache": Type(
        "elasticache",
        "serverless-cache",
        _same(
            "ConnectionType DailySnapshotTime Engine KmsKeyId MajorEngineVersion"
            " SnapshotRetentionLimit UserGroupId"
        )
        | {
            "CacheUsageLimits.DataStorage.Maximum": "data_storage_maximum",
            "CacheUsageLimits.DataStorage.Minimum": "data_storage_minimum",
            "CacheUsageLimits.ECPUPerSecond.Maximum": "ecpu_maximum",
            "CacheUsageLimits.ECPUPerSecond.Minimum": "ecpu_minimum",
        },
        {"ServerlessCacheName": "name", "SecurityGroupIds": "security_group_ids"},
        users="UserGroupId",
        members="UserIds",
    ),
    "AWS::ElastiCache::GlobalReplicationGroup": Type(
        "elasticache",
        "",
        _same("AutomaticFailoverEnabled CacheNodeType EngineVersion GlobalNodeGroupCount")
        | {"CacheParameterGroupName": "parameter_group_name"},
        {},
    ),
    "AWS::ElastiCache::ParameterGroup": Type(
        "elasticache",
        "parameter-group",
        {},
        {"CacheParameterGroupFamily": "family", "CacheParameterGroupName": "name"},
        parameters="Properties",
    ),
    "AWS::ElastiCache::User": Type("elasticache", "", _USER, {}),
    "AWS::MemoryDB::Cluster": Type(
        "memorydb",
        "cluster",
        _same(
            "AutoMinorVersionUpgrade DataTiering Engine EngineVersion FinalSnapshotName"
            " KmsKeyId MaintenanceWindow NodeType NumReplicasPerShard NumShards"
            " ParameterGroupName SnapshotRetentionLimit SnapshotWindow"
        )
        | {"ACLName": "acl_name", "TLSEnabled": "tls_enabled"},
        {"ClusterName": "name", "SnsTopicArn": "sns_topic_arn"}
        | _same("MultiRegionClusterName Port SecurityGroupIds SubnetGroupName"),
        group="ParameterGroupName",
        users="ACLName",
        members="UserNames",
    ),
    "AWS::MemoryDB::ParameterGroup": Type(
        "memorydb",
        "parameter-group",
        {},
        {"Family": "family", "ParameterGroupName": "name"},
        parameters="Parameters",
    ),
    "AWS::MemoryDB::User": Type("memorydb", "", _USER, {}),
}

GROUPS = {
    "elasticache": "AWS::ElastiCache::ParameterGroup",
    "memorydb": "AWS::MemoryDB::ParameterGroup",
}
"""The type of the parameter groups of a service."""
