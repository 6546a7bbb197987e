"""A real PostgreSQL server for tests: in a directory of its own, on 127.0.0.1, with a password."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from tests.support.real_server import free_port

PASSWORD = "s3cr3t pässword/@:%"
"""Needs quoting in a URL, and must never be seen in a message."""

IN_URL = "s3cr3t%20p%C3%A4ssword%2F%40%3A%25"

_NUMBERS = count(1)


def programs() -> Path | None:
    """The folder of initdb and postgres: Debian keeps the newest outside of PATH."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -float(path.parent.name)
    )
    on_path = shutil.which("postgres")
    candidates = [Path(on_path).resolve().parent] if on_path else []
    for folder in (*candidates, *debian):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


def account() -> dict[str, Any]:
    """Arguments of Popen: PostgreSQL refuses to run as root, and runs as another user then."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    return {"user": "postgres" if "postgres" in names else "nobody", "extra_groups": []}


class Server:
    """A server that is up."""

    def __init__(self, port: int) -> None:
        self.port = port

    def database(self) -> str:
        """The URL of a new, empty database."""
        import psycopg

        name = f"history_{next(_NUMBERS)}"
        with psycopg.connect(self._info("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql://redislint:{IN_URL}@127.0.0.1:{self.port}/{name}"

    def _info(self, name: str) -> str:
        from psycopg.conninfo import make_conninfo

        return make_conninfo(
            host="127.0.0.1", port=self.port, user="redislint", password=PASSWORD, dbname=name
        )

    def wait(self, process: subprocess.Popen[bytes], log: Path) -> None:
        import psycopg

        deadline = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self._info("postgres"), connect_timeout=5).close()
                return
            except psycopg.OperationalError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"postgres did not start: {log.read_text()}") from None
                time.sleep(0.05)


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """A server made by the programs in `folder`; gone at the end, with its data."""
    who = account()
    place = Path(tempfile.mkdtemp(prefix="redislint-pg-"))
    try:
        secret = place / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        if who:
            shutil.chown(place, who["user"])
            shutil.chown(secret, who["user"])
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        data = place / "data"
        subprocess.run(
            [
                folder / "initdb", "-D", data, "-U", "redislint", "-A", "scram-sha-256",
                "--pwfile", secret, "-E", "UTF8", "--no-sync",
            ],
            check=True, env=environment, cwd=place, stdout=subprocess.DEVNULL, **who,
        )  # fmt: skip
        server = Server(free_port())
        log = place / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [
                    folder / "postgres", "-D", data, "-p", str(server.port),
                    "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
                    "-c", "fsync=off", "-c", "max_connections=20",
                ],
                env=environment, cwd=place, stdout=output, stderr=output, **who,
            )  # fmt: skip
        try:
            server.wait(process, log)
            yield server
        finally:
            process.terminate()
            process.wait(timeout=30)
    finally:
        shutil.rmtree(place, ignore_errors=True)
