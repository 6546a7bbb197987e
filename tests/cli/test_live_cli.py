"""Running servers on the command line: `check` and `facts` with URLs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from redislint.reports import FORMATS
from tests.cli.conftest import Run
from tests.support.real_server import free_port, running

SECRET = "correct-horse-battery"


@pytest.fixture(scope="module")
def bad(redis_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server that everybody can reach and that loses data quietly."""
    arguments = ("--bind", "0.0.0.0", "--protected-mode", "no", "--save", "900", "1")
    folder = tmp_path_factory.mktemp("bad")
    quiet = ("--stop-writes-on-bgsave-error", "no")
    with running(redis_server, folder, *arguments, *quiet) as port:
        yield f"redis://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def guarded(redis_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with a password."""
    folder = tmp_path_factory.mktemp("guarded")
    arguments = ("--bind", "127.0.0.1", "--requirepass", SECRET)
    with running(redis_server, folder, *arguments) as port:
        yield f"127.0.0.1:{port}"


def _schema(root: Path, name: str) -> Any:
    return json.loads((root / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))


def test_findings_of_a_server(run: Run, root: Path, bad: str) -> None:
    outcome = run("check", bad, "--format", "json")
    report = json.loads(outcome.out)
    jsonschema.validate(report, _schema(root, "report"))
    assert outcome.code == 1
    found = {finding["rule"]: finding for finding in report["findings"]}
    assert "RL212" in found
    assert {finding["target"] for finding in found.values()} == {bad}
    assert all(f["location"] is None and f["fix"] is None for f in found.values())
    (target,) = report["targets"]
    assert (target["id"], target["kind"]) == (bad, "live")
    assert target["server"]["assumed"] is False
    assert target["persistence"]["mode"]


def test_the_text_names_the_server(run: Run, bad: str) -> None:
    outcome = run("check", bad)
    assert outcome.code == 1
    assert re.search(rf"\[RL212\].*\n --> {re.escape(bad)}\n", outcome.out)
    assert "1 target against redis" in outcome.out


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_takes_findings_without_a_place(run: Run, bad: str, name: str) -> None:
    outcome = run("check", bad, "--format", name)
    assert (outcome.code, outcome.err) == (1, "")
    assert "RL212" in outcome.out


def test_servers_and_files_have_runs_of_their_own(run: Run, root: Path, bad: str) -> None:
    outcome = run("check", bad, root / "examples" / "redis-clean.conf", "--format", "sarif")
    names = [entry["automationDetails"]["id"] for entry in json.loads(outcome.out)["runs"]]
    assert sorted(names) == ["redislint/files/", "redislint/live/"]
    uris = re.findall(r'"uri": "([^"]*)"', outcome.out)
    assert not [uri for uri in uris if uri.startswith("redis:")]


def test_a_server_that_is_down_is_one_line_and_3(run: Run) -> None:
    url = f"redis://127.0.0.1:{free_port()}"
    outcome = run("check", url, "--format", "concise")
    assert outcome.code == 3
    assert [line for line in outcome.out.splitlines() if url in line] == [
        f"{url}: error connect: nothing listens at {url[8:]} (connection refused)"
    ]


def test_a_server_that_is_down_does_not_hide_the_others(run: Run, bad: str) -> None:
    outcome = run("check", f"redis://127.0.0.1:{free_port()}", bad)
    assert outcome.code == 3
    assert "RL212" in outcome.out


def test_the_same_server_is_judged_once(run: Run, bad: str) -> None:
    report = json.loads(run("check", bad, bad, f"{bad}/0", "--format", "json").out)
    assert len(report["targets"]) == 1


