"""Metrics for the textfile collector of Prometheus' node exporter (exposition format 0.0.4).

Every series has the label `fleet`. Series are gauges of the last run; nothing in them grows
with the number of targets unless `by` asks for labels that do.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, TextIO

from redislint.fleet.model import FleetReport, Record, State, Status
from redislint.fleet.reports import Options
from redislint.fleet.reports.totals import SEVERITIES, state
from redislint.reports.plain import clipped, one_line

BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Bounds of the durations' histogram, seconds."""

MEMBERS = ("environment", "kind", "entry", "target", "role")
"""What `by` may name beside tags."""

RESERVED = ("fleet", "rule", "name", "severity", "status", "fact", "le", *MEMBERS)
"""Labels that a tag of the same name does not take: it becomes `tag_NAME`."""

_NO_LABEL = re.compile(r"[^A-Za-z0-9_]")
_VALUE_LIMIT = 200

Labels = tuple[str, ...]


class _Sample(NamedTuple):
    labels: Mapping[str, str]
    value: float
    suffix: str = ""


@dataclass
class _Group:
    """The numbers of all targets with the same labels of `by`."""

    statuses: Counter[str] = field(default_factory=Counter)
    findings: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    new: Counter[str] = field(default_factory=Counter)
    waived: int = 0
    failures: int = 0
    scores: list[float] = field(default_factory=lambda: [0.0, 0.0])
    coverages: list[float] = field(default_factory=lambda: [0.0, 0.0])


@dataclass
class _Gathered:
    groups: dict[Labels, _Group] = field(default_factory=lambda: defaultdict(_Group))
    facts: Counter[str] = field(default_factory=Counter)
    seconds: Counter[float] = field(default_factory=Counter)
    total_seconds: float = 0.0


def write(report: FleetReport, out: TextIO, options: Options) -> None:
    """All metrics, each with its HELP and TYPE. Raises ValueError where two names of
    `options.by` come to one label."""
    names = labels(options.by)
    found = _gather(report, options.by)
    fleet = {"fleet": _value(report.run.name)}
    groups = [
        (fleet | dict(zip(names, values, strict=True)), group)
        for values, group in sorted(found.groups.items())
    ]
    _metric(out, "build_info", "The version of redislint that wrote this.", [
        _Sample(fleet | {"version": _value(report.run.version)}, 1)
    ])  # fmt: skip
    for name, text, value in _of_run(report):
        _metric(out, name, text, [_Sample(fleet, value)])
    _of_groups(out, groups, report.previous is not None)
    _metric(
        out,
        "missing_fact_targets",
        "Targets on which rules could not be decided because this fact is missing.",
        [_Sample(fleet | {"fact": _value(fact)}, n) for fact, n in sorted(found.facts.items())],
    )
    fixed = Counter(one.severity for one in report.fixed)
    if report.previous is not None:
        _metric(
            out,
            "fixed_findings",
            "Findings that the run before had and this one no longer has.",
            [_Sample(fleet | {"severity": one}, fixed[one]) for one in SEVERITIES],
        )
    _metric(
        out,
        "target_duration_seconds",
        "How long the audit of a target took, retries included.",
        list(_histogram(fleet, found)),
        kind="histogram",
    )


def labels(by: Sequence[str]) -> Labels:
    """The labels of what `by` names. Raises ValueError where two come to one."""
    found: dict[str, str] = {}
    for name in by:
        label = _NO_LABEL.sub("_", name)
        if name not in MEMBERS and (label in RESERVED or not label[:1].isalpha()):
            label = f"tag_{label}"
        if label in found:
            raise ValueError(f"'{found[label]}' and '{name}' would both be the label '{label}'")
        found[label] = name
    return tuple(found)


def _gather(report: FleetReport, by: Sequence[str]) -> _Gathered:
    found = _Gathered()
    for record in report.records:
        data = record.data
        group = found.groups[tuple(_value(_member(record, name)) for name in by)]
        group.statuses[record.status.value] += 1
        group.failures += data["outcomes"]["error"]
        for sums, number in ((group.scores, data["score"]), (group.coverages, data["coverage"])):
            if number is not None:
                sums[0] += number
                sums[1] += 1
        for finding in data["findings"]:
            if finding["waiver"]:
                group.waived += 1
                continue
            group.findings[finding["rule"], finding["name"], finding["severity"]] += 1
            group.new[finding["severity"]] += state(report, record, finding) is State.NEW
        found.facts.update(unknown["missing"] for unknown in data["unknown"])
        found.seconds[next((b for b in BUCKETS if data["seconds"] <= b), float("inf"))] += 1
        found.total_seconds += data["seconds"]
    if not by:
        found.groups[()].waived += 0  # a fleet without a target has its zeros as well
    return found


