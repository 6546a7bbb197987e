"""Markdown: bounded, and nothing of a configuration acts on the page."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given

from redislint.model import AuditError, Report
from redislint.reports import Options, renderer
from redislint.reports.markdown import code, escaped
from tests.reports.report_samples import REPORTS, everything, finding, report

GOLDEN = Path(__file__).parent / "data" / "golden" / "markdown.md"


def test_golden() -> None:
    text = renderer("markdown")(everything(), Options(show=frozenset({"waived"})))
    if os.environ.get("GOLDEN_UPDATE"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, with 'quotes' (and so on).", "plain, with 'quotes' (and so on)."),
        ("a | b", r"a \| b"),
        ("<img src=x> **b** [l](u) `c` $m$", r"\<img src=x\> \*\*b\*\* \[l\](u) \`c\` \$m\$"),
        ("@team", "@&#8203;team"),
        ("see #12 and # here", "see #&#8203;12 and # here"),
        ("https://example.org", "https:&#8203;//example.org"),
        ("www.example.org", "www&#8203;.example.org"),
        ("&amp;", r"\&amp;"),
        ("a\nb\u202e", r"a\\nb\\u202e"),
    ],
)
def test_escaping(text: str, shown: str) -> None:
    assert escaped(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a.conf:1:2", "`a.conf:1:2`"), ("a|b", r"`a\|b`"), ("a``b", "```a``b```"), ("`", "`` ` ``")],
)
def test_code(text: str, shown: str) -> None:
    assert code(text) == shown


def test_many_findings_stay_within_a_comment() -> None:
    found = [finding(line=n, message="|*<@" * 1000) for n in range(1, 3000)]
    errors = tuple(AuditError(f"{n}.conf", "read", "x" * 9999) for n in range(500))
    text = renderer("markdown")(report(*found, errors=errors), Options())
    assert len(text) < 65_536
    assert "and 2949 more findings" in text
    assert "- and 480 more" in text


def test_what_was_not_read_stands_first() -> None:
    lines = renderer("markdown")(everything(), Options()).splitlines()
    assert lines.index("**2 inputs could not be checked:**") < lines.index("| | Place | Finding |")


@given(REPORTS)
def test_any_report(made: Report) -> None:
    text = renderer("markdown")(made, Options(show=frozenset({"waived"})))
    assert all(c == "\n" or c.isprintable() for c in text)
    rows = [line for line in text.splitlines() if line.startswith("| :")]
    for row in rows:
        bars = re.findall(r"(?<!\\)(?:\\\\)*\|", row)
        assert len(bars) == 4
