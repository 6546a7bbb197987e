"""How reports name files: relative to the repository root, the same from anywhere."""

from __future__ import annotations

import os
from collections.abc import Sequence

from redislint.sources.discovery import is_inside, repository_root


class Paths:
    """Turns absolute paths into the names that reports use, and remembers both."""

    def __init__(self, targets: Sequence[str], cwd: str) -> None:
        """`targets`: absolute paths of what is checked; `cwd`: the working directory.

        The base is the repository that holds all targets, else the working directory.
        """
        self._base = _base(targets, cwd)
        self._names: dict[str, str] = {}
        self.originals: dict[str, str] = {}

    def name(self, path: str) -> str:
        """`path` relative to the base with forward slashes; absolute where it lies outside.

        A byte of a file name that is not UTF-8 appears as an escape such as `\\xff`.
        """
        known = self._names.get(path)
        if known is not None:
            return known
        if path.startswith("<"):
            name = path
        else:
            whole = os.path.abspath(os.path.join(self._base, path))
            inside = is_inside(whole, self._base)
            name = os.path.relpath(whole, self._base) if inside else whole
            name = name.replace(os.sep, "/")
            name = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
            self.originals[name] = whole
        self._names[path] = name
        return name


def _base(targets: Sequence[str], cwd: str) -> str:
    if targets:
        common = os.path.commonpath(targets)
        start = common if os.path.isdir(common) else os.path.dirname(common)
    else:
        start = cwd
    return repository_root(start) or cwd
