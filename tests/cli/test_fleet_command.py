"""`redislint fleet` from inventory to report, on real servers."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from redislint.fleet import journal
from tests.cli.conftest import Run, environment
from tests.support.bad_peers import FAULTS, says
from tests.support.real_server import running
from tests.support.resp_stub import Handler, Peer, Stub

QUIET = "save 900 1\nstop-writes-on-bgsave-error no\n"
"""Failing snapshots that nobody notices: a warning."""

CANARY = 'CANARY-"fleet"-7f3a'


@pytest.fixture(scope="module")
def guarded_port(redis_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server with a password."""
    folder = tmp_path_factory.mktemp("guarded")
    with running(redis_server, folder, "--requirepass", CANARY, "--appendonly", "yes") as port:
        yield port


@pytest.fixture(scope="module")
def open_port(redis_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server that all addresses of this machine lead to."""
    folder = tmp_path_factory.mktemp("open")
    with running(redis_server, folder, "--bind", "0.0.0.0", "--protected-mode", "no") as port:
        yield port


def written(folder: Path, *targets: str, **more: str) -> Path:
    """An inventory of these targets."""
    path = folder / "fleet.yaml"
    top = "".join(f"{key}: {value}\n" for key, value in more.items())
    path.write_text(top + "targets:\n" + "".join(f"  - {target}\n" for target in targets))
    return path


def rows(path: Path) -> list[dict[str, Any]]:
    """The records of a fleet report in JSON Lines."""
    found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [row for row in found if row["schema"] == "redislint-fleet-record-1"]


def test_every_target_ends_as_one_record(
    process: Run, root: Path, tmp_path: Path, guarded_port: int, open_port: int
) -> None:
    (tmp_path / "secret").write_text(f"{CANARY}\n")
    (tmp_path / "redis.conf").write_text("appendonly yes\nappendfsync no\n")
    guarded = f"redis://127.0.0.1:{guarded_port}"
    inventory = written(
        tmp_path,
        f"{{name: by-env, url: '{guarded}', password: {{env: FLEET_PASSWORD}}, workload: ledger}}",
        f"{{name: by-file, url: '{guarded}/1', password: {{file: secret}}}}",
        f"{{name: by-command, url: '{guarded}/2', password: {{command: [cat, secret]}}}}",
        f"{{name: none, url: '{guarded}/3'}}",
        f"{{name: unset, url: '{guarded}/4', password: {{env: FLEET_UNSET}}}}",
        f"{{name: open, url: 'redis://127.0.0.2:{open_port}', tags: {{team: search}}}}",
        "{name: gone, url: 'redis://127.0.0.1:1', timeout: 6s}",
        "{name: conf, file: redis.conf, server: redis-7.2, workload: ledger}",
    )
    outcome = process(
        *("fleet", inventory, "--output", "jsonl=out.jsonl", "--output", "prometheus=out.prom"),
        cwd=tmp_path,
        env={"FLEET_PASSWORD": CANARY},
    )
    assert outcome.code == 3, outcome.err
    assert "could not be reached" in outcome.out
    found = {row["entry"]: row for row in rows(tmp_path / "out.jsonl")}
    assert {name: row["status"] for name, row in found.items()} == {
        "by-env": "audited",
        "by-file": "audited",
        "by-command": "audited",
        "none": "unreachable",
        "unset": "unreachable",
        "open": "audited",
        "gone": "unreachable",
        "conf": "audited",
    }
    schema = json.loads((root / "schemas/fleet-record.schema.json").read_text(encoding="utf-8"))
    for row in found.values():
        jsonschema.validate(row, schema)
    assert "wants a password" in found["none"]["reason"]
    assert found["unset"]["reason"] == "the environment variable FLEET_UNSET is not set"
    assert found["gone"]["attempts"] == 3
    assert found["none"]["attempts"] == 1
    assert found["open"]["tags"] == {"team": "search"}
    assert {finding["rule"] for finding in found["open"]["findings"]} >= {"RL401"}
    assert found["by-env"]["workload"] == ["ledger"]
    assert found["by-env"]["persistence"]["mode"] == "hybrid-everysec+rdb"
    assert found["by-env"]["counters"]["values"]["total_commands_processed"] > 0
    assert "RL207" in {finding["rule"] for finding in found["conf"]["findings"]}
    (kept,) = (tmp_path / "fleet.runs").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "out.jsonl").stat().st_mode) & 0o077 == 0
    told = outcome.out + outcome.err
    told += "".join(p.read_text() for p in tmp_path.glob("out.*")) + kept.read_text()
    assert CANARY not in told
    assert "CANARY" not in told


def test_an_inventory_with_a_mistake_is_refused_in_one_line(run: Run, tmp_path: Path) -> None:
    inventory = written(tmp_path, "{name: a, url: 'redis://h', pasword: {env: A}}")
    outcome = run("fleet", inventory)
    assert outcome.code == 2
    assert "fleet.yaml:2:" in outcome.err
    assert "did you mean 'password'" in outcome.err
    assert not (tmp_path / "fleet.runs").exists()


@pytest.mark.parametrize(
    ("text", "arguments", "code"),
    [
        ("port 6379\n", ("--select", "RL212"), 0),
        (QUIET, ("--select", "RL212"), 1),
        (QUIET, ("--select", "RL212", "--fail-on", "new:warning"), 1),
        ("maxmemory 1gb\n", ("--select", "RL302"), 0),
        ("maxmemory 1gb\n", ("--select", "RL302", "--fail-on-unknown"), 1),
        (QUIET, ("--select", "RL212", "--fail-on", "error"), 0),
    ],
)
def test_exit_codes(
    run: Run, tmp_path: Path, text: str, arguments: tuple[str, ...], code: int
) -> None:
    (tmp_path / "redis.conf").write_text(text)
    inventory = written(tmp_path, "{file: redis.conf, server: redis-7.2}")
    assert run("fleet", inventory, *arguments).code == code


def test_what_redislint_yaml_and_waivers_say_counts(run: Run, tmp_path: Path) -> None:
    (tmp_path / "redis.conf").write_text(QUIET)
    inventory = written(tmp_path, "{file: redis.conf, server: redis-7.2}")
    assert run("fleet", inventory, "--select", "RL212").code == 1
    (tmp_path / "redislint.yaml").write_text(
        "waivers:\n  - {rule: RL212, path: redis.conf, reason: a cache, owner: me}\n"
    )
    outcome = run("fleet", inventory, "--select", "RL212", "--format", "jsonl")
    assert outcome.code == 0, outcome.err
    (row,) = [json.loads(line) for line in outcome.out.splitlines() if '"entry"' in line]
    assert row["findings"][0]["waiver"]["reason"] == "a cache"


def loading_first(port: int) -> Handler:
    """A server that is loading its data when it is first asked, and serves then."""
    asked = 0

    async def serve(peer: Peer) -> None:
        nonlocal asked
        asked += 1
        if asked == 1:
            await says(b"-LOADING Redis is loading the dataset in memory\r\n")(peer)
            return
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_pass(peer.reader, writer), _pass(reader, peer.writer))

    return serve


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()
    writer.close()


def test_what_may_pass_is_tried_again(run: Run, tmp_path: Path, open_port: int) -> None:
    with Stub(loading_first(open_port)) as stub:
        inventory = written(tmp_path, f"{{name: one, url: 'redis://127.0.0.1:{stub.port}'}}")
        outcome = run("fleet", inventory, "--format", "jsonl")
    (row,) = [json.loads(line) for line in outcome.out.splitlines() if '"entry"' in line]
    assert (row["status"], row["attempts"]) == ("audited", 2)


def test_peers_that_misbehave_end_in_time_with_a_reason(run: Run, tmp_path: Path) -> None:
    wanted = ("silent", "slow drip", "flood", "garbage", "NOPERM", "an HTTP server")
    faults = {name: handler for name, handler, _ in FAULTS if name in wanted}
    stubs = {name: Stub(handler) for name, handler in faults.items()}
    try:
        targets = []
        for name, stub in stubs.items():
            stub.__enter__()
            targets.append(
                f"{{name: {name}, url: 'redis://127.0.0.1:{stub.port}', timeout: 1500ms}}"
            )
        start = time.monotonic()
        outcome = run("fleet", written(tmp_path, *targets), "--format", "jsonl")
        assert time.monotonic() - start < 15
    finally:
        for stub in stubs.values():
            stub.__exit__()
    assert outcome.code == 3
    found = {
        row["entry"]: row for row in map(json.loads, outcome.out.splitlines()) if "entry" in row
    }
    assert set(found) == set(wanted)
    assert all(row["status"] == "unreachable" and row["reason"] for row in found.values())
    assert found["NOPERM"]["attempts"] == 1


def aliases(port: int, count: int) -> list[str]:
    """As many targets, each an address of its own of one server."""
    return [
        f"{{name: t{n:03}, url: 'redis://127.0.{n // 250}.{n % 250 + 1}:{port}'}}"
        for n in range(count)
    ]


def started(root: Path, folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "redislint", "fleet", "fleet.yaml", "--quiet", *arguments],
        cwd=folder,
        env=environment(root),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def lines_of(folder: Path) -> list[bytes]:
    """Whole lines of the last journal, its head left out."""
    kept = sorted((folder / "fleet.runs").glob("*.jsonl"))
    lines = kept[-1].read_bytes().splitlines(True)[1:] if kept else []
    return [line for line in lines if line.endswith(b"\n")]


def wait_for(folder: Path, lines: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None and len(lines_of(folder)) < lines:
        time.sleep(0.01)


@pytest.mark.parametrize(
    "kills", [3, pytest.param(10, marks=pytest.mark.slow)], ids=["three", "ten"]
)
def test_a_killed_run_goes_on_where_it_was(
    root: Path, tmp_path: Path, open_port: int, kills: int
) -> None:
    count = 60 * kills
    written(tmp_path, *aliases(open_port, count))
    chance = random.Random(kills)
    before: list[bytes] = []
    for number in range(kills):
        resume = ("--resume",) if number else ()
        process = started(root, tmp_path, "--processes", "2", "--concurrency", "4", *resume)
        goal = len(before) + chance.randrange(1, 40)
        wait_for(tmp_path, goal, process)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        now = lines_of(tmp_path)
        assert now[: len(before)] == before
        before = now
    assert len(before) < count
    process = started(root, tmp_path, "--resume", "--output", "jsonl=out.jsonl")
    _, complaint = process.communicate(timeout=60)
    assert process.returncode == 1, complaint
    entries = [json.loads(line)["entry"] for line in lines_of(tmp_path)[:-1]]
    assert sorted(entries) == [f"t{n:03}" for n in range(count)]
    assert lines_of(tmp_path)[: len(before)] == before
    found = rows(tmp_path / "out.jsonl")
    assert sorted(row["entry"] for row in found) == sorted(entries)
    assert {row["status"] for row in found} == {"audited"}
    with sqlite3.connect(tmp_path / "fleet.history.sqlite") as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("SELECT count(*) FROM redislint_looks").fetchall() == [(count,)]
    process = started(root, tmp_path, "--resume")
    _, complaint = process.communicate(timeout=60)
    assert process.returncode == 2
    assert b"that run ended" in complaint


def test_no_process_is_left_of_a_killed_run(root: Path, tmp_path: Path, open_port: int) -> None:
    written(tmp_path, *aliases(open_port, 300))
    process = started(root, tmp_path, "--processes", "2", "--concurrency", "2")
    wait_for(tmp_path, 3, process)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert len(children) == 2
    process.kill()
    process.communicate()
    end = time.monotonic() + 20
    while time.monotonic() < end and any(Path(f"/proc/{child}/fd").exists() for child in children):
        time.sleep(0.05)
    assert not [c for c in children if Path(f"/proc/{c}").exists() and _alive(c)]


def _alive(pid: str) -> bool:
    return " (zombie)" not in Path(f"/proc/{pid}/status").read_text()


def test_an_interrupted_run_reports_what_is_finished(
    root: Path, tmp_path: Path, open_port: int
) -> None:
    written(tmp_path, *aliases(open_port, 300))
    process = started(
        root, tmp_path, "--processes", "2", "--concurrency", "2", "--output", "jsonl=out.jsonl"
    )
    wait_for(tmp_path, 5, process)
    process.send_signal(signal.SIGINT)
    out, complaint = process.communicate(timeout=30)
    assert process.returncode == 130, complaint
    assert b"interrupted" in complaint
    assert b"The run was interrupted" in out
    found = rows(tmp_path / "out.jsonl")
    assert 5 <= len(found) == len(lines_of(tmp_path)) < 300
    process = started(root, tmp_path, "--resume", "--output", "jsonl=out.jsonl")
    process.communicate(timeout=60)
    assert len(rows(tmp_path / "out.jsonl")) == 300


def test_a_run_is_not_resumed_for_another_inventory(
    run: Run, tmp_path: Path, root: Path, open_port: int
) -> None:
    inventory = written(tmp_path, "{name: a, file: redis.conf}", "{name: b, file: redis.conf}")
    (tmp_path / "redis.conf").write_text("port 1\n")
    head = journal.Head("20260101T000000Z-0000", "2026-01-01T00:00:00Z", "0" * 32)
    (tmp_path / "fleet.runs").mkdir()
    with journal.Journal.create(str(tmp_path / "fleet.runs/a.jsonl"), head):
        pass
    outcome = run("fleet", inventory, "--resume")
    assert outcome.code == 2
    assert "is not what it was when that run began" in outcome.err


def test_old_journals_go(run: Run, tmp_path: Path) -> None:
    inventory = written(tmp_path, "{name: a, file: redis.conf}")
    (tmp_path / "redis.conf").write_text("port 1\n")
    folder = tmp_path / "fleet.runs"
    folder.mkdir()
    for number in range(30):
        (folder / f"20250101T0000{number:02}Z-0000.jsonl").write_text("old\n")
    run("fleet", inventory)
    names = sorted(os.listdir(folder))
    assert len(names) == 20
    assert names[0] == "20250101T000011Z-0000.jsonl"


def told(run: Run, inventory: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the JSON report of a run."""
    outcome = run("fleet", inventory, "--format", "json", *arguments)
    return outcome.code, json.loads(outcome.out)


def test_the_history_tells_new_from_known_and_what_was_fixed(run: Run, tmp_path: Path) -> None:
    inventory = written(tmp_path, "{name: a, file: redis.conf, server: redis-7.2}")
    (tmp_path / "redis.conf").write_text(QUIET)
    code, first = told(run, inventory, "--fail-on", "new:warning")
    assert code == 1
    assert first["previous"] is None
    code, second = told(run, inventory, "--fail-on", "new:warning")
    assert code == 0
    assert second["previous"]["id"] == first["run"]["id"]
    (record,) = second["records"]
    states = {one["rule"]: one["history"]["state"] for one in record["findings"]}
    assert states["RL212"] == "persistent"
    (tmp_path / "redis.conf").write_text(QUIET.replace("error no", "error yes"))
    code, third = told(run, inventory)
    assert [one["rule"] for one in third["fixed"]] == ["RL212"]
    assert [point["fixed"] for point in third["trend"]] == [0, 0, 1]
    (tmp_path / "redis.conf").unlink()
    code, fourth = told(run, inventory)
    assert code in (2, 3)
    assert fourth["fixed"] == []


def test_without_a_history_nothing_is_kept(run: Run, tmp_path: Path) -> None:
    inventory = written(tmp_path, "{name: a, file: redis.conf, server: redis-7.2}")
    (tmp_path / "redis.conf").write_text(QUIET)
    code, _ = told(run, inventory, "--history", "none", "--fail-on", "new:warning")
    assert code == 1
    assert told(run, inventory, "--history", "none", "--fail-on", "new:warning")[0] == 1
    assert not list(tmp_path.glob("*.sqlite*"))


def test_counters_of_the_last_run_give_rates(run: Run, tmp_path: Path, redis_server: str) -> None:
    """Refused commands between two runs are seen by the second one, those before the first
    are not held against it."""
    folder = tmp_path / "server"
    folder.mkdir()
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        """\
rules:
  - id: T1
    name: commands-processed
    severity: warning
    summary: Tells how many commands there were since the last look.
    help: For a test.
    when: has(change.seconds)
    require: change.total_commands_processed < 20
    message: "{change.total_commands_processed} commands"
    examples:
      - fails: port 1
        given: {change.seconds: 60.0, change.total_commands_processed: 100}
      - passes: port 1
        given: {change.seconds: 60.0, change.total_commands_processed: 1}
"""
    )
    with running(redis_server, folder) as port:
        inventory = written(tmp_path, f"{{name: a, url: 'redis://127.0.0.1:{port}'}}")
        arguments = ("--policy", str(rules), "--select", "T1")
        for _ in range(30):
            _ping(port)
        _, first = told(run, inventory, *arguments)
        assert first["records"][0]["findings"] == []
        for _ in range(50):
            _ping(port)
        _, second = told(run, inventory, *arguments)
        (finding,) = second["records"][0]["findings"]
        assert 50 <= int(finding["message"].split()[0]) < 80


def _ping(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.sendall(b"PING\r\n")
        assert sock.recv(100) == b"+PONG\r\n"


def test_a_history_that_cannot_be_used_is_said_before_anything_is_read(
    run: Run, tmp_path: Path
) -> None:
    inventory = written(tmp_path, "{name: a, file: redis.conf}")
    (tmp_path / "redis.conf").write_text(QUIET)
    (tmp_path / "fleet.history.sqlite").write_bytes(b"no database at all" * 100)
    outcome = run("fleet", inventory)
    assert outcome.code == 2
    assert "fleet.history.sqlite" in outcome.err
    assert not (tmp_path / "fleet.runs").exists()
