"""Conditions in Terraform and CloudFormation: every branch is listed, rules see what agrees."""

from __future__ import annotations

from typing import Any

import pytest

from redislint.audit.run import check
from redislint.model import OutcomeKind
from tests.sources.iac.conftest import Make, Repository

RG = "aws_elasticache_replication_group.cache"
PG = "aws_elasticache_parameter_group.cache"
CACHE = "Resources.Cache"


def effective(found: Repository, name: str) -> list[tuple[str, str, bool]]:
    return [(s.name, s.text, s.effective) for s in found.target(name).settings]


def known(found: Repository, name: str) -> dict[str, Any]:
    return {path: fact.value for path, fact in found.target(name).facts.items()}


def terraform(*lines: str) -> dict[str, str]:
    body = "\n".join(f"  {line}" for line in lines)
    more = 'variable "prod" {}\n'
    return {
        "main.tf": f'resource "aws_elasticache_replication_group" "cache" {{\n{body}\n}}\n{more}'
    }


def group(value: str, more: str = "") -> dict[str, str]:
    text = (
        'resource "aws_elasticache_parameter_group" "cache" {\n  family = "redis7"\n'
        f'  parameter {{\n    name = "maxmemory-policy"\n    value = {value}\n  }}\n{more}}}\n'
    )
    return {"main.tf": text + 'variable "prod" {}\n'}


def test_each_branch_is_a_setting_in_its_place(repository: Make) -> None:
    found = repository(group('var.prod ? "noeviction" : "allkeys-lru"'))
    assert effective(found, PG) == [
        ("family", "redis7", True),
        ("maxmemory-policy", "noeviction", False),
        ("maxmemory-policy", "allkeys-lru", True),
    ]
    assert [text for _, text in found.spanned(PG)] == ["redis7", "noeviction", "allkeys-lru"]
    unknown = found.target(PG).unknown
    assert unknown['config["maxmemory-policy"]'] == (
        "its branches differ, and a condition decides (variable prod has no default)"
    )


def test_branches_of_branches(repository: Make) -> None:
    found = repository(
        group('var.prod ? "noeviction" : (var.big ? "allkeys-lru" : "volatile-lru")')
    )
    assert [text for _, text in found.spanned(PG)][1:] == [
        "noeviction",
        "allkeys-lru",
        "volatile-lru",
    ]


def test_what_all_branches_agree_in_is_known(repository: Make) -> None:
    lines = (
        "snapshot_retention_limit = var.prod ? 7 : 7",
        "multi_az_enabled = var.prod ? false : null",
    )
    found = repository(terraform(*lines))
    assert known(found, RG)["backup.retention_days"] == 7
    assert known(found, RG)["cloud.multi_az"] is False  # null is the default, which is false
    assert found.spanned(RG) == [
        ("snapshot_retention_limit", "7"),
        ("snapshot_retention_limit", "7"),
        ("multi_az_enabled", "false"),
    ]


@pytest.mark.parametrize("value", ["var.prod ? 7 : 0", "var.prod ? 7 : null", "local.days"])
def test_one_good_branch_makes_no_rule_pass(repository: Make, value: str) -> None:
    text = terraform(f"snapshot_retention_limit = {value}", 'engine_version = "7.1"')
    text["main.tf"] += "locals {\n  days = var.prod ? 7 : 0\n}\n"
    found = repository(text)
    assert "backup.retention_days" not in known(found, RG)
    why = found.target(RG).unknown["backup.retention_days"]
    assert why.startswith("its branches differ")
    report = check(workload="ledger", select=["RL901"])
    assert report.findings == ()
    [outcome] = [one for one in report.outcomes if one.rule == "RL901"]
    assert outcome.kind == OutcomeKind.UNKNOWN
    assert outcome.missing == ("backup.retention_days",)


def test_a_name_with_branches_is_one_setting(repository: Make) -> None:
    text = terraform("snapshot_retention_limit = local.days")
    text["main.tf"] += "locals {\n  days = var.prod ? 7 : 0\n}\n"
    found = repository(text)
    assert found.settings(RG) == [("snapshot_retention_limit", "?")]
    assert found.spanned(RG) == [("snapshot_retention_limit", "local.days")]


