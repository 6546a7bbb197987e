"""Cloud sources, the parts that need no endpoint: URLs, threads, errors, values."""

from __future__ import annotations

import threading
import time

import pytest

from redislint.model import Server
from redislint.sources.cloud import calls, is_cloud
from redislint.sources.cloud.address import parse_url
from redislint.sources.cloud.cache import server_of, version_order
from redislint.sources.cloud.errors import CloudError, LateError, of_exception, one_line
from redislint.sources.cloud.parameters import is_allowed
from redislint.sources.cloud.side import side_by_side


@pytest.mark.parametrize(
    ("text", "service", "regions", "name"),
    [
        ("elasticache://eu-west-1", "elasticache", ("eu-west-1",), ""),
        ("elasticache://eu-west-1/", "elasticache", ("eu-west-1",), ""),
        ("elasticache://eu-west-1/my-cache", "elasticache", ("eu-west-1",), "my-cache"),
        ("ELASTICACHE://EU-WEST-1/My-Cache", "elasticache", ("eu-west-1",), "My-Cache"),
        (
            "memorydb://eu-west-1,us-gov-east-1,eu-west-1",
            "memorydb",
            ("eu-west-1", "us-gov-east-1"),
            "",
        ),
        ("elasticache://*", "elasticache", ("*",), ""),
        ("memorydb://*/ledger", "memorydb", ("*",), "ledger"),
    ],
)
def test_urls(text: str, service: str, regions: tuple[str, ...], name: str) -> None:
    url = parse_url(text)
    assert (url.service, url.regions, url.name) == (service, regions, name)
    assert parse_url(url.uri) == url
    assert is_cloud(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("elasticache://", "no region"),
        ("elasticache://ireland", "'ireland' is no region"),
        ("elasticache://eu-west-1,*", "'*' is no region"),
        ("elasticache://eu-west-1/a/b", "no name of a cache"),
        ("elasticache://eu-west-1/-x", "no name of a cache"),
        ("elasticache://user:hunter2@eu-west-1", "the region is no region"),
    ],
)
def test_wrong_urls_say_what_was_expected(text: str, said: str) -> None:
    with pytest.raises(CloudError) as caught:
        parse_url(text)
    assert said in caught.value.message
    assert "such as" in caught.value.message
    assert "hunter2" not in caught.value.message


def test_side_by_side_keeps_order_and_exceptions() -> None:
    together = threading.Barrier(3, timeout=5)

    def fail() -> int:
        together.wait()
        raise KeyError("x")

    def give(number: int) -> int:
        together.wait()
        return number

    results = side_by_side([lambda: give(1), fail, lambda: give(3)], 3)
    assert results[0] == 1
    assert results[2] == 3
    assert isinstance(results[1], KeyError)


def test_side_by_side_runs_no_more_than_asked() -> None:
    running = 0
    most = 0
    lock = threading.Lock()

    def task() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.01)
        with lock:
            running -= 1

    side_by_side([task] * 12, 3)
    assert most == 3


def test_what_hangs_does_not_hold_up_the_rest() -> None:
    release = threading.Event()
    begun = time.monotonic()
    results = side_by_side(
        [lambda: release.wait(30), lambda: True, lambda: release.wait(30)], 2, begun + 0.3
    )
    assert time.monotonic() - begun < 2
    assert results[1] is True
    assert isinstance(results[0], LateError)
    assert isinstance(results[2], LateError)
    release.set()


def test_errors_never_quote_keys() -> None:
    key, token = "AKIAIOSFODNN7EXAMPLE", "IQoJb3JpZ2luX2VjE" * 6
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    said = one_line(f"user {key}\nwith {token} and\t{secret} failed")
    assert said == "user [redacted] with [redacted] and [redacted] failed"
    assert len(one_line("x " * 1000)) == 300


def test_an_error_of_no_known_kind_is_named() -> None:
    found = of_exception(RuntimeError("odd"), str(calls.USERS), calls.USERS.action)
    assert found.message == "elasticache DescribeUsers: RuntimeError: odd"


@pytest.mark.parametrize(
    ("value", "allowed", "fits"),
    [
        ("yes", "yes,no", True),
        ("maybe", "yes,no", False),
        ("75", "1-75", True),
        ("76", "1-75", False),
        ("0", "0,20-", True),
        ("7", "0,20-", False),
        ("20", "0,20-", True),
        ("-1", "-", True),
        ("x", "-", False),
        ("volatile-lru", "volatile-lru,noeviction", True),
        ("", "yes,no", True),
    ],
)
def test_allowed_values(value: str, allowed: str, fits: bool) -> None:
    assert is_allowed(value, allowed) is fits


@pytest.mark.parametrize(
    ("engine", "version", "server"),
    [
        ("redis", "7.1", Server("redis", (7, 1))),
        ("redis", "6.x", Server("redis", (6, 0))),
        ("valkey", "8", Server("valkey", (8, 0))),
        ("valkey", "8.0.1", Server("valkey", (8, 0, 1))),
        ("memcached", "1.6", None),
        ("redis", None, None),
        ("redis", "latest", None),
    ],
)
def test_servers(engine: str, version: str | None, server: Server | None) -> None:
    assert server_of(engine, version) == server


def test_versions_order_by_number() -> None:
    assert max(["8.9", "8.10", "7.99"], key=version_order) == "8.10"


def test_calls_are_listed_once_and_only_read() -> None:
    names = [(call.service, call.operation) for call in calls.CALLS]
    assert len(set(names)) == len(names)
    every = {value for value in vars(calls).values() if isinstance(value, calls.Call)}
    assert every == set(calls.CALLS)
    reading = ("Describe", "Get", "List", "AssumeRole")
    assert [c for c in calls.CALLS if not c.operation.startswith(reading)] == []
    assert calls.TAGS.action == "tag:GetResources"
    assert calls.SECURITY_GROUPS.action == "ec2:DescribeSecurityGroups"
