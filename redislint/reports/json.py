"""The report for programs; its shape stands in schemas/report.schema.json."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from redislint.model import (
    Excerpt,
    Finding,
    Fix,
    Outcome,
    OutcomeKind,
    Remediation,
    Report,
    Server,
    Severity,
    Span,
    Target,
)
from redislint.reports import Options

SCHEMA = "redislint-report-1"

Json = dict[str, Any]


def render(report: Report, options: Options) -> str:
    """The document as ASCII text: what is not ASCII is escaped, and so cannot act on a terminal."""
    return dump(to_dict(report))


def dump(document: Json) -> str:
    """The text of a document that `to_dict` made."""
    return json.dumps(document, indent=2) + "\n"


def to_dict(report: Report) -> Json:
    """The whole report as plain dicts, lists, strings, numbers, bools and None."""
    return {
        "schema": SCHEMA,
        "tool": {"name": "redislint", "version": report.tool_version},
        "targets": [target_dict(target, report.outcomes) for target in report.targets],
        "findings": [finding_dict(finding) for finding in report.findings],
        "unknown": [
            {
                "rule": outcome.rule,
                "target": outcome.target,
                "missing": list(outcome.missing),
                "hint": outcome.hint,
            }
            for outcome in report.outcomes
            if outcome.kind is OutcomeKind.UNKNOWN
        ],
        "errors": [
            {"target": error.target, "stage": error.stage, "message": plain_text(error.message)}
            for error in report.errors
        ],
        "summary": _summary(report),
    }


def target_dict(target: Target, outcomes: tuple[Outcome, ...]) -> Json:
    kinds = Counter(outcome.kind for outcome in outcomes if outcome.target == target.id)
    return {
        "id": target.id,
        "kind": target.kind,
        "uri": target.uri,
        "server": server_dict(target.server, target.assumed),
        "held_against": [str(server) for server in target.held],
        "workload": target.workload,
        "persistence": _persistence(target),
        "score": target.score,
        "coverage": target.coverage,
        "outcomes": {kind.value: kinds[kind] for kind in OutcomeKind},
    }


def _persistence(target: Target) -> Json | None:
    """Persistence mode and loss windows (seconds), where the facts are known."""
    mode = target.facts.get("persistence.mode")
    if mode is None:
        return None
    windows = {
        "process_crash": _fact(target, "persistence.process_crash_loss"),
        "host_crash": _fact(target, "persistence.loss_window"),
    }
    return {"mode": mode.value, "loss_window_s": windows}


def _fact(target: Target, path: str) -> Any:
    return plain_value(target.facts[path].value) if path in target.facts else None


def plain_value(value: Any) -> Any:
    """A fact's value as JSON can say it: an infinite time or size is `unbounded`."""
    if isinstance(value, dict):
        return {key: plain_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_value(item) for item in value]
    return "unbounded" if value == float("inf") else value


def server_dict(server: Server, assumed: bool) -> Json:
    version = ".".join(map(str, server.version))
    return {"engine": server.engine, "version": version, "assumed": assumed}


def span_dict(span: Span | None) -> Json | None:
    if span is None:
        return None
    return {
        "path": span.path,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def finding_dict(finding: Finding) -> Json:
    return {
        "rule": finding.rule,
        "name": finding.name,
        "severity": finding.severity.value,
        "message": plain_text(finding.message),
        "target": finding.target,
        "location": span_dict(finding.span),
        "excerpt": _excerpt_dict(finding.excerpt),
        "related": [
            {"location": span_dict(related.span), "message": plain_text(related.message)}
            for related in finding.related
        ],
        "directives": list(finding.directives),
        "fatal": finding.fatal,
        "versions": None if finding.versions is None else list(finding.versions),
        "fingerprint": finding.fingerprint,
        "fix": _fix_dict(finding.fix),
        "waiver": None
        if finding.waiver is None
        else {
            "reason": finding.waiver.reason,
            "owner": finding.waiver.owner,
            "until": finding.waiver.until,
            "source": finding.waiver.source,
        },
        "baseline": finding.baseline,
        **_remediation(finding.remediation),
    }


def _remediation(remediation: Remediation | None) -> Json:
    """What to do on a managed service, only where there is something to say."""
    if remediation is None:
        return {}
    return {"remediation": {k: plain_text(v) for k, v in remediation._asdict().items()}}


def _excerpt_dict(excerpt: Excerpt | None) -> Json | None:
    if excerpt is None:
        return None
    return {
        "line": excerpt.line,
        "text": plain_text(excerpt.text),
        "start": excerpt.start,
        "end": excerpt.end,
    }


def _fix_dict(fix: Fix | None) -> Json | None:
    if fix is None:
        return None
    return {
        "description": fix.description,
        "safety": fix.safety.value,
        "edits": [
            {
                "location": span_dict(edit.span),
                "start_byte": edit.start,
                "end_byte": edit.end,
                "replacement": edit.replacement.decode("utf-8", "backslashreplace"),
            }
            for edit in fix.edits
        ],
    }


def plain_text(text: str) -> str:
    """`text` without lone surrogates, which many readers of JSON refuse."""
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _summary(report: Report) -> Json:
    active = [f for f in report.findings if f.waiver is None and f.baseline != "known"]
    severities = Counter(finding.severity for finding in active)
    return {
        "targets": len(report.targets),
        "files_checked": report.files_checked,
        "findings": len(active),
        "by_severity": {severity.value: severities[severity] for severity in Severity},
        "waived": sum(finding.waiver is not None for finding in report.findings),
        "known": sum(finding.baseline == "known" for finding in report.findings),
        "unknown": sum(outcome.kind is OutcomeKind.UNKNOWN for outcome in report.outcomes),
        "errors": len(report.errors),
        "complete": not report.errors,
    }
