"""Running servers in an audit: judging, projects, waivers, baselines, several at once."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from redislint.audit import UsageError, check
from redislint.audit.facts import FactsReport, facts
from redislint.model import OutcomeKind
from redislint.sources import live
from redislint.sources.live.options import LiveOptions
from tests.support.real_server import running
from tests.support.resp_stub import Peer, Stub, encode

STOP_WRITES = "RL212"


@pytest.fixture(scope="module")
def url(redis_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("server")
    arguments = ("--bind", "127.0.0.1", "--stop-writes-on-bgsave-error", "no", "--save", "900", "1")
    with running(redis_server, folder, *arguments) as port:
        yield f"redis://127.0.0.1:{port}"


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_facts_keep_their_origin(url: str) -> None:
    (target,) = facts([url]).targets
    assert target.facts["info.used_memory"].origin == "info"
    assert target.facts["info.used_memory"].unit == "bytes"
    assert target.facts["target.role"].value == "primary"
    assert target.facts["exposure.level"].value == "loopback"
    assert not set(target.facts) & set(target.unknown)


def test_workload_of_the_command_line(url: str) -> None:
    report = check([url], workload="queue")
    assert report.targets[0].workload == "queue"
    assert report.targets[0].facts["workload.known"].value is True


def test_a_project_speaks_of_servers_too(url: str, tmp_path: Path) -> None:
    (tmp_path / "redislint.yaml").write_text(
        f"files: [{{path: '**', workload: queue, ignore: [{STOP_WRITES}]}}]\n"
    )
    report = check([url])
    assert report.targets[0].workload == "queue"
    assert STOP_WRITES not in {finding.rule for finding in report.findings}


def test_a_waiver_of_the_project_can_cover_a_server(url: str, tmp_path: Path) -> None:
    (tmp_path / "redislint.yaml").write_text(
        "waivers:\n"
        f"  - {{rule: {STOP_WRITES}, path: '**', reason: a test, owner: us, until: 2099-12-31}}\n"
    )
    found = {finding.rule: finding for finding in check([url]).findings}
    waiver = found[STOP_WRITES].waiver
    assert waiver is not None
    assert waiver.reason == "a test"
    assert not set(found) & {"RL010", "RL011", "RL012", "RL013", "RL014"}


def test_a_baseline_knows_the_findings_of_a_server(url: str) -> None:
    check([url], baseline="known.json", update_baseline=True)
    again = check([url], baseline="known.json")
    assert {finding.baseline for finding in again.findings} == {"known"}


def test_fingerprints_last(url: str) -> None:
    one, two = check([url]), check([url])
    assert [f.fingerprint for f in one.findings] == [f.fingerprint for f in two.findings]
    assert one.findings


def test_a_sentinel_is_judged_by_its_own_rules(url: str, redis_server: str, tmp_path: Path) -> None:
    port = url.rpartition(":")[2]
    conf = tmp_path / "sentinel.conf"
    conf.write_text(f"sentinel monitor mymaster 127.0.0.1 {port} 1\n")
    with running(redis_server, tmp_path, str(conf), "--sentinel") as sentinel:
        report = check([f"redis+sentinel://127.0.0.1:{sentinel}/mymaster"])
        own = check([f"redis://127.0.0.1:{sentinel}"])
    assert report.errors == own.errors == ()
    assert [target.id for target in report.targets] == sorted(
        [f"redis://127.0.0.1:{sentinel}", url]
    )
    told = {f.rule for f in report.findings if f.target != url}
    assert told == {finding.rule for finding in own.findings} == {"RL651"}
    assert own.targets[0].facts["server.mode"].value == "sentinel"
    assert {outcome.rule[:3] for outcome in own.outcomes} <= {"RL5", "RL6"}


def test_what_the_user_may_not_see_is_unknown(
    redis_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDISLINT_PASSWORD", "only-info")
    acl = ("--user", "audit", "on", ">only-info", "+info")
    with running(redis_server, tmp_path, "--bind", "127.0.0.1", *acl) as port:
        report = check([f"redis://127.0.0.1:{port}"], live=LiveOptions(username="audit"))
    assert report.errors == ()
    assert "RL002" in {finding.rule for finding in report.findings}
    outcomes = {outcome.rule: outcome for outcome in report.outcomes}
    assert outcomes[STOP_WRITES].kind is OutcomeKind.UNKNOWN
    assert "NOPERM" in outcomes[STOP_WRITES].hint


def test_host_facts_are_for_the_server_that_runs_there(url: str, tmp_path: Path) -> None:
    file = tmp_path / "host.json"
    file.write_text(
        '{"format": "redislint-host", "version": 1, "collected_at": 1.0,'
        ' "facts": {"swappiness": 60}, "unknown": {}, "directories": [],'
        ' "servers": [{"pid": 4194305, "inner_pids": [], "facts": {}, "unknown": {},'
        ' "directories": []}]}'
    )
    (target,) = check([url], host=file).targets
    assert target.facts["host.swappiness"].value == 60
    assert "4194305" not in str(target.facts)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_server_on_this_machine_gets_its_facts_by_itself(url: str) -> None:
    (target,) = facts([url]).targets
    assert target.facts["host.memory_total"].value > 0
    assert target.facts["disk.free"].value > 0
    assert target.facts["disk.paths"].value == [_settings(facts([url], defaults=True))["dir"]]
    (without,) = facts([url], host="none").targets
    assert not [path for path in without.facts if path.startswith(("host.", "disk."))]


def _settings(report: FactsReport) -> dict[str, str]:
    (target,) = report.targets
    return {setting.name: setting.text for setting in target.settings}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("other", ["uptime_in_seconds:5000", "process_id:4194305"])
def test_a_server_behind_a_tunnel_is_not_taken_for_one_of_this_machine(
    url: str, other: str
) -> None:
    """What answers at 127.0.0.1 is elsewhere: another process, or one that began at another
    time, though its number is that of a process here."""
    (read,) = live.read([url])
    fields = dict(read.targets[0].info.fields)
    name, _, value = other.partition(":")
    text = "".join(f"{n}:{v}\r\n" for n, v in {**fields, name: value}.items())

    async def serve(peer: Peer) -> None:
        while (words := await peer.command()) is not None:
            if words[0] == b"TIME":
                await peer.send(encode([str(int(time.time())), "0"]))
            else:
                known = {b"INFO": text, b"CONFIG": ["dir", "/data"]}
                await peer.send(encode(known.get(words[0], {"error": "ERR unknown command"})))

    with Stub(serve) as stub:
        (target,) = facts([f"redis://127.0.0.1:{stub.port}"]).targets
    assert "info.process_id" in target.facts
    assert not [path for path in target.facts if path.startswith(("host.", "disk."))]


def test_another_scheme_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^http:// targets are not supported: expected one of"):
        check(["http://user:secret@host"])
