from __future__ import annotations

from pathlib import Path

import pytest

from redislint.audit import check
from tests.sources.iac.conftest import Make

SERVICE = "services:\n  cache:\n    image: redis:7.2-alpine\n"


@pytest.mark.parametrize(
    "command",
    [
        "    command: redis-server --port 7000 --save 20 1\n",
        "    command: 'redis-server --port 7000 --save 20 1'\n",
        '    command: "redis-server --port 7000 --save 20 1"\n',
        '    command: ["redis-server", "--port", "7000", "--save", "20", "1"]\n',
        "    command: [redis-server, --port, '7000', --save 20 1]\n",
        "    command:\n      - redis-server\n      - --port\n      - 7000\n      - --save 20 1\n",
        "    command: --port 7000 --save 20 1\n",
        "    command: >\n      redis-server\n      --port 7000\n      --save 20 1\n",
        "    command: >-\n      redis-server --port 7000\n      --save 20 1\n",
        "    command: sh -c 'redis-server --port 7000 --save 20 1'\n",
        "    command: sh -c \"x && exec redis-server --port 7000 --save '20' 1 >/dev/null\"\n",
        "    command:\n      - /bin/sh\n      - -ec\n      - |\n        echo hello\n"
        "        exec redis-server \\\n          --port 7000 \\\n          --save 20 1\n",
        "    entrypoint: [redis-server]\n    command: [--port, '7000', --save, '20', '1']\n",
        "    entrypoint: docker-entrypoint.sh redis-server --port 7000\n    command: --save 20 1\n",
    ],
)
def test_every_form_of_a_command(repository: Make, command: str) -> None:
    found = repository({"compose.yml": SERVICE + command})
    assert found.settings("services.cache") == [("port", "7000"), ("save", "20 1")]
    spanned = dict(found.spanned("services.cache"))
    assert spanned["port"] == "7000"
    assert (spanned["save"][:2], spanned["save"][-1]) == ("20", "1")


def test_an_empty_word_is_a_value(repository: Make) -> None:
    command = '    command: ["redis-server", "--save", "", "--appendonly", "yes"]\n'
    found = repository({"compose.yml": SERVICE + command})
    assert found.settings("services.cache") == [("save", ""), ("appendonly", "yes")]


def test_values_stay_as_written(repository: Make) -> None:
    command = "    command:\n      - redis-server\n      - --appendonly\n      - yes\n"
    command += "      - --pidfile\n      - 1:30\n"
    found = repository({"compose.yml": SERVICE + command})
    assert found.settings("services.cache")[0] == ("appendonly", "yes")
    assert found.spanned("services.cache") == [("appendonly", "yes"), ("pidfile", "1:30")]


def test_variables(repository: Make) -> None:
    command = (
        "    command: redis-server --maxmemory ${MEM:-64mb} --requirepass ${PASS}"
        " --port $PORT --databases ${DBS:?set it} --pidfile /a$$b\n"
    )
    found = repository({"compose.yml": SERVICE + command})
    assert found.settings("services.cache") == [
        ("maxmemory", "67108864"),
        ("requirepass", "?"),
        ("port", "?"),
        ("databases", "?"),
        ("pidfile", "/a$b"),
    ]
    assert dict(found.spanned("services.cache"))["port"] == "$PORT"


def test_a_mounted_file_is_read_with_its_service(repository: Make) -> None:
    found = repository(
        {
            "deploy/compose.yml": SERVICE
            + "    command: redis-server /etc/redis/redis.conf --port 1\n"
            + "    volumes: ['./conf:/etc/redis:ro']\n",
            "deploy/conf/redis.conf": "appendonly yes\nport 2\n",
        }
    )
    target = found.target("services.cache")
    assert [(s.name, s.text, s.origin, s.effective) for s in target.settings] == [
        ("appendonly", "yes", "file", True),
        ("port", "2", "file", False),
        ("port", "1", "command-line", True),
    ]
    assert target.settings[0].span is not None
    assert target.settings[0].span.path == "deploy/conf/redis.conf"


def test_a_configs_entry_with_its_content(repository: Make) -> None:
    found = repository(
        {
            "compose.yml": SERVICE
            + "    command: redis-server /redis.conf\n"
            + "    configs: [{source: main, target: /redis.conf}]\n"
            + "configs:\n  main:\n    content: |\n      appendonly yes\n"
        }
    )
    assert found.spanned("services.cache") == [("appendonly", "yes")]


def test_a_file_from_elsewhere_leaves_the_rest_unknown(repository: Make) -> None:
    command = "    command: redis-server /etc/redis.conf --port 1\n"
    target = repository({"compose.yml": SERVICE + command}).target("services.cache")
    assert "not in this repository" in target.unknown["config"]
    assert "persistence.mode" not in target.facts


def test_a_mount_outside_of_the_repository_is_not_read(repository: Make) -> None:
    command = "    command: redis-server /c/passwd\n    volumes: ['../../../../etc:/c']\n"
    target = repository({"compose.yml": SERVICE + command}).target("services.cache")
    assert target.settings == ()
    assert "config" in target.unknown


