"""What goes wrong with one target costs the others nothing, and a run no time."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from redislint.audit.run import Auditor
from redislint.fleet import journal
from redislint.fleet.auditing import Auditing, Settings
from redislint.fleet.inventory import load
from redislint.fleet.model import Entry, Record, Secret
from redislint.fleet.run import _possible
from tests.cli.conftest import environment
from tests.support.real_server import running

CONF = "save 900 1\nstop-writes-on-bgsave-error no\n"


def inventory(folder: Path, *targets: str) -> Path:
    path = folder / "fleet.yaml"
    path.write_text("targets:\n" + "".join(f"  - {target}\n" for target in targets))
    return path


def started(root: Path, folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "redislint", "fleet", "fleet.yaml", *arguments],
        cwd=folder,
        env=environment(root),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def records(out: bytes) -> dict[str, dict[str, Any]]:
    rows = map(json.loads, out.splitlines())
    return {row["entry"]: row for row in rows if "entry" in row}


def audited(folder: Path, entry: Entry) -> tuple[Record, ...]:
    """The records of one entry."""

    async def audit() -> tuple[Record, ...]:
        return await Auditing(Settings(str(folder))).audit(entry)

    return asyncio.run(audit())


@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_broken_project_of_one_file_is_that_targets_own(
    root: Path, tmp_path: Path, processes: str
) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/redis.conf").write_text(CONF)
    (tmp_path / "sub/redislint.yaml").write_text("nonsense: 1\n")
    (tmp_path / "redis.conf").write_text(CONF)
    inventory(
        tmp_path,
        "{name: bad, file: sub/redis.conf, server: redis-7.2}",
        "{name: good, file: redis.conf, server: redis-7.2}",
    )
    process = started(root, tmp_path, "--format", "jsonl", "--processes", processes)
    out, complaint = process.communicate(timeout=60)
    assert process.returncode == 3, complaint
    assert b"Traceback" not in complaint
    found = records(out)
    assert found["bad"]["status"] == "unreachable"
    assert "redislint.yaml:1:1: unknown key 'nonsense'" in found["bad"]["reason"]
    assert found["bad"]["errors"][0]["stage"] == "policy"
    assert found["good"]["status"] == "audited"


def test_an_unforeseen_error_is_a_record_without_its_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("CANARY")

    monkeypatch.setattr(Auditor, "check", broken)
    (record,) = audited(tmp_path, Entry("a", "file", str(tmp_path / "redis.conf")))
    assert record.status.value == "unreachable"
    assert "internal error: KeyError at" in record.data["reason"]
    assert "CANARY" not in json.dumps(record.data)


def test_entries_that_come_together_share_one_look_up(tmp_path: Path) -> None:
    """A fleet with one password manager behind it does not start it a thousand times at once."""
    calls = tmp_path / "calls"
    script = tmp_path / "secret.sh"
    script.write_text(f"#!/bin/sh\necho once >> {calls}\nsleep 0.5\necho CANARY\n")
    script.chmod(0o700)
    entry = Entry("a", "live", "redis://127.0.0.1:1", password=Secret(command=(str(script),)))

    async def audit() -> list[int]:
        auditing = Auditing(Settings(str(tmp_path), attempts=1))
        await asyncio.gather(*(auditing.audit(entry) for _ in range(20)))
        before = calls.read_text().count("once")
        await auditing.audit(entry)
        return [before, calls.read_text().count("once")]

    assert asyncio.run(audit()) == [1, 2], "shared by those that come together, and not kept"


@pytest.mark.parametrize("word", [signal.SIGINT, signal.SIGTERM], ids=["interrupt", "stop"])
def test_a_run_that_is_stopped_waits_for_no_password_manager(
    root: Path, tmp_path: Path, word: signal.Signals
) -> None:
    """Ctrl-C, and the end of a service: what is finished is reported, at once."""
    (tmp_path / "redis.conf").write_text(CONF)
    inventory(
        tmp_path,
        "{name: quick, file: redis.conf, server: redis-7.2}",
        "{name: slow, url: 'redis://127.0.0.1:1', password: {command: [sleep, '14']}}",
    )
    process = started(root, tmp_path, "--output", "jsonl=out.jsonl", "--quiet")
    end = time.monotonic() + 30
    while time.monotonic() < end and not _has_a_record(tmp_path):
        time.sleep(0.02)
    begun = time.monotonic()
    process.send_signal(word)
    _, complaint = process.communicate(timeout=30)
    assert time.monotonic() - begun < 6
    assert process.returncode == 130, complaint
    assert set(records((tmp_path / "out.jsonl").read_bytes())) == {"quick"}


def _has_a_record(folder: Path) -> bool:
    return any(b'"quick"' in path.read_bytes() for path in (folder / "fleet.runs").glob("*"))


def test_two_runs_do_not_write_one_journal(tmp_path: Path) -> None:
    path = str(tmp_path / "a.jsonl")
    head = journal.Head("1", "2026-01-01T00:00:00Z", "0" * 32)
    with journal.Journal.create(path, head) as first:
        first.write("a", [])
        loaded = journal.read(path)
        with pytest.raises(journal.JournalError, match="another run is writing it"):
            journal.Journal.resume(path, loaded)
        first.write("b", [])
    with pytest.raises(journal.JournalError, match="wrote to it just now"):
        journal.Journal.resume(path, loaded)
    with journal.Journal.resume(path, journal.read(path)) as again:
        again.write("c", [])
    assert journal.read(path).done == {"a", "b", "c"}


def test_connections_stay_below_what_the_system_allows() -> None:
    import resource

    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    code = (
        "import resource; from redislint.fleet.run import _possible;"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (100, 300));"
        "print(_possible(16), resource.getrlimit(resource.RLIMIT_NOFILE)[0]);"
        "print(_possible(4000), resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["16", "100", "118", "300"]
    assert _possible(1) == 1
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[1] == limits[1]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("redis://h:99999", "the port is no number from 1 to 65535"),
        ("redis://h?db=1", "options behind ? or #"),
        ("redis://::1:6379", "brackets"),
        ("redis://:CANARY/x@h", "'url' holds a password"),
        ("redis://u:CANARY@h:99999", "'url' holds a password"),
        ("unix://:CANARY@/run/redis.sock", "'url' holds a password"),
    ],
)
def test_a_wrong_url_is_said_where_it_stands(tmp_path: Path, url: str, said: str) -> None:
    from redislint.policy.errors import PolicyError

    path = inventory(tmp_path, f"{{name: a, url: '{url}'}}")
    with pytest.raises(PolicyError) as caught:
        load(str(path))
    assert said in str(caught.value)
    assert "fleet.yaml:2:" in str(caught.value)
    assert "CANARY" not in str(caught.value)


def test_what_the_baseline_knows_does_not_count(root: Path, tmp_path: Path) -> None:
    (tmp_path / "redis.conf").write_text(CONF)
    (tmp_path / "redislint.yaml").write_text("server: redis-7.2\nbaseline: base.json\n")
    subprocess.run(
        [sys.executable, "-m", "redislint", "check", "redis.conf", "--update-baseline", "-q"],
        cwd=tmp_path,
        env=environment(root),
        capture_output=True,
        check=False,
    )
    entry = Entry("a", "file", os.path.join(tmp_path, "redis.conf"), workload=("ledger",))
    (record,) = audited(tmp_path, entry)
    waivers = {one["rule"]: one["waiver"] for one in record.data["findings"]}
    assert waivers["RL212"]["reason"] == "known in the baseline"
    (tmp_path / "redis.conf").write_text(CONF + "appendonly yes\nappendfsync no\n")
    (record,) = audited(tmp_path, entry)
    open_ = {one["rule"] for one in record.data["findings"] if one["waiver"] is None}
    assert "RL207" in open_
    assert "RL212" not in open_


def test_a_file_that_cannot_be_compared_makes_the_target_a_partial_one(
    root: Path, tmp_path: Path, redis_server: str
) -> None:
    (tmp_path / "meant.conf").write_text("port 6379\ninclude /nonexistent/more.conf\n")
    with running(redis_server, tmp_path) as port:
        inventory(tmp_path, f"{{name: a, url: 'redis://127.0.0.1:{port}', conf: meant.conf}}")
        process = started(root, tmp_path, "--format", "jsonl")
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 3
    rows = [row for row in map(json.loads, out.splitlines()) if "entry" in row]
    assert [(row["target"], row["status"]) for row in rows] == [
        (f"redis://127.0.0.1:{port}", "partial")
    ]
    assert "'/nonexistent/more.conf' was not read" in rows[0]["reason"]
    assert rows[0]["findings"]


def addresses(port: int, count: int, more: str = "") -> list[str]:
    """As many targets, each an address of its own of one server."""
    return [f"{{name: t{n}, url: 'redis://127.0.0.{n + 1}:{port}'{more}}}" for n in range(count)]


def test_a_busy_auditor_does_not_count_as_a_slow_server(
    root: Path, tmp_path: Path, redis_server: str
) -> None:
    """With little time for each target and much to do here, every one is still reached."""
    open_to_all = ("--bind", "0.0.0.0", "--protected-mode", "no")
    with running(redis_server, tmp_path, *open_to_all) as port:
        inventory(tmp_path, *addresses(port, 250, ", timeout: 2s"))
        arguments = ("--processes", "1", "--concurrency", "250", "--history", "none", "--quiet")
        process = started(root, tmp_path, "--format", "jsonl", *arguments)
        out, complaint = process.communicate(timeout=120)
    assert process.returncode == 1, complaint
    assert {row["status"] for row in records(out).values()} == {"audited"}


def test_a_workload_that_nobody_knows_is_said_where_it_stands(root: Path, tmp_path: Path) -> None:
    (tmp_path / "redis.conf").write_text(CONF)
    inventory(
        tmp_path,
        "{name: a, file: redis.conf, workload: cache}",
        "{name: b, file: redis.conf, workload: qeue}",
    )
    process = started(root, tmp_path)
    _, complaint = process.communicate(timeout=60)
    assert process.returncode == 2
    assert b"fleet.yaml:3:1: 'workload': unknown workload 'qeue'" in complaint
    assert b"did you mean 'queue'?" in complaint
    assert not (tmp_path / "fleet.runs").exists()


@pytest.mark.parametrize(
    ("arguments", "code"), [((), 0), (("--fail-on", "warning"), 1)], ids=["project", "option"]
)
def test_what_redislint_yaml_fails_on_counts(
    root: Path, tmp_path: Path, arguments: tuple[str, ...], code: int
) -> None:
    (tmp_path / "redis.conf").write_text(CONF)
    (tmp_path / "redislint.yaml").write_text("server: redis-7.2\nfail-on: error\n")
    inventory(tmp_path, "{name: a, file: redis.conf}")
    process = started(root, tmp_path, "--select", "RL212", *arguments)
    _, complaint = process.communicate(timeout=60)
    assert process.returncode == code, complaint
