"""The documentation site: it builds without a warning, and what it generates is complete."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from docsite import compliance, hooks
from redislint import catalog
from redislint.cli.check import check
from redislint.policy.library import builtin_policy

_LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)")


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return dict(hooks.generated())


def test_the_site_builds_without_a_warning(root: Path, tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=root,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        check=False,
    )
    assert result.returncode == 0, result.stderr
    for page in ("index.html", "reference/rules/RL101/index.html", "reference/facts/index.html"):
        assert (tmp_path / page).is_file()
    outside = re.findall(
        r'<(?:script|link|img)[^>]+(?:src|href)="(https?://[^"]+)',
        (tmp_path / "index.html").read_text(),
    )
    assert outside == [], "a page loads nothing from elsewhere"


def test_every_rule_has_a_page_with_its_examples(pages: dict[str, str]) -> None:
    index = pages["reference/rules/index.md"]
    for rule in builtin_policy().values():
        text = pages[f"reference/rules/{rule.id}.md"]
        assert f"[{rule.id}]({rule.id}.md)" in index
        assert text.startswith(f"# {rule.id} {rule.name}\n")
        assert ("## Fails" in text) == any(example.fails for example in rule.examples)
        assert ("## Passes" in text) == any(not example.fails for example in rule.examples)
        assert all(reference.split()[0].strip() in text for reference in rule.references)


def test_every_directive_has_a_page_with_the_rules_about_it(pages: dict[str, str]) -> None:
    for entry in catalog.directives():
        assert entry.summary in pages[f"reference/directives/{entry.name.replace(' ', '-')}.md"]
    assert "../rules/RL210.md" in pages["reference/directives/no-appendfsync-on-rewrite.md"]


def test_links_of_pages_outside_of_the_site_lead_somewhere(root: Path) -> None:
    for page in root.glob("*.md"):
        for link in _LINK.findall(page.read_text(encoding="utf-8")):
            assert (root / link).exists(), f"{page.name}: {link}"


def test_the_site_says_of_security_what_the_repository_says(root: Path) -> None:
    ours = (root / "SECURITY.md").read_text(encoding="utf-8")
    shown = (root / "docs/security.md").read_text(encoding="utf-8")
    assert shown == ours.replace("# Security\n", "# Security of redislint\n", 1)


def _arguments(root: Path) -> dict[str, list[str]]:
    """How the examples of operation call redislint."""
    manifest = YAML(typ="safe").load(root / "examples/kubernetes/cronjob.yaml")
    pod = manifest["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    unit = (root / "examples/systemd/redislint.service").read_text(encoding="utf-8")
    (start,) = re.findall(r"^ExecStart=\S+/redislint (.+)$", unit, re.MULTILINE)
    return {"cronjob": pod["containers"][0]["args"], "service": shlex.split(start)}


@pytest.mark.parametrize("name", ["cronjob", "service"])
def test_examples_of_operation_call_what_there_is(root: Path, name: str) -> None:
    command, *arguments = _arguments(root)[name]
    assert command == "check"
    context = check.make_context("check", arguments)
    assert all(target.startswith("redis://") for target in context.params["targets"])


def test_the_coverage_matrix_has_every_tag_of_a_catalogue_once(pages: dict[str, str]) -> None:
    text = pages["reference/coverage.md"]
    prefixes = tuple(catalogue.prefix for catalogue in compliance.CATALOGUES)
    for rule in builtin_policy().values():
        for tag in rule.tags:
            if tag.startswith(prefixes):
                (row,) = [line for line in text.splitlines() if re.match(rf"\| \W{tag}\W", line)]
                assert f"[{rule.id}](rules/{rule.id}.md)" in row
