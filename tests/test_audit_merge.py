from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from redislint.audit.merge import merge
from redislint.model import Diagnostic, Server, Severity, Span

OLD, MID, NEW = map(Server.parse, ("redis-6.2", "redis-7.0", "redis-7.2"))
ALL = (OLD, MID, NEW)


def said(
    rule: str = "RL101",
    line: int = 1,
    severity: Severity = Severity.ERROR,
    message: str = "m",
    fatal: bool = True,
    instance: str = "",
) -> Diagnostic:
    span = Span("redis.conf", line, 1, line, 5)
    return Diagnostic(rule, severity, message, span, "port", instance, fatal)


def run(
    verdicts: Mapping[Server, Sequence[Diagnostic]], *, assumed: bool = True
) -> list[tuple[str, Severity, tuple[str, ...] | None]]:
    complete = {server: verdicts.get(server, ()) for server in ALL}
    accepted = {s: not any(d.fatal for d in found) for s, found in complete.items()}
    return [
        (
            item.diagnostic.rule,
            item.diagnostic.severity,
            None if item.servers is None else tuple(map(str, item.servers)),
        )
        for item in merge(complete, accepted, assumed=assumed)
    ]


def test_what_all_refuse_is_an_error_without_versions() -> None:
    assert run({server: [said()] for server in ALL}) == [("RL101", Severity.ERROR, None)]


def test_what_some_refuse_is_an_info_that_names_them() -> None:
    assert run({OLD: [said()]}) == [("RL101", Severity.INFO, ("redis-6.2",))]


def test_what_was_asked_for_keeps_its_severity() -> None:
    assert run({OLD: [said()]}, assumed=False) == [("RL101", Severity.ERROR, ("redis-6.2",))]


def test_a_line_that_each_refuses_for_its_own_reason_is_an_error() -> None:
    found = run({OLD: [said("RL102")], MID: [said("RL108")], NEW: [said("RL108")]})
    assert found == [
        ("RL102", Severity.ERROR, ("redis-6.2",)),
        ("RL108", Severity.ERROR, ("redis-7.0", "redis-7.2")),
    ]


def test_a_line_that_is_bad_everywhere_is_as_bad_as_where_it_is_mildest() -> None:
    mild = said("RL115", severity=Severity.WARNING, fatal=False)
    found = run({OLD: [mild], MID: [said()], NEW: [said()]})
    assert [severity for _, severity, _ in found] == [Severity.WARNING, Severity.WARNING]


def test_where_no_server_is_left_what_refuses_the_file_is_an_error() -> None:
    found = run({OLD: [said(line=1)], MID: [said(line=2)], NEW: [said(line=2)]})
    assert [severity for _, severity, _ in found] == [Severity.ERROR, Severity.ERROR]


def test_an_error_for_all_leaves_errors_for_some_as_infos() -> None:
    everywhere, some = said(line=1), said(line=2)
    found = run({OLD: [everywhere, some], MID: [everywhere], NEW: [everywhere]})
    assert [severity for _, severity, _ in found] == [Severity.ERROR, Severity.INFO]


def test_equal_findings_on_one_place_are_kept_apart() -> None:
    twice = [said(message="a"), said(message="b")]
    assert len(run(dict.fromkeys(ALL, twice))) == 2
    apart = [said(instance="save 1 1"), said(instance="save 2 2")]
    assert len(run(dict.fromkeys(ALL, apart))) == 2


def test_a_directive_that_servers_call_differently_is_one_finding() -> None:
    old = said("RL110")._replace(directive="hash-max-ziplist-value")
    new = said("RL110")._replace(directive="hash-max-listpack-value")
    assert run({OLD: [old], MID: [new], NEW: [new]}) == [("RL110", Severity.ERROR, None)]


@pytest.mark.parametrize(
    ("servers", "assumed", "message"),
    [
        (ALL, True, "unknown to any supported version"),
        (ALL, False, "unknown to redis-6.2, redis-7.0, redis-7.2"),
        ((OLD,), True, "unknown to redis-6.2"),
        ((OLD, MID), True, "unknown to redis-6.2, redis-7.0"),
    ],
)
def test_messages_that_differ_in_the_server_alone_become_one(
    servers: tuple[Server, ...], assumed: bool, message: str
) -> None:
    verdicts = {
        server: [said(message=f"unknown to {server}")] if server in servers else []
        for server in ALL
    }
    accepted = {server: server not in servers for server in ALL}
    [item] = merge(verdicts, accepted, assumed=assumed)
    assert item.diagnostic.message == message


def test_an_old_name_that_only_some_servers_call_old_is_no_finding() -> None:
    old = said("RL114", severity=Severity.INFO, fatal=False)
    assert run({NEW: [old]}) == []
    assert run({NEW: [old]}, assumed=False) == [("RL114", Severity.INFO, ("redis-7.2",))]
    assert run({server: [old] for server in ALL}) == [("RL114", Severity.INFO, None)]
