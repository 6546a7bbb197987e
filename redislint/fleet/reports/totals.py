"""What a whole fleet comes to, gathered in one pass over its records: counts, and short lists
of the worst."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

from redislint.fleet.model import FleetReport, Record, State, Status
from redislint.model import Severity

Json = dict[str, Any]
Item = TypeVar("Item")

SEVERITIES = tuple(severity.value for severity in Severity)
"""The worst first."""

LISTED = 50
"""How many of each list are kept: more than any summary shows."""


class Top(Generic[Item]):
    """The `limit` items with the smallest keys of any number that are added."""

    def __init__(self, limit: int = LISTED) -> None:
        self.limit = limit
        self.count = 0
        self._kept: list[tuple[Any, int, Item]] = []

    def add(self, key: Any, item: Item) -> None:
        self._kept.append((key, self.count, item))
        self.count += 1
        if len(self._kept) >= 2 * self.limit:
            self._kept = sorted(self._kept)[: self.limit]

    def __iter__(self) -> Iterator[Item]:
        return (item for _, _, item in sorted(self._kept)[: self.limit])


class OfRule(NamedTuple):
    """How often a rule was broken: open findings and those of them that are new."""

    rule: str
    name: str
    severity: str
    findings: int
    new: int


class Lacking(NamedTuple):
    """A fact that rules lacked: on how many targets, which rules, and how to supply it."""

    missing: str
    targets: int
    rules: tuple[str, ...]
    hint: str


@dataclass
class _Mean:
    total: float = 0.0
    number: int = 0

    def add(self, value: float | None) -> None:
        if value is not None:
            self.total += value
            self.number += 1

    @property
    def value(self) -> float | None:
        return self.total / self.number if self.number else None


@dataclass
class Totals:
    """Findings count where they are open: waived ones are counted apart. `new` counts only
    where there is an earlier run to compare with."""

    compared: bool = False
    statuses: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    new: Counter[str] = field(default_factory=Counter)
    waived: int = 0
    modes: Counter[str] = field(default_factory=Counter)
    newest: Top[tuple[Json, Json]] = field(default_factory=Top)
    worst: Top[Json] = field(default_factory=Top)
    unread: Top[Json] = field(default_factory=Top)
    partial: Top[Json] = field(default_factory=Top)
    _score: _Mean = field(default_factory=_Mean)
    _coverage: _Mean = field(default_factory=_Mean)
    _rules: dict[str, list[Any]] = field(default_factory=dict)
    _lacking: dict[str, tuple[int, set[str], str]] = field(default_factory=dict)

    @property
    def targets(self) -> int:
        return self.statuses.total()

    @property
    def score(self) -> float | None:
        return self._score.value

    @property
    def coverage(self) -> float | None:
        return self._coverage.value

    @property
    def rules(self) -> list[OfRule]:
        """The worst severity first, then the most frequent."""
        found = [OfRule(rule, *rest) for rule, rest in self._rules.items()]
        return sorted(found, key=lambda one: (rank(one.severity), -one.findings, one.rule))

    @property
    def lacking(self) -> list[Lacking]:
        """The most frequent first."""
        found = [
            Lacking(missing, number, tuple(sorted(rules)), hint)
            for missing, (number, rules, hint) in self._lacking.items()
        ]
        return sorted(found, key=lambda one: (-one.targets, one.missing))

    def add(self, report: FleetReport, record: Record) -> None:
        data = record.data
        self.statuses[record.status.value] += 1
        self._score.add(data["score"])
        self._coverage.add(data["coverage"])
        if data["persistence"]:
            self.modes[data["persistence"]["mode"]] += 1
        if record.status is Status.UNREACHABLE:
            self.unread.add(record.key, brief(record))
        elif record.status is Status.PARTIAL:
            self.partial.add(record.key, brief(record))
        own: Counter[str] = Counter()
        for finding in data["findings"]:
            if finding["waiver"]:
                self.waived += 1
                continue
            own[finding["severity"]] += 1
            self._finding(report, record, finding)
        if own and data["score"] is not None:
            counts = [own[severity] for severity in SEVERITIES]
            key = (data["score"], [-count for count in counts], record.key)
            self.worst.add(key, brief(record) | {"counts": dict(own)})
        for unknown in data["unknown"]:
            number, rules, hint = self._lacking.get(unknown["missing"], (0, set(), ""))
            rules.update(unknown["rules"])
            self._lacking[unknown["missing"]] = (number + 1, rules, hint or unknown["hint"])

    def _finding(self, report: FleetReport, record: Record, finding: Json) -> None:
        severity = finding["severity"]
        fresh = self.compared and state(report, record, finding) is State.NEW
        self.findings[severity] += 1
        known = self._rules.setdefault(finding["rule"], [finding["name"], severity, 0, 0])
        known[1] = min(known[1], severity, key=rank)
        known[2] += 1
        known[3] += fresh
        if fresh:
            self.new[severity] += 1
            self.newest.add((rank(severity), finding["rule"], record.key), (brief(record), finding))


def totals(report: FleetReport) -> Totals:
    """One pass over the records."""
    found = Totals(compared=report.previous is not None)
    for record in report.records:
        found.add(report, record)
    return found


def rank(severity: str) -> int:
    """For sorting: the worst severity has the least."""
    return SEVERITIES.index(severity)


def state(report: FleetReport, record: Record, finding: Mapping[str, Any]) -> State | None:
    """What the history knows of a finding, None without one."""
    since = report.since.get((record.target, finding["fingerprint"]))
    return since.state if since else None


def brief(record: Record) -> Json:
    """The few members of a record that lists show."""
    data = record.data
    return {key: data[key] for key in ("entry", "target", "score", "coverage", "reason", "tags")}


def summary(report: FleetReport, found: Totals) -> Json:
    """The counts as the JSON formats say them; `new` and `fixed` are null where there is no
    earlier run to compare with."""
    compared = report.previous is not None
    return {
        "complete": report.complete,
        "targets": {status.value: found.statuses[status.value] for status in Status},
        "findings": {severity: found.findings[severity] for severity in SEVERITIES},
        "waived": found.waived,
        "new": {severity: found.new[severity] for severity in SEVERITIES} if compared else None,
        "fixed": len(report.fixed) if compared else None,
        "unknown": {one.missing: one.targets for one in found.lacking},
        "score": _rounded(found.score, 1),
        "coverage": _rounded(found.coverage, 3),
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
