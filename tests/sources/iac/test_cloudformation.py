"""CloudFormation templates: which settings and facts they come to, and where."""

from __future__ import annotations

import json
from typing import Any

import pytest

from redislint.audit.run import check
from redislint.model import REDACTED
from tests.sources.iac.conftest import Make, Repository

YAML = """\
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Days:
    Type: Number
    Default: 7
  Stage:
    Type: String
Conditions:
  Prod: !Equals [!Ref Stage, prod]
Mappings:
  Sizes:
    small: { node: cache.t4g.small }
Resources:
  Params:
    Type: AWS::ElastiCache::ParameterGroup
    Properties:
      CacheParameterGroupFamily: redis7
      Description: é
      Properties:
        maxmemory-policy: !If [Prod, 'noeviction', "allkeys-lru"]
        timeout: 300
  Cache:
    Type: AWS::ElastiCache::ReplicationGroup
    DeletionPolicy: Snapshot
    Properties:
      Engine: redis
      EngineVersion: "7.1"
      CacheNodeType: !FindInMap [Sizes, small, node]
      NumCacheClusters: 2
      SnapshotRetentionLimit: !Ref Days
      CacheParameterGroupName: !Ref Params
      KmsKeyId: !GetAtt Key.Arn
      TransitEncryptionEnabled: True
      PreferredMaintenanceWindow: !Sub "${Stage}:05:00-sun:06:00"
"""
CACHE = "Resources.Cache"


def template(properties: str, more: str = "", type_: str = "ElastiCache::ReplicationGroup") -> str:
    return f"Resources:\n  Cache:\n    Type: AWS::{type_}\n    Properties:\n{properties}\n{more}"


def facts(found: Repository, name: str = CACHE) -> dict[str, Any]:
    return {path: fact.value for path, fact in found.target(name).facts.items()}


def test_a_group_and_its_cache_are_one_target(repository: Make) -> None:
    found = repository({"cache.yaml": YAML})
    assert [t.id for t in found.report.targets] == [f"cache.yaml#{CACHE}"]
    assert found.settings(CACHE) == [
        ("CacheParameterGroupFamily", "redis7"),
        ("maxmemory-policy", "noeviction"),
        ("maxmemory-policy", "allkeys-lru"),
        ("timeout", "300"),
        ("Engine", "redis"),
        ("EngineVersion", "7.1"),
        ("CacheNodeType", "cache.t4g.small"),
        ("NumCacheClusters", "2"),
        ("SnapshotRetentionLimit", "7"),
        ("CacheParameterGroupName", "?"),
        ("KmsKeyId", "?"),
        ("TransitEncryptionEnabled", "True"),
        ("PreferredMaintenanceWindow", "?"),
    ]
    assert [text for _, text in found.spanned(CACHE)] == [
        "redis7",
        "noeviction",
        "allkeys-lru",
        "300",
        "redis",
        "7.1",
        "!FindInMap [Sizes, small, node]",
        "2",
        "!Ref Days",
        "!Ref Params",
        "!GetAtt Key.Arn",
        "True",
        '!Sub "${Stage}:05:00-sun:06:00"',
    ]
    told = facts(found)
    assert told["cloud.parameter_family"] == "redis7"
    assert told["cloud.tls"] is True
    assert told["cloud.final_snapshot"] is True
    assert told["cloud.kms_key"] == "Key.Arn"
    assert told["cloud.replicas"] == 1
    assert told["backup.retention_days"] == 7
    assert "memory.eviction" not in told  # its branches differ
    assert str(found.target(CACHE).server) == "redis-7.1"
    basis = found.target(CACHE).facts["backup.retention_days"].basis
    assert basis == "default of parameter Days"


def test_the_last_branch_is_in_effect(repository: Make) -> None:
    found = repository({"cache.yaml": YAML})
    settings = found.target(CACHE).settings
    policies = [(s.text, s.effective) for s in settings if s.name == "maxmemory-policy"]
    assert policies == [("noeviction", False), ("allkeys-lru", True)]


def test_a_branch_without_a_value_sets_nothing(repository: Make) -> None:
    value = "!If [Prod, [3, !Ref AWS::NoValue]]"
    text = template(
        "      NumCacheClusters: !If [Prod, 3, !Ref AWS::NoValue]\n"
        "      Engine: !Ref AWS::NoValue\n"
        f"      NumNodeGroups: {value}"
    )
    found = repository({"cache.yaml": text})
    assert found.settings(CACHE) == [("NumCacheClusters", "3"), ("NumNodeGroups", "?")]
    assert found.target(CACHE).unknown["cloud.shards"] == "Fn::If is not evaluated"


