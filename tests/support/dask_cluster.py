"""A real Dask cluster for tests: a scheduler and workers as processes, reached through a relay
that keeps every byte of what is said."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.real_server import free_port

PLAIN = {
    "DASK_DISTRIBUTED__COMM__COMPRESSION": "none",
    "DASK_DISTRIBUTED__LOGGING__DISTRIBUTED": "error",
}
"""Messages that can be searched."""


class Relay:
    """Listens on a port of its own and passes bytes on to another; `heard` is all of them."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(0.2)
        self.port = self._server.getsockname()[1]
        self._chunks: list[bytes] = []
        self._ends: list[socket.socket] = []
        self._open = True
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def heard(self) -> bytes:
        return b"".join(self._chunks)

    def close(self) -> None:
        self._open = False
        self._threads[0].join()
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self._threads[1:]:
            thread.join()
        for end in (*self._ends, self._server):
            end.close()

    def _accept(self) -> None:
        while self._open:
            try:
                inner, _ = self._server.accept()
            except TimeoutError:
                continue
            outer = socket.create_connection(("127.0.0.1", self._to))
            self._ends += (inner, outer)
            for one, other in ((inner, outer), (outer, inner)):
                thread = threading.Thread(target=self._pass, args=(one, other))
                self._threads.append(thread)
                thread.start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                self._chunks.append(data)
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Cluster:
    """A cluster that is up: `scheduler` is its address, through the relay."""

    def __init__(
        self, scheduler: str, relay: Relay, workers: Sequence[subprocess.Popen[bytes]]
    ) -> None:
        self.scheduler = scheduler
        self.relay = relay
        self.workers = workers


@contextmanager
def cluster(
    root: Path, folder: Path, workers: int, environment: Mapping[str, str]
) -> Iterator[Cluster]:
    """A scheduler and so many workers, which have `environment` in addition to this one."""
    with _process(root, folder, {}, "scheduler", "--port", str(port := free_port())) as main:
        _wait(main, port)
        relay = Relay(port)
        address = f"tcp://127.0.0.1:{relay.port}"
        processes: list[subprocess.Popen[bytes]] = []
        try:
            for number in range(workers):
                local = folder / f"worker-{number}"
                local.mkdir()
                arguments = ("worker", address, "--no-nanny", "--nthreads", "1")
                processes.append(
                    _started(root, local, environment, *arguments, "--local-directory", str(local))
                )
            yield Cluster(address, relay, processes)
        finally:
            for process in processes:
                process.kill()
                process.wait()
            relay.close()


@contextmanager
def _process(
    root: Path, folder: Path, extra: Mapping[str, str], *arguments: str
) -> Iterator[subprocess.Popen[bytes]]:
    process = _started(root, folder, extra, *arguments)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _started(
    root: Path, folder: Path, extra: Mapping[str, str], *arguments: str
) -> subprocess.Popen[bytes]:
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments, "--host", "127.0.0.1", "--no-dashboard"],
            cwd=folder,
            env={**os.environ, **PLAIN, **extra, "PYTHONPATH": extra.get("PYTHONPATH", str(root))},
            stdout=log,
            stderr=log,
        )


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise RuntimeError("no Dask scheduler came up")
