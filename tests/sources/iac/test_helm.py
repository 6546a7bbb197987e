from __future__ import annotations

import json

from redislint.audit.run import check
from tests.sources.iac.conftest import Make

BITNAMI = """\
shop:
  cache:  # an alias of the redis chart
    image: {repository: bitnami/redis, tag: 7.2.4-debian-12}
    auth: {enabled: true, password: "hunter2secret"}
    commonConfiguration: |-
      appendonly yes
      maxmemory {{ .Values.memory }}
    master:
      disableCommands: [FLUSHALL]
      extraFlags:
        - "--maxmemory-policy volatile-ttl"
      persistence: {enabled: true, size: 8Gi}
      resources: {limits: {memory: 1Gi}}
    replica:
      disableCommands: [FLUSHALL]
      configuration: |
        replica-read-only yes
"""


def test_values_of_a_sub_chart(repository: Make) -> None:
    found = repository({"deploy/prod.yaml": BITNAMI})
    assert [t.id.partition("#")[2] for t in found.report.targets] == [
        "shop.cache.master",
        "shop.cache.replica",
    ]
    assert found.settings("shop.cache.master") == [
        ("appendonly", "yes"),
        ("maxmemory", "?"),
        ("rename-command", "FLUSHALL "),
        ("requirepass", "[redacted]"),
        ("maxmemory-policy", "volatile-ttl"),
    ]
    assert found.spanned("shop.cache.master") == [
        ("appendonly", "yes"),
        ("maxmemory", "{{ .Values.memory }}"),
        ("rename-command", "FLUSHALL"),
        ("requirepass", "hunter2secret"),
        ("maxmemory-policy", "volatile-ttl"),
    ]
    assert found.spanned("shop.cache.replica") == [
        ("appendonly", "yes"),
        ("maxmemory", "{{ .Values.memory }}"),
        ("replica-read-only", "yes"),
        ("rename-command", "FLUSHALL"),
        ("requirepass", "hunter2secret"),
    ]
    target = found.target("shop.cache.master")
    assert str(target.server) == "redis-7.2.4"
    assert target.facts["host.cgroup_memory_max"].value == 1 << 30
    assert target.facts["disk.total"].value == 8 << 30
    assert target.facts["disk.volatile"].value is False
    assert "templates" in target.unknown["config"]
    assert "hunter2secret" not in json.dumps(repr(found.report))


HA = """\
redis-ha:
  redis:
    config:
      save: ["900 1", '300 10']
      maxmemory-policy: noeviction
  sentinel:
    config: {maxclients: 100}
"""


def test_a_map_of_directives(repository: Make) -> None:
    found = repository({"values.yaml": HA})
    assert found.spanned("redis-ha.redis") == [
        ("save", "900 1"),
        ("save", "300 10"),
        ("maxmemory-policy", "noeviction"),
    ]
    assert found.spanned("redis-ha.sentinel") == [("maxclients", "100")]


def test_a_text_of_its_own_takes_the_place_of_the_map(repository: Make) -> None:
    text = HA.replace("  sentinel:", "    customConfig: |\n      appendonly no\n  sentinel:")
    found = repository({"values.yaml": text})
    assert found.spanned("redis-ha.redis") == [("appendonly", "no")]
    unused = found.target("redis-ha.redis.config").settings
    assert [(s.name, s.effective, s.known) for s in unused] == [
        ("save", False, True),
        ("save", False, True),
        ("maxmemory-policy", False, True),
    ]


def test_a_chart_that_is_switched_off_is_listed_and_has_no_findings(repository: Make) -> None:
    text = (
        "redis:\n  enabled: {}\n  commonConfiguration: |\n    appendfsync no\n    port 99999999\n"
    )
    found = repository({"values.yaml": text.format("false")})
    assert [(s.name, s.effective) for s in found.target("redis").settings] == [
        ("appendfsync", False),
    ]
    assert found.target("redis").unknown["config"].endswith("turns it off")
    report = check(["values.yaml"], server="redis-7.2")
    assert [f.rule for f in report.findings] == []


def test_a_configuration_under_any_key(repository: Make) -> None:
    text = (
        "externalConfig:\n  enabled: true\n  data: |\n    tcp-keepalive 400\n"
        "    maxmemory-policy noeviction\n    stop-writes-on-bgsave-error no\nredis: {}\n"
    )
    found = repository({"values.yaml": text})
    assert found.spanned("externalConfig.data")[0] == ("tcp-keepalive", "400")


def test_values_of_other_charts_are_no_targets(repository: Make) -> None:
    postgres = (
        "primary: {persistence: {size: 8Gi}, configuration: 'port = 1'}\nredis: {enabled: 1}\n"
    )
    clients = "externalRedis: {host: a, password: b}\nredis: {host: c, port: 6379}\n"
    found = repository({"a/values.yaml": postgres, "b/values.yaml": clients})
    assert found.report.targets == ()
    assert found.report.errors == ()
