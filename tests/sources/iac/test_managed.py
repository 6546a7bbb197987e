"""From attributes under the names of Terraform's AWS provider to facts and settings."""

from __future__ import annotations

from typing import Any

import pytest

from redislint.conf.document import Document, parse
from redislint.model import REDACTED, Target
from redislint.sources import kinds
from redislint.sources.iac.given import UNKNOWN, Given
from redislint.sources.iac.managed import Resource, deployment, is_memcached
from redislint.sources.iac.managed_groups import Group

HOST = parse(b'auth_token = "hunter2"\nother\n', "/main.tf")


def given(name: str, value: Any, host: Document = HOST, **more: Any) -> Given:
    return Given(name, value, host, 14, 21, **more)


def target(
    resource: str = "replication-group",
    service: str = "elasticache",
    group: Group | None = None,
    **attributes: Any,
) -> Target:
    values = {
        name: value if isinstance(value, Given) else given(name, value)
        for name, value in attributes.items()
    }
    one = Resource(
        service, resource, "cache", HOST, HOST.span(0, 1), values, tuple(values.values()), group
    )
    managed = deployment(one, kinds.COMPOSE, "test").managed
    assert managed is not None
    return managed.found.target


def facts(*args: Any, **more: Any) -> dict[str, Any]:
    return {path: fact.value for path, fact in target(*args, **more).facts.items()}


def test_absent_attributes_are_what_the_documentation_says() -> None:
    found = facts()
    assert found["cloud.tls"] is found["cloud.tls_required"] is False
    assert found["cloud.at_rest"] is found["cloud.auth_token"] is False
    assert found["cloud.user_groups"] == []
    assert found["backup.retention_days"] == 0
    assert found["cloud.auto_minor_upgrade"] is True
    assert (found["cloud.shards"], found["cloud.replicas"]) == (1, 0)
    assert found["cloud.shards_without_replica"] == ["0001"]
    assert found["cloud.durability"] == "disabled"


def test_defaults_that_differ_for_valkey() -> None:
    found = facts(engine="valkey", engine_version="9.0", cluster_mode="enabled")
    assert found["cloud.at_rest"] is True
    assert "cloud.tls" not in found
    assert "cloud.durability" not in found
    assert facts(engine="valkey", engine_version="8.1")["cloud.durability"] == "disabled"


def test_an_unknown_attribute_is_an_unknown_fact_with_its_reason() -> None:
    unknown = given("snapshot_retention_limit", UNKNOWN, why="variable days has no default")
    found = target(snapshot_retention_limit=unknown)
    assert "backup.retention_days" not in found.facts
    assert found.unknown["backup.retention_days"] == "variable days has no default"


@pytest.mark.parametrize(
    ("attributes", "shards", "replicas", "nodes"),
    [
        ({"num_cache_clusters": 3}, 1, 2, 3),
        ({"num_cache_clusters": "2"}, 1, 1, 2),
        ({"number_cache_clusters": 1}, 1, 0, 1),
        ({"num_node_groups": 3, "replicas_per_node_group": 2}, 3, 2, 9),
        ({"num_node_groups": 3}, 3, None, None),
        ({}, 1, 0, 1),
    ],
)
def test_shards_and_replicas(
    attributes: dict[str, Any], shards: int, replicas: int | None, nodes: int | None
) -> None:
    found = facts(**attributes)
    assert found["cloud.shards"] == shards
    assert found.get("cloud.replicas") == replicas
    assert found.get("cloud.nodes") == nodes


def test_texts_count_as_what_they_say() -> None:
    found = facts(at_rest_encryption_enabled="true", snapshot_retention_limit="7")
    assert found["cloud.at_rest"] is True
    assert found["backup.retention_days"] == 7


def test_a_reference_is_a_name() -> None:
    key = given("kms_key_id", UNKNOWN, reference="aws_kms_key.main.arn")
    token = given("auth_token", UNKNOWN, reference="random_password.token.result")
    found = facts(kms_key_id=key, auth_token=token, transit_encryption_enabled=True)
    assert found["cloud.kms_key"] == "aws_kms_key.main.arn"
    assert found["cloud.auth_token"] is True
    assert found["cloud.auth_token_literal"] is False
    assert found["cloud.tls_required"] is True