def _member(record: Record, name: str) -> str:
    value = record.data[name] if name in MEMBERS else record.data["tags"].get(name)
    return str(value or "")


def _of_run(report: FleetReport) -> Iterable[tuple[str, str, float]]:
    run = report.run
    started, ended = _seconds(run.started), _seconds(run.ended)
    yield "run_complete", "1 where every target of the inventory was tried.", report.complete
    if started is not None:
        yield "run_start_timestamp_seconds", "When the run began.", started
    if ended is not None and started is not None:
        yield "run_duration_seconds", "How long the run took.", round(ended - started, 3)
    if not report.complete or ended is None:
        ended = _seconds(report.previous.ended) if report.previous else None
    if ended is not None:
        text = "When the last complete run ended that is known of."
        yield "last_success_timestamp_seconds", text, ended


def _of_groups(
    out: TextIO, groups: Sequence[tuple[dict[str, str], _Group]], compared: bool
) -> None:
    _metric(out, "targets", "Targets by how their audit ended.", [
        _Sample(own | {"status": status.value}, group.statuses[status.value])
        for own, group in groups
        for status in Status
    ])  # fmt: skip
    _metric(out, "findings", "Open findings by rule: waived ones are left out.", [
        _Sample(
            own | {"rule": _value(rule), "name": _value(name), "severity": severity}, number
        )
        for own, group in groups
        for (rule, name, severity), number in sorted(group.findings.items())
    ])  # fmt: skip
    _metric(out, "open_findings", "Open findings by severity, zeros included.", [
        _Sample(
            own | {"severity": one},
            sum(n for (_, _, severity), n in group.findings.items() if severity == one),
        )
        for own, group in groups
        for one in SEVERITIES
    ])  # fmt: skip
    if compared:
        _metric(out, "new_findings", "Open findings that the run before did not have.", [
            _Sample(own | {"severity": one}, group.new[one])
            for own, group in groups
            for one in SEVERITIES
        ])  # fmt: skip
    _metric(out, "waived_findings", "Findings that a waiver silences.", [
        _Sample(own, group.waived) for own, group in groups
    ])  # fmt: skip
    _metric(out, "rule_failures", "Rules that failed to evaluate, over all targets.", [
        _Sample(own, group.failures) for own, group in groups
    ])  # fmt: skip
    _metric(out, "score", "Mean score of the targets that have one, 0 to 100.", [
        _Sample(own, round(group.scores[0] / group.scores[1], 3))
        for own, group in groups
        if group.scores[1]
    ])  # fmt: skip
    _metric(out, "coverage_ratio", "Mean share of applicable rules that could be decided.", [
        _Sample(own, round(group.coverages[0] / group.coverages[1], 4))
        for own, group in groups
        if group.coverages[1]
    ])  # fmt: skip


def _histogram(fleet: dict[str, str], found: _Gathered) -> Iterable[_Sample]:
    number = 0
    for bound in (*BUCKETS, float("inf")):
        number += found.seconds[bound]
        le = "+Inf" if bound == float("inf") else f"{bound:g}"
        yield _Sample(fleet | {"le": le}, number, "_bucket")
    yield _Sample(fleet, round(found.total_seconds, 3), "_sum")
    yield _Sample(fleet, number, "_count")


def _metric(
    out: TextIO, name: str, text: str, samples: Sequence[_Sample], kind: str = "gauge"
) -> None:
    """One metric; nothing where it has no samples."""
    if not samples:
        return
    out.write(f"# HELP redislint_{name} {text}\n# TYPE redislint_{name} {kind}\n")
    for sample in samples:
        own = ",".join(f'{label}="{value}"' for label, value in sample.labels.items())
        out.write(f"redislint_{name}{sample.suffix}{{{own}}} {_number(sample.value)}\n")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))


def _value(text: object) -> str:
    """The value of a label: one line, quotes and backslashes escaped."""
    shown = clipped(one_line(str(text)), _VALUE_LIMIT)
    return shown.replace("\\", "\\\\").replace('"', '\\"')


def _seconds(time: str) -> float | None:
    """Seconds since 1970 of an ISO 8601 time, None for "" and what is no time."""
    try:
        return datetime.fromisoformat(time).timestamp()
    except ValueError:
        return None
