"""Who reaches a container: published ports, Services, and the guard that images leave out."""

from __future__ import annotations

from pathlib import Path

import pytest

from redislint.audit import check

COMPOSE = "services:\n  cache:\n    image: {image}\n    command: redis-server {options}\n{more}"


def found(folder: Path, text: str, rule: str = "RL401") -> list[tuple[str, int]]:
    """Severity and line of the findings of a rule in a host file."""
    path = folder / ("compose.yml" if text.startswith("services") else "all.yaml")
    path.write_text(text)
    report = check([folder], select=[rule])
    assert not report.errors
    return [(f.severity.value, f.span.line) for f in report.findings if f.span]


@pytest.mark.parametrize(
    ("image", "options", "more", "expected"),
    [
        ("redis:7.2", "--appendonly yes", "    ports: ['6379:6379']\n", [("error", 3)]),
        ("redis:7.2", "--appendonly yes", "    network_mode: host\n", [("error", 3)]),
        ("redis:7.2", "--appendonly yes", "", []),
        ("redis:7.2", "--appendonly yes", "    ports: ['127.0.0.1:6379:6379']\n", []),
        ("redis:7.2", "--appendonly yes", "    expose: ['6379']\n", []),
        ("redis:7.2", "--requirepass Aiw8ooph4ahT", "    ports: ['6379:6379']\n", []),
        ("redis:7.2", "--protected-mode yes", "    ports: ['6379:6379']\n", []),
        ("valkey/valkey:8.0", "--appendonly yes", "    ports: ['6379:6379']\n", [("error", 3)]),
        ("example.com/own/redis:7.2", "--save 60 1", "    ports: ['6379:6379']\n", []),
    ],
)
def test_compose(
    tmp_path: Path, image: str, options: str, more: str, expected: list[tuple[str, int]]
) -> None:
    text = COMPOSE.format(image=image, options=options, more=more)
    assert found(tmp_path, text) == expected


def test_a_port_that_nobody_knows_is_not_taken_for_a_closed_one(tmp_path: Path) -> None:
    text = COMPOSE.format(image="redis:7.2", options="--save 60 1", more="    ports: ['${IT}']\n")
    assert found(tmp_path, text) == [("error", 3)]


def test_a_service_leads_to_the_pods_that_it_selects(tmp_path: Path) -> None:
    text = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: cache}
spec:
  template:
    metadata: {labels: {app: cache, tier: data}}
    spec:
      containers:
      - name: redis
        image: redis:7.2
---
apiVersion: v1
kind: Service
metadata: {name: cache}
spec:
  type: %s
  selector: {app: %s}
  ports: [{port: 6379, nodePort: 30079}]
"""
    from redislint.audit.facts import facts

    cases = {
        ("NodePort", "cache"): ["*:30079"],
        ("LoadBalancer", "cache"): ["*:6379"],
        ("ClusterIP", "cache"): None,
        ("NodePort", "other"): None,
    }
    for (kind, name), expected in cases.items():
        (tmp_path / "all.yaml").write_text(text % (kind, name))
        (target,) = facts([tmp_path]).targets
        told = target.facts.get("container.published")
        assert (told.value if told else None) == expected
    assert found(tmp_path, text % ("NodePort", "cache")) == [("error", 10)]
