"""Path globs of redislint.yaml: `**/ledger*.conf`, `conf/*.conf`, `cache.conf`."""

from __future__ import annotations

import re
from functools import lru_cache


def matches(pattern: str, path: str) -> bool:
    """Whether a path (relative to the pattern's folder, with `/`) fits a glob.

    `*` and `?` stay within a folder, `**` crosses folders, `[ab]` is one of some
    characters. A pattern without `/` fits the file's name in any folder; one that ends
    in `/`, or fits a folder above, fits everything below it.
    """
    return _compiled(pattern).fullmatch(path) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    body = pattern.removeprefix("./").strip("/")
    anywhere = "" if "/" in pattern.removeprefix("./").rstrip("/") else "(?:.*/)?"
    return re.compile(anywhere + _translate(body) + "(?:/.*)?", re.DOTALL)


def _translate(pattern: str) -> str:
    parts = []
    at = 0
    while at < len(pattern):
        if pattern.startswith("**/", at):
            parts.append("(?:.*/)?")
            at += 3
        elif pattern.startswith("**", at):
            parts.append(".*")
            at += 2
        elif pattern[at] == "*":
            parts.append("[^/]*")
            at += 1
        elif pattern[at] == "?":
            parts.append("[^/]")
            at += 1
        elif pattern[at] == "[" and "]" in pattern[at + 2 :]:
            end = pattern.index("]", at + 2)
            inside = pattern[at + 1 : end]
            negated = inside.startswith("!")
            inside = inside.removeprefix("!").replace("\\", "\\\\").replace("[", "\\[")
            parts.append(f"[{'^' if negated else ''}{inside}]")
            at = end + 1
        else:
            parts.append(re.escape(pattern[at]))
            at += 1
    return "".join(parts)
