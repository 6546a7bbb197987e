"""A golden list of what is found in host files: each fixture is a small repository, and the
text beside it says which servers are in it, their settings with their places, and the facts
of their surroundings. The lists were written from the files by eye, before the program read
them. `python -m tests.sources.iac.test_infrastructure_golden` writes them anew after a wanted
change; read the difference before you commit it."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from redislint.audit.facts import facts
from redislint.model import Fact, Setting, Target

FOLDER = Path(__file__).parents[2] / "golden" / "infrastructure"
FIXTURES = sorted(path for path in FOLDER.glob("*/*") if path.is_dir())
LEAST = {
    "ansible": 6,
    "cloudformation": 6,
    "compose": 14,
    "helm": 7,
    "host": 8,
    "kubernetes": 11,
    "operators": 5,
    "plans": 5,
    "templates": 7,
    "terraform": 12,
}
"""Fixtures of each format at least."""

SHOWN = (
    "backup.retention_days",
    "cloud.at_rest",
    "cloud.auth_token",
    "cloud.cluster_mode",
    "cloud.multi_az",
    "cloud.parameter_family",
    "cloud.replicas",
    "cloud.service",
    "cloud.shards",
    "cloud.tls",
)
"""Facts of managed caches that the lists hold; of other servers all that host files tell."""


def listing(fixture: Path, place: Path) -> str:
    """What is found in a copy of the fixture below `place`, one thing a line."""
    top = place / fixture.name
    shutil.copytree(fixture, top)
    (top / ".git").mkdir()
    before = Path.cwd()
    os.chdir(top)
    try:
        report = facts()
    finally:
        os.chdir(before)
    lines = [f"error {error.target}: {error.message}" for error in report.errors]
    for target in report.targets:
        lines += _target(target)
    return "".join(f"{line}\n" for line in lines)


def _target(target: Target) -> Iterator[str]:
    assumed = " (assumed)" if target.assumed else ""
    yield f"{target.id} {target.kind} {target.server}{assumed}"
    for path, fact in sorted(target.facts.items()):
        if _is_of_surroundings(path, fact):
            yield f"  {path} = {json.dumps(fact.value)}{f' {fact.unit}' if fact.unit else ''}"
    why = target.unknown.get("config", "")
    if why and not why.startswith("give redislint"):
        yield f"  more is unknown: {why}"
    yield from (f"  {_setting(setting)}" for setting in target.settings)


def _is_of_surroundings(path: str, fact: Fact) -> bool:
    return path in SHOWN or (fact.origin == "deployment" and path != "target.on_host")


def _setting(setting: Setting) -> str:
    span = setting.span
    assert span is not None
    end = f"{span.end_line}:{span.end_column}"
    place = f"{span.path}:{span.line}:{span.column}-{end}"
    known = "" if setting.known else " (not known)"
    effective = "" if setting.effective else " (not in effect)"
    shown = json.dumps(setting.text, ensure_ascii=False)
    return f"{place} {setting.name} = {shown}{known}{effective}"


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_is_found(fixture: Path, tmp_path: Path) -> None:
    kept = fixture.with_name(f"{fixture.name}.txt").read_text(encoding="utf-8")
    assert listing(fixture, tmp_path) == kept, (
        "a wanted change? python -m tests.sources.iac.test_infrastructure_golden writes it"
    )


def test_every_format_has_fixtures_and_every_list_its_own() -> None:
    counted = Counter(path.parent.name for path in FIXTURES)
    assert {name: counted[name] for name in LEAST if counted[name] < LEAST[name]} == {}
    lists = {path.with_suffix("") for path in FOLDER.glob("*/*.txt") if path.is_file()}
    assert lists == set(FIXTURES)


if __name__ == "__main__":
    for each in FIXTURES:
        with tempfile.TemporaryDirectory() as folder:
            made = listing(each, Path(folder))
        each.with_name(f"{each.name}.txt").write_text(made, encoding="utf-8")