def test_a_known_condition_chooses_and_the_other_branch_is_listed(repository: Make) -> None:
    text = terraform('transit_encryption_enabled = var.env == "dev" ? false : true')
    text["main.tf"] += 'variable "env" {\n  default = "dev"\n}\n'
    found = repository(text)
    assert effective(found, RG) == [
        ("transit_encryption_enabled", "false", True),
        ("transit_encryption_enabled", "true", False),
    ]
    assert known(found, RG)["cloud.tls"] is False


def test_a_dynamic_block_that_may_not_be_made(repository: Make) -> None:
    more = (
        '  dynamic "parameter" {\n    for_each = var.prod ? [1] : []\n    content {\n'
        '      name  = "timeout"\n      value = 300\n    }\n  }\n'
    )
    found = repository(group('"noeviction"', more))
    assert found.settings(PG)[1:] == [("maxmemory-policy", "noeviction"), ("timeout", "300")]
    unknown = found.target(PG).unknown
    assert unknown['config["timeout"]'].startswith("its branches differ")
    assert known(found, PG)["memory.eviction"] == "nothing"


def test_lists_of_parameters_with_branches(repository: Make) -> None:
    text = (
        'module "redis" {\n  source = "cloudposse/elasticache-redis/aws"\n  family = "redis7"\n'
        '  parameter = var.prod ? [{ name = "timeout", value = "1" }, '
        '{ name = "hz", value = "5" }] : [{ name = "timeout", value = "2" }]\n}\n'
    )
    found = repository({"main.tf": text})
    assert found.settings("module.redis") == [
        ("family", "redis7"),
        ("timeout", "1"),
        ("hz", "5"),
        ("timeout", "2"),
    ]
    assert 'config["timeout"]' in found.target("module.redis").unknown


def test_a_token_in_one_branch_is_in_the_file(repository: Make) -> None:
    found = repository(terraform('auth_token = var.prod ? var.token : "hunter2hunter2hunter2"'))
    assert known(found, RG)["cloud.auth_token_literal"] is True
    assert "hunter2" not in repr(found.report)


def template(properties: str, more: str = "") -> dict[str, str]:
    text = (
        "Resources:\n  Cache:\n    Type: AWS::ElastiCache::ReplicationGroup\n"
        f"    Properties:\n{properties}\n{more}"
    )
    return {"cache.yaml": text}


def test_branches_of_a_template(repository: Make) -> None:
    found = repository(
        template(
            "      SnapshotRetentionLimit: !If [Prod, 7, 0]\n"
            "      TransitEncryptionEnabled: !If [Prod, true, !If [Dev, 'true', True]]\n"
            "      AutomaticFailoverEnabled: !If [Prod, false, !Ref AWS::NoValue]\n"
            "      MultiAZEnabled: !If [Prod, true, !Ref AWS::NoValue]"
        )
    )
    assert effective(found, CACHE)[:2] == [
        ("SnapshotRetentionLimit", "7", False),
        ("SnapshotRetentionLimit", "0", True),
    ]
    told = known(found, CACHE)
    assert told["cloud.tls"] is True
    assert told["cloud.automatic_failover"] is False
    unknown = found.target(CACHE).unknown
    assert unknown["cloud.multi_az"] == "its branches differ, and a condition decides"
    assert unknown["backup.retention_days"] == "its branches differ, and a condition decides"


def test_groups_between_which_a_condition_decides(repository: Make) -> None:
    groups = "".join(
        f"  {name}:\n    Type: AWS::ElastiCache::ParameterGroup\n    Properties:\n"
        f"      CacheParameterGroupFamily: redis7\n      Properties: {{timeout: {value}}}\n"
        for name, value in (("One", 1), ("Two", 2))
    )
    found = repository(
        template("      CacheParameterGroupName: !If [P, !Ref One, !Ref Two]", groups)
    )
    assert found.settings("Resources.One")[-1] == ("timeout", "1")
    assert found.settings("Resources.Two")[-1] == ("timeout", "2")
    assert 'config["timeout"]' in found.target(CACHE).unknown


