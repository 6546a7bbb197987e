"""From the report of one entry of an inventory to the records of its targets."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from redislint.audit.report import Report
from redislint.facts.rates import Counters
from redislint.fleet.model import RECORD, Entry, Record, Status
from redislint.model import AuditError, Finding, Outcome, OutcomeKind, Target, Waiver
from redislint.reports.json import plain_text, plain_value, server_dict, span_dict

Json = dict[str, Any]


class Look(NamedTuple):
    """How an entry was looked at: `at` is when that began (ISO 8601 in UTC), `seconds` how
    long it took, `attempts` how often it was tried. `refused` says of some targets, by id,
    what they did not tell; `counters` has those of running servers."""

    at: str
    seconds: float
    attempts: int = 1
    refused: Mapping[str, str] = {}
    counters: Mapping[str, Counters] = {}


def of_report(entry: Entry, report: Report, look: Look) -> tuple[Record, ...]:
    """A record for each target of the entry, and for each that could not be read; at least
    one."""
    base = _base(entry, look)
    findings = _by_target(report.findings)
    outcomes = _by_target(report.outcomes)
    errors = _by_target(report.errors)
    if len(report.targets) == 1 and not entry.seed and not os.path.isdir(entry.where):
        # What went wrong elsewhere (a file beside it, a list of its region) is of this target.
        errors = {report.targets[0].id: list(report.errors)} if report.errors else {}
    records = [
        _audited(base, target, findings, outcomes, errors.pop(target.id, ()), look)
        for target in report.targets
    ]
    records += [_unread(base, target, found) for target, found in errors.items()]
    return tuple(records) or (_unread(base, entry.name, (_nothing(entry),)),)


def of_failure(entry: Entry, stage: str, message: str, look: Look) -> tuple[Record, ...]:
    """The record of an entry of which nothing could be read."""
    name = entry.name if entry.kind == "file" else shown(entry)
    return (_unread(_base(entry, look), name, (AuditError(name, stage, message),)),)


def shown(entry: Entry) -> str:
    """Where an entry is read from, without credentials."""
    if entry.kind != "live":
        return entry.where
    from redislint.sources.live.address import parse_url
    from redislint.sources.live.errors import LiveError

    try:
        return parse_url(entry.where).uri
    except LiveError:
        return entry.name


def _nothing(entry: Entry) -> AuditError:
    return AuditError(entry.name, "read", "there is nothing to audit")


def _base(entry: Entry, look: Look) -> Json:
    return {
        "schema": RECORD,
        "entry": entry.name,
        "kind": entry.kind,
        "uri": shown(entry),
        "at": look.at,
        "seconds": round(look.seconds, 3),
        "attempts": look.attempts,
        "environment": entry.environment,
        "workload": list(entry.workload),
        "rpo": entry.rpo,
        "rto": entry.rto,
        "tags": dict(entry.tags),
    }


def _by_target(items: Sequence[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for item in items:
        found.setdefault(item.target, []).append(item)
    return found


def _unread(base: Json, target: str, errors: Sequence[AuditError]) -> Record:
    return Record.of(
        {
            **base,
            "target": target,
            "status": Status.UNREACHABLE.value,
            "reason": plain_text(errors[0].message),
            "server": None,
            "role": None,
            "persistence": None,
            "score": None,
            "coverage": None,
            "outcomes": {kind.value: 0 for kind in OutcomeKind},
            "findings": [],
            "unknown": [],
            "errors": list(map(_error, errors)),
            "counters": None,
        }
    )


def _audited(
    base: Json,
    target: Target,
    findings: Mapping[str, list[Finding]],
    outcomes: Mapping[str, list[Outcome]],
    errors: Sequence[AuditError],
    look: Look,
) -> Record:
    own = outcomes.get(target.id, [])
    kinds = Counter(outcome.kind for outcome in own)
    reason = look.refused.get(target.id, "")
    if errors:
        reason = errors[0].message
    return Record.of(
        {
            **base,
            "target": target.id,
            "uri": target.uri,
            "status": (Status.PARTIAL if reason else Status.AUDITED).value,
            "reason": plain_text(reason),
            "environment": base["environment"] or _value(target, "target.environment") or "",
            "workload": (target.workload or "").split(",") if target.workload else [],
            "tags": {**target.tags, **base["tags"]},
            "server": server_dict(target.server, target.assumed),
            "role": _value(target, "target.role"),
            "persistence": _persistence(target),
            "score": target.score,
            "coverage": target.coverage,
            "outcomes": {kind.value: kinds[kind] for kind in OutcomeKind},
            "findings": list(map(_finding, findings.get(target.id, ()))),
            "unknown": list(_unknown(own)),
            "errors": list(map(_error, errors)),
            "counters": _counters(look.counters.get(target.id)),
        }
    )


def _value(target: Target, path: str) -> Any:
    fact = target.facts.get(path)
    return None if fact is None else plain_value(fact.value)


def _persistence(target: Target) -> Json | None:
    """Mode, loss windows and the longest restart to reckon with (seconds)."""
    mode = _value(target, "persistence.mode")
    if mode is None:
        return None
    return {
        "mode": mode,
        "loss_window_s": {
            "process_crash": _value(target, "persistence.process_crash_loss"),
            "host_crash": _value(target, "persistence.loss_window"),
        },
        "restart_s": _value(target, "persistence.restart_high"),
    }


def _finding(finding: Finding) -> Json:
    waiver, remediation = finding.waiver, finding.remediation
    if waiver is None and finding.baseline == "known":
        waiver = Waiver("known in the baseline", source="baseline")
    return {
        "rule": finding.rule,
        "name": finding.name,
        "severity": finding.severity.value,
        "message": plain_text(finding.message),
        "location": span_dict(finding.span),
        "directives": list(finding.directives),
        "fingerprint": finding.fingerprint,
        "fix": plain_text(finding.fix.description) if finding.fix else None,
        "waiver": waiver._asdict() if waiver else None,
        "remediation": remediation._asdict() if remediation else None,
    }


def _unknown(outcomes: Sequence[Outcome]) -> Iterator[Json]:
    """What rules lacked, each fact once with the rules that lacked it."""
    found: dict[str, tuple[list[str], str]] = {}
    for outcome in outcomes:
        if outcome.kind is OutcomeKind.UNKNOWN:
            for path in outcome.missing or (outcome.rule,):
                rules, hint = found.setdefault(path, ([], outcome.hint))
                rules.append(outcome.rule)
    for path, (rules, hint) in sorted(found.items()):
        yield {"missing": path, "rules": sorted(set(rules)), "hint": plain_text(hint)}


def _error(error: AuditError) -> Json:
    return {"stage": error.stage, "message": plain_text(error.message)}


def _counters(found: Counters | None) -> Json | None:
    if found is None:
        return None
    values = {k: v for k, v in found.fields.items() if isinstance(v, (int, float))}
    return {"run_id": str(found.fields.get("run_id", "")), "at": found.at, "values": values}