JSON = {
    "Parameters": {"Node": {"Type": "String", "Default": "cache.r7g.large"}},
    "Resources": {
        "Cache": {
            "Type": "AWS::MemoryDB::Cluster",
            "Metadata": {"aws:cdk:path": "App/Cache/Resource"},
            "Properties": {
                "TLSEnabled": False,
                "NumShards": 2,
                "NodeType": {"Ref": "Node"},
                "ACLName": {"Ref": "Acl"},
                "ParameterGroupName": {"Ref": "Group"},
                "SnapshotWindow": {"Fn::Join": [":", ["05", "00-06", "00"]]},
            },
        },
        "Group": {
            "Type": "AWS::MemoryDB::ParameterGroup",
            "Properties": {
                "Family": "memorydb_redis7",
                "Parameters": {
                    "maxmemory-policy": {"Fn::If": ["Big", "volatile-lru", "noeviction"]}
                },
            },
        },
        "Acl": {
            "Type": "AWS::MemoryDB::ACL",
            "Properties": {"ACLName": "all", "UserNames": [{"Ref": "App"}]},
        },
        "App": {
            "Type": "AWS::MemoryDB::User",
            "Properties": {
                "UserName": "app",
                "AccessString": "on ~* +@all",
                "AuthenticationMode": {"Type": "password", "Passwords": ["hunter2hunter2hunter2"]},
            },
        },
    },
}


@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_json_in_any_layout(repository: Make, indent: int | str | None) -> None:
    found = repository({"Stack.template.json": json.dumps(JSON, indent=indent)})
    assert found.settings(CACHE) == [
        ("TLSEnabled", "false"),
        ("NumShards", "2"),
        ("NodeType", "cache.r7g.large"),
        ("ACLName", "?"),
        ("ParameterGroupName", "?"),
        ("SnapshotWindow", "05:00-06:00"),
        ("Family", "memorydb_redis7"),
        ("maxmemory-policy", "volatile-lru"),
        ("maxmemory-policy", "noeviction"),
    ]
    spans = dict(found.spanned(CACHE))
    assert json.loads(spans["NodeType"]) == {"Ref": "Node"}
    assert spans["maxmemory-policy"] == "noeviction"
    told = facts(found)
    assert told["cloud.tls"] is False
    assert told["cloud.user_groups"] == ["Acl"]
    assert [(u["name"], u["login"], u["all_keys"]) for u in told["cloud.users"]] == [
        ("app", "password", True)
    ]
    user = found.settings("Resources.App")
    assert ("Passwords", REDACTED) in user
    assert "hunter2" not in repr(found.report)


def test_credentials_never_show(repository: Make, capsys: pytest.CaptureFixture[str]) -> None:
    secret = "b4dpassw0rdb4dpassw0rd"
    text = (
        f"Parameters:\n  Token: {{Type: String, NoEcho: true, Default: {secret}}}\n"
        "Resources:\n  One:\n    Type: AWS::ElastiCache::ReplicationGroup\n    Properties:\n"
        "      AuthToken: !Ref Token\n      Engine: redis\n"
        "  Two:\n    Type: AWS::ElastiCache::ReplicationGroup\n    Properties:\n"
        f"      AuthToken: !If [Prod, {secret}x, '{{{{resolve:ssm-secure:a:1}}}}']\n"
    )
    found = repository({"redis.yaml": text})
    assert found.settings("Resources.One")[0] == ("AuthToken", REDACTED)
    assert secret not in repr(found.report)
    report = check([found.path])
    assert secret not in repr(report.findings)
    assert facts(found, "Resources.One")["cloud.auth_token_literal"] is True
    two = facts(found, "Resources.Two")
    assert (two["cloud.auth_token"], two["cloud.auth_token_literal"]) == (True, True)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("!Ref AWS::Region", "AWS::Region is known when it is deployed"),
        ("!Ref Nothing", "there is no Nothing"),
        ("!ImportValue Shared", "another stack exports it"),
        ("!FindInMap [A, !Ref AWS::Region, b]", "AWS::Region is known when it is deployed"),
        ("!FindInMap [A, b, c]", "the mapping is not known"),
        ("'{{resolve:ssm:/days}}'", "a dynamic reference is resolved by AWS"),
        ("!Base64 x", "Fn::Base64 is not evaluated"),
        ("!Select [3, [a, b]]", "there is no such item"),
    ],
)
def test_what_is_not_known_is_never_guessed(repository: Make, value: str, why: str) -> None:
    found = repository({"cache.yaml": template(f"      SnapshotRetentionLimit: {value}")})
    assert found.settings(CACHE) == [("SnapshotRetentionLimit", "?")]
    assert found.target(CACHE).unknown["backup.retention_days"] == why
    assert "backup.retention_days" not in found.target(CACHE).facts


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("!Select [1, [3, 5]]", "5"),
        ("!Select [1, !Split [',', '3,5']]", "5"),
        ("!Join ['', [1, 0]]", "10"),
        ("!Sub ['${a}2', {a: 1}]", "12"),
        ("{'Fn::Sub': '7'}", "7"),
    ],
)
def test_functions_of_what_stands_there(repository: Make, value: str, expected: str) -> None:
    found = repository({"cache.yaml": template(f"      SnapshotRetentionLimit: {value}")})
    assert found.settings(CACHE) == [("SnapshotRetentionLimit", expected)]
    assert facts(found)["backup.retention_days"] == int(expected)


