"""The tutorial, followed from top to bottom in one folder: files written, output compared.

    python tests/e2e/test_tutorial_policy.py     rewrite the output of its commands

Blocks under `<!-- file: NAME -->` are written to that file, those under
`<!-- append: NAME -->` added to it; `shellsession` blocks are commands and what they show,
where a line `...` stands for any lines.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from tests import docs_examples  # noqa: E402 (a script finds it by the line above)

PAGE = ROOT / "docs" / "tutorial-policy.md"
_BLOCK = re.compile(
    r"(?:^<!-- (?P<verb>file|append): (?P<name>\S+) -->\n)?"
    r"^```(?P<language>\w*)\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Step:
    """One command, the output written under it, the real one."""

    command: str
    written: str
    shown: str


def follow(text: str, place: Path) -> Iterator[tuple[re.Match[str], list[Step]]]:
    """Do what each block says, in order; the steps of each block of commands."""
    docs_examples.sandbox(place)
    shutil.rmtree(place / "examples")
    for block in _BLOCK.finditer(text):
        if block["name"]:
            _write(place / block["name"], block["body"], append=block["verb"] == "append")
        elif block["language"] == "shellsession":
            parts = re.split(r"^\$ (.*)\n", block["body"], flags=re.MULTILINE)
            commands = zip(parts[1::2], parts[2::2], strict=True)
            yield (
                block,
                [
                    Step(command, written, docs_examples.run(command, place).stdout)
                    for command, written in commands
                ],
            )
        else:
            raise AssertionError(f"neither a file nor commands: {block[0]}")


def _write(path: Path, text: str, *, append: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text((path.read_text(encoding="utf-8") if append else "") + text, encoding="utf-8")


def test_every_step_shows_what_is_written(tmp_path: Path) -> None:
    count = 0
    for _, steps in follow(PAGE.read_text(encoding="utf-8"), tmp_path):
        for step in steps:
            count += 1
            assert docs_examples.matches(step.written, step.shown), (
                f"{step.command}\n--- written\n{step.written}--- shown\n{step.shown}"
            )
    assert count > 10


def rewrite() -> None:
    """Put the real output under every command whose output is not abridged by `...`."""
    text = PAGE.read_text(encoding="utf-8")
    result, end = "", 0
    with tempfile.TemporaryDirectory() as folder:
        for block, steps in follow(text, Path(folder)):
            result += text[end : block.start("body")]
            for step in steps:
                abridged = "...\n" in step.written
                result += f"$ {step.command}\n{step.written if abridged else step.shown}"
            end = block.end("body")
    PAGE.write_text(result + text[end:], encoding="utf-8")


if __name__ == "__main__":
    rewrite()
