"""What a real server does, beside what the facts and rules say of the same text."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from redislint.conf.document import parse
from redislint.conf.resolve import resolve
from redislint.facts import derive, expression_values
from redislint.model import OutcomeKind, Server

pytestmark = pytest.mark.skipif(os.name != "posix", reason="starts servers on Unix sockets")


class Instance:
    """A server in a folder of its own, reachable by a Unix socket only."""

    def __init__(self, program: str, folder: Path) -> None:
        self.program = program
        self.folder = folder
        self.data = folder / "data"
        self.data.mkdir()
        self.socket = folder / "s"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, text: str, *, wait: bool = True) -> redis.Redis:
        conf = self.folder / "redis.conf"
        own = f"port 0\nunixsocket {self.socket}\ndir {self.data}\n"
        conf.write_text(own + text, encoding="utf-8")
        self.process = subprocess.Popen(
            [self.program, str(conf)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        client = redis.Redis(unix_socket_path=str(self.socket), decode_responses=True)
        if wait:
            until(lambda: answers(client))
        return client

    def kill(self) -> None:
        """SIGKILL, as the out-of-memory killer does it."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def terminate(self) -> None:
        """SIGTERM, as a service manager does it: saves when there are save points."""
        assert self.process is not None
        self.process.terminate()
        self.process.wait(5)

    def stops(self) -> int:
        """The exit code of a server that ends by itself."""
        assert self.process is not None
        return self.process.wait(5)


def answers(client: redis.Redis) -> bool:
    try:
        client.dbsize()
    except redis.RedisError:
        return False
    return True


def until(holds: Callable[[], Any], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.01)


@pytest.fixture
def instance(redis_server: str) -> Iterator[Instance]:
    # A Unix socket's path must be short, which pytest's own folders are not.
    folder = Path(tempfile.mkdtemp(prefix="rl-"))
    made = Instance(redis_server, folder)
    yield made
    made.kill()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def server(redis_server: str) -> Server:
    """Engine and version of the server at hand."""
    told = subprocess.run(
        [redis_server, "--version"], capture_output=True, text=True, check=True
    ).stdout
    version = re.search(r"v=(\d+)\.(\d+)", told)
    assert version
    engine = "valkey" if told.lower().startswith("valkey") else "redis"
    return Server(engine, (int(version[1]), int(version[2])))


def facts_of(text: str, server: Server) -> dict[str, Any]:
    found = resolve(parse(text, "redis.conf"), server)
    config = expression_values(found.values())
    return {path: fact.value for path, fact in derive(config, found.is_set, server).items()}


def outcome(audit: Callable[..., Any], rule: str, text: str, server: Server, **given: Any) -> str:
    kind: OutcomeKind = audit(text, server, given.get("given"), rule).outcomes[0].kind
    return kind.value


def fill(client: redis.Redis, count: int = 300, value: str = "1") -> None:
    pipeline = client.pipeline(transaction=False)
    for number in range(count):
        pipeline.set(f"key:{number}", value)
    assert all(pipeline.execute())


@pytest.mark.parametrize("fsync", ["always", "everysec", "no"])
def test_an_aof_survives_a_killed_process(fsync: str, instance: Instance, server: Server) -> None:
    text = f'save ""\nappendonly yes\nappendfsync {fsync}\n'
    fill(instance.start(text))
    instance.kill()
    assert instance.start(text).dbsize() == 300
    assert facts_of(text, server)["persistence.process_crash_loss"] == 0


def test_snapshots_alone_lose_the_save_window(instance: Instance, server: Server) -> None:
    text = "save 3600 1\nappendonly no\n"
    fill(instance.start(text))
    instance.kill()
    assert instance.start(text).dbsize() == 0
    assert facts_of(text, server)["persistence.process_crash_loss"] == 3600


def test_no_persistence_restarts_empty(
    instance: Instance, server: Server, audit: Callable[..., Any]
) -> None:
    text = 'save ""\n'
    fill(instance.start(text))
    instance.terminate()
    assert instance.start(text).dbsize() == 0
    assert outcome(audit, "RL201", text, server) == "fail"


def test_appendonly_switched_on_in_the_file_ignores_the_snapshot(
    instance: Instance, server: Server, audit: Callable[..., Any]
) -> None:
    fill(instance.start("save 3600 1\n"))
    instance.terminate()
    text = "save 3600 1\nappendonly yes\n"
    disk = {
        "disk.rdb_exists": (instance.data / "dump.rdb").exists(),
        "disk.aof_exists": any(instance.data.glob("append*")),
    }
    assert outcome(audit, "RL246", text, server, given=disk) == "fail"
    assert instance.start(text).dbsize() == 0


