"""For whom a comment speaks, where one host file describes several servers."""

from __future__ import annotations

from pathlib import Path

import pytest

import redislint
from redislint.model import Finding, Report

COMPOSE = """\
{top}services:
  # the first
  {above}
  a:
    {inside}
    image: redis:7.2  {trailing}
    command: [redis-server, --appendonly, "no", --save, ""]
    {end}

  {between}
  web:
    image: nginx
  {above_b}
  b:
    image: redis:7.2
    command: [redis-server, --appendonly, "no", --save, ""]
"""
KUBERNETES = """\
{top}apiVersion: v1
kind: Pod
metadata: {{name: a}}
spec:
  containers:
    - name: a
      image: redis:7.2  {trailing}
      {inside}
      args: [--appendonly, "no", --save, ""]
---
{above_b}
apiVersion: v1
kind: Pod
metadata: {{name: b}}
spec:
  containers:
    - name: b
      image: redis:7.2
      args: [--appendonly, "no", --save, ""]
"""
CONTAINERS = """\
{top}apiVersion: v1
kind: Pod
metadata: {{name: both}}
spec:
  {common}
  containers:
    {above}
    - name: a
      image: redis:7.2
      {inside}
    {above_b}
    - name: b
      image: redis:7.2
"""
TERRAFORM = """\
{top}
variable "x" {{}}
{above}
resource "aws_elasticache_replication_group" "a" {{
  replication_group_id = "a"
  {inside}
  engine_version       = "7.1"  {trailing}
  parameter_group_name = aws_elasticache_parameter_group.own.name
}}

{above_b}
resource "aws_elasticache_replication_group" "b" {{
  replication_group_id = "b"
  engine_version       = "7.1"
}}
resource "aws_elasticache_parameter_group" "own" {{
  name   = "own"
  family = "redis7"
  {group}
  parameter {{
    name  = "maxmemory-policy"
    value = "allkeys-lru"
  }}
}}
"""
CLOUDFORMATION = """\
{top}Resources:
  {above}
  A:
    Type: AWS::ElastiCache::ReplicationGroup
    Properties:
      {inside}
      ReplicationGroupId: a
      EngineVersion: "7.1"  {trailing}
      ReplicationGroupDescription: a
  {above_b}
  B:
    Type: AWS::ElastiCache::ReplicationGroup
    Properties:
      ReplicationGroupId: b
      EngineVersion: "7.1"
      ReplicationGroupDescription: b
"""
ANSIBLE = """\
- hosts: all
  roles:
    {above}
    - role: redis
      redis_port: 6380
      redis_maxmemory: 1gb
      {inside}
    {above_b}
    - role: redis
      redis_port: 6381
      redis_maxmemory: 1gb
"""
FILES = {
    "compose.yml": COMPOSE,
    "pods.yaml": KUBERNETES,
    "pod.yaml": CONTAINERS,
    "main.tf": TERRAFORM,
    "stack.yaml": CLOUDFORMATION,
    "site.yml": ANSIBLE,
}


