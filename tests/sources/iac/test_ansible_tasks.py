"""Tasks of Ansible that write a configuration, Sentinel's variables, and an empty redis_save."""

from __future__ import annotations

import pytest

from redislint.audit.run import check
from tests.sources.iac.conftest import Make

TASKS = """\
- hosts: redis
  tasks:
    - ansible.builtin.lineinfile:
        path: /etc/redis/redis.conf
        line: maxmemory 2gb
    - lineinfile:
        dest: /etc/redis/redis.conf
        regexp: "{{ item.re }}"
        line: "{{ item.line }}"
      with_items:
        - {re: ^bind, line: bind 0.0.0.0}
        - {re: ^requirepass, line: 'requirepass hunter2hunter2'}
    - block:
        - blockinfile:
            path: /etc/redis/redis.conf
            block: |
              maxmemory-policy {{ policy }}
              appendonly yes
    - lineinfile: {path: /etc/redis/redis.conf, line: port 1, state: absent}
    - lineinfile: {path: /etc/nginx/nginx.conf, line: timeout 5}
"""
FILE = "/etc/redis/redis.conf"


def test_lines_and_blocks_of_one_file_are_one_server(repository: Make) -> None:
    found = repository({"site.yml": TASKS})
    assert [t.id for t in found.report.targets] == [f"site.yml#{FILE}"]
    assert found.spanned(FILE) == [
        ("maxmemory", "2gb"),
        ("bind", "0.0.0.0"),
        ("requirepass", "hunter2hunter2"),
        ("maxmemory-policy", "{{ policy }}"),
        ("appendonly", "yes"),
    ]
    assert found.settings(FILE)[3] == ("maxmemory-policy", "?")
    assert "hunter2" not in repr(found.report)
    assert found.target(FILE).unknown["config"] == "the tasks edit a file that holds more"


def test_a_whole_file_is_known_in_whole(repository: Make) -> None:
    text = (
        "- copy:\n    dest: /etc/redis/sentinel.conf\n    content: |\n      port 26379\n"
        "      sentinel monitor main 10.0.0.1 6379 2\n"
        "- ansible.builtin.copy:\n    dest: /etc/valkey/valkey.conf\n    content: |\n"
        "      appendonly yes\n"
    )
    found = repository({"roles/cache/tasks/main.yml": text})
    assert found.settings("/etc/redis/sentinel.conf") == [
        ("port", "26379"),
        ("sentinel monitor", "main 10.0.0.1 6379 2"),
    ]
    valkey = found.target("/etc/valkey/valkey.conf")
    assert valkey.facts["persistence.aof"].value is True
    assert valkey.facts["exposure.no_password"].value is True
    assert valkey.server is not None
    assert valkey.server.engine == "valkey"


def test_what_a_task_sets_at_run_time(repository: Make) -> None:
    text = (
        "- community.general.redis:\n    command: config\n    name: maxmemory\n    value: 4gb\n"
        "- community.general.redis: {command: flush}\n"
    )
    found = repository({"play.yml": text})
    assert found.spanned("[0]") == [("maxmemory", "4gb")]


@pytest.mark.parametrize(
    "text",
    [
        "- copy: {dest: /etc/redis/redis.conf, src: redis.conf}\n",
        "- lineinfile: {path: /etc/redis/redis.conf, line: hello world}\n",
        "- lineinfile: path=/etc/redis/redis.conf line=x\n",
        "- lineinfile: {path: /etc/redis/redis.conf}\n",
        "- lineinfile: [1]\n  blockinfile: {path: [], block: {}}\n",
    ],
)
def test_tasks_that_write_no_configuration(repository: Make, text: str) -> None:
    found = repository({"redis.yml": text})
    assert found.report.targets == ()
    assert found.report.errors == ()


def test_variables_of_a_sentinel(repository: Make) -> None:
    text = (
        "redis_sentinel_port: 26379\nredis_sentinel_monitors:\n"
        "  - name: main\n    host: 10.0.0.1\n    port: 6379\n    quorum: 2\n"
        "    auth_pass: hunter2hunter2\n    down_after_milliseconds: 5000\n"
        "    failover_timeout: '{{ timeout }}'\n  - name: incomplete\nredis_port: 6379\n"
        "redis_maxmemory: 1gb\n"
    )
    found = repository({"group_vars/all.yml": text})
    assert found.settings("vars.sentinel") == [
        ("port", "26379"),
        ("sentinel monitor", "main 10.0.0.1 6379 2"),
        ("sentinel auth-pass", "[redacted]"),
        ("sentinel down-after-milliseconds", "main 5000"),
        ("sentinel failover-timeout", "?"),
    ]
    assert [name for name, _ in found.settings("vars")] == ["port", "maxmemory"]
    assert "hunter2" not in repr(found.report)


@pytest.mark.parametrize("empty", ["[]", '""'])
def test_an_empty_list_of_save_points_leaves_the_built_in_ones(
    repository: Make, empty: str
) -> None:
    found = repository({"host_vars/a.yml": f"redis_version: '7.2'\nredis_save: {empty}\n"})
    facts = found.target("vars").facts
    assert [p["seconds"] for p in facts["persistence.save_points"].value] == [3600, 300, 60]
    assert "memory.dataset_bound" not in facts
    [finding] = check(select=["RL205"], profile="strict").findings
    assert finding.span is not None
    assert (finding.span.line, finding.span.column) == (2, 13)


def test_save_points_that_are_given_elsewhere_in_the_file(repository: Make) -> None:
    text = "redis_save: []\nredis_extra_config: |\n  save 60 1\n"
    found = repository({"host_vars/a.yml": text})
    points = found.target("vars").facts["persistence.save_points"].value
    assert points == [{"seconds": 60, "changes": 1}]


def test_a_list_that_is_null_says_nothing(repository: Make) -> None:
    found = repository({"host_vars/a.yml": "redis_save:\nredis_maxmemory: 1gb\n"})
    assert "persistence.save_points" not in found.target("vars").facts
