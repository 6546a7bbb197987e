"""Rules about managed services: what well and badly run caches are told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from redislint.audit.examples import _Parameters
from redislint.audit.policies import with_running_facts
from redislint.audit.vocabulary import spelling
from redislint.conf.document import parse
from redislint.conf.resolve import resolve
from redislint.model import Fact, OutcomeKind, Server, Target
from redislint.policy import library
from redislint.policy.engine import Engine, Evaluation
from redislint.policy.ruleset import rule_set

VALKEY = Server("valkey", (8, 1))
PARAMETERS = """\
maxmemory 10gb
maxmemory-policy noeviction
maxclients 65000
maxmemory-samples 5
timeout 0
tcp-keepalive 300
slowlog-log-slower-than 10000
slowlog-max-len 128
appendonly no
appendfsync everysec
client-output-buffer-limit pubsub 32mb 8mb 60
acl-pubsub-default resetchannels
"""
USER = {
    "id": "app",
    "name": "app",
    "on": True,
    "login": "iam",
    "all_keys": False,
    "all_channels": False,
    "commands": "some",
    "access": "on ~app:* +@read +@write -@dangerous",
}
COMMON: dict[str, Any] = {
    "cloud.name": "sessions",
    "cloud.account": "111122223333",
    "cloud.region": "eu-west-1",
    "cloud.read_at": 1795824000.0,
    "cloud.status": "available",
    "cloud.pending": [],
    "cloud.tls": True,
    "cloud.tls_required": True,
    "cloud.at_rest": True,
    "cloud.kms_key": "arn:aws:kms:eu-west-1:111122223333:key/1",
    "cloud.kms_key_state": "Enabled",
    "cloud.user_groups": ["app"],
    "cloud.users": [USER],
    "cloud.port": 6390,
    "cloud.public_subnets": [],
    "cloud.ingress": ["10.1.2.0/24"],
    "cloud.undescribed_security_groups": [],
    "backup.retention_days": 14,
    "backup.exists": True,
    "backup.age": 30000.0,
    "backup.incomplete": [],
    "backup.unkeyed": [],
    "backup.window": "03:00-04:00",
    "metrics.window": 86400.0,
    "metrics.engine_cpu": 0.3,
    "metrics.memory_used": 0.5,
    "metrics.swap_used": 0,
    "metrics.connections": 100,
}
NODES: dict[str, Any] = {
    "cloud.shards": 1,
    "cloud.replicas": 1,
    "cloud.shards_without_replica": [],
    "cloud.shards_in_one_zone": [],
    "cloud.automatic_failover": True,
    "cloud.multi_az": True,
    "cloud.cluster_mode": True,
    "cloud.auto_minor_upgrade": True,
    "cloud.maintenance_window": "sun:05:00-sun:06:00",
    "cloud.subnet_group": "private",
    "cloud.service_updates": [],
    "cloud.notification_topic": "arn:aws:sns:eu-west-1:111122223333:ops",
    "cloud.parameter_group": "prod",
    "cloud.parameter_status": "in-sync",
    "cloud.parameters": [],
}
ELASTICACHE = {
    **COMMON,
    **NODES,
    "cloud.service": "elasticache",
    "cloud.resource": "replication-group",
    "cloud.node_type": "cache.r7g.large",
    "cloud.durability": "disabled",
    "cloud.auth_token": False,
    "cloud.logs": ["slow-log"],
    "cloud.log_errors": [],
    "cloud.parameter_family": "valkey8",
    "cloud.reserved_percent": 25,
}
MEMORYDB = {
    **COMMON,
    **NODES,
    "cloud.service": "memorydb",
    "cloud.resource": "cluster",
    "cloud.node_type": "db.r7g.large",
    "cloud.parameter_family": "memorydb_valkey7",
}
SERVERLESS = {
    **COMMON,
    "cloud.service": "elasticache",
    "cloud.resource": "serverless-cache",
    "cloud.durability": "disabled",
    "cloud.auth_token": False,
    "cloud.connection": "vpc",
    "cloud.usage_limits": ["data storage 10 GB"],
}
UNUSED = {
    "cloud.service": "elasticache",
    "cloud.resource": "parameter-group",
    "cloud.name": "old",
    "cloud.group_users": 0,
}


def held(
    facts: Mapping[str, Any],
    text: str = PARAMETERS,
    server: Server = VALKEY,
    declared: Mapping[str, str] | None = None,
) -> Evaluation:
    """Every rule held against a managed target with these facts and parameters."""
    conf = resolve(parse(text, "parameters"), server)
    assert conf.rejection is None
    target = Target(
        "x", "cloud", "x", server, facts={path: Fact(value) for path, value in facts.items()}
    )
    target = with_running_facts(
        target, _Parameters(conf), declared or {}, library.workloads(), None
    )
    rules = rule_set(profile="strict")
    return Engine(rules.rules.values(), spelling=spelling).evaluate(target)


def of_kind(found: Evaluation, kind: OutcomeKind) -> set[str]:
    assert found.errors == ()
    return {outcome.rule for outcome in found.outcomes if outcome.kind is kind}


def failing(found: Evaluation) -> set[str]:
    """What fails, but that nobody declared a workload: that is no fault of the service."""
    return of_kind(found, OutcomeKind.FAIL) - {"RL006"}


@pytest.mark.parametrize(
    ("facts", "server", "text"),
    [
        (ELASTICACHE, VALKEY, PARAMETERS),
        (MEMORYDB, Server("valkey", (7, 2)), PARAMETERS),
        (SERVERLESS, VALKEY, ""),
        ({**UNUSED, "cloud.group_users": 1}, VALKEY, ""),
    ],
    ids=["group", "memorydb", "serverless", "parameter-group"],
)
def test_a_well_run_cache_is_told_nothing(
    facts: Mapping[str, Any], server: Server, text: str
) -> None:
    found = held(facts, text, server)
    assert failing(found) == set()
    assert of_kind(found, OutcomeKind.UNKNOWN) == set()


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"backup.retention_days": 0}, {"RL901"}),
        ({"backup.age": 400000.0}, {"RL902"}),
        ({"cloud.automatic_failover": False}, {"RL903"}),
        ({"cloud.multi_az": False}, {"RL904"}),
        ({"cloud.replicas": 0, "cloud.shards_without_replica": ["0001"]}, {"RL905"}),
        ({"cloud.tls_required": False}, {"RL906"}),
        ({"cloud.tls": False, "cloud.tls_required": False}, {"RL906", "RL931"}),
        ({"cloud.at_rest": False}, {"RL907"}),
        ({"cloud.user_groups": []}, {"RL908"}),
        ({"cloud.users": [{**USER, "login": "none", "commands": "all"}]}, {"RL908", "RL927"}),
        ({"cloud.users": [{**USER, "on": False}]}, {"RL928"}),
        ({"cloud.reserved_percent": 0}, {"RL909"}),
        ({"cloud.parameter_group": "default.valkey8"}, {"RL910"}),
        ({"cloud.parameter_status": "pending-reboot"}, {"RL938"}),
        ({"cloud.parameter_family": "redis7"}, {"RL940"}),
        ({"cloud.node_type": "cache.r3.large"}, {"RL949"}),
        ({"cloud.subnet_group": "default"}, {"RL916"}),
        ({"cloud.ingress": ["0.0.0.0/0"]}, {"RL917"}),
        ({"cloud.public_subnets": ["subnet-1"]}, {"RL934"}),
        ({"cloud.kms_key_state": "Disabled"}, {"RL926"}),
        ({"cloud.kms_key": ""}, {"RL955"}),
        ({"cloud.logs": []}, {"RL919"}),
        ({"metrics.memory_used": 0.97}, {"RL308"}),
        ({"metrics.swap_used": 1 << 30}, {"RL311"}),
        ({"metrics.connections": 64000}, {"RL706", "RL712"}),
        ({"metrics.engine_cpu": 0.97}, {"RL920"}),
        (
            {
                "cloud.service_updates": [
                    {"name": "u", "severity": "critical", "status": "n", "overdue": 1.0}
                ]
            },
            {"RL956"},
        ),
    ],
)
def test_one_fault_is_told_by_its_rule_alone(
    changed: Mapping[str, Any], expected: set[str]
) -> None:
    assert failing(held({**ELASTICACHE, **changed})) == expected


def test_a_group_that_nothing_uses() -> None:
    assert failing(held(UNUSED, "")) == {"RL939"}


def test_declared_workloads_are_held_against_what_the_service_keeps() -> None:
    ledger = failing(held(ELASTICACHE, declared={"workload": "ledger"}))
    assert "RL912" in ledger
    durable = {**ELASTICACHE, "cloud.durability": "sync"}
    assert "RL912" not in failing(held(durable, declared={"workload": "ledger"}))
    queue = held(
        ELASTICACHE,
        PARAMETERS.replace("noeviction", "volatile-lru"),
        declared={"workload": "queue"},
    )
    assert "RL305" in failing(queue)


def test_no_persistence_at_all_is_told_once_a_workload_needs_it() -> None:
    bare = {**ELASTICACHE, "backup.retention_days": 0}
    assert "RL201" not in failing(held(bare))
    assert {"RL201", "RL901"} <= failing(held(bare, declared={"workload": "queue"}))


def test_what_is_no_parameter_is_not_taken_for_a_default() -> None:
    """redis.conf directives that no parameter group has never fail on the built-in default."""
    found = held(ELASTICACHE, "maxmemory 1gb\n")
    told = {outcome.rule: outcome for outcome in found.outcomes}
    for rule in ("RL711", "RL713", "RL204", "RL209"):
        assert told[rule].kind is OutcomeKind.NOT_APPLICABLE, rule
    assert "no parameter" in told["RL711"].message


def test_a_file_is_no_managed_target() -> None:
    for outcome in _of_a_file().outcomes:
        if outcome.rule.startswith("RL9"):
            assert outcome.kind is OutcomeKind.NOT_APPLICABLE, outcome


def _of_a_file() -> Evaluation:
    from redislint.audit.policies import with_facts

    conf = resolve(parse("save 3600 1\n", "redis.conf"), VALKEY)
    target = with_facts(
        Target("redis.conf", "conf", "redis.conf", VALKEY), conf, {}, library.workloads()
    )
    return Engine(rule_set(profile="strict").rules.values(), spelling=spelling).evaluate(target)


def remedy(facts: Mapping[str, Any], rule: str, **more: Any) -> Any:
    found = held(facts, **more)
    [violation] = [one for one in found.violations if one.rule.id == rule]
    assert violation.remediation is not None
    return violation.remediation


def test_remediation_of_an_attribute() -> None:
    said = remedy({**ELASTICACHE, "cloud.multi_az": False, "cloud.name": "it's"}, "RL904")
    assert said.cli == (
        "aws elasticache modify-replication-group --region eu-west-1 --replication-group-id"
        " 'it'\"'\"'s' --apply-immediately --automatic-failover-enabled --multi-az-enabled"
    )
    assert said.terraform.startswith('resource "aws_elasticache_replication_group" "it_s" {\n')
    assert "  multi_az_enabled           = true\n}" in said.terraform
    assert "  Type: AWS::ElastiCache::ReplicationGroup\n  Properties:\n" in said.cloudformation


def test_remediation_of_a_parameter_in_a_group_of_ones_own() -> None:
    said = remedy({**ELASTICACHE, "cloud.reserved_percent": 0}, "RL909")
    assert said.cli == (
        "aws elasticache modify-cache-parameter-group --region eu-west-1"
        " --cache-parameter-group-name prod --parameter-name-values"
        " ParameterName=reserved-memory-percent,ParameterValue=25"
    )
    assert 'value = "25"' in said.terraform
    assert 'reserved-memory-percent: "25"' in said.cloudformation


def test_a_default_group_is_replaced_not_changed() -> None:
    facts = {
        **ELASTICACHE,
        "cloud.reserved_percent": 0,
        "cloud.parameter_group": "default.valkey8.cluster.on",
    }
    said = remedy(facts, "RL909")
    create, change, take = said.cli.split("\n")
    assert create.startswith("aws elasticache create-cache-parameter-group")
    assert "ParameterName=cluster-enabled,ParameterValue=yes" in change
    assert take.endswith("--apply-immediately --cache-parameter-group-name sessions-parameters")
    assert "cannot be changed" in said.note
    assert "parameter_group_name = aws_elasticache_parameter_group." in said.terraform


def test_the_fix_of_a_rule_about_files_becomes_a_change_of_parameters() -> None:
    text = PARAMETERS.replace("noeviction", "allkeys-lru")
    said = remedy(ELASTICACHE, "RL305", text=text, declared={"workload": "queue"})
    assert "ParameterName=maxmemory-policy,ParameterValue=noeviction" in said.cli


def test_what_cannot_be_changed_in_place_is_said() -> None:
    said = remedy({**ELASTICACHE, "cloud.at_rest": False}, "RL907")
    assert "cannot be switched on in place" in said.note
    assert said.cli == ""


def test_every_template_gives_text_without_a_leftover_brace_of_its_own() -> None:
    """Each failing example's remediation is rendered, and the values in it are put in."""
    from redislint.policy.rules import Rule

    def rendered(rule: Rule) -> list[Any]:
        found = []
        for example in (one for one in rule.examples if one.fails):
            facts = {k: v for k, v in example.given.items() if "." in k}
            if "cloud.service" not in facts:
                continue
            server = Server.parse(str(example.given.get("server", "valkey-8.1")))
            declared = {k: str(v) for k, v in example.given.items() if k in ("workload", "rpo")}
            declared |= {k: str(v) for k, v in example.given.items() if k == "environment"}
            for violation in held(facts, example.text, server, declared).violations:
                if violation.rule.id == rule.id and violation.remediation:
                    found.append(violation.remediation)
        return found

    rules = [rule for rule in library.builtin_policy().values() if rule.remediation]
    assert len(rules) > 40
    for rule in rules:
        for said in rendered(rule):
            for text in said:
                assert "cloud.modify" not in text, rule.id
            json.dumps(said)