class _Filled(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def check(folder: Path, name: str, **comments: str) -> Report:
    (folder / ".git").mkdir(exist_ok=True)
    text = FILES[name].format_map(_Filled(comments))
    (folder / name).write_text(text, encoding="utf-8")
    report = redislint.check([folder])
    assert report.errors == ()
    return report


def workloads(report: Report) -> list[str]:
    return [one.workload or "-" for one in sorted(report.targets, key=lambda one: one.id)]


SLOTS = [
    (name, slot, expected)
    for name, slots in {
        "compose.yml": "top above inside end between above_b",
        "pods.yaml": "top inside above_b",
        "pod.yaml": "top common above inside above_b",
        "main.tf": "top above inside above_b group",
        "stack.yaml": "top above inside above_b",
        "site.yml": "above inside above_b",
    }.items()
    for slot in slots.split()
    for expected in [
        {
            "top": ["queue", "queue"],
            "common": ["queue", "queue"],
            "between": ["queue", "queue"],
            "above_b": ["-", "queue"],
        }.get(slot, ["queue", "-"])
    ]
]


@pytest.mark.parametrize(("name", "slot", "expected"), SLOTS)
def test_whom_a_declaration_is_for(
    tmp_path: Path, name: str, slot: str, expected: list[str]
) -> None:
    ending = "\n" if slot == "top" else ""
    comments = {slot: f"# redislint: workload=queue{ending}"}
    assert workloads(check(tmp_path, name, **comments)) == expected


@pytest.mark.parametrize("name", sorted(FILES))
def test_the_closest_declaration_counts(tmp_path: Path, name: str) -> None:
    top = {} if name == "site.yml" else {"top": "# redislint: workload=cache\n"}
    report = check(
        tmp_path,
        name,
        **top,
        inside="# redislint: workload=queue",
        above_b="# redislint: workload=session",
    )
    assert workloads(report) == ["queue", "session"]


@pytest.mark.parametrize("comment", ["# {}", "// {}", "/* {} */"])
def test_every_comment_of_hcl(tmp_path: Path, comment: str) -> None:
    said = comment.format("redislint: workload=queue")
    assert workloads(check(tmp_path, "main.tf", inside=said)) == ["queue", "-"]
    assert workloads(check(tmp_path, "main.tf", trailing=said)) == ["queue", "-"]


@pytest.mark.parametrize("name", ["compose.yml", "pods.yaml", "main.tf", "stack.yaml"])
def test_a_comment_behind_something(tmp_path: Path, name: str) -> None:
    said = "# redislint: workload=queue"
    assert workloads(check(tmp_path, name, trailing=said)) == ["queue", "-"]


def test_a_server_is_named_for_one_service(tmp_path: Path) -> None:
    report = check(tmp_path, "compose.yml", inside="# redislint: server=redis-7.0")
    assert [str(one.server) for one in report.targets] == ["redis-7.0", "redis-7.2"]


def waived(report: Report, rule: str) -> list[tuple[str, bool]]:
    found: list[Finding] = [one for one in report.findings if one.rule == rule]
    return [(one.target.rpartition(".")[2], one.waiver is not None) for one in found]


WAIVER = '# redislint: disable=RL301 reason="small"'


def test_a_waiver_for_one_service(tmp_path: Path) -> None:
    report = check(tmp_path, "compose.yml", inside=WAIVER)
    assert waived(report, "RL301") == [("a", True), ("b", False)]
    report = check(tmp_path, "compose.yml", top=f"{WAIVER}\n")
    assert waived(report, "RL301") == [("a", True), ("b", True)]


def test_a_waiver_behind_something_is_for_its_line(tmp_path: Path) -> None:
    report = check(tmp_path, "compose.yml", trailing=WAIVER)
    assert waived(report, "RL301") == [("a", True), ("b", False)]
    (waiver,) = [one.waiver for one in report.findings if one.waiver is not None]
    assert waiver.source.endswith("compose.yml:6")


def test_a_waiver_in_hcl_behind_an_attribute(tmp_path: Path) -> None:
    text = FILES["main.tf"].replace('"a"\n', '"a"\n  snapshot_retention_limit = 0 {trailing}\n', 1)
    path = tmp_path / "main.tf"
    said = "# redislint: disable=RL901 reason=one until=2099-01-01 owner=me"
    path.write_text(text.format_map(_Filled(trailing=said)), encoding="utf-8")
    found = [one for one in redislint.check([path]).findings if one.rule == "RL901"]
    assert [one.waiver is not None for one in found if one.target.endswith(".a")] == [True]


def test_a_waiver_of_a_service_that_silences_nothing_is_told(tmp_path: Path) -> None:
    said = '# redislint: disable=RL207 reason="none here"'
    report = check(tmp_path, "compose.yml", inside=said)
    assert "RL011" in [one.rule for one in report.findings]


def test_a_mark_in_a_text_is_no_comment(tmp_path: Path) -> None:
    text = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n"
        "  redis.conf: |\n    port 1\n    save 60 1  # redislint: disable=RL212 reason=x\n"
    )
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    report = redislint.check([tmp_path / "a.yaml"])
    told = [one.message for one in report.findings if one.rule in ("RL012", "RL014")]
    assert told == ["a pragma stands on a line of its own, before the directive"]


def test_a_comment_of_a_template_behind_a_directive(tmp_path: Path) -> None:
    text = "port {{ port }}\nappendonly yes\n"
    text += 'appendfsync no {# redislint: disable=RL207 reason="x" #}\n'
    for name in ("redis.conf.j2", "redis.conf.tmpl"):
        line = text if name.endswith("j2") else text.replace("{#", "{{/*").replace("#}", "*/}}")
        (tmp_path / name).write_text(line, encoding="utf-8")
        (finding,) = [
            one for one in redislint.check([tmp_path / name]).findings if one.rule == "RL207"
        ]
        assert finding.waiver is not None


def test_an_alias_in_a_list_of_aliases_costs_nothing(tmp_path: Path) -> None:
    text = "services:\n  a: {image: redis:7.2}\n  b:\n"
    text += "    # redislint: workload=queue\n    image: redis:7.2\n"
    text += "x: &a [1]\n" + "".join(
        f"x{n}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(20)
    )
    (tmp_path / "compose.yml").write_text(text, encoding="utf-8")
    assert workloads(redislint.check([tmp_path / "compose.yml"])) == ["-", "queue"]
