"""Files of every host format that mean harm: bounded time and memory, one clear line each."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from redislint.audit.facts import FactsReport, facts
from redislint.audit.run import check

MOST_SECONDS = 5

CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: redis}\n"
TEMPLATE = "Resources:\n  C:\n    Type: AWS::ElastiCache::ReplicationGroup\n    Properties:\n"
TERRAFORM = 'resource "aws_elasticache_replication_group" "r" {{\n  engine_version = {}\n}}\n'
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: redis}
spec:
  containers:
  - image: redis:7
    args: [redis-server, --port, "$(A59)"]
    env:
    - {name: A0, value: xxxxxxxxxx}
"""
COMPOSE = "services:\n  redis:\n    image: redis:7\n"


class Harm(NamedTuple):
    """A file: its name, how its text is made, how many servers are found in it, and a
    pattern of the one error that is said, "" for none."""

    name: str
    text: Callable[[], str | bytes]
    targets: int
    error: str = ""


def _bomb(tail: str) -> str:
    lines = ["x0: &x0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]" for n in range(1, 40)]
    return "\n".join([*lines, tail])


def _merges(tail: str) -> str:
    lines = ["x0: &x0 {a: 1}"]
    lines += [f"x{n}: &x{n} {{<<: [{', '.join([f'*x{n - 1}'] * 9)}]}}" for n in range(1, 40)]
    return "\n".join([*lines, tail])


def _plan(count: int) -> str:
    one = {"mode": "managed", "type": "aws_elasticache_cluster", "values": {"engine": "redis"}}
    resources = [
        {**one, "name": f"c{n}", "address": f"aws_elasticache_cluster.c{n}"} for n in range(count)
    ]
    planned = {"root_module": {"resources": resources}}
    return json.dumps({"terraform_version": "1.9", "planned_values": planned})


def _stack(count: int) -> str:
    one = {"Type": "AWS::ElastiCache::CacheCluster", "Properties": {"Engine": "redis"}}
    return json.dumps({"Resources": {f"C{n}": one for n in range(count)}})


def _locals(step: str, count: int, first: str = '"x"') -> str:
    lines = [f"  l{n} = " + step.replace("PREVIOUS", f"local.l{n - 1}") for n in range(1, count)]
    body = "\n".join(lines)
    return f"locals {{\n  l0 = {first}\n{body}\n}}\n" + TERRAFORM.format(f"local.l{count - 1}")


DEEP = 50_000
NESTED = "nested deeper than 200 levels"

