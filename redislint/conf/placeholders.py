"""Text that some tool should have replaced before the server reads it.

Servers expand nothing: `${PORT}` is a value of seven characters.
"""

from __future__ import annotations

import re

_PLACEHOLDER = re.compile(
    rb"""
      \$\{[A-Za-z_][^}\s]*\}
    | \$\([A-Za-z_][^)]*\)
    | (?<![^\s"'=:/>]) \$[A-Z_][A-Z0-9_]{2,} (?![^\s"'/:.-])
    | \{\{.*?\}\}
    | \{%.*?%\}
    | <%.*?%>
    | %\([A-Za-z_]\w*\)s
    | (?<![^\s"'/:>]) __[A-Z][A-Z0-9_]*?__ (?![^\s"'/:])
    | (?<![^\s"'/:>]) %[A-Z][A-Z0-9_]+% (?![^\s"'/:])
    | (?<![^\s"'/:>]) @[A-Z][A-Z0-9_]+@ (?![^\s"'/:])
    """,
    re.VERBOSE,
)
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
