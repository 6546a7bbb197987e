"""What the rules of one ACL user come to: the state that servers keep while they
read a `user` line, rule after rule, and why a rule is refused.

Verified on redis 6.0 to 8.6 and valkey 7.2 to 9.1.
"""

from __future__ import annotations

from dataclasses import dataclass

from redislint.conf import commands
from redislint.conf.acl_rules import Merged, Rule, classify, dialect, inner_rules
from redislint.model import Server

_BLANKS = frozenset(b" \t\n\v\f\r\0")
_HEXADECIMAL = frozenset(b"0123456789abcdef")
_HASH_LENGTH = 64
_INT32_MAX = 2**31 - 1
_PREFIX = {"RW": "~", "R": "%R~", "W": "%W~", "": "%~"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a rule was not taken. `index` counts the rules' arguments from 0;
    `unknown_name`: a command or category that only a module could bring."""

    message: str
    unknown_name: bool = False
    index: int = 0


@dataclass(frozen=True, slots=True)
class AclSelector:
    """What one set of rules grants.

    `keys` and `channels` are patterns as written with their permissions (`~app:*`,
    `%R~app:*`, `&news.*`), `("~*",)` and `("&*",)` for all of them (a server without
    channel rules grants all). `commands` are the command rules in order, the first of
    them `+@all` or `-@all`. `databases` is None where every database is granted.
    """

    keys: tuple[str, ...]
    channels: tuple[str, ...]
    commands: tuple[str, ...]
    databases: tuple[int, ...] | None = None


class SelectorState:
    """One set of rules while it is read. `sentinel`: the commands are those of sentinel
    mode (from redis 6.2 on; 6.0 knows those of the server there too)."""

    def __init__(self, server: Server, all_channels: bool | None, sentinel: bool = False) -> None:
        self.server = server
        self.sentinel = sentinel
        self.dialect = dialect(server)
        self.default_channels = self.dialect.all_channels if all_channels is None else all_channels
        self.all_keys = False
        self.all_channels = self.default_channels
        self.keys: dict[bytes, str] = {}
        self.channels: dict[bytes, None] = {}
        self.commands = ["-@all"]
        self.databases: tuple[int, ...] | None = None

    def take(self, rule: Rule) -> Refusal | None:
        """Apply one rule, or say why the server refuses it (then nothing changes)."""
        kind, value = rule.kind, rule.value
        match kind:
            case "allkeys" | "resetkeys":
                self.all_keys = kind == "allkeys"
                self.keys.clear()
            case "allchannels" | "resetchannels":
                self.all_channels = kind == "allchannels"
                self.channels.clear()
            case "allcommands" | "nocommands":
                self.commands = ["+@all" if kind == "allcommands" else "-@all"]
            case "alldbs" | "resetdbs":
                self.databases = None if kind == "alldbs" else ()
            case "databases":
                return self._databases(value)
            case "key":
                return self._key(value, rule.permissions)
            case "channel":
                return self._channel(value)
            case "allow-category" | "deny-category":
                return self._category("+" if kind == "allow-category" else "-", value)
            case "allow-command":
                return self._allow(value)
            case "deny-command":
                if not self._known(value):
                    return self._unknown_command(value)
                self.commands.append("-" + _lower(value))
            case _:
                return Refusal(f"this is no ACL rule{self._did_you_mean(value)}")
        return None

    def frozen(self) -> AclSelector:
        """What the rules so far grant."""
        every_channel = self.all_channels or not self.dialect.channels
        keys = tuple(_PREFIX[letters] + shown(key) for key, letters in self.keys.items())
        channels = tuple("&" + shown(channel) for channel in self.channels)
        return AclSelector(
            keys=("~*",) if self.all_keys else keys,
            channels=("&*",) if every_channel else channels,
            commands=tuple(self.commands),
            databases=self.databases,
        )

    def _key(self, pattern: bytes, permissions: str) -> Refusal | None:
        if self.all_keys:
            return Refusal("a key pattern after all keys were granted; put 'resetkeys' before it")
        if has_blank(pattern):
            return Refusal("expected a key pattern without blanks and NUL bytes")
        joined = {*self.keys.get(pattern, ""), *permissions}
        self.keys[pattern] = "".join(sorted(joined))
        return None

    def _channel(self, pattern: bytes) -> Refusal | None:
        if self.all_channels:
            return Refusal(
                "a channel pattern after all channels were granted; put 'resetchannels' before it"
            )
        if has_blank(pattern):
            return Refusal("expected a channel pattern without blanks and NUL bytes")
        self.channels[pattern] = None
        return None

    def _category(self, sign: str, value: bytes) -> Refusal | None:
        category = _lower(value)
        known = commands.categories(self.server)
        if category not in known:
            hint = _nearest(category, known, "@")
            return Refusal(f"unknown ACL category '@{shown(value)}'{hint}", unknown_name=True)
        self.commands.append(f"{sign}@{category}")
        return None

    def _allow(self, value: bytes) -> Refusal | None:
        """`+command`, or `+command|word`: a subcommand where the command has any, else
        a first argument that alone is allowed."""
        if b"|" not in value:
            if not self._known(value):
                return self._unknown_command(value)
        else:
            command, _, word = (
                value.rpartition(b"|") if self.dialect.last_bar else value.partition(b"|")
            )
            if not self._known(command):
                return self._unknown_command(command)
            if b"|" in command:
                return Refusal("a first argument cannot be allowed for a subcommand")
            if not word:
                return Refusal("expected a subcommand or a first argument after '|'")
            if commands.subcommands(command, self.server, self.sentinel) and not self._known(value):
                return self._unknown_command(value)
            if self.dialect.argument_of_whole_command and allows(
                self.commands, _lower(command), self.server
            ):
                return Refusal(
                    f"'{shown(command)}' is already allowed as a whole;"
                    f" put '-{shown(command)}' before it"
                )
        self.commands.append("+" + _lower(value))
        return None

    def _known(self, name: bytes) -> bool:
        return commands.exists(name, self.server, self.sentinel)

    def _unknown_command(self, name: bytes) -> Refusal:
        hint = _nearest(_lower(name), commands.categories_of(self.server, self.sentinel))
        mode = "a sentinel of " if self.sentinel else ""
        message = f"{mode}{self.server} has no command '{shown(name)}'{hint}"
        return Refusal(message, unknown_name=True)

    def _databases(self, value: bytes) -> Refusal | None:
        numbers: set[int] = set()
        for part in value.split(b","):
            number = _integer(part)
            if number is None:
                return Refusal("expected database numbers with commas between, such as db=0,2")
            if not 0 <= number <= _INT32_MAX:
                return Refusal(f"expected a database number from 0 to {_INT32_MAX}")
            numbers.add(number)
        self.databases = tuple(sorted(numbers))
        return None

    def _did_you_mean(self, value: bytes) -> str:
        return _nearest(_lower(value), {word.decode("ascii") for word in self.dialect.words})


class UserState(SelectorState):
    """A user while its line is read: its own rules, and what only a user has."""

    def __init__(self, server: Server, all_channels: bool | None, sentinel: bool = False) -> None:
        super().__init__(server, all_channels, sentinel)
        self.enabled = False
        self.nopass = False
        self.plain: set[bytes] = set()
        self.hashed: set[bytes] = set()
        self.selectors: list[AclSelector] = []

    def take_merged(self, merged: Merged) -> Refusal | None:
        """Apply one rule of the line; the refusal names the argument at fault."""
        rule = classify(merged.text, self.dialect)
        if rule.kind == "selector":
            return self._selector(rule.value, merged)
        refusal = self.take(rule)
        return refusal and Refusal(refusal.message, refusal.unknown_name, merged.argument_at(0))

    def take(self, rule: Rule) -> Refusal | None:
        match rule.kind:
            case "nothing" | "sanitize-payload" | "skip-sanitize-payload":
                pass
            case "on" | "off":
                self.enabled = rule.kind == "on"
            case "nopass" | "resetpass":
                self.nopass = rule.kind == "nopass"
                self.plain.clear()
                self.hashed.clear()
            case "add-password" | "add-hash" | "remove-password" | "remove-hash":
                return self._password(rule)
            case "clearselectors":
                self.selectors.clear()
            case "reset":
                self.__init__(self.server, self.default_channels, self.sentinel)  # type: ignore[misc]
            case _:
                return super().take(rule)
        return None

    @property
    def passwords(self) -> int:
        return len(self.plain) + len(self.hashed)

    @property
    def weak(self) -> bool:
        """Whether a password is easy to guess; of a hash only known samples can be told."""
        if not (self.plain or self.hashed):
            return False
        from redislint.conf.passwords import is_sample_hash, is_weak

        return any(map(is_weak, self.plain)) or any(map(is_sample_hash, self.hashed))

    def _password(self, rule: Rule) -> Refusal | None:
        """Passwords are kept as written until a hash must be compared with them."""
        action, _, form = rule.kind.partition("-")
        value = rule.value
        if form == "hash" and not (len(value) == _HASH_LENGTH and _HEXADECIMAL.issuperset(value)):
            return Refusal(
                f"expected a SHA-256 hash of {_HASH_LENGTH} lower-case hexadecimal digits"
            )
        if form == "hash" or self.hashed:
            self.hashed |= {_sha256(password) for password in self.plain}
            self.plain.clear()
            kept, entry = self.hashed, value if form == "hash" else _sha256(value)
        else:
            kept, entry = self.plain, value
        if action == "add":
            kept.add(entry)
            self.nopass = False
        elif entry in kept:
            kept.remove(entry)
        else:
            return Refusal("the password to remove is none of the user's passwords")
        return None

    def _selector(self, text: bytes, merged: Merged) -> Refusal | None:
        inside = SelectorState(self.server, self.default_channels, self.sentinel)
        for word, offset in inner_rules(text, self.dialect):
            refusal = inside.take(classify(word, self.dialect))
            if refusal is not None:
                index = merged.argument_at(offset + 1)
                message = f"inside a selector: {refusal.message}"
                return Refusal(message, refusal.unknown_name, index)
        self.selectors.append(inside.frozen())
        return None


def allows(rules: tuple[str, ...] | list[str], command: str, server: Server) -> bool:
    """Do these command rules, applied in order, allow the whole of `command` (lower
    case; a subcommand as `config|get`, which before 7.0 has the categories of `config`)?"""
    known = commands.categories_of(server)
    container = command.partition("|")[0]
    tags = known.get(command) or known.get(container, frozenset())
    allowed = False
    for rule in rules:
        name = rule[1:]
        if name == "@all" or name in (command, container) or (name[1:] in tags and name[0] == "@"):
            allowed = rule[0] == "+"
    return allowed


def has_blank(value: bytes) -> bool:
    """Does C's isspace, or NUL, hold for any byte?"""
    return not _BLANKS.isdisjoint(value)


def shown(value: bytes) -> str:
    """Bytes as they may stand in a message: printable text on one line."""
    text = value.decode("utf-8", "backslashreplace")
    return text if text.isprintable() else text.encode("unicode_escape").decode("ascii")


def _lower(value: bytes) -> str:
    return value.lower().decode("latin-1")


def _nearest(word: str, known: object, prefix: str = "") -> str:
    import difflib

    close = difflib.get_close_matches(word, list(known), 1, 0.75)  # type: ignore[call-overload]
    return f"; did you mean '{prefix}{close[0]}'?" if close else ""


def _integer(text: bytes) -> int | None:
    """C's strtoll of the whole text, None where something is left over or missing."""
    digits = text.lstrip(b" \t\n\v\f\r")
    unsigned = digits[1:] if digits[:1] in (b"+", b"-") else digits
    if not unsigned.isdigit():
        return None
    value = int(unsigned.lstrip(b"0")[:20] or b"0")  # twenty digits are out of any range
    return -value if digits[:1] == b"-" else value


def _sha256(password: bytes) -> bytes:
    from hashlib import sha256

    return sha256(password).hexdigest().encode("ascii")
