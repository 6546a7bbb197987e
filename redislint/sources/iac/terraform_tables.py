"""Which Terraform resources and modules are ours, and which of their attributes are settings.

Names as in the providers' schemas (hashicorp/aws 5.100, google and azurerm with the names of
older and newer major versions); those of the modules as in their `variables.tf`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

_NONE: Mapping[str, Any] = MappingProxyType({})


class Type(NamedTuple):
    """A type of resource, or a module. `settings`: attributes that are listed as settings,
    `renames`: those that the AWS provider calls otherwise, by their name here.

    `parameters`: attributes or blocks that hold parameters of the server; `blocks`: nested
    blocks whose attributes are settings. `usual`: inputs that a module sets itself where
    they are absent, alike in all its versions.
    """

    service: str
    resource: str
    settings: frozenset[str]
    renames: Mapping[str, str] = _NONE
    parameters: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    usual: Mapping[str, Any] = _NONE


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CACHE = _words(
    "auth_token auth_token_update_strategy auto_minor_version_upgrade data_tiering_enabled"
    " durability engine engine_version final_snapshot_identifier kms_key_id maintenance_window"
    " node_type parameter_group_name snapshot_retention_limit snapshot_window"
    " transit_encryption_enabled transit_encryption_mode user_group_ids"
)
_GROUP = _CACHE | _words(
    "at_rest_encryption_enabled automatic_failover_enabled cluster_mode multi_az_enabled"
    " num_cache_clusters num_node_groups number_cache_clusters replicas_per_node_group"
)
_CLUSTER = _CACHE | _words("az_mode num_cache_nodes")
_SERVERLESS = _words(
    "cache_usage_limits daily_snapshot_time engine kms_key_id major_engine_version"
    " snapshot_retention_limit user_group_id"
)
_USER = _words("access_string no_password_required passwords type")
_MEMORYDB = _words(
    "acl_name auto_minor_version_upgrade data_tiering engine engine_version"
    " final_snapshot_name kms_key_arn maintenance_window node_type num_replicas_per_shard"
    " num_shards parameter_group_name snapshot_retention_limit snapshot_window tls_enabled"
)
_GOOGLE = _words(
    "auth_enabled authorization_mode engine_version node_type read_replicas_mode redis_version"
    " replica_count shard_count tier transit_encryption_mode"
)
_AZURE = _words(
    "capacity enable_non_ssl_port family minimum_tls_version non_ssl_port_enabled"
    " public_network_access_enabled redis_version replicas_per_master replicas_per_primary"
    " shard_count sku_name zones"
)
_VERSION = MappingProxyType({"redis_version": "engine_version"})
_GOOGLE_TYPE = Type(
    "memorystore",
    "instance",
    _GOOGLE,
    _VERSION,
    ("redis_configs", "engine_configs"),
    ("persistence_config", "aof_config", "rdb_config"),
)

RESOURCES: Mapping[str, Type] = {
    "aws_elasticache_replication_group": Type(
        "elasticache",
        "replication-group",
        _GROUP,
        blocks=("log_delivery_configuration", "cluster_mode"),
    ),
    "aws_elasticache_cluster": Type(
        "elasticache", "cache-cluster", _CLUSTER, blocks=("log_delivery_configuration",)
    ),
    "aws_elasticache_serverless_cache": Type(
        "elasticache",
        "serverless-cache",
        _SERVERLESS,
        blocks=("cache_usage_limits", "data_storage", "ecpu_per_second"),
    ),
    "aws_elasticache_parameter_group": Type(
        "elasticache", "parameter-group", frozenset(), parameters=("parameter",)
    ),
    "aws_elasticache_global_replication_group": Type(
        "elasticache",
        "",
        _words(
            "automatic_failover_enabled cache_node_type engine engine_version num_node_groups"
            " parameter_group_name"
        ),
    ),
    "aws_elasticache_user": Type("elasticache", "", _USER, blocks=("authentication_mode",)),
    "aws_memorydb_cluster": Type("memorydb", "cluster", _MEMORYDB),
    "aws_memorydb_parameter_group": Type(
        "memorydb", "parameter-group", frozenset(), parameters=("parameter",)
    ),
    "aws_memorydb_user": Type("memorydb", "", _USER, blocks=("authentication_mode",)),
    "google_redis_instance": _GOOGLE_TYPE,
    "google_redis_cluster": _GOOGLE_TYPE,
    "google_memorystore_instance": _GOOGLE_TYPE,
    "azurerm_redis_cache": Type(
        "azure-cache", "instance", _AZURE, _VERSION, ("redis_configuration",)
    ),
}

_ELASTICACHE_MODULE = Type(
    "elasticache",
    "replication-group",
    _GROUP | _CLUSTER | _words("cluster_mode_enabled kms_key_arn"),
    MappingProxyType({"kms_key_arn": "kms_key_id"}),
    ("parameters",),
    ("log_delivery_configuration",),
    MappingProxyType({"at_rest_encryption_enabled": True, "transit_encryption_enabled": True}),
)
_UMOTIF_MODULE = Type(
    "elasticache",
    "replication-group",
    _GROUP | _words("cluster_mode_enabled"),
    MappingProxyType({"family": "parameter_group_family"}),
    ("parameter",),
    ("log_delivery_configuration",),
    MappingProxyType(
        {
            "at_rest_encryption_enabled": True,
            "automatic_failover_enabled": True,
            "multi_az_enabled": False,
            "snapshot_retention_limit": 30,
            "transit_encryption_enabled": True,
        }
    ),
)
_CLOUDPOSSE_MODULE = Type(
    "elasticache",
    "replication-group",
    _GROUP
    | _words(
        "cluster_mode_enabled cluster_mode_num_node_groups cluster_mode_replicas_per_node_group"
        " cluster_size instance_type"
    ),
    MappingProxyType(
        {
            "cluster_mode_num_node_groups": "num_node_groups",
            "cluster_mode_replicas_per_node_group": "replicas_per_node_group",
            "cluster_size": "num_cache_clusters",
            "instance_type": "node_type",
            "family": "parameter_group_family",
        }
    ),
    ("parameter",),
    ("log_delivery_configuration",),
    # Its default of transit_encryption_enabled is another one in newer versions.
    MappingProxyType({"at_rest_encryption_enabled": False}),
)
_SERVERLESS_MODULE = Type(
    "elasticache",
    "serverless-cache",
    _SERVERLESS,
    MappingProxyType({"cache_name": "name"}),
    (),
    ("cache_usage_limits",),
)
_USERS_MODULE = Type("elasticache", "", _USER, blocks=("default_user", "users"))
_MEMORYDB_MODULE = Type(
    "memorydb",
    "cluster",
    _MEMORYDB,
    _NONE,
    ("parameter_group_parameters",),
)

MODULES: tuple[tuple[re.Pattern[str], Type], ...] = (
    (re.compile(r"elasticache.*//modules/serverless-cache"), _SERVERLESS_MODULE),
    (re.compile(r"elasticache.*//modules/user-group"), _USERS_MODULE),
    (re.compile(r"cloudposse/(?:terraform-aws-)?elasticache-redis"), _CLOUDPOSSE_MODULE),
    (re.compile(r"umotif-public/(?:terraform-aws-)?elasticache-redis"), _UMOTIF_MODULE),
    (re.compile(r"terraform-aws-(?:modules/)?elasticache"), _ELASTICACHE_MODULE),
    (re.compile(r"terraform-aws-(?:modules/)?memory-?db"), _MEMORYDB_MODULE),
    (re.compile(r"memorystore"), _GOOGLE_TYPE),
)
"""Modules by their source, the first that matches."""

SIGNS: tuple[tuple[frozenset[str], Type], ...] = (
    (_words("cache_usage_limits"), _SERVERLESS_MODULE),
    (_words("default_user user_group_id"), _USERS_MODULE),
    (_words("cluster_size instance_type"), _CLOUDPOSSE_MODULE),
    (_words("replication_group_id"), _ELASTICACHE_MODULE),
    (_words("num_replicas_per_shard"), _MEMORYDB_MODULE),
    (_words("redis_configs"), _GOOGLE_TYPE),
)
"""Inputs that tell a module whose source cannot be read: all of one row."""
