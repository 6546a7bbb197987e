"""Ansible's variables: which settings they come to, where, and what Jinja makes of them."""

from __future__ import annotations

import pytest

from redislint.audit.run import check
from redislint.model import REDACTED
from tests.sources.iac.conftest import Make

ROLE = """\
---
# é
redis_port: 6379
redis_bind_interface: 127.0.0.1
redis_version: 6.2.6
redis_rdbcompression: "no"
redis_save:
  - 900 1
  - "300 10"
redis_maxmemory: "{{ mem }}mb"
redis_maxmemory_policy: 'noeviction'
redis_requirepass: !vault |
  $ANSIBLE_VAULT;1.1;AES256
  30313233
redis_disabled_commands: [FLUSHALL]
redis_conf_path: /etc/redis/redis.conf
redis_extra_config: |
  latency-monitor-threshold 100
  hz {{ hz }}
"""
DEFAULTS = "roles/cache/defaults/main.yml"


def test_variables_of_a_role(repository: Make) -> None:
    found = repository({DEFAULTS: ROLE})
    assert found.settings("vars") == [
        ("port", "6379"),
        ("bind", "127.0.0.1"),
        ("rdbcompression", "no"),
        ("save", "900 1"),
        ("save", "300 10"),
        ("maxmemory", "?"),
        ("maxmemory-policy", "noeviction"),
        ("requirepass", "?"),
        ("rename-command", "FLUSHALL "),
        ("latency-monitor-threshold", "100"),
        ("hz", "?"),
    ]
    assert [text for _, text in found.spanned("vars")] == [
        "6379",
        "127.0.0.1",
        "no",
        "900 1",
        "300 10",
        "{{ mem }}mb",
        "noeviction",
        "!vault |",
        "FLUSHALL",
        "100",
        "{{ hz }}",
    ]
    assert str(found.target("vars").server) == "redis-6.2.6"
    assert "30313233" not in repr(found.report)


def test_what_the_role_may_add_is_unknown(repository: Make) -> None:
    found = repository({DEFAULTS: ROLE})
    why = found.target("vars").unknown["config"]
    assert why == "the role's templates and other variables may set more"


@pytest.mark.parametrize(
    "path",
    [
        "group_vars/redis.yml",
        "group_vars/all/cache.yaml",
        "host_vars/one.yml",
        "roles/x/vars/main.yml",
    ],
)
def test_where_variables_stand(repository: Make, path: str) -> None:
    found = repository({path: "redis_maxmemory_policy: allkeys-lru\n"})
    assert [t.id for t in found.report.targets] == [f"{path}#vars"]


def test_plays_roles_and_tasks(repository: Make) -> None:
    text = """\
- hosts: all
  vars:
    redis_password: topsecret2
    redis_maxmemory_policy: allkeys-lru
  roles:
    - role: geerlingguy.redis
      vars: { redis_timeout: 300, redis_hz: 5 }
    - { role: DavidWittman.redis, redis_maxclients: 10 }
  tasks:
    - block:
        - include_role: { name: x }
          vars: { redis_tcp_keepalive: 1:30, redis_databases: 016, redis_hz: 1_0 }
"""
    found = repository({"site.yml": text})
    assert found.settings("[0].vars") == [
        ("requirepass", REDACTED),
        ("maxmemory-policy", "allkeys-lru"),
    ]
    assert found.settings("[0].roles[0].vars") == [("timeout", "300"), ("hz", "5")]
    assert found.settings("[0].roles[1]") == [("maxclients", "10")]
    name = "[0].tasks[0].block[0].vars"
    assert found.settings(name) == [("tcp-keepalive", "90"), ("databases", "14"), ("hz", "10")]
    assert dict(found.spanned(name))["tcp-keepalive"] == "1:30"
    assert "topsecret2" not in repr(found.report)


def test_what_an_application_calls_its_own_is_no_server(repository: Make) -> None:
    text = "redis_host: cache\nredis_port: 6379\nredis_password: topsecret1\n"
    found = repository({"group_vars/app.yml": text, "config/settings.yml": text})
    assert not found.report.targets


def test_a_plain_yes_comes_out_as_true(repository: Make) -> None:
    found = repository({DEFAULTS: 'redis_appendonly: yes\nredis_protected_mode: "yes"\n'})
    report = check([found.path])
    (finding,) = [f for f in report.findings if f.rule == "RL105"]
    assert "'True'" in finding.message
    assert finding.span is not None
    assert (finding.span.line, finding.span.column, finding.span.end_column) == (1, 19, 22)


def test_a_switch_of_a_role_is_not_guessed(repository: Make) -> None:
    found = repository({DEFAULTS: "redis_cluster_enabled: yes\nredis_maxmemory: false\n"})
    assert found.settings("vars") == [("cluster-enabled", "?"), ("maxmemory", "?")]


def test_values_that_roles_leave_out(repository: Make) -> None:
    text = "redis_save: []\nredis_logfile: ''\nredis_maxmemory:\nredis_hz: 10\n"
    assert repository({DEFAULTS: text}).settings("vars") == [("hz", "10")]


def test_an_empty_list_of_save_points_disables_none(repository: Make) -> None:
    empty = repository({DEFAULTS: "redis_save: []\nredis_appendonly: 'no'\n"}).target("vars")
    assert empty.facts["persistence.mode"].value == "rdb"  # the built-in ones
    assert "may set more" in empty.unknown["config"]


def test_an_explicit_empty_save_disables_snapshots(repository: Make) -> None:
    text = "redis_save: ['\"\"']\nredis_appendonly: 'no'\n"
    found = repository({DEFAULTS: text})
    assert found.target("vars").facts["persistence.mode"].value == "none"


def test_both_branches_in_a_text_count(repository: Make) -> None:
    text = """\
redis_config_additional: |
  {% if big %}
  hz 10
  {% else %}
  hz 20
  {% endif %}
  timeout {{ t }}
"""
    found = repository({DEFAULTS: text})
    assert found.settings("vars") == [("hz", "10"), ("hz", "20"), ("timeout", "?")]
    assert [one for _, one in found.spanned("vars")] == ["10", "20", "{{ t }}"]


def test_a_pragma_in_a_comment(repository: Make) -> None:
    waiver = "# redislint: disable-next-line=RL105 reason=old owner=me until=2099-01-01\n"
    found = repository({DEFAULTS: waiver + "redis_appendonly: yes\n"})
    (finding,) = [f for f in check([found.path]).findings if f.rule == "RL105"]
    assert finding.waiver is not None


@pytest.mark.parametrize(
    "text",
    [
        "- &a\n  hosts: x\n  block: [*a, *a]\n  vars: {redis_hz: 10}\n",
        "redis_hz: {{ hz }}\nredis_save: [[1]]\n",
        "redis_hz: '{{ never'\nredis_save: !vault x\n",
        "redis_databases: 0" + "7" * 5000 + "\n",
    ],
)
def test_hostile_files_are_bounded(repository: Make, text: str) -> None:
    report = repository({DEFAULTS: text}).report
    assert not report.errors
