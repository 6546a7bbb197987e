"""The collector as a single file that needs nothing but Python."""

from __future__ import annotations

import ast
from pathlib import Path

MODULES = ("reading", "kernel", "limits", "disk", "files", "process", "collector")
"""The modules of the collector, each after those that it imports."""

HEAD = '''"""Facts of the host of Redis and Valkey servers, read from /proc and /sys.

Made by `redislint facts host --script` (redislint {version}). Needs nothing but Python 3.7 or
later on Linux and changes nothing: `ssh HOST python3 - < host.py > host.json`.
"""

from __future__ import annotations

'''

TAIL = """
if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
"""


def script() -> str:
    """The source of the single file."""
    from redislint.version import VERSION

    imports: set[str] = set()
    bodies = []
    for name in MODULES:
        source = Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8")
        bodies.append(_without_imports(source, imports))
    head = HEAD.format(version=VERSION) + "\n".join(sorted(imports)) + "\n"
    return head + "".join(bodies) + TAIL


def _without_imports(source: str, imports: set[str]) -> str:
    """A module without its docstring and imports; those of the library go into `imports`."""
    lines = source.splitlines(keepends=True)
    kept = 0
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import):
            imports.add(ast.unparse(node))
        elif isinstance(node, ast.ImportFrom):
            if node.module != "__future__" and not str(node.module).startswith("redislint."):
                imports.add(ast.unparse(node))
        elif not isinstance(node, ast.Expr) or kept:
            break
        kept = node.end_lineno or 0
    return "\n\n" + "".join(lines[kept:]).strip("\n") + "\n"
