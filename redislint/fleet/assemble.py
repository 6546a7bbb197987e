"""From a finished journal to the report that every format renders."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from redislint.fleet.model import FleetReport, Record, Status
from redislint.fleet.reports.document import rule
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
    """One pass over the records."""
    gravest = newest = None
    unknown = unread = False
    number = 0
    for record in report.records:
        number += 1
        unread |= record.status is not Status.AUDITED
        unknown |= bool(record.data["unknown"])
        for finding in record.data["findings"]:
            if finding["waiver"]:
                continue
            severity = Severity(finding["severity"])
            gravest = _graver(gravest, severity)
            if _is_new(report, record, finding):
                newest = _graver(newest, severity)
    return Outcome(gravest, newest, unknown, unread, number)


def _graver(one: Severity | None, other: Severity) -> Severity:
    return other if one is None or other.rank > one.rank else one


def _is_new(report: FleetReport, record: Record, finding: Mapping[str, Any]) -> bool:
    """Without a history nothing is known of before, and all is new."""
    since = report.since.get((record.target, finding["fingerprint"]))
    return since is None or since.state.value == "new"
