"""Secrets of every kind that an inventory can lead to: none is in anything that is written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from redislint.fleet.reports import FORMATS
from tests.cli.conftest import environment
from tests.support.certificates import Certificates
from tests.support.real_server import encrypted, running

CANARY = "CANARY-fleet-5e21"


def secret_lines(path: Path) -> set[str]:
    """The lines of a private key, each of which would give it away in part."""
    return {line for line in path.read_text().splitlines() if len(line) > 40}


@pytest.mark.parametrize("processes", ["1", "2"])
def test_no_secret_is_in_anything_that_is_written(
    root: Path, tmp_path: Path, redis_server: str, certificates: Certificates, processes: str
) -> None:
    """By environment, file and command; wrong ones; a private key; the history's URL."""
    (tmp_path / "servers").mkdir()
    (tmp_path / "right").write_text(f"{CANARY}\n")
    (tmp_path / "wrong").write_text(f"{CANARY}-wrong\n")
    password = ("--requirepass", CANARY, "--masterauth", f"{CANARY}-master")
    with (
        running(redis_server, tmp_path / "servers", *password) as plain,
        encrypted(redis_server, tmp_path / "servers", certificates, *password) as tls,
    ):
        options = f"ca: {certificates.ca}, cert: {certificates.cert}, key: {certificates.key}"
        (tmp_path / "fleet.yaml").write_text(
            f"""\
targets:
  - {{name: env, url: 'redis://127.0.0.1:{plain}', password: {{env: RIGHT}}}}
  - {{name: file, url: 'redis://127.0.0.1:{plain}/1', password: {{file: right}}}}
  - {{name: command, url: 'redis://127.0.0.1:{plain}/2', password: {{command: [cat, right]}}}}
  - {{name: refused, url: 'redis://127.0.0.1:{plain}/3', password: {{file: wrong}}}}
  - {{name: failing, url: 'redis://127.0.0.1:{plain}/4',
     password: {{command: [sh, -c, 'echo {CANARY}; echo {CANARY} >&2; exit 3']}}}}
  - name: tls
    url: 'rediss://localhost:{tls}'
    password: {{file: right}}
    tls: {{{options}}}
  - name: bad-key
    url: 'rediss://localhost:{tls}/1'
    password: {{file: right}}
    tls: {{ca: {certificates.ca}, cert: right, key: {certificates.key}}}
"""
        )
        outputs = [word for name in FORMATS for word in ("--output", f"{name}=out.{name}")]
        command = [sys.executable, "-m", "redislint", "fleet", "fleet.yaml"]
        done = subprocess.run(
            [*command, "--by", "target", "--processes", processes, *outputs],
            cwd=tmp_path,
            env={**environment(root), "RIGHT": CANARY, "REDISLINT_DEBUG": "1"},
            capture_output=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 3, done.stderr
    rows = map(json.loads, (tmp_path / "out.jsonl").read_text().splitlines())
    status = {row["entry"]: row["status"] for row in rows if "entry" in row}
    assert status == {
        **dict.fromkeys(("env", "file", "command", "tls"), "audited"),
        **dict.fromkeys(("refused", "failing", "bad-key"), "unreachable"),
    }
    written = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    sources = {tmp_path / name for name in ("right", "wrong", "fleet.yaml")}
    told = {path: data for path, data in written.items() if path not in sources}
    assert len([path for path in told if path.name.startswith("out.")]) == len(FORMATS)
    assert any("sqlite" in path.name for path in told)
    told[Path("stdout")], told[Path("stderr")] = done.stdout, done.stderr
    forbidden = {CANARY, *secret_lines(Path(certificates.key))}
    assert not [
        (path, word) for path, data in told.items() for word in forbidden if word.encode() in data
    ]


def test_the_url_of_a_history_is_not_told(root: Path, tmp_path: Path) -> None:
    (tmp_path / "redis.conf").write_text("port 6379\n")
    (tmp_path / "fleet.yaml").write_text(
        "history: {env: HISTORY}\ntargets:\n  - {file: redis.conf, server: redis-7.2}\n"
    )
    for url in (
        f"postgresql://audit:{CANARY}@127.0.0.1:1/fleet",
        f"nonsense://audit:{CANARY}@127.0.0.1/fleet",
        f"postgresql://audit:{CANARY}@127.0.0.1:x/fleet",
    ):
        done = subprocess.run(
            [sys.executable, "-m", "redislint", "fleet", "fleet.yaml"],
            cwd=tmp_path,
            env={**environment(root), "HISTORY": url},
            capture_output=True,
            timeout=120,
            check=False,
        )
        told = done.stdout + done.stderr
        assert done.returncode in (2, 3)
        assert told
        assert b"Traceback" not in told
        assert CANARY.encode() not in told
        assert not os.path.exists(tmp_path / "fleet.runs")
