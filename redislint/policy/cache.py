"""Compiled policies kept in the user's cache directory, found by content.

The name of a cache file is a hash of what it was compiled from, so a changed policy,
schema or redislint version simply finds no file. A cache that cannot be read or
written, or that is damaged, costs time and is never an error. It holds what policy
files hold and nothing of any audited configuration.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from typing import Any

MAX_FILES = 64
FORMAT = "1"
"""Changes when the shape of the cached data changes."""


def directory() -> str:
    """Where caches live: `REDISLINT_CACHE_DIR`, else the platform's user cache folder.

    "" when there is no home to have one in.
    """
    chosen = os.environ.get("REDISLINT_CACHE_DIR")
    if chosen is not None:
        return chosen
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):
        home = os.path.expanduser("~")
        if not os.path.isabs(home):
            return ""
        if sys.platform == "win32":
            base = os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
        elif sys.platform == "darwin":
            base = os.path.join(home, "Library", "Caches")
        else:
            base = os.path.join(home, ".cache")
    return os.path.join(base, "redislint")


def key(version: str, parts: Iterable[tuple[str, bytes]]) -> str:
    """A name for what was compiled from these (name, content) parts."""
    from hashlib import blake2b

    digest = blake2b(f"{FORMAT}\0{version}".encode(), digest_size=16)
    for name, content in parts:
        digest.update(f"\0{name}\0{len(content)}\0".encode("utf-8", "surrogateescape"))
        digest.update(content)
    return digest.hexdigest()


def read(name: str) -> Any:
    """What was stored under a key, or None."""
    folder = directory()
    if not folder:
        return None
    try:
        with open(os.path.join(folder, f"{name}.json"), "rb") as file:
            return json.loads(file.read())
    except (OSError, ValueError, RecursionError):
        return None


def write(name: str, value: Any) -> None:
    """Store JSON values under a key; readers see the whole of it or nothing."""
    folder = directory()
    if not folder:
        return
    target = os.path.join(folder, f"{name}.json")
    draft = os.path.join(folder, f".{name}.{os.getpid()}")
    try:
        text = json.dumps(value, separators=(",", ":"), allow_nan=False)
        os.makedirs(folder, mode=0o700, exist_ok=True)
        with open(draft, "w", encoding="ascii") as file:
            file.write(text)
        os.replace(draft, target)
        _prune(folder)
    except (OSError, ValueError, TypeError):
        # No place for a cache, or values JSON cannot hold: the next run compiles again.
        _remove(draft)


def _prune(folder: str) -> None:
    """Take away the oldest files beyond MAX_FILES: what changed is never read again."""
    files = [os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".json")]
    if len(files) > MAX_FILES:
        files.sort(key=os.path.getmtime)
        for path in files[: len(files) - MAX_FILES]:
            _remove(path)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return
