"""The command line: parse options, call the rooms, choose an exit code.

Each command is a module of its own, imported when it is called.
"""

from __future__ import annotations

import sys
from typing import NoReturn


def main() -> NoReturn:
    """The `redislint` command. Ends the process with the exit codes of docs and --help."""
    try:
        from redislint.cli.errors import guarded
        from redislint.cli.group import cli

        code = guarded(cli)
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)
