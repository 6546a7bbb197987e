"""Command lines of a server, and where its configuration comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

import redislint
from redislint.conf import argv
from redislint.conf.dialect import dialect
from redislint.conf.resolve import Configuration
from redislint.model import Server


def options(server: str, *arguments: str) -> argv.Options:
    return argv.options(arguments, dialect(Server.parse(server)), first=True)


def start(place: Path, server: str, *arguments: str, stdin: bytes | None = None) -> Configuration:
    return redislint.resolve_command(arguments, server, cwd=str(place), stdin=stdin)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--port", "7000"], b'port "7000" '),
        (["--port 7000", "--save", "900 1"], b'port 7000 \nsave "900 1" '),
        (["--requirepass", 'a"b\\\n\x01é'], b'requirepass "a\\"b\\\\\\n\\x01\\xc3\\xa9" '),
    ],
)
def test_options_become_text(arguments: list[str], text: bytes) -> None:
    assert options("redis-7.2", *arguments).text == text


def test_a_value_that_begins_with_dashes() -> None:
    assert options("redis-7.0", "--masterauth", "--x").text == b'masterauth "--x" '
    assert options("redis-6.2", "--masterauth", "--x").text == b"masterauth \nx "


def test_a_bare_save_before_another_option() -> None:
    text = options("redis-7.0", "--save", "--port", "1").text
    assert text == b'save ""\nport "1" '


def test_standard_input() -> None:
    assert options("redis-6.2", "redis.conf", "-").stdin
    assert not options("redis-6.2", "redis.conf", "-", "--port", "1").stdin
    old = options("redis-6.0", "-")
    assert (old.file, old.stdin) == (None, True)


def test_one_dash_is_a_file_name_up_to_6_0() -> None:
    assert options("redis-6.0", "-x").file == "-x"
    assert options("redis-6.2", "-x").file is None


def test_file_then_stdin_then_options(tmp_path: Path) -> None:
    (tmp_path / "redis.conf").write_text("timeout 1\nport 1\ntcp-keepalive 1\n")
    conf = start(
        tmp_path, "redis-7.2", "redis.conf", "--timeout", "3", "-", stdin=b"timeout 2\nport 2\n"
    )
    assert [conf.config_get(n) for n in ("timeout", "port", "tcp-keepalive")] == ["3", "2", "1"]
    assert [conf[n].origin for n in ("timeout", "port")] == ["command-line", "file"]


def test_blanks_around_the_file_name(tmp_path: Path) -> None:
    (tmp_path / "redis.conf").write_text("timeout 1\n")
    assert start(tmp_path, "redis-7.2", " redis.conf\n").config_get("timeout") == "1"
    assert not start(tmp_path, "redis-6.0", " redis.conf").accepted


def test_a_directory_is_an_empty_file(tmp_path: Path) -> None:
    conf = start(tmp_path, "redis-7.2", ".")
    assert conf.accepted
    assert [(d.rule, d.fatal) for d in conf.diagnostics] == [("RL001", False)]


def test_a_missing_file_is_fatal(tmp_path: Path) -> None:
    for server in ("redis-5.0", "redis-7.2"):
        conf = start(tmp_path, server, "nope.conf")
        assert conf.rejection is not None
        assert (conf.rejection.rule, conf.rejection.stage) == ("RL001", "startup")
    assert not start(tmp_path, "redis-5.0", "").accepted


def test_the_file_name_may_be_a_pattern_from_7_0(tmp_path: Path) -> None:
    for name, text in (("a.conf", "timeout 1\n"), ("b.conf", "port 2\n")):
        (tmp_path / name).write_text(text)
    conf = start(tmp_path, "redis-7.0", "?.conf")
    assert (conf.config_get("timeout"), conf.config_get("port")) == ("1", "2")
    assert start(tmp_path, "redis-7.0", "none*.conf").accepted
    assert not start(tmp_path, "redis-6.2", "?.conf").accepted


def test_a_sentinel_needs_a_file(tmp_path: Path) -> None:
    (tmp_path / "s.conf").write_text("sentinel monitor m 127.0.0.1 6379 2\n")
    assert start(tmp_path, "redis-7.2", "s.conf", "--sentinel").accepted
    late = start(tmp_path, "redis-7.2", "--sentinel", "--port", "x").rejection
    assert late is not None
    assert late.stage == "load"  # the wrong port is found before the missing file
    assert not start(tmp_path, "redis-7.2", "--sentinel").accepted
    assert not start(tmp_path, "redis-5.0", "-", "--sentinel", stdin=b"").accepted


def test_the_main_file_again_on_the_command_line_is_no_cycle(tmp_path: Path) -> None:
    (tmp_path / "redis.conf").write_text("timeout 1\n")
    assert start(tmp_path, "redis-7.2", "redis.conf", "--include", "redis.conf").accepted
    (tmp_path / "redis.conf").write_text("include redis.conf\n")
    conf = start(tmp_path, "redis-7.2", "redis.conf")
    assert conf.rejection is not None
    assert conf.rejection.stage == "crash"


def test_asking_for_the_version_reads_nothing(tmp_path: Path) -> None:
    assert start(tmp_path, "redis-7.2", "--version", "--port", "x").accepted


def test_an_include_of_standard_input_up_to_6_0(tmp_path: Path) -> None:
    (tmp_path / "redis.conf").write_text("include -\ninclude -\n")
    conf = start(tmp_path, "redis-6.0", "redis.conf", stdin=b"timeout 7\n")
    assert conf.config_get("timeout") == "7"
    assert not start(tmp_path, "redis-6.2", "redis.conf", stdin=b"timeout 7\n").accepted
