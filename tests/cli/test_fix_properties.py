"""What fixing promises, over generated files and real ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import redislint
from redislint import audit
from redislint.audit.fixing import STDIN, Fixed, Wanted, fix
from redislint.audit.report import Report
from redislint.model import Finding, FixSafety

LINES = [
    "appendonly true", 'appendonly "no"', "appendonly yes", "appendfsync no", "appendfsync always",
    "no-appendfsync-on-rewrite yes", "aof-use-rdb-preamble no", "save 60 1 # minute",
    "save 9 1 5 2",
    "save 3600 1", 'save ""', "# note", "", "  timeout 5", "timeout 9 # s", "maxmemory 1g",
    "maxmemory '64m'", "maxmemory 2Gi", "maxmemory-policy allkeys-lruu",
    "maxmemory-policy noeviction",
    "slave-read-only yes", "replica-read-only yes", "lua-replicate-commands yes", "maxmemmory 1gb",
    "hash-max-ziplist-value 5", "loglevel notce", "requirepas hunter2", "requirepass hunter2",
    "stop-writes-on-bgsave-error no", "dbfilename /a/b.rdb", "dir /tmp", "activedefrag yes",
    "client-output-buffer-limit normal 0 0 0", "auto-aof-rewrite-percentage 0", "port 1",
    '# redislint: disable-next-line=RL109,RL110 reason="so"', "maxmemory-samples 1", '"timeout" 7',
    "\ufeffport 1", "nonsense", 'x "y', "include no-such-*.conf",
]  # fmt: skip
SERVERS = ["redis-5.0", "redis-6.2", "redis-7.2", "valkey-8.1", None]
WORKLOADS = ["cache", "ledger", "queue", None]


def auditor(data: bytes, server: str | None, workload: str | None) -> Callable[..., Report]:
    def run(texts: Mapping[str, bytes]) -> Report:
        return audit.check(
            ["-"],
            stdin=texts.get(STDIN, data),
            texts=texts,
            server=server,
            workload=workload,
            profile="strict",
        )

    return run


def fixed(data: bytes, server: str | None, workload: str | None, unsafe: bool) -> Fixed:
    return fix(auditor(data, server, workload), Wanted(unsafe=unsafe, stdin=data))


def accepting(data: bytes, report: Report) -> set[str]:
    """The servers that take a text, found without any of the code that fixes."""
    document = redislint.parse(data)
    return {str(s) for s in report.targets[0].held if document.resolve(s).accepted}


def is_wanted(finding: Finding, unsafe: bool) -> bool:
    change = finding.fix
    if change is None or not change.edits or finding.waiver is not None:
        return False
    return unsafe or change.safety is FixSafety.SAFE


def in_order(some: list[bytes], lines: list[bytes]) -> bool:
    rest = iter(lines)
    return all(line in rest for line in some)


def holds(data: bytes, server: str | None, workload: str | None, unsafe: bool) -> None:
    got = fixed(data, server, workload, unsafe)
    result = got.after.get(STDIN, data)
    # Every server that took the text takes it still.
    assert accepting(data, got.original) <= accepting(result, got.original)
    # What is left was tried, and is told.
    told = {(d.finding.rule, d.finding.span) for d in got.dropped}
    left = [f for f in got.report.findings if is_wanted(f, unsafe)]
    assert {(f.rule, f.span) for f in left} <= told
    # Comments stay, in their order, and so do line endings.
    comments = [c.raw for c in redislint.parse(data).comments]
    assert in_order(comments, [c.raw for c in redislint.parse(result).comments])
    if data.endswith(b"\r\n") and data.count(b"\r\n") == data.count(b"\n"):
        assert result.count(b"\r\n") == result.count(b"\n")
    # Lines that no finding is about stay as they are.
    lines = set(data.splitlines(keepends=True)) - set(result.splitlines(keepends=True))
    assert len(lines) == 0 or got.counts
    # Once is enough.
    assert not fixed(result, server, workload, unsafe).after


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(LINES), max_size=14),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.sampled_from(SERVERS),
    st.sampled_from(WORKLOADS),
    st.booleans(),
)
def test_generated_files(
    lines: list[str],
    ending: str,
    closed: bool,
    server: str | None,
    workload: str | None,
    unsafe: bool,
) -> None:
    text = ending.join(lines) + (ending if closed else "")
    holds(text.encode(), server, workload, unsafe)


def test_a_file_whose_only_line_goes_keeps_its_line_endings() -> None:
    holds(b"lua-replicate-commands yes\r\n", "redis-7.2", "ledger", True)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=14), st.sampled_from(["redis-6.2", "redis-7.2"]))
def test_safe_fixes_of_the_text_change_no_value(lines: list[str], server: str) -> None:
    data = "".join(line + "\n" for line in lines).encode()
    before = redislint.parse(data).resolve(server)

    def run(texts: Mapping[str, bytes]) -> Report:
        return audit.check(["-"], stdin=texts.get(STDIN, data), server=server, select=["syntax"])

    got = fix(run, Wanted(stdin=data))
    after = redislint.parse(got.after.get(STDIN, data)).resolve(server)
    if before.accepted:
        assert dict(before.values()) == dict(after.values())


@pytest.mark.parametrize("unsafe", [False, True])
@pytest.mark.parametrize(("server", "workload"), [("redis-7.2", "ledger"), ("redis-6.2", "cache")])
def test_real_files(shared: Path, server: str, workload: str, unsafe: bool) -> None:
    files = sorted(path for path in (shared / "corpus/redis-conf").rglob("*") if path.is_file())
    assert files
    for path in files[::4]:
        holds(path.read_bytes(), server, workload, unsafe)


def test_rules_that_want_the_opposite_are_left_alone() -> None:
    """Two rules that undo each other: neither is fixed, and that is said."""
    data = b"appendonly true\nappendfsync everysec\n"

    def run(texts: Mapping[str, bytes]) -> Report:
        text = texts.get(STDIN, data)
        report = audit.check(["-"], stdin=text, server="redis-7.2", select=["syntax"])
        return _with_quarrel(report, text)

    got = fix(run, Wanted(unsafe=True, stdin=data))
    assert got.after[STDIN] == b"appendonly yes\nappendfsync everysec\n"
    assert [d.reason for d in got.dropped] == ["another rule wants the opposite"]
    again = got.after[STDIN]
    once_more = fix(
        lambda texts: _with_quarrel(
            audit.check(
                ["-"], stdin=texts.get(STDIN, again), server="redis-7.2", select=["syntax"]
            ),
            texts.get(STDIN, again),
        ),
        Wanted(unsafe=True, stdin=again),
    )
    assert not once_more.after


def _with_quarrel(report: Report, text: bytes) -> Report:
    """The report, with a finding that wants `appendfsync` to be another one than it is."""
    from dataclasses import replace

    from redislint.model import Edit, Fix, Severity, Span

    old, new = (b"everysec", b"always") if b"everysec" in text else (b"always", b"everysec")
    start = text.index(old)
    span = Span("<stdin>", 2, 13, 2, 13 + len(old))
    edit = Edit("<stdin>", start, start + len(old), new, span)
    rule = "X1" if new == b"always" else "X2"
    change = Fix(f"set {new.decode()}", FixSafety.UNSAFE, (edit,))
    finding = Finding(
        rule, rule.lower(), Severity.WARNING, "no", "<stdin>", rule * 16, span, fix=change
    )
    return replace(report, findings=(*report.findings, finding))
