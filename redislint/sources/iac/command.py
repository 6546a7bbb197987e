"""From the words that a container or unit runs to what starts a server."""

from __future__ import annotations

from typing import NamedTuple

from redislint.conf.passage import Passage
from redislint.sources.iac import shell

_PROGRAMS = {
    b"redis-server": False,
    b"valkey-server": False,
    b"redis-sentinel": True,
    b"valkey-sentinel": True,
}
"""Names of the programs, and whether they start a sentinel."""

_SHELLS = frozenset({b"sh", b"bash", b"ash", b"dash", b"zsh"})
_BEFORE = frozenset(
    b"exec env sudo gosu su-exec nohup nice tini dumb-init -- docker-entrypoint.sh then do"
    b" else".split()
)
_WITH_NAME = frozenset({b"gosu", b"su-exec", b"sudo"})
"""What stands before the program and runs it; `_WITH_NAME` take a user's name first."""

_SENTINEL = b"--sentinel"


class Start(NamedTuple):
    """How a server is started: `file` its configuration file as a word (None for none),
    `words` the arguments after it."""

    file: Passage | None
    words: tuple[Passage, ...]
    sentinel: bool = False
    program: Passage | None = None


def start_of(words: list[Passage], *, bare: bool = False) -> Start | None:
    """What a command starts, through shells and wrappers; None for another program.

    `bare`: the image runs a server when its command begins with an option or names a
    configuration file (`args: ["--appendonly", "yes"]`).
    """
    if not words:
        return None
    script = _script(words)
    if script is not None:
        for command in shell.commands(script):
            found = start_of(command)
            if found is not None:
                return found
        return None
    index = _program(words)
    if index is None:
        if bare and (words[0].data.startswith(b"-") or words[0].data.endswith(b".conf")):
            return _start(words, None, False)
        return None
    name = words[index].data.rsplit(b"/", 1)[-1]
    return _start(words[index + 1 :], words[index], _PROGRAMS[name])


def _start(words: list[Passage], program: Passage | None, sentinel: bool) -> Start:
    file = None
    rest = list(words)
    if rest and not rest[0].data.startswith(b"-"):
        file = rest.pop(0)
    sentinel = sentinel or any(word.data == _SENTINEL for word in rest)
    kept = tuple(word for word in rest if word.data != _SENTINEL)
    return Start(file, kept, sentinel, program)


def _script(words: list[Passage]) -> Passage | None:
    """The text of `sh -c TEXT`; None for another command."""
    index = 0
    while index < len(words) and _is_before(words[index].data):
        index += 1
    if index + 1 >= len(words) or words[index].data.rsplit(b"/", 1)[-1] not in _SHELLS:
        return None
    for at in range(index + 1, len(words) - 1):
        option = words[at].data
        if not option.startswith(b"-"):
            return None
        if not option.startswith(b"--") and option.endswith(b"c"):
            return words[at + 1]
    return None


def _program(words: list[Passage]) -> int | None:
    """The index of the server's name among the words, behind what runs it."""
    index = 0
    while index < len(words):
        name = words[index].data.rsplit(b"/", 1)[-1]
        if name in _PROGRAMS:
            return index
        if name in _WITH_NAME:
            index += 1
        elif not _is_before(words[index].data):
            return None
        index += 1
    return None


def _is_before(word: bytes) -> bool:
    name = word.rsplit(b"/", 1)[-1]
    assignment = b"=" in word and not word.startswith(b"-")
    return name in _BEFORE or assignment or name.endswith((b"entrypoint.sh", b"entrypoint"))
