"""MkDocs calls this: pages made from the code and its data join those that people write."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))  # hooks are loaded by path, outside of any package


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages."""
    for path, text in generated():
        files.append(File.generated(config, path, content=text))
    return files


def generated() -> Iterator[tuple[str, str]]:
    """Each generated page: its path below docs/ and its Markdown."""
    from docsite import command_line, compliance, directives, facts, rules

    yield "reference/command-line.md", command_line.page()
    yield "reference/facts.md", facts.page()
    yield "reference/coverage.md", compliance.page()
    yield from rules.pages()
    yield from directives.pages()
