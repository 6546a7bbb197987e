"""Terraform of public repositories: read without a crash, every place holds its value."""

from __future__ import annotations

from pathlib import Path

import pytest

from redislint.audit.facts import facts
from redislint.model import REDACTED, Setting

CORPUS = Path(__file__).parents[3] / "../shared/corpus/terraform"

pytestmark = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the corpus of real files is not beside this checkout (../shared)"
)


def files() -> list[Path]:
    return sorted(CORPUS.glob("*.tf")) if CORPUS.is_dir() else []


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name[-60:])
def test_every_place_holds_its_value(path: Path) -> None:
    report = facts([path])
    assert not report.errors
    lines = path.read_text(encoding="utf-8").split("\n")
    for target in report.targets:
        for setting in target.settings:
            assert _is_at_its_place(setting, lines), (target.id, setting)


def _is_at_its_place(setting: Setting, lines: list[str]) -> bool:
    span = setting.span
    if span is None or span.line != span.end_line:
        return span is not None
    text = lines[span.line - 1][span.column - 1 : span.end_column - 1]
    if not setting.known or setting.text == REDACTED:
        return bool(text) and text == text.strip()
    return text == setting.text or text.endswith((".id", ".name"))


def test_most_files_hold_something() -> None:
    found = [path for path in files() if facts([path]).targets]
    assert len(found) >= len(files()) - 3
