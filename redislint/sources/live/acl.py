"""Users of a running server. What could serve to find a password is dropped on reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from redislint.conf.acl import parse_user
from redislint.conf.acl_grants import grants, login
from redislint.model import Server

_PASSWORD_MARKS = ("#", ">", "<", "!")
_HIDDEN = frozenset({"resetpass", "nopass", "on", "off", "sanitize-payload"})


@dataclass(frozen=True, slots=True)
class AclUser:
    """A user. `passwords` counts them; rules are sorted by what they speak of.

    `commands` holds `+@all`, `-debug`, ...; `keys` `~app:*`, `%R~x`; `channels` `&news`;
    `selectors` whole texts in parentheses; `databases` and what else a version has stand
    in `others`. `grants` is what the rules come to (`conf.acl_grants`), where they are known.
    """

    name: str
    on: bool
    nopass: bool
    passwords: int
    commands: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    selectors: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    grants: Mapping[str, Any] = field(default_factory=dict)

    def as_fact(self) -> dict[str, Any]:
        """The user as expressions see it."""
        return {
            "name": self.name,
            "on": self.on,
            "nopass": self.nopass,
            "passwords": self.passwords,
            "commands": list(self.commands),
            "keys": list(self.keys),
            "channels": list(self.channels),
            "selectors": list(self.selectors),
            **self.grants,
        }

    @property
    def access(self) -> str:
        """`off`, `nopass`, `password`: how one becomes this user."""
        return login(self.on, self.nopass, self.passwords)


def parse_list(lines: Sequence[bytes], server: Server) -> tuple[AclUser, ...]:
    """Read the reply to ACL LIST. A line that is no user is passed over."""
    users = []
    for line in lines:
        words = line.decode("utf-8", "replace").split(" ")
        if len(words) >= 2 and words[0] == "user":
            told = _user(words[1], _selectors_joined(words[2:]))
            rules = parse_user(line.split(b" ")[1:], server)
            found = {**grants(rules, server), "login": told.access}
            users.append(replace(told, grants=found))
    return tuple(users)


def parse_getuser(name: str, reply: Sequence[Any]) -> AclUser | None:
    """Read the reply to ACL GETUSER, of which only flags and passwords are kept."""
    pairs = dict(zip(map(_text, reply[::2]), reply[1::2], strict=False))
    flags, passwords = pairs.get("flags"), pairs.get("passwords")
    if not isinstance(flags, list) or not isinstance(passwords, list):
        return None
    words = {_text(flag) for flag in flags}
    return AclUser(name, "on" in words, "nopass" in words, len(passwords))


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _selectors_joined(words: Sequence[str]) -> list[str]:
    rules: list[str] = []
    opened = False
    for word in words:
        if opened:
            rules[-1] = f"{rules[-1]} {word}"
        else:
            rules.append(word)
        opened = rules[-1].startswith("(") and not word.endswith(")")
    return rules


def _user(name: str, rules: Sequence[str]) -> AclUser:
    kinds: dict[str, list[str]] = {"+": [], "~": [], "&": [], "(": [], "": []}
    for rule in rules:
        if not rule or rule.startswith(_PASSWORD_MARKS) or rule in _HIDDEN:
            continue
        mark = {"-": "+", "%": "~"}.get(rule[0], rule[0])
        words = {"allcommands": "+", "nocommands": "+", "allkeys": "~", "resetkeys": "~"}
        words |= {"allchannels": "&", "resetchannels": "&"}
        mark = words.get(rule, mark)
        kinds[mark if mark in kinds else ""].append(rule)
    return AclUser(
        name,
        "on" in rules,
        "nopass" in rules,
        sum(rule.startswith(("#", ">")) for rule in rules),
        tuple(kinds["+"]),
        tuple(kinds["~"]),
        tuple(kinds["&"]),
        tuple(kinds["("]),
        tuple(kinds[""]),
    )
