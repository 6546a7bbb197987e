"""Measures redislint beside other linters in one run, and writes RESULTS.md.

    python3 dev.py bench [--stock FILE] [--rounds N] [--no-peers] [--no-write]

Cold processes, warm caches, runs interleaved so that a busy machine slows all of them
alike; what counts are the ratios. redislint is measured as users have it: installed as
a wheel into its own environment. yamllint and checkov go into another, pinned with
hashes in requirements.txt.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import generate

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
WORK = HERE / ".work"
RESULTS = HERE / "RESULTS.md"
SLOW_EVERY = 4
FOLDER_FILES = 1000
AIM_YAMLLINT = 1.5
AIM_CHECKOV = 30
AIM_FILES = 300

OURS = "redislint check, stock file"
YAMLLINT = "yamllint, small file"
CHECKOV = "checkov, small Terraform file"
STOCK_FOLDER = "stock files, one server"


@dataclass
class Command:
    """One process to time. `slow` ones run in every fourth round only."""

    name: str
    arguments: Sequence[str]
    codes: frozenset[int] = frozenset({0})
    slow: bool = False
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def best(self) -> float:
        return min(self.seconds)

    @property
    def work(self) -> float:
        """Median of the processor seconds, user and system: little moved by other load."""
        return statistics.median(self.cpu)


def environment() -> dict[str, str]:
    """A bare environment with caches of its own, no network look-ups by the peers."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(WORK / "home"),
        "XDG_CACHE_HOME": str(WORK / "cache"),
        "LC_ALL": "C.UTF-8",
        "CHECKOV_RUN_SCA_PACKAGE_SCAN_V2": "false",
    }


def install(name: str, *arguments: str) -> Path:
    """An environment below .work with something installed by pip; returns its bin folder."""
    place = WORK / name
    binaries = place / ("Scripts" if os.name == "nt" else "bin")
    if not binaries.is_dir():
        venv.create(place, with_pip=True)
    pip = [str(binaries / "python"), "-I", "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "--disable-pip-version-check", *arguments], check=True)
    return binaries


def time_once(command: Command) -> tuple[float, float]:
    """Wall and processor seconds of one cold process.

    Raises RuntimeError on an unexpected exit code.
    """
    before = os.times()
    start = time.perf_counter()
    result = subprocess.run(
        command.arguments,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=WORK,
        env=environment(),
        check=False,
    )
    seconds = time.perf_counter() - start
    after = os.times()
    if result.returncode not in command.codes:
        message = result.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise RuntimeError(f"{command.name} ended with {result.returncode}: {' '.join(message)}")
    user = after.children_user - before.children_user
    return seconds, user + after.children_system - before.children_system


def interleave(commands: Sequence[Command], rounds: int) -> None:
    """Time every command once a round, after one run each that only warms caches."""
    for command in commands:
        time_once(command)
    for number in range(rounds):
        for command in commands:
            if not command.slow or number % SLOW_EVERY == 0:
                seconds, cpu = time_once(command)
                command.seconds.append(seconds)
                command.cpu.append(cpu)
        print(f"round {number + 1} of {rounds}", file=sys.stderr)


def throughput(python: Path, folder: Path, server: str | None) -> dict[str, float]:
    """CPU seconds, files and findings of one folder in one process, the better of two."""
    arguments = [str(python), str(HERE / "throughput.py"), str(folder)]
    if server:
        arguments.append(server)
    runs: list[dict[str, float]] = []
    for _ in range(2):
        done = subprocess.run(
            arguments, cwd=WORK, env=environment(), capture_output=True, check=True
        )
        runs.append(json.loads(done.stdout))
    return min(runs, key=lambda run: run["seconds"])


def import_times(python: Path, arguments: Sequence[str]) -> list[tuple[int, int, str]]:
    """(own, cumulative, module) in microseconds of each import, the dearest first."""
    done = subprocess.run(
        [str(python), "-X", "importtime", "-m", "redislint", *arguments],
        cwd=WORK,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    rows = re.findall(r"^import time: +(\d+) \| +(\d+) \| +(\S+)$", done.stderr, re.MULTILINE)
    return sorted(((int(own), int(total), name) for own, total, name in rows), reverse=True)


def machine() -> str:
    model = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").is_file():
        found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
        model = found[1] if found else model
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}{load}"
    )


