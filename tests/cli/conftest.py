"""How the tests of the command line run it: in process, and as a real process."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Outcome:
    """What a run came to; `out` and `err` are decoded strictly."""

    code: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def run(capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in this process: `run("check", path, stdin=b"...")`."""
    from redislint.cli.errors import guarded
    from redislint.cli.group import cli

    def call(*args: str | Path, stdin: bytes = b"") -> Outcome:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = guarded(cli, [str(arg) for arg in args])
        captured = capsysbinary.readouterr()
        return Outcome(code, captured.out.decode("utf-8"), captured.err.decode("utf-8"))

    return call


@pytest.fixture
def process(root: Path) -> Run:
    """Run a command as a process of its own, the package found in the checkout."""

    def call(
        *args: str | Path | bytes,
        stdin: bytes = b"",
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Outcome:
        done = subprocess.run(
            [sys.executable, "-m", "redislint", *args],
            input=stdin,
            capture_output=True,
            cwd=cwd,
            env=environment(root, env),
            timeout=60,
            check=False,
        )
        return Outcome(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))

    return call


def environment(root: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a child process that finds the package in the checkout."""
    path = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path, **(extra or {})}
