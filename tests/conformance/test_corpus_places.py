"""Real host files of public repositories: each span is the text that it speaks of."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from redislint.audit.facts import facts
from redislint.model import REDACTED, Setting, Span

CORPUS = Path(__file__).parents[2] / "../shared/corpus"
FOLDERS = ("compose", "kubernetes", "templates")

pytestmark = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the corpus of real files is not beside this checkout (../shared)"
)

LEAST = {"compose": 70, "kubernetes": 40, "templates": 700}
"""Settings found at least, so that finding nothing is no success."""


def _text(span: Span, top: Path) -> str:
    lines = (top / span.path).read_text(encoding="utf-8").split("\n")[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return "\n".join(lines)


def _words(text: str) -> list[str]:
    """The words of a value without the quotes and marks of lists around them, and a class of
    clients as the server calls it."""
    text = re.sub(r"^replica\b", "slave", text)
    found = re.sub(r"[\"'\\\\]", "", text).replace(",", " ").split()
    return [word for word in found if word != "-"]


def _says(setting: Setting, text: str) -> bool:
    """Whether the text of a span is the value; a size may have its unit."""
    if REDACTED in setting.text:
        return bool(text.strip())
    written, read = _words(text), _words(setting.text)
    if setting.name.startswith("sentinel ") and len(read) == len(written) + 1:
        # Values of charts keep the name of the watched master in a key of its own.
        read = read[1:]
    return len(written) == len(read) and all(
        one == other or (one[0].isdigit() and other.isdigit())
        for one, other in zip(written, read, strict=True)
    )


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_span_is_the_value(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CORPUS / folder)
    report = facts()
    settings = [setting for target in report.targets for setting in target.settings]
    assert len(settings) >= LEAST[folder]
    wrong = []
    for setting in settings:
        assert setting.span is not None
        path = setting.span.path
        top = next(
            p for p in (CORPUS / folder, *Path.cwd().resolve().parents) if (p / path).exists()
        )
        text = _text(setting.span, top)
        if not _says(setting, text):
            wrong.append((setting.name, setting.text, text, setting.span))
    assert wrong == []
