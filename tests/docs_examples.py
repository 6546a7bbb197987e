"""Runs the examples of README.md and docs/*.md, and rewrites their output on request.

A fenced block is an example when its language is one of these:

- `sh`: every line is a command that must exit 0, or with the code that a trailing
  `# exit N` names;
- `console`: lines that start with `$ ` are commands, what follows is their output
  (both streams); a line `...` stands for any number of lines;
- `pycon`: an interactive Python session, compared as doctest does.

A comment `<!-- not run: REASON -->` on the line above the block exempts it. The
commands run in a folder that holds a copy of `examples/` and `docs/samples/`.

    python tests/docs_examples.py        rewrite the output of every console example
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 60
_FENCE = re.compile(
    r"(?:^<!-- not run: (?P<reason>.+?) -->\n)?^```(?P<language>\w+)\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_EXIT = re.compile(r"\s+# exit (\d+)$")


@dataclass(frozen=True)
class Example:
    """One fenced block: where it stands, its language and its text."""

    path: Path
    line: int
    language: str
    body: str
    start: int
    end: int
    exempt: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT).as_posix()}:{self.line}"


def pages() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]


def examples(path: Path) -> list[Example]:
    """The fenced blocks of one page that claim to be runnable."""
    text = path.read_text(encoding="utf-8")
    return [
        Example(
            path=path,
            line=text.count("\n", 0, match.start("body")),
            language=match["language"],
            body=match["body"],
            start=match.start("body"),
            end=match.end("body"),
            exempt=match["reason"] or "",
        )
        for match in _FENCE.finditer(text)
        if match["language"] in ("sh", "console", "pycon")
    ]


def commands(example: Example) -> list[tuple[str, int]]:
    """The commands of an `sh` block with the exit code that each must have."""
    found = []
    for line in example.body.splitlines():
        if line.strip() and not line.startswith("#"):
            code = _EXIT.search(line)
            found.append((_EXIT.sub("", line), int(code[1]) if code else 0))
    return found


def session(example: Example) -> list[tuple[str, str]]:
    """The commands of a `console` block with the output written under each."""
    parts = re.split(r"^\$ (.*)\n", example.body, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def sandbox(place: Path) -> None:
    """Fill an empty folder with what examples may name."""
    shutil.copytree(ROOT / "examples", place / "examples")
    tools = place / ".bin"
    tools.mkdir()
    shim = tools / "redislint"
    shim.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m redislint "$@"\n')
    shim.chmod(0o755)


def samples(place: Path) -> None:
    """Add the samples that belong to single pages."""
    shutil.copytree(ROOT / "docs" / "samples", place / "docs" / "samples")


def run(command: str, place: Path) -> subprocess.CompletedProcess[str]:
    """Run one shell command in the sandbox, both streams together."""
    environment = {
        **os.environ,
        "PATH": f"{place / '.bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "XDG_CACHE_HOME": str(place / ".cache"),
        "COLUMNS": "100",
    }
    return subprocess.run(
        ["bash", "-c", command],
        cwd=place,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )


def matches(expected: str, actual: str) -> bool:
    """Whether the output is the expected one; a line `...` stands for any lines."""
    pattern = "".join(
        "(?:.*\n)*?" if line == "..." else re.escape(line) + "\n" for line in expected.splitlines()
    )
    return (
        re.fullmatch(pattern, actual if actual.endswith("\n") or not actual else f"{actual}\n")
        is not None
    )


def rewrite(path: Path) -> None:
    """Put the real output under every command of a page that is not abridged by `...`."""
    text = path.read_text(encoding="utf-8")
    for example in reversed(examples(path)):
        if example.language != "console" or example.exempt:
            continue
        with tempfile.TemporaryDirectory() as folder:
            sandbox(Path(folder))
            samples(Path(folder))
            body = ""
            for command, expected in session(example):
                actual = run(command, Path(folder)).stdout
                kept = (
                    expected
                    if matches(expected, actual) or "\n...\n" in f"\n{expected}"
                    else actual
                )
                body += f"$ {command}\n{kept}"
        text = text[: example.start] + body + text[example.end :]
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for page in pages():
        rewrite(page)
