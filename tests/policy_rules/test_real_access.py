"""Who gets in and what they may do, tried on a real server beside what redislint says of it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from redislint.audit import check
from redislint.audit.report import Report
from redislint.conf.acl import parse_user
from redislint.conf.acl_grants import grants
from redislint.conf.commands import DANGEROUS
from redislint.facts.exposure import open_socket
from redislint.model import Server
from redislint.sources.live.acl import parse_list
from tests.support.bad_states import server_folder
from tests.support.real_server import running

pytestmark = pytest.mark.server

HARMLESS = (
    "-@all +ping +info +config|get +acl|list +acl|whoami +module|list +latency|latest "
    "+slowlog|len +time"
)
"""What the user of an open server may do here: no key, and nothing that changes anything."""

OPEN = f"user default on nopass {HARMLESS}"
SHUT = f"user default on >5e2b8b0f4c6d41d3a7f9 {HARMLESS}"
OTHER = 65533
"""A user who owns nothing."""


@pytest.fixture(scope="module")
def network_address() -> str:
    """An address of this machine that others reach."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            pytest.skip("needs an address besides the loopback one")
        found = str(sock.getsockname()[0])
    if found.startswith("127."):
        pytest.skip("needs an address besides the loopback one")
    return found


@pytest.fixture(scope="module")
def version(redis_server: str) -> Server:
    """Engine and version of the server at hand."""
    told = subprocess.run([redis_server, "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"v=(\d+)\.(\d+)", told.stdout)
    assert found
    engine = "valkey" if told.stdout.lower().startswith("valkey") else "redis"
    return Server(engine, (int(found[1]), int(found[2])))


@pytest.fixture
def conf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a test writes its configuration; audits run in a folder without a project."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "redis.conf"


@pytest.fixture
def socket_folder() -> Iterator[Path]:
    """A folder that every user may pass through, short enough for a Unix socket."""
    with server_folder() as folder:
        folder.chmod(0o755)
        yield folder


def answer(port: int, address: str = "127.0.0.1", command: bytes = b"PING") -> str:
    """What a client gets that connects to `address` from it: the first word."""
    with socket.create_connection((address, port), 5, (address, 0)) as client:
        client.sendall(command + b"\r\n")
        return client.recv(200).split()[0].decode().strip("+-")


def connects_as_other(path: Path) -> bool:
    """Whether a process of another user and group may connect to a Unix socket."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.setgroups([])
            os.setgid(OTHER)
            os.setuid(OTHER)
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(path))
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def found(report: Report) -> set[str]:
    assert report.errors == ()
    return {finding.rule for finding in report.findings}


@pytest.mark.parametrize("user", [OPEN, SHUT], ids=["nopass", "password"])
@pytest.mark.parametrize("guard", ["yes", "no"])
@pytest.mark.parametrize("bind", ["bind {0} 127.0.0.1", ""], ids=["bound", "unbound"])
def test_who_of_another_host_gets_in(
    bind: str, guard: str, user: str, network_address: str, redis_server: str,
    version: Server, conf: Path,
) -> None:  # fmt: skip
    bind = bind.format(network_address)
    conf.write_text(f"{bind}\nprotected-mode {guard}\n{user}\n")
    with running(redis_server, conf.parent, str(conf)) as port:
        got = answer(port, network_address)
        url = f"redis://:5e2b8b0f4c6d41d3a7f9@127.0.0.1:{port}" if user == SHUT else ""
        live = found(check([url or f"redis://127.0.0.1:{port}"], profile="strict", host="none"))
    file = found(check([conf], server=version, profile="strict"))
    assert got in ("PONG", "DENIED", "NOAUTH")
    for rules in (live, file):
        assert ("RL401" in rules) == (got == "PONG")
        assert ("RL403" in rules) == (got == "PONG" and guard == "yes")
        assert ("RL405" in rules) == (got == "DENIED")
        assert ("RL404" in rules) == (bind == "")


@pytest.mark.parametrize(
    ("lines", "opens"),
    [
        ("user alice on >0a1b2c3d4e5f60718293 ~app:* +@read\n", True),
        ("user default on >5e2b8b0f4c6d41d3a7f9 ~* +@all\n", False),
        ("user default off\n", False),
    ],
)
def test_beside_an_acl_file_requirepass_counts_for_nothing(
    lines: str, opens: bool, redis_server: str, version: Server, conf: Path
) -> None:
    conf.with_name("users.acl").write_text(lines)
    conf.write_text("bind 127.0.0.1\nrequirepass 9f4c1b7e02aa51d06a3c\naclfile users.acl\n")
    with running(redis_server, conf.parent, str(conf)) as port:
        assert (answer(port) == "PONG") == opens
        assert answer(port, command=b"AUTH 9f4c1b7e02aa51d06a3c") in ("ERR", "WRONGPASS")
        if opens:
            live = check([f"redis://127.0.0.1:{port}"], profile="strict", host="none")
            assert "RL405" in found(live)
    assert ("RL405" in found(check([conf], server=version, profile="strict"))) == opens


def test_a_renamed_command_is_no_authentication(
    redis_server: str, version: Server, conf: Path
) -> None:
    renamed = "".join(f'rename-command {name} ""\n' for name in ("CONFIG", "FLUSHALL", "DEBUG"))
    conf.write_text(f"bind 127.0.0.1\n{renamed}")
    with running(redis_server, conf.parent, str(conf)) as port:
        assert answer(port, command=b"SET key value") == "OK"
    assert {"RL405", "RL412"} <= found(check([conf], server=version, profile="strict"))
    conf.write_text(f"bind 0.0.0.0\nprotected-mode no\n{renamed}")
    assert "RL401" in found(check([conf], server=version, profile="strict"))


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs root to be another user")
@pytest.mark.parametrize("mode", ["0", "700", "755", "770", "775", "766", "777", "722"])
def test_which_permissions_of_a_socket_let_another_user_in(
    mode: str, redis_server: str, socket_folder: Path, conf: Path
) -> None:
    path = socket_folder / "s"
    conf.write_text(f"bind 127.0.0.1\nunixsocket {path}\nunixsocketperm {mode}\n")
    with running(redis_server, conf.parent, str(conf)):
        let_in = connects_as_other(path)
    assert let_in == open_socket(str(path), int(mode, 8))
    assert ("RL424" in found(check([conf], profile="strict"))) == let_in


TRIES = {
    "acl|setuser": "ACL SETUSER nobody +nosuchcommand",
    "config|set": "CONFIG SET nosuchdirective 1",
    "debug": "DEBUG NOSUCH",
    "flushall": "FLUSHALL",
    "flushdb": "FLUSHDB",
    "keys": "KEYS app:*",
    "migrate": "MIGRATE 127.0.0.1 port app:1 0 x",
    "module|load": "MODULE LOAD /nonexistent",
    "replicaof": "REPLICAOF 127.0.0.1 port",
    "shutdown": "SHUTDOWN NOSUCH",
    "slaveof": "SLAVEOF 127.0.0.1 port",
}
"""Each command with arguments that it refuses or that do no harm, once it may run."""

RULES = (
    "+@all", "+@all -@dangerous", "-@dangerous +@all", "+@all -@dangerous +flushall",
    "+@read", "+@write", "+@admin", "+@all -@admin", "+@keyspace -keys", "+@all -@all +get",
    "+config|get +info", "+config", "+config|set", "+@all -config", "+debug +@read -@write",
    "allcommands -@slow", "nocommands +@scripting",
)  # fmt: skip


def test_every_dangerous_command_is_tried() -> None:
    assert set(TRIES) == set(DANGEROUS)


def test_what_rules_grant_is_what_the_server_lets_through(
    redis_server: str, version: Server, conf: Path
) -> None:
    conf.write_text('bind 127.0.0.1\nsave ""\n')
    with running(redis_server, conf.parent, str(conf)) as port:
        admin: Any = redis.Redis(port=port, protocol=2)
        for rules in RULES:
            words = ["reset", "on", "nopass", "~app:*", *rules.split()]
            admin.execute_command("ACL", "SETUSER", "app", *words)
            user = parse_user([b"app", *(word.encode() for word in words)], version)
            runs = [name for name, line in TRIES.items() if _runs(port, line)]
            told = grants(user, version)
            assert told["dangerous"] == runs, rules
            assert told["scripts"] == _runs(port, "EVAL return(1) 0"), rules
            (listed,) = [
                one
                for one in parse_list(admin.execute_command("ACL", "LIST"), version)
                if one.name == "app"
            ]
            assert listed.grants == told, rules


def _runs(port: int, line: str) -> bool:
    """Whether user `app` gets past the permissions with a command."""
    client: Any = redis.Redis(port=port, username="app", password="any", protocol=2)
    try:
        client.execute_command(*line.split())
    except redis.exceptions.NoPermissionError:
        return False
    except redis.RedisError:
        return True
    finally:
        client.close()
    return True
