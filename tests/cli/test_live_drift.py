"""Running servers beside their file, and their effective configuration as a file."""

from __future__ import annotations

import json
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import redis

from redislint.audit.dump import file_name
from tests.cli.conftest import Run
from tests.support.real_server import free_port, running

SECRETS = ("correct-horse", "battery-staple")
CONF = """bind 127.0.0.1
port {port}
dir {folder}
save 3600 1 300 100
maxmemory 64mb
appendonly yes
appendfsync everysec
notify-keyspace-events Ex
client-output-buffer-limit pubsub 32mb 8mb 60
masterauth correct-horse
auto-aof-rewrite-percentage 100
"""


class Server:
    """A server that was started with the file `conf`."""

    def __init__(self, port: int, conf: Path) -> None:
        self.url = f"redis://127.0.0.1:{port}"
        self.conf = conf
        self.client: Any = redis.Redis(port=port)


@pytest.fixture
def server(redis_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.chdir(tmp_path)
    folder, port = tmp_path / "data", free_port()
    folder.mkdir()
    conf = tmp_path / "redis.conf"
    text = CONF.format(port=port, folder=folder)
    if b"v=6." in _version(redis_server):
        text = text.replace("save 3600 1 300 100", "save 3600 1\nsave 300 100")
    conf.write_text(text)
    time.sleep(0.05)  # clocks of files and processes tick in hundredths of a second
    with running(redis_server, tmp_path, str(conf), port=port):
        found = Server(port, conf)
        yield found
        found.client.close()


def _version(program: str) -> bytes:
    import subprocess

    return subprocess.run([program, "--version"], capture_output=True, check=True).stdout


@pytest.fixture
def drift(run: Run, root: Path, server: Server) -> Callable[..., dict[tuple[str, str], Any]]:
    """The findings of the rules about drift, by rule and directive."""

    schema = json.loads((root / "schemas" / "report.schema.json").read_text())

    def check(*args: str | Path) -> dict[tuple[str, str], Any]:
        select = [word for rule in ("RL214", "RL216", "RL801") for word in ("--select", rule)]
        options = ("--conf", server.conf, "--format", "json", *select)
        outcome = run("check", server.url, *options, *args)
        assert not any(secret in outcome.out + outcome.err for secret in SECRETS)
        report = json.loads(outcome.out)
        assert report["errors"] == []
        jsonschema.validate(report, schema)
        return {(f["rule"], f["directives"][0]): f for f in report["findings"]}

    return check


def test_nothing_differs_after_the_start(drift: Callable[..., Any]) -> None:
    assert drift() == {}


def test_what_was_set_at_run_time(server: Server, drift: Callable[..., Any]) -> None:
    client = server.client
    client.config_set("stop-writes-on-bgsave-error", "no")
    client.config_set("auto-aof-rewrite-percentage", 0)
    client.config_set("maxmemory", "1gb")
    client.config_set("masterauth", "battery-staple")
    found = drift()
    assert {key: finding["severity"] for key, finding in found.items()} == {
        ("RL214", "stop-writes-on-bgsave-error"): "error",
        ("RL216", "auto-aof-rewrite-percentage"): "warning",
        ("RL801", "stop-writes-on-bgsave-error"): "error",
        ("RL801", "auto-aof-rewrite-percentage"): "warning",
        ("RL801", "masterauth"): "warning",
        ("RL801", "maxmemory"): "warning",
    }
    memory = found["RL801", "maxmemory"]
    assert memory["message"].startswith(
        "maxmemory is 67108864 in redis.conf and 1073741824 on the server: the file is older than"
        " the start, so CONFIG SET"
    )
    assert memory["location"] is None
    (related,) = memory["related"]
    lines = server.conf.read_text().splitlines()
    assert lines[related["location"]["line"] - 1] == "maxmemory 64mb"
    assert "another value" in found["RL801", "masterauth"]["message"]


def test_after_the_repair_nothing_is_left(server: Server, drift: Callable[..., Any]) -> None:
    server.client.config_set("appendonly", "no")
    assert ("RL214", "appendonly") in drift()
    server.client.config_set("appendonly", "yes")
    assert drift() == {}


def test_config_rewrite_brings_both_together(server: Server, drift: Callable[..., Any]) -> None:
    server.client.config_set("maxmemory", "1gb")
    server.client.config_set("save", "900 1")
    server.client.config_set("notify-keyspace-events", "KEA")
    server.client.config_set("client-output-buffer-limit", "normal 1mb 1mb 9")
    assert {name for _, name in drift()} == {
        "maxmemory",
        "save",
        "notify-keyspace-events",
        "client-output-buffer-limit",
    }
    server.client.config_rewrite()
    assert drift() == {}


def test_a_change_in_the_file(server: Server, drift: Callable[..., Any]) -> None:
    time.sleep(0.1)
    with server.conf.open("a") as file:
        file.write("appendfsync always\ndatabases 4\n")
    found = drift()
    assert {name for _, name in found} == {"appendfsync", "databases"}
    assert "the file was changed after the start" in found["RL801", "databases"]["message"]
    assert "CONFIG SET did it, or the file is newer" in found["RL801", "appendfsync"]["message"]


def test_a_copy_of_the_file(server: Server, drift: Callable[..., Any], tmp_path: Path) -> None:
    server.client.config_set("maxmemory", 0)
    server.conf = Path("copy.conf")
    server.conf.write_text((tmp_path / "redis.conf").read_text())
    assert "CONFIG SET did it, or" in drift()["RL801", "maxmemory"]["message"]


def test_a_server_without_a_file(
    run: Run, redis_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "redis.conf").write_text("maxmemory 1gb\n")
    with running(redis_server, tmp_path, "--save", "") as port:
        url = f"redis://127.0.0.1:{port}"
        outcome = run("check", url, "--conf", "redis.conf", "--select", "RL801")
    assert f"127.0.0.1:{port} was started without a file" in outcome.err
    assert "maxmemory is 1073741824 in redis.conf and 0 on the server" in outcome.out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("maxmemory 1gb\nappendonly maybe\n", "redis.conf:2:12: "),
        ("include /etc/redislint-outside.conf\n", "redis.conf:1:"),
        (None, "redis.conf: no such file"),
    ],
)
def test_a_file_that_says_nothing_is_3(
    run: Run, server: Server, text: str | None, said: str
) -> None:
    server.conf.unlink()
    if text is not None:
        server.conf.write_text(text)
    outcome = run(
        "check", server.url, "--conf", "redis.conf", "--select", "RL801", "--show", "unknown"
    )
    assert outcome.code == 3
    assert said in outcome.out
    assert "unknown: RL801" in outcome.out
    assert "error[RL801]" not in outcome.out


