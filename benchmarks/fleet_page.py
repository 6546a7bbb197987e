"""The page of a large fleet: how big it is, what making it takes, how quick it is in Chromium.

    .venv/bin/python -m benchmarks.fleet_page [--targets N] [--findings N] [--keep FILE]

Times of the browser are taken inside of the page, from the start of the navigation or from the
key stroke until the result has been painted (the pause that waits for more typing included).
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from redislint.fleet.model import FleetReport, Record, Since, State
from redislint.fleet.reports import Options, writer
from redislint.policy.library import builtin_policy
from redislint.policy.rules import Rule
from tests.fleet.past import report_with_past
from tests.fleet.samples import Records
from tests.support.browser import Browser, executable, started

PAINTED = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
ROUNDS = 5


@dataclass(frozen=True)
class Rich:
    """Records with about `findings` findings each, of the rules that there are."""

    count: int
    findings: int

    def __iter__(self) -> Iterator[Record]:
        rules = sorted(builtin_policy().values(), key=lambda rule: rule.id)
        random = Random(2)
        for record in Records(self.count):
            data = dict(record.data)
            if data["findings"] or data["server"]:
                number = min(len(rules), random.randrange(2 * self.findings + 1))
                data["findings"] = [
                    _finding(rule, record.entry, random) for rule in random.sample(rules, number)
                ]
            yield Record.of(data)


def _finding(rule: Rule, entry: str, random: Random) -> dict[str, Any]:
    """A finding whose message has names and numbers of its own, as real ones do."""
    return {
        "rule": rule.id,
        "name": rule.name,
        "severity": rule.severity,
        "message": f"{rule.summary}: maxmemory is {random.randrange(64)}gb, the data of"
        f" {entry} takes {random.randrange(1 << 36)} bytes, {random.random():.1%} of it",
        "location": None,
        "directives": ["maxmemory"],
        "fingerprint": f"{random.getrandbits(128):032x}",
        "fix": f"set maxmemory {random.randrange(1, 9)}gb",
        "waiver": None,
        "remediation": None,
    }


def fleet(count: int, findings: int) -> FleetReport:
    records = Rich(count, findings)
    first = "2026-11-20T03:17:00Z"
    since = {
        (record.target, finding["fingerprint"]): Since(first, first, 8, State.PERSISTENT)
        for record in records
        for finding in record.data["findings"]
    }
    rules = {
        rule.id: {
            "name": rule.name,
            "summary": rule.summary,
            "severity": rule.severity,
            "category": rule.category,
            "help": rule.help,
            "tags": list(rule.tags),
            "references": list(rule.references),
        }
        for rule in builtin_policy().values()
    }
    return report_with_past(3)._replace(records=records, since=since, rules=rules)


def measure(page: Browser, url: str) -> dict[str, float]:
    """Medians in milliseconds."""
    found: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        page.open("about:blank")
        page.open(url)
        opened = page.run(f"{PAINTED}.then(() => performance.now())")
        found.setdefault("open", []).append(opened)
        for name, script in _steps().items():
            taken = page.run(
                f"(async () => {{ const from = performance.now(); {script};"
                f" await {PAINTED}; return performance.now() - from; }})()"
            )
            found.setdefault(name, []).append(taken)
    return {name: statistics.median(times) for name, times in found.items()}


def _steps() -> dict[str, str]:
    def place(hash_: str) -> str:
        return (
            "const moved = new Promise((done) => addEventListener('hashchange', done,"
            f" {{once: true}})); location.hash = {json.dumps(hash_)}; await moved"
        )

    typed = (
        "const q = document.getElementById('q'); q.value = 'cache-0012';"
        " q.dispatchEvent(new Event('input'));"
        " while (!location.hash.includes('q=')) await new Promise((go) => setTimeout(go, 1))"
    )
    return {
        "all findings": place("#/findings"),
        "findings sorted by text": place("#/findings?sort=findings:message:asc"),
        "errors alone": place("#/findings?sev=error"),
        "a text, typed": typed,
        "all targets": place("#/targets"),
        "persistence": place("#/persistence"),
        "unknowns": place("#/unknowns"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--targets", type=int, default=10_000)
    parser.add_argument("--findings", type=int, default=10)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    told = fleet(given.targets, given.findings)
    with tempfile.TemporaryDirectory() as folder:
        path = given.keep or Path(folder) / "fleet.html"
        start = time.perf_counter()
        with path.open("w", encoding="ascii") as out:
            writer("html")(told, out, Options())
        taken = time.perf_counter() - start
        tracemalloc.start()
        with Path("/dev/null").open("w", encoding="ascii") as out:
            writer("html")(told, out, Options())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        number = sum(len(record.data["findings"]) for record in told.records)
        print(f"{given.targets} targets, {number} findings")
        print(f"size {path.stat().st_size / 1e6:.1f} MB, made in {taken:.1f} s")
        print(f"memory that making it takes beyond the report: {peak / 1e6:.1f} MB")
        program = executable()
        if program is None:
            print("no Chromium on PATH: not measured")
            return
        with started(program, Path(folder) / "profile") as page:
            for name, milliseconds in measure(page, path.as_uri()).items():
                print(f"{name}: {milliseconds:.0f} ms")
            heap = page.call("Runtime.getHeapUsage")["usedSize"]
            print(f"memory of the page's script: {heap / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
