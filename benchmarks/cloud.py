"""A thousand managed caches in four regions: calls, time and memory of one `redislint check`.

    .venv/bin/python benchmarks/cloud.py [CACHES] [MILLISECONDS]

The endpoint of the tests answers on the loopback interface, each answer after so many
milliseconds (default 25); the command is the real one, in a process of its own.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.aws_endpoint import Endpoint  # noqa: E402
from tests.support.aws_fleet import fleet  # noqa: E402
from tests.support.aws_world import World  # noqa: E402

REGIONS = ("eu-west-1", "eu-central-1", "us-east-1", "ap-south-1")


def measure(caches: int, latency: float) -> None:
    """Run it once and print what it took."""
    world = World()
    for place in REGIONS:
        fleet(world.region(place), caches // len(REGIONS), place)
    urls = [f"{service}://{','.join(REGIONS)}" for service in ("elasticache", "memorydb")]
    with Endpoint(world, latency) as endpoint, tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, **endpoint.environment(), "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "redislint", "check", *urls, "--format", "json"]
        begun = time.monotonic()
        done = subprocess.run(
            command, env=environment, cwd=folder, capture_output=True, check=False
        )
        wall = time.monotonic() - begun
        calls, busy = endpoint.counts, endpoint.busy
    report = json.loads(done.stdout)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{len(report['targets'])} targets, {len(report['findings'])} findings,"
          f" {len(report['errors'])} errors, exit code {done.returncode}")  # fmt: skip
    print(f"{sum(calls.values())} calls; wall {wall:.1f} s, answers {busy:.1f} s together;"
          f" peak {peak:.0f} MB")  # fmt: skip
    for name, number in sorted(calls.items()):
        print(f"  {number:5} {name}")


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:]]
    wanted = numbers[0] if numbers else 1000
    measure(wanted, (numbers[1] if len(numbers) > 1 else 25) / 1000)
