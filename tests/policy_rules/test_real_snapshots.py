"""Real servers whose snapshots fail, are missing or under way: raised while it lasts, gone
after the repair."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
import redis

from redislint.model import OutcomeKind
from redislint.sources.host import collect
from tests.support.bad_states import BadServer, fill, own, until

pytestmark = pytest.mark.server

FAILED = {"RL226": "error", "RL249": "error"}


def save(server: BadServer, status: str) -> None:
    """BGSAVE, and wait for its end."""
    server.redis.execute_command("BGSAVE")
    until(
        lambda: (
            server.info("rdb_last_bgsave_status") == status
            and not server.info("rdb_bgsave_in_progress")
        )
    )


def test_a_healthy_server_is_told_nothing(server: BadServer) -> None:
    fill(server.redis, 10, 100)
    save(server, "ok")
    report = server.audit(profile="recommended")
    assert server.raised() == {}
    assert report.targets[0].coverage is not None
    assert report.targets[0].coverage > 0.5
    kinds = {outcome.rule: outcome.kind for outcome in report.outcomes}
    assert kinds["RL226"] is OutcomeKind.PASS
    assert kinds["RL220"] is OutcomeKind.NOT_APPLICABLE


def test_its_directory_is_gone(server: BadServer) -> None:
    server.redis.set("key", "value")
    shutil.rmtree(server.data)
    save(server, "err")
    assert server.raised() == FAILED
    assert "every write and PING is refused" in server.message("RL226")
    with pytest.raises(redis.ResponseError, match="MISCONF"):
        server.redis.set("key", "other")
    assert server.raised() == {**FAILED, "RL812": "error"}
    assert "snapshots fail and stop-writes-on-bgsave-error" in server.message("RL812")
    server.redis.config_set("stop-writes-on-bgsave-error", "no")
    assert server.raised()["RL226"] == "error"
    assert server.raised()["RL212"] == "error"
    server.redis.config_set("stop-writes-on-bgsave-error", "yes")
    server.redis.config_set("save", "")
    assert server.raised()["RL226"] == "warning"
    assert server.redis.set("key", "other")
    server.kill()
    server.data.mkdir()
    own(server.data)
    server.start()
    save(server, "ok")
    assert server.raised() == {}


def test_its_directory_cannot_be_written(server: BadServer) -> None:
    server.data.chmod(0o555)
    save(server, "err")
    assert server.raised() == FAILED
    server.data.chmod(0o755)
    save(server, "ok")
    assert server.raised() == {}


def test_its_directory_cannot_be_written_as_the_host_sees_it(
    server: BadServer, tmp_path: Path
) -> None:
    document = tmp_path / "host.json"

    def look() -> dict[str, str]:
        document.write_text(json.dumps(collect(pids=[server.process.pid])))
        return server.raised(host=document, select=("RL236", "RL237"), profile="minimal")

    assert "RL236" not in look()
    server.data.chmod(0o555)
    assert look()["RL236"] == "error"
    assert str(server.data) in server.message("RL236", host=document)
    server.data.chmod(0o755)
    assert "RL236" not in look()


def test_the_child_is_killed(server: BadServer) -> None:
    fill(server.redis, 100, 10)
    server.redis.config_set("rdb-key-save-delay", "100000")
    server.redis.bgsave()
    assert server.raised() == {"RL005": "info"}
    assert "a save is running" in server.message("RL005")
    server.kill_child()
    server.reaches("rdb_last_bgsave_status", "err")
    assert server.raised() == FAILED
    server.redis.config_set("rdb-key-save-delay", "0")
    save(server, "ok")
    assert server.raised() == {}


@pytest.mark.skipif(os.geteuid() != 0, reason="a limit of processes would hold for this test, too")
def test_fork_is_refused(server: BadServer) -> None:
    server.limit("NPROC", 0)
    with pytest.raises(redis.ResponseError):
        server.redis.bgsave()
    assert server.info("rdb_last_bgsave_status") == "err"
    assert server.raised() == FAILED
    server.limit("NPROC")
    save(server, "ok")
    assert server.raised() == {}


def test_no_snapshots_and_no_aof(server: BadServer) -> None:
    server.redis.config_set("save", "")
    assert server.raised() == {"RL201": "warning"}
    assert server.raised(workload="queue")["RL201"] == "error"
    assert "RL201" not in server.raised(workload="cache")
    assert "neither save points nor an AOF" in server.message("RL201")
    assert server.raised(profile="strict")["RL213"] == "info"
    server.redis.config_set("save", "3600 1")
    assert server.raised() == {}


def test_without_a_file(server: BadServer) -> None:
    assert "RL802" not in server.raised()
    server.conf.rename(server.conf.with_suffix(".old"))
    server.kill()
    server.conf = Path("-")
    options = ("--bind", "127.0.0.1", "--port", str(server.port), "--dir", str(server.data))
    server.start(*options)
    assert server.raised()["RL802"] == "warning"


def test_loading(server: BadServer) -> None:
    fill(server.redis, 60, 1_000_000)
    server.redis.save()
    server.kill()
    server.start("--key-load-delay", "20000")  # it answers after every 2 MB
    until(lambda: server.info("loading") == 1)
    assert server.raised() == {"RL008": "warning"}
    assert "is loading its data" in server.message("RL008")
    server.reaches("loading", 0)
    assert server.raised() == {}
