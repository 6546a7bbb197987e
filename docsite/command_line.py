"""The page with the help texts of all commands."""

from __future__ import annotations

import click

from docsite.markdown import fence
from redislint.cli.group import COMMANDS, cli

_INTRO = """\
# Command line help

What `redislint COMMAND --help` prints. [Commands, options, exit codes, environment](../cli.md)
says more, with examples.
"""


def page() -> str:
    """The Markdown of the page."""
    top = click.Context(cli, info_name="redislint", max_content_width=90)
    parts = [_INTRO, fence(cli.get_help(top))]
    for name in COMMANDS:
        command = cli.get_command(top, name)
        if command is not None:
            parts += _of(command, name, top)
    return "\n".join(parts)


def _of(command: click.Command, name: str, above: click.Context) -> list[str]:
    context = click.Context(command, info_name=name, parent=above, max_content_width=90)
    parts = [f"## {context.command_path}\n", fence(command.get_help(context))]
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            if found is not None:
                parts += _of(found, inner, context)
    return parts