def test_a_template_is_no_difference_and_no_agreement(run: Run, server: Server) -> None:
    text = server.conf.read_text()
    server.conf.write_text(text.replace("correct-horse", "${PASSWORD}"))
    outcome = run(
        "check", server.url, "--conf", "redis.conf", "--select", "RL801", "--show", "unknown"
    )
    assert outcome.code == 0
    assert "unknown: RL801" in outcome.out
    assert "redis.conf has a template in the place of masterauth" in outcome.out


def test_the_file_is_compared_with_each_server(
    run: Run, redis_server: str, server: Server, tmp_path: Path
) -> None:
    with running(redis_server, tmp_path, "--appendonly", "no", "--save", "") as port:
        other = f"redis://127.0.0.1:{port}"
        outcome = run(
            *("check", server.url, other, "--conf", server.conf, "--select", "RL801"),
            *("--format", "json", "--dump-effective", "both"),
        )
    report = json.loads(outcome.out)
    assert {finding["target"] for finding in report["findings"]} == {other}
    named = {finding["directives"][0] for finding in report["findings"]}
    assert {"appendonly", "save", "maxmemory", "port"} <= named
    assert sorted(path.name for path in Path("both").iterdir()) == sorted(
        [file_name(server.url), file_name(other)]
    )


def test_facts_tell_what_differs(run: Run, server: Server) -> None:
    server.client.config_set("maxmemory", 0)
    outcome = run("facts", server.url, "--conf", server.conf, "--format", "json")
    facts = json.loads(outcome.out)["targets"][0]["facts"]
    (row,) = facts["drift.settings"]["value"]
    assert (row["name"], row["file"], row["live"]) == ("maxmemory", "67108864", "0")
    assert (row["same"], row["cause"]) == (False, "runtime")
    assert facts["drift.file"]["value"] == "redis.conf"
    assert not any(secret in outcome.out for secret in SECRETS)


def test_findings_point_into_the_effective_configuration(
    run: Run, server: Server, drift: Callable[..., Any]
) -> None:
    server.client.config_set("appendfsync", "no")
    found = drift("--dump-effective", "effective")
    path = Path("effective") / file_name(server.url)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text()
    assert not any(secret in text for secret in SECRETS)
    finding = found["RL801", "appendfsync"]
    place = finding["location"]
    assert place["path"] == str(path)
    line = text.splitlines()[place["line"] - 1]
    assert line[place["column"] - 1 : place["end_column"] - 1] == "no"
    assert line == "appendfsync no"
    assert finding["related"][0]["location"]["path"] == "redis.conf"
    drift("--dump-effective", "effective")
    assert path.read_text() == text
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_the_dump_is_a_file_that_the_server_would_take(run: Run, server: Server) -> None:
    server.client.config_set("masterauth", "")
    run("check", server.url, "--dump-effective", "effective")
    path = Path("effective") / file_name(server.url)
    outcome = run("diff", path, server.url)
    assert (outcome.code, outcome.out.splitlines()[-1]) == (0, "0 settings differ")


def test_every_finding_has_a_place_in_sarif(run: Run, server: Server) -> None:
    outcome = run(
        "check", server.url, "--profile", "strict", "--dump-effective", "e", "--format", "sarif"
    )
    (part,) = json.loads(outcome.out)["runs"]
    path = f"e/{file_name(server.url)}"
    places = [
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in part["results"]
    ]
    assert set(places) == {path}
    (artifact,) = part["artifacts"]
    assert artifact["location"]["uri"] == path
    assert artifact["contents"]["text"] == Path(path).read_text()
    assert not any(secret in outcome.out for secret in SECRETS)


def test_a_dump_that_cannot_be_written_is_3(run: Run, server: Server) -> None:
    Path("taken").write_text("")
    outcome = run("check", server.url, "--dump-effective", "taken/below", "--format", "concise")
    assert outcome.code == 3
    assert f"{server.url}: error dump: " in outcome.out
    assert "cannot be written: not a directory" in outcome.out


def test_names_of_dumps_are_safe_and_their_own() -> None:
    names = {
        "redis://h:6379": "redis-h-6379.conf",
        "rediss://cache-1.example.org:6380": "rediss-cache-1.example.org-6380.conf",
    }
    for identity, name in names.items():
        assert file_name(identity) == name
    strange = [
        "unix:///run/redis.sock",
        "unix:///run-redis.sock",
        "redis://[::1]:6379",
        "redis://[1::]:6379",
        "redis://1:6379/../../etc/passwd",
        f"unix:///{'x' * 300}",
        f"unix:///{'x' * 301}",
    ]
    made = [file_name(identity) for identity in strange]
    assert len(set(made)) == len(strange)
    assert all("/" not in name and len(name) < 120 and name[0] not in ".-" for name in made)
