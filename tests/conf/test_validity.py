"""Text values that servers look into."""

from __future__ import annotations

import pytest

import redislint


@pytest.mark.parametrize(
    ("line", "server", "taken"),
    [
        ('dbfilename ""', "redis-7.2", True),
        ('dbfilename ""', "valkey-8.0", False),
        ('appendfilename ""', "redis-6.2", True),
        ('appendfilename ""', "redis-7.0", False),
        ('dbfilename "a\\\\b"', "redis-7.2", False),
        ("cluster-announce-hostname a-b.c", "redis-7.2", True),
        ("cluster-announce-hostname a_b", "redis-7.2", False),
        (f"cluster-announce-hostname {'a' * 255}", "redis-7.2", True),
        (f"cluster-announce-hostname {'a' * 256}", "redis-7.2", False),
        ("cluster-announce-human-nodename a:b", "redis-7.2", False),
        ("cluster-announce-human-nodename a:b", "valkey-8.0", True),
        ("cluster-announce-client-ipv4 1.2.3.4", "valkey-8.1", True),
        ("cluster-announce-client-ipv4 1.2.3", "valkey-8.1", False),
        ("cluster-announce-client-ipv6 ::1", "valkey-8.1", True),
        ("cluster-announce-client-ipv6 1.2.3.4", "valkey-8.1", False),
        ('proc-title-template "{title} {listen-addr}"', "redis-7.0", True),
        ('proc-title-template "{nope}"', "redis-7.0", False),
        ('proc-title-template "{title"', "redis-7.0", False),
        ('proc-title-template "{{"', "redis-7.0", True),
        ('proc-title-template " "', "redis-7.0", False),
    ],
)
def test_text(line: str, server: str, taken: bool) -> None:
    assert redislint.parse(line).resolve(server).accepted is taken
