"""Who may log in to what operators make, as their resources say."""

from __future__ import annotations

import pytest

from redislint.audit.run import check
from tests.sources.iac.conftest import Make

OPSTREE = """\
apiVersion: redis.redis.opstreelabs.in/v1beta2
kind: Redis
metadata: {name: cache}
spec:
  kubernetesConfig:
    image: quay.io/opstree/redis:v7.0.12
"""
SECRET = "    redisSecret: {name: a, key: b}\n"
FAILOVER = """\
apiVersion: databases.spotahome.com/v1
kind: RedisFailover
metadata: {name: cache}
spec:
  redis: {customConfig: [maxclients 100]}
"""
VALKEY = """\
apiVersion: hyperspike.io/v1
kind: Valkey
metadata: {name: cache}
spec:
"""


@pytest.mark.parametrize(
    ("text", "name", "open_", "level"),
    [
        (OPSTREE, "Redis/cache", True, "open"),
        (OPSTREE + SECRET, "Redis/cache", False, None),
        (OPSTREE + "  TLS: {}\n", "Redis/cache", True, None),
        (OPSTREE + "  redisConfig: {additionalRedisConfig: a}\n", "Redis/cache", None, None),
        (OPSTREE + "  redisConfig: {dynamicConfig: [bind x]}\n", "Redis/cache", None, None),
        (FAILOVER, "RedisFailover/cache/redis", True, "open"),
        (FAILOVER + "  auth: {secretPath: a}\n", "RedisFailover/cache/redis", False, None),
        (FAILOVER.replace("maxclients", "bind"), "RedisFailover/cache/redis", None, None),
        (VALKEY + "  anonymousAuth: true\n", "Valkey/cache", True, "open"),
        (VALKEY + "  anonymousAuth: true\n  tls: true\n", "Valkey/cache", True, None),
        (VALKEY + "  nodes: 3\n", "Valkey/cache", False, None),
        (VALKEY + "  anonymousAuth: '{{ x }}'\n", "Valkey/cache", None, None),
        (VALKEY.replace("spec:", "spec: {}"), "Valkey/cache", False, None),
        (FAILOVER.replace("{customConfig: [maxclients 100]}", "{}"),
         "RedisFailover/cache/redis", True, "open"),
    ],
)  # fmt: skip
def test_what_a_resource_says(
    repository: Make, text: str, name: str, open_: bool | None, level: str | None
) -> None:
    facts = repository({"redis.yaml": text}).target(name).facts
    told = {path: facts[path].value for path in facts if path.startswith("exposure.")}
    assert told.get("exposure.no_password") == open_
    assert told.get("exposure.level") == level


def test_the_finding_stands_at_the_resource(repository: Make) -> None:
    repository({"redis.yaml": VALKEY + "  nodes: 3\n  anonymousAuth: true\n"})
    [finding] = check(select=["RL401"]).findings
    assert finding.span is not None
    assert (finding.span.line, finding.span.column) == (6, 18)


def test_volume_and_memory_of_a_valkey(repository: Make) -> None:
    more = (
        "  resources: {limits: {memory: 1Gi}}\n"
        "  storage: {spec: {resources: {requests: {storage: 2Gi}}}}\n"
    )
    facts = repository({"valkey.yaml": VALKEY + more}).target("Valkey/cache").facts
    assert facts["host.cgroup_memory_max"].value == 1 << 30
    assert facts["disk.total"].value == 2 << 30
