"""From a finished journal to the report that every format renders."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from redislint.fleet.model import FleetReport, Status
from redislint.fleet.reports.document import rule
from redislint.fleet.reports.totals import SEVERITIES, totals
from redislint.model import RuleInfo, Severity

_ONE = re.compile(rb'"rule":("(?:[^"\\\\]|\\\\.)*")')
_SEVERAL = re.compile(rb'"rules":(\[[^\]]*\])')


class Mentioned:
    """The rules that lines of a journal name, gathered as they are written."""

    def __init__(self) -> None:
        self._texts: set[bytes] = set()

    def add(self, line: bytes) -> None:
        self._texts.update(_ONE.findall(line))
        self._texts.update(_SEVERAL.findall(line))

    @property
    def rules(self) -> frozenset[str]:
        """Their ids."""
        found: set[str] = set()
        for text in self._texts:
            value = json.loads(text)
            found.update([value] if isinstance(value, str) else value)
        return frozenset(found)


def told(infos: Mapping[str, RuleInfo], mentioned: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What a report says of the rules that it mentions."""
    return {name: rule(infos[name]) for name in sorted(mentioned) if name in infos}


class Outcome(NamedTuple):
    """What the exit code of a run hangs on: the gravest open findings, the gravest new ones
    (None where there are none), whether rules lacked facts, whether anything was not read."""

    gravest: Severity | None
    gravest_new: Severity | None
    unknown: bool
    unread: bool
    targets: int


def outcome(report: FleetReport) -> Outcome:
    """One pass over the records. Without an earlier run all is new."""
    found = totals(report)
    return Outcome(
        _gravest(found.findings),
        _gravest(found.new if found.compared else found.findings),
        bool(found.lacking),
        found.statuses[Status.AUDITED] < found.targets,
        found.targets,
    )


def _gravest(findings: Mapping[str, int]) -> Severity | None:
    return next((Severity(one) for one in SEVERITIES if findings.get(one)), None)