def test_a_credential_is_never_shown() -> None:
    found = target(auth_token="hunter2")
    assert found.facts["cloud.auth_token_literal"].value is True
    assert "hunter2" not in repr(found)
    assert [(s.name, s.text) for s in found.settings] == [("auth_token", REDACTED)]
    assert (14, 21) in HOST.secrets


def group(family: Any, *parameters: tuple[str, Any], unseen: str = "") -> Group:
    values = tuple(given(name, value) for name, value in parameters)
    return Group(given("family", family), values, unseen)


def test_parameters_over_those_of_the_family() -> None:
    own = group("redis7", ("maxmemory-policy", "allkeys-lru"), ("timeout", 20))
    found = target(group=own, engine_version="7.1")
    by_name = {s.name: s for s in found.settings}
    assert by_name["maxmemory-policy"].value == "allkeys-lru"
    assert by_name["timeout"].value == 20
    assert found.facts["cloud.changed_parameters"].value == [
        "maxmemory-policy allkeys-lru",
        "timeout 20",
    ]
    assert found.facts["cloud.reserved_percent"].value == 25
    assert 'config["maxmemory"]' in found.unknown


@pytest.mark.parametrize(
    ("name", "value", "row"),
    [
        ("maxmemory-policy", "allkeys-lur", {"known": True, "allowed": False}),
        ("save", "900 1", {"known": False}),
        ("maxmemory-polcy", "x", {"known": False}),
        ("lazyfree-lazy-eviction", "yes", {"known": False}),
        ("appendonly", "yes", {"known": True, "modifiable": False}),
        ("timeout", "7", {"allowed": False}),
    ],
)
def test_what_a_family_makes_of_a_parameter(name: str, value: str, row: dict[str, Any]) -> None:
    found = facts(group=group("valkey8", (name, value)), engine="valkey")
    told = found["cloud.parameters"][0]
    assert {key: told.get(key) for key in row} == row


def test_a_parameter_that_no_table_lists_is_not_said_to_be_unknown() -> None:
    found = facts(group=group("redis7", ("busy-reply-threshold", "10")))
    assert "known" not in found["cloud.parameters"][0]


def test_a_group_that_cannot_be_seen_hides_every_directive() -> None:
    found = target(parameter_group_name="prod")
    why = found.unknown['config["maxmemory-policy"]']
    assert why == "the parameter group prod is not declared in these files"
    dynamic = group("redis7", ("timeout", 20), unseen="for_each of a dynamic block is not known")
    found = target(group=dynamic)
    assert found.unknown['config["maxmemory-policy"]'].startswith("for_each")
    assert 'config["timeout"]' not in found.unknown


def test_the_services_own_group_has_the_values_of_its_family() -> None:
    found = facts(parameter_group_name="default.redis7.cluster.on")
    assert found["cloud.parameter_family"] == "redis7"
    assert found["cloud.cluster_mode"] is True
    assert found["cloud.parameters"] == []


def test_memcached_is_none_of_ours() -> None:
    def resource(**values: str) -> Resource:
        attributes = {name: given(name, value) for name, value in values.items()}
        start = HOST.span(0, 1)
        return Resource("elasticache", "cache-cluster", "x", HOST, start, attributes)

    assert is_memcached(resource(engine="memcached"))
    assert is_memcached(resource(parameter_group_name="default.memcached1.6"))
    assert not is_memcached(resource(engine="redis"))


def test_what_memorydb_does_by_default() -> None:
    found = facts("cluster", "memorydb", acl_name="open-access")
    assert found["cloud.tls"] is found["cloud.tls_required"] is True
    assert found["cloud.replicas"] == 1
    assert found["cloud.user_groups"] == ["open-access"]


def test_a_member_of_a_group_decides_nothing_itself() -> None:
    member = given("replication_group_id", UNKNOWN, reference="aws_x.y.id")
    found = target("cache-cluster", replication_group_id=member)
    assert "backup.retention_days" not in found.facts
    assert found.unknown["cloud.tls"].startswith("the replication group")


