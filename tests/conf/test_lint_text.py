"""Stray bytes, look-alikes and placeholders."""

from __future__ import annotations

import pytest

import redislint
from redislint.conf import lookalikes, placeholders
from redislint.model import Diagnostic, Severity


def found(text: str | bytes, rule: str, server: str = "redis-7.2") -> list[Diagnostic]:
    conf = redislint.parse(text, "redis.conf").resolve(server)
    return [d for d in conf.diagnostics if d.rule == rule]


# -- RL123 -----------------------------------------------------------------------------


def test_nul_tells_what_is_lost() -> None:
    (one,) = found(b"timeout 5\x00abc\nloglevel notice\nport 1\n", "RL123")
    assert (one.line, one.column, one.severity) == (1, 10, Severity.ERROR)
    assert "5 bytes" in one.message
    assert "line 2, column 1" in one.message
    assert "abc" not in one.message


def test_nul_in_a_comment_can_hide_a_directive() -> None:
    text = b"# x\x00\nappendonly yes\n"
    (one,) = found(text, "RL123")
    assert "the next line continues this one" in one.message
    assert redislint.parse(text).resolve("redis-7.2").config_get("appendonly") == "no"


def test_utf16_is_said_once() -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        text = "\ufeffport 6379\ntimeout 5\n".encode(encoding)
        (one,) = found(text, "RL123")
        assert "UTF-16" in one.message


def test_byte_order_mark() -> None:
    (one,) = found("\ufeff# a comment\nport 1\n", "RL123")
    assert one.fatal
    assert one.line == 1


def test_control_characters_in_a_value() -> None:
    (one,) = found(b"logfile a\x1b[0m\n", "RL123")
    assert (one.column, one.severity) == (10, Severity.WARNING)
    assert "U+001B" in one.message
    assert not found(b'logfile "a\\x1b"\n', "RL123")
    assert not found(b"\tlogfile\ta\r\n", "RL123")


def test_carriage_return_within_a_line() -> None:
    (one,) = found(b"bind 127.0.0.1\rport 1\n", "RL123")
    assert "carriage return" in one.message
    (refused,) = found(b"port 1\rtimeout 5\r", "RL102")
    assert "carriage return" in refused.message


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("requirepass \u201csecret\u201d\n", "U+201C (left double quotation mark)"),
        ("logfile a\u00a0b\n", "U+00A0 (no-break space)"),
        ("logfile a\u200bb\n", "U+200B (zero width space)"),
    ],
)
def test_lookalikes_in_values_that_are_taken(text: str, what: str) -> None:
    (one,) = found(text, "RL123")
    assert what in one.message
    assert "secret" not in one.message
    assert one.severity is Severity.WARNING


def test_letters_of_any_language_are_fine() -> None:
    assert not found("logfile журнал-日本-é.log\n", "RL123")


@pytest.mark.parametrize(
    ("text", "rule", "words"),
    [
        ("maxmemory\u00a02gb\n", "RL101", ("U+00A0", "'maxmemory'")),
        ("port 6379\u200b\n", "RL108", ("U+200B",)),
        ("maxmemory \uff12gb\n", "RL107", ("U+FF12", "'2'")),
        ("list\u2010compress\u2010depth 1\n", "RL101", ("U+2010", "'list-compress-depth'")),
        ("appendonly \u201cyes\u201d\n", "RL105", ("U+201C",)),
    ],
)
def test_lookalikes_explain_refusals(text: str, rule: str, words: tuple[str, ...]) -> None:
    (one,) = found(text, rule)
    for word in words:
        assert word in one.message
    assert not found(text, "RL123")


def test_meant() -> None:
    assert lookalikes.meant("\u201c\uff41\u00a0\u2212\u200b\u201d") == '"a -"'
    assert lookalikes.explain("plain") == ""


# -- RL119 -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        "${LOG_FILE}",
        "/var/${NAME:-redis}.log",
        "$LOG_FILE",
        "/var/$NAME/x.log",
        "{{logfile}}",
        "<%=logfile%>",
        "__LOG_FILE__",
        "%LOG_FILE%",
        "@LOG_FILE@",
        "<log-file>",
        "%(logfile)s",
    ],
)
def test_placeholders(value: str) -> None:
    (one,) = found(f"port 1\nlogfile {value}\n", "RL119")
    assert (one.line, one.severity, one.fatal) == (2, Severity.WARNING, False)


@pytest.mark.parametrize(
    "line",
    [
        'proc-title-template "{title} {{x}"',
        "logfile a$b.log",
        "logfile pa$$WORD",
        "logfile x$SIX",
        "logfile 100%",
        "logfile a<b>c",
        "user a on nopass ~{x}* %R~y* +@all &__keyevent@0__:*",
        "user a on >x <oldpass",
        "notify-keyspace-events Ex$",
        "logfile __init__.log",
    ],
)
def test_what_only_resembles_a_placeholder(line: str) -> None:
    assert not found(line + "\n", "RL119")


def test_a_secret_placeholder_is_not_shown() -> None:
    for line in (
        "requirepass ${PASS:-hunter2}",
        "requirepass <hunter2>",
        "masterauth {{secret|default(hunter2)}}",
        "user a on >${PASS:-hunter2}",
    ):
        (one,) = found(line + "\n", "RL119")
        assert "hunter2" not in one.message


def test_a_shell_default_is_left_out() -> None:
    assert placeholders.find("logfile", b"logfile ${A:-b}") == b"${A}"


def test_a_template_by_intent() -> None:
    text = "# redislint: template=true\nrequirepass ${PASS}\n"
    assert not found(text, "RL119")
    assert found(text.replace("true", "false"), "RL119")


def test_a_refused_placeholder_is_told_once() -> None:
    text = "port ${PORT}\n"
    (one,) = found(text, "RL108")
    assert "fills in no placeholders" in one.message
    assert not found(text, "RL119")
