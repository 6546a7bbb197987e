"""Where a project's configuration lies; apart from reading it, which most runs do not need."""

from __future__ import annotations

import os

NAMES = ("redislint.yaml", "redislint.yml", ".redislint.yaml")


def discover(start: str) -> str | None:
    """The redislint.yaml of the nearest folder at or above `start`, or None.

    The search ends at a repository's root (a folder with `.git`).
    """
    folder = os.path.abspath(start)
    if not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    while True:
        for name in NAMES:
            candidate = os.path.join(folder, name)
            if os.path.isfile(candidate):
                return candidate
        above = os.path.dirname(folder)
        if above == folder or os.path.exists(os.path.join(folder, ".git")):
            return None
        folder = above
