"""Measures a search through a repository of 20,000 files, and a folder of real host files.

    python -m benchmarks.repository [--rounds N] [--yamllint PATH] [--checkov PATH]
                                    [--folder PATH]... [--no-write]

Cold processes, warm caches, runs interleaved; what counts are the ratios. The repository is
generated: code, text, other programs' manifests and modules, and 100 files that describe
servers. `--yamllint` and `--checkov` name the peers' executables; `--folder` a folder of
host files to measure as well, a subfolder for each kind of them.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from benchmarks.run import HERE, ROOT, WORK, machine

RESULTS = HERE / "RESULTS-iac.md"
FILES = 20_000
SERVERS = 100
"""How many of the files describe a server."""

SLOW_EVERY = 3
CHECKOV_READS = ("cloudformation", "kubernetes", "terraform")
"""Folders of real files that checkov is measured on, too."""

OURS = "redislint check ."

MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-{n}
spec:
  replicas: 2
  template:
    spec:
      containers:
        - name: web
          image: registry.example.com/web:{n}
          args: ["--listen", ":8080"]
          env:
            - name: CACHE_SIZE
              value: "64"
          resources:
            limits: {{memory: 256Mi}}
"""
CLIENT = MANIFEST + "            - name: REDIS_URL\n              value: redis://cache-{n}:6379/0\n"
SERVER = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: cache-{n}
data:
  redis.conf: |
    maxmemory 100mb
    maxmemory-policy allkeys-lru
    appendonly yes
    appendfsync everysec
"""
COMPOSE = """\
services:
  cache-{n}:
    image: redis:7.2.4
    command: redis-server --maxmemory 100mb --appendonly yes
"""
MODULE = """\
resource "aws_s3_bucket" "logs_{n}" {{
  bucket = "logs-{n}"
  tags = {{
    team = "web"
  }}
}}
"""
CACHE = """\
resource "aws_elasticache_cluster" "cache_{n}" {{
  cluster_id      = "cache-{n}"
  engine          = "redis"
  engine_version  = "7.1"
  node_type       = "cache.t4g.small"
  num_cache_nodes = 1
}}
"""
CODE = "def handler_{n}(request):\n    return request.get('value', {n})\n" * 40
TEXT = "The service number {n} answers requests of the web.\n" * 30
DATA = '{{"name": "package-{n}", "version": "1.{n}.0", "private": true}}\n'

SHARES = (
    (70, "src/pkg{d}/module_{n}.py", CODE),
    (6, "docs/section{d}/page_{n}.md", TEXT),
    (12, "deploy/team{d}/web-{n}.yaml", MANIFEST),
    (1, "deploy/team{d}/client-{n}.yaml", CLIENT),
    (6, "terraform/stack{d}/bucket_{n}.tf", MODULE),
    (5, "web/app{d}/package-{n}.json", DATA),
)
"""Percent of the files, name and content; `{d}` is one of 200 folders."""

OF_SERVERS = (
    ("deploy/team{d}/cache-{n}.yaml", SERVER),
    ("stacks/team{d}-{n}/compose.yml", COMPOSE),
    ("terraform/stack{d}/cache_{n}.tf", CACHE),
    ("hosts/h{n}/redis.conf", "maxmemory 100mb\nappendonly yes\n"),
)


def _files() -> Iterator[tuple[str, str]]:
    number = 0
    assert sum(percent for percent, _, _ in SHARES) == 100
    for percent, name, text in SHARES:
        for _ in range((FILES - SERVERS) * percent // 100):
            number += 1
            yield name.format(n=number, d=number % 200), text.format(n=number)
    for number in range(SERVERS):
        name, text = OF_SERVERS[number % len(OF_SERVERS)]
        yield name.format(n=number, d=number % 200), text.format(n=number)


def generate(folder: Path) -> int:
    """Write the repository anew; returns how many files it has."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / ".git").mkdir(parents=True)
    count = 0
    for name, text in _files():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        count += 1
    return count


class Timed(NamedTuple):
    """A command, the folder it runs in, and the seconds that it took, wall and processor."""

    name: str
    words: Sequence[str]
    folder: Path
    slow: bool
    wall: list[float]
    cpu: list[float]


