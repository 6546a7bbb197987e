"""Recorded servers of every version beside the file that they were started with."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redislint.audit import Report, check
from redislint.sources.live.options import LiveOptions
from tests.support.resp_stub import Recording, Stub

STATE = "drift-emergency-switches"
DRIFT = ("RL214", "RL216", "RL801")
VERSIONS = (
    *("redis-2.8", "redis-3.0", "redis-3.2", "redis-4.0", "redis-5.0", "redis-6.0"),
    *("redis-6.2", "redis-7.0", "redis-7.2", "redis-7.4", "redis-8.0", "redis-8.6"),
    *("valkey-7.2", "valkey-8.0", "valkey-8.1", "valkey-9.1"),
)
RAISED = {
    ("RL214", "stop-writes-on-bgsave-error", "error"),
    ("RL216", "auto-aof-rewrite-percentage", "warning"),
    ("RL801", "appendfsync", "error"),
    ("RL801", "auto-aof-rewrite-percentage", "warning"),
    ("RL801", "no-appendfsync-on-rewrite", "error"),
    ("RL801", "stop-writes-on-bgsave-error", "error"),
}
"""What was set at run time in that state: judged from `runtime_changes` of the records."""

Compare = Callable[..., Report]


@pytest.fixture
def compare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Compare:
    """Hold a recording beside its own file."""
    monkeypatch.chdir(tmp_path)

    def run(path: Path, change: Callable[[dict[str, Any]], None] | None = None) -> Report:
        recording = Recording(path)
        if change is not None:
            change(recording.record)
        (tmp_path / "redis.conf").write_text(recording.record["conf"])
        password = ""
        if not recording.authenticated:
            name, secret = recording.credentials[0]
            password = f"{name}:{secret}@"
        with Stub(recording.serve) as stub:
            url = f"redis://{password}127.0.0.1:{stub.port}"
            return check([url], conf="redis.conf", select=DRIFT, live=LiveOptions())

    return run


def raised(report: Report) -> set[tuple[str, str, str]]:
    assert report.errors == ()
    return {(f.rule, f.directives[0], f.severity.value) for f in report.findings}


def _record(shared: Path, state: str, version: str) -> Path:
    return shared / "data" / "states" / state / f"{version}.json"


@pytest.mark.parametrize("version", VERSIONS)
def test_emergency_switches_on_every_version(shared: Path, compare: Compare, version: str) -> None:
    report = compare(_record(shared, STATE, version))
    assert raised(report) == RAISED
    for finding in report.findings:
        (related,) = finding.related
        assert related.span.path == "redis.conf"
        line = (Path("redis.conf").read_text().splitlines())[related.span.line - 1]
        assert line.split()[0] == finding.directives[0]


def _repaired(record: dict[str, Any]) -> None:
    told = record["replies"]["CONFIG GET *"]
    for name, value in (line.split() for line in record["conf"].splitlines() if "save" not in line):
        if name in told and name not in ("dir", "maxmemory", "auto-aof-rewrite-min-size"):
            told[name] = value
    told["stop-writes-on-bgsave-error"] = "yes"


@pytest.mark.parametrize("version", VERSIONS)
def test_after_the_repair_nothing_is_left(shared: Path, compare: Compare, version: str) -> None:
    report = compare(_record(shared, STATE, version), _repaired)
    assert raised(report) == set()
    assert {outcome.kind.value for outcome in report.outcomes} == {"pass"}


@pytest.mark.slow
@pytest.mark.parametrize("version", VERSIONS)
def test_no_server_differs_from_its_file_unless_somebody_changed_it(
    shared: Path, compare: Compare, version: str
) -> None:
    """Every other state: what differs is what the record says was set at run time."""
    compared = 0
    for folder in sorted((shared / "data" / "states").iterdir()):
        path = folder / f"{version}.json"
        if not path.is_file() or folder.name in (STATE, "sentinel-three"):
            continue
        record = json.loads(path.read_text())
        if record["conf"] is None or "error" in record["replies"]["CONFIG GET *"]:
            continue
        report = compare(path)
        set_then = {command.split()[2] for command in record.get("runtime_changes") or {}}
        if folder.name == "aof-off-stale-rewrite-err":
            set_then = {"appendonly"}  # as `how` says
        found = {name for rule, name, _ in raised(report) if rule == "RL801"}
        assert found == set_then, (folder.name, [f.message for f in report.findings])
        assert "CANARY" not in repr([f.message for f in report.findings])
        compared += 1
    assert compared > 25


@pytest.mark.parametrize(
    ("calls", "rules"),
    [
        ("cmdstat_config|get:calls=1", {"RL801"}),
        ("cmdstat_config|set:calls=4", {"RL214", "RL216", "RL801"}),
        ("cmdstat_config|resetstat:calls=1", {"RL214", "RL216", "RL801"}),
    ],
)
def test_without_any_config_set_no_switch_was_left_over(
    shared: Path, compare: Compare, calls: str, rules: set[str]
) -> None:
    def counted(record: dict[str, Any]) -> None:
        record["replies"]["INFO everything"] += f"\n# Commandstats\n{calls},usec=9\n"

    report = compare(_record(shared, STATE, "redis-7.2"), counted)
    assert {finding.rule for finding in report.findings} == rules


def test_a_hidden_configuration_is_no_agreement(shared: Path, compare: Compare) -> None:
    def hidden(record: dict[str, Any]) -> None:
        record["replies"]["CONFIG GET *"] = {"error": "ERR unknown command 'CONFIG'"}

    report = compare(_record(shared, STATE, "redis-7.2"), hidden)
    assert report.findings == ()
    assert {outcome.kind.value for outcome in report.outcomes} == {"unknown"}
    assert all("renamed, disabled" in outcome.hint for outcome in report.outcomes)
