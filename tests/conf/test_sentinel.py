"""Sentinel lines against what the real servers said of them."""

from __future__ import annotations

import pytest

from redislint.conf import sentinel
from redislint.conf.document import parse
from redislint.conf.sentinel_host import Host, host_kind
from redislint.model import Server

SERVERS = [
    Server.parse(text)
    for text in (
        *(
            "redis-2.8",
            "redis-3.0",
            "redis-3.2",
            "redis-4.0",
            "redis-5.0",
            "redis-6.0",
            "redis-6.2",
        ),
        *("redis-7.0", "redis-7.2", "redis-7.4", "redis-8.0", "redis-8.6"),
        *("valkey-7.2", "valkey-8.0", "valkey-8.1", "valkey-9.1"),
    )
]
M = "sentinel monitor m 127.0.0.1 6379 2\n"

# For each server "." (it starts) or the number of the line at which it stops.
FILES = [
    (M, "................"),
    ("sentinel monitor m 127.0.0.1 6379 0\n", "1111111111111111"),
    ("sentinel monitor m 127.0.0.1 6379 x\n", "1111111111111111"),
    ("sentinel monitor m 127.0.0.1 6379 4294967296\n", "1111111111111111"),
    ("sentinel monitor m 127.0.0.1 6379 4294967297\n", "................"),
    ("sentinel monitor m 127.0.0.1 0 1\n", "11.............."),
    ("sentinel monitor m 127.0.0.1 65536 1\n", "1111111111111111"),
    ("sentinel monitor m 127.0.0.1 -1 1\n", "1111111111111111"),
    ("sentinel monitor m 127.0.0.1 6379\n", "1111111111111111"),
    ("sentinel monitor m ::1 6379 1\n", "................"),
    ("sentinel monitor m 127.1 6379 1\n", "................"),
    ("sentinel monitor m 127.0.0.256 6379 1\n", "1111111111111111"),
    ("sentinel monitor m localhost 6379 1\n", "......1111111111"),
    ("sentinel resolve-hostnames yes\nsentinel monitor m localhost 6379 1\n", "111111.........."),
    ("sentinel monitor m localhost 6379 1\nsentinel resolve-hostnames yes\n", "222222.........."),
    ('sentinel monitor m "" 6379 1\n', "1111111111111111"),
    (M + M, "2222222222222222"),
    (M + "sentinel monitor M 127.0.0.1 6379 2\n", "................"),
    ("sentinel down-after-milliseconds m 5\n" + M, "111111.........."),
    (M + "sentinel down-after-milliseconds n 5\n", "2222222222222222"),
    (M + "sentinel down-after-milliseconds m 0\n", "2222222222222222"),
    (M + "sentinel down-after-milliseconds m 5x\n", "................"),
    (M + "sentinel failover-timeout m -1\n", "2222222222222222"),
    (M + "sentinel parallel-syncs m x\n", "................"),
    (M + "sentinel parallel-syncs m\n", "2222222222222222"),
    (M + "sentinel notification-script m /bin/true\n", "................"),
    (M + "sentinel notification-script m /nonexistent\n", "2222222222222222"),
    (M + "sentinel client-reconfig-script m /etc/passwd\n", "2222222222222222"),
    (M + "sentinel auth-user m u\n", "22222..........."),
    (M + "sentinel auth-pass n p\n", "2222222222222222"),
    (
        M + "sentinel rename-command m CONFIG a\nsentinel rename-command m config b\n",
        "2222333333333333",
    ),
    (M + "sentinel rename-command m CONFIG a\n", "2222............"),
    (
        M + "sentinel known-slave m 127.0.0.1 1\nsentinel known-slave m 127.0.0.1 1\n",
        "3333333333333333",
    ),
    (
        M + "sentinel known-slave m 127.1 1\nsentinel known-slave m 127.0.0.1 1\n",
        "......3333333333",
    ),
    (M + "sentinel known-replica m 127.0.0.1 1\n", "2222............"),
    (M + "sentinel known-sentinel m 127.0.0.1 1\n", "................"),
    (M + "sentinel known-sentinel n 127.0.0.1 1\n", "22.............."),
    (
        M + "sentinel known-sentinel m 127.0.0.1 1 id\nsentinel known-sentinel m 127.0.0.1 2 id\n",
        "..33333333333333",
    ),
    (
        M
        + "sentinel known-sentinel m 127.0.0.1 1 id\nsentinel known-sentinel m 127.0.0.1 1 other\n",
        "33..............",
    ),
    ("sentinel myid 0123456789012345678901234567890123456789\n", "11.............."),
    ("sentinel myid abc\n", "1111111111111111"),
    (
        "sentinel announce-ip x\nsentinel announce-port x\nsentinel current-epoch x\n",
        "................",
    ),
    ("sentinel deny-scripts-reconfig maybe\n", "1111111111111111"),
    ("sentinel resolve-hostnames YES\n", "111111.........."),
    ("sentinel announce-hostnames maybe\n", "1111111111111111"),
    ("sentinel sentinel-user a\n", "111111.........."),
    ("sentinel sentinel-pass\n", "1111111111111111"),
    (M + "sentinel master-reboot-down-after-period m 0\n", "2222222........."),
    (M + "sentinel master-reboot-down-after-period m -1\n", "2222222222222222"),
    (M + "sentinel primary-reboot-down-after-period m 1\n", "2222222222222..."),
    ("sentinel loglevel debug\n", "1111111111111111"),
    ("SENTINEL MONITOR m 127.0.0.1 6379 2\n", "................"),
    (
        'sentinel monitor "m\\x00x" 127.0.0.1 6379 2\nsentinel parallel-syncs m 1\n',
        "................",
    ),
    (
        "sentinel parallel-syncs m 1\nsentinel nosuch\nsentinel monitor m 127.0.0.1 6379 0\n"
        "sentinel myid x\n",
        "1111114444444444",
    ),
]


