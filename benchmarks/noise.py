"""How often each rule fires over files: what fires most is either true or noise.

    .venv/bin/python -m benchmarks.noise PATH... [--server redis-7.2] [--profile strict]

Prints a table: rule, severity, findings, files, and the share of the files. Each file is held
against one server: the one named, else the newest supported one that accepts it.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from redislint.audit import check
from redislint.model import Severity


class Row(NamedTuple):
    """One rule: its gravest severity, how many findings, in how many files."""

    rule: str
    severity: Severity
    findings: int
    files: int


def count(
    paths: Iterable[str], *, server: str | None = None, profile: str = "strict"
) -> tuple[int, list[Row]]:
    """The number of files, and the rules that fire, those in most files first."""
    report = check(paths, server=server, profile=profile)
    findings = Counter(one.rule for one in report.findings)
    files = Counter(rule for rule, _ in {(one.rule, one.target) for one in report.findings})
    order = list(Severity)
    worst: dict[str, Severity] = {}
    for one in report.findings:
        known = worst.get(one.rule, one.severity)
        worst[one.rule] = min(known, one.severity, key=order.index)
    rows = [Row(rule, worst[rule], findings[rule], files[rule]) for rule in findings]
    return len(report.targets), sorted(rows, key=lambda row: (-row.files, row.rule))


def table(total: int, rows: Iterable[Row]) -> str:
    """The rows as Markdown."""
    lines = ["| rule | gravest | findings | files | share |", "|---|---|---:|---:|---:|"]
    lines += [
        f"| {row.rule} | {row.severity.value} | {row.findings} | {row.files} |"
        f" {row.files / total:.0%} |"
        for row in rows
    ]
    return "\n".join(lines)


def main() -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(description="How often each rule fires.")
    parser.add_argument("paths", nargs="+", metavar="PATH")
    parser.add_argument("--server", help="hold every file against this one")
    parser.add_argument("--profile", default="strict")
    given = parser.parse_args()
    total, rows = count(given.paths, server=given.server, profile=given.profile)
    print(f"{total} files, profile {given.profile}\n\n{table(total, rows)}")


if __name__ == "__main__":
    main()
