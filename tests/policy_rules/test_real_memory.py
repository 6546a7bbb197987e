"""Real servers that run out of memory, connections or replicas: raised while it lasts, gone
after the repair."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest
import redis

from tests.support.bad_states import BadServer, until

pytestmark = pytest.mark.server

Servers = Callable[..., BadServer]

AT_THE_LIMIT = {"RL308": "error", "RL309": "info", "RL321": "warning"}


def fill_up(server: BadServer, limit: str = "5mb") -> None:
    """Write until maxmemory is reached, and on."""
    server.redis.config_set("maxmemory", limit)
    for number in range(20_000):
        try:
            server.redis.set(f"key:{number}", "x" * 1000)
        except redis.OutOfMemoryError:
            break
        if server.redis.info("stats")["evicted_keys"]:
            break


def test_noeviction_at_the_limit(server: BadServer) -> None:
    fill_up(server)
    assert server.raised() == AT_THE_LIMIT
    assert "next writes fail with an OOM error" in server.message("RL308")
    server.redis.flushall()
    server.redis.config_set("maxmemory", "256mb")
    server.redis.config_resetstat()
    assert server.raised() == {}


def test_writes_are_refused_between_two_samples(server: BadServer) -> None:
    """The counter alone is history; a second sample tells whether it goes on."""
    import threading

    fill_up(server)
    server.redis.config_set("maxmemory", "256mb")
    assert server.raised(interval=0.05) == {}
    assert server.raised()["RL309"] == "info"
    server.redis.config_set("maxmemory", "1mb")
    ended = threading.Event()

    def write() -> None:
        with redis.Redis(port=server.port) as client:
            while not ended.wait(0.01):
                with pytest.raises(redis.OutOfMemoryError):
                    client.set("key", "value")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert server.raised(interval=0.3)["RL309"] == "warning"
    finally:
        ended.set()
        writer.join()


def test_a_volatile_policy_that_finds_nothing(server: BadServer) -> None:
    server.redis.config_set("maxmemory-policy", "volatile-lru")
    fill_up(server)
    assert server.raised() == {**AT_THE_LIMIT, "RL306": "error"}
    assert "as no key has a TTL" in server.message("RL308")
    assert "no key has a TTL" in server.message("RL306")
    server.redis.flushall()
    server.redis.set("key", "value", ex=1000)
    server.redis.config_set("maxmemory", "256mb")
    server.redis.config_resetstat()
    assert server.raised() == {}


def test_keys_are_evicted(server: BadServer) -> None:
    server.redis.config_set("maxmemory-policy", "allkeys-lru")
    fill_up(server)
    assert server.info("evicted_keys") > 0
    assert server.raised() == {"RL308": "warning", "RL321": "warning"}
    queue = server.raised(workload="queue")
    assert (queue["RL305"], queue["RL307"]) == ("error", "warning")
    assert "keys evicted" in server.message("RL307", workload="queue")
    cache = server.raised(workload="cache")
    assert cache["RL308"] == "info"
    assert not set(cache) & {"RL305", "RL307"}


def test_connections_near_the_limit(server: BadServer) -> None:
    server.redis.config_set("maxclients", 20)
    held = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(18)]
    until(lambda: server.info("connected_clients") >= 19)
    assert server.raised() == {"RL706": "error", "RL712": "info"}
    assert "of maxclients" in server.message("RL706")
    for connection in held:
        connection.close()
    server.reaches("connected_clients", 1)
    assert server.raised() == {}


def test_writes_need_a_replica(servers: Servers) -> None:
    primary = servers("min-replicas-to-write 1\nmin-replicas-max-lag 10\n")
    with pytest.raises(redis.ResponseError, match="NOREPLICAS"):
        primary.redis.set("key", "value")
    assert primary.raised() == {"RL813": "error"}
    assert "1 writes refused with NOREPLICAS" in primary.message("RL813")
    replica = servers(f"replicaof 127.0.0.1 {primary.port}\n")
    until(lambda: primary.redis.set("key", "value"))
    assert primary.raised() == {"RL813": "info"}
    assert replica.raised() == {}
    primary.redis.config_resetstat()
    assert primary.raised() == {}
