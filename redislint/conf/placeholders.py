"""Text that some tool should have replaced before the server reads it.

Servers expand nothing: `${PORT}` is a value of seven characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# Bounded, so that a line of openings alone costs no more than any other.
_VARIABLE = rb"""
      \$\{[A-Za-z_][^}\s]{0,400}\}
    | \$\([A-Za-z_][^)]{0,400}\)
    | (?<![^\s"'=:/>]) \$[A-Z_][A-Z0-9_]{2,} (?![^\s"'/:.-])
    | %\([A-Za-z_]\w{0,400}\)s
    | (?<![^\s"'/:>]) __[A-Z][A-Z0-9_]*?__ (?![^\s"'/:])
    | (?<![^\s"'/:>]) %[A-Z][A-Z0-9_]+% (?![^\s"'/:])
    | (?<![^\s"'/:>]) @[A-Z][A-Z0-9_]+@ (?![^\s"'/:])
"""
_TAG = rb"""
      \{\{.{0,400}?\}\}
    | \{%.{0,400}?%\}
    | <%.{0,400}?%>
"""
_VARIABLES = re.compile(_VARIABLE, re.VERBOSE)
_PLACEHOLDER = re.compile(_VARIABLE + b"|" + _TAG, re.VERBOSE)
_ANGLES = re.compile(rb"""(?<![^\s"'])<[A-Za-z][A-Za-z0-9_ -]*>(?![^\s"'])""")

_DEFAULT = re.compile(rb"[:?\-+=].*(?=\})", re.DOTALL)

OWN_BRACES = "proc-title-template"
"""The one directive that has variables of its own, in braces."""


def find(name: str, text: bytes) -> bytes | None:
    """The first placeholder in the text of a line whose directive is `name`.

    `<word>` counts except after `user`, where it takes a password away. What a shell
    would use by default (`${PORT:-6379}`) is left out of the result.
    """
    match = _PLACEHOLDER.search(text)
    if match and match.group().startswith(b"{") and name == OWN_BRACES:
        match = None
    if match is None and name != "user":
        match = _ANGLES.search(text)
    return _DEFAULT.sub(b"", match.group(), count=1) if match else None


def variables(text: bytes) -> Iterator[tuple[int, int]]:
    """Where variables stand in a whole text: the placeholders that are no tags."""
    return (match.span() for match in _VARIABLES.finditer(text))
