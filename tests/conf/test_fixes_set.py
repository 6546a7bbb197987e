"""Fixes that set directives: the value is in effect afterwards, and little else moves."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import redislint
from redislint.conf import edit
from redislint.conf.fixes_set import setting
from redislint.model import REDACTED, Fix, FixSafety

SAFE = FixSafety.SAFE


def fixed(text: str, server: str, wanted: dict[str, str], near: tuple[str, ...] = ()) -> str:
    document = redislint.parse(text, "redis.conf")
    fix = setting(document.resolve(server), wanted, SAFE, near)
    assert fix is not None
    assert fix.edits
    return edit.apply(document, fix.edits).decode()


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [
        ("appendonly no\n", {"appendonly": "yes"}, "appendonly yes\n"),
        ("  AppendOnly\tno  \r\n#\r\n", {"appendonly": "yes"}, "  AppendOnly\tyes  \r\n#\r\n"),
        ('appendonly "no"\n', {"appendonly": "yes"}, 'appendonly "yes"\n'),
        ("appendonly 'no'\n", {"appendonly": "yes"}, "appendonly 'yes'\n"),
        ("timeout 1\ntimeout 2\n", {"timeout": "9"}, "timeout 1\ntimeout 9\n"),
        ("slave-read-only no\n", {"replica-read-only": "yes"}, "slave-read-only yes\n"),
        ("port 1", {"appendonly": "yes"}, "port 1\nappendonly yes\n"),
        ("port 1\r\n", {"appendonly": "yes"}, "port 1\r\nappendonly yes\r\n"),
        ("port 1", {"timeout": "9", "appendonly": "yes"}, "port 1\ntimeout 9\nappendonly yes\n"),
        ("", {"appendonly": "yes"}, "appendonly yes\n"),
        (
            "  appendonly no\nport 1\n",
            {"appendonly": "yes", "appendfsync": "always"},
            "  appendonly yes\n  appendfsync always\nport 1\n",
        ),
        ("appendonly yes\nappendfsync no\n", {"appendonly": "yes", "appendfsync": "always"},
         "appendonly yes\nappendfsync always\n"),
        ('logfile "a"\n', {"logfile": '""'}, 'logfile ""\n'),
        ("bind ::1 127.0.0.1\n", {"bind": "::1"}, "bind ::1\n"),
    ],
)  # fmt: skip
def test_where_the_value_goes(before: str, wanted: dict[str, str], after: str) -> None:
    assert fixed(before, "redis-7.2", wanted) == after


def test_a_new_line_stands_after_a_related_one() -> None:
    text = "maxmemory 1gb\nport 1\n"
    wanted = {"maxmemory-policy": "noeviction"}
    after = "maxmemory 1gb\nmaxmemory-policy noeviction\nport 1\n"
    assert fixed(text, "redis-7.2", wanted, ("maxmemory-policy", "maxmemory")) == after


def test_a_default_is_written_down_only_where_that_is_all() -> None:
    assert fixed("port 1\n", "redis-7.2", {"appendfsync": "everysec"}).endswith(
        "appendfsync everysec\n"
    )
    document = redislint.parse("appendfsync everysec\n")
    assert setting(document.resolve("redis-7.2"), {"appendfsync": "everysec"}, SAFE) is None


@pytest.mark.parametrize(
    ("server", "before", "save", "after"),
    [
        ("redis-7.2", "port 1\n", "3600 1 300 100", "port 1\nsave 3600 1\nsave 300 100\n"),
        ("redis-6.2", "save 9 1\nport 1\n", "60 1 9 1", "save 9 1\nsave 60 1\nport 1\n"),
        ("redis-7.2", 'save ""\n', "3600 1", "save 3600 1\n"),
        ("redis-7.2", "save 900 1\n# c\nsave 300 10\n", '""', '# c\nsave ""\n'),
        ("redis-6.2", "save 9 1\nsave 300 10\n", "60 1 30 2", "save 60 1\nsave 30 2\n"),
        ("redis-7.2", "save 9 1 300 10\n", "300 10", "save 300 10\n"),
        ("redis-7.2", 'save 9 1\nsave ""\n', "300 10", "save 300 10\n"),
    ],
)  # fmt: skip
def test_save_points(server: str, before: str, save: str, after: str) -> None:
    assert fixed(before, server, {"save": save}) == after


def test_after_an_include_one_line_holds_all_save_points(tmp_path: Path) -> None:
    (tmp_path / "a.conf").write_text("timeout 9\n")
    text = b"include a.conf\nsave 300 10\n"
    document = redislint.parse(text, str(tmp_path / "redis.conf"))
    conf = document.resolve("redis-7.2", cwd=str(tmp_path))
    fix = setting(conf, {"save": "3600 1 300 10"}, SAFE)
    assert fix is not None
    assert edit.apply(document, fix.edits) == b"include a.conf\nsave 3600 1 300 10\n"


def described(text: str, wanted: dict[str, str], argv: tuple[str, ...] = ()) -> Fix | None:
    conf = redislint.parse(text, "redis.conf").resolve("redis-7.2", argv)
    return setting(conf, wanted, SAFE)


def test_what_the_command_line_sets_is_only_described() -> None:
    fix = described("appendonly no\n", {"appendonly": "yes"}, ("--appendonly", "no"))
    assert fix is not None
    assert fix.edits == ()
    assert fix.description == "set appendonly yes"


@pytest.mark.parametrize(
    "wanted",
    [{"no-such-thing": "1"}, {"masterauth": "x"}, {"logfile": REDACTED}, {"io-threads-x": "2"}],
)
def test_nothing_is_offered_for_secrets_and_strangers(wanted: dict[str, str]) -> None:
    assert described("port 1\n", wanted) is None


LINES = [
    "appendonly no", 'appendonly "yes"', "appendfsync no", "save 60 1", 'save ""', "save 9 1",
    "# note", "", "  timeout 5", "timeout 9", "maxmemory 1gb", "slave-read-only no",
]  # fmt: skip
WANTED = [
    {"appendonly": "yes", "appendfsync": "always"},
    {"save": '""'},
    {"save": "3600 1 60 1"},
    {"replica-read-only": "yes", "timeout": "7"},
    {"maxmemory-policy": "allkeys-lru"},
]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(LINES), max_size=8),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(WANTED),
    st.sampled_from(["redis-5.0", "redis-6.2", "redis-7.2", "valkey-9.1"]),
)
def test_the_value_is_in_effect_and_comments_stay(
    lines: list[str], ending: str, wanted: dict[str, str], server: str
) -> None:
    text = "".join(line + ending for line in lines)
    document = redislint.parse(text, "redis.conf")
    conf = document.resolve(server)
    fix = setting(conf, wanted, SAFE)
    if fix is None:
        return
    result = redislint.parse(edit.apply(document, fix.edits), "redis.conf")
    after = result.resolve(server)
    assert after.accepted
    for name, value in wanted.items():
        got = after.config_get(name) or '""'
        if name == "save":
            assert set(_pairs(got)) == set(_pairs(value))
        else:
            assert got == value
    others = dict(after.values())
    assert {n: v for n, v in conf.values() if n not in wanted} == {
        n: v for n, v in others.items() if n not in wanted
    }
    assert [c.raw for c in result.comments] == [c.raw for c in document.comments]
    assert result.data.count(b"\r") == (result.data.count(b"\n") if "\r" in text else 0)
    if any(after.is_set(name) for name in wanted):
        assert setting(after, wanted, SAFE) is None


def _pairs(text: str) -> list[str]:
    words = text.split()
    return [] if text == '""' else [" ".join(words[i : i + 2]) for i in range(0, len(words), 2)]
