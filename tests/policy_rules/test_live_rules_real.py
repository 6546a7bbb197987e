"""A real server brought into bad states: raised while they last, gone after the repair."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from redislint.facts.workload import Workload
from redislint.policy.library import load_files
from tests.policy_rules.live_records import Recorded

pytestmark = pytest.mark.server


@pytest.fixture
def raised(root: Path, workloads: dict[str, Workload]) -> Callable[[Any], dict[str, str]]:
    """The live rules that a server raises now, with their severities."""
    names = ("persistence.live.yaml", "memory.live.yaml")
    rules = load_files([(name, (root / "policies" / name).read_bytes()) for name in names])
    recorded = Recorded(rules, workloads)

    def run(client: Any) -> dict[str, str]:
        info: dict[str, Any] = client.info("all")
        major, minor = str(info["redis_version"]).split(".")[:2]
        record = {
            "engine": "valkey" if "valkey_version" in info else "redis",
            "version": f"{major}.{minor}",
            "info": info,
            "config": client.config_get("*"),
            "refusal": "",
            "time": float(client.time()[0]),
            "later": {},
        }
        return {v.rule.id: v.severity.value for v in recorded.evaluate(record).violations}

    return run


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def client(redis_server: str, data: Path, tmp_path: Path) -> Iterator[redis.Redis]:
    socket = tmp_path / "s"
    options = ["--port", "0", "--unixsocket", str(socket), "--dir", str(data)]
    process = subprocess.Popen([redis_server, *options], stdout=subprocess.DEVNULL)
    connection = redis.Redis(unix_socket_path=str(socket), decode_responses=True)
    try:
        until(lambda: socket.exists() and connection.ping())
        connection.config_set("save", "3600 1")
        yield connection
    finally:
        connection.close()
        process.kill()
        process.wait()


def until(holds: Callable[[], Any], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            if holds():
                return
        except redis.RedisError:
            pass  # not there yet, or refuses everything meanwhile
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.02)


def saved(client: Any, status: str) -> None:
    client.execute_command("BGSAVE")
    until(
        lambda: (
            client.info("persistence")["rdb_last_bgsave_status"] == status
            and not client.info("persistence")["rdb_bgsave_in_progress"]
        )
    )


def test_a_failing_snapshot(
    client: Any, data: Path, raised: Callable[[Any], dict[str, str]]
) -> None:
    client.set("key", "value")
    assert "RL226" not in raised(client)
    shutil.rmtree(data)
    saved(client, "err")
    assert raised(client)["RL226"] == "error"
    with pytest.raises(redis.ResponseError, match="MISCONF"):
        client.set("key", "other")
    client.config_set("save", "")
    assert raised(client)["RL226"] == "warning"
    assert client.set("key", "other")
    data.mkdir()
    client.config_set("dir", str(data))
    client.config_set("save", "3600 1")
    saved(client, "ok")
    assert "RL226" not in raised(client)


def test_an_aof_that_is_never_rewritten(
    client: Any, raised: Callable[[Any], dict[str, str]]
) -> None:
    client.config_set("auto-aof-rewrite-percentage", 0)
    client.config_set("auto-aof-rewrite-min-size", 1024)
    client.config_set("appendonly", "yes")
    until(lambda: client.info("persistence")["aof_base_size"])
    for number in range(200):
        client.set("key", "x" * 100 + str(number))
    until(lambda: client.info("persistence")["aof_current_size"] > 20000)
    assert raised(client)["RL218"] == "warning"
    client.execute_command("BGREWRITEAOF")
    until(lambda: client.info("persistence")["aof_current_size"] < 2000)
    until(lambda: not client.info("persistence")["aof_rewrite_in_progress"])
    assert "RL218" not in raised(client)


def test_memory_at_the_limit(client: Any, raised: Callable[[Any], dict[str, str]]) -> None:
    used = int(client.info("memory")["used_memory"])
    client.config_set("maxmemory", used * 4)
    assert "RL308" not in raised(client)
    client.config_set("maxmemory", used // 2)
    assert raised(client)["RL308"] == "error"
    with pytest.raises(redis.ResponseError, match="maxmemory"):
        client.set("key", "value")
    assert raised(client).get("RL309", "info") == "info"
    client.config_set("maxmemory", used * 4)
    assert "RL308" not in raised(client)
