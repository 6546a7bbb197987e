"""The live source against a real server."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from redislint.facts.rates import change_facts, why_missing
from redislint.model import REDACTED, Fact
from redislint.sources.live import is_live, read
from redislint.sources.live.commands import COMMANDS, acl_rule
from redislint.sources.live.info import counts
from redislint.sources.live.options import LiveOptions, TlsOptions
from redislint.sources.live.reading import LiveTarget
from tests.sources.live.conftest import Running
from tests.support.certificates import Certificates
from tests.support.real_server import encrypted

pytestmark = pytest.mark.server

Start = Callable[..., Running]


def _one(url: str, options: LiveOptions | None = None) -> LiveTarget:
    (reading,) = read([url], options)
    assert reading.errors == ()
    (target,) = reading.targets
    return target


def test_a_server_without_any_configuration(start_server: Start) -> None:
    server = start_server("--save", "900", "1", "--appendonly", "yes", "--maxmemory", "100mb")
    target = _one(f"redis://127.0.0.1:{server.port}")
    conf = target.configuration
    assert conf.unknown == ""
    assert conf["save"].value == ((900, 1),)
    assert conf["appendonly"].value is True
    assert conf["maxmemory"].value == 100 << 20
    assert conf["maxmemory"].origin == "running"
    assert conf.is_set("maxmemory")
    assert not conf.is_set("timeout")
    assert conf["dir"].text == str(server.directory)
    assert all(setting.known for setting in conf.settings)
    assert target.target.facts["info.aof_enabled"].value == 1
    assert target.target.id == f"redis://127.0.0.1:{server.port}"
    assert target.target.server.engine in ("redis", "valkey")


def test_secrets_are_hidden_when_read(start_server: Start) -> None:
    server = start_server("--requirepass", "CANARY-one", "--masterauth", "CANARY-two")
    target = _one(f"redis://:CANARY-one@127.0.0.1:{server.port}")
    assert "CANARY" not in repr(target)
    assert target.configuration.config_get("requirepass") == REDACTED
    assert target.configuration.config_get("masterauth") == REDACTED
    assert dict(target.configuration.values())["requirepass"] == REDACTED
    assert target.target.facts["live.password_asked"].value is True
    assert target.default_user in ("password", "")


def test_a_password_that_nobody_wants(start_server: Start) -> None:
    server = start_server()
    target = _one(f"redis://:CANARY-extra@127.0.0.1:{server.port}")
    assert target.target.facts["live.password_asked"].value is False


def _cluster_node(start_server: Start) -> Running:
    try:
        return start_server("--cluster-enabled", "yes")
    except AssertionError:
        pytest.skip("this server has no cluster mode")


def _needs_acl(server: Running) -> None:
    if server.send("ACL", "WHOAMI").startswith(b"-ERR unknown command"):
        pytest.skip("this server has no ACL")


def test_the_documented_rule_is_enough_and_no_more(start_server: Start, root: Path) -> None:
    """A user with the rule that the documentation gives, and nothing else, audits it all."""
    text = (root / "docs" / "live.md").read_text()
    rule, of_sentinel = re.findall(r"ACL SETUSER redislint on >\S+ ([^\n`]+)", text)
    assert (rule, of_sentinel) == (acl_rule(), acl_rule(sentinel=True))
    server = _cluster_node(start_server)
    _needs_acl(server)
    words = ["reset", "on", ">CANARY-audit", *rule.split()]
    assert server.send("ACL", "SETUSER", "redislint", *words) == b"+OK\r\n"
    target = _one(f"redis://redislint:CANARY-audit@127.0.0.1:{server.port}")
    assert target.refusals == ()
    assert target.configuration.unknown == ""
    assert target.target.facts["acl.whoami"].value == "redislint"
    assert target.target.facts["cluster.state"].value == "fail"
    assert "CANARY" not in repr(target)
    for command in ("GET x", "SET x 1", "CONFIG SET maxmemory 1", "FLUSHALL", "CLIENT LIST"):
        refused = _as_auditor(server.port, command.split())
        assert refused.startswith(b"-NOPERM"), command


def _as_auditor(port: int, words: list[str]) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 5) as sock:
        sock.sendall(b"AUTH redislint CANARY-audit\r\n")
        assert sock.recv(100) == b"+OK\r\n"
        sock.sendall(" ".join(words).encode() + b"\r\n")
        return sock.recv(1000)


def test_only_listed_commands_reach_the_server(start_server: Start) -> None:
    """What MONITOR sees of an audit stands in the list; nothing is written."""
    server = start_server()
    seen: list[str] = []
    ready = threading.Event()

    def watch(sock: socket.socket) -> None:
        with contextlib.suppress(OSError):
            for line in sock.makefile("r"):
                if line.startswith("+OK"):
                    ready.set()
                else:
                    seen.append(line)

    with socket.create_connection(("127.0.0.1", server.port), 5) as sock:
        sock.sendall(b"MONITOR\r\n")
        threading.Thread(target=watch, args=(sock,), daemon=True).start()
        assert ready.wait(5)
        _one(f"redis://127.0.0.1:{server.port}", LiveOptions(interval=0.1))
        for _ in range(100):
            if sum('"INFO"' in line for line in seen) >= 2:
                break
            time.sleep(0.02)
        sock.shutdown(socket.SHUT_RDWR)
    heard = {" ".join(re.findall(r'"([^"]*)"', line)) for line in seen}
    assert "INFO everything" in heard  # MONITOR shows no administrative command
    assert heard <= {command.name for command in COMMANDS}
    assert server.send("DBSIZE") == b":0\r\n"


def test_counters_confirm_that_nothing_else_ran(start_server: Start) -> None:
    server = start_server()
    target = _one(f"redis://127.0.0.1:{server.port}", LiveOptions(interval=0.1))
    assert target.second is not None
    before, after = (counts(i, "cmdstat_", "calls") for i in (target.info, target.second))
    assert before is not None
    assert after is not None
    ran = {name for name in after if after[name] > before.get(name, 0)}
    words = {command.words[0].lower() for command in COMMANDS}
    assert "config" in {name.partition("|")[0] for name in ran}
    assert {name.partition("|")[0] for name in ran} <= words
    if "info.total_error_replies" in target.target.facts:
        assert _changes(target)["change.total_error_replies"].value == 0


def _changes(target: LiveTarget) -> dict[str, Fact]:
    assert target.second is not None
    samples = target.info.fields, target.second.fields
    return change_facts(*samples, target.seconds, own_errors=target.own_errors)


def test_counters_that_were_reset_tell_no_rate(start_server: Start) -> None:
    server = start_server()
    for _ in range(20):
        server.send("GET", "x")

    def reset() -> None:
        time.sleep(0.3)
        server.send("CONFIG", "RESETSTAT")

    thread = threading.Thread(target=reset)
    thread.start()
    target = _one(f"redis://127.0.0.1:{server.port}", LiveOptions(interval=0.8))
    thread.join()
    found = _changes(target)
    assert "counters were reset" in found["change.reset"].value
    assert "change.evicted_keys" not in found
    why = why_missing(found, ["change.evicted_keys", "change.reset"])
    assert why == {"change.evicted_keys": found["change.reset"].value}


def test_renamed_config(start_server: Start) -> None:
    server = start_server("--rename-command", "CONFIG", "", "--maxmemory", "50mb")
    target = _one(f"redis://127.0.0.1:{server.port}")
    assert "renamed" in target.configuration.unknown
    assert target.configuration["slaveof"].value is None
    assert target.configuration["slaveof"].origin == "info"
    if "info.maxmemory" in target.target.facts:
        assert target.configuration["maxmemory"].value == 50 << 20


def test_unix_socket(start_server: Start, tmp_path: Path) -> None:
    path = tmp_path / "r.sock"
    server = start_server("--unixsocket", str(path), "--requirepass", "CANARY-unix")
    while not path.exists():
        assert server.process.poll() is None
        time.sleep(0.01)
    target = _one(f"unix://:CANARY-unix@{path}")
    assert target.target.id == f"unix://{path}"


def test_replica_and_its_primary(start_server: Start) -> None:
    primary = start_server()
    replica = start_server("--slaveof", "127.0.0.1", str(primary.port))
    for _ in range(150):
        if b"master_link_status:up" in replica.send("INFO", "replication"):
            break
        time.sleep(0.05)
    told = _one(f"redis://127.0.0.1:{replica.port}")
    assert told.target.facts["target.role"].value == "replica"
    assert told.configuration["slaveof"].value == ("127.0.0.1", primary.port)
    assert told.target.facts["info.master_link_status"].value == "up"


def test_sentinel_expands_to_what_it_watches(start_server: Start, tmp_path: Path) -> None:
    primary = start_server("--requirepass", "CANARY-data")
    conf = tmp_path / "sentinel.conf"
    conf.write_text(f"sentinel monitor mymaster 127.0.0.1 {primary.port} 1\n")
    sentinel = start_server("--sentinel", conf=conf)
    url = f"redis+sentinel://:CANARY-data@127.0.0.1:{sentinel.port}/mymaster"
    (reading,) = read([url])
    assert reading.errors == ()
    modes = {target.address.port: target.identity.mode for target in reading.targets}
    assert modes == {primary.port: "standalone", sentinel.port: "sentinel"}
    assert "CANARY" not in repr(reading)
    (other,) = read([f"redis+sentinel://127.0.0.1:{sentinel.port}/nobody"])
    assert "does not watch 'nobody'" in other.errors[0].message
    (wrong,) = read([f"redis+sentinel://127.0.0.1:{primary.port}"])
    assert wrong.errors


def test_the_documented_rule_of_a_sentinel(start_server: Start, tmp_path: Path) -> None:
    primary = start_server()
    conf = tmp_path / "sentinel.conf"
    conf.write_text(f"sentinel monitor mymaster 127.0.0.1 {primary.port} 1\n")
    sentinel = start_server("--sentinel", conf=conf)
    _needs_acl(sentinel)
    words = ["reset", "on", ">CANARY-audit", *acl_rule(sentinel=True).split()]
    assert sentinel.send("ACL", "SETUSER", "redislint", *words) == b"+OK\r\n"
    target = _one(f"redis://redislint:CANARY-audit@127.0.0.1:{sentinel.port}")
    assert target.refusals == ()
    assert target.target.facts["sentinel.primaries"].value[0]["name"] == "mymaster"
    assert "sentinel.config" in target.target.facts
    for command in ("GET x", "SENTINEL FAILOVER mymaster", "SENTINEL RESET *"):
        refused = _as_auditor(sentinel.port, command.split())
        assert refused.startswith((b"-NOPERM", b"-ERR unknown")), command


def test_cluster_expands_to_its_members(start_server: Start) -> None:
    node = _cluster_node(start_server)
    plain = start_server()
    (reading,) = read([f"redis+cluster://127.0.0.1:1,127.0.0.1:{node.port}"])
    assert [target.address.port for target in reading.targets] == [node.port]
    assert reading.targets[0].identity.mode == "cluster"
    assert [error.target for error in reading.errors] == ["redis://127.0.0.1:1"]
    (wrong,) = read([f"redis+cluster://127.0.0.1:{plain.port}"])
    assert "is no cluster node" in wrong.errors[0].message


def test_tls(redis_server: str, certificates: Certificates, tmp_path: Path) -> None:
    options = LiveOptions(tls=TlsOptions(ca=str(certificates.ca)))
    with encrypted(redis_server, tmp_path, certificates) as port:
        target = _one(f"rediss://localhost:{port}", options)
        (plain,) = read([f"redis://127.0.0.1:{port}"], LiveOptions(command_timeout=1))
    assert target.target.facts["live.tls"].value is True
    assert len(plain.errors) == 1


def test_many_servers_at_once(start_server: Start) -> None:
    ports = [start_server().port for _ in range(3)]
    readings = read([f"redis://127.0.0.1:{port}" for port in [*ports, 1]])
    assert [len(reading.targets) for reading in readings] == [1, 1, 1, 0]


def test_urls_of_servers_are_recognised() -> None:
    assert is_live("redis://localhost")
    assert is_live("REDISS+cluster://a,b")
    assert not is_live("redis.conf")
    assert not is_live("elasticache://eu-west-1")
