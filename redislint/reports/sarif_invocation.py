"""What SARIF says about the run itself: whether it can be relied on to be complete."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from redislint.model import AuditError, Outcome, OutcomeKind, Report
from redislint.reports import Options
from redislint.reports.plain import error_place, one_line
from redislint.reports.sarif_places import MESSAGE_LIMIT, artifact, target_path

Json = dict[str, Any]

PLACES_SHOWN = 20
"""Places that one notification names; it says how many there are."""

KINDS = {
    "incomplete": "A target could not be read, or its comments for redislint are wrong.",
    "rule-failed": "A rule could not be evaluated on a target.",
    "undecided": "A rule could not be decided because facts are missing.",
    "left-out": "Results were left out because consumers take no more.",
}
"""What redislint notifies about, and what each kind means."""


def notification_kinds() -> list[Json]:
    """The descriptors that notifications refer to by index."""
    return [{"id": kind, "shortDescription": {"text": text}} for kind, text in KINDS.items()]


def invocation(report: Report, rules: Mapping[str, int], left_out: int, options: Options) -> Json:
    """The run: `rules` are the indices of the rules in it, `left_out` the number of
    findings that it has no room for."""
    failed = [o for o in report.outcomes if o.kind is OutcomeKind.ERROR]
    told: Json = {"executionSuccessful": not report.errors and not failed}
    if options.exit_code is not None:
        told["exitCode"] = options.exit_code
    if options.ended is not None:
        ended = datetime.fromtimestamp(options.ended, UTC)
        told["endTimeUtc"] = ended.strftime("%Y-%m-%dT%H:%M:%SZ")
    notifications = [
        *map(_unread, report.errors),
        *(_failed(outcome, rules) for outcome in failed),
        *_undecided(report, rules),
    ]
    if left_out:
        text = f"{left_out} more findings are left out, none worse than those in this file."
        notifications.append(notification("left-out", "warning", text))
    told["toolExecutionNotifications"] = notifications
    return told


def notification(kind: str, level: str, text: str) -> Json:
    return {
        "descriptor": {"id": kind, "index": list(KINDS).index(kind)},
        "level": level,
        "message": {"text": one_line(text, MESSAGE_LIMIT)},
    }


def _unread(error: AuditError) -> Json:
    """An error; its target may be the place of a line, written `PATH:LINE:COLUMN`."""
    text = f"{error.target}: {error.message}"
    told = notification("incomplete", "error", text)
    path, line = error_place(error.target)
    physical: Json = {"artifactLocation": artifact(path)}
    if line:
        physical["region"] = {"startLine": line}
    if "://" not in path:
        told["locations"] = [{"physicalLocation": physical}]
    told["properties"] = {"stage": error.stage}
    return told


def _failed(outcome: Outcome, rules: Mapping[str, int]) -> Json:
    why = outcome.message or outcome.hint or "it failed"
    text = f"{outcome.rule or 'a rule'} could not be evaluated on {outcome.target}: {why}"
    return _about(outcome.rule, rules, notification("rule-failed", "error", text))


def _undecided(report: Report, rules: Mapping[str, int]) -> Iterator[Json]:
    """What was not decided, once for each rule and the facts that it lacks."""
    groups: dict[tuple[str, tuple[str, ...]], list[Outcome]] = {}
    for outcome in report.outcomes:
        if outcome.kind is OutcomeKind.UNKNOWN:
            groups.setdefault((outcome.rule, outcome.missing), []).append(outcome)
    paths = {target.id: target_path(target) for target in report.targets}
    for (rule, missing), outcomes in groups.items():
        number = len({outcome.target for outcome in outcomes})
        where = "1 target" if number == 1 else f"{number} targets"
        needs = f": it needs {', '.join(missing)}" if missing else ""
        hint = f" ({outcomes[0].hint})" if outcomes[0].hint else ""
        text = f"{rule} could not be decided on {where}{needs}{hint}"
        told = _about(rule, rules, notification("undecided", "note", text))
        places = list(dict.fromkeys(paths.get(o.target, o.target) for o in outcomes))
        told["locations"] = [
            {"physicalLocation": {"artifactLocation": artifact(place)}}
            for place in places[:PLACES_SHOWN]
        ]
        yield told


def _about(rule: str, rules: Mapping[str, int], notification: Json) -> Json:
    known = {"index": rules[rule]} if rule in rules else {}
    return {**notification, "associatedRule": {"id": rule, **known}} if rule else notification
