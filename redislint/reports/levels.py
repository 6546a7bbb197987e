"""What a severity is called elsewhere: one table for every format."""

from __future__ import annotations

from typing import NamedTuple

from redislint.model import Finding, Severity


class Level(NamedTuple):
    """One severity in other formats' words.

    `rank` is SARIF's (0 to 100); `problem` and `security` are what GitHub reads from a
    rule: the latter, on the scale of CVSS, for a security rule that states none itself.
    """

    sarif: str
    rank: float
    problem: str
    security: float
    gitlab: str
    github: str


LEVELS = {
    Severity.ERROR: Level("error", 90.0, "error", 8.0, "critical", "error"),
    Severity.WARNING: Level("warning", 55.0, "warning", 5.5, "major", "warning"),
    Severity.INFO: Level("note", 10.0, "recommendation", 2.0, "info", "notice"),
}


def is_open(finding: Finding) -> bool:
    """Whether somebody still has to act on it: neither waived nor in the baseline."""
    return finding.waiver is None and finding.baseline != "known"