@pytest.mark.parametrize("way", ["environment", "file", "url"])
def test_a_password_works_and_is_shown_nowhere(
    run: Run, guarded: str, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, more = f"redis://{guarded}", []
    if way == "environment":
        monkeypatch.setenv("REDISCLI_AUTH", SECRET)
    elif way == "file":
        file = tmp_path / "password"
        file.write_text(f"{SECRET}\n")
        more = ["--password-file", str(file)]
    else:
        url = f"redis://:{SECRET}@{guarded}"
    checked = run("check", url, *more, "--verbose", "--show", "unknown,pass")
    assert checked.code in (0, 1)
    told = run("facts", url, *more, "--all", "--format", "json")
    assert told.code == 0
    assert SECRET not in checked.out + checked.err + told.out + told.err
    assert json.loads(told.out)["targets"][0]["id"] == f"redis://{guarded}"


@pytest.mark.parametrize("word", ["", "wrong-guess"])
def test_a_refused_password_is_one_line_and_3(run: Run, guarded: str, word: str) -> None:
    login = f":{word}@" if word else ""
    outcome = run("check", f"redis://{login}{guarded}", "--format", "concise")
    assert outcome.code == 3
    assert len(outcome.out.splitlines()) == 1
    assert "error auth:" in outcome.out
    assert "wrong-guess" not in outcome.out + outcome.err


def test_a_url_that_cannot_be_read_keeps_its_password(run: Run) -> None:
    outcome = run("check", f"redis://:{SECRET}@host:70000/x/y")
    assert outcome.code == 3
    assert SECRET not in outcome.out + outcome.err


def test_facts_of_a_server(run: Run, root: Path, bad: str) -> None:
    outcome = run("facts", bad, "--format", "json")
    document = json.loads(outcome.out)
    jsonschema.validate(document, _schema(root, "facts-report"))
    (target,) = document["targets"]
    settings = {one["name"]: one for one in target["settings"]}
    assert settings["stop-writes-on-bgsave-error"]["value"] == "no"
    assert {one["origin"] for one in target["settings"]} == {"running"}
    assert "appendfsync" not in settings
    assert target["facts"]["exposure.level"]["value"] == "open"
    assert target["facts"]["acl.default_user"]["value"] == "nopass"
    assert target["facts"]["info.used_memory"]["unit"] == "bytes"
    everything = json.loads(run("facts", bad, "--all", "--format", "json").out)
    names = {one["name"] for one in everything["targets"][0]["settings"]}
    assert {"appendfsync", "maxmemory"} <= names


def test_facts_of_the_host_decide_more_rules(
    run: Run, root: Path, bad: str, tmp_path: Path
) -> None:
    collected = run("facts", "host")
    assert collected.code == 0
    jsonschema.validate(json.loads(collected.out), _schema(root, "host"))
    file = tmp_path / "host.json"
    file.write_text(collected.out)
    alone = json.loads(run("check", bad, "--host", "none", "--format", "json").out)
    joined = json.loads(run("check", bad, "--host", file, "--format", "json").out)
    by_itself = json.loads(run("check", bad, "--format", "json").out)
    undecided = {entry["rule"] for entry in joined["unknown"]}
    assert undecided < {entry["rule"] for entry in alone["unknown"]}
    assert "RL233" not in undecided
    assert undecided == {entry["rule"] for entry in by_itself["unknown"]}


def test_a_script_that_collects_on_another_host(
    run: Run, root: Path, bad: str, tmp_path: Path
) -> None:
    """`redislint facts host --script | ssh HOST python3 - > host.json`, without the ssh."""
    made = run("facts", "host", "--script")
    assert made.code == 0
    log = tmp_path / "redis.log"
    log.write_text("1:M Can't save in background: fork: Cannot allocate memory\n")
    command = [sys.executable, "-I", "-S", "-", "--dir", str(tmp_path), "--log", str(log)]
    there = subprocess.run(command, input=made.out.encode(), capture_output=True, check=True)
    document = json.loads(there.stdout)
    jsonschema.validate(document, _schema(root, "host"))
    here = json.loads(run("facts", "host", "--dir", tmp_path, "--log", log).out)
    assert document["facts"].keys() == here["facts"].keys()
    assert document["directories"][0]["path"] == here["directories"][0]["path"] == str(tmp_path)
    evidence = [one["facts"].get("log_evidence") for one in here["servers"]]
    assert evidence
    assert all(found == ["fork failed (1 time)"] for found in evidence)
    (tmp_path / "host.json").write_bytes(there.stdout)
    told = run("facts", bad, "--host", tmp_path / "host.json", "--format", "json")
    assert "disk.free" in json.loads(told.out)["targets"][0]["facts"]


def test_an_interval_gives_changes(run: Run, bad: str) -> None:
    document = json.loads(run("facts", bad, "--interval", "100ms", "--format", "json").out)
    facts = document["targets"][0]["facts"]
    assert facts["change.reset"]["value"] == ""
    assert facts["change.evicted_keys"]["value"] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "redis.conf", "--interval", "5s"], "--interval needs the URL"),
        (["facts", "redis.conf", "--password-file", "x"], "--password-file needs the URL"),
        (["check", "redis.conf", "--host", "host.json"], "--host needs the URL"),
        (["check", "redis://h", "--interval", "3x"], "'3x' is no time"),
        (["check", "redis://h", "--timeout", "0"], "'0' is out of range"),
        (["check", "redis://h", "--host", "missing.json"], "no such file"),
        (["check", "redis://h", "--host", "host.txt"], "not JSON"),
        (["check", "redis://h", "--host", "other.json"], "not facts of a host"),
        (["check", "redis://h", "--fix"], "fixes change files"),
        (["check", "redis://h", "--list-files"], "--list-files lists files"),
        (["check", "redis://h", "--tls-key", "key.pem"], "--tls-key needs --tls-cert"),
        (["check", "redis:/user:secret@h"], "the URL of a server begins with redis://"),
        (["check", "redis://h", "--ask-password"], "needs a terminal"),
        (["facts", "redis.conf", "--script"], "belong to 'redislint facts host'"),
        (["facts", "redis://h", "--log", "redis.log"], "belong to 'redislint facts host'"),
        (["check", "redis.conf", "--conf", "redis.conf"], "--conf needs the URL"),
        (["check", "redis.conf", "--dump-effective", "x"], "--dump-effective needs the URL"),
        (["check", "redis://h", "--conf", "."], "expected the redis.conf of the servers"),
        (["check", "redis://h", "--conf", "redis://h"], "expected the redis.conf of the servers"),
        (["check", "redis://h", "--dump-effective", "host.txt"], "it is no directory"),
        (["diff", "a.conf", "redis-7.2", "--user", "me"], "--user needs the URL"),
    ],
)
def test_wrong_usage_is_one_line_and_2(
    run: Run, arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "host.txt").write_text("hello\n")
    (tmp_path / "other.json").write_text("{}\n")
    outcome = run(*arguments)
    assert outcome.code == 2
    assert said in outcome.err
    assert len(outcome.err.splitlines()) == 1
