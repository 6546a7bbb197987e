from __future__ import annotations

from tests.sources.iac.conftest import Make

CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: redis-config}
data:
  redis.conf: |
    # the queue
    appendonly yes
    save ""
"""

WORKLOAD = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: queue}
spec:
  template:
    spec:
      containers:
        - name: redis
          image: redis:7.2
          command: ["redis-server", "/conf/redis.conf"]
          args: ["--requirepass", "$(PASS)", "--port", "$(PORT)", "--pidfile", "/$$(x)"]
          env:
            - {name: PASS, valueFrom: {secretKeyRef: {name: s, key: k}}}
            - {name: PORT, value: "7000"}
          resources: {limits: {memory: 1Gi}}
          volumeMounts:
            - {name: conf, mountPath: /conf}
            - {name: data, mountPath: /data}
        - name: exporter
          image: oliver006/redis_exporter
      volumes:
        - {name: conf, configMap: {name: redis-config}}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {resources: {requests: {storage: 5Gi}}}
"""


def test_a_workload_and_its_config_map_in_two_files(repository: Make) -> None:
    found = repository({"k8s/a.yaml": WORKLOAD, "k8s/b.yaml": CONFIG})
    assert [t.id for t in found.report.targets] == ["k8s/a.yaml#StatefulSet/queue/redis"]
    assert found.settings("StatefulSet/queue/redis") == [
        ("appendonly", "yes"),
        ("save", ""),
        ("requirepass", "?"),
        ("port", "7000"),
        ("pidfile", "/$(x)"),
    ]
    assert found.spanned("StatefulSet/queue/redis")[:4] == [
        ("appendonly", "yes"),
        ("save", '""'),
        ("requirepass", "$(PASS)"),
        ("port", "$(PORT)"),
    ]
    target = found.target("StatefulSet/queue/redis")
    assert target.facts["host.cgroup_memory_max"].value == 1 << 30
    assert target.facts["disk.volatile"].value is False
    assert target.facts["disk.total"].value == 5 << 30


def test_a_config_map_alone(repository: Make) -> None:
    found = repository({"b.yaml": CONFIG})
    assert found.spanned("ConfigMap/redis-config/redis.conf") == [
        ("appendonly", "yes"),
        ("save", '""'),
    ]


def test_a_list_and_an_empty_dir(repository: Make) -> None:
    text = (
        "apiVersion: v1\nkind: List\nitems:\n"
        "- apiVersion: v1\n  kind: Pod\n  metadata: {name: p}\n  spec:\n"
        "    containers:\n    - name: c\n      image: valkey/valkey:8.1\n"
        "      args: [--appendonly, 'yes']\n"
        "      volumeMounts: [{name: d, mountPath: /data}]\n"
        "    volumes: [{name: d, emptyDir: {sizeLimit: 100Mi}}]\n"
    )
    found = repository({"list.yaml": text})
    assert found.settings("Pod/p/c") == [("appendonly", "yes")]
    facts = found.target("Pod/p/c").facts
    assert facts["disk.volatile"].value is True
    assert facts["disk.total"].value == 100 << 20


def test_a_script_that_copies_the_configuration(repository: Make) -> None:
    text = WORKLOAD.replace(
        '["redis-server", "/conf/redis.conf"]',
        '[sh, -c, "cp /conf/redis.conf /data/ && redis-server /data/redis.conf --port 1"]',
    ).replace('          args: ["--req', '          workingDir: /\n          xargs: ["--req')
    found = repository({"a.yaml": text + "---\n" + CONFIG})
    assert found.settings("StatefulSet/queue/redis") == [
        ("appendonly", "yes"),
        ("save", ""),
        ("port", "1"),
    ]
    assert "script" in found.target("StatefulSet/queue/redis").unknown["config"]


def test_a_secret_is_not_read(repository: Make) -> None:
    text = CONFIG.replace("ConfigMap", "Secret").replace("data:", "stringData:")
    assert repository({"secret.yaml": text}).report.targets == ()


def test_yaml_of_others_is_passed_over(repository: Make) -> None:
    found = repository(
        {
            "values.yaml": "redis:\n  enabled: true\n",
            "broken.yaml": "apiVersion: v1\nkind: Pod\nredis: [\n",
            "chart.yaml": "apiVersion: v1\nkind: Pod\n{{- if .Values.redis }}\nimage: redis:7\n",
        }
    )
    assert found.report.targets == ()
    assert found.report.errors == ()


def test_ours_that_cannot_be_read_is_an_error(repository: Make) -> None:
    found = repository({"pod.yaml": "apiVersion: v1\nkind: Pod\nspec:\n  image: redis:7\n x: [\n"})
    assert [(e.target, e.stage) for e in found.report.errors] == [("pod.yaml", "read")]
    assert "line 5" in found.report.errors[0].message


def test_a_manifest_that_is_filled_in_first(repository: Make) -> None:
    text = WORKLOAD.replace('"--port", "$(PORT)"', '"--port", "${redis_port}"')
    found = repository({"k8s/queue.yml.tpl": text, "k8s/config.yaml": CONFIG})
    settings = found.settings("StatefulSet/queue/redis")
    assert ("port", "?") in settings
    assert ("appendonly", "yes") in settings
