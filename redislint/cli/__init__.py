"""The command line: parse options, call the rooms, choose an exit code.

Each command is a module of its own, imported when it is called.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

_OBJECTS_BETWEEN_COLLECTIONS = 100_000
"""Imports and look-up tables make many objects and no garbage: looking for it in between,
as often as Python does by itself, takes 5 % of a short run."""


def main() -> NoReturn:
    """The `redislint` command. Ends the process with the exit codes of docs and --help."""
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, 50, 50)
    try:
        from redislint.cli.errors import guarded
        from redislint.cli.group import cli

        code = guarded(cli)
    except KeyboardInterrupt:
        code = 130
    _leave(code)


def _leave(code: int) -> NoReturn:
    """End the process without taking the interpreter down piece by piece.

    What is written is flushed; nothing else is open. Freeing every object, the
    expression library's included, would take a tenth of a short run.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            # Nobody reads any more, or the stream was closed by whoever started us.
            continue
    os._exit(code)
