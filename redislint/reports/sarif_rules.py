"""Rules as SARIF's reportingDescriptors, with what GitHub and GitLab read from them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from redislint.model import Finding, FixSafety, Report, RuleInfo
from redislint.reports.levels import LEVELS
from redislint.reports.plain import clipped, first_paragraph, lines, one_line, without_markdown
from redislint.reports.wording import FORMS

Json = dict[str, Any]

TEXT_LIMIT = 1024
"""Longest description in UTF-16 code units that GitHub and GitLab take."""

NAME_LIMIT = 255
TAG_LIMIT = 10
"""Tags of a rule that GitHub shows; it refuses more than 20."""

MEASURED = "syntax"
"""The category of rules that repeat what real servers were seen to do."""

_FIXES = {
    FixSafety.SAFE: "**Fix.** `redislint check --fix` mends it.",
    FixSafety.UNSAFE: "**Fix.** `redislint check --unsafe-fixes` mends it; behaviour may change.",
}
_WEB = re.compile(r"https?://[!-~]+")


def rules_of(report: Report, findings: Iterable[Finding]) -> dict[str, RuleInfo]:
    """The rules that a run names, by id and in its order, none missing."""
    named = dict(report.rules)
    for finding in findings:
        if finding.rule not in named:
            named[finding.rule] = RuleInfo(
                finding.rule, finding.name, finding.severity, finding.name or finding.rule
            )
    return {key: named[key] for key in sorted(named)}


def descriptor(rule: RuleInfo) -> Json:
    """A rule with every text that GitHub requires; none of them is empty."""
    level = LEVELS[rule.severity]
    summary = lines(rule.summary) or rule.name or rule.id
    told: Json = {
        "id": rule.id,
        "name": one_line(rule.name or rule.id, NAME_LIMIT),
        "shortDescription": {"text": clipped(summary, TEXT_LIMIT)},
        "fullDescription": {"text": one_line(first_paragraph(rule.help) or summary, TEXT_LIMIT)},
        "help": {"text": _help_text(rule, summary), "markdown": _help_markdown(rule, summary)},
        "defaultConfiguration": {"level": level.sarif, "rank": level.rank},
        "properties": _properties(rule),
    }
    page = next(filter(_WEB.fullmatch, rule.references), None)
    if page:
        told["helpUri"] = page
    return told


def _help_text(rule: RuleInfo, summary: str) -> str:
    pages = "\n".join(rule.references)
    text = f"{without_markdown(rule.help).strip() or summary}\n\n{pages}".strip()
    return lines(text, TEXT_LIMIT)


def _help_markdown(rule: RuleInfo, summary: str) -> str:
    parts = [rule.help.strip() or summary]
    if rule.fix_safety is not None:
        parts.append(_FIXES[rule.fix_safety])
    parts += _remedies(rule)
    if rule.references:
        pages = (f"<{page}>" if _WEB.fullmatch(page) else page for page in rule.references)
        parts.append("**References**\n\n" + "\n".join(f"- {page}" for page in pages))
    return lines("\n\n".join(parts))


def _remedies(rule: RuleInfo) -> Iterable[str]:
    """What to do on a managed service, as the templates of the rule."""
    for remedy in rule.remediation:
        where = f", where `{remedy['when']}`" if "when" in remedy else ""
        yield f"**On a managed service**{where}" + (
            f": {remedy['note']}" if "note" in remedy else ""
        )
        for form, name in (*FORMS, ("parameters", "Parameters")):
            if form in remedy:
                yield f"{name}:\n\n```\n{remedy[form]}\n```"


def _properties(rule: RuleInfo) -> Json:
    level = LEVELS[rule.severity]
    tags = dict.fromkeys(filter(None, (rule.category, *rule.tags)))
    told: Json = {"tags": [one_line(tag, NAME_LIMIT) for tag in tags][:TAG_LIMIT]}
    told["precision"] = "very-high" if rule.category == MEASURED else "high"
    if rule.security_severity is not None:
        told["security-severity"] = f"{rule.security_severity:.1f}"
    elif rule.category == "security":
        told["security-severity"] = f"{level.security:.1f}"
    else:
        told["problem.severity"] = level.problem
    return told
