"""`rename-command`: the commands of a server while its configuration renames them."""

from __future__ import annotations

from typing import NamedTuple

from redislint.conf.numbers import c_string
from redislint.conf.result import shown, text_of
from redislint.model import Server


class RenameProblem(NamedTuple):
    """Why a server refuses a rename; `word` counts from the directive's name, 0."""

    message: str
    word: int
    stage: str = "load"


class Renames:
    """The command table of one server and what was renamed so far."""

    def __init__(self, server: Server, *, sentinel: bool) -> None:
        self._server = server
        self._sentinel = sentinel
        self._changed: dict[str, bool] = {}

    def rename(self, old: bytes, new: bytes) -> RenameProblem | None:
        """Give the command `old` the name `new` ("" takes it away); None when done."""
        name, target = text_of(c_string(old)).lower(), text_of(new).lower()
        if not self._has(name, old):
            return RenameProblem(f"rename-command: {self._server} has no command {shown(old)}", 1)
        if "|" in name and name not in self._changed:
            return RenameProblem(
                "rename-command takes no subcommand; the server crashes", 1, "crash"
            )
        self._changed[name] = False
        if target:
            if self._has(target, new) and ("|" not in target or target in self._changed):
                message = f"rename-command: the new name of {shown(old)} is a command already"
                return RenameProblem(message, 2)
            self._changed[target] = True
        return None

    def _has(self, name: str, written: bytes) -> bool:
        changed = self._changed.get(name)
        if changed is not None:
            return changed
        from redislint.conf import commands

        return commands.exists(written, self._server, self._sentinel)
