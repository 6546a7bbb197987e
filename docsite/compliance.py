"""The coverage matrix: which rules cover what other catalogues of checks ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from docsite.markdown import table
from redislint.policy.library import builtin_policy
from redislint.policy.rules import Rule

_INTRO = """\
# Coverage matrix

The tags of the rules, by the catalogue that they come from. A tag says that the rule looks at
what the entry asks for, as far as the configuration of Redis or Valkey tells; it is no
certificate. `redislint rule --tag cwe-306` lists the rules of a tag, `redislint check --select
cwe-306` runs only them.
"""


class Catalogue(NamedTuple):
    """Tags that begin alike: where they come from. `link` makes an address of the rest of a
    tag, "" where there is none."""

    prefix: str
    title: str
    about: str
    link: str = ""


CATALOGUES: Sequence[Catalogue] = (
    Catalogue("guide-", "Guidance", "The three guides behind the rules; see [each piece of"
              " them](../guidance.md)."),
    Catalogue("cwe-", "CWE", "Common Weakness Enumeration.",
              "https://cwe.mitre.org/data/definitions/{}.html"),
    Catalogue("cis-aws-", "CIS AWS Database Services Benchmark", "Sections on ElastiCache and"
              " MemoryDB."),
    Catalogue("cis-", "CIS Controls", "Version 8; cis-4-4 is safeguard 4.4."),
    Catalogue("securityhub-", "AWS Security Hub", "Controls for ElastiCache."),
    Catalogue("aws-config-", "AWS Config", "Managed rules."),
    Catalogue("ckv", "Checkov", "Checks of the same condition."),
    Catalogue("avd-", "Trivy", "Checks of the same condition."),
    Catalogue("kics-", "KICS", "Queries of the same condition."),
    Catalogue("prowler-", "Prowler", "Checks of the same condition."),
    Catalogue("powerpipe-", "Powerpipe", "Controls of the same condition."),
    Catalogue("tflint-", "tflint", "Rules of the same condition."),
    Catalogue("cfn", "cfn-lint and cfn_nag", "Rules of the same condition."),
)  # fmt: skip
"""The longer prefix stands first where one begins with another."""


def page() -> str:
    """The Markdown of the page."""
    rules = builtin_policy()
    parts = [_INTRO]
    taken: set[str] = set()
    for catalogue in CATALOGUES:
        found = tagged(rules, catalogue.prefix, taken)
        taken |= found.keys()
        if found:
            parts.append(f"## {catalogue.title}\n\n{catalogue.about}\n")
            rows = [(_shown(tag, catalogue), _links(own)) for tag, own in sorted(found.items())]
            parts.append(table(("tag", "rules"), rows))
    return "\n".join(parts)


def tagged(
    rules: Mapping[str, Rule], prefix: str, taken: set[str] | frozenset[str] = frozenset()
) -> dict[str, list[Rule]]:
    """The rules of each tag with a prefix; tags of `taken` belong elsewhere."""
    found: dict[str, list[Rule]] = {}
    for rule in sorted(rules.values(), key=lambda one: one.id):
        for tag in rule.tags:
            if tag.startswith(prefix) and tag not in taken:
                found.setdefault(tag, []).append(rule)
    return found


def _shown(tag: str, catalogue: Catalogue) -> str:
    rest = tag.removeprefix(catalogue.prefix)
    return f"[{tag}]({catalogue.link.format(rest)})" if catalogue.link else f"`{tag}`"


def _links(rules: Sequence[Rule]) -> str:
    return ", ".join(f"[{rule.id}](rules/{rule.id}.md) {rule.name}" for rule in rules)
