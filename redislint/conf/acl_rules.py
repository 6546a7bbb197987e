"""The words of an ACL `user` line, classified without the grammar.

`conf.acl_grammar` is the specification of this little language; this module reads
the same rules in one pass and a property test holds the two against each other.
How the language differs between versions stands in one table, `AclDialect`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from redislint.model import Server


@dataclass(frozen=True, slots=True)
class AclDialect:
    """What the ACL language is on one range of versions.

    channels: `&pattern`, `allchannels`, `resetchannels`, and the sanitize words.
    all_channels: a new user may use every channel unless `acl-pubsub-default` says
        otherwise.
    selectors: `(...)`, `clearselectors`, `%R~`, real subcommands, and no user twice.
    databases: `db=`, `alldbs`, `resetdbs`.
    permissions: how `%` is read: `loose` (letters may be missing), `bare` (they may
        be missing only where nothing follows), `required`.
    restarts: a second word that opens a selector drops the one still open.
    argument_of_whole_command: `+command|argument` is refused where the whole command
        is already allowed.
    last_bar: `+a|b|c` is cut at the last bar, before at the first.
    text_after_quote: inside a selector text may follow a closing quote.
    sentinel_users: sentinel mode creates users, with the commands of a sentinel;
        before, it only read their lines.
    """

    channels: bool
    all_channels: bool
    selectors: bool
    databases: bool
    permissions: str
    restarts: bool
    argument_of_whole_command: bool
    last_bar: bool
    text_after_quote: bool
    sentinel_users: bool
    words: frozenset[bytes]


class Rule(NamedTuple):
    """One rule: its kind, what it is about, and for keys the permissions (`RW`)."""

    kind: str
    value: bytes = b""
    permissions: str = ""


class Merged(NamedTuple):
    """One rule as the server sees it: its text, and where each argument that it was
    joined from begins in it (index of the argument, offset in the text)."""

    text: bytes
    parts: tuple[tuple[int, int], ...]

    def argument_at(self, offset: int) -> int:
        """The index of the argument that holds the byte at `offset` of the text."""
        return max((start, index) for index, start in self.parts if start <= offset)[1]


_BASIC = (b"on off nopass resetpass reset allkeys resetkeys allcommands nocommands").split()
_CHANNELS = b"allchannels resetchannels sanitize-payload skip-sanitize-payload".split()
_SELECTORS = (b"clearselectors",)
_DATABASES = (b"alldbs", b"resetdbs")

_SAME = {
    b"~*": "allkeys",
    b"&*": "allchannels",
    b"+@all": "allcommands",
    b"-@all": "nocommands",
}
_PERMISSIONS = re.compile(rb"%(R?W?|WR)(?:~([\s\S]*))?\Z", re.IGNORECASE)
_OPERANDS = {
    b">": "add-password",
    b"#": "add-hash",
    b"<": "remove-password",
    b"!": "remove-hash",
    b"~": "key",
    b"+": "allow-command",
    b"-": "deny-command",
}


@lru_cache(maxsize=64)
def dialect(server: Server) -> AclDialect:
    """The ACL language of `server`; versions that were not measured follow the nearest
    older one. Servers before redis 6.0 have none: they read as 6.0."""
    valkey = server.engine == "valkey"
    version = server.version[:2]
    since = (7, 2) if valkey else version
    v62, v7 = since >= (6, 2), since >= (7, 0)
    required = version >= ((8, 1) if valkey else (8, 0))
    databases = valkey and version >= (9, 1)
    words = [*_BASIC]
    words += _CHANNELS if v62 else ()
    words += _SELECTORS if v7 else ()
    words += _DATABASES if databases else ()
    return AclDialect(
        channels=v62,
        all_channels=v62 and not v7,
        selectors=v7,
        databases=databases,
        permissions="required" if required else "bare" if since >= (7, 2) else "loose",
        restarts=v7 and since < (7, 2),
        argument_of_whole_command=not v62,
        last_bar=v7,
        text_after_quote=databases,
        sentinel_users=v62,
        words=frozenset(words),
    )


def classify(text: bytes, dialect: AclDialect) -> Rule:
    """What kind of rule `text` is, `unknown` where it is none.

    The servers compare words, commands and categories as C strings: a NUL byte ends
    them. Patterns, passwords and hashes are taken with every byte.
    """
    if not text:
        return Rule("nothing")
    word = text.partition(b"\0")[0]
    lower = word.lower()
    same = _SAME.get(lower)
    if same is not None and (same != "allchannels" or dialect.channels):
        return Rule(same)
    if lower in dialect.words:
        return Rule(lower.decode("ascii"))
    if dialect.databases and lower.startswith(b"db="):
        return Rule("databases", word[3:])
    first = text[:1]
    if first in b"+-" and word[1:2] == b"@":
        return Rule("allow-category" if first == b"+" else "deny-category", word[2:])
    kind = _OPERANDS.get(first)
    if kind is not None:
        value = word[1:] if first in b"+-" else text[1:]
        return Rule(kind, value, "RW" if kind == "key" else "")
    if first == b"&" and dialect.channels:
        return Rule("channel", text[1:])
    if dialect.selectors:
        if first == b"%":
            return _key_with_permissions(text, dialect)
        if first == b"(" and text.endswith(b")"):
            return Rule("selector", text[1:-1])
    return Rule("unknown", word)


def _key_with_permissions(text: bytes, dialect: AclDialect) -> Rule:
    match = _PERMISSIONS.match(text)
    if match is None:
        return Rule("unknown", text.partition(b"\0")[0])
    letters, pattern = match.groups()
    if not letters and (
        dialect.permissions == "required" or (dialect.permissions == "bare" and pattern is not None)
    ):
        return Rule("unknown", text.partition(b"\0")[0])
    return Rule("key", pattern or b"", "".join(sorted(letters.decode("ascii").upper())))


def merge(args: Sequence[bytes], dialect: AclDialect) -> tuple[list[Merged], int | None]:
    """Join the words of a selector that is spread over several arguments.

    Gives the rules and, where a parenthesis is never closed, the index of the argument
    that opens it (then the server takes none of the rules).
    """
    rules: list[Merged] = []
    opened: int | None = None
    text, parts = b"", [(0, 0)]
    for index, word in enumerate(args):
        opens = dialect.selectors and word[:1] == b"(" and word[-1:] != b")"
        if opens and (opened is None or dialect.restarts):
            opened, text, parts = index, word, [(index, 0)]
        elif opened is not None:
            parts.append((index, len(text) + 1))
            text += b" " + word.partition(b"\0")[0]
            if word[-1:] == b")":
                rules.append(Merged(text, tuple(parts)))
                opened = None
        else:
            rules.append(Merged(word, ((index, 0),)))
    return rules, opened


def inner_rules(text: bytes, dialect: AclDialect) -> list[tuple[bytes, int]]:
    """The rules inside a selector's parentheses, each with its offset in `text`.

    A selector whose quotes are not balanced holds no rules at all: the servers take
    it without a word.
    """
    from redislint.conf.words import split_tokens

    before = text.partition(b"\0")[0]
    tokens = split_tokens(before, lenient=dialect.text_after_quote)
    return [(token[0], token[1]) for token in tokens or ()]
