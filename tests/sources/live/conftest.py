"""Certificates and a real server for the tests of the live source."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Certificates:
    """Paths of an authority, and of certificates for localhost that it signed."""

    ca: Path
    cert: Path
    key: Path
    expired: Path
    elsewhere: Path


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Made afresh by openssl."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs openssl to make certificates")
    folder = tmp_path_factory.mktemp("certificates")

    def run(*arguments: str) -> None:
        subprocess.run([openssl, *arguments], cwd=folder, check=True, capture_output=True)

    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    run("req", "-x509", *new, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=Test CA")
    run("req", *new, "-keyout", "key.pem", "-out", "request.pem", "-subj", "/CN=localhost")
    signed = ("x509", "-req", "-in", "request.pem", "-CA", "ca.crt", "-CAkey", "ca.key")
    for name, days, names in (
        ("cert.pem", "2", "DNS:localhost,IP:127.0.0.1"),
        ("expired.pem", "-1", "DNS:localhost,IP:127.0.0.1"),
        ("elsewhere.pem", "2", "DNS:redis.example.org"),
    ):
        (folder / "names").write_text(f"subjectAltName={names}\n")
        run(*signed, "-CAcreateserial", "-days", days, "-extfile", "names", "-out", name)
    return Certificates(
        folder / "ca.crt",
        folder / "cert.pem",
        folder / "key.pem",
        folder / "expired.pem",
        folder / "elsewhere.pem",
    )


def free_port() -> int:
    """A port that nobody uses; 10000 above it there is room for a cluster's bus."""
    while True:
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            port = int(sock.getsockname()[1])
        if port < 55536:
            return port


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
