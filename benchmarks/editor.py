"""How long the language server takes to answer a change.

    python3 dev.py setup && .venv/bin/python -m benchmarks.editor FILE

FILE is a redis.conf of any length. A real client types and deletes a character in its
middle a hundred times; printed are the times from the change to the diagnostics.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from lsprotocol.types import Position, Range

from tests.lsp.conftest import Editor

EDITS = 100


def main(path: str) -> None:
    source = Path(path).read_text(encoding="utf-8")
    middle = source.count("\n") // 2
    before, after = Position(middle, 0), Position(middle, 1)
    for name, options in (
        ("every supported version", None),
        ("one version", {"server": "redis-7.2"}),
        ("strict profile", {"profile": "strict"}),
    ):
        times = []
        with tempfile.TemporaryDirectory() as folder:
            editor = Editor(Path(folder), options)
            file = Path(folder, "redis.conf")
            file.write_text(source, encoding="utf-8")
            editor.open(file, source)
            for number in range(EDITS):
                place, new = (
                    (Range(before, before), "x")
                    if number % 2 == 0
                    else (
                        Range(before, after),
                        "",
                    )
                )
                start = time.perf_counter()
                editor.replace(file, place, new)
                times.append(time.perf_counter() - start)
            editor.close()
        times.sort()
        median, worst = statistics.median(times) * 1000, times[-1] * 1000
        print(f"{name}: median {median:.1f} ms, worst {worst:.1f} ms, {EDITS} edits")


if __name__ == "__main__":
    main(sys.argv[1])
