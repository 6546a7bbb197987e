"""SARIF 2.1.0 of a fleet: one run for each class of targets (files, live, cloud), within what
GitHub takes; what had no room is counted in a notification.

Waived findings are left out unless asked for (`--show waived`), where they are suppressed:
code scanning would show them as open alerts.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TextIO

from redislint.fleet.model import FleetReport, Record, State, Status
from redislint.fleet.reports import Options
from redislint.fleet.reports.totals import Top, Totals, rank, state
from redislint.model import REDACTED, Finding, Report, RuleInfo, Server, Severity, Target
from redislint.reports.plain import one_line
from redislint.reports.sarif import (
    FILES,
    FINGERPRINT,
    LINE_HASH,
    RESULT_LIMIT,
    SCHEMA,
    result_of,
    suppression,
)
from redislint.reports.sarif_invocation import notification, notification_kinds
from redislint.reports.sarif_places import ROOT_ID, artifact, target_path
from redislint.reports.sarif_rules import descriptor
from redislint.reports.saved import finding_of
from redislint.reports.wording import count

_CLASSES = {"file": FILES}
_NO_SERVER = Server("redis", (0,))
_UNNAMED = Report((), (), (), (), {})
_NO_NAME = re.compile(r"[^A-Za-z0-9._-]+")

Json = dict[str, Any]


class _Kept(NamedTuple):
    """A finding that goes into the file, its target, and what else is said of it."""

    finding: Finding
    target: Target
    state: State | None
    properties: Json


def _worst() -> Top[_Kept]:
    return Top(RESULT_LIMIT)


@dataclass
class _Class:
    """What one run of the file says, gathered in the pass over the records."""

    totals: Totals
    kept: Top[_Kept] = field(default_factory=_worst)
    failures: int = 0


def write(report: FleetReport, out: TextIO, options: Options) -> None:
    """The SARIF log as ASCII text, a line for each result."""
    out.write(f'{{\n"$schema": "{SCHEMA}",\n"version": "2.1.0",\n"runs": [')
    for number, (name, own) in enumerate(sorted(_gather(report, options).items())):
        out.write(",\n" if number else "\n")
        _write_run(report, out, options, name, own)
    out.write("\n]\n}\n")


def _gather(report: FleetReport, options: Options) -> dict[str, _Class]:
    found: dict[str, _Class] = {}
    for record in report.records:
        name = _CLASSES.get(record.data["kind"], record.data["kind"])
        own = found.setdefault(name, _Class(Totals(compared=report.previous is not None)))
        own.totals.add(report, record)
        own.failures += record.data["outcomes"]["error"]
        target = _target(record)
        properties = _about(record)
        for data in record.data["findings"]:
            if data["waiver"] and "waived" not in options.show:
                continue
            known = state(report, record, data)
            key = (rank(data["severity"]), known is not State.NEW, data["fingerprint"], record.key)
            finding = finding_of(data, record.target)
            own.kept.add(key, _Kept(finding, target, known, properties))
    return found or {"live": _Class(Totals())}


def _target(record: Record) -> Target:
    """As much of a target as places need."""
    return Target(record.target, record.data["kind"], record.data["uri"], _NO_SERVER)


def _about(record: Record) -> Json:
    """What tells a team which target a result is about."""
    data = record.data
    told = {"entry": one_line(record.entry)}
    if data["environment"]:
        told["environment"] = data["environment"]
    return {**told, **({"targetTags": _shown(data["tags"])} if data["tags"] else {})}


def _shown(tags: dict[str, str]) -> Json:
    return {one_line(name): one_line(text) for name, text in tags.items()}


def _write_run(report: FleetReport, out: TextIO, options: Options, name: str, own: _Class) -> None:
    kept = sorted(own.kept, key=lambda one: (one.target.id, *_identity(one.finding)))
    rules = _rules(report, kept)
    index = {rule: number for number, rule in enumerate(rules)}
    run: Json = {
        "tool": {
            "driver": {
                "name": "redislint",
                "version": report.run.version,
                "semanticVersion": report.run.version,
                "rules": list(map(descriptor, rules.values())),
                "notifications": notification_kinds(),
            }
        },
        "automationDetails": {"id": f"redislint/fleet-{_slug(report.run.name)}/{name}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            ROOT_ID: {"description": {"text": "The folder that redislint ran in."}}
        },
        "invocations": [_invocation(report, own, options)],
        "artifacts": _artifacts(kept),
        "properties": {"coverage": _coverage(own.totals)},
    }
    parts = [f'"{member}": {json.dumps(value)}' for member, value in run.items()]
    out.write("{\n" + ",\n".join(parts) + ',\n"results": [')
    redacted = False
    for number, result in enumerate(_results(report, kept, index)):
        line = json.dumps(result)
        redacted = redacted or REDACTED in line
        out.write(",\n" if number else "\n")
        out.write(line)
    out.write("\n]")
    if redacted or any(REDACTED in part for part in parts):
        out.write(f',\n"redactionTokens": {json.dumps([REDACTED])}')
    out.write("\n}")


def _identity(finding: Finding) -> tuple[str, str]:
    return finding.rule, finding.fingerprint


def _results(report: FleetReport, kept: list[_Kept], index: dict[str, int]) -> Iterator[Json]:
    suppressed = any(one.finding.waiver for one in kept)
    seen: Counter[str] = Counter()
    for finding, target, known, properties in kept:
        seen[finding.fingerprint] += 1
        number = seen[finding.fingerprint]
        result = result_of(finding, target, _UNNAMED)
        result["ruleIndex"] = index[finding.rule]
        result["properties"] = {**result["properties"], **properties}
        result["partialFingerprints"] = {
            FINGERPRINT: finding.fingerprint + (f":{number}" if number > 1 else ""),
            LINE_HASH: f"{finding.fingerprint[:16]}:{number}",
        }
        if suppressed:
            result["suppressions"] = [suppression(finding)] if finding.waiver else []
        if report.previous is not None:
            result["baselineState"] = "new" if known is State.NEW else "unchanged"
        yield result


def _rules(report: FleetReport, kept: list[_Kept]) -> dict[str, RuleInfo]:
    """The rules of the results, by id and in its order."""
    named = {}
    for finding, *_ in kept:
        told = report.rules.get(finding.rule, {})
        named[finding.rule] = RuleInfo(
            finding.rule,
            told.get("name", finding.name),
            Severity(told.get("severity", finding.severity)),
            told.get("summary", finding.name or finding.rule),
            told.get("help", ""),
            tuple(told.get("tags", ())),
            tuple(told.get("references", ())),
            category=told.get("category", ""),
        )
    return {rule: named[rule] for rule in sorted(named)}


def _artifacts(kept: list[_Kept]) -> list[Json]:
    """The targets that results are about."""
    paths = dict.fromkeys(target_path(one.target) for one in kept)
    return [{"location": artifact(path), "roles": ["analysisTarget"]} for path in paths]


def _invocation(report: FleetReport, own: _Class, options: Options) -> Json:
    notes = list(_notifications(report, own))
    told: Json = {"executionSuccessful": not any(note["level"] == "error" for note in notes)}
    if options.exit_code is not None:
        told["exitCode"] = options.exit_code
    told["startTimeUtc"] = report.run.started
    if report.run.ended:
        told["endTimeUtc"] = report.run.ended
    told["toolExecutionNotifications"] = notes
    return told


def _notifications(report: FleetReport, own: _Class) -> list[Json]:
    notes = []
    if not report.complete:
        text = "The run was interrupted: targets of the inventory are missing."
        notes.append(notification("incomplete", "error", text))
    found = own.totals
    for told, targets in (("not reached", found.unread), ("read in part", found.partial)):
        for target in targets:
            text = f"{target['entry']}: {told}: {target['reason']}"
            notes.append(notification("incomplete", "error", text))
        if targets.count > targets.limit:
            text = f"{count(targets.count - targets.limit, 'more target')} {told}."
            notes.append(notification("incomplete", "error", text))
    if own.failures:
        text = f"{count(own.failures, 'evaluation')} of rules failed."
        notes.append(notification("rule-failed", "error", text))
    for fact in found.lacking:
        text = f"{', '.join(fact.rules)} could not be decided on {count(fact.targets, 'target')}"
        text += f": {fact.missing} is missing ({fact.hint})"
        notes.append(notification("undecided", "note", text))
    if own.kept.count > RESULT_LIMIT:
        text = f"{own.kept.count - RESULT_LIMIT} more findings are left out, none worse than those"
        notes.append(notification("left-out", "warning", f"{text} in this file."))
    return notes


def _coverage(found: Totals) -> Json:
    """How much was looked at, so that nothing unread looks green."""
    failed = found.statuses[Status.UNREACHABLE.value]
    return {
        "targetsRequested": found.targets,
        "targetsScanned": found.targets - failed,
        "targetsFailed": failed,
        "targetsPartial": found.statuses[Status.PARTIAL.value],
        "waived": found.waived,
    }


def _slug(name: str) -> str:
    return _NO_NAME.sub("-", name).strip("-.")[:80] or "unnamed"
