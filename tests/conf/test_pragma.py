"""Pragmas are read strictly: what is not understood is a problem with a place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redislint.conf.document import parse
from redislint.conf.pragma import Pragmas, read_pragmas
from redislint.conf.pragma_keys import FACT_KEYS
from redislint.model import Server, Span


def read(text: str) -> Pragmas:
    return read_pragmas(parse(text, "r.conf"))


def test_facts() -> None:
    pragmas = read(
        "# redislint: engine=redis version=7.2 workload=queue,cache rpo=2s rto=60s\n"
        "port 6379\n"
        '## Redislint: accept=always,ephemeral accept-reason="measured: 3100 batches/s"\n'
        "  # redislint: environment=production template=true last-drill=2026-10-02 load=14s\n"
        "#redislint: backup-window=02:00-03:00Z backup-max-age=25h ha=sentinel owner=team-a\n"
        "# redislint: backup=offsite\n"
    )
    assert pragmas.problems == ()
    assert pragmas.server == Server("redis", (7, 2))
    assert pragmas.template
    assert pragmas.words("workload") == ("queue", "cache")
    assert pragmas.values["accept-reason"] == "measured: 3100 batches/s"
    assert set(pragmas.spans) == FACT_KEYS - {"server"}
    assert pragmas.spans["rpo"] == Span("r.conf", 1, 60, 1, 66)
    assert pragmas.spans["environment"].column == 16


@pytest.mark.parametrize("text", ["server=valkey-8.1", "engine=valkey version=8.1"])
def test_server(text: str) -> None:
    assert read(f"# redislint: {text}\n").server == Server("valkey", (8, 1))


def test_silences() -> None:
    pragmas = read(
        '# redislint: disable=RL210,no-save reason="a cache" owner=me\n'
        '# redislint: disable-next-line=RL412 reason="old client" until=2027-01-31\n'
        "\n# another comment\nrename-command KEYS x\n"
    )
    assert pragmas.problems == ()
    file_wide, line = pragmas.silences
    assert (file_wide.rules, file_wide.line) == (("RL210", "no-save"), None)
    assert (file_wide.reason, file_wide.owner, file_wide.until) == ("a cache", "me", "")
    assert (line.rules, line.line, line.until) == (("RL412",), 5, "2027-01-31")
    assert line.span == Span("r.conf", 2, 14, 2, 37)


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("# redislint: worklod=queue", 14, "unknown key 'worklod', did you mean 'workload'?"),
        ("# redislint: zzz=1", 14, "unknown key 'zzz': expected one of"),
        ("# redislint: workload", 14, "'workload' has no value"),
        ("# redislint: workload=", 14, "'workload' has no value"),
        ("# redislint: see the wiki", 14, "expected key=value, found 'see'"),
        ("# redislint:", 1, "says nothing"),
        ('# redislint: owner="x', 1, "not balanced"),
        ("# redislint workload=queue", 1, "expected a colon"),
        ("# redislint: environment=prod", 14, "expected one of production, staging"),
        ("# redislint: accept=always,never", 14, "expected one of always"),
        ("# redislint: rpo=2", 14, "expected a number and a unit"),
        ("# redislint: backup-window=2-3", 14, "two times of day"),
        ("# redislint: last-drill=2026-02-30", 14, "expected a date"),
        ("# redislint: workload=a,,b", 14, "expected a workload"),
        ("# redislint: engine=redis", 14, "'version' is missing"),
        ("# redislint: version=7.2", 14, "'engine' is missing"),
        ("# redislint: server=keydb-6", 14, "expected an engine"),
        ("# redislint: server=redis-7.2 engine=redis", 31, "expected either"),
        ("# redislint: rpo=1s rpo=2s", 21, "'rpo' has another value on line 1"),
        ("# redislint: reason=x", 14, "belongs to 'disable'"),
        ("# redislint: disable=RL1", 14, "needs a reason"),
        ('# redislint: disable=RL1 reason=" "', 14, "needs a reason"),
        ("# redislint: disable=RL1,$ reason=x", 14, "rule ids or names"),
        ("# redislint: disable=RL1 reason=x until=soon", 14, "expected a date"),
        ("# redislint: disable-next-line=RL1 reason=x", 14, "no directive follows"),
        ("# redislint: disable=RL1 disable-next-line=RL2 reason=x", 26, "one pragma silences"),
        ("# redislint: disable=RL1 reason=x workload=queue", 35, "a pragma of its own"),
        ("# redislint: disable=RL1 reasn=x", 26, "did you mean 'reason'?"),
        ("port 1 # redislint: workload=queue", 8, "a line of its own"),
    ],
)
def test_problems(text: str, place: int, message: str) -> None:
    pragmas = read(f"\n{text}\n")
    wanted = message.replace("line 1", "line 2")
    (problem,) = [found for found in pragmas.problems if wanted in found.message]
    assert (problem.span.line, problem.span.column) == (2, place)
    assert pragmas.silences == ()


def test_a_wrong_value_does_not_count() -> None:
    pragmas = read("# redislint: environment=prod\n# redislint: environment=test\n")
    assert dict(pragmas.values) == {"environment": "test"}
    assert len(pragmas.problems) == 1


def test_prose_is_left_alone() -> None:
    assert read("# checked with redislint every night\n# redislint is a linter\n") == Pragmas()
    assert read("port 1\n") == Pragmas()


PIECES = ["# redislint:", "redislint:", " ", "\n", "=", '"', "workload=", "disable=RL1", "reason=x"]
PIECES += [
    "server=",
    "engine=redis",
    "version=7",
    "\0",
    "é",
    "#",
    "\udcff",
    "until=",
    "rpo=1s",
    ",",
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=15).map("".join))
def test_never_raises(text: str) -> None:
    pragmas = read(text)
    for problem in pragmas.problems:
        assert 1 <= problem.span.line <= text.count("\n") + 1
        assert problem.message.isprintable()
