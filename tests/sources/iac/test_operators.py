from __future__ import annotations

from tests.sources.iac.conftest import Make

CLUSTER = """\
apiVersion: redis.redis.opstreelabs.in/v1beta2
kind: RedisCluster
metadata: {name: shop}
spec:
  persistenceEnabled: true
  kubernetesConfig:
    image: quay.io/opstree/redis:v7.0.12
    resources: {limits: {memory: 1000Mi}}
  redisConfig:
    maxMemoryPercentOfLimit: 80
    dynamicConfig:
      - "slowlog-log-slower-than 5000"
  redisLeader: {redisConfig: {additionalRedisConfig: extra}}
  redisFollower: {redisConfig: {additionalRedisConfig: extra}}
  storage:
    volumeClaimTemplate: {spec: {resources: {requests: {storage: 1Gi}}}}
"""

EXTRA = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: extra}
data:
  redis-additional.conf: |
    tcp-keepalive 400
    maxmemory-policy noeviction
"""


def test_a_cluster_and_the_config_map_that_it_names(repository: Make) -> None:
    found = repository({"a.yaml": CLUSTER, "b.yaml": EXTRA})
    assert [t.id for t in found.report.targets] == ["a.yaml#RedisCluster/shop"]
    assert found.settings("RedisCluster/shop") == [
        ("maxmemory", str(800 << 20)),
        ("slowlog-log-slower-than", "5000"),
        ("tcp-keepalive", "400"),
        ("maxmemory-policy", "noeviction"),
    ]
    target = found.target("RedisCluster/shop")
    assert str(target.server) == "redis-7.0.12"
    assert target.facts["host.cgroup_memory_max"].value == 1000 << 20
    assert target.facts["disk.total"].value == 1 << 30
    assert "operator" in target.unknown["config"]


def test_a_config_map_that_is_not_there_is_said(repository: Make) -> None:
    found = repository({"a.yaml": CLUSTER})
    assert "extra" in found.target("RedisCluster/shop").unknown["config"]


FAILOVER = """\
apiVersion: databases.spotahome.com/v1
kind: RedisFailover
metadata: {name: f}
spec:
  redis:
    image: redis:6.2
    command: [redis-server, /redis/redis.conf, --protected-mode, "no"]
    customConfig:
      - "maxclients 100"
      - "save 900 1"
    customCommandRenames:
      - {from: FLUSHALL, to: ""}
  sentinel:
    customConfig: ["maxclients 50"]
"""


def test_a_failover(repository: Make) -> None:
    found = repository({"f.yaml": FAILOVER.replace('"maxclients 50"', "")})
    assert found.spanned("RedisFailover/f/redis") == [
        ("maxclients", "100"),
        ("save", "900 1"),
        ("rename-command", 'FLUSHALL, to: ""'),
        ("protected-mode", "no"),
    ]
    assert found.target("RedisFailover/f/redis").facts["disk.volatile"].value is True


WORKLOAD = """\
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
    - name: c
      image: redis:7.2
      command: [redis-server, /conf/redis.conf]
      volumeMounts: [{name: conf, mountPath: /conf}]
  volumes: [{name: conf, configMap: {name: made}}]
"""


def test_a_config_map_that_kustomize_generates(repository: Make) -> None:
    files = "configMapGenerator:\n  - name: made\n    files: [redis.conf=conf/cache]\n"
    found = repository(
        {"kustomization.yaml": f"# redis\n{files}", "conf/cache": "port 7\n", "p.yaml": WORKLOAD}
    )
    assert found.settings("Pod/p/c") == [("port", "7")]
    assert found.target("Pod/p/c").settings[0].span.path == "conf/cache"  # type: ignore[union-attr]


def test_a_literal_that_kustomize_generates(repository: Make) -> None:
    files = "configMapGenerator:\n  - name: made\n    literals: ['redis.conf=port 8']\n"
    found = repository({"kustomization.yaml": f"# redis\n{files}", "p.yaml": WORKLOAD})
    assert found.spanned("Pod/p/c") == [("port", "8")]


def test_the_values_of_a_release(repository: Make) -> None:
    text = (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: r}\n"
        "spec:\n  chart: {spec: {chart: redis}}\n  values:\n"
        "    commonConfiguration: |\n      appendonly no\n"
    )
    found = repository({"r.yaml": text})
    assert found.spanned("HelmRelease/r/redis") == [("appendonly", "no")]