HARM: dict[str, Harm] = {
    "kubernetes: alias bomb": Harm("k8s.yaml", lambda: _bomb(CONFIG_MAP + "data: *x39\n"), 0),
    "kubernetes: deep": Harm("k8s.yaml", lambda: CONFIG_MAP + "data: " + "[" * DEEP, 0, NESTED),
    "kubernetes: variables of variables": Harm(
        "pod.yaml",
        lambda: (
            POD
            + "".join(
                f"    - {{name: A{n}, value: $(A{n - 1})$(A{n - 1})}}\n" for n in range(1, 60)
            )
        ),
        1,
    ),
    "kubernetes: a text of 50 MB": Harm(
        "k8s.yaml",
        lambda: CONFIG_MAP + "data:\n  redis.conf: |\n" + "    # of redis\n" * 3_500_000,
        0,
        "larger than the limit of 8 MiB",
    ),
    "kubernetes: tags that never close": Harm(
        "templates/redis.yaml",
        lambda: CONFIG_MAP + "data:\n  redis.conf: |\n    port {{ x\n" + "{{ {% <% {# " * 50_000,
        0,
        "cannot start any token",
    ),
    "kubernetes: many tags on a line": Harm(
        "templates/redis.yaml",
        lambda: (
            CONFIG_MAP
            + "data:\n  redis.conf: |\n    save 1 1\n    port "
            + "{{ a }}" * 50_000
            + "\n"
        ),
        1,
    ),
    "kubernetes: a tag of blanks": Harm(
        "templates/redis.yaml",
        lambda: (
            CONFIG_MAP
            + "data:\n  redis.conf: |\n    appendonly yes\n    hz 10\n    port {{"
            + " " * 500_000
            + "\n"
        ),
        1,
    ),
    "kubernetes: binary": Harm(
        "redis.yaml", lambda: b"\0\xff\xfe kind: redis-server apiVersion:" * 50, 0
    ),
    "compose: alias bomb": Harm(
        "compose.yml",
        lambda: _bomb(COMPOSE + "    environment: *x39\n    volumes: *x39\n    ports: *x39\n"),
        1,
    ),
    "compose: merges of merges": Harm(
        "compose.yml", lambda: _merges(COMPOSE + "    <<: *x39\n"), 1
    ),
    "compose: variables in variables": Harm(
        "compose.yml",
        lambda: COMPOSE + "    command: redis-server --port " + "${A:-" * 20_000 + "\n",
        1,
    ),
    "compose: a script that never closes": Harm(
        "compose.yml",
        lambda: COMPOSE + "    command: sh -c 'redis-server " + "`$((" * 30_000 + "'\n",
        1,
    ),
    "cloudformation: alias bomb": Harm(
        "cfn.yaml", lambda: _bomb(TEMPLATE + "      Engine: *x39\n"), 1
    ),
    "cloudformation: deep": Harm(
        "cfn.json",
        lambda: (
            '{"Resources": {"C": {"Type": "AWS::ElastiCache::User", "Properties": ' + '{"a":' * DEEP
        ),
        0,
        NESTED,
    ),
    "cloudformation: conditions in conditions": Harm(
        "cfn.yaml",
        lambda: TEMPLATE + "      Engine: " + "!If [A, " * 150 + "x" + ", y]" * 150 + "\n",
        1,
    ),
    "cloudformation: variables that never close": Harm(
        "cfn.yaml", lambda: TEMPLATE + "      EngineVersion: !Sub '" + "${A" * 100_000 + "'\n", 1
    ),
    "cloudformation: one line": Harm("cfn.json", lambda: _stack(2000), 2000),
    "terraform: parentheses": Harm(
        "main.tf", lambda: TERRAFORM.format("(" * DEEP + "1" + ")" * DEEP), 1
    ),
    "terraform: lists": Harm("main.tf", lambda: TERRAFORM.format("[" * DEEP + "]" * DEEP), 1),
    "terraform: calls": Harm(
        "main.tf", lambda: TERRAFORM.format("merge(" * 20_000 + "{}" + ")" * 20_000), 1
    ),
    "terraform: sums": Harm("main.tf", lambda: TERRAFORM.format("1" + " + 1" * 20_000), 1),
    "terraform: locals of themselves": Harm(
        "main.tf",
        lambda: "locals {\n a = local.b\n b = local.a\n}\n" + TERRAFORM.format("local.a"),
        1,
    ),
    "terraform: a chain of locals": Harm("main.tf", lambda: _locals("PREVIOUS", 10_000), 1),
    "terraform: texts that double": Harm(
        "main.tf", lambda: _locals('"${PREVIOUS}${PREVIOUS}"', 60), 1
    ),
    "terraform: lists that double": Harm(
        "main.tf", lambda: _locals("concat(PREVIOUS, PREVIOUS)", 60, "[1, 2]"), 1
    ),
    "terraform: loops in loops": Harm(
        "main.tf",
        lambda: (
            "locals {\n  l0 = range(1000)\n}\n"
            + TERRAFORM.format(
                "[for a in local.l0 : [for b in local.l0 : [for c in local.l0 : c]]]"
            )
        ),
        1,
    ),
    "terraform: a billion of them": Harm(
        "main.tf",
        lambda: 'resource "aws_elasticache_cluster" "r" {\n count = 1000000000\n engine = "a"\n}\n',
        1,
    ),
    "terraform: a module of itself": Harm(
        "main.tf", lambda: 'module "m" {\n  source = "./"\n}\n' + TERRAFORM.format('"7.1"'), 1
    ),
    "terraform: an expression for ever": Harm(
        "main.tf", lambda: TERRAFORM.format('regex("(a+)+$", "' + "a" * 40 + 'b")'), 1
    ),
    "terraform: a number of a billion digits": Harm(
        "main.tf", lambda: TERRAFORM.format('format("%0999999999d", 1)'), 1
    ),
    "terraform: a text that never closes": Harm(
        "main.tf",
        lambda: 'resource "aws_elasticache_cluster" "r" {\n  a = <<EOT\n' + "x\n" * 50_000,
        1,
        "heredoc",
    ),
    "terraform: binary": Harm(
        "redis.tf", lambda: b"\0\xff\xfeaws_elasticache_" * 1000, 0, "not the syntax"
    ),
    "terraform: deep JSON": Harm(
        "main.tf.json",
        lambda: '{"resource": {"aws_elasticache_cluster": {"a": {"engine": ' + "[" * DEEP,
        0,
        NESTED,
    ),
    "plan: deep": Harm(
        "plan.json",
        lambda: (
            '{"terraform_version": "1", "x": "aws_elasticache_cluster", "planned_values": '
            + '{"child_modules":[' * DEEP
        ),
        0,
        NESTED,
    ),
    "plan: one line": Harm("plan.json", lambda: _plan(2000), 2000),
    "plan: cut off": Harm("plan.json", lambda: _plan(100)[:-9], 0, "did not find|expected"),
    "ansible: alias bomb": Harm(
        "group_vars/redis.yml", lambda: _bomb("redis_save: *x39\nredis_hz: 10\n"), 1
    ),
    "ansible: deep": Harm("group_vars/redis.yml", lambda: "redis_save: " + "[" * DEEP, 0, NESTED),
    "ansible: Jinja that never closes": Harm(
        "group_vars/redis.yml", lambda: "redis_extra_config: |\n" + "  hz {{ x\n" * 50_000, 1
    ),
    "ansible: a number of sixties": Harm(
        "group_vars/redis.yml", lambda: "redis_hz: 1" + ":10" * 50_000, 1
    ),
    "helm: alias bomb": Harm(
        "values.yaml", lambda: _bomb("redis:\n  master: *x39\n  commonConfiguration: hz 10\n"), 1
    ),
    "helm: merges of merges": Harm(
        "values.yaml", lambda: _merges("redis:\n  <<: *x39\n  commonConfiguration: hz 10\n"), 1
    ),
    "helm: deep": Harm("values.yaml", lambda: "redis:\n  a: " + "{a: " * DEEP, 0, NESTED),
    "helm: actions that never close": Harm(
        "values.yaml",
        lambda: "redis:\n  commonConfiguration: |\n    hz 10\n" + "    {{ x\n" * 50_000,
        1,
    ),
    "template: many named ones": Harm(
        "_redis.tpl", lambda: '{{ define "redis.conf" }}\nport 1\nappendonly yes\n' * 1000, 1000
    ),
    "dockerfile: lines without end": Harm(
        "Dockerfile",
        lambda: "FROM redis:7\nCMD redis-server " + "\\\n" * 100_000 + " --port 1\n",
        1,
    ),
    "dockerfile: many variables": Harm(
        "Dockerfile", lambda: "FROM redis:7\n" + "ENV A=1\n" * 30_000, 1
    ),
    "dockerfile: many stages": Harm(
        "Dockerfile",
        lambda: (
            "".join(f"FROM a{n} AS a{n + 1}\nCOPY x y\n" for n in range(20_000))
            + "CMD redis-server\n"
        ),
        0,
    ),
    "systemd: tags that never close": Harm(
        "redis.service",
        lambda: "[Service]\nExecStart=/bin/redis-server " + "{{ " * 3_000 + "\n",
        1,
    ),
    "sysctl: a long name": Harm(
        "sysctl.conf", lambda: "# redis\nvm.overcommit_memory = 1\n" + "a." * 200_000 + "\n", 1
    ),
}


