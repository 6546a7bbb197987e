"""Plans and states of Terraform: exact values, no secret, places in the source."""

from __future__ import annotations

import json
from typing import Any

from redislint.audit.run import check
from redislint.model import REDACTED
from tests.sources.iac.conftest import Make

SECRET = "hunter2hunter2"
SOURCE = """\
variable "policy" {}

resource "aws_elasticache_parameter_group" "pg" {
  family = "redis7"
  name   = "prod"
  parameter {
    name  = "maxmemory-policy"
    value = var.policy
  }
  dynamic "parameter" {
    for_each = var.more
    content {
      name  = parameter.key
      value = parameter.value
    }
  }
}

resource "aws_elasticache_replication_group" "rg" {
  count                      = 2
  replication_group_id       = "rg-${count.index}"
  node_type                  = var.node_type
  auth_token                 = var.token
  transit_encryption_enabled = true
  kms_key_id                 = aws_kms_key.main.arn
  parameter_group_name       = aws_elasticache_parameter_group.pg.name
}
"""
RG = "aws_elasticache_replication_group.rg[0]"


def resource(address: str, values: dict[str, Any], **more: Any) -> dict[str, Any]:
    type_, _, name = address.rpartition("]")[0].partition("[")[0].partition(".")
    if not type_:
        type_, _, name = address.partition(".")
    return {
        "address": address,
        "mode": "managed",
        "type": type_,
        "name": name,
        "values": values,
        **more,
    }


def plan() -> str:
    group = {
        "family": "redis7",
        "name": "prod",
        "parameter": [
            {"name": "maxmemory-policy", "value": "allkeys-lru"},
            {"name": "timeout", "value": "300"},
        ],
    }
    cache = {
        "auth_token": SECRET,
        "node_type": "cache.r7g.large",
        "num_cache_clusters": 2,
        "parameter_group_name": "prod",
        "snapshot_retention_limit": None,
        "transit_encryption_enabled": True,
    }
    rest = {"sensitive_values": {"auth_token": True}}
    name = "aws_elasticache_replication_group.rg"
    root = {
        "resources": [
            resource("aws_elasticache_parameter_group.pg", group, sensitive_values={}),
            resource(f"{name}[0]", cache, **rest),
            resource(f"{name}[1]", {**cache, "num_cache_clusters": 1}, **rest),
        ]
    }
    unknown = {"kms_key_id": True, "at_rest_encryption_enabled": True}
    expressions = {"kms_key_id": {"references": ["aws_kms_key.main.arn", "aws_kms_key.main"]}}
    return json.dumps(
        {
            "format_version": "1.2",
            "terraform_version": "1.11.4",
            "variables": {"token": {"value": SECRET}},
            "planned_values": {"root_module": root},
            "resource_changes": [
                {"address": f"{name}[{n}]", "change": {"after_unknown": unknown}} for n in (0, 1)
            ],
            "configuration": {
                "root_module": {"resources": [{"address": name, "expressions": expressions}]}
            },
        }
    )


def test_a_plan_is_exact_and_shows_no_secret(repository: Make) -> None:
    found = repository({"plan.json": plan()})
    assert [t.id for t in found.report.targets] == [
        f"plan.json#{RG}",
        "plan.json#aws_elasticache_replication_group.rg[1]",
    ]
    assert found.settings(RG) == [
        ("family", "redis7"),
        ("maxmemory-policy", "allkeys-lru"),
        ("timeout", "300"),
        ("auth_token", "?"),
        ("node_type", "cache.r7g.large"),
        ("num_cache_clusters", "2"),
        ("parameter_group_name", "prod"),
        ("transit_encryption_enabled", "true"),
    ]
    target = found.target(RG)
    told = {path: fact.value for path, fact in target.facts.items()}
    assert told["cloud.auth_token"] is True
    assert "cloud.auth_token_literal" not in told
    assert told["cloud.kms_key"] == "aws_kms_key.main.arn"
    assert told["cloud.at_rest"] is False
    assert told["backup.retention_days"] == 0
    assert [s.text for s in target.settings if s.name == "auth_token"] == [REDACTED]
    report = check(["plan.json"])
    assert report.findings
    assert SECRET not in repr((found.report, report, dict(report.texts)))


def test_a_plan_points_into_the_source_beside_it(repository: Make) -> None:
    found = repository({"plan.json": plan(), "main.tf": SOURCE})
    target = next(t for t in found.report.targets if t.id == f"plan.json#{RG}")
    places = {s.name: found.text_at(s) for s in target.settings}
    assert places == {
        "family": "redis7",
        "maxmemory-policy": "var.policy",
        "timeout": 'dynamic "parameter"',
        "auth_token": "var.token",
        "node_type": "var.node_type",
        "num_cache_clusters": 'resource "aws_elasticache_replication_group" "rg"',
        "parameter_group_name": "aws_elasticache_parameter_group.pg.name",
        "transit_encryption_enabled": "true",
    }
    assert {s.span.path for s in target.settings if s.span} == {"main.tf"}
    findings = [f for f in check(["plan.json"]).findings if f.rule == "RL901"]
    assert {f.span.path for f in findings if f.span} == {"main.tf"}


def test_a_state_is_read_alike(repository: Make) -> None:
    state = {
        "version": 4,
        "terraform_version": "1.11.4",
        "resources": [
            {
                "mode": "managed",
                "type": "aws_elasticache_cluster",
                "name": "c",
                "instances": [
                    {"attributes": {"engine": "redis", "engine_version": "7.1", "port": 6379}}
                ],
            }
        ],
    }
    found = repository({"terraform.tfstate": json.dumps(state)})
    assert found.settings("aws_elasticache_cluster.c") == [
        ("engine", "redis"),
        ("engine_version", "7.1"),
    ]


def test_a_plan_that_is_cut_off_is_one_error(repository: Make) -> None:
    found = repository({"redis-plan.json": plan()[:-200]})
    (error,) = found.report.errors
    assert error.message.startswith("line 1, column ")
    assert SECRET not in repr(found.report)
