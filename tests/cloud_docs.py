"""Writes the generated parts of docs/cloud-coverage.md and docs/cloud.md.

`python tests/cloud_docs.py` in the environment rewrites them; the tests compare.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from redislint.policy.library import builtin_policy
from redislint.sources.cloud.calls import CALLS

ROOT = Path(__file__).resolve().parents[1]
TOOLS = {
    "securityhub-": "AWS Security Hub",
    "aws-config-": "AWS Config",
    "cis-aws-db-": "CIS AWS Database Services",
    "prowler-": "Prowler",
    "powerpipe-": "Powerpipe",
    "ckv": "Checkov",
    "avd-": "Trivy",
    "kics-": "KICS",
    "cfn-nag-": "cfn_nag",
    "cfn-lint-": "cfn-lint",
    "tflint-": "tflint-ruleset-aws",
}
"""Beginnings of tags that are ids of other tools' checks."""

_GENERATED = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def tool_of(tag: str) -> str:
    """The tool whose check a tag is the id of, or ""."""
    return next((tool for start, tool in TOOLS.items() if tag.startswith(start)), "")


def coverage() -> str:
    """One row for each rule about managed services."""
    rows = ["| rule | severity | what fails | covers |", "|---|---|---|---|"]
    for identity, rule in sorted(builtin_policy().items()):
        if rule.category == "cloud":
            covers = ", ".join(f"`{tag}`" for tag in rule.tags if tool_of(tag)) or "-"
            rows.append(
                f"| {identity} {rule.name} | {rule.severity.value} | {rule.summary} | {covers} |"
            )
    return "\n".join(rows) + "\n"


def tools() -> str:
    """One row for each tool: how many of its checks have a rule."""
    found: dict[str, set[str]] = {tool: set() for tool in TOOLS.values()}
    for rule in builtin_policy().values():
        for tag in rule.tags:
            if tool_of(tag):
                found[tool_of(tag)].add(tag)
    rows = ["| tool | checks with a rule here |", "|---|---|"]
    rows += [f"| {tool} | {len(tags)} |" for tool, tags in found.items()]
    return "\n".join(rows) + "\n"


def policy() -> str:
    """The least IAM policy: every call that is made without an option asking for more."""
    always = sorted(
        {call.action for call in CALLS if call.when == "always" and call.service != "sts"}
    )
    metrics = sorted(call.action for call in CALLS if call.when == "metrics")
    regions = sorted(call.action for call in CALLS if call.when == "regions")
    statements = [
        {"Sid": "Read", "Effect": "Allow", "Action": always, "Resource": "*"},
        {"Sid": "OnlyWithMetrics", "Effect": "Allow", "Action": metrics, "Resource": "*"},
        {"Sid": "OnlyForAllRegions", "Effect": "Allow", "Action": regions, "Resource": "*"},
    ]
    document = {"Version": "2012-10-17", "Statement": statements}
    return f"```json\n{json.dumps(document, indent=2)}\n```\n"


PARTS = {"coverage": coverage, "tools": tools, "policy": policy}


def rewritten(text: str) -> str:
    """A page with its generated parts made anew."""
    return _GENERATED.sub(lambda m: f"{m[1]}{PARTS[m[2]]()}{m[3]}", text)


if __name__ == "__main__":
    for name in ("cloud.md", "cloud-coverage.md"):
        path = ROOT / "docs" / name
        path.write_text(rewritten(path.read_text(encoding="utf-8")), encoding="utf-8")
