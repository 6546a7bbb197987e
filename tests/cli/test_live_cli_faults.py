"""Peers that misbehave, through the command line: in time, one clear line, exit code 3."""

from __future__ import annotations

import gc
import os
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.support.bad_peers import AUTH_FAULTS, FAULTS, PASSWORD, says
from tests.support.certificates import Certificates
from tests.support.real_server import free_port
from tests.support.resp_stub import Handler, Stub

PATIENCE = ("--connect-timeout", "600ms", "--command-timeout", "300ms", "--timeout", "1200ms")
LIMIT = 1.2
FORMAT = ("--format", "concise")
SELF = Path("/proc/self/fd")


@pytest.fixture(autouse=True)
def _no_socket_is_left() -> Iterator[None]:
    held = _sockets()
    yield
    assert _sockets() <= held, "a socket is still open"


def _sockets() -> set[str]:
    """The sockets of this process, where the system tells."""
    if not SELF.is_dir():
        return set()
    found = set()
    for name in os.listdir(SELF):
        try:
            found.add(os.readlink(SELF / name))
        except OSError:
            continue  # the listing's own descriptor
    return {place for place in found if place.startswith("socket:")}


def _failure(run: Run, url: str, *more: str | Path) -> str:
    """The one line about a server that cannot be read."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        begun = time.monotonic()
        outcome = run("check", url, *PATIENCE, *FORMAT, *more)
        taken = time.monotonic() - begun
        gc.collect(1)
    assert outcome.code == 3
    assert taken < LIMIT + 0.8
    # A thread of another test, whose client has left, may write to standard error as well.
    assert "CANARY" not in outcome.err
    (line,) = outcome.out.splitlines()
    assert line.isprintable()
    assert len(line) < 400
    assert "CANARY" not in line
    assert "Traceback" not in line
    return line


@pytest.mark.parametrize(("name", "handler", "said"), FAULTS, ids=[name for name, *_ in FAULTS])
def test_a_server_that_cannot_be_read(run: Run, name: str, handler: Handler, said: str) -> None:
    with Stub(handler) as stub:
        url = f"redis://127.0.0.1:{stub.port}"
        line = _failure(run, url)
        assert stub.wait_closed()
    assert line.startswith(f"{url}: error ")
    assert said in line


@pytest.mark.parametrize(
    ("name", "data", "said"), AUTH_FAULTS, ids=[name for name, *_ in AUTH_FAULTS]
)
def test_a_server_that_refuses_the_password(run: Run, name: str, data: bytes, said: str) -> None:
    with Stub(says(data)) as stub:
        line = _failure(run, f"redis://:{PASSWORD}@127.0.0.1:{stub.port}")
        assert stub.wait_closed()
    assert f"redis://127.0.0.1:{stub.port}: error auth: " in line
    assert said in line


def test_nothing_to_talk_to(run: Run, tmp_path: Path, certificates: Certificates) -> None:
    port = free_port()
    assert "nothing listens" in _failure(run, f"redis://:{PASSWORD}@127.0.0.1:{port}")
    assert "there is no socket" in _failure(run, f"unix://{tmp_path}/none.sock")
    assert "nothing listens" in _failure(run, f"redis+cluster://127.0.0.1:{port}")
    assert "nothing listens" in _failure(run, f"redis+sentinel://127.0.0.1:{port}/mymaster")
    with Stub(says(b"-ERR\r\n"), tls=certificates.server(certificates.expired)) as stub:
        ca = ("--tls-ca", certificates.ca)
        assert "has expired" in _failure(run, f"rediss://127.0.0.1:{stub.port}", *ca)
