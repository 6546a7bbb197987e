"""What tests of host files share: a repository in a folder, and the settings in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from redislint.audit.facts import FactsReport, facts
from redislint.model import Setting, Target


class Repository(NamedTuple):
    """Files below a folder, and what `redislint facts` says of them."""

    path: Path
    report: FactsReport

    def target(self, name: str) -> Target:
        """The target with that address within its file."""
        return next(t for t in self.report.targets if t.id.endswith(f"#{name}"))

    def settings(self, name: str) -> list[tuple[str, str]]:
        """Directives and values of a target, `?` for a value that is not known."""
        return [(s.name, s.text if s.known else "?") for s in self.target(name).settings]

    def spanned(self, name: str) -> list[tuple[str, str]]:
        """Directives of a target, and the text of the file at the place of each value."""
        return [(s.name, self.text_at(s)) for s in self.target(name).settings]

    def text_at(self, setting: Setting) -> str:
        span = setting.span
        assert span is not None
        lines = (self.path / span.path).read_text(encoding="utf-8").split("\n")
        if span.line == span.end_line:
            return lines[span.line - 1][span.column - 1 : span.end_column - 1]
        first, last = lines[span.line - 1], lines[span.end_line - 1]
        between = lines[span.line : span.end_line - 1]
        return "\n".join([first[span.column - 1 :], *between, last[: span.end_column - 1]])


Make = Callable[[Mapping[str, str]], Repository]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Writes files into an empty repository and gathers its facts."""

    def make(files: Mapping[str, str]) -> Repository:
        (tmp_path / ".git").mkdir()
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        monkeypatch.chdir(tmp_path)
        return Repository(tmp_path, facts())

    return make
