"""Recorded states of real servers, of every version, read through the real source."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from redislint import catalog
from redislint.facts.rates import change_facts, why_missing
from redislint.model import REDACTED, Server
from redislint.sources.live import read
from redislint.sources.live.commands import COMMANDS
from redislint.sources.live.options import LiveOptions
from redislint.sources.live.reading import LiveTarget
from tests.support.resp_stub import Recording, Stub

SERVERS = [str(server) for server in catalog.SERVERS]
WORDS = {command.words for command in COMMANDS}


def _states(shared: Path) -> Path:
    folder = shared / "data" / "states"
    if not folder.is_dir():
        pytest.skip("needs the recorded states in shared/data/states beside the project")
    return folder


def _replay(recording: Recording, **options: Any) -> LiveTarget:
    user = ""
    if not recording.authenticated:
        name, password = recording.credentials[0]
        user = f"{name}:{password}@"
    with Stub(recording.serve) as stub:
        (reading,) = read([f"redis://{user}127.0.0.1:{stub.port}"], LiveOptions(**options))
        assert stub.wait_closed()
    assert reading.errors == ()
    (target,) = reading.targets
    return target


def _listed(target: LiveTarget, name: str) -> Any:
    return target.target.facts[f"info.{name}"].value


@pytest.mark.parametrize("server", SERVERS)
def test_every_state_of_a_version_is_read_whole(shared: Path, server: str) -> None:
    files = sorted(_states(shared).glob(f"*/{server}.json"))
    assert files
    for file in files:
        recording = Recording(file)
        target = _replay(recording)
        record = recording.record
        release = Server.parse(f"{record['engine']}-{record['release']}")
        assert target.identity.server == release, file
        assert "CANARY" not in repr(target), file
        _only_listed_commands(recording, file)
        _configuration_matches(record, target, file)
        _facts_match(record, target, file)


def _only_listed_commands(recording: Recording, file: Path) -> None:
    for heard in recording.heard:
        upper = tuple(word.upper() for word in heard)
        known = any(
            upper[: len(words)] == tuple(w.upper() for w in words)
            for words in WORDS
            if len(heard) <= len(words) + 2
        )
        assert known, (file, heard[0])


def _configuration_matches(record: dict[str, Any], target: LiveTarget, file: Path) -> None:
    told = record["replies"].get("CONFIG GET *")
    conf = target.configuration
    if not isinstance(told, dict) or set(told) == {"error"}:
        assert conf.unknown, file
        return
    assert conf.unknown == ""
    assert set(conf.texts) == set(told), file
    assert all(setting.known for setting in conf.settings), file
    names = {spec.name for name in told if (spec := catalog.lookup(name, conf.server))}
    assert {setting.name for setting in conf.settings} >= names
    for name, text in told.items():
        spec = catalog.lookup(name, conf.server)
        secret = spec is not None and spec.secret and text
        assert conf.config_get(name) == (REDACTED if secret else text), (file, name)
    assert conf["appendonly"].value is (told["appendonly"] == "yes")
    points = told["save"].split()
    assert [n for pair in conf["save"].value for n in pair] == list(map(int, points))


def _facts_match(record: dict[str, Any], target: LiveTarget, file: Path) -> None:
    for name, text in (record.get("facts") or {}).items():
        path = f"info.{name}"
        if text is None:
            assert path not in target.target.facts, (file, name)
        elif path in target.target.facts:
            value = target.target.facts[path].value
            assert str(value) == str(text) or float(value) == float(text), (file, name)
        else:
            assert path in target.target.unknown or "=" in str(text), (file, name)


@pytest.mark.parametrize("server", SERVERS)
def test_persistence_of_a_healthy_server(shared: Path, server: str) -> None:
    target = _replay(Recording(_states(shared) / "healthy-hybrid-everysec" / f"{server}.json"))
    assert _listed(target, "aof_enabled") == 1
    assert _listed(target, "aof_last_write_status") == "ok"
    assert _listed(target, "aof_last_bgrewrite_status") == "ok"
    assert _listed(target, "rdb_last_bgsave_status") == "ok"
    assert _listed(target, "aof_current_size") > 0
    assert _listed(target, "keys") > 0
    assert target.configuration["appendfsync"].value == "everysec"
    old = target.identity.server.engine == "redis" and target.identity.server.version < (7, 0)
    assert ("info.aof_rewrites_consecutive_failures" in target.target.unknown) is old
    assert target.target.facts["target.role"].value == "primary"


@pytest.mark.parametrize("server", SERVERS)
def test_renamed_config_leaves_what_info_shows(shared: Path, server: str) -> None:
    target = _replay(Recording(_states(shared) / "config-renamed-away" / f"{server}.json"))
    conf = target.configuration
    assert "does not know CONFIG" in conf.unknown
    assert conf["appendonly"].value is True
    assert conf["appendonly"].origin == "info"
    assert "save" not in conf
    assert target.target.unknown['config["save"]'] == conf.unknown
    assert target.target.facts["live.config_readable"].value is False


@pytest.mark.parametrize("server", SERVERS)
def test_sentinels(shared: Path, server: str) -> None:
    target = _replay(Recording(_states(shared) / "sentinel-three" / f"{server}.json"))
    assert target.identity.mode == "sentinel"
    (primary,) = target.target.facts["sentinel.primaries"].value
    assert (primary["name"], primary["quorum"], primary["num_other_sentinels"]) == (
        "mymaster",
        2,
        2,
    )
    assert len(primary["replicas"]) == 1
    assert len(primary["others"]) == 2


@pytest.mark.parametrize("server", ["redis-2.8", "redis-6.2", "redis-7.2", "valkey-9.1"])
def test_without_a_password_nothing_is_told(shared: Path, server: str) -> None:
    recording = Recording(_states(shared) / "requirepass" / f"{server}.json")
    with Stub(recording.serve) as stub:
        (reading,) = read([f"redis://127.0.0.1:{stub.port}"])
        (wrong,) = read([f"redis://:not-it-SECRET@127.0.0.1:{stub.port}"])
        assert stub.wait_closed()
    assert reading.targets == wrong.targets == ()
    assert reading.errors[0].stage == wrong.errors[0].stage == "auth"
    assert "wants a password" in reading.errors[0].message
    assert "refused user or password" in wrong.errors[0].message
    assert "SECRET" not in repr(wrong)


@pytest.mark.parametrize("server", ["redis-6.0", "redis-7.0", "valkey-9.1"])
def test_users_without_their_hashes(shared: Path, server: str) -> None:
    file = _states(shared) / "acl-users-overbroad" / f"{server}.json"
    hashes = [
        word[1:]
        for line in json.loads(file.read_text())["replies"]["ACL LIST"]
        for word in line.split()
        if word.startswith("#")
    ]
    target = _replay(Recording(file))
    assert hashes
    assert not any(text in repr(target) for text in hashes)
    users = {user["name"]: user for user in target.target.facts["acl.users"].value}
    assert users["ci"]["nopass"] is True
    assert users["app"]["keys"] == ["~app:*"]
    assert users["app"]["passwords"] == 1
    assert users["old"]["on"] is False
    assert target.default_user == "off"


@pytest.mark.parametrize("server", SERVERS)
def test_rates_of_two_samples(shared: Path, server: str) -> None:
    file = _states(shared) / "aof-fsync-failing" / f"{server}.json"
    recording = Recording(file)
    if "second_sample" not in recording.record:
        pytest.skip("this state was sampled once")
    target = _replay(recording, interval=0.05)
    assert target.second is not None
    assert target.seconds >= 0.05
    samples = target.info.fields, target.second.fields
    facts = change_facts(*samples, target.seconds, own_errors=target.own_errors)
    assert facts["change.reset"].value == ""
    assert facts["change.total_commands_processed"].value > 0
    told = target.identity.server.engine == "valkey" or target.identity.server.version >= (6, 2)
    assert ("change.total_error_replies" in facts) is told
    untold = why_missing(facts, ["change.total_error_replies"])
    assert bool(untold) is not told


def test_replica_and_primary(shared: Path) -> None:
    states = _states(shared)
    replica = _replay(Recording(states / "replica-stale-refused" / "redis-7.2.json"))
    assert replica.target.facts["target.role"].value == "replica"
    assert replica.target.facts["info.master_link_status"].value == "down"
    assert replica.configuration["replicaof"].value == ("127.0.0.1", 6399)
    primary = _replay(Recording(states / "primary-with-replica" / "redis-7.2.json"))
    (row,) = primary.target.facts["info.replicas"].value
    assert row["state"] == "online"


def test_cluster_node(shared: Path) -> None:
    target = _replay(Recording(_states(shared) / "cluster-alone" / "redis-7.2.json"))
    assert target.identity.mode == "cluster"
    assert target.target.facts["cluster.state"].value == "fail"
    assert [node["role"] for node in target.target.facts["cluster.nodes"].value] == ["primary"]
    assert "target.role" not in target.target.facts


def test_a_user_of_the_audit_reads_everything(shared: Path) -> None:
    target = _replay(Recording(_states(shared) / "auditor-read-only" / "redis-7.2.json"))
    assert target.configuration.unknown == ""
    assert target.refusals == ()
    assert target.target.facts["acl.whoami"].value == "auditor"
    assert target.default_user == "password"
