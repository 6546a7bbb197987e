"""Diagnostics of settings that a server accepts: duplicates, includes, units, old names."""

from __future__ import annotations

from pathlib import Path

import pytest

import redislint
from redislint.model import Diagnostic, Severity


def found(text: str | bytes, rule: str, server: str = "redis-7.2", *argv: str) -> list[Diagnostic]:
    conf = redislint.parse(text, "redis.conf").resolve(server, argv)
    return [d for d in conf.diagnostics if d.rule == rule]


def in_folder(folder: Path, rule: str, server: str = "redis-7.2", **files: str) -> list[Diagnostic]:
    for name, text in files.items():
        (folder / f"{name}.conf").write_text(text, encoding="utf-8")
    path = folder / "main.conf"
    document = redislint.parse(path.read_bytes(), str(path))
    conf = document.resolve(server, cwd=str(folder))
    return [d for d in conf.diagnostics if d.rule == rule]


# -- RL110 -----------------------------------------------------------------------------


def test_duplicate_points_at_both_places() -> None:
    (one,) = found("timeout 5\nport 1\nTIMEOUT 9\n", "RL110")
    assert (one.line, one.severity, one.directive) == (1, Severity.WARNING, "timeout")
    assert [related.span.line for related in one.related] == [3]
    assert "line 3" in one.message
    assert "'9'" in one.message
    assert not one.fatal


def test_each_overridden_line_is_named_once() -> None:
    lines = [d.line for d in found("timeout 1\ntimeout 2\ntimeout 3\n", "RL110")]
    assert lines == [1, 2]


def test_same_value_is_an_info() -> None:
    (one,) = found("maxmemory 1gb\nmaxmemory 1024mb\n", "RL110")
    assert one.severity is Severity.INFO


def test_aliases_are_one_directive() -> None:
    (one,) = found("slaveof 10.0.0.1 1\nreplicaof 10.0.0.2 2\n", "RL110")
    assert "as 'replicaof'" in one.message


@pytest.mark.parametrize(
    "text",
    [
        "save 900 1\nsave 300 10\n",
        "user a on nopass\nuser b on nopass\n",
        'rename-command A1 ""\nrename-command A2 ""\n',
        "loadmodule /a.so\nloadmodule /b.so\n",
        "client-output-buffer-limit normal 0 0 0\nclient-output-buffer-limit pubsub 0 0 0\n",
    ],
)
def test_lines_that_add_up_are_no_duplicates(text: str) -> None:
    assert not found(text, "RL110")


def test_buffer_limits_are_compared_by_class() -> None:
    text = (
        "client-output-buffer-limit slave 0 0 0\n"
        "client-output-buffer-limit pubsub 1mb 1mb 60\n"
        "client-output-buffer-limit replica 1mb 0 0\n"
    )
    (one,) = found(text, "RL110")
    assert (one.line, one.severity) == (1, Severity.WARNING)
    (same,) = found(text.replace("replica 1mb", "replica 0"), "RL110")
    assert same.severity is Severity.INFO


def test_a_secret_is_not_shown() -> None:
    (one,) = found("requirepass hunter2\nrequirepass swordfish\n", "RL110")
    assert "hunter2" not in one.message
    assert "swordfish" not in one.message


def test_a_relative_dir_builds_on_the_one_before() -> None:
    (one,) = found("dir /data\ndir redis\n", "RL110")
    assert "relative to this one" in one.message
    assert "no effect" in found("dir /data\ndir /redis\n", "RL110")[0].message


def test_the_command_line_wins_on_purpose() -> None:
    (one,) = found("port 1\n", "RL110", "redis-7.2", "redis.conf", "--port", "2")
    assert one.severity is Severity.INFO
    assert "command line" in one.message


# -- includes --------------------------------------------------------------------------


def test_an_include_that_overrides(tmp_path: Path) -> None:
    (one,) = in_folder(
        tmp_path,
        "RL116",
        main="maxmemory 1gb\nport 1\ninclude shared.conf\ntimeout 5\n",
        shared="maxmemory 8gb\nport 1\n",
    )
    assert (one.line, one.severity) == (3, Severity.WARNING)
    assert "'maxmemory'" in one.message
    assert "'port'" not in one.message
    places = [(Path(r.span.path).name, r.span.line) for r in one.related]
    assert places == [("main.conf", 1), ("shared.conf", 1)]


def test_an_include_at_the_end_is_meant_to_override(tmp_path: Path) -> None:
    files = {"main": "maxmemory 1gb\ninclude a.conf\ninclude b.conf\n", "b": "port 1\n"}
    (one,) = in_folder(tmp_path, "RL116", a="maxmemory 8gb\n", **files)
    assert one.severity is Severity.INFO


