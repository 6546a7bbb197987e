"""Replication, cluster and Sentinel rules on files, on recorded answers, on real groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from redislint import catalog
from redislint.audit import check
from redislint.audit.report import Report
from redislint.model import OutcomeKind
from redislint.policy.library import builtin_policy
from redislint.sources.live.options import LiveOptions
from tests.support.real_server import free_port, running, send, until
from tests.support.resp_stub import Recording, Stub

OURS = ["RL5", "RL6"]

STATES: dict[str, set[str]] = {
    "cluster-alone": {"RL601 error"},
    "healthy-hybrid-everysec": set(),
    "min-replicas-unmet": {"RL503 error"},
    "no-persistence": set(),
    "primary-with-replica": {"RL509 warning", "RL514 info", "RL518 warning"},
    "replica-healthy": set(),
    "replica-stale-refused": {"RL506 error"},
    "sentinel-three": set(),
}
"""What each recorded state raises of these rules, on every version that it was recorded on."""


def raised(report: Report) -> set[str]:
    return {f"{one.rule} {one.severity.value}" for one in report.findings}


def run(urls: Iterable[str], select: Iterable[str] = tuple(OURS)) -> Report:
    options = LiveOptions(total_timeout=20.0)
    report = check(urls, profile="strict", select=list(select), live=options)
    assert not [error for error in report.errors if error.stage == "policy"], report.errors
    return report


@pytest.mark.parametrize("state", STATES)
def test_recorded_states(state: str, shared: Path) -> None:
    records = sorted((shared / "data" / "states" / state).glob("*.json"))
    assert records
    for path in records:
        recording = Recording(path)
        with Stub(recording.serve) as stub:
            report = run([f"redis://127.0.0.1:{stub.port}"])
        expected = set(STATES[state])
        if recording.record["engine"] == "valkey" or recording.record["version"] >= "7.0":
            expected.discard("RL514 info")  # diskless by default
        assert raised(report) == expected, path.name
        broken = [o for o in report.outcomes if o.kind is OutcomeKind.ERROR]
        assert broken == [], path.name


@pytest.mark.parametrize("server", catalog.SERVERS, ids=str)
@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("redis.conf", "", set()),
        ("redis.conf", "appendonly yes\nmaxmemory 1gb\n", set()),
        ("sentinel.conf", "sentinel monitor m 127.0.0.1 6379 2\n", {"RL656"}),
        ("sentinel.conf", "bind 127.0.0.1\nsentinel monitor m 127.0.0.1 6379 2\n", set()),
        ("sentinel.conf", "sentinel monitor m 10.0.0.1 6379 1\n", {"RL652", "RL656"}),
    ],
)
def test_stock_files(name: str, text: str, expected: set[str], server: str) -> None:
    report = check(
        ["-"], stdin=text.encode(), stdin_filename=name, server=server,
        profile="strict", select=OURS,
    )  # fmt: skip
    assert {finding.rule for finding in report.findings} == expected
    assert not [o for o in report.outcomes if o.kind is OutcomeKind.UNKNOWN]


def test_the_count_of_noise(tmp_path: Path) -> None:
    from benchmarks.noise import count, table

    (tmp_path / "sentinel.conf").write_text("sentinel monitor m 10.0.0.1 6379 1\n")
    (tmp_path / "redis.conf").write_text("replica-read-only no\n")
    total, rows = count([str(tmp_path)], server="redis-7.2")
    assert total == 2
    counted = {row.rule: (row.severity.value, row.findings, row.files) for row in rows}
    assert counted["RL656"] == ("warning", 1, 1)
    assert counted["RL505"] == ("info", 1, 1)
    assert "| RL652 | warning | 1 | 1 | 50% |" in table(total, rows)


def test_a_finding_points_at_the_line_of_its_primary() -> None:
    text = (
        "port 26379\n"
        "bind 127.0.0.1\n"
        "sentinel monitor one 10.0.0.1 6379 2\n"
        "sentinel monitor two 10.0.0.2 6379 2\n"
        "sentinel down-after-milliseconds one 5000\n"
        "sentinel down-after-milliseconds two 200\n"
    )
    report = check(["-"], stdin=text.encode(), stdin_filename="sentinel.conf", select=OURS)
    (finding,) = report.findings
    assert finding.rule == "RL654"
    assert "'two'" in finding.message
    assert finding.span is not None
    assert finding.span.line == 6


def test_a_sentinels_password_never_shows() -> None:
    text = (
        "sentinel monitor m 10.0.0.1 6379 1\n"
        "sentinel auth-pass m CANARY-one\n"
        "sentinel sentinel-pass CANARY-two\n"
    )
    for config in ("redis-5.0", "redis-7.2", "valkey-9.1"):
        report = check(
            ["-"], stdin=text.encode(), stdin_filename="sentinel.conf", server=config,
            profile="strict",
        )  # fmt: skip
        assert report.findings
        assert "CANARY" not in repr(report)


def test_rules_about_data_are_not_held_against_a_sentinel() -> None:
    text = "port 26379\nsentinel monitor m 10.0.0.1 6379 2\n"
    report = check(["-"], stdin=text.encode(), stdin_filename="sentinel.conf", profile="strict")
    rules = builtin_policy()
    judged = {outcome.rule for outcome in report.outcomes}
    assert judged
    assert {one for one in judged if "sentinel" not in rules[one].tags} == set()


# -- real groups -----------------------------------------------------------------------


@pytest.fixture
def group(redis_server: str, tmp_path: Path) -> Iterator[Group]:
    with ExitStack() as stack:
        yield Group(redis_server, tmp_path, stack)


class Group:
    """Starts servers that end with the test."""

    def __init__(self, program: str, folder: Path, stack: ExitStack) -> None:
        self._program, self._folder, self._stack = program, folder, stack
        self._count = 0

    def start(self, *arguments: str, conf: str = "") -> int:
        self._count += 1
        folder = self._folder / str(self._count)
        folder.mkdir()
        file = folder / "server.conf"
        file.write_text(conf)
        given = (str(file), "--dir", str(folder), *arguments)
        return self._stack.enter_context(running(self._program, folder, *given))

    def sentinel(self, primary: int, more: str = "") -> int:
        port = free_port()
        conf = f"port {port}\nsentinel monitor main 127.0.0.1 {primary} 2\n{more}"
        return self.start("--sentinel", conf=conf)


def test_a_real_cluster(group: Group) -> None:
    """Two primaries, then three of which one has a replica."""
    options = ("--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--save", "")
    one, two = group.start(*options), group.start(*options)
    send(one, "CLUSTER", "ADDSLOTS", *map(str, range(8192)))
    send(two, "CLUSTER", "ADDSLOTS", *map(str, range(8192, 16384)))
    send(one, "CLUSTER", "MEET", "127.0.0.1", str(two))
    until(lambda: all(b"cluster_state:ok" in send(p, "CLUSTER", "INFO") for p in (one, two)))
    url = f"redis+cluster://127.0.0.1:{one}"
    told = raised(run([url]))
    assert told == {"RL606 error", "RL607 warning", "RL509 warning", "RL514 info"}

    third, replica = (
        group.start(*options),
        group.start(*options, "--cluster-replica-no-failover", "yes"),
    )
    for node in (third, replica):
        send(one, "CLUSTER", "MEET", "127.0.0.1", str(node))
    known = b"cluster_known_nodes:4"
    until(lambda: all(known in send(p, "CLUSTER", "INFO") for p in (one, two, third, replica)))
    own = send(one, "CLUSTER", "MYID").split(b"\r\n")[1].decode()
    until(lambda: b"+OK" in send(replica, "CLUSTER", "REPLICATE", own))
    until(lambda: b"state=online" in send(one, "INFO", "replication"))
    until(lambda: send(one, "CLUSTER", "NODES").count(own.encode()) == 2)
    report = run([url])
    alone = {f.target for f in report.findings if f.rule == "RL607"}
    assert alone == {f"redis://127.0.0.1:{two}"}
    assert {f.target for f in report.findings if f.rule == "RL610"} == {f"redis://127.0.0.1:{one}"}
    assert {f.target for f in report.findings if f.rule == "RL518"} == {f"redis://127.0.0.1:{one}"}


def test_real_sentinels(group: Group) -> None:
    """Two Sentinels over a primary with a replica that is set up otherwise; then three."""
    primary = group.start("--save", "3600", "1")
    replica = group.start(
        "--replicaof", "127.0.0.1", str(primary), "--replica-priority", "0",
        "--maxmemory-policy", "allkeys-lru", "--save", "3600", "1",
    )  # fmt: skip
    until(lambda: b"state=online" in send(primary, "INFO", "replication"))
    more = "sentinel down-after-milliseconds main 400\nsentinel failover-timeout main 800\n"
    first = group.sentinel(primary, more)
    group.sentinel(primary, more)

    def knows(others: int) -> bool:
        told = send(first, "SENTINEL", "MASTERS")
        return b"num-other-sentinels\r\n$1\r\n%d\r\n" % others in told

    def has_priority() -> bool:
        return b"slave-priority\r\n$1\r\n0\r\n" in send(first, "SENTINEL", "SLAVES", "main")

    until(lambda: knows(1) and has_priority())
    url = f"redis+sentinel://127.0.0.1:{first}/main"
    report = run([url])
    by_target = {(f.target, f.rule) for f in report.findings}
    assert (f"redis://127.0.0.1:{replica}", "RL516") in by_target
    told = next(f for f in report.findings if f.rule == "RL516").message
    assert "maxmemory-policy" in told
    seen = {f.rule for f in report.findings if f.target == f"redis://127.0.0.1:{first}"}
    assert seen == {"RL512", "RL651", "RL654", "RL661"}

    group.sentinel(primary, more)
    until(lambda: knows(2))
    assert "RL651" not in {f.rule for f in run([url]).findings}
