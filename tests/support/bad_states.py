"""A real server that a test brings into bad states and out again.

It runs as `nobody` where the tests run as root, so that permissions and limits hold for it
as they do in production, below /var/tmp, where it may reach its files. No rule of the profile
`recommended` minds its configuration: what is found afterwards is the state's own doing.
"""

from __future__ import annotations

import contextlib
import os
import resource
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

from redislint.audit import check
from redislint.audit.report import Report
from redislint.sources.live.options import LiveOptions
from tests.support.real_server import free_port

NOBODY = 65534
HEALTHY = "bind 127.0.0.1\nsave 3600 1\nmaxmemory 256mb\nmaxmemory-policy noeviction\n"


class BadServer:
    """A running server. `data` is its directory, `redis` a connection to it."""

    def __init__(self, program: str, folder: Path, data: Path, conf: str) -> None:
        self.program, self.folder, self.data = program, folder, data
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self.conf = folder / "redis.conf"
        self.conf.write_text(f"{conf}port {self.port}\ndir {data}\nlogfile {folder / 'log'}\n")
        self.redis: Any = redis.Redis(port=self.port, decode_responses=True, protocol=2)
        self.start()

    def start(self, *arguments: str) -> None:
        """Start the program, with the limits and signals that a service manager gives it."""
        self.process = subprocess.Popen(
            [self.program, str(self.conf), *arguments],
            cwd=self.folder,
            restore_signals=False,  # a full disk must be an error, not a SIGXFSZ
            **_account(),
        )
        until(self._answers)

    def _answers(self) -> bool:
        try:
            return bool(self.redis.info("server"))
        except redis.BusyLoadingError:
            return True

    def kill(self) -> None:
        """End the process at once, as a crash does."""
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        """End it for good."""
        self.redis.close()
        self.kill()

    def info(self, name: str) -> Any:
        """One field of INFO."""
        return self.redis.info("everything")[name]

    def reaches(self, name: str, value: Any) -> None:
        """Wait until a field of INFO has a value."""
        until(lambda: self.info(name) == value)

    def limit(self, kind: str, value: int | None = None) -> None:
        """A soft limit of the running process (`FSIZE`, `NPROC`), set as its own user; None
        sets it back to what it was at the start."""
        tool = shutil.which("prlimit")
        if tool is None:
            pytest.skip("needs prlimit of util-linux to limit a running process")
        if value is None:
            value = resource.getrlimit(getattr(resource, f"RLIMIT_{kind}"))[0]
        text = "unlimited" if value == resource.RLIM_INFINITY else str(value)
        command = [tool, "--pid", str(self.process.pid), f"--{kind.lower()}={text}:"]
        subprocess.run(command, check=True, capture_output=True, **_account())

    def kill_child(self) -> None:
        """SIGKILL for a save or rewrite under way, as from the kernel when memory is short."""
        children = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        until(lambda: Path(children).read_text())
        for pid in Path(children).read_text().split():
            os.kill(int(pid), signal.SIGKILL)

    def audit(self, *, interval: float | None = None, **options: Any) -> Report:
        """What `redislint check URL` finds; this machine's own facts only where asked for."""
        live = LiveOptions(interval=interval) if interval else None
        report = check([self.url], live=live, **{"host": "none", **options})
        assert report.errors == ()
        return report

    def raised(self, **options: Any) -> dict[str, str]:
        """Each rule about persistence, memory, latency and operations that it breaks, with
        its severity; RL238 left out, as a test's data does lie below a temporary folder."""
        return {
            finding.rule: finding.severity.value
            for finding in self.audit(**options).findings
            if finding.rule.startswith(("RL0", "RL2", "RL3", "RL7", "RL8"))
            and finding.rule != "RL238"
        }

    def message(self, rule: str, **options: Any) -> str:
        """What the finding of a rule says."""
        (text,) = {f.message for f in self.audit(**options).findings if f.rule == rule}
        return text


def _account() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


@contextlib.contextmanager
def server_folder() -> Iterator[Path]:
    """A folder that the server's user owns."""
    folder = Path(tempfile.mkdtemp(prefix="redislint-test-", dir="/var/tmp"))
    try:
        own(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def own(path: Path) -> None:
    """Give a path to the server's user."""
    if os.geteuid() == 0:
        os.chown(path, NOBODY, NOBODY)


@contextlib.contextmanager
def bad_server(program: str, conf: str = "", data: Path | None = None) -> Iterator[BadServer]:
    """A server with `conf` behind the healthy configuration; its data in `data`, or in a
    directory of its own."""
    with server_folder() as folder:
        place = data or folder / "data"
        place.mkdir(exist_ok=True)
        own(place)
        server = BadServer(program, folder, place, HEALTHY + conf)
        try:
            yield server
        finally:
            server.close()


@contextlib.contextmanager
def small_disk(options: str) -> Iterator[Path | None]:
    """A tmpfs of its own (`size=4m`), None where the machine does not let us mount one."""
    with server_folder() as folder:
        mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        done = os.geteuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0
        try:
            yield folder if done else None
        finally:
            if done:
                subprocess.run(["umount", "-l", str(folder)], check=True)


def until(holds: Callable[[], Any], seconds: float = 10.0) -> None:
    """Wait for something to hold. Raises AssertionError when it does not in time."""
    end = time.monotonic() + seconds
    while True:
        try:
            if holds():
                return
        except redis.RedisError:
            pass  # not there yet, or refuses everything meanwhile
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.02)


def fill(client: Any, keys: int, size: int) -> None:
    """Write `keys` values of `size` random bytes."""
    pipe = client.pipeline(transaction=False)
    for number in range(keys):
        pipe.set(f"key:{number}", os.urandom(size))
    pipe.execute()


def write_until_refused(server: BadServer) -> None:
    """Write until the server refuses it; with everysec that takes a flush."""

    def refused() -> bool:
        try:
            server.redis.set("more", "x" * 100_000)
        except redis.ResponseError as error:
            return "MISCONF" in str(error)
        return False

    until(refused)