def test_a_comment_behind_save_leaves_no_snapshots(
    instance: Instance, server: Server, audit: Callable[..., Any]
) -> None:
    text = "save 3600 1 # once an hour\n"
    judged = resolve(parse(text, "redis.conf"), server)
    if not judged.accepted:
        instance.start(text, wait=False)
        assert instance.stops() != 0
        return
    client = instance.start(text)
    assert client.config_get("save") == {"save": judged.config_get("save")} == {"save": ""}
    assert outcome(audit, "RL201", text, server) == "fail"


@pytest.mark.parametrize(
    ("text", "stopped"),
    [
        ("save 3600 1\n", True),
        ("save 3600 1\nstop-writes-on-bgsave-error no\n", False),
        ('save ""\nstop-writes-on-bgsave-error yes\n', False),
    ],
)
def test_a_failing_snapshot_stops_writes_only_with_save_points(
    text: str, stopped: bool, instance: Instance, server: Server
) -> None:
    client = instance.start(text)
    client.set("key", 1)
    shutil.rmtree(instance.data)
    client.bgsave()
    until(lambda: client.info("persistence")["rdb_last_bgsave_status"] == "err")
    assert facts_of(text, server)["persistence.stop_writes_effective"] is stopped
    if stopped:
        with pytest.raises(redis.ResponseError, match="MISCONF"):
            client.set("key", 2)
    else:
        assert client.set("key", 2)


@pytest.mark.parametrize(("percentage", "rewritten"), [(100, True), (0, False)])
def test_the_aof_is_rewritten_unless_that_is_off(
    percentage: int,
    rewritten: bool,
    instance: Instance,
    server: Server,
    audit: Callable[..., Any],
) -> None:
    text = (
        f'save ""\nappendonly yes\nauto-aof-rewrite-percentage {percentage}\n'
        "auto-aof-rewrite-min-size 1kb\n"
    )
    client = instance.start(text)

    def rewrites() -> bool:
        fill(client, 20)
        return int(client.info("persistence")["aof_base_size"]) > 0

    if rewritten:
        until(rewrites)
    else:
        end = time.monotonic() + 1.0
        while time.monotonic() < end:
            assert not rewrites()
            time.sleep(0.05)
    assert outcome(audit, "RL215", text, server) == ("pass" if rewritten else "fail")


def test_a_volatile_policy_without_ttls_refuses_writes(
    instance: Instance, server: Server, audit: Callable[..., Any]
) -> None:
    text = 'save ""\nmaxmemory 3mb\nmaxmemory-policy volatile-lru\n'
    client = instance.start(text)
    with pytest.raises(redis.ResponseError, match="used memory"):
        fill(client, 200, "x" * 50_000)
    assert client.info("stats")["evicted_keys"] == 0
    share = {"info.expiring_share": 0.0}
    assert outcome(audit, "RL306", text, server, given=share) == "fail"


def test_a_limit_without_a_unit_takes_nothing(
    instance: Instance, server: Server, audit: Callable[..., Any]
) -> None:
    text = 'save ""\nmaxmemory 512\n'
    client = instance.start(text)
    with pytest.raises(redis.ResponseError, match="used memory"):
        client.set("key", 1)
    assert outcome(audit, "RL321", text, server) == "fail"


@pytest.mark.parametrize("load", ["yes", "no"])
def test_a_cut_aof_tail(
    load: str, instance: Instance, server: Server, audit: Callable[..., Any]
) -> None:
    text = f'save ""\nappendonly yes\naof-use-rdb-preamble no\naof-load-truncated {load}\n'
    fill(instance.start(text), 20)
    instance.kill()
    written = [path for path in instance.data.rglob("*.aof") if path.stat().st_size]
    log = max(written, key=lambda path: path.stat().st_size)
    os.truncate(log, log.stat().st_size - 5)
    if load == "yes":
        assert instance.start(text).dbsize() == 19
    else:
        instance.start(text, wait=False)
        assert instance.stops() != 0
    assert outcome(audit, "RL241", text, server) == ("pass" if load == "yes" else "fail")


def test_activedefrag_needs_jemalloc(
    instance: Instance, server: Server, audit: Callable[..., Any]
) -> None:
    client = instance.start('save ""\n')
    allocator = client.info("memory")["mem_allocator"]
    instance.kill()
    text = 'save ""\nactivedefrag yes\n'
    known = {"info.mem_allocator": allocator}
    found = outcome(audit, "RL316", text, server, given=known)
    instance.start(text, wait=found == "pass")
    if found == "fail":
        assert instance.stops() != 0