def test_whole_properties_that_a_condition_decides(repository: Make) -> None:
    groups = (
        "  Params:\n    Type: AWS::ElastiCache::ParameterGroup\n    Properties:\n"
        "      CacheParameterGroupFamily: redis7\n      Properties: !If\n        - Prod\n"
        "        - {timeout: 1, maxmemory-policy: noeviction}\n"
        "        - {timeout: 2, maxmemory-policy: noeviction}\n"
    )
    found = repository(template("      CacheParameterGroupName: !Ref Params", groups))
    assert [s for s in found.settings(CACHE) if s[0] in ("timeout", "maxmemory-policy")] == [
        ("timeout", "1"),
        ("maxmemory-policy", "noeviction"),
        ("timeout", "2"),
        ("maxmemory-policy", "noeviction"),
    ]
    assert 'config["timeout"]' in found.target(CACHE).unknown
    assert known(found, CACHE)["memory.eviction"] == "nothing"


@pytest.mark.parametrize(
    ("files", "days"),
    [
        ({}, 1),
        ({"prod.tfvars": "days = 7"}, None),
        ({"envs/prod.tfvars": "days = 7", "envs/dev.tfvars": "days = 1"}, None),
        ({"envs/prod.tfvars": "days = 1"}, 1),
        ({"envs/prod.tfvars": "other = 2"}, 1),
        ({"prod.tfvars": "days = 7", "terraform.tfvars": "days = 3"}, 3),
        ({"prod.tfvars": "days = 7", "terraform.tfvars.json": '{"days": 4}'}, 4),
    ],
)
def test_files_of_variables_that_only_an_option_names(
    repository: Make, files: dict[str, str], days: int | None
) -> None:
    text = terraform("snapshot_retention_limit = var.days")
    text["main.tf"] += 'variable "days" {\n  default = 1\n}\n'
    found = repository({**text, **files})
    assert known(found, RG).get("backup.retention_days") == days
    assert found.spanned(RG) == [("snapshot_retention_limit", "var.days")]
    if days is None:
        assert "prod.tfvars" in found.target(RG).unknown["backup.retention_days"]


def test_a_variable_that_only_such_a_file_sets(repository: Make) -> None:
    text = terraform("snapshot_retention_limit = var.days")
    text["main.tf"] += 'variable "days" {}\n'
    found = repository({**text, "prod.tfvars": "days = 7"})
    assert known(found, RG)["backup.retention_days"] == 7


TEMPLATE = """\
{% if prod %}
maxmemory-policy noeviction
appendonly yes
save 60 1
{% else %}
maxmemory-policy allkeys-lru
appendonly yes
save 900 1
{% endif %}
maxmemory 1gb
"""


def test_branches_of_a_template_of_redis_conf(repository: Make) -> None:
    found = repository({"redis.conf.j2": TEMPLATE})
    [target] = found.report.targets
    assert [(s.name, s.text, s.known, s.effective) for s in target.settings][:2] == [
        ("maxmemory-policy", "noeviction", True, False),
        ("appendonly", "yes", True, False),
    ]
    assert target.facts["persistence.aof"].value is True  # the same in both
    assert "memory.eviction" not in target.facts
    why = target.unknown['config["maxmemory-policy"]']
    assert why == "the branches of the template differ, up to line 6"


def test_no_rule_passes_because_of_the_last_branch(repository: Make) -> None:
    swapped = TEMPLATE.replace("noeviction", "X").replace("allkeys-lru", "noeviction")
    repository({"redis.conf.j2": swapped.replace("X", "allkeys-lru")})
    report = check(select=["RL305"], workload="ledger", server="redis-7.2")
    [outcome] = [one for one in report.outcomes if one.rule == "RL305"]
    assert outcome.kind == OutcomeKind.UNKNOWN
