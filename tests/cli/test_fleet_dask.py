"""A fleet on a real Dask cluster: the same findings, whatever becomes of a worker."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from redislint.fleet import journal
from redislint.fleet.dask_worker import LOST
from redislint.fleet.model import Record
from redislint.version import VERSION
from tests.cli.conftest import Run, environment
from tests.support.dask_cluster import PLAIN, cluster
from tests.support.real_server import running

pytest.importorskip("distributed", reason="needs Dask: the extra 'dask' is not installed")

CANARY = 'CANARY-"dask"-91c2'


@pytest.fixture(scope="module")
def port(redis_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server with a password that all addresses of this machine lead to."""
    arguments = ("--bind", "0.0.0.0", "--requirepass", CANARY)
    with running(redis_server, tmp_path_factory.mktemp("server"), *arguments) as found:
        yield found


def written(folder: Path, port: int, count: int) -> Path:
    path = folder / "fleet.yaml"
    (folder / "redis.conf").write_text("save 900 1\nstop-writes-on-bgsave-error no\n")
    (folder / "secret").write_text(f"{CANARY}\n")
    ways = ("{env: FLEET_PASSWORD}", "{file: secret}", "{command: [cat, secret]}")
    lines = [
        f"  - {{name: t{n}, url: 'redis://127.0.0.{n + 1}:{port}', interval: 1s,"
        f" password: {ways[n % 3].replace('[cat, secret]', f'[cat, {folder}/secret]')}}}\n"
        for n in range(count)
    ]
    path.write_text("targets:\n  - {name: conf, file: redis.conf}\n" + "".join(lines))
    return path


def findings(records: list[Record]) -> set[tuple[str, str, str]]:
    return {
        (one.entry, one.status.value, f["rule"]) for one in records for f in one.data["findings"]
    }


