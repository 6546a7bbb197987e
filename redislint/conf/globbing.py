"""Path patterns as the C library's glob(3) reads them, in the C locale.

From Redis 7.0 on, and in every Valkey, `include` expands `*`, `?` and `[...]`. The
rules are those of POSIX: no wildcard matches a `/`, none matches a leading dot, a
backslash takes the next character as it is, `[!a]` and `[^a]` negate, `[` without a
`]` is an ordinary character, `[[:digit:]]` is a class, matches are sorted by byte.
Everything works on bytes, since the server's locale for characters is "C". Collating
symbols (`[.x.]`, `[=x=]`) are not modelled.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable

_CLASSES = {
    b"alnum": b"0-9A-Za-z",
    b"alpha": b"A-Za-z",
    b"blank": b" \\t",
    b"cntrl": b"\\x00-\\x1f\\x7f",
    b"digit": b"0-9",
    b"graph": b"!-~",
    b"lower": b"a-z",
    b"print": b" -~",
    b"punct": b"!-/:-@\\[-`{-~",
    b"space": b" \\t\\n\\v\\f\\r",
    b"upper": b"A-Z",
    b"xdigit": b"0-9A-Fa-f",
}
_LITERAL_FOLDER = re.compile(rb"[^*?\[]*/")
_LONE_BACKSLASH = re.compile(rb"(?<!\\)(?:\\\\)*\\\Z")
_BRACKET = re.compile(rb"\[([!^]?)(\]?(?:\[:[a-z]+:\]|\\.|[^\]\\])*)\]", re.DOTALL)
_BRACKET_ITEM = re.compile(rb"\[:([a-z]+):\]|(\\?.)(?:-(\\?[^\]]))?", re.DOTALL)


def has_wildcard(pattern: bytes) -> bool:
    """Whether the server takes `pattern` for a pattern: by its characters alone."""
    return b"*" in pattern or b"?" in pattern or b"[" in pattern


def expand(pattern: bytes, base: bytes, may_list: Callable[[bytes], bool]) -> list[bytes]:
    """Paths that match `pattern`, sorted by byte, with single slashes.

    A relative pattern is looked up below the directory `base`. Only directories for
    which `may_list` holds are looked into; others give no match. A directory that
    cannot be read gives no match either, as with glob(3).
    """
    literal = _LITERAL_FOLDER.match(pattern)
    root = literal.group() if literal else b""
    parts = [part for part in pattern[len(root) :].split(b"/") if part]
    root = re.sub(rb"\\(.)", rb"\1", re.sub(rb"(?<!^)/+", b"/", root), flags=re.DOTALL)
    found = [root] if os.path.isdir(os.path.join(base, root)) else []
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        found = [
            path
            for parent in found
            for path in _step(parent, part, base, may_list)
            if last or os.path.isdir(os.path.join(base, path))
        ]
    if pattern.endswith(b"/"):
        found = [path + b"/" for path in found if os.path.isdir(os.path.join(base, path))]
    return sorted(found)


def _step(
    parent: bytes, part: bytes, base: bytes, may_list: Callable[[bytes], bool]
) -> list[bytes]:
    folder = os.path.join(base, parent)
    separator = b"" if not parent or parent.endswith(b"/") else b"/"
    if _LONE_BACKSLASH.search(part):
        return []
    if not has_wildcard(part):
        path = parent + separator + re.sub(rb"\\(.)", rb"\1", part, flags=re.DOTALL)
        return [path] if may_list(folder) and os.path.lexists(os.path.join(base, path)) else []
    matches = translate(part).fullmatch
    if not may_list(folder):
        return []
    try:
        names = [*os.listdir(folder), b".", b".."]
    except OSError:
        return []
    return [parent + separator + name for name in names if matches(name)]


def translate(part: bytes) -> re.Pattern[bytes]:
    """One component of a pattern as a regular expression for whole names."""
    out = [] if part.startswith((b".", b"\\.")) else [rb"(?!\.)"]
    position = 0
    while position < len(part):
        character = part[position : position + 1]
        position += 1
        if character == b"*":
            if out[-1:] != [rb".*"]:
                out.append(rb".*")
        elif character == b"?":
            out.append(rb".")
        elif character == b"[" and (bracket := _BRACKET.match(part, position - 1)):
            out.append(_bracket(bracket.group(2), negated=bool(bracket.group(1))))
            position = bracket.end()
        elif character == b"\\" and position < len(part):
            out.append(re.escape(part[position : position + 1]))
            position += 1
        else:
            out.append(re.escape(character))
    return re.compile(b"".join(out), re.DOTALL)


def _bracket(body: bytes, *, negated: bool) -> bytes:
    """A bracket expression as a character class; an impossible one matches nothing."""
    items = []
    for match in _BRACKET_ITEM.finditer(body):
        named, low, high = match.groups()
        if named is not None:
            items.append(_CLASSES.get(named, b""))
        elif high is None:
            items.append(re.escape(low[-1:]))
        elif low[-1:] <= high[-1:]:
            items.append(re.escape(low[-1:]) + b"-" + re.escape(high[-1:]))
    inside = b"".join(items)
    if not inside:
        return b"." if negated else b"(?!)"
    return b"[^" + inside + b"]" if negated else b"[" + inside + b"]"
