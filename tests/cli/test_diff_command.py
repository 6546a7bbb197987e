"""`redislint diff`: files, versions, upgrades, running servers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.cli.conftest import Run
from tests.support.real_server import free_port, running

CONF = 'port 7000\nsave 900 1\nsave 60 100\ntimeout 5\nslave-read-only no\ntimeout 9\nsave ""\n'
OLD = "gopher-enabled no\nmaxmemory 1gb\nslave-read-only no\nio-threads-do-reads yes\n"
UPGRADE = ("--server", "redis-6.2", "--server", "redis-8.0")


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    path = tmp_path / "redis.conf"
    path.write_text(CONF)
    return path


@pytest.fixture(scope="module")
def url(redis_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("server")
    arguments = ("--bind", "127.0.0.1", "--maxmemory", "64mb", "--save", "900", "1")
    with running(redis_server, folder, *arguments) as port:
        yield f"redis://127.0.0.1:{port}"


def document(run: Run, root: Path, *args: str | Path) -> dict[str, Any]:
    """What `diff --format json` says, held against its schema."""
    outcome = run("diff", *args, "--format", "json")
    assert outcome.code in (0, 1), outcome.err
    found: dict[str, Any] = json.loads(outcome.out)
    schema = json.loads((root / "schemas" / "diff-report.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(found, schema)
    assert (outcome.code == 1) == bool(
        found["differences"] or found["left"]["refused"] or found["right"]["refused"]
    )
    return found


def changes(found: dict[str, Any]) -> dict[str, str]:
    return {difference["name"]: difference["change"] for difference in found["differences"]}


def test_diff_compares_what_is_in_effect(run: Run, conf: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.conf"
    other.write_text('replica-read-only no\nport 7000\ntimeout 8\nsave ""\nappendfsync everysec\n')
    outcome = run("diff", conf, other, "--server", "redis-7.2", "--format", "json")
    assert outcome.code == 1
    document = json.loads(outcome.out)
    assert [d["name"] for d in document["differences"]] == ["timeout"]
    [difference] = document["differences"]
    assert (difference["left"]["value"], difference["right"]["value"]) == ("9", "8")
    assert difference["left"]["location"]["line"] == 6


def test_diff_of_equal_files_is_0(run: Run, conf: Path) -> None:
    outcome = run("diff", conf, conf, "--server", "redis-7.2")
    assert outcome.code == 0
    assert "0 settings differ" in outcome.out


def test_diff_of_two_versions_shows_changed_defaults(run: Run) -> None:
    outcome = run("diff", "redis-6.2", "redis-7.0", "--format", "json")
    names = {d["name"]: d for d in json.loads(outcome.out)["differences"]}
    assert names["latency-tracking"]["left"] is None
    assert names["latency-tracking"]["right"]["value"] == "yes"
    assert "appendfsync" not in names


def test_diff_sees_that_passwords_differ_without_showing_them(run: Run, tmp_path: Path) -> None:
    for name, password in (("a.conf", "canary1"), ("b.conf", "canary2")):
        (tmp_path / name).write_text(f"requirepass {password}\n")
    outcome = run("diff", tmp_path / "a.conf", tmp_path / "b.conf")
    assert outcome.code == 1
    assert outcome.out.count("[redacted]") == 2
    assert "canary" not in outcome.out


def test_diff_of_a_missing_file_is_3(run: Run, conf: Path, tmp_path: Path) -> None:
    outcome = run("diff", conf, tmp_path / "gone.conf")
    assert (outcome.code, outcome.out) == (3, "")
    assert "gone.conf: no such file" in outcome.err


def test_diff_of_a_folder_with_several_files_is_2(run: Run, conf: Path) -> None:
    (conf.parent / "b.conf").write_text("port 1\nsave 1 1\nappendonly yes\n")
    outcome = run("diff", conf.parent, conf)
    assert outcome.code == 2
    assert "name one" in outcome.err


def test_an_upgrade_shows_what_it_changes(run: Run, root: Path, tmp_path: Path) -> None:
    (tmp_path / "old.conf").write_text(OLD)
    path = tmp_path / "old.conf"
    found = document(run, root, path, path, *UPGRADE)
    assert (found["left"]["server"], found["right"]["server"]) == ("redis-6.2", "redis-8.0")
    told = changes(found)
    assert told["acl-pubsub-default"] == "default"
    assert told["repl-diskless-sync"] == "default"
    assert told["latency-tracking"] == "new"
    assert told["gopher-enabled"] == "gone"
    assert told["io-threads-do-reads"] == "ignored"
    assert not {"maxmemory", "replica-read-only", "slave-read-only", "cluster-config-file"} & set(
        told
    )
    assert found["left"]["refused"] == []
    (refused,) = found["right"]["refused"]
    assert refused["location"]["line"] == 1
    assert "redis-7.0 removed it" in refused["message"]


def test_the_text_of_an_upgrade(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "old.conf"
    path.write_text(OLD)
    outcome = run("diff", path, path, *UPGRADE)
    assert outcome.code == 1
    assert "acl-pubsub-default  (the default changed)\n  - allchannels" in outcome.out
    assert "\n+ new in redis-8.0\n  aof-disable-auto-gc no" in outcome.out
    assert f"\n- gone in redis-8.0\n  gopher-enabled no  ({path}:1:16)\n" in outcome.out
    assert f"\n+ redis-8.0 refuses\n  {path}:1:1: 'gopher-enabled'" in outcome.out
    assert outcome.out.endswith(" differ, 1 line refused\n")


def test_a_file_that_both_refuse_is_no_agreement(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "redis.conf"
    path.write_text("nonsense yes\n")
    outcome = run("diff", path, path, "--server", "redis-7.2")
    assert outcome.code == 1
    assert outcome.out.endswith("0 settings differ, 2 lines refused\n")


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("user bob on >canary1 ~*\n", "user bob on >canary2 ~*\n"),
        ("rename-command FLUSHALL canary1\n", "rename-command FLUSHALL canary2\n"),
        ("loadmodule /m.so password canary1\n", "loadmodule /m.so password canary2\n"),
        ("masterauth canary1\n", "masterauth canary2\n"),
    ],
)
def test_what_config_get_does_not_show_is_compared_too(
    run: Run, tmp_path: Path, one: str, two: str
) -> None:
    (tmp_path / "a.conf").write_text(f"port 1\n{one}")
    (tmp_path / "b.conf").write_text(f"port 1\n{two}")
    outcome = run("diff", tmp_path / "a.conf", tmp_path / "b.conf", "--server", "redis-7.2")
    assert outcome.code == 1
    assert outcome.out.endswith("1 setting differs\n")
    if "rename" not in one:
        assert "canary" not in outcome.out


def test_an_include_that_is_not_read_is_3(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b.conf").write_text("port 2\n")
    conf = tmp_path / "a" / "redis.conf"
    conf.write_text(f"include {tmp_path}/b.conf\n")
    outcome = run("diff", conf, "redis-7.2")
    assert (outcome.code, outcome.out) == (3, "")
    assert "redis.conf:1:9: include" in outcome.err or "redis.conf:1:1: include" in outcome.err
    assert run("diff", conf, "redis-7.2", "--allow-outside").code == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["redis-6.2", "redis-7.2", "--server", "redis-7.0", "--server", "redis-7.2"], "is none"),
        (["a.conf", "a.conf", *["--server", "redis-7.2"] * 3], "once for each side"),
        (["sentinel.conf", "redis-7.2"], "sentinel.conf is a sentinel-conf"),
        (["users.acl", "redis-7.2"], "users.acl is a acl-file"),
    ],
)
def test_wrong_usage(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.conf").write_text("port 1\n")
    (tmp_path / "sentinel.conf").write_text("sentinel monitor m 127.0.0.1 6379 2\n")
    (tmp_path / "users.acl").write_text("user default off\n")
    outcome = run("diff", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err


def test_a_running_server_and_its_file(run: Run, root: Path, url: str, tmp_path: Path) -> None:
    path = tmp_path / "redis.conf"
    path.write_text("bind 127.0.0.1\nmaxmemory 67108864\nsave 900 1\ntimeout 7\n")
    found = document(run, root, path, url)
    assert changes(found) == {"port": "value", "timeout": "value"}
    assert found["right"]["name"] == url
    assert found["left"]["server"] == found["right"]["server"]
    by_name = {difference["name"]: difference for difference in found["differences"]}
    assert by_name["timeout"]["left"]["location"]["line"] == 4
    assert (by_name["timeout"]["right"]["value"], by_name["timeout"]["right"]["origin"]) == (
        "0",
        "running",
    )


def test_a_running_server_and_a_version(run: Run, root: Path, url: str) -> None:
    found = document(run, root, "redis-7.2", url)
    told = changes(found)
    assert told["maxmemory"] == "value"
    assert found["left"]["name"] == "redis-7.2 defaults"
    assert "dir" not in told


def test_a_server_equals_itself(run: Run, url: str) -> None:
    outcome = run("diff", url, url)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.endswith("0 settings differ\n")


def test_a_server_that_is_down_is_3(run: Run) -> None:
    address = f"127.0.0.1:{free_port()}"
    outcome = run("diff", "redis-7.2", f"redis://:canary@{address}")
    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err == (
        f"redislint: redis://{address}: nothing listens at {address} (connection refused)\n"
    )
