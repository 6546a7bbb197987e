"""Peers that misbehave, on real sockets: each ends in time, with one clear line.

No secret in it, no traceback, and no socket left open.
"""

from __future__ import annotations

import gc
import socket
import ssl
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from redislint.sources.live import read
from redislint.sources.live.options import LiveOptions, TlsOptions
from redislint.sources.live.reading import Reading
from tests.support.bad_peers import (
    AUTH_FAULTS,
    FAULTS,
    INFO,
    PASSWORD,
    after_info,
    greets,
    says,
    silent,
)
from tests.support.certificates import Certificates
from tests.support.real_server import free_port
from tests.support.resp_stub import Handler, Peer, Stub, encode

QUICK = LiveOptions(connect_timeout=0.6, command_timeout=0.3, total_timeout=1.5)


@dataclass(frozen=True)
class Outcome:
    reading: Reading
    seconds: float


def _read(url: str, options: LiveOptions) -> Outcome:
    """Read with every warning of a leaked socket turned into an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        begun = time.monotonic()
        (reading,) = read([url], options)
        seconds = time.monotonic() - begun
        gc.collect(1)
    return Outcome(reading, seconds)


def _one_line(outcome: Outcome) -> str:
    assert outcome.reading.targets == ()
    (error,) = outcome.reading.errors
    assert error.message.isprintable()
    assert len(error.message) < 300
    assert "Traceback" not in error.message
    assert "CANARY" not in repr(outcome.reading)
    return error.message


@pytest.mark.parametrize(("name", "handler", "said"), FAULTS, ids=[name for name, *_ in FAULTS])
def test_every_fault_ends_in_time_with_one_line(name: str, handler: Handler, said: str) -> None:
    options = replace(QUICK, total_timeout=1.2) if name == "slow at everything" else QUICK
    with Stub(handler) as stub:
        outcome = _read(f"redis://127.0.0.1:{stub.port}", options)
        assert stub.wait_closed(), "the socket is still open"
    assert outcome.seconds < options.total_timeout + 0.8
    assert said in _one_line(outcome)


@pytest.mark.parametrize(
    ("name", "data", "said"), AUTH_FAULTS, ids=[name for name, *_ in AUTH_FAULTS]
)
def test_passwords_are_never_shown(name: str, data: bytes, said: str) -> None:
    with Stub(says(data)) as stub:
        outcome = _read(f"redis://:{PASSWORD}@127.0.0.1:{stub.port}", QUICK)
        assert stub.wait_closed()
    assert said in _one_line(outcome)
    assert outcome.reading.errors[0].stage == "auth"


def test_a_password_repeated_later_is_hidden() -> None:
    async def refuse(peer: Peer, words: list[bytes]) -> None:
        await peer.send(f"-ERR you said {PASSWORD}\r\n".encode())

    with Stub(after_info(refuse)) as stub:
        (reading,) = read([f"redis://:{PASSWORD}@127.0.0.1:{stub.port}"], QUICK)
    assert reading.errors == ()
    assert "CANARY" not in repr(reading)
    assert reading.targets[0].refusals


@pytest.mark.parametrize("command", ["CONFIG", "ACL", "MODULE", "LATENCY", "SLOWLOG", "TIME"])
def test_a_refused_command_costs_only_its_facts(command: str) -> None:
    replies: dict[str, Any] = {
        "CONFIG": {"appendonly": "yes"},
        "ACL": ["user default on nopass ~* &* +@all"],
        "MODULE": [],
        "LATENCY": [],
        "SLOWLOG": 3,
        "TIME": ["1700000000", "5"],
    }

    async def answer(peer: Peer, words: list[bytes]) -> None:
        word = words[0].decode()
        refusal = {"error": f"NOPERM User audit has no permissions to run the '{word}' command"}
        await peer.send(encode(refusal if word == command else replies[word]))

    with Stub(after_info(answer)) as stub:
        (reading,) = read([f"redis://127.0.0.1:{stub.port}"], QUICK)
    (target,) = reading.targets
    paths = {
        "CONFIG": 'config["save"]',
        "ACL": "acl.users",
        "MODULE": "modules",
        "LATENCY": "latency.events",
        "SLOWLOG": "slowlog.length",
        "TIME": "server.time",
    }
    assert "(NOPERM): grant +" in target.target.unknown[paths[command]]
    others = set(paths.values()) - {paths[command], 'config["save"]'}
    assert others <= set(target.target.facts)


def test_types_of_resp3_are_understood() -> None:
    verbatim = f"=%d\r\ntxt:{INFO}\r\n" % (len(INFO) + 4)

    async def serve(peer: Peer) -> None:
        while (words := await peer.command()) is not None:
            if words[0] == b"INFO":
                await peer.send(b">1\r\n+push\r\n" + verbatim.encode())
            elif words[0] == b"CONFIG":
                await peer.send(b"%1\r\n+appendonly\r\n+yes\r\n")
            else:
                await peer.send(b"!9\r\nERR never\r\n")

    with Stub(serve) as stub:
        (reading,) = read([f"redis://127.0.0.1:{stub.port}"], QUICK)
    assert reading.targets[0].configuration["appendonly"].value is True


@pytest.mark.parametrize(
    "reply",
    [b"*3\r\n+a\r\n+b\r\n+c\r\n", b":7\r\n", b"+OK\r\n", b"*2\r\n*0\r\n*0\r\n", b"*0\r\n"],
)
def test_a_configuration_of_another_form_is_unknown(reply: bytes) -> None:
    async def answer(peer: Peer, words: list[bytes]) -> None:
        await peer.send(reply if words[0] == b"CONFIG" else b"-ERR unknown command\r\n")

    with Stub(after_info(answer)) as stub:
        (reading,) = read([f"redis://127.0.0.1:{stub.port}"], QUICK)
    assert "nothing that is a configuration" in reading.targets[0].configuration.unknown


# -- no connection at all --------------------------------------------------------------


def test_nothing_listens() -> None:
    outcome = _read(f"redis://:{PASSWORD}@127.0.0.1:{free_port()}", QUICK)
    assert "nothing listens at 127.0.0.1:" in _one_line(outcome)


def test_unknown_host_name() -> None:
    outcome = _read(f"redis://:{PASSWORD}@no-such-host.invalid:6379", QUICK)
    said = _one_line(outcome)
    assert "'no-such-host.invalid' is not known" in said or "within 0.6s" in said


def test_silent_name_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """The look-up outlives its time, and nobody waits for it."""
    release = threading.Event()

    def hang(*_: object, **__: object) -> list[Any]:
        release.wait(30)
        return []

    monkeypatch.setattr("redislint.sources.live.names.socket.getaddrinfo", hang)
    outcome = _read("redis://slow.example:6379", QUICK)
    release.set()
    assert "no connection to slow.example:6379 within 0.6s" in _one_line(outcome)
    assert outcome.seconds < 1.5


@contextmanager
def _full_backlog() -> Iterator[int]:
    """A port where connections are neither taken nor refused."""
    held = []
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen(0)
        port = sock.getsockname()[1]
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", port))
            held.append(client)
        yield port
        for client in held:
            client.close()


def test_connections_that_nobody_takes() -> None:
    with _full_backlog() as port:
        outcome = _read(f"redis://127.0.0.1:{port}", QUICK)
    assert "within 0." in _one_line(outcome)
    assert outcome.seconds < 2


def test_missing_socket(tmp_path: Path) -> None:
    outcome = _read(f"unix://{tmp_path}/none.sock", QUICK)
    assert f"there is no socket at {tmp_path}/none.sock" in _one_line(outcome)


def test_a_file_that_is_no_socket(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "nothing listens at" in _one_line(_read(f"unix://{tmp_path}/file", QUICK))


def test_a_path_too_long_for_a_socket(tmp_path: Path) -> None:
    outcome = _read(f"unix://{tmp_path}/{'x' * 120}", QUICK)
    assert "too long" in _one_line(outcome) or "no socket" in _one_line(outcome)


def test_a_silent_socket(tmp_path: Path) -> None:
    path = str(tmp_path / "s.sock")
    with Stub(silent, path=path) as stub:
        outcome = _read(f"unix://{path}", QUICK)
        assert stub.wait_closed()
    assert "no reply within 0.3s" in _one_line(outcome)


# -- TLS -------------------------------------------------------------------------------


def _tls(certificates: Certificates, **more: Any) -> LiveOptions:
    return replace(QUICK, tls=TlsOptions(ca=str(certificates.ca), **more))


GOOD = after_info(lambda peer, words: peer.send(b"-ERR unknown command\r\n"))


def test_tls_with_a_good_certificate(certificates: Certificates) -> None:
    with Stub(GOOD, tls=certificates.server()) as stub:
        outcome = _read(f"rediss://localhost:{stub.port}", _tls(certificates))
        assert stub.wait_closed()
    assert outcome.reading.errors == ()
    assert outcome.reading.targets[0].target.facts["live.tls"].value is True


def test_expired_certificate(certificates: Certificates) -> None:
    with Stub(GOOD, tls=certificates.server(certificates.expired)) as stub:
        outcome = _read(f"rediss://127.0.0.1:{stub.port}", _tls(certificates))
        assert stub.wait_closed()
    assert "certificate has expired" in _one_line(outcome)
    assert outcome.reading.errors[0].stage == "tls"


def test_certificate_of_an_unknown_authority(certificates: Certificates) -> None:
    with Stub(GOOD, tls=certificates.server()) as stub:
        outcome = _read(f"rediss://127.0.0.1:{stub.port}", QUICK)
    assert "is not accepted: unable to get local issuer" in _one_line(outcome)


def test_certificate_of_another_host(certificates: Certificates) -> None:
    with Stub(GOOD, tls=certificates.server(certificates.elsewhere)) as stub:
        url = f"rediss://127.0.0.1:{stub.port}"
        outcome = _read(url, _tls(certificates))
        named = _read(url, _tls(certificates, server_name="redis.example.org"))
        unverified = _read(url, replace(QUICK, tls=TlsOptions(verify=False)))
    assert "is not accepted: IP address mismatch" in _one_line(outcome)
    assert named.reading.errors == unverified.reading.errors == ()


def test_tls_against_a_plain_port() -> None:
    with Stub(says(b"-ERR Protocol error\r\n")) as stub:
        silent_one = _read(f"rediss://127.0.0.1:{stub.port}", QUICK)
    with Stub(greets(b"-ERR Protocol error: invalid multibulk length\r\n")) as stub:
        outcome = _read(f"rediss://127.0.0.1:{stub.port}", QUICK)
        assert stub.wait_closed()
    assert "TLS" in _one_line(silent_one)
    assert "does not speak TLS" in _one_line(outcome)


def test_tls_against_a_silent_port() -> None:
    with Stub(silent) as stub:
        outcome = _read(f"rediss://127.0.0.1:{stub.port}", QUICK)
        assert stub.wait_closed()
    assert "no TLS connection to" in _one_line(outcome)
    assert outcome.seconds < 2


def test_plain_against_a_port_with_tls(certificates: Certificates) -> None:
    with Stub(GOOD, tls=certificates.server()) as stub:
        outcome = _read(f"redis://127.0.0.1:{stub.port}", QUICK)
    assert "rediss://" in _one_line(outcome) or "reset" in _one_line(outcome)


def test_client_certificate_wanted(certificates: Certificates) -> None:
    server = certificates.server()
    server.verify_mode = ssl.CERT_REQUIRED
    server.load_verify_locations(certificates.ca)
    with Stub(GOOD, tls=server) as stub:
        url = f"rediss://127.0.0.1:{stub.port}"
        without = _read(url, _tls(certificates))
        own = {"cert": str(certificates.cert), "key": str(certificates.key)}
        with_one = _read(url, _tls(certificates, **own))
    assert "client certificate" in _one_line(without)
    assert with_one.reading.errors == ()


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"ca": "missing.pem"}, "CA file missing.pem: No such file or directory"),
        ({"ca": __file__}, "holds no certificate"),
        ({"key": "key.pem"}, "a key is named without a client certificate"),
        ({"cert": "missing.pem"}, "client certificate missing.pem: No such file"),
        ({"cert": __file__}, "not a certificate and its key"),
    ],
)
def test_files_of_tls_that_cannot_be_used(files: dict[str, Any], said: str) -> None:
    outcome = _read("rediss://127.0.0.1:1", replace(QUICK, tls=TlsOptions(**files)))
    assert said in _one_line(outcome)
    assert outcome.reading.errors[0].stage == "tls"


# -- clusters and Sentinels that are not whole -----------------------------------------


def test_a_node_of_a_cluster_that_is_out_of_reach() -> None:
    info = INFO + "# Cluster\r\ncluster_enabled:1\r\n"

    def nodes(port: int) -> str:
        return (
            f"aaaa 127.0.0.1:{port}@1 myself,master - 0 0 1 connected 0-16383\n"
            f"bbbb 127.0.0.1:{dead}@1 slave,fail aaaa 0 0 1 disconnected\n"
            "cccc :0@0 slave,noaddr aaaa 0 0 1 disconnected\n"
        )

    async def serve(peer: Peer) -> None:
        while (words := await peer.command()) is not None:
            if words[0] == b"INFO":
                await peer.send(encode(info))
            elif words[:2] == [b"CLUSTER", b"NODES"]:
                await peer.send(encode(nodes(stub.port)))
            else:
                await peer.send(b"-ERR unknown command\r\n")

    dead = free_port()
    with Stub(serve) as stub:
        (reading,) = read([f"redis+cluster://127.0.0.1:{stub.port}"], QUICK)
        assert stub.wait_closed()
    assert [target.address.port for target in reading.targets] == [stub.port]
    said = " / ".join(error.message for error in reading.errors)
    assert len(reading.errors) == 2
    assert f"nothing listens at 127.0.0.1:{dead}" in said
    assert "has no address of the node cccc" in said


@pytest.mark.parametrize("kind", ["cluster", "sentinel"])
def test_no_address_of_several_answers(kind: str) -> None:
    outcome = _read(f"redis+{kind}://:{PASSWORD}@127.0.0.1:1,127.0.0.1:2", QUICK)
    assert "nothing listens at 127.0.0.1:2" in _one_line(outcome)
    assert "(and 1 more of its addresses)" in _one_line(outcome)


def test_a_cluster_larger_than_the_limit() -> None:
    lines = "".join(f"{n} 127.0.0.1:{n + 1}@1 master - 0 0 1 connected\n" for n in range(50))

    async def serve(peer: Peer) -> None:
        while (words := await peer.command()) is not None:
            info = INFO + "# Cluster\r\ncluster_enabled:1\r\n"
            await peer.send(encode(info if words[0] == b"INFO" else lines))

    with Stub(serve) as stub:
        url = f"redis+cluster://127.0.0.1:{stub.port}"
        outcome = _read(url, replace(QUICK, max_members=10))
    assert "more than the limit of 10" in _one_line(outcome)


def test_nobodys_time_runs_out_while_a_password_is_typed() -> None:
    def slow(url: str) -> str:
        time.sleep(0.8)
        return PASSWORD

    good = after_info(lambda peer, words: peer.send(b"-ERR unknown command\r\n"))
    with Stub(good) as one, Stub(good) as two:
        urls = [f"redis+cluster://127.0.0.1:{one.port}", f"redis://127.0.0.1:{two.port}"]
        first, second = read(urls, replace(QUICK, prompt=slow))
    assert "is no cluster node" in first.errors[0].message
    assert second.errors == ()
