"""Every way to a running server, through the command line as a process: TLS, clusters,
Sentinels, a user who may do nothing else, a password typed at a terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from redislint.sources.live.commands import acl_rule
from tests.cli.conftest import Outcome, Run, environment
from tests.support.certificates import Certificates
from tests.support.real_server import encrypted, free_port, running, send, until
from tests.support.resp_stub import Stub
from tests.support.tls_front import to

SECRET = "CANARY-typed"


def _targets(outcome: Outcome) -> dict[int, dict[str, Any]]:
    """The targets of a JSON report by their ports."""
    found = json.loads(outcome.out)["targets"]
    return {int(one["id"].rpartition(":")[2]): one for one in found}


def _failure(outcome: Outcome) -> str:
    """The one line of a run that could read nothing."""
    assert outcome.code == 3
    assert "Traceback" not in outcome.out + outcome.err
    assert "CANARY" not in outcome.out + outcome.err
    lines = [line for line in outcome.out.splitlines() if ": error " in line]
    assert len(lines) == 1
    return lines[0]


# -- TLS -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tls(
    redis_server: str, certificates: Certificates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    """The TLS port of a real server with a password."""
    folder = tmp_path_factory.mktemp("tls")
    with encrypted(redis_server, folder, certificates, "--requirepass", SECRET) as port:
        yield port


def test_tls_with_an_authority_of_ones_own(
    process: Run, tls: int, certificates: Certificates
) -> None:
    url = f"rediss://localhost:{tls}"
    env = {"REDISLINT_PASSWORD": SECRET}
    done = process("check", url, "--tls-ca", certificates.ca, "--format", "json", env=env)
    assert done.code in (0, 1)
    assert _targets(done)[tls]["id"] == url
    told = process("facts", url, "--tls-ca", certificates.ca, "--format", "json", env=env)
    (target,) = json.loads(told.out)["targets"]
    assert target["facts"]["live.tls"]["value"] is True
    assert target["facts"]["live.password_asked"]["value"] is True
    assert SECRET not in done.out + done.err + told.out + told.err


def test_tls_with_a_certificate_of_the_client(
    process: Run, tls: int, certificates: Certificates
) -> None:
    own = ("--tls-cert", certificates.cert, "--tls-key", certificates.key)
    url = f"rediss://127.0.0.1:{tls}"
    env = {"REDISCLI_AUTH": SECRET}
    done = process("check", url, "--tls-ca", certificates.ca, *own, "--format", "json", env=env)
    assert done.code in (0, 1)
    assert list(_targets(done)) == [tls]


def test_tls_is_verified_unless_it_is_switched_off(process: Run, tls: int) -> None:
    url = f"rediss://localhost:{tls}"
    env = {"REDISLINT_PASSWORD": SECRET}
    assert "is not accepted" in _failure(process("check", url, "--format", "concise", env=env))
    done = process("check", url, "--tls-no-verify", "--format", "json", env=env)
    assert list(_targets(done)) == [tls]


@pytest.mark.parametrize(
    ("kind", "said"), [("expired", "certificate has expired"), ("elsewhere", "IP address mismatch")]
)
def test_certificates_that_are_not_good(
    process: Run, tls: int, certificates: Certificates, kind: str, said: str
) -> None:
    context = certificates.server(getattr(certificates, kind))
    with Stub(to(free_port()), tls=context) as front:
        url = f"rediss://:{SECRET}@127.0.0.1:{front.port}"
        done = process("check", url, "--tls-ca", certificates.ca, "--format", "concise")
        assert front.wait_closed()
    assert said in _failure(done)


def test_tls_and_plain_are_not_mixed_up(
    process: Run, tls: int, redis_server: str, tmp_path: Path
) -> None:
    patience = ("--timeout", "2s", "--connect-timeout", "1s", "--command-timeout", "1s")
    plain = process("check", f"redis://127.0.0.1:{tls}", *patience, "--format", "concise")
    said = _failure(plain)
    assert "rediss://" in said or "reset the connection" in said
    with running(redis_server, tmp_path) as port:
        done = process("check", f"rediss://127.0.0.1:{port}", *patience, "--format", "concise")
    assert "TLS" in _failure(done)


# -- clusters and Sentinels ------------------------------------------------------------


@pytest.fixture(scope="module")
def cluster(redis_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[int]]:
    """Ports of two primaries and the replica of the second."""
    place = tmp_path_factory.mktemp("cluster")
    folders = [place / name for name in "abc"]
    for folder in folders:
        folder.mkdir()
    on = ("--cluster-enabled", "yes", "--cluster-node-timeout", "2000")
    with (
        running(redis_server, folders[0], *on) as one,
        running(redis_server, folders[1], *on) as two,
        running(redis_server, folders[2], *on) as three,
    ):
        ports = [one, two, three]
        for port in ports[1:]:
            send(one, "CLUSTER", "MEET", "127.0.0.1", str(port))
        send(one, "CLUSTER", "ADDSLOTS", *map(str, range(8192)))
        send(two, "CLUSTER", "ADDSLOTS", *map(str, range(8192, 16384)))
        until(lambda: all(b"cluster_known_nodes:3" in send(p, "CLUSTER", "INFO") for p in ports))
        name = send(two, "CLUSTER", "MYID").split(b"\r\n")[1].decode()
        until(lambda: send(three, "CLUSTER", "REPLICATE", name) == b"+OK\r\n")
        until(lambda: all(b"cluster_state:ok" in send(p, "CLUSTER", "INFO") for p in ports))
        until(lambda: all(b"slave" in send(port, "CLUSTER", "NODES") for port in ports))
        yield ports


def test_a_cluster_expands_to_its_members(process: Run, cluster: list[int]) -> None:
    seeds = f"redis+cluster://127.0.0.1:{free_port()},127.0.0.1:{cluster[2]}"
    done = process("facts", seeds, "--format", "json")
    assert done.code == 3, "one of the addresses that were named does not answer"
    targets = _targets(done)
    assert sorted(targets) == sorted(cluster)
    roles = {port: targets[port]["facts"]["target.role"]["value"] for port in cluster}
    assert list(roles.values()) == ["primary", "primary", "replica"]
    slots = {
        node["port"]: node["slots"]
        for node in targets[cluster[0]]["facts"]["cluster.nodes"]["value"]
    }
    assert slots == dict(zip(cluster, (8192, 8192, 0), strict=True))
    judged = process("check", f"redis+cluster://127.0.0.1:{cluster[0]}", "--format", "json")
    assert judged.code in (0, 1)
    assert sorted(_targets(judged)) == sorted(cluster)


@pytest.fixture(scope="module")
def sentinel(
    redis_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, int]]:
    """Ports of a primary with a password, its replica, and the Sentinel that watches them."""
    place = tmp_path_factory.mktemp("sentinel")
    conf = place / "sentinel.conf"
    password = ("--requirepass", SECRET, "--masterauth", SECRET)
    (place / "replica").mkdir()
    with running(redis_server, place, *password) as primary:
        follow = ("--slaveof", "127.0.0.1", str(primary))
        with running(redis_server, place / "replica", *password, *follow) as replica:
            until(lambda: b"master_link_status:up" in _info(replica))
            conf.write_text(
                f"sentinel monitor mymaster 127.0.0.1 {primary} 1\n"
                f"sentinel auth-pass mymaster {SECRET}\n"
            )
            with running(redis_server, place, str(conf), "--sentinel") as watcher:
                until(lambda: b"127.0.0.1" in send(watcher, "SENTINEL", "SLAVES", "mymaster"))
                yield {"primary": primary, "replica": replica, "sentinel": watcher}


def _info(port: int) -> bytes:
    return send(port, "INFO", "replication", password=SECRET)


def test_sentinels_lead_to_what_they_watch(process: Run, sentinel: dict[str, int]) -> None:
    env = {"REDISLINT_PASSWORD": SECRET}
    url = f"redis+sentinel://127.0.0.1:{sentinel['sentinel']}/mymaster"
    done = process("facts", url, "--format", "json", env=env)
    assert done.code == 0
    targets = _targets(done)
    assert sorted(targets) == sorted(sentinel.values())
    facts = {role: targets[port]["facts"] for role, port in sentinel.items()}
    modes = {role: told["server.mode"]["value"] for role, told in facts.items()}
    assert modes == {"primary": "standalone", "replica": "standalone", "sentinel": "sentinel"}
    assert facts["replica"]["replication.link_up"]["value"] is True
    assert facts["primary"]["replication.in_sync"]["value"] == 1
    judged = process("check", url, "--format", "json", env=env)
    assert judged.code in (0, 1)
    assert SECRET not in done.out + done.err + judged.out + judged.err


# -- users and passwords ---------------------------------------------------------------


def test_a_user_who_may_do_nothing_else_is_enough(
    process: Run, redis_server: str, tmp_path: Path
) -> None:
    with running(redis_server, tmp_path, "--requirepass", "CANARY-other") as port:
        rule = ("reset", "on", f">{SECRET}", *acl_rule().split())
        made = send(port, "ACL", "SETUSER", "redislint", *rule, password="CANARY-other")
        if b"unknown command" in made:
            pytest.skip("this server has no ACL")
        env = {"REDISLINT_PASSWORD": SECRET}
        url = f"redis://127.0.0.1:{port}"
        done = process("facts", url, "--user", "redislint", "--format", "json", env=env)
        (target,) = json.loads(done.out)["targets"]
        facts = target["facts"]
        assert facts["acl.whoami"]["value"] == "redislint"
        assert facts["live.config_readable"]["value"] is True
        assert {"server.time", "latency.events", "slowlog.length", "acl.users"} <= set(facts)
        assert not [why for why in target["unknown"].values() if "NOPERM" in why]
        judged = process("check", url, "--user", "redislint", env=env)
        assert judged.code in (0, 1)
    assert "CANARY" not in done.out + done.err + judged.out + judged.err


def test_a_server_whose_config_is_renamed_says_so(
    process: Run, redis_server: str, tmp_path: Path
) -> None:
    with running(redis_server, tmp_path, "--rename-command", "CONFIG", "") as port:
        done = process("check", f"redis://127.0.0.1:{port}", "--format", "json")
    assert done.code in (0, 1)
    reasons = {entry["rule"]: json.dumps(entry) for entry in json.loads(done.out)["unknown"]}
    assert "does not know CONFIG: renamed, disabled, or a managed service" in reasons["RL204"]


_AT_A_TERMINAL = """
import os, runpy, sys
os.close(os.open(os.ttyname(0), os.O_RDWR))  # now it is the terminal of this session
sys.argv = ["redislint", *sys.argv[1:]]
runpy.run_module("redislint", run_name="__main__")
"""


def _at_a_terminal(root: Path, typed: list[str], *arguments: str) -> tuple[Outcome, str]:
    """A run at a terminal where each line is typed once it was asked for, and what the
    terminal showed."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", _AT_A_TERMINAL, *arguments],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env=environment(root),
    )
    shown = b""
    try:
        for number, line in enumerate(typed, 1):
            while shown.count(b"Password for ") < number:
                shown += os.read(ours, 1000)
            os.write(ours, f"{line}\n".encode())
        out, err = child.communicate(timeout=60)
    finally:
        child.kill()
        os.close(theirs)
        os.close(ours)
    return Outcome(child.returncode, out.decode(), err.decode()), shown.decode()


def test_a_password_typed_at_a_terminal(root: Path, redis_server: str, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with (
        running(redis_server, tmp_path, "--requirepass", SECRET) as one,
        running(redis_server, tmp_path / "other", "--requirepass", f"{SECRET}-2") as two,
    ):
        urls = [f"redis://127.0.0.1:{port}" for port in (one, two)]
        command = ("check", *urls, "--ask-password", "--format", "json")
        done, shown = _at_a_terminal(root, [SECRET, f"{SECRET}-2"], *command)
    assert done.code in (0, 1)
    assert sorted(_targets(done)) == sorted([one, two])
    assert shown.count("Password for redis://127.0.0.1:") == 2
    assert "CANARY" not in shown + done.out + done.err