def report(
    commands: Sequence[Command],
    folders: dict[str, dict[str, float]],
    imports: Sequence[tuple[int, int, str]],
    notes: Sequence[str],
) -> str:
    ours = next(command for command in commands if command.name == OURS)
    lines = ["# Speed", ""]
    lines += ["Written by `python3 dev.py bench`; the ratios count, not the seconds.", ""]
    lines += [f"- {note}" for note in notes]
    lines += ["", "## One cold process, warm caches", ""]
    lines += ["| process | runs | best, s | median, s | CPU, s | median / ours |"]
    lines += ["|---|---:|---:|---:|---:|---:|"]
    lines += [
        f"| {command.name} | {len(command.seconds)} | {command.best:.3f} | {command.median:.3f} "
        f"| {command.work:.3f} | {command.median / ours.median:.2f} |"
        for command in commands
    ]
    lines += ["", "## Against the aims", ""]
    lines += ["| aim | by medians | by best runs | by CPU |", "|---|---:|---:|---:|"]
    for peer in commands:
        if peer.name == YAMLLINT:
            lines.append(
                f"| at most {AIM_YAMLLINT} x yamllint | {ours.median / peer.median:.2f} x "
                f"| {ours.best / peer.best:.2f} x | {ours.work / peer.work:.2f} x |"
            )
        if peer.name == CHECKOV:
            lines.append(
                f"| {AIM_CHECKOV} x faster than checkov | {peer.median / ours.median:.1f} x "
                f"| {peer.best / ours.best:.1f} x | {peer.work / ours.work:.1f} x |"
            )
    stock = folders[STOCK_FOLDER]
    rate = f"{stock['files'] / stock['seconds']:.0f}"
    lines.append(f"| {AIM_FILES} stock files a second on one core | | | {rate} |")
    lines += ["", "## Files a second, one process, one core", ""]
    lines += ["| folder | files | findings | CPU, s | files a second |"]
    lines += ["|---|---:|---:|---:|---:|"]
    lines += [
        f"| {name} | {run['files']:.0f} | {run['findings']:.0f} | {run['seconds']:.2f} "
        f"| {run['files'] / run['seconds']:.0f} |"
        for name, run in folders.items()
    ]
    total = sum(own for own, _, _ in imports)
    lines += ["", "## Where the time of one process goes", ""]
    lines += [
        f"{len(imports)} modules are imported in {total / 1000:.0f} ms (with the cost of"
        " measuring); the dearest, without what they import in turn:",
        "",
        "| module | own, ms | with imports, ms |",
        "|---|---:|---:|",
    ]
    lines += [
        f"| `{name}` | {own / 1000:.1f} | {whole / 1000:.1f} |" for own, whole, name in imports[:15]
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--stock", type=Path, help="a real stock redis.conf instead of ours")
    options.add_argument("--rounds", type=int, default=20, help="timed runs of each (default 20)")
    options.add_argument("--no-peers", action="store_true", help="leave yamllint and checkov out")
    options.add_argument("--no-write", action="store_true", help="print only, keep RESULTS.md")
    given = options.parse_args()

    for name in ("home", "cache", "input"):
        (WORK / name).mkdir(parents=True, exist_ok=True)
    inputs = WORK / "input"
    stock = inputs / "redis.conf"
    stock.write_bytes(given.stock.read_bytes() if given.stock else generate.stock().encode())
    (inputs / "small.yaml").write_text(generate.SMALL_YAML)
    (inputs / "small.tf").write_text(generate.SMALL_TERRAFORM)
    varied_files = generate.folder(inputs / "varied", FOLDER_FILES, like_stock=False)
    stock_files = generate.folder(inputs / "stock", FOLDER_FILES, like_stock=True)

    notes = [f"{datetime.now(UTC):%Y-%m-%d}; {machine()}"]
    ours = install("redislint", "--force-reinstall", str(ROOT))
    check = [str(ours / "redislint"), "check"]
    found = frozenset({0, 1})
    python = str(ours / "python")
    commands = [
        Command("python -c pass", [python, "-c", "pass"]),
        Command("python -c 'import click'", [python, "-c", "import click"]),
        Command("redislint --version", [str(ours / "redislint"), "--version"]),
        Command(OURS, [*check, str(stock)], found),
        Command(
            "redislint check --server redis-7.2, stock file",
            [*check, "--server", "redis-7.2", str(stock)],
            found,
        ),
        Command(
            "redislint check --profile strict, stock file",
            [*check, "--profile", "strict", str(stock)],
            found,
        ),
    ]
    if not given.no_peers:
        peers = install("peers", "--require-hashes", "-r", str(HERE / "requirements.txt"))
        terraform = ["-f", str(inputs / "small.tf"), "--skip-download", "--quiet", "--compact"]
        commands += [
            Command(YAMLLINT, [str(peers / "yamllint"), str(inputs / "small.yaml")]),
            Command(
                CHECKOV,
                [str(peers / "checkov"), *terraform],
                found,
                slow=True,
            ),
        ]
    origin = "a real stock file" if given.stock else "a generated file of the stock file's shape"
    count = len(stock.read_bytes().splitlines())
    notes.append(f"stock file: {origin}, {count:,} lines")
    interleave(commands, given.rounds)
    folders = {
        "varied files, one server": throughput(ours / "python", varied_files, "redis-7.2"),
        "varied files, all supported servers": throughput(ours / "python", varied_files, None),
        STOCK_FOLDER: throughput(ours / "python", stock_files, "redis-7.2"),
        "stock files, all supported servers": throughput(ours / "python", stock_files, None),
    }
    text = report(commands, folders, import_times(ours / "python", ["check", str(stock)]), notes)
    print(text)
    if not given.no_write:
        RESULTS.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
