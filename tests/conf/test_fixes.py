"""Fixes: applied to the text, the finding is gone and nothing else has changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import redislint
from redislint.conf import edit
from redislint.conf.document import Document
from redislint.conf.fixes import fix_for
from redislint.conf.resolve import Configuration
from redislint.model import Fix, FixSafety


def only(text: str | bytes, rule: str, server: str) -> tuple[Document, Fix | None]:
    document = redislint.parse(text, "redis.conf")
    conf = document.resolve(server)
    (one,) = [d for d in conf.diagnostics if d.rule == rule]
    return document, fix_for(conf, one)


@pytest.mark.parametrize(
    ("rule", "server", "before", "after", "safety"),
    [
        ("RL101", "redis-7.2", "port 1\nmaxmemmory 1gb\n", "port 1\nmaxmemory 1gb\n", "unsafe"),
        ("RL103", "redis-7.2", "  timeout 5  # s\n", "  # s\n  timeout 5\n", "safe"),
        ("RL103", "redis-7.2", "timeout 5 # s\r\n", "# s\r\ntimeout 5\r\n", "safe"),
        ("RL103", "redis-7.2", "appendonly no# off", "# off\nappendonly no", "safe"),
        ("RL103", "redis-7.2", "appendonly no // off\n", "# off\nappendonly no\n", "safe"),
        ("RL103", "redis-6.2", "save 60 1 # a\n", "# a\nsave 60 1\n", "unsafe"),
        ("RL103", "redis-7.2", "bind ::1 # a b\n", "# a b\nbind ::1\n", "unsafe"),
        ("RL105", "redis-7.2", "appendonly true\n", "appendonly yes\n", "safe"),
        ("RL105", "redis-7.2", "appendonly  OFF \n", "appendonly  no \n", "safe"),
        ("RL106", "redis-7.2", "loglevel notce\n", "loglevel notice\n", "unsafe"),
        ("RL107", "redis-7.2", "maxmemory 2Gi\n", "maxmemory 2gb\n", "safe"),
        ("RL107", "redis-7.2", "maxmemory 1.5gb\n", "maxmemory 1536mb\n", "safe"),
        ("RL109", "redis-7.2", "maxmemory 64m\n", "maxmemory 64mb\n", "unsafe"),
        ("RL110", "redis-7.2", "timeout 5\nport 1\ntimeout 9\n", "port 1\ntimeout 9\n", "safe"),
        ("RL110", "redis-7.2", "dir /a\ndir /b\n", "dir /b\n", "unsafe"),
        ("RL111", "redis-6.2", "save 9 1 5 2\n", "save 9 1\nsave 5 2\n", "unsafe"),
        ("RL114", "redis-7.2", "slaveof a 1\n", "replicaof a 1\n", "safe"),
        ("RL115", "redis-7.2", "port 1\nlua-replicate-commands yes\n", "port 1\n", "safe"),
        ("RL117", "redis-7.2", "dbfilename /a/x\n", "dir /a\ndbfilename x\n", "unsafe"),
        ("RL123", "redis-7.2", "\ufeffport 1\n", "port 1\n", "safe"),
    ],
)
def test_fix(rule: str, server: str, before: str, after: str, safety: str) -> None:
    document, fix = only(before, rule, server)
    assert fix is not None
    assert fix.safety is FixSafety(safety)
    fixed = edit.apply(document, fix.edits)
    assert fixed == after.encode()
    conf = redislint.parse(fixed, "redis.conf").resolve(server)
    assert conf.accepted
    assert rule not in {d.rule for d in conf.diagnostics}


@pytest.mark.parametrize(
    ("rule", "server", "text"),
    [
        ("RL101", "redis-7.2", "no-such-thing 1\n"),
        ("RL103", "redis-7.2", "requirepass hunter2 # hunter3\n"),
        ("RL103", "redis-6.2", "save x 1 # y\n"),
        ("RL103", "redis-6.2", "save 0 1 # y\n"),
        ("RL111", "redis-6.2", "save 9 1 0 1\n"),
        ("RL105", "redis-7.2", "appendonly maybe\n"),
        ("RL106", "redis-7.2", "loglevel loud\n"),
        ("RL107", "redis-7.2", "maxmemory 75%\n"),
        ("RL111", "redis-6.2", "save 9\n"),
        ("RL102", "redis-7.2", "port\n"),
        ("RL117", "redis-7.2", "dir /b\ndbfilename /a/x\n"),
        ("RL117", "redis-7.2", "dbfilename /a/\n"),
        ("RL123", "redis-7.2", b"timeout 5\x00\nport 1\n"),
    ],
)
def test_no_fix_where_nobody_can_tell(rule: str, server: str, text: str | bytes) -> None:
    assert only(text, rule, server)[1] is None


def test_an_override_from_the_command_line_stays() -> None:
    conf = redislint.parse("port 1\n", "redis.conf").resolve("redis-7.2", ["--port", "2"])
    assert [d.rule for d in conf.diagnostics] == ["RL110"]
    assert fix_for(conf, conf.diagnostics[0]) is None


def test_include_moves_to_the_top(tmp_path: Path) -> None:
    (tmp_path / "a.conf").write_text("timeout 9\n")
    path = str(tmp_path / "main.conf")
    document = redislint.parse("# c\ntimeout 5\ninclude a.conf\nport 1\n", path)
    conf = document.resolve("redis-7.2", cwd=str(tmp_path))
    (one,) = conf.diagnostics
    fix = fix_for(conf, one)
    assert fix is not None
    assert edit.apply(document, fix.edits) == b"# c\ninclude a.conf\ntimeout 5\nport 1\n"
    assert fix.safety is FixSafety.UNSAFE


_LINES = st.lists(
    st.sampled_from(
        [
            "timeout 5", "timeout 9", "# note", "", "slave-read-only yes", "replica-read-only yes",
            "save 60 1", 'save ""', "lua-replicate-commands yes", "maxmemory 1gb", "maxmemory 1g",
            "dir /a", "dir /b", "client-output-buffer-limit normal 0 0 0",
            "client-output-buffer-limit normal 1mb 0 0", "port 1", "hash-max-ziplist-value 5",
        ]
    ),
    max_size=12,
)  # fmt: skip


def _safe_fix(conf: Configuration) -> Fix | None:
    found = (fix_for(conf, diagnostic) for diagnostic in conf.diagnostics)
    return next((fix for fix in found if fix and fix.safety is FixSafety.SAFE), None)


@settings(max_examples=100, deadline=None)
@given(_LINES, st.sampled_from(["redis-6.2", "redis-7.2", "valkey-8.0"]))
def test_safe_fixes_change_no_value(lines: list[str], server: str) -> None:
    document = redislint.parse("".join(line + "\n" for line in lines), "redis.conf")
    conf = document.resolve(server)
    before = dict(conf.values())
    for _ in range(2 * len(lines) + 1):
        fix = _safe_fix(conf)
        if fix is None:
            break
        document = redislint.parse(edit.apply(document, fix.edits), "redis.conf")
        conf = document.resolve(server)
        assert conf.accepted
        assert dict(conf.values()) == before
    assert _safe_fix(conf) is None