def test_anchors_and_merges_stand_where_they_are_written(repository: Make) -> None:
    text = (
        "x-redis: &redis\n  image: redis:6.2\n  command: redis-server --port 7000\n"
        "services:\n  a:\n    <<: *redis\n  b:\n    <<: *redis\n    command: [--port, '8000']\n"
    )
    found = repository({"compose.yml": text})
    assert found.settings("services.a") == [("port", "7000")]
    assert found.settings("services.b") == [("port", "8000")]
    assert str(found.target("services.a").server) == "redis-6.2"
    span = found.target("services.a").settings[0].span
    assert span is not None
    assert span.line == 3


def test_surroundings_become_facts(repository: Make) -> None:
    text = SERVICE + (
        "    command: redis-server --maxmemory 256mb --appendonly yes\n"
        "    deploy: {resources: {limits: {memory: 512M}}}\n"
        "    tmpfs: /data\n    ports: ['6379:6379', '127.0.0.1:7000:7000']\n"
    )
    facts = repository({"compose.yml": text}).target("services.cache").facts
    assert facts["host.cgroup_memory_max"].value == 512 << 20
    assert facts["memory.maxmemory_share"].value == 0.5
    assert facts["disk.volatile"].value is True
    assert facts["container.published"].value == ["*:6379", "127.0.0.1:7000"]
    assert facts["target.on_host"].value is False


@pytest.mark.parametrize(
    ("image", "server"),
    [
        ("redis:7.2.4-alpine", "redis-7.2.4"),
        ("redis:7", "redis-7.4"),
        ("docker.io/library/redis:6.2@sha256:0123", "redis-6.2"),
        ("valkey/valkey:8.0-bookworm", "valkey-8.0"),
        ("localhost:5000/mirror/redis:7.0", "redis-7.0"),
        ("redis/redis-stack-server:7.2.0-v10", "redis-7.2.0"),
    ],
)
def test_the_image_names_the_server(repository: Make, image: str, server: str) -> None:
    text = f"services:\n  cache:\n    image: {image}\n"
    target = repository({"compose.yml": text}).target("services.cache")
    assert str(target.server) == server
    assert not target.assumed


@pytest.mark.parametrize("tag", ["2.0", "1.2.3", "99.1"])
def test_a_number_that_no_server_has_is_the_images_own(repository: Make, tag: str) -> None:
    text = f"services:\n  cache:\n    image: someone/redis:{tag}\n"
    found = repository({"compose.yml": text})
    assert found.report.errors == ()
    assert found.target("services.cache").assumed


@pytest.mark.parametrize(
    "image", ["redislabs/redisinsight", "oliver006/redis_exporter:v1", "postgres:16", "my/redis-ui"]
)
def test_other_images_are_no_servers(repository: Make, image: str) -> None:
    text = f"services:\n  x:\n    image: {image}\n    environment: [REDIS_URL=redis://redis]\n"
    assert repository({"compose.yml": text}).report.targets == ()


def test_variables_that_images_read(repository: Make) -> None:
    text = (
        "services:\n  a:\n    image: bitnami/redis:7.2\n    environment:\n"
        "      - REDIS_AOF_ENABLED=no\n      - REDIS_EXTRA_FLAGS=--maxmemory 64mb\n"
        "      - UNRELATED=--port 1\n"
        "  b:\n    image: valkey/valkey:8.0\n    environment: {VALKEY_EXTRA_FLAGS: '--port 7000'}\n"
        "  c:\n    image: redis:7.2\n    environment: {REDIS_ARGS: --port 7000}\n"
    )
    found = repository({"compose.yml": text})
    assert found.settings("services.a") == [("appendonly", "no"), ("maxmemory", "67108864")]
    assert "configuration file of its own" in found.target("services.a").unknown["config"]
    assert found.spanned("services.b") == [("port", "7000")]
    assert found.settings("services.c") == []


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ("{nofile: 4096}", 4096),
        ("{nofile: {soft: 1024, hard: 8192}}", 8192),
        ("{nofile: '${FILES:-2048}'}", 2048),
        ("{nofile: '${FILES}'}", None),
        ("{nproc: 100}", None),
    ],
)
def test_the_limit_of_open_files(repository: Make, limits: str, expected: int | None) -> None:
    text = SERVICE + f"    command: redis-server --port 1\n    ulimits: {limits}\n"
    found = repository({"compose.yml": text}).target("services.cache").facts
    told = found.get("host.open_files")
    assert (told.value if told else None) == expected


def test_a_limit_below_maxclients_is_found_in_the_command(tmp_path: Path) -> None:
    path = tmp_path / "compose.yml"
    path.write_text(
        SERVICE + "    command: redis-server --maxclients 20000\n    ulimits: {nofile: 4096}\n"
    )
    (found,) = check([path], select=["RL705"]).findings
    assert found.span is not None
    assert (found.span.line, found.span.column) == (4, 40)
