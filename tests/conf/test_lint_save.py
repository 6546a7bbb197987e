"""Save points that are other than they seem."""

from __future__ import annotations

from pathlib import Path

import pytest

import redislint
from redislint.model import Diagnostic, Severity


def found(text: str, rule: str, server: str = "redis-7.2", *argv: str) -> list[Diagnostic]:
    conf = redislint.parse(text, "redis.conf").resolve(server, argv)
    return [d for d in conf.diagnostics if d.rule == rule]


@pytest.mark.parametrize("server", ["redis-2.8", "redis-6.2", "redis-7.2", "valkey-9.1"])
def test_empty_save_after_others(server: str) -> None:
    (one,) = found('save 900 1\nsave 300 10\nsave ""\n', "RL112", server)
    assert (one.line, one.severity) == (3, Severity.WARNING)
    assert [related.span.line for related in one.related] == [1, 2]
    assert "no save point is in effect" in one.message


@pytest.mark.parametrize("server", ["redis-2.8", "redis-6.2", "redis-7.2", "valkey-9.1"])
def test_empty_save_before_others(server: str) -> None:
    (one,) = found('save ""\nsave 900 1\n', "RL112", server)
    assert one.line == 1
    assert "undone by line 2" in one.message
    assert "in effect: 900 1" in one.message


def test_one_form_alone_is_fine() -> None:
    assert not found('save ""\n', "RL112")
    assert not found("save 900 1\nsave 300 10\n", "RL112")
    assert not found('save ""\nsave ""\n', "RL112")


def test_the_command_line_may_clear() -> None:
    assert not found("save 900 1\n", "RL112", "redis-7.2", "redis.conf", "--save", "")


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("save 3600 1 300 100", "RL111"),
        ("save 3600", "RL111"),
        ("save 3600 1 # hourly", "RL103"),
    ],
)
def test_dropped_lines_say_what_remains(line: str, rule: str) -> None:
    (one,) = found(line + "\n", rule, "redis-6.2")
    assert (one.line, one.severity, one.fatal) == (1, Severity.ERROR, False)
    assert "no save point is in effect" in one.message
    (two,) = found(f"save 900 1\n{line}\n", rule, "redis-6.2")
    assert "in effect: 900 1" in two.message


def _with_include(folder: Path, main: str, included: str, server: str) -> list[Diagnostic]:
    (folder / "a.conf").write_text(included)
    path = folder / "main.conf"
    conf = redislint.parse(main, str(path)).resolve(server, cwd=str(folder))
    return [d for d in conf.diagnostics if d.rule == "RL112"]


def test_after_an_include_each_save_line_replaces_the_others(tmp_path: Path) -> None:
    main = "include a.conf\nsave 900 1\nsave 300 10\n"
    (one,) = _with_include(tmp_path, main, "port 1\n", "redis-7.2")
    assert one.line == 2
    assert "in effect: 300 10" in one.message
    assert not _with_include(tmp_path, main, "port 1\n", "redis-6.2")


def test_an_included_file_clears_what_stood_before_it(tmp_path: Path) -> None:
    main = "save 900 1\ninclude a.conf\n"
    (one,) = _with_include(tmp_path, main, "save 300 10\n", "redis-6.2")
    assert one.line == 1
    assert not _with_include(tmp_path, main, "save 300 10\n", "redis-7.2")


def test_local_save_points_after_an_include_are_meant(tmp_path: Path) -> None:
    main = "include a.conf\nsave 900 1\n"
    for server in ("redis-6.2", "redis-7.2"):
        assert not _with_include(tmp_path, main, "save 300 10\n", server)
