"""docs/cloud.md and docs/cloud-coverage.md are true of the rules and of the calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from redislint.policy.library import builtin_policy
from redislint.sources.cloud.calls import CALLS
from tests.cloud_docs import PARTS, TOOLS, rewritten, tool_of


@pytest.mark.parametrize("name", ["cloud.md", "cloud-coverage.md"])
def test_generated_parts_are_up_to_date(name: str, root: Path) -> None:
    text = (root / "docs" / name).read_text(encoding="utf-8")
    assert "<!-- generated: " in text
    assert rewritten(text) == text, "run 'python tests/cloud_docs.py'"


def test_the_policy_allows_every_call_and_only_reading() -> None:
    policy = PARTS["policy"]()
    for call in CALLS:
        if call.service == "sts":
            continue
        assert f'"{call.action}"' in policy
        assert call.operation.startswith(("Describe", "List", "Get")), call


def test_every_tool_is_covered_somewhere() -> None:
    tags = [tag for rule in builtin_policy().values() for tag in rule.tags]
    assert {tool_of(tag) for tag in tags} - {""} == set(TOOLS.values())
    for number in range(1, 8):
        assert f"securityhub-elasticache.{number}" in tags
