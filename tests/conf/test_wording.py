"""Messages of refusals: what is wrong, what was expected, the nearest right word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import redislint
from redislint.conf.document import parse
from redislint.conf.result import other_size
from redislint.conf.wording import unbalanced
from redislint.model import Diagnostic


def refusal(text: str, server: str = "redis-7.2") -> Diagnostic:
    rejection = redislint.parse(text, "redis.conf").resolve(server).rejection
    assert rejection is not None
    return rejection


@pytest.mark.parametrize(
    ("line", "rule", "words"),
    [
        ("maxmemmory 1gb", "RL101", "did you mean 'maxmemory'?"),
        ("maxmemory=1gb", "RL101", "write 'maxmemory …'"),
        ("port: 6379", "RL101", "write 'port …'"),
        ("--port 6379", "RL101", "write 'port'"),
        ("// note", "RL101", "a comment begins with #"),
        ("; note", "RL101", "a comment begins with #"),
        ("[redis]", "RL101", "no sections"),
        ("config set timeout 5", "RL101", "CONFIG SET"),
        ("monitor m 127.0.0.1 6379 2", "RL101", "'sentinel monitor …'"),
        ("{{ if x }}", "RL101", "template text"),
        ("dir {{ x }}", "RL102", "template text"),
        ("timeout = 5", "RL102", "no '='"),
        ("maxmemory 10 gb", "RL102", "write 10gb"),
        ("maxmemory 1 Gi", "RL102", "write 1gb"),
        ("maxmemory 1gb \\", "RL102", "a backslash joins no lines"),
        ("dir /my data", "RL102", "needs quotes"),
        ("appendonly", "RL102", "got no value"),
        ("appendonly yes # durable", "RL103", "a line of its own"),
        ("user app on nopass ~* # admin", "RL103", "begins a password hash"),
        ("tls-port 1", "RL125", "needs tls-cert-file, tls-key-file and tls-ca-cert-file"),
        ("appendonly yes// durable", "RL102", "takes one value"),
        ("appendonly no# off", "RL103", "no comment"),
        ("appendonly true", "RL105", "write yes"),
        ("appendonly OFF", "RL105", "write no"),
        ("appendonly maybe", "RL105", "must be yes or no"),
        ("maxmemory-policy allkeys-lruu", "RL106", "did you mean 'allkeys-lru'?"),
        ("maxmemory 2Gi", "RL107", "write 2gb"),
        ("maxmemory 1.5GB", "RL107", "write 1536mb"),
        ("maxmemory 1TiB", "RL107", "write 1024gb"),
        ("maxmemory 75%", "RL107", "maxmemory-clients"),
        ("client-output-buffer-limit normal 1Gi 0 0", "RL107", "write 1gb"),
        ("maxclients 10,000", "RL108", "write 10000"),
        ("timeout 30s", "RL108", "write the number alone: 30"),
        ("databases 16;", "RL108", "leave out the ';'"),
        ("io-threads 200", "RL108", "from 1 to 128"),
        ("hide-user-data-from-log yes", "RL113", "came with redis-7.4"),
        ("vm-enabled no", "RL113", "redis 2.4"),
        ("primaryauth x", "RL113", "here it is 'masterauth'"),
        ("dbfilename a/b", "RL117", "'dir'"),
        ("include ${HOME}/x.conf", "RL116", "no placeholders"),
    ],
)
def test_message(line: str, rule: str, words: str) -> None:
    one = refusal(f"port 1\n{line}\n")
    assert one.rule == rule
    assert words in one.message
    assert one.line == 2
    assert "\n" not in one.message


@pytest.mark.parametrize(
    "line", ["requirepass=hunter2", "requirepas hunter2", "requirepass hunter2 # x"]
)
def test_no_secret_in_a_message(line: str) -> None:
    assert "hunter2" not in refusal(line + "\n").message


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        ('dir "/a', 5, 'this " is never closed'),
        ("dir it's", 7, "within a word"),
        ('dir "/a"b', 9, "a blank must follow"),
        ("dir '/a\\'", 5, "never closed"),
        ('  dir "/a\\""b', 13, "a blank must follow"),
    ],
)
def test_unbalanced_quotes_have_a_place(line: str, column: int, words: str) -> None:
    one = refusal(line + "\n")
    assert (one.rule, one.column) == ("RL104", column)
    assert words in one.message


@given(st.lists(st.sampled_from([b"a", b" ", b"\t", b'"', b"'", b"\\", b"x"]), max_size=12))
def test_every_unbalanced_line_is_explained(pieces: list[bytes]) -> None:
    for line in parse(b"".join(pieces)).directives:
        if line.words is None:
            at, message = unbalanced(line.raw)
            assert 0 <= at < len(line.raw)
            assert message.startswith("quotes are not balanced: ")


@pytest.mark.parametrize(
    ("text", "size"),
    [
        (b"2Gi", "2gb"),
        (b"512MiB", "512mb"),
        (b"1.5gb", "1536mb"),
        (b"0.5k", "512"),
        (b"1T", "1024gb"),
        (b"2 gigabytes", "2gb"),
        (b"1.3gb", None),
        (b"5x", None),
        (b"0.0g", None),
        (b"99999999999999T", None),
        (b"", None),
    ],
)
def test_sizes_of_other_programs(text: bytes, size: str | None) -> None:
    assert other_size(text) == size
