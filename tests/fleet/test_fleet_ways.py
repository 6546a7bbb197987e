"""`redislint fleet` over discovered targets, and its journal in every format again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from redislint.fleet.reports import FORMATS
from tests.cli.conftest import environment
from tests.support.real_server import free_port, running


def redislint(root: Path, folder: Path, *args: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "redislint", *args],
        capture_output=True,
        cwd=folder,
        env=environment(root),
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert b"Traceback" not in done.stderr
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.fixture
def estate(tmp_path: Path) -> Path:
    (tmp_path / "inventory.yaml").write_text(
        "version: 1\n"
        "defaults: {tags: {team: platform}, timeout: 5s}\n"
        "targets:\n  - {file: redis.conf, server: redis-7.2, name: template}\n"
        "discover:\n  - ansible: hosts\n    workload: queue\n"
    )
    (tmp_path / "redis.conf").write_text("maxmemory 1gb\n")
    return tmp_path


def test_a_discovered_fleet_is_audited_and_rendered_again(
    estate: Path, root: Path, redis_server: str
) -> None:
    outputs = [f"--output={name}={name}.out" for name in FORMATS]
    with running(redis_server, estate, "--save", "") as port:
        (estate / "hosts").write_text(
            f"[redis]\nqueue ansible_host=127.0.0.1 redis_port={port}\n"
            f"gone ansible_host=127.0.0.1 redis_port={free_port()}\n"
            "hidden ansible_host={{secret}}\n"
        )
        arguments = ("--journal=run.jsonl", "--history=none", "--by=team", *outputs)
        code, _, err = redislint(root, estate, "fleet", "inventory.yaml", *arguments)
    assert code == 3, err
    assert "hosts:4: hidden is left out" in err
    rows = (estate / "targets-csv.out").read_text().splitlines()
    statuses = {row.split(",")[0]: row.split(",")[7] for row in rows[1:]}
    assert statuses == {"template": "audited", "queue": "audited", "gone": "unreachable"}
    for name in ("csv", "targets-csv", "prometheus"):  # what needs no notices
        again = redislint(root, estate, "report", "run.jsonl", "--format", name, "--by=team", "-q")
        assert again == (0, (estate / f"{name}.out").read_bytes().decode(), "")
    saved = redislint(root, estate, "report", "json.out", "--format", "markdown", "-q")
    assert saved == (0, (estate / "markdown.out").read_text(), "")


def test_a_label_that_two_names_would_make_is_said_before_anything_is_asked(
    estate: Path, root: Path
) -> None:
    (estate / "hosts").write_text("[redis]\nx\n")
    code, out, err = redislint(root, estate, "fleet", "inventory.yaml", "--by=a-b", "--by=a.b")
    assert (code, out) == (2, "")
    assert "would both be the label 'a_b'" in err
    assert not (estate / "inventory.runs").exists()


def test_a_broken_seed_stops_everything(estate: Path, root: Path) -> None:
    (estate / "hosts").write_text("[redis]\nx redis_port\n")
    code, out, err = redislint(root, estate, "fleet", "inventory.yaml")
    assert (code, out) == (2, "")
    assert err == "redislint: hosts:2:3: expected NAME=VALUE, not 'redis_port'\n"
