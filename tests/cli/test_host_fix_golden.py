"""Golden fixes of every form in which host files hold a configuration.

`python -m tests.cli.test_host_fix_golden` writes them anew after a wanted change; read the
difference before you commit it.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from redislint.cli.errors import guarded
from redislint.cli.group import cli

FOLDER = Path(__file__).parents[1] / "golden" / "fixes"
RULES = "syntax,persistence,RL305,RL212,RL205"
"""The rules whose fixes are shown: those of the text, and what a queue needs."""
WAYS = {"safe": ("--diff",), "unsafe": ("--diff", "--unsafe-fixes")}


def repository(folder: Path) -> Path:
    """A copy of the files, as a repository of its own."""
    path = folder / "repository"
    shutil.copytree(FOLDER / "repository", path)
    (path / ".git").mkdir()
    return path


def said(path: Path, *options: str) -> str:
    """What a check of a repository with these options writes to both streams."""
    before = Path.cwd()
    os.chdir(path)
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    err = io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            guarded(cli, ["check", ".", "--select", RULES, *options])
    finally:
        os.chdir(before)
    out.seek(0)
    return out.read() + err.getvalue()


def contents(path: Path) -> dict[str, bytes]:
    return {
        str(one.relative_to(path)): one.read_bytes() for one in path.rglob("*") if one.is_file()
    }


@pytest.mark.parametrize("way", WAYS)
def test_difference(tmp_path: Path, way: str) -> None:
    made = said(repository(tmp_path), *WAYS[way])
    kept = (FOLDER / f"{way}.diff").read_text(encoding="utf-8")
    assert made == kept, "a wanted change? python -m tests.cli.test_host_fix_golden writes it"


def test_what_is_shown_is_what_is_written_and_is_written_once(tmp_path: Path) -> None:
    path = repository(tmp_path)
    difference = said(path, *WAYS["unsafe"])
    before = contents(path)
    said(path, "--unsafe-fixes")
    after = contents(path)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {line[6:] for line in difference.splitlines() if line.startswith("+++ b/")}
    assert "fixed 0 findings" in said(path, "--unsafe-fixes")
    assert contents(path) == after


def main() -> None:
    for way, options in WAYS.items():
        with tempfile.TemporaryDirectory() as folder:
            text = said(repository(Path(folder)), *options)
        (FOLDER / f"{way}.diff").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
