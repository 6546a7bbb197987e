"""Fixes of parameters that Terraform and CloudFormation give to managed caches."""

from __future__ import annotations

from pathlib import Path

import pytest

import redislint
from redislint.cli.errors import guarded
from redislint.cli.group import cli

TERRAFORM = """\
# redislint: workload=queue
variable "policy" {{ default = "allkeys-lru" }}
resource "aws_elasticache_replication_group" "jobs" {{
  replication_group_id = "jobs"
  engine_version       = "7.1"
  parameter_group_name = aws_elasticache_parameter_group.jobs.name
}}
resource "aws_elasticache_parameter_group" "jobs" {{
  name   = "jobs"
  family = "redis7"
  parameter {{
    name  = "maxmemory-policy" # what goes first
    value = {value}
  }}
  parameter {{
    name  = "timeout"
    value = "300"
  }}
}}
"""
CLOUDFORMATION = """\
# redislint: workload=queue
Parameters:
  Policy: {{Type: String, Default: allkeys-lru}}
Resources:
  Jobs:
    Type: AWS::ElastiCache::ReplicationGroup
    Properties:
      ReplicationGroupDescription: jobs
      EngineVersion: "7.1"
      CacheParameterGroupName: !Ref Own
  Own:
    Type: AWS::ElastiCache::ParameterGroup
    Properties:
      CacheParameterGroupFamily: redis7
      Properties:
        maxmemory-policy: {value} # what goes first
        timeout: 300
"""
FILES = {"main.tf": TERRAFORM, "stack.yaml": CLOUDFORMATION}


def fixed(folder: Path, name: str, value: str) -> tuple[str, str]:
    text = FILES[name].format(value=value)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    guarded(cli, ["check", str(path), "--unsafe-fixes", "--select", "RL305"])
    return text, path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("main.tf", '"allkeys-lru"', '"noeviction"'),
        ("stack.yaml", "allkeys-lru", "noeviction"),
        ("stack.yaml", "'allkeys-lru'", "'noeviction'"),
        ("stack.yaml", '"allkeys-lru"', '"noeviction"'),
    ],
)
def test_a_value_that_stands_there(tmp_path: Path, name: str, before: str, after: str) -> None:
    text, found = fixed(tmp_path, name, before)
    assert found == text.replace(f"{before}\n", f"{after}\n").replace(
        f"{before} # what", f"{after} # what"
    )
    assert found != text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("main.tf", "var.policy"),
        ("main.tf", '"${var.policy}"'),
        ("main.tf", 'true ? "allkeys-lru" : "noeviction"'),
        ("stack.yaml", "!Ref Policy"),
        ("stack.yaml", "!Sub '${Policy}'"),
    ],
)
def test_a_value_from_elsewhere_stays_and_what_to_do_is_said(
    tmp_path: Path, name: str, value: str
) -> None:
    text, found = fixed(tmp_path, name, value)
    assert found == text
    report = redislint.check([tmp_path / name])
    (finding,) = [one for one in report.findings if one.rule == "RL305"]
    assert finding.fix is None
    assert finding.remediation is not None
    assert "noeviction" in finding.remediation.terraform + finding.remediation.cloudformation


PARAMETERS = """\
resource "google_redis_instance" "jobs" {
  name           = "jobs"
  memory_size_gb = 1
  redis_version  = "REDIS_7_2"
  redis_configs = {
    maxmemory-policy = "allkeys-lru" // what goes first
    activedefrag     = "no"
  }
}
"""


def test_a_parameter_in_a_map(tmp_path: Path) -> None:
    path = tmp_path / "main.tf"
    text = f"# redislint: workload=queue\n{PARAMETERS}"
    path.write_text(text, encoding="utf-8")
    guarded(cli, ["check", str(path), "--unsafe-fixes", "--select", "RL305"])
    assert path.read_text(encoding="utf-8") == text.replace('"allkeys-lru"', '"noeviction"')
