"""A real server for the tests of the live source."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.real_server import free_port


@dataclass(frozen=True)
class Running:
    """A real server on 127.0.0.1, in an empty directory."""

    port: int
    directory: Path
    process: subprocess.Popen[bytes]

    def send(self, *words: str) -> bytes:
        """One command on a connection of its own; the raw reply, as far as it came at once."""
        packed = b"*%d\r\n" % len(words) + b"".join(
            b"$%d\r\n%s\r\n" % (len(word.encode()), word.encode()) for word in words
        )
        with socket.create_connection(("127.0.0.1", self.port), 5) as sock:
            sock.sendall(packed)
            sock.settimeout(5)
            return sock.recv(1 << 20)


@pytest.fixture
def start_server(redis_server: str, tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Starts real servers with the given arguments."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str, conf: Path | None = None) -> Running:
        port = free_port()
        directory = tmp_path / f"server-{port}"
        directory.mkdir()
        file = [str(conf)] if conf else []
        process = subprocess.Popen(
            [redis_server, *file, "--port", str(port), "--bind", "127.0.0.1", *arguments],
            cwd=directory,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        for _ in range(400):
            if process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return Running(port, directory, process)
            except OSError:
                time.sleep(0.01)
        raise AssertionError("the server did not start")

    yield start
    for process in started:
        process.kill()
        process.wait()