@pytest.mark.parametrize("harm", HARM.values(), ids=HARM)
def test_what_means_harm(harm: Harm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    path = tmp_path / harm.name
    path.parent.mkdir(exist_ok=True)
    made = harm.text()
    path.write_bytes(made if isinstance(made, bytes) else made.encode())
    monkeypatch.chdir(tmp_path)
    report = _bounded(harm.name)
    assert len(report.targets) == harm.targets
    said = [error.message for error in report.errors]
    assert len(said) == (1 if harm.error else 0), said
    for message in said:
        assert re.search(harm.error, message), message
        assert "\n" not in message
        assert len(message) < 200


def _bounded(name: str) -> FactsReport:
    """The facts of a file, which must not take long."""
    start = time.process_time()
    report = facts([name])
    assert time.process_time() - start < MOST_SECONDS
    return report


@pytest.mark.parametrize(
    "name",
    [
        "main.tf",
        "plan.json",
        "Dockerfile",
        "redis.service",
        "group_vars/redis.yml",
        "values.yaml",
        "redis.conf.j2",
    ],
)
def test_links_in_a_circle_and_pipes(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search passes by them; one that is named is one line of error."""
    (tmp_path / ".git").mkdir()
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    os.symlink(path.name, path)
    monkeypatch.chdir(tmp_path)
    assert check().targets == ()
    (error,) = check([name]).errors
    assert "\n" not in error.message
    path.unlink()
    os.mkfifo(path)
    assert check().targets == ()
    (error,) = check([name]).errors
    assert "expected a regular file" in error.message