def test_memcached_is_not_ours(repository: Make) -> None:
    text = template(
        "      Engine: memcached\n      NumCacheNodes: 1", "", "ElastiCache::CacheCluster"
    )
    assert not repository({"redis.yaml": text}).report.targets


def test_an_unused_group_and_a_loop(repository: Make) -> None:
    text = """\
Transform: AWS::LanguageExtensions
Resources:
  Fn::ForEach::Caches:
    - Name
    - [A, B]
    - "Cache${Name}":
        Type: AWS::ElastiCache::ReplicationGroup
        Properties:
          Engine: redis
          SnapshotWindow: "${Name}"
  Alone:
    Type: AWS::ElastiCache::ParameterGroup
    Properties:
      CacheParameterGroupFamily: redis7
      Properties: !Ref Elsewhere
"""
    found = repository({"t.yml": text})
    assert found.settings("Resources.Cache${Name}") == [
        ("Engine", "redis"),
        ("SnapshotWindow", "?"),
    ]
    assert found.settings("Resources.Alone") == [
        ("CacheParameterGroupFamily", "redis7"),
        ("Properties", "?"),
    ]
    assert "cloud.parameters" in found.target("Resources.Alone").unknown


UNSAVED = """\
      Engine: redis
      AutomaticFailoverEnabled: true
{}      SnapshotRetentionLimit: 0"""


def test_findings_point_at_the_property(repository: Make) -> None:
    found = repository({"cache.yaml": template(UNSAVED.format(""))})
    findings = {f.rule: f for f in check([found.path]).findings}
    span = findings["RL901"].span
    assert span is not None
    assert (span.line, span.column, span.end_column) == (7, 31, 32)


def test_a_pragma_in_a_comment_is_a_waiver(repository: Make) -> None:
    pragma = "      # redislint: disable-next-line=RL901 reason=rebuilt owner=me until=2099-01-01\n"
    found = repository({"cache.yaml": template(UNSAVED.format(pragma))})
    finding = next(f for f in check([found.path]).findings if f.rule == "RL901")
    assert finding.waiver is not None


RECURSIVE = """\
Resources:
  R: &a
    Type: AWS::ElastiCache::User
    Properties: {AccessString: !If [x, *a, *a], Passwords: *a}
"""
LOOPS = "      UserGroupIds: &a [!Join ['', &b [&c [x, *a], *b]], *a, *b, *c]"
DEEP = "      Engine: " + "!If [x, redis, " * 60 + "redis" + "]" * 60


@pytest.mark.parametrize(
    "text",
    [
        RECURSIVE,
        template(LOOPS),
        template(DEEP),
        template("      - 3"),
        template("      Properties: [1]", "", "ElastiCache::ParameterGroup"),
        "Resources: []\nx: AWS::ElastiCache::User\n",
    ],
)
def test_hostile_templates_are_bounded(repository: Make, text: str) -> None:
    assert not repository({"t.yaml": text}).report.errors


def test_a_bomb_of_aliases_costs_little(repository: Make) -> None:
    lines = ["x0: &x0 !If [c, a, b]"]
    lines += [f"x{n}: &x{n} !If [c, *x{n - 1}, *x{n - 1}]" for n in range(1, 28)]
    text = template("      Engine: *x27")
    found = repository({"t.yaml": "\n".join([*lines, text])})
    assert len(found.target(CACHE).settings) <= 100


def test_a_broken_template_is_one_line(repository: Make) -> None:
    text = template("      Engine: [redis\n")
    (error,) = repository({"redis.yaml": text}).report.errors
    assert (error.target, error.message[:6]) == ("redis.yaml", "line 7")
