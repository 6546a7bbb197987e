"""Real servers for tests of whole commands: on 127.0.0.1, in a directory of their own."""

from __future__ import annotations

import random
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.certificates import Certificates
from tests.support.resp_stub import Stub
from tests.support.tls_front import to


def free_port() -> int:
    """A port that nobody uses, and neither the one 10000 above it, where a cluster's bus is.

    Both lie below the ports that the system gives to outgoing connections, so that none of
    a test beside this one takes them before the server does.
    """
    while True:
        port = _RANDOM.randrange(10_000, 22_000)
        if _is_free(port) and _is_free(port + 10_000):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as sock:
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


_RANDOM = random.SystemRandom()
"""Workers that run tests side by side must not choose alike."""


@contextmanager
def running(
    program: str, directory: Path, *arguments: str, port: int | None = None
) -> Iterator[int]:
    """The port of a server that is up; it is killed at the end. `port`: the one to take."""
    port = port or free_port()
    process = subprocess.Popen(
        [program, *arguments, "--port", str(port)],
        cwd=directory,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(process, port)
        yield port
    finally:
        process.kill()
        process.wait()


@contextmanager
def encrypted(
    program: str, directory: Path, certificates: Certificates, *arguments: str
) -> Iterator[int]:
    """The TLS port of a server; one that was built without TLS gets it put in front."""
    if _speaks_tls(program, directory):
        port = free_port()
        own = (
            *("--tls-port", str(port), "--tls-cert-file", str(certificates.cert)),
            *("--tls-key-file", str(certificates.key)),
            *("--tls-ca-cert-file", str(certificates.ca), "--tls-auth-clients", "optional"),
        )
        with running(program, directory, *own, *arguments):
            yield port
        return
    with (
        running(program, directory, *arguments) as plain,
        Stub(to(plain), tls=certificates.server()) as front,
    ):
        yield front.port


def _speaks_tls(program: str, directory: Path) -> bool:
    """A server without TLS refuses to start with a TLS port; one with it, without a certificate."""
    done = subprocess.run(
        [program, "--port", "0", "--tls-port", str(free_port())],
        cwd=directory,
        capture_output=True,
        timeout=30,
        check=False,
    )
    return b"tls-cert-file" in done.stdout


def send(port: int, *words: str, password: str = "") -> bytes:
    """One command on a connection of its own; the raw reply, as far as it came at once."""

    def packed(*parts: str) -> bytes:
        data = [part.encode() for part in parts]
        return b"*%d\r\n" % len(data) + b"".join(b"$%d\r\n%s\r\n" % (len(d), d) for d in data)

    with socket.create_connection(("127.0.0.1", port), 5) as sock:
        sock.settimeout(5)
        if password:
            sock.sendall(packed("AUTH", password))
            sock.recv(1 << 16)
        sock.sendall(packed(*words))
        return sock.recv(1 << 20)


def until(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    """Wait for something that servers do in their own time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(1000):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.01)
    raise AssertionError("the server did not start")
