"""Which credentials stand in a configuration, and which of them are easy to guess.

Only names leave this module (`requirepass`, `user alice`); no password, no hash, no length.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from redislint.conf import placeholders
from redislint.conf.acl_state import shown
from redislint.conf.passwords import is_weak
from redislint.conf.resolve import Configuration

LOGIN = ("requirepass", "masterauth")
"""Directives whose value is a password that servers take over the network."""

KEY_FILE = ("tls-key-file-pass", "tls-client-key-file-pass")
"""Directives whose value opens a key file beside the server."""


class Literal(NamedTuple):
    """A credential written out: its name, and the file it stands in ("" where unknown)."""

    name: str
    path: str


def weak_directives(conf: Configuration) -> list[str]:
    """The directives in effect whose password is easy to guess, as they are written."""
    return [
        conf[name].name
        for name in LOGIN
        if name in conf and (text := conf.config_get(name)) and _is_literal(name, text.encode())
        if is_weak(text.encode("utf-8", "surrogateescape"))
    ]


def literals(conf: Configuration) -> Iterator[Literal]:
    """Every credential that is readable to who reads the file: no hash, no placeholder."""
    for name in (*LOGIN, *KEY_FILE):
        text = conf.config_get(name) if name in conf and conf.is_set(name) else None
        if text and _is_literal(name, text.encode("utf-8", "surrogateescape")):
            setting = conf[name]
            yield Literal(setting.name, setting.span.path if setting.span else "")
    for _, line, args, _ in conf.user_lines:
        if any(_is_password(word) for word in args[1:]):
            yield Literal(f"user {shown(args[0])}", line.span().path)


def literal_users(data: bytes) -> list[str]:
    """Users of an ACL file whose password stands there written out."""
    from redislint.conf.acl import file_lines

    words = [line.split(b" ") for _, line in file_lines(data)]
    return [
        shown(parts[1])
        for parts in words
        if parts[0] == b"user" and len(parts) > 1 and any(map(_is_password, parts[2:]))
    ]


def _is_password(rule: bytes) -> bool:
    return rule[:1] == b">" and len(rule) > 1 and _is_literal("user", rule[1:])


def _is_literal(name: str, text: bytes) -> bool:
    return placeholders.find(name, text) is None
