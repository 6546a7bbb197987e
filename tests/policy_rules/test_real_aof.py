"""Real servers whose AOF cannot be written, rewritten or kept: raised while it lasts, gone
after the repair."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import redis

from redislint.model import OutcomeKind
from tests.support.bad_states import BadServer, fill, until, write_until_refused

pytestmark = pytest.mark.server

Servers = Callable[..., BadServer]

AOF = "appendonly yes\nauto-aof-rewrite-min-size 64mb\n"
WRITE_FAILED = {"RL220": "error", "RL249": "error", "RL812": "error"}
"""On a server that counts errors by kind (6.2 and later)."""


@pytest.fixture
def server(servers: Servers) -> BadServer:
    """A server with an AOF that has been rewritten once, so that its base size is known."""
    one = servers(AOF)
    fill(one.redis, 100, 100)
    rewrite(one)
    assert one.raised() == {}
    return one


def rewrite(server: BadServer) -> None:
    """BGREWRITEAOF, and wait for its good end."""
    server.reaches("aof_rewrite_in_progress", 0)
    server.redis.execute_command("BGREWRITEAOF")
    until(
        lambda: (
            not server.info("aof_rewrite_scheduled")
            and not server.info("aof_rewrite_in_progress")
            and server.info("aof_last_bgrewrite_status") == "ok"
        )
    )


def test_writes_fail(server: BadServer) -> None:
    """A limit of file sizes is to the server as a full disk: the write fails, it retries."""
    server.limit("FSIZE", 100_000)
    write_until_refused(server)
    assert server.raised() == WRITE_FAILED
    assert "whatever stop-writes-on-bgsave-error says" in server.message("RL220")
    assert "the AOF cannot be written, whatever the text" in server.message("RL812")
    assert server.audit().targets[0].score is not None
    server.redis.config_set("stop-writes-on-bgsave-error", "no")
    with pytest.raises(redis.ResponseError, match="MISCONF"):
        server.redis.set("key", "value")
    assert server.raised()["RL220"] == "error"
    server.redis.config_set("stop-writes-on-bgsave-error", "yes")
    server.limit("FSIZE")
    server.reaches("aof_last_write_status", "ok")
    assert server.raised() == {}


def _kill_rewrite(server: BadServer) -> None:
    server.redis.config_set("rdb-key-save-delay", "100000")
    server.redis.execute_command("BGREWRITEAOF")
    assert server.raised() == {"RL005": "info"}
    server.kill_child()
    server.reaches("aof_last_bgrewrite_status", "err")
    server.redis.config_set("rdb-key-save-delay", "0")


def test_a_rewrite_fails_and_its_status_outlives_the_aof(server: BadServer) -> None:
    _kill_rewrite(server)
    assert server.raised() == {"RL222": "error", "RL249": "error"}
    assert "aof_last_bgrewrite_status is err" in server.message("RL222")
    server.redis.config_set("appendonly", "no")
    assert server.info("aof_last_bgrewrite_status") == "err"
    report = server.audit(profile="strict")
    kinds = {outcome.rule: outcome.kind for outcome in report.outcomes}
    for rule in ("RL218", "RL219", "RL220", "RL222", "RL225", "RL248"):
        assert kinds[rule] is OutcomeKind.NOT_APPLICABLE, rule
    assert server.raised() == {}
    server.redis.config_set("appendonly", "yes")
    rewrite(server)
    assert server.raised() == {}


def test_writes_and_rewrites_fail(server: BadServer) -> None:
    _kill_rewrite(server)
    server.limit("FSIZE", 100_000)
    write_until_refused(server)
    assert server.raised() == {**WRITE_FAILED, "RL222": "error", "RL248": "error"}
    server.limit("FSIZE")
    server.reaches("aof_last_write_status", "ok")
    rewrite(server)
    assert server.raised() == {}


def test_it_is_never_rewritten(server: BadServer) -> None:
    server.redis.config_set("auto-aof-rewrite-percentage", 0)
    assert server.raised() == {"RL215": "warning"}
    assert "turns automatic rewrites off" in server.message("RL215")
    server.redis.config_set("auto-aof-rewrite-min-size", 1024)
    for _ in range(3):
        fill(server.redis, 100, 1000)
    until(lambda: server.info("aof_current_size") > 3 * server.info("aof_base_size"))
    assert server.raised() == {"RL215": "warning", "RL218": "warning"}
    rewrite(server)
    server.redis.config_set("auto-aof-rewrite-percentage", 100)
    server.redis.config_set("auto-aof-rewrite-min-size", 64 << 20)
    assert server.raised() == {}


ALWAYS = {"appendfsync": "always", "no-appendfsync-on-rewrite": "yes"}
SETTINGS: list[tuple[dict[str, Any], dict[str, str], str, str]] = [
    (ALWAYS, {"RL208": "warning", "RL211": "error", "RL720": "info"}, "RL211", "breaks it"),
    ({"appendfsync": "no"}, {"RL207": "warning", "RL720": "info"}, "RL207", "appendfsync no"),
    ({"aof-use-rdb-preamble": "no"}, {"RL206": "warning"}, "RL206", "aof-use-rdb-preamble"),
    ({"stop-writes-on-bgsave-error": "no"}, {"RL212": "warning"}, "RL212", "stop-writes"),
]


@pytest.mark.parametrize(("values", "wanted", "rule", "text"), SETTINGS)
def test_a_setting_gives_durability_away(
    values: dict[str, Any], wanted: dict[str, str], rule: str, text: str, server: BadServer
) -> None:
    before = {name: server.redis.config_get(name)[name] for name in values}
    for name, value in values.items():
        server.redis.config_set(name, value)
    assert server.raised() == wanted
    assert text in server.message(rule)
    for name, value in before.items():
        server.redis.config_set(name, value)
    assert server.raised() == {}
