"""Reports read back from the JSON that they were written as: the way back from `json.to_dict`.

What the form has no room for stays away: the rules that passed by name, the text of files,
the facts of targets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from redislint.model import (
    AuditError,
    Edit,
    Excerpt,
    Fact,
    Finding,
    Fix,
    FixSafety,
    Outcome,
    OutcomeKind,
    Related,
    Remediation,
    Report,
    RuleInfo,
    Server,
    Severity,
    Span,
    Target,
    Waiver,
)
from redislint.reports.plain import encoded

MOST_RULES = 100_000
"""More outcomes of one target are a mistake."""

Json = Mapping[str, Any]


def report_of(document: Json, rules: Mapping[str, RuleInfo]) -> Report:
    """The report that a document of the form `redislint-report-1` holds; `rules` are those that
    this redislint knows. Raises ValueError for what has the right form and makes no sense."""
    findings = tuple(finding_of(data, data["target"]) for data in document["findings"])
    unknown = tuple(map(_undecided, document["unknown"]))
    targets = tuple(map(_target, document["targets"]))
    named = dict.fromkeys((*(f.rule for f in findings), *(o.rule for o in unknown)))
    return Report(
        targets=targets,
        findings=findings,
        outcomes=(*unknown, *_counted(document, unknown)),
        errors=tuple(
            AuditError(error["target"], error["stage"], error["message"])
            for error in document["errors"]
        ),
        rules={rule: rules[rule] for rule in sorted(named) if rule in rules},
        tool_version=document["tool"]["version"],
        files_checked=document["summary"]["files_checked"],
    )


def _target(data: Json) -> Target:
    facts = {}
    if data["persistence"] is not None:
        losses = data["persistence"]["loss_window_s"]
        facts = {
            "persistence.mode": data["persistence"]["mode"],
            "persistence.process_crash_loss": losses["process_crash"],
            "persistence.loss_window": losses["host_crash"],
        }
    return Target(
        id=data["id"],
        kind=data["kind"],
        uri=data["uri"],
        server=server_of(data["server"]),
        assumed=data["server"]["assumed"],
        held=tuple(map(Server.parse, data["held_against"])),
        workload=data["workload"],
        facts={path: Fact(value) for path, value in facts.items() if value is not None},
        score=data["score"],
        coverage=data["coverage"],
    )


def server_of(data: Json) -> Server:
    """An engine and its version. Raises ValueError for a version that is none."""
    return Server.parse(f"{data['engine']}-{data['version']}")


def _undecided(data: Json) -> Outcome:
    return Outcome(
        data["rule"], data["target"], OutcomeKind.UNKNOWN, tuple(data["missing"]), data["hint"]
    )


def _counted(document: Json, unknown: tuple[Outcome, ...]) -> Iterator[Outcome]:
    """Outcomes of which the form tells only how many there were: they name no rule."""
    for target in document["targets"]:
        for name, number in target["outcomes"].items():
            kind = OutcomeKind(name)
            if number > MOST_RULES:
                raise ValueError(f"{target['id']}: {number} outcomes are more than rules there are")
            if kind is not OutcomeKind.UNKNOWN:
                yield from (Outcome("", target["id"], kind) for _ in range(number))


def finding_of(data: Json, target: str) -> Finding:
    """The finding on `target` that a report or a fleet's record holds; a record has no edits
    and no excerpts."""
    return Finding(
        rule=data["rule"],
        name=data["name"],
        severity=Severity(data["severity"]),
        message=data["message"],
        target=target,
        fingerprint=data["fingerprint"],
        span=span_of(data["location"]),
        excerpt=Excerpt(**_only(Excerpt, data["excerpt"])) if data.get("excerpt") else None,
        related=tuple(
            Related(_span(one["location"]), one["message"]) for one in data.get("related", ())
        ),
        directives=tuple(data["directives"]),
        fatal=data.get("fatal", False),
        versions=None if data.get("versions") is None else tuple(data["versions"]),
        fix=_fix(data["fix"]) if isinstance(data["fix"], dict) else None,
        waiver=Waiver(**_only(Waiver, data["waiver"])) if data["waiver"] else None,
        baseline=data.get("baseline"),
        remediation=Remediation(**_only(Remediation, data["remediation"]))
        if data.get("remediation")
        else None,
    )


def _fix(data: Json) -> Fix:
    return Fix(
        data["description"],
        FixSafety(data["safety"]),
        tuple(
            Edit(
                edit["location"]["path"],
                edit["start_byte"],
                edit["end_byte"],
                encoded(edit["replacement"]),
                _span(edit["location"]),
            )
            for edit in data["edits"]
        ),
    )


def span_of(data: Json | None) -> Span | None:
    """A place, None where there is none."""
    return None if data is None else _span(data)


def _span(data: Json) -> Span:
    return Span(**_only(Span, data))


def _only(noun: Any, data: Json) -> dict[str, Any]:
    """The members that a noun has: a newer redislint may have written more."""
    return {name: data[name] for name in noun._fields}
