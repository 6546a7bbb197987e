"""SARIF 2.1.0 for code scanning: GitHub, GitLab, Azure DevOps, editors.

One run for each class of targets, so that a lint of files and an audit of servers do
not overwrite each other. What is waived is left out unless asked for with `--show
waived`, because code scanning would show it as an open alert.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from redislint.model import REDACTED, Finding, OutcomeKind, Report, Target, Waiver
from redislint.reports import Options
from redislint.reports.levels import LEVELS
from redislint.reports.plain import lines, message, one_line
from redislint.reports.sarif_invocation import invocation, notification_kinds
from redislint.reports.sarif_linehash import line_hashes
from redislint.reports.sarif_places import (
    MESSAGE_LIMIT,
    ROOT_ID,
    artifact,
    fix,
    is_remote,
    location,
    related_location,
    target_path,
)
from redislint.reports.sarif_rules import descriptor, rules_of

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
FINGERPRINT = "redislint/v1"
LINE_HASH = "primaryLocationLineHash"
FILES = "files"
RESULT_LIMIT = 5000
"""Results of one run that GitHub keeps; it refuses a file with 25,000 or more."""

Json = dict[str, Any]


def render(report: Report, options: Options) -> str:
    """The SARIF log as ASCII text."""
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [_run(name, part, options) for name, part in _classes(report).items()],
    }
    return json.dumps(log, indent=2) + "\n"


def _classes(report: Report) -> dict[str, Report]:
    """The report, divided by the class of its targets; errors belong to the first part
    where their target is none that was audited."""
    own = {target.id: _class(target) for target in report.targets}
    names = list(dict.fromkeys(own.values())) or [FILES]
    if len(names) == 1:
        return {names[0]: report}
    return {
        name: replace(
            report,
            targets=tuple(t for t in report.targets if own[t.id] == name),
            findings=tuple(f for f in report.findings if own.get(f.target, names[0]) == name),
            outcomes=tuple(o for o in report.outcomes if own.get(o.target, names[0]) == name),
            errors=tuple(e for e in report.errors if own.get(e.target, names[0]) == name),
        )
        for name in names
    }


def _class(target: Target) -> str:
    return target.kind if is_remote(target) else FILES


def _run(name: str, report: Report, options: Options) -> Json:
    show_waived = "waived" in options.show
    findings = [f for f in report.findings if show_waived or f.waiver is None]
    kept = _worst(findings)
    rules = rules_of(report, findings)
    index = {rule: number for number, rule in enumerate(rules)}
    suppressed = any(finding.waiver for finding in kept)
    compared = any(finding.baseline for finding in kept)
    fingerprints = _fingerprints(report, kept)
    targets = {target.id: target for target in report.targets}
    results = []
    for finding, fingerprint in zip(kept, fingerprints, strict=True):
        result = result_of(finding, targets.get(finding.target), report)
        result["ruleIndex"] = index[finding.rule]
        result["partialFingerprints"] = fingerprint
        if suppressed:
            result["suppressions"] = [suppression(finding)] if finding.waiver else []
        if compared:
            result["baselineState"] = "unchanged" if finding.baseline == "known" else "new"
        results.append(result)
    run: Json = {
        "tool": {
            "driver": {
                "name": "redislint",
                **_version(report.tool_version),
                "rules": list(map(descriptor, rules.values())),
                "notifications": notification_kinds(),
            }
        },
        "automationDetails": {"id": f"redislint/{name}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            ROOT_ID: {
                "description": {
                    "text": "The root of the repository, or the folder that redislint ran in."
                }
            }
        },
        "invocations": [invocation(report, index, len(findings) - len(kept), options)],
        "artifacts": _artifacts(report, kept),
        "results": results,
        "properties": {"coverage": _coverage(report)},
    }
    if REDACTED in json.dumps(run, ensure_ascii=False):
        run["redactionTokens"] = [REDACTED]
    return run


def _artifacts(report: Report, findings: Sequence[Finding]) -> list[Json]:
    """What was looked at. Of a server, the file with its effective configuration where
    findings point into one; its text goes along, for it lies in no repository."""
    remote = {target.id for target in report.targets if is_remote(target)}
    written = {
        finding.target: finding.span.path
        for finding in findings
        if finding.target in remote and finding.span and finding.span.path in report.texts
    }
    found: dict[str, Json] = {}
    for target in report.targets:
        path = written.get(target.id) or target_path(target)
        found[path] = {"location": artifact(path), "roles": ["analysisTarget"]}
        if target.id in written:
            found[path]["contents"] = {"text": report.texts[path]}
    return list(found.values())


def _version(version: str) -> Json:
    return {"version": version, "semanticVersion": version} if version else {}


def _worst(findings: Sequence[Finding]) -> list[Finding]:
    """At most as many as GitHub keeps, the worst of them, in the order of the report."""
    if len(findings) <= RESULT_LIMIT:
        return list(findings)
    by_severity = sorted(range(len(findings)), key=lambda n: -findings[n].severity.rank)
    return [findings[n] for n in sorted(by_severity[:RESULT_LIMIT])]


def result_of(finding: Finding, target: Target | None, report: Report) -> Json:
    level = LEVELS[finding.severity]
    properties: Json = {"target": one_line(finding.target), "fatal": finding.fatal}
    if finding.versions is not None:
        properties["versions"] = list(finding.versions)
    if finding.remediation is not None:
        said = finding.remediation._asdict()
        properties["remediation"] = {form: lines(text) for form, text in said.items() if text}
    result: Json = {
        "ruleId": finding.rule,
        "level": level.sarif,
        "rank": level.rank,
        "message": {"text": message(finding, target, MESSAGE_LIMIT)},
        "locations": [location(finding, target, report)],
        "properties": properties,
    }
    if finding.related:
        result["relatedLocations"] = [
            related_location(related, number) for number, related in enumerate(finding.related, 1)
        ]
    if finding.fix is not None and finding.fix.edits:
        result["fixes"] = [fix(finding.fix)]
    return result


def _fingerprints(report: Report, findings: Sequence[Finding]) -> list[Json]:
    """Both fingerprints of each finding: the one of redislint, which no edit elsewhere
    changes, and the one that GitHub looks at.

    The latter is computed from the text as it may be shown, so that nobody can try
    passwords against it; it differs from GitHub's own only within the 100 characters
    before a secret. Where there is no text it follows from the former.
    """
    seen: Counter[str] = Counter()
    hashes: dict[str, Sequence[str]] = {}
    made = []
    for finding in findings:
        seen[finding.fingerprint] += 1
        number = seen[finding.fingerprint]
        own = finding.fingerprint if number == 1 else f"{finding.fingerprint}:{number}"
        of_line = f"{finding.fingerprint[:16]}:{number}"
        span = finding.span
        if span is not None:
            if span.path not in hashes:
                text = report.texts.get(span.path)
                hashes[span.path] = () if text is None else line_hashes(text)
            if span.line <= len(hashes[span.path]):
                of_line = hashes[span.path][span.line - 1]
        made.append({FINGERPRINT: own, LINE_HASH: of_line})
    return made


def suppression(finding: Finding) -> Json:
    """A waiver: in the source where the finding's own file holds it, else external."""
    waiver = finding.waiver or Waiver("")
    path, _, line = waiver.source.rpartition(":")
    inside = finding.span is not None and path == finding.span.path
    told: Json = {
        "kind": "inSource" if inside else "external",
        "status": "accepted",
        "justification": one_line(waiver.reason, MESSAGE_LIMIT),
    }
    if path and line.isdecimal() and int(line) > 0:
        told["location"] = {
            "physicalLocation": {
                "artifactLocation": artifact(path),
                "region": {"startLine": int(line)},
            }
        }
    properties = {"owner": waiver.owner, "until": waiver.until}
    told["properties"] = {key: one_line(value) for key, value in properties.items() if value}
    return told


def _coverage(report: Report) -> Json:
    """How much was looked at, so that nothing unread looks green."""
    kinds = Counter(outcome.kind for outcome in report.outcomes)
    scanned = {target.id for target in report.targets}
    failed = {error.target for error in report.errors} - scanned
    return {
        "targetsRequested": len(scanned) + len(failed),
        "targetsScanned": len(scanned),
        "targetsFailed": len(failed),
        "outcomes": {kind.value: kinds[kind] for kind in OutcomeKind},
    }
