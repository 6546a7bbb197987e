"""CloudFormation of public repositories: read without a crash, every place holds its value."""

from __future__ import annotations

from pathlib import Path

import pytest

from redislint.audit.facts import facts
from redislint.model import REDACTED, Setting

CORPUS = Path(__file__).parents[3] / "../shared/corpus/cloudformation"

pytestmark = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the corpus of real files is not beside this checkout (../shared)"
)


def files() -> list[Path]:
    return sorted(CORPUS.iterdir()) if CORPUS.is_dir() else []


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name[-60:])
def test_every_place_holds_its_value(path: Path) -> None:
    report = facts([path])
    assert not report.errors
    assert report.targets
    lines = path.read_text(encoding="utf-8").split("\n")
    for target in report.targets:
        assert target.settings
        for setting in target.settings:
            assert _is_at_its_place(setting, lines), (target.id, setting)


def _is_at_its_place(setting: Setting, lines: list[str]) -> bool:
    span = setting.span
    if span is None:
        return False
    text = lines[span.line - 1][span.column - 1 :]
    if span.line == span.end_line:
        text = text[: span.end_column - span.column]
    called = text.startswith(("!", "{"))
    if not setting.known or setting.text == REDACTED:
        return bool(text) and text == text.strip()
    return text == setting.text or called
