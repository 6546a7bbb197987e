"""Reading files of a host, and keeping why some could not be read."""

from __future__ import annotations

import os
import re
import time


class Host:
    """Reads below `root`, which stands for `/` in tests; collects what it could not read."""

    def __init__(self, root: str = "/", now: float | None = None) -> None:
        self.root = root
        self.now = time.time() if now is None else now
        self.unknown: dict[str, str] = {}

    def path(self, *parts: str) -> str:
        return os.path.join(self.root, *[part.lstrip("/") for part in parts])

    def text(self, name: str, *facts: str) -> str | None:
        """A file below the root; None, and a reason for `facts`, when it cannot be read."""
        try:
            with open(self.path(name), encoding="utf-8", errors="replace") as file:
                return file.read()
        except OSError as error:
            for fact in facts:
                self.missing(fact, f"{name}: {error.strerror or error}")
            return None

    def missing(self, fact: str, reason: str) -> None:
        self.unknown.setdefault(fact, reason)

    def number(self, name: str, fact: str) -> int | None:
        text = self.text(name, fact)
        if text is None:
            return None
        try:
            return int(text.split()[0])
        except (ValueError, IndexError):
            self.missing(fact, f"{name}: no number")
            return None


def read(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return None  # the root cgroup, for one, has no limit files


def names(path: str) -> list[str]:
    try:
        return sorted(os.listdir(path))
    except OSError:
        return []  # reported where the directory itself is looked at


def user(host: Host, uid: int | None) -> str | None:
    if uid is None:
        return None
    text = host.text("etc/passwd") or ""
    found = re.search(rf"^([^:\n]+):[^:\n]*:{uid}:", text, re.MULTILINE)
    return found.group(1) if found else str(uid)