def lines(text: str) -> list[list[bytes]]:
    """The words after `sentinel` of each line."""
    found = []
    for line in parse(text.encode()).directives:
        assert line.words is not None
        assert line.words[0].value.lower() == b"sentinel"
        found.append([word.value for word in line.words[1:]])
    return found


@pytest.mark.parametrize(("text", "expected"), FILES)
def test_a_file_ends_as_on_the_servers(text: str, expected: str) -> None:
    found = ""
    for server in SERVERS:
        problems = sentinel.check(
            lines(text),
            server,
            executable=lambda path: path == b"/bin/true",
            resolves=lambda host: False,
        )
        assert all(problem.stage == "load" for problem in problems)
        found += str(problems[0].index + 1) if problems else "."
    assert found == expected


SIX = Server.parse("redis-6.0")
SEVEN = Server.parse("redis-7.2")


@pytest.mark.parametrize(
    ("line", "argument", "rule"),
    [
        ("sentinel monitor m 127.0.0.1 6379 0", 4, "RL108"),
        ("sentinel monitor m 127.0.0.1 70000 1", 3, "RL108"),
        ("sentinel monitor m redis.example 6379 1", 2, "RL106"),
        ("sentinel monitor m 127.0.0.1 6379", 0, "RL102"),
        ("sentinel failover-timeout x 1", 1, "RL106"),
        ("sentinel failover-timeuot x 1", 0, "RL101"),
        ("sentinel primary-reboot-down-after-period x 1", 0, "RL113"),
        ("sentinel deny-scripts-reconfig 1", 1, "RL105"),
        ("sentinel myid 123", 1, "RL106"),
    ],
)
def test_a_problem_names_the_word_and_the_rule(line: str, argument: int, rule: str) -> None:
    (problem,) = sentinel.check(lines(line), SEVEN)
    assert (problem.argument, problem.rule, problem.stage) == (argument, rule, "load")


def test_messages_help() -> None:
    (problem,) = sentinel.check(lines("sentinel failover-timeuot m 1"), SEVEN)
    assert "did you mean 'failover-timeout'" in problem.message
    (problem,) = sentinel.check(lines("sentinel monitor m db.example 6379 1"), SEVEN)
    assert "resolve-hostnames" in problem.message
    (problem,) = sentinel.check(lines("sentinel auth-pass m hunter2 x"), SEVEN)
    assert "hunter2" not in problem.message


