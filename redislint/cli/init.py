"""`redislint init`: write a starting redislint.yaml."""

from __future__ import annotations

import os

import click

from redislint.cli.errors import CommandError
from redislint.cli.options import server_option
from redislint.cli.output import write_stdout

EPILOG = """\b
Examples:
  redislint init
  redislint init --server redis-7.2
  redislint init deploy/
"""


@click.command(epilog=EPILOG)
@click.argument("directory", default=".", metavar="[DIRECTORY]")
@server_option
def init(directory: str, servers: tuple[str, ...]) -> None:
    """Write a starting redislint.yaml.

    It asks nothing and never overwrites a file.
    """
    from redislint.model import Server
    from redislint.policy.discovery import NAMES
    from redislint.policy.starter import NAME, starter

    try:
        known = [str(Server.parse(text)) for text in servers]
    except ValueError as error:
        raise CommandError(str(error)) from None
    for name in NAMES:
        there = os.path.join(directory, name)
        if os.path.lexists(there):
            raise CommandError(f"{there}: is already there, nothing was written")
    path = os.path.normpath(os.path.join(directory, NAME))
    try:
        with open(path, "x", encoding="utf-8") as file:
            file.write(starter(known))
    except OSError as error:
        raise CommandError(f"{path}: cannot be written: {error.strerror}") from None
    write_stdout(f"wrote {path}\n")
