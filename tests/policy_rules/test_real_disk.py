"""Real servers on a small disk that fills, runs out of inodes or turns read-only, joined to
the facts of their host: raised while it lasts, gone after the repair."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from redislint.sources.host import collect
from tests.support.bad_states import BadServer, small_disk, until, write_until_refused

pytestmark = pytest.mark.server

Servers = Callable[..., BadServer]

OF_THE_DISK = ("RL220", "RL226", "RL233", "RL234", "RL235", "RL236", "RL237", "RL249", "RL812")


@pytest.fixture
def disk() -> Iterator[Path]:
    with small_disk("size=8m,nr_inodes=4000") as place:
        if place is None:
            pytest.skip("this machine does not let the tests mount a small disk")
        yield place


@pytest.fixture
def document(tmp_path: Path) -> Path:
    return tmp_path / "host.json"


def raised(server: BadServer, document: Path) -> dict[str, str]:
    """What the server and its disk are told; other facts of this machine are its own."""
    document.write_text(json.dumps(collect(pids=[server.process.pid])))
    found = server.raised(host=document)
    return {rule: found[rule] for rule in OF_THE_DISK if rule in found}


def use_up(path: Path) -> None:
    """Write to a file until the disk has no room for another byte."""
    with path.open("wb", buffering=0) as file:
        for size in (65536, 1):
            with contextlib.suppress(OSError):
                while file.write(b"\0" * size):
                    pass


def test_it_is_full(servers: Servers, disk: Path, document: Path) -> None:
    server = servers("appendonly yes\n", data=disk)
    server.redis.set("key", "x" * 100_000)
    assert raised(server, document) == {}
    ballast = disk / "ballast"
    use_up(ballast)
    write_until_refused(server)
    assert raised(server, document) == {
        "RL220": "error",
        "RL233": "error",
        "RL234": "error",
        "RL249": "error",
        "RL812": "error",
    }
    assert "% full" in server.message("RL234", host=document)
    assert "three times the data" in server.message("RL233", host=document)
    ballast.unlink()
    server.reaches("aof_last_write_status", "ok")
    assert raised(server, document) == {}
    server.close()


def test_its_inodes_are_used_up(servers: Servers, disk: Path, document: Path) -> None:
    server = servers(data=disk)
    assert raised(server, document) == {}
    files = [disk / f"file{number}" for number in range(3990)]
    for file in files:
        file.touch()
    assert raised(server, document) == {"RL235": "error"}
    assert "inodes" in server.message("RL235", host=document)
    for file in files:
        file.unlink()
    assert raised(server, document) == {}
    server.close()


def test_it_turns_read_only(servers: Servers, disk: Path, document: Path) -> None:
    server = servers(data=disk)

    def remount(how: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True)

    def save(status: str) -> None:
        server.redis.execute_command("BGSAVE")
        until(
            lambda: (
                server.info("rdb_last_bgsave_status") == status
                and not server.info("rdb_bgsave_in_progress")
            )
        )

    save("ok")
    assert raised(server, document) == {}
    remount("ro")
    save("err")
    assert raised(server, document) == {
        "RL226": "error",
        "RL237": "error",
        "RL249": "error",
    }
    assert "is mounted read-only" in server.message("RL237", host=document)
    remount("rw")
    save("ok")
    assert raised(server, document) == {}
    server.close()