def test_local_lines_after_an_include_are_meant_to_override(tmp_path: Path) -> None:
    files = {"main": "include shared.conf\nmaxmemory 1gb\n", "shared": "maxmemory 8gb\n"}
    assert not in_folder(tmp_path, "RL116", **files)
    assert not in_folder(tmp_path, "RL110", **files)


def test_duplicates_within_an_included_file(tmp_path: Path) -> None:
    (one,) = in_folder(
        tmp_path, "RL110", main="port 1\ninclude a.conf\n", a="timeout 1\ntimeout 2\n"
    )
    assert Path(one.path or "").name == "a.conf"
    assert one.severity is Severity.WARNING


def test_fragments_of_one_pattern_override_each_other(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "1.conf").write_text("timeout 1\n")
    (tmp_path / "d" / "2.conf").write_text("timeout 2\n")
    (one,) = in_folder(tmp_path, "RL110", main="include d/*.conf\n")
    assert one.severity is Severity.INFO
    assert "2.conf:1" in one.message


def test_a_file_included_twice_is_no_duplicate_of_itself(tmp_path: Path) -> None:
    files = {"main": "include a.conf\ninclude a.conf\n", "a": "timeout 1\n"}
    assert not in_folder(tmp_path, "RL110", **files)


# -- RL109, RL114, RL115, RL103 --------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("maxmemory 64m", 1),
        ("maxmemory 2G", 1),
        ('repl-backlog-size "10k"', 1),
        ("client-output-buffer-limit pubsub 32m 8m 60", 2),
        ("maxmemory 64mb", 0),
        ("maxmemory 64000000", 0),
        ("maxmemory 0", 0),
        ("maxmemory-clients 5%", 0),
        ("maxmemory-clients 1g", 1),
    ],
)
def test_decimal_units(line: str, count: int) -> None:
    notes = found(line + "\n", "RL109")
    assert len(notes) == count
    assert all(note.severity is Severity.INFO for note in notes)


def test_decimal_unit_names_both_sizes() -> None:
    (one,) = found("auto-aof-rewrite-min-size 64m\n", "RL109")
    assert "64,000,000" in one.message
    assert "67,108,864" in one.message
    assert one.column == 27


@pytest.mark.parametrize(
    ("line", "server", "new"),
    [
        ("slaveof 10.0.0.1 1", "redis-5.0", "replicaof"),
        ("hash-max-ziplist-entries 5", "redis-7.0", "hash-max-listpack-entries"),
        ("hash-max-ziplist-entries 5", "redis-6.2", None),
        ("masterauth x", "valkey-8.0", "primaryauth"),
        ("masterauth x", "redis-8.0", None),
    ],
)
def test_old_names(line: str, server: str, new: str | None) -> None:
    notes = found(line + "\n", "RL114", server)
    assert len(notes) == (new is not None)
    if new:
        assert f"'{new}'" in notes[0].message
        assert notes[0].severity is Severity.INFO


def test_ignored_directives_say_since_when() -> None:
    (one,) = found("lua-replicate-commands yes\n", "RL115")
    assert "since 7.0" in one.message
    assert not found("lua-replicate-commands yes\n", "RL115", "redis-6.2")


def test_comment_behind_addresses() -> None:
    (one,) = found("bind 127.0.0.1 # local only\n", "RL103")
    assert (one.line, one.column, one.severity) == (1, 16, Severity.ERROR)
    assert not found('bind 127.0.0.1 "#1"\n', "RL103")


def test_comment_behind_a_module() -> None:
    (one,) = found("loadmodule /a.so # the module\n", "RL103")
    assert (one.column, one.severity) == (18, Severity.WARNING)


def test_commas_between_addresses() -> None:
    (one,) = found("bind 127.0.0.1,10.0.0.1\n", "RL124")
    assert (one.line, one.severity) == (1, Severity.ERROR)


def test_silence_on_a_sound_file() -> None:
    text = (
        "# all is well\nport 6379\nbind 127.0.0.1 -::1\nsave 3600 1\nsave 300 100\n"
        'requirepass "a#b"\nmaxmemory 2gb\nmaxmemory-policy allkeys-lru\n'
        "client-output-buffer-limit normal 0 0 0\nuser a on nopass ~* +@all\n"
        'proc-title-template "{title} {listen-addr} {server-mode}"\nlogfile "café.log"\n'
    )
    for server in ("redis-6.2", "redis-7.2", "redis-8.6", "valkey-8.0"):
        only = text.replace("proc-title-template", "# ") if server == "redis-6.2" else text
        only = only.replace(" -::1", "") if server == "redis-6.2" else only
        assert redislint.parse(only).resolve(server).diagnostics == ()