def test_a_worker_killed_midway_changes_nothing(
    process: Run, root: Path, tmp_path: Path, port: int
) -> None:
    inventory = written(tmp_path, port, 40)
    secret = {"FLEET_PASSWORD": CANARY}
    here = process(
        *("fleet", inventory, "--journal", "here.jsonl", "--quiet", "--history", "none"),
        cwd=tmp_path,
        env=secret,
    )
    assert here.code == 1, here.err
    with cluster(root, tmp_path, 2, secret) as dask:
        run = subprocess.Popen(
            [
                *(
                    sys.executable,
                    "-m",
                    "redislint",
                    "fleet",
                    inventory,
                    "--journal",
                    "there.jsonl",
                ),
                *("--executor", "dask", "--scheduler", dask.scheduler, "--history", "none"),
            ],
            cwd=tmp_path,
            env=environment(root, PLAIN),  # without the password: it is the workers' alone
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        deadline = time.monotonic() + 60
        while run.poll() is None and time.monotonic() < deadline:
            if (tmp_path / "there.jsonl").exists() and b'"t' in (
                tmp_path / "there.jsonl"
            ).read_bytes():
                break
            time.sleep(0.02)
        assert run.poll() is None, run.communicate()
        dask.workers[0].kill()
        out, err = run.communicate(timeout=120)
        heard = dask.relay.heard
    assert run.returncode == 1, err
    expected = list(journal.Records(str(tmp_path / "here.jsonl")))
    lines = (tmp_path / "there.jsonl").read_text().splitlines()
    entries = [json.loads(line)["entry"] for line in lines[1:-1]]
    assert sorted(entries) == sorted(["conf", *(f"t{n}" for n in range(40))])
    found = list(journal.Records(str(tmp_path / "there.jsonl")))
    assert {one.status.value for one in found} == {"audited"}
    assert findings(found) == findings(expected)
    assert b"FLEET_PASSWORD" in heard
    logs = b"".join(path.read_bytes() for path in tmp_path.rglob("log"))
    told = heard + logs + "".join([out, err, *lines]).encode()
    assert CANARY.encode() not in told
    assert b"CANARY" not in told


def test_a_batch_whose_worker_is_lost_twice_ends_as_records(
    process: Run, root: Path, tmp_path: Path
) -> None:
    inventory = tmp_path / "fleet.yaml"
    inventory.write_text(
        "targets:\n  - {name: fatal, url: 'redis://127.0.0.1:1',"
        f" password: {{command: [sh, -c, 'echo x >> {tmp_path}/begun; kill -9 $PPID']}}}}\n"
    )
    with cluster(root, tmp_path, 3, {}) as dask:
        outcome = process(
            *("fleet", inventory, "--executor", "dask", "--scheduler", dask.scheduler),
            *("--format", "jsonl", "--quiet"),
            cwd=tmp_path,
        )
    assert outcome.code == 3, outcome.err
    (record,) = [row for row in map(json.loads, outcome.out.splitlines()) if "entry" in row]
    assert (record["entry"], record["status"]) == ("fatal", "unreachable")
    assert record["reason"] == LOST
    assert (tmp_path / "begun").read_text() == "x\nx\n"


WITHOUT = (
    "import os, sys\n"
    "sys.path = [p for p in sys.path if not os.path.exists(p + '/redislint/version.py')]\n"
)
OLDER = "import redislint.version\nredislint.version.VERSION = '0.0.1'\n"
PLAIN_ENTRY = "targets:\n  - {name: a, url: 'redis://127.0.0.1:1'}\n"


@pytest.mark.parametrize(
    ("custom", "expected"),
    [
        (WITHOUT, f" has no redislint: install {VERSION} there\n"),
        (OLDER, f" has redislint 0.0.1, here it is {VERSION}: the versions must be the same\n"),
    ],
    ids=["without", "older"],
)
def test_workers_with_another_redislint_are_refused(
    process: Run, root: Path, tmp_path: Path, custom: str, expected: str
) -> None:
    (tmp_path / "fleet.yaml").write_text(PLAIN_ENTRY)
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(custom)
    with cluster(root, tmp_path, 1, {"PYTHONPATH": str(site)}) as dask:
        outcome = process(*spread(dask.scheduler), cwd=tmp_path)
    assert outcome.code == 3
    assert outcome.err.startswith("redislint: the Dask worker tcp://127.0.0.1:")
    assert outcome.err.endswith(expected)
    assert outcome.err.count("\n") == 1


def test_files_that_workers_lack_are_named(process: Run, root: Path, tmp_path: Path) -> None:
    inventory = tmp_path / "fleet.yaml"
    inventory.write_text(PLAIN_ENTRY.replace("}", ", password: {file: gone}}"))
    with cluster(root, tmp_path, 1, {}) as dask:
        outcome = process(*spread(dask.scheduler), cwd=tmp_path)
    assert outcome.code == 3
    assert f"has no {tmp_path}/gone: what the inventory names by path" in outcome.err


def spread(scheduler: str) -> tuple[str, ...]:
    return ("fleet", "fleet.yaml", "--executor", "dask", "--scheduler", scheduler, "--quiet")


def test_a_scheduler_that_is_not_there(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("redislint.fleet.dask.PATIENCE", 1)
    monkeypatch.chdir(tmp_path)
    inventory = tmp_path / "fleet.yaml"
    inventory.write_text("targets:\n  - {name: a, url: 'redis://127.0.0.1:1'}\n")
    outcome = run(*spread("tcp://127.0.0.1:1"))
    assert outcome.code == 3
    assert outcome.err == (
        "redislint: no Dask scheduler answers at tcp://127.0.0.1:1: expected tcp://HOST:PORT\n"
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--executor", "dask"], "--executor dask needs --scheduler tcp://HOST:PORT"),
        (["--scheduler", "tcp://x:1"], "--scheduler is for --executor dask"),
    ],
)
def test_options_that_belong_together(
    run: Run, tmp_path: Path, arguments: list[str], expected: str
) -> None:
    outcome = run("fleet", tmp_path / "fleet.yaml", *arguments)
    assert (outcome.code, outcome.err) == (2, f"redislint: {expected}\n")
