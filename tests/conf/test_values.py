"""One line's value: its text as CONFIG GET shows it, its type, or why it is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redislint import catalog
from redislint.conf import forms, values
from redislint.conf.dialect import dialect
from redislint.conf.result import Refusal, Result, Value
from redislint.model import Server


def read(line: str, server: str) -> Result:
    """What `server` takes from a line without quotes."""
    target = Server.parse(server)
    name, *args = line.split()
    spec = catalog.lookup(name, target)
    assert spec is not None
    return values.read(spec, dialect(target), [arg.encode() for arg in args])


@pytest.mark.parametrize(
    ("line", "server", "text", "value"),
    [
        ("appendonly YES", "redis-7.2", "yes", True),
        ("maxmemory 1gb", "redis-7.2", "1073741824", 2**30),
        ("maxmemory-policy ALLKEYS-LRU", "redis-7.2", "allkeys-lru", "allkeys-lru"),
        ("maxmemory-clients 5%", "redis-7.2", "5%", "5%"),
        ("unixsocketperm 0700", "redis-7.2", "700", 0o700),
        ("save 900 1 300 10", "redis-7.2", "900 1 300 10", ((900, 1), (300, 10))),
        ("bind 127.0.0.1 -::1", "redis-7.2", "127.0.0.1 -::1", ("127.0.0.1", "-::1")),
        ("notify-keyspace-events EKA", "redis-7.2", "AKE", "AKE"),
        ("oom-score-adj-values 0 200 800", "redis-6.2", "0 200 800", (0, 200, 800)),
        ("replicaof host 6379", "redis-7.2", "host 6379", ("host", 6379)),
        ("replicaof no one", "redis-7.2", "", None),
        ("shutdown-on-sigterm now save", "redis-7.2", "save now", ("save", "now")),
        (
            "client-output-buffer-limit replica 1mb 2mb 3",
            "redis-7.2",
            "slave 1048576 2097152 3",
            (("slave", 1048576, 2097152, 3),),
        ),
        ("latency-tracking-info-percentiles 50 99.90", "redis-7.0", "50 99.9", (50.0, 99.9)),
        ("timeout 10x", "redis-5.0", "10", 10),
        ("hz 1000", "redis-5.0", "500", 500),
    ],
)
def test_taken(line: str, server: str, text: str, value: Any) -> None:
    result = read(line, server)
    assert isinstance(result, Value)
    assert (result.text, result.value) == (text, value)


@pytest.mark.parametrize(
    ("line", "server", "rule", "needle"),
    [
        ("appendonly maybe", "redis-7.2", "RL105", "yes or no"),
        ("appendfsync everysecs", "redis-7.2", "RL106", "did you mean 'everysec'?"),
        ("maxmemory 2Gi", "redis-7.2", "RL107", "2gb"),
        ("port 70000", "redis-7.2", "RL108", "65535"),
        ("timeout 10x", "redis-6.0", "RL108", "'10x'"),
        ("save 900", "redis-7.0", "RL102", "pairs"),
        ("save 0 1", "redis-6.2", "RL108", "seconds"),
        ("timeout 5 # seconds", "redis-7.2", "RL103", "comment"),
        ("dbfilename a/b", "redis-7.2", "RL117", "dir"),
        ("client-output-buffer-limit replica 1 1 1", "redis-4.0", "RL106", "slave"),
        ("notify-keyspace-events KEx!", "redis-7.2", "RL106", "'!'"),
        ("oom-score-adj-values 0 200", "redis-6.2", "RL102", "three"),
    ],
)
def test_refused(line: str, server: str, rule: str, needle: str) -> None:
    result = read(line, server)
    assert isinstance(result, Refusal)
    assert result.rule == rule
    assert needle in result.message


def test_what_a_server_changes_is_noted() -> None:
    result = read("timeout 10x", "redis-5.0")
    assert isinstance(result, Value)
    assert [note.rule for note in result.notes] == ["RL108"]


def test_a_save_line_that_is_dropped() -> None:
    result = read("save 900 1 300 10", "redis-6.2")
    assert isinstance(result, Value)
    assert forms.is_dropped(result)
    assert result is not forms.NO_SAVE


ARGUMENTS = st.lists(st.binary(max_size=12) | st.sampled_from([b"1", b"1mb", b"yes"]), max_size=5)


@given(st.sampled_from(catalog.SERVERS), st.integers(0, 400), ARGUMENTS)
def test_any_argument_is_taken_or_refused(server: Server, index: int, args: list[bytes]) -> None:
    """Never an exception, and what is taken shows again as itself."""
    specs = [spec for spec in catalog.specs(server).values() if spec.type != "ignored"]
    spec = specs[index % len(specs)]
    result = values.read(spec, dialect(server), args)
    if isinstance(result, Refusal):
        assert result.rule.startswith("RL1")
        assert "\n" not in result.message
        return
    if spec.type in ("bool", "enum", "int", "memory"):
        words = [word.encode("utf-8", "surrogateescape") for word in result.text.split(" ")]
        if spec.multi_arg or len(words) == 1:
            again = values.read(spec, dialect(server), words)
            assert isinstance(again, Value)
            assert again.text == result.text