def _once(one: Timed) -> None:
    before, start = os.times(), time.perf_counter()
    subprocess.run(
        one.words, cwd=one.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    one.wall.append(time.perf_counter() - start)
    after = os.times()
    user = after.children_user - before.children_user
    one.cpu.append(user + after.children_system - before.children_system)


def _commands(given: argparse.Namespace, folder: Path) -> list[Timed]:
    python = sys.executable
    ours = [python, "-m", "redislint", "check"]
    walk = "import os, sys\nfor _ in os.walk('.'): pass"
    rows = [
        ("find . -name '*.conf'", ["find", ".", "-name", "*.conf"], False),
        ("python, os.walk alone", [python, "-c", walk], False),
        ("redislint check, an empty folder", [*ours, "empty"], False),
        ("redislint check . --list-files", [*ours, "--list-files"], False),
        (OURS, ours, False),
    ]
    if given.yamllint:
        rows.append(("yamllint .", [given.yamllint, "."], True))
    if given.checkov:
        terraform = [given.checkov, "--compact", "--quiet", "-d", "terraform"]
        rows.append(("checkov -d terraform (1,200 of the files)", terraform, True))
    return [Timed(name, words, folder, slow, [], []) for name, words, slow in rows]


def _of_folder(given: argparse.Namespace, folder: Path) -> list[Timed]:
    ours = [sys.executable, "-m", "redislint", "check", "."]
    rows = [("redislint check", ours, False)]
    if given.yamllint and any(folder.rglob("*.y*ml")):
        rows.append(("yamllint", [given.yamllint, "."], False))
    if given.checkov and folder.name in CHECKOV_READS:
        rows.append(("checkov", [given.checkov, "--compact", "--quiet", "-d", "."], True))
    return [Timed(name, words, folder, slow, [], []) for name, words, slow in rows]


def _measure(commands: Sequence[Timed], rounds: int) -> None:
    for number in range(-1, rounds):  # the first only warms caches
        for one in commands:
            if not one.slow or number % SLOW_EVERY == 0:
                _once(one)
        if number < 0:
            for one in commands:
                one.wall.clear()
                one.cpu.clear()


def _table(commands: Sequence[Timed], ours: Timed) -> list[str]:
    base = statistics.median(ours.cpu)
    return [
        "| process | runs | median, s | CPU, s | CPU / ours |",
        "|---|---:|---:|---:|---:|",
        *(
            f"| `{one.name}` | {len(one.wall)} | {statistics.median(one.wall):.2f} "
            f"| {statistics.median(one.cpu):.2f} | {statistics.median(one.cpu) / base:.2f} |"
            for one in commands
        ),
    ]


def _report(given: argparse.Namespace) -> str:
    folder = WORK / "repository"
    count = generate(folder)
    (folder / "empty").mkdir()
    commands = _commands(given, folder)
    _measure(commands, given.rounds)
    lines = [
        "# Searching repositories",
        "",
        "Written by `python -m benchmarks.repository`; the ratios count, not the seconds.",
        "",
        f"- {datetime.now(UTC):%Y-%m-%d}; {machine()}",
        f"- a generated repository of {count:,} files, {SERVERS} of which describe a server",
        "",
        *_table(commands, next(one for one in commands if one.name == OURS)),
    ]
    for top in given.folder:
        lines += ["", "## Public files", ""]
        for place in sorted(path for path in top.iterdir() if path.is_dir()):
            few = _of_folder(given, place)
            _measure(few, given.rounds)
            count = sum(path.is_file() for path in place.rglob("*"))
            lines += [f"### {place.name}, {count} files", "", *_table(few, few[0]), ""]
    return "\n".join(lines).rstrip() + "\n"


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--rounds", type=int, default=5, help="timed runs of each (default 5)")
    options.add_argument("--yamllint", help="the executable of yamllint")
    options.add_argument("--checkov", help="the executable of checkov")
    options.add_argument("--folder", type=Path, action="append", default=[], help="real files")
    options.add_argument("--no-write", action="store_true", help="print only")
    given = options.parse_args()
    os.environ["PYTHONPATH"] = str(ROOT)
    text = _report(given)
    print(text)
    if not given.no_write:
        RESULTS.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
