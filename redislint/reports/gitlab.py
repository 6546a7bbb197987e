"""GitLab Code Quality: one array of objects, `[]` when there is nothing to say.

GitLab compares fingerprints between branches and merges equal ones without a word, so
each is unique. What is waived or in the baseline is left out: GitLab knows neither.
"""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from typing import Any

from redislint.model import AuditError, Finding, Report, Target
from redislint.reports import Options
from redislint.reports.levels import LEVELS
from redislint.reports.plain import encoded, error_place, message, one_line
from redislint.reports.sarif_places import target_path
from redislint.reports.text import UNREADABLE, shown

MESSAGE_LIMIT = 1024
FATAL = "blocker"


def render(report: Report, options: Options) -> str:
    """The array as ASCII text."""
    targets = {target.id: target for target in report.targets}
    entries = [_error(error) for error in report.errors]
    for finding in shown(report.findings, Options(verbose=options.verbose)):
        entries.append(_entry(finding, targets.get(finding.target)))
    seen: Counter[str] = Counter()
    for entry in entries:
        fingerprint = entry["fingerprint"]
        seen[fingerprint] += 1
        if seen[fingerprint] > 1:
            entry["fingerprint"] = f"{fingerprint}:{seen[fingerprint]}"
    return json.dumps(entries, indent=2) + "\n"


def _entry(finding: Finding, target: Target | None) -> dict[str, Any]:
    span = finding.span
    path = target_path(target) if target else finding.target
    return {
        "description": f"{finding.rule}: {message(finding, target, MESSAGE_LIMIT)}",
        "check_name": finding.rule,
        "fingerprint": finding.fingerprint,
        "severity": FATAL if finding.fatal else LEVELS[finding.severity].gitlab,
        "location": {
            "path": one_line(span.path if span else path),
            "lines": {"begin": span.line if span else 1},
        },
    }


def _error(error: AuditError) -> dict[str, Any]:
    """What could not be read is a problem of its own, or it would look clean."""
    path, line = error_place(error.target)
    parts = "\0".join((error.target, error.stage, error.message))
    check = UNREADABLE if error.stage == "read" else error.stage
    return {
        "description": f"{check}: {one_line(error.message, MESSAGE_LIMIT)}",
        "check_name": check,
        "fingerprint": sha256(encoded(parts)).hexdigest()[:32],
        "severity": FATAL,
        "location": {"path": one_line(path), "lines": {"begin": line or 1}},
    }
