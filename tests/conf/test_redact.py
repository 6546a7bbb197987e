"""A secret never survives in what is shown, and carets still point at the right place."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from redislint.catalog import directives
from redislint.conf.document import join, parse
from redislint.conf.redact import (
    MAX_SHOWN,
    SECRET_NAMES,
    excerpt,
    is_template,
    redact_line,
    redact_name,
    redact_text,
    safe,
    secret_ranges,
)
from redislint.model import REDACTED, Span

CANARY = "cAnArY77"
LEFT = ["", "\ufeff", "  ", "\t", "# ", "-", "--", "- ", "foo ", "\x0b", "config set ", "[", "{"]
LEFT += [
    "port 6379 ",
    'logfile "',
    "save 900 1 # ",
    "redis-server --port 1 --",
    "\x00",
    "é",
    "=",
    '"',
]
NAMES = [
    "requirepass",
    "MasterAuth",
    "primaryauth",
    "masteruser",
    "tls-key-file-pass",
    "requirpass",
]
NAMES += ["tls-client-key-file-pass", "password", "redis_password", "auth-token", "requirepas"]
NAMES += ["sentinel auth-pass mymaster", "sentinel auth-pass", "sentinel sentinel-pass"]
NAMES += [
    "Sentinel auth-passs m",
    "my-secret",
    'req"uirepass"',
    "'requirepass'",
    '"requirepas\\x73"',
]
NAMES += ["user alice on", "user alice on nopass ~* +@all", "user default reset", "requirepass ''"]
NAMES += ["loadmodule /x.so PASSWORD", "loadmodule /x.so --token", "x-api-key", "credentials"]
GAPS = [
    " ",
    "  ",
    "\t",
    " \r ",
    "\x0b",
    " = ",
    "=",
    ": ",
    ' "',
    " '",
    ' "" ',
    " '' ",
    " x ",
    " a\\",
]
GAPS += [" ${PW} ", " {{ x }} ", ' ""', "\x0c", " \ufeff", " é ", " \x00", " #"]
MARKS = ["", "", ">", "<", "#", "!", "(>", '">', "'<"]
RIGHT = ["", " ", '"', "'", '" x', " # comment", "\\", '\\"', " --port 1", ")", "\r", " +@all ~*"]
RIGHT += ["}", ",", "\x0b", "é", '"x', " requirepass", " --appendonly yes", "@host:1", " user x"]


@settings(max_examples=500, deadline=None)
@given(*(st.sampled_from(part) for part in (LEFT, NAMES, GAPS, MARKS, RIGHT)), st.integers(0, 80))
@example("", "requirepass", "", "", "", 1)
@example("port 6379 ", "user alice on", " ", ">", " +@all", 1)
def test_the_canary_dies(
    left: str, name: str, gap: str, mark: str, right: str, column: int
) -> None:
    acl = name.startswith("user")
    # What follows a valid name of a rule, glued to it, is not told apart on a plain line.
    assume(not acl or (mark or not left.startswith(("port", "logfile", "save"))))
    assume(not acl or left.strip(" \t#") == "" or mark)
    assume(not (acl and gap in ("=", ":", "\x0b", "\x0c", " a\\") and not mark))
    assume(not (acl and "\x0b" in gap))
    line = f"{left}{name}{gap}{mark}{CANARY}{right}"
    shown = redact_line(line, start=column)
    assert CANARY not in shown.text, line
    assert 1 <= shown.start <= shown.end <= len(shown.text) + 1
    document = parse(line + "\nport 1\n")
    for start in (0, len(line) // 2):
        span = document.span(start, len(line))
        made = excerpt(document, span, start)
        assert made is None or CANARY not in made.text


@pytest.mark.parametrize(
    "template", ["redis://:{}@h:6379/0", "rediss://u:{}@h", "http://{}@h/x?a=@"]
)
@pytest.mark.parametrize("around", ["{}", "replicaof {}", "cannot read {}: refused", 'x "{}" y'])
def test_urls(template: str, around: str) -> None:
    for secret in (CANARY, f"a@{CANARY}", f"{CANARY}/x", f"%40{CANARY}:"):
        text = around.format(template.format(secret))
        assert CANARY not in redact_text(text)
        assert CANARY not in redact_line(text).text
        assert "h" in redact_text(text)


def test_messages() -> None:
    assert redact_text("redis://h:6379/0 timed out") == "redis://h:6379/0 timed out"
    assert (
        redact_text(f"bad option password={CANARY}, stop") == f"bad option password={REDACTED} stop"
    )
    assert CANARY not in redact_text(f"x?a=1&token={CANARY}&b and auth: '{CANARY} {CANARY}'")
    assert CANARY not in redact_text(f"https://h/x?api_key={CANARY}")
    assert redact_text("password=${REDIS_PASSWORD}") == "password=${REDIS_PASSWORD}"


@pytest.mark.parametrize(
    "line",
    [
        "port 6379",
        "requirepass",
        'requirepass ""',
        "requirepass ''",
        "requirepass ${REDIS_PASSWORD}",
        'masterauth "{{ redis_password }}"',
        "masterauth __PASSWORD__",
        "redis-server --requirepass ${REDIS_PASSWORD} --appendonly yes",
        "tls-auth-clients optional",
        "tls-key-file /etc/valkey/tls/redis.key",
        "notify-keyspace-events KEA",
        "lazyexpire-nested-arbitrary-keys yes",
        "user alice on nopass ~app:* &chan* %R~x -@all +get|x (+set ~y) resetchannels",
        "user alice on >${ALICE_PASSWORD} ~* +@all",
        "sentinel monitor mymaster 127.0.0.1 6379 2",
        "sentinel auth-user mymaster bob",
        "sentinel down-after-milliseconds mymaster 5000",
        "include /etc/valkey/*.conf",
        "aclfile /etc/redis/passwords.acl",
        "rename-command KEYS ''",
        "maxmemory-polcy allkeys-lru",
        "keyspace-events KEA",
        "loadmodule /usr/lib/valkey/search.so threads 4",
        '# redislint: accept=always accept-reason="the key point"',
        "# a plain comment",
        'logfile "unbalanced',
        "",
    ],
)
def test_what_stays_readable(line: str) -> None:
    assert redact_line(line).text == line


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("requirepass hunter2", "requirepass [redacted]"),
        ("  requirepass 'a b'  ", "  requirepass [redacted]  "),
        ("requirepasshunter2", "requirepass[redacted]"),
        ("requirepass ${PW:-hunter2}", "requirepass [redacted]"),
        ("user alice on >hunter2 ~* +@all", "user alice on >[redacted] ~* +@all"),
        ("user alice on hunter2 ~*", "user alice on [redacted] ~*"),
        (f"user alice on #{'a' * 64} ~*", "user alice on #[redacted] ~*"),
        ("user alice nopas", "user alice nopas"),
        ("sentinel auth-pass mymaster hunter2", "sentinel auth-pass [redacted]"),
        ("port 1 requirepass hunter2", "port 1 requirepass [redacted]"),
        ("save 900 1 # password is hunter2", "save 900 1 # password [redacted]"),
        ("hunter2 requirepass", "[redacted] requirepass"),
        ("replicaof redis://:p@w@h 1", "replicaof redis://[redacted]@h 1"),
        ("a\x1b[31mb\x7f\u202e", "a␛[31mb␡\ufffd"),
    ],
)
def test_what_is_hidden(line: str, shown: str) -> None:
    assert redact_line(line).text == shown


def test_every_secret_of_the_catalogue() -> None:
    for directive in directives():
        if not directive.secret or directive.name == "user":
            continue
        for name in (directive.name, *directive.aliases):
            assert name in SECRET_NAMES or name.startswith("sentinel ")
            assert redact_line(f"{name} {CANARY}").text == f"{name} {REDACTED}"


def test_columns_move_with_the_text() -> None:
    line = "user alice on >hunter2 ~* +@alll"
    column = line.index("+") + 1
    shown = redact_line(line, 3, column, len(line) + 1)
    assert shown.text[shown.start - 1 : shown.end - 1] == "+@alll"
    assert shown.line == 3
    hidden = redact_line(line, 1, line.index("hunter") + 1, line.index("2") + 2)
    assert hidden.text[hidden.start - 1 : hidden.end - 1] == REDACTED
    across = redact_line(line, 1, 6, len(line) + 1)
    assert across.text[across.start - 1 : across.end - 1] == across.text[5:]
    zero = redact_line("port 1", 1, 7, 7)
    assert (zero.start, zero.end) == (7, 7)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40), st.integers(-3, 60), st.integers(-3, 60))
def test_any_text(text: str, start: int, end: int) -> None:
    shown = redact_line(text, 1, start, end)
    assert 1 <= shown.start <= shown.end <= len(shown.text) + 1
    assert not re.search("[\x00-\x08\x0a-\x1f\x7f-\x9f]", shown.text)
    if not secret_ranges(text):
        assert shown.text == safe(text)
        if 1 <= start <= end <= len(text) + 1:
            assert (shown.start, shown.end) == (start, end)
    redact_text(text)
    redact_name(text)


def test_long_lines_are_cut_around_the_place() -> None:
    line = "x" * 1000 + "HERE" + "y" * 1000
    shown = redact_line(line, 1, 1001, 1005)
    assert shown.text[shown.start - 1 : shown.end - 1] == "HERE"
    assert len(shown.text) <= MAX_SHOWN + 2
    assert shown.text.startswith("…x")
    assert shown.text.endswith("y…")


def test_names() -> None:
    assert redact_name("maxmemroy") == "maxmemroy"
    assert redact_name(f"requirepass={CANARY}") == f"requirepass={REDACTED}"
    assert redact_name(f"requirepass{CANARY}") == f"requirepass{REDACTED}"
    assert redact_name("keyspace-events") == "keyspace-events"


def test_templates() -> None:
    for value in ("${X}", '"${X}"', "{{ x.y }}", "$REDIS_PASSWORD", "__TOKEN__", "${X:?unset}"):
        assert is_template(value)
    for value in ("$hunter2", "${X}y", "${X:-pw}", '{{ "pw" }}', "$X1", "a{{ x }}", "", '"${X}'):
        assert not is_template(value)


def test_a_secret_in_another_line_that_the_server_glues() -> None:
    document = parse(f"requirepass \0lost\n{CANARY}\nport 1\n", "r.conf")
    (line, port) = document.directives
    for word in line.words or ():
        made = excerpt(document, line.span(word))
        assert made is not None
        assert CANARY not in made.text
    made = excerpt(document, Span("r.conf", 2, 1, 2, 3))
    assert made is not None
    assert made.text == REDACTED
    plain = excerpt(document, port.span())
    assert plain is not None
    assert (plain.line, plain.text) == (3, "port 1")
    second = parse(f"{CANARY}\nport 2\n", "b.conf")
    join([parse("masterauth ", "a.conf"), second])
    made = excerpt(second, Span("b.conf", 1, 1, 1, 3))
    assert made is not None
    assert made.text == REDACTED


def test_excerpts_of_spans() -> None:
    document = parse("# é\nport \xe9 1\n\n".encode() + b"x \xff y", "r.conf")
    line = document.directives[1]
    assert line.words is not None
    made = excerpt(document, line.span(line.words[2]))
    assert made is not None
    assert (made.line, made.text, made.start, made.end) == (4, "x \ufffd y", 5, 6)
    assert excerpt(document, Span("r.conf", 3, 1, 3, 1)) is None
    assert excerpt(document, Span("r.conf", 9, 1, 9, 1)) is None
