"""Refusals after the whole configuration was read."""

from __future__ import annotations

from pathlib import Path

import pytest

import redislint
from redislint.conf.resolve import Configuration


def resolve(text: str, server: str = "redis-7.2") -> Configuration:
    return redislint.parse(text, "redis.conf").resolve(server)


@pytest.mark.parametrize(
    ("text", "server", "rule", "line", "stage"),
    [
        ("tls-port 7000\n", "redis-7.2", "RL125", 1, "startup"),
        (
            "port 1\ntls-cert-file c\ntls-key-file k\ntls-replication yes\ntls-auth-clients no\n",
            "redis-7.2",
            "RL125",
            4,
            "startup",
        ),
        ("cluster-enabled yes\nport 55536\n", "redis-7.2", "RL125", 2, "startup"),
        ('cluster-enabled yes\nbind ""\n', "redis-7.2", "RL125", 2, "startup"),
        (f"unixsocket {'s' * 108}\n", "redis-7.0", "RL125", 1, "startup"),
        ("user alice +nosuch\n", "redis-6.0", "RL126", 1, "startup"),
        ("user alice on\naclfile u.acl\n", "redis-7.2", "RL120", 1, "startup"),
        ("hz 0\n", "redis-6.0", "RL108", 1, "crash"),
        ("cluster-enabled yes\nreplicaof h 1\n", "redis-7.2", "RL121", 2, "load"),
        ("unknown x\n", "redis-8.0", "RL101", 1, "startup"),
        ("\ufeffport 1\n", "redis-8.0", "RL123", 1, "startup"),
        ("\ufeffport 1\n", "redis-7.4", "RL123", 1, "load"),
    ],
)
def test_refused(text: str, server: str, rule: str, line: int, stage: str) -> None:
    rejection = resolve(text, server).rejection
    assert rejection is not None
    assert (rejection.rule, rejection.line, rejection.stage) == (rule, line, stage)


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("tls-port 0\n", "redis-7.2"),
        ("tls-port 1\ntls-cert-file c\ntls-key-file k\ntls-ca-cert-dir d\n", "redis-7.2"),
        ("tls-port 1\ntls-cert-file c\ntls-key-file k\ntls-auth-clients no\n", "redis-7.2"),
        ("cluster-enabled yes\nport 55535\n", "redis-7.2"),
        ("cluster-enabled yes\nport 60000\ncluster-port 7000\n", "redis-7.2"),
        ('cluster-enabled yes\nbind ""\n', "redis-7.0"),
        ("port 60000\n", "redis-7.2"),
        (f"unixsocket {'s' * 107}\n", "redis-7.0"),
        (f"unixsocket {'s' * 120}\n", "redis-6.2"),
        ('user alice on\naclfile ""\n', "redis-7.2"),
        ("hz 0\n", "redis-7.2"),
        ("activedefrag yes\n", "redis-7.2"),
        ("port 0\n", "redis-7.2"),
    ],
)
def test_taken(text: str, server: str) -> None:
    conf = resolve(text, server)
    assert conf.accepted, conf.rejection


def test_what_depends_on_the_build_or_the_machine_is_told() -> None:
    assert [d.rule for d in resolve("activedefrag yes\n").diagnostics] == ["RL125"]
    assert "RL125" in [d.rule for d in resolve("port 0\n").diagnostics]


def test_an_error_while_reading_comes_before_all_of_these() -> None:
    rejection = resolve("tls-port 7000\nunknown x\ntimeout x\n", "redis-8.0").rejection
    assert rejection is not None
    assert (rejection.line, rejection.stage) == (3, "load")


def test_the_acl_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "users.acl").write_text("user alice on\nuser bob +nosuch >sesame99\n")
    (tmp_path / "redis.conf").write_text("port 1\naclfile users.acl\n")
    conf = redislint.resolve_command(["redis.conf"], "redis-7.2", cwd=str(tmp_path))
    assert conf.rejection is not None
    assert conf.rejection.rule == "RL126"
    assert "line 2" in conf.rejection.message
    assert "sesame99" not in conf.rejection.message
