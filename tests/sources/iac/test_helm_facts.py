"""What values of charts say beside the configuration, and where: access, memory, volumes."""

from __future__ import annotations

from typing import Any

import pytest

from redislint.audit.run import check
from tests.sources.iac.conftest import Make, Repository


def known(found: Repository, name: str) -> dict[str, Any]:
    return {path: fact.value for path, fact in found.target(name).facts.items()}


def chart(*lines: str) -> dict[str, str]:
    body = "\n".join(f"  {line}" for line in lines)
    return {"values.yaml": f"redis:\n  architecture: standalone\n{body}\n"}


@pytest.mark.parametrize(
    ("lines", "level", "open_"),
    [
        (["auth: {enabled: false}"], "open", True),
        (["usePassword: false"], "open", True),
        (["auth: {enabled: false}", "tls: {enabled: true}"], "auth-tls", True),
        (["auth: {enabled: false}", "tls: {enabled: true, authClients: false}"], "open", True),
        (["auth: {enabled: true}", "tls: {enabled: true}"], "auth-tls", False),
        (["auth: {enabled: true}", "tls: {enabled: false}"], "auth-plain", False),
        (["auth: {enabled: true}"], None, False),
        (["auth: {enabled: '{{ .Values.auth }}'}"], None, None),
        (["auth: {enabled: false}", "commonConfiguration: requirepass abcdefgh"], None, None),
        (["auth: {sentinel: false}"], None, None),
    ],
)
def test_who_may_log_in(
    repository: Make, lines: list[str], level: str | None, open_: bool | None
) -> None:
    told = known(repository(chart(*lines)), "redis")
    assert told.get("exposure.level") == level
    assert told.get("exposure.no_password") == open_


def test_the_finding_stands_at_the_switch(repository: Make) -> None:
    repository(chart("auth:", "  enabled: false"))
    [finding] = check(select=["RL401"], server="redis-7.2").findings
    assert finding.span is not None
    assert (finding.span.line, finding.span.column) == (4, 14)


def test_memory_and_volumes(repository: Make) -> None:
    found = repository(
        chart(
            "master:",
            "  persistence: {enabled: true, size: 8Gi}",
            "  resources: {limits: {memory: 1Gi}}",
            "  extraFlags: [--maxmemory 900mb]",
        )
    )
    told = known(found, "redis.master")
    assert told["host.cgroup_memory_max"] == 1 << 30
    assert told["disk.total"] == 8 << 30
    assert told["disk.volatile"] is False


def test_a_volume_in_memory_is_none(repository: Make) -> None:
    lines = (
        "master:",
        "  extraFlags: [--port 1]",
        "  persistence: {enabled: true, medium: Memory}",
    )
    assert known(repository(chart(*lines)), "redis.master")["disk.volatile"] is True


CHART = """\
apiVersion: v2
name: shop
dependencies:
  - name: redis
    alias: sessions
    repository: https://charts.bitnami.com/bitnami
  - name: postgresql
    alias: redis-like
"""


def test_a_dependency_is_known_by_its_alias(repository: Make) -> None:
    values = "sessions:\n  auth:\n    password: hunter2hunter2\n"
    found = repository({"Chart.yaml": CHART, "values.yaml": values + "redis_note: x\n"})
    assert [name for name, _ in found.settings("sessions")] == ["requirepass"]
    assert "hunter2" not in repr(found.report)


@pytest.mark.parametrize("broken", ["a: [", "dependencies: redis", "- name: redis"])
def test_a_chart_that_says_nothing_is_passed_over(repository: Make, broken: str) -> None:
    values = "redis_note: x\nsessions: {auth: {password: hunter2}}\n"
    found = repository({"Chart.yaml": broken, "values.yaml": values})
    assert found.report.targets == ()


def test_values_are_no_variables_of_ansible(repository: Make) -> None:
    values = "redis_maxmemory: 1gb\nredis: {commonConfiguration: 'maxmemory 2gb'}\n"
    found = repository({"group_vars/values.yaml": values, "group_vars/all.yml": values})
    assert [(t.id, t.facts["target.kind"].value) for t in found.report.targets] == [
        ("group_vars/all.yml#vars", "ansible"),
        ("group_vars/values.yaml#redis", "helm"),
    ]


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("Application", "spec:\n  source:\n    chart: redis\n    helm:\n      values: |\n"),
        ("HelmChart", "spec:\n  chart: redis\n  valuesContent: |-\n"),
    ],
)
def test_values_of_a_release_as_a_text(repository: Make, kind: str, path: str) -> None:
    text = (
        f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: cache}}\n{path}"
        "        architecture: standalone\n        auth:\n          enabled: false\n"
        "        commonConfiguration: |\n          maxmemory 1gb\n          hz {{ .hz }}\n"
        "        master:\n          extraFlags: ['--timeout 700']\n"
    )
    found = repository({"release.yaml": text})
    name = f"{kind}/cache/redis.master"
    assert found.spanned(name) == [("maxmemory", "1gb"), ("hz", "{{ .hz }}"), ("timeout", "700")]
    [finding] = check(select=["RL401"], server="redis-7.2").findings
    assert finding.span is not None
    line = text.split("\n")[finding.span.line - 1]
    assert line[finding.span.column - 1 :] == "false"