def test_azure_and_google() -> None:
    azure = facts("instance", "azure-cache", sku_name="Basic", enable_non_ssl_port=True)
    assert azure["cloud.plain_port"] is True
    assert azure["cloud.tls_required"] is False
    assert azure["cloud.minimum_tls"] == "1.0"
    assert azure["cloud.auth_token"] is True
    google = facts("instance", "memorystore", auth_enabled=True)
    assert google["cloud.tls"] is False
    assert google["cloud.tier"] == "BASIC"
    mode = "TRANSIT_ENCRYPTION_MODE_SERVER_AUTHENTICATION"
    cluster = facts(
        "instance", "memorystore", shard_count=3, authorization_mode="AUTH_MODE_IAM_AUTH",
        transit_encryption_mode=mode,
    )  # fmt: skip
    assert cluster["cloud.tls"] is cluster["cloud.auth_token"] is True
    assert "cloud.tier" not in cluster


@pytest.mark.parametrize(
    ("service", "attributes", "interval", "fsync", "replicas"),
    [
        ("azure-cache", {"sku_name": "Basic"}, 0.0, "", 0),
        ("azure-cache", {"sku_name": "Premium", "aof_backup_enabled": True}, 0.0, "everysec", 1),
        ("azure-cache", {"sku_name": "Premium", "rdb_backup_enabled": True,
                         "rdb_backup_frequency": 60}, 3600.0, "", 1),
        ("memorystore", {}, 0.0, "", 0),
        ("memorystore", {"tier": "STANDARD_HA", "persistence_mode": "RDB",
                         "rdb_snapshot_period": "ONE_HOUR"}, 3600.0, "", 1),
        ("memorystore", {"shard_count": 3, "replica_count": 2, "mode": "AOF"}, 0.0, "everysec", 2),
        ("memorystore", {"shard_count": 3, "mode": "AOF", "append_fsync": "ALWAYS"}, 0.0,
         "always", 0),
        ("memorystore", {"shard_count": 3, "mode": "AOF", "append_fsync": UNKNOWN}, 0.0, None, 0),
        ("azure-cache", {"sku_name": "Premium", "rdb_backup_enabled": True}, None, "", 1),
        ("azure-cache", {"sku_name": "Premium", "aof_backup_enabled": UNKNOWN}, 0.0, None, 1),
    ],
)  # fmt: skip
def test_what_azure_and_google_keep(
    service: str, attributes: dict[str, Any], interval: float | None, fsync: str, replicas: int
) -> None:
    told = facts("instance", service, **attributes)
    assert told.get("cloud.snapshot_interval") == interval
    assert told.get("cloud.append_fsync") == fsync
    assert told["cloud.replicas"] == replicas


@pytest.mark.parametrize(
    ("service", "attributes", "name"),
    [
        ("elasticache", {"engine_version": "7.1"}, "default.redis7"),
        ("elasticache", {"engine": "valkey", "engine_version": "8.1", "num_node_groups": 2},
         "default.valkey8.cluster.on"),
        ("elasticache", {}, None),
        ("memorydb", {"engine_version": "7.1"}, "default.memorydb-redis7"),
    ],
)  # fmt: skip
def test_a_cache_without_a_group_has_the_services_own(
    service: str, attributes: dict[str, Any], name: str | None
) -> None:
    kind = "cluster" if service == "memorydb" else "replication-group"
    found = facts(kind, service, **attributes)
    assert found["cloud.default_parameter_group"] is True
    assert found.get("cloud.parameter_group") == name


def test_a_cache_without_user_groups_has_no_users() -> None:
    assert facts()["cloud.users"] == []
    groups = given("user_group_ids", UNKNOWN, why="variable groups has no default")
    assert "cloud.users" not in facts(user_group_ids=groups)


def test_limits_of_a_serverless_cache() -> None:
    found = facts("serverless-cache", **{"data_storage.maximum": 2})
    assert found["cloud.usage_limits"] == ["data storage 2 GB"]
    assert facts("serverless-cache")["cloud.usage_limits"] == []
