"""The pipelines of docs/ci.md: well-formed, and their commands make what they upload."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests import docs_examples


def blocks(root: Path, language: str) -> list[str]:
    text = (root / "docs" / "ci.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    docs_examples.sandbox(tmp_path)
    return tmp_path


def runs(command: str, place: Path) -> str:
    """The command with its working directory a folder that has findings."""
    result = docs_examples.run(f'GITHUB_STEP_SUMMARY="$PWD/summary.md"; {command}', place)
    assert result.returncode == 1, result.stdout
    return result.stdout


def test_github(root: Path, place: Path) -> None:
    workflow: Any = YAML(typ="safe").load(blocks(root, "yaml")[0])
    steps = workflow["jobs"]["redislint"]["steps"]
    (command,) = [s["run"] for s in steps if s.get("run", "").startswith("redislint ")]
    assert runs(command, place).startswith("::group::redislint\n")
    assert (place / "summary.md").read_text().startswith("### redislint: ")
    assert (place / steps[-1]["with"]["sarif_file"]).is_file()


def test_gitlab(root: Path, place: Path) -> None:
    job: Any = YAML(typ="safe").load(blocks(root, "yaml")[1])["redislint"]
    runs(job["script"][0], place)
    for file in job["artifacts"]["reports"].values():
        assert (place / file).is_file()


def test_jenkins(root: Path, place: Path) -> None:
    (pipeline,) = blocks(root, "groovy")
    (command,) = re.findall("sh '(.*)'", pipeline)
    runs(command, place)
    for file in re.findall(r"(?:junit |pattern: )'(.*?)'", pipeline):
        assert (place / file).is_file()