def test_a_refused_master_is_not_reported_as_missing_too() -> None:
    text = "sentinel monitor m 127.0.0.1 6379 0\nsentinel parallel-syncs m 1"
    assert len(sentinel.check(lines(text), SEVEN)) == 1


def test_what_the_machine_decides_is_told_apart() -> None:
    text = M + "sentinel notification-script m /etc/notify.sh"
    assert [(p.stage, p.index) for p in sentinel.check(lines(text), SEVEN)] == [("env", 1)]
    names = lines("sentinel monitor m db.example 6379 1")
    assert [p.stage for p in sentinel.check(names, SIX)] == ["env"]
    assert [p.stage for p in sentinel.check(names, SIX, resolves=lambda host: False)] == ["load"]


def test_problems_come_in_the_order_of_the_server() -> None:
    text = lines("sentinel nosuch\nsentinel monitor m 127.0.0.1 1 0\nsentinel myid x")
    assert [problem.index for problem in sentinel.check(text, SIX)] == [0, 1, 2]
    assert [problem.index for problem in sentinel.check(text, SEVEN)] == [2, 1, 0]


def test_masters() -> None:
    text = (
        "sentinel parallel-syncs b 5\nsentinel monitor a 127.0.0.1 6379 2\n"
        "sentinel monitor b ::1 6380 3\nsentinel down-after-milliseconds a 5000\n"
        "sentinel auth-pass a secret\nsentinel auth-user a app\n"
        "sentinel known-replica a 127.0.0.1 6390\nsentinel failover-timeout a 0\n"
        "sentinel rename-command a CONFIG x\n"
    )
    first, second = sentinel.masters(lines(text), SEVEN)
    assert (first.name, first.host, first.port, first.quorum) == ("a", "127.0.0.1", 6379, 2)
    assert (first.down_after, first.failover_timeout) == (5000, 180_000)
    assert (first.has_auth_pass, first.auth_user) == (True, "app")
    assert first.replicas == ("127.0.0.1:6390",)
    assert first.renamed_commands == ("config",)
    assert dict(first.lines)["down-after-milliseconds"] == 3
    assert (second.name, second.parallel_syncs, second.line) == ("b", 5, 2)
    assert "secret" not in repr((first, second))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (b"12", 12),
        (b" +7x", 7),
        (b"-3", -3),
        (b"x", 0),
        (b"", 0),
        (b"1.5", 1),
        (b"4294967297", 1),
        (b"2147483648", -(2**31)),
        (b"99999999999999999999", -1),
        (b"-99999999999999999999", 0),
    ],
)
def test_atoi(text: bytes, number: int) -> None:
    assert sentinel.atoi(text) == number


@pytest.mark.parametrize(
    ("host", "kind", "address"),
    [
        (b"127.0.0.1", Host.NUMERIC, b"127.0.0.1"),
        (b"127.1", Host.NUMERIC, b"127.0.0.1"),
        (b"0x7f000001", Host.NUMERIC, b"127.0.0.1"),
        (b"0177.1", Host.NUMERIC, b"127.0.0.1"),
        (b"::FFFF:1.2.3.4", Host.NUMERIC, None),
        (b"fe80::1", Host.NUMERIC, b"fe80::1"),
        (b"LocalHost", Host.LOCAL, b"LocalHost"),
        (b"redis.example", Host.NAME, b"redis.example"),
        (b"127.0.0.256", Host.IMPOSSIBLE, b"127.0.0.256"),
        (b"4294967296", Host.IMPOSSIBLE, b"4294967296"),
        (b"a b", Host.IMPOSSIBLE, b"a b"),
        (b"", Host.IMPOSSIBLE, b""),
        (b"[::1]", Host.IMPOSSIBLE, b"[::1]"),
    ],
)
def test_host_kind(host: bytes, kind: Host, address: bytes | None) -> None:
    found = host_kind(host)
    assert found.kind is kind
    assert address is None or found.address == address
