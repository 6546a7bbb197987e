from __future__ import annotations

import pytest

from redislint.model import Server
from redislint.reports.wording import count, servers

NAMES = "redis-6.2 redis-7.0 redis-7.2 redis-7.4 redis-8.0 valkey-7.2 valkey-8.0 valkey-9.1"
HELD = tuple(map(Server.parse, NAMES.split()))


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (None, "redis 6.2 to 8.0, valkey 7.2 to 9.1"),
        ("redis-6.2", "redis 6.2"),
        ("redis-7.0 redis-7.2 redis-7.4", "redis 7.0 to 7.4"),
        (
            "redis-7.0 redis-7.2 redis-7.4 valkey-7.2 valkey-8.0 valkey-9.1",
            "redis 7.0 to 7.4, valkey 7.2 on",
        ),
        ("redis-6.2 redis-7.2 redis-8.0", "redis 6.2, 7.2 and 8.0"),
        ("valkey-9.1", "valkey 9.1"),
        ("redis-5.0 redis-6.2", "redis 6.2, redis 5.0"),
    ],
)
def test_servers_in_few_words(chosen: str | None, expected: str) -> None:
    assert servers(HELD, None if chosen is None else chosen.split()) == expected


def test_count_knows_the_plural() -> None:
    assert [count(n, "error") for n in (0, 1, 2)] == ["0 errors", "1 error", "2 errors"]
