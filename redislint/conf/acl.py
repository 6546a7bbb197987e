"""ACL `user` lines and ACL files: what each server version says about them.

A `user` line is read twice. At its line the rules are tried on a scratch user and any
error but an unknown command or category is fatal there (stage `load`); after the whole
configuration was read the users are created, and unknown names and user names with
blanks are fatal then, without a line number (stage `startup`). Facts measured on redis
6.0 to 8.6 and valkey 7.2 to 9.1; older servers have no ACL, and asking for them is the
caller's mistake (they are read as 6.0).

No message holds a password, a hash, or a word that could be one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from redislint.conf.acl_rules import Merged, dialect, merge
from redislint.conf.acl_state import AclSelector, UserState, allows, has_blank, shown
from redislint.model import Server

_BLANK_IN_NAME = "a user name holds no blank and no NUL byte"
_FILE_BLANKS = b"\t\r\n"
"""What the servers trim from every rule of an ACL file."""


@dataclass(frozen=True, slots=True)
class AclProblem:
    """Why the server refuses a `user` line.

    `index` counts the arguments after the word `user` (0 is the name). `stage`: `load`
    (at its line) or `startup` (no line). `unknown_name`: a command or category that
    only a module could bring. `rule` is the diagnostic's id.
    """

    index: int
    message: str
    stage: str
    unknown_name: bool = False
    rule: str = "RL106"


@dataclass(frozen=True, slots=True)
class AclFileProblem:
    """Why the server refuses an ACL file: `line` counts from 1 as the server does,
    `index` counts the words after `user` (None: the whole line)."""

    line: int
    index: int | None
    message: str
    unknown_name: bool = False


@dataclass(frozen=True, slots=True)
class AclUser:
    """One user as the rules of its line leave it; `passwords` is only their number, `weak`
    whether one of them is easy to guess.

    The user's own rules stand in `root`, further selectors in `selectors`.
    """

    name: str
    enabled: bool
    nopass: bool
    passwords: int
    root: AclSelector
    selectors: tuple[AclSelector, ...] = ()
    weak: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        return self.root.keys

    @property
    def channels(self) -> tuple[str, ...]:
        return self.root.channels

    @property
    def commands(self) -> tuple[str, ...]:
        return self.root.commands


def check_user(
    args: Sequence[bytes], server: Server, *, all_channels: bool | None = None
) -> AclProblem | None:
    """The first thing `server` says against one `user` line, or None.

    `args` is what follows the word `user`: the name and the rules. `all_channels`:
    what `acl-pubsub-default` says at that line (None: the server's default).
    """
    found = _problems(args, UserState(server, all_channels))
    return min(found, key=lambda problem: problem.stage != "load", default=None)


def check_users(
    lines: Sequence[Sequence[bytes]],
    server: Server,
    *,
    all_channels: Sequence[bool | None] | None = None,
    final_all_channels: bool | None = None,
    sentinel: bool = False,
) -> list[tuple[int, AclProblem]]:
    """Everything `server` says against the `user` lines of a configuration, each with
    the index of its line, in the order in which the server finds it: first what is
    fatal at a line, then what is fatal when the users are created.

    `all_channels` tells for each line what `acl-pubsub-default` says there (None: the
    server's default), `final_all_channels` what it says after the last line.
    `sentinel`: the server runs as a sentinel, which has other commands.
    """
    rules = dialect(server)
    created = rules.sentinel_users or not sentinel
    sentinel = sentinel and created
    seen: set[bytes] = set()
    at_load: list[tuple[int, AclProblem]] = []
    at_startup: list[tuple[int, AclProblem]] = []
    for line, args in enumerate(lines):
        default = all_channels[line] if all_channels else None
        if rules.selectors and args[0] in seen:
            message = f"user {shown(args[0])} is defined twice; a user may stand on one line only"
            at_load.append((line, AclProblem(0, message, "load")))
            continue
        seen.add(args[0])
        found = list(_problems(args, UserState(server, default, sentinel)))
        refused = any(problem.stage == "load" for problem in found)
        if default != final_all_channels and not refused:
            last = UserState(server, final_all_channels, sentinel)
            found = [replace(problem, stage="startup") for problem in _problems(args, last)]
        for problem in found:
            (at_load if problem.stage == "load" else at_startup).append((line, problem))
    return at_load + at_startup if created else at_load


def parse_user(
    args: Sequence[bytes], server: Server, *, all_channels: bool | None = None
) -> AclUser:
    """The user that the line makes; rules that the server refuses are left out."""
    return _user(args, UserState(server, all_channels))


def check_file(
    data: bytes, server: Server, *, all_channels: bool | None = None, sentinel: bool = False
) -> list[AclFileProblem]:
    """Everything `server` says at start-up against an ACL file (`aclfile`)."""
    rules = dialect(server)
    if sentinel and not rules.sentinel_users:
        return []
    found: list[AclFileProblem] = []
    seen: set[bytes] = set()
    for number, line in file_lines(data):
        words = _user_words(line)
        if words is None:
            message = "expected 'user', a name and rules; an ACL file holds no comments"
            found.append(AclFileProblem(number, None, message))
        elif has_blank(words[0]):
            found.append(AclFileProblem(number, 0, _BLANK_IN_NAME))
        elif rules.selectors and words[0] in seen:
            message = f"user {shown(words[0])} is defined twice; a user may stand on one line only"
            found.append(AclFileProblem(number, 0, message))
        else:
            seen.add(words[0])
            state = UserState(server, all_channels, sentinel)
            found += [
                AclFileProblem(number, problem.index, problem.message, problem.unknown_name)
                for problem in _problems(words, state, _FILE_BLANKS)
            ]
    return found


def parse_file(
    data: bytes, server: Server, *, all_channels: bool | None = None
) -> list[tuple[int, AclUser]]:
    """The users of an ACL file with their line numbers; a line that is no user line
    is left out (see `check_file`)."""
    return [
        (number, _user(words, UserState(server, all_channels), _FILE_BLANKS))
        for number, line in file_lines(data)
        if (words := _user_words(line)) and not has_blank(words[0])
    ]


def permits(user: AclUser, command: str, server: Server) -> bool:
    """May the user run `command` (`get`, `config|set`) at all, on some key?

    Decided by the command rules of the user's own rules and its selectors.
    """
    return any(
        allows(selector.commands, command.lower(), server)
        for selector in (user.root, *user.selectors)
    )


def file_lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines of an ACL file that are not blank, trimmed, numbered from 1.

    The servers read the file in pieces of at most 1023 bytes, none longer than a line,
    and drop what follows a NUL byte in each piece, the line feed included.
    """
    if b"\0" in data:
        pieces = (
            line[start : start + 1023]
            for line in re.findall(rb"[^\n]*\n|[^\n]+", data)
            for start in range(0, len(line), 1023)
        )
        data = b"".join(piece.partition(b"\0")[0] for piece in pieces)
    for number, line in enumerate(data.split(b"\n"), 1):
        text = line.strip(b" \t\r\n")
        if text:
            yield number, text


def _user_words(line: bytes) -> list[bytes] | None:
    """What follows the word `user` in a line of an ACL file (every single space
    separates two words, quotes mean nothing); None where it is no user line."""
    words = line.split(b" ")
    return words[1:] if words[0] == b"user" and len(words) > 1 else None


def _problems(args: Sequence[bytes], state: UserState, trim: bytes = b"") -> Iterator[AclProblem]:
    """Everything that is wrong with one user, in the order of the words. `trim`: bytes
    to take from both ends of every rule."""
    if has_blank(args[0]):
        yield AclProblem(0, _BLANK_IN_NAME, "startup")
    merged, unmatched = merge(args[1:], state.dialect)
    if unmatched is not None:
        message = "a selector opens here and no later word ends with ')'"
        yield AclProblem(unmatched + 1, message, "load")
        return
    for rule in merged:
        refusal = state.take_merged(Merged(rule.text.strip(trim), rule.parts))
        if refusal is not None:
            unknown = refusal.unknown_name
            stage = "startup" if unknown else "load"
            yield AclProblem(refusal.index + 1, refusal.message, stage, unknown)


def _user(args: Sequence[bytes], state: UserState, trim: bytes = b"") -> AclUser:
    for rule in merge(args[1:], state.dialect)[0]:
        state.take_merged(Merged(rule.text.strip(trim), rule.parts))
    return AclUser(
        shown(args[0]),
        state.enabled,
        state.nopass,
        state.passwords,
        state.frozen(),
        tuple(state.selectors),
        state.weak,
    )
