"""`redislint completion SHELL`: the script that makes a shell complete redislint."""

from __future__ import annotations

import click

from redislint.cli.options import Word
from redislint.cli.output import write_stdout

SHELLS = ("bash", "zsh", "fish")

EPILOG = """\b
Examples:
  redislint completion bash > ~/.local/share/bash-completion/completions/redislint
  redislint completion zsh > "${fpath[1]}/_redislint"
  redislint completion fish > ~/.config/fish/completions/redislint.fish
"""


@click.command(epilog=EPILOG)
@click.argument("shell", type=Word(SHELLS), metavar="|".join(SHELLS))
def completion(shell: str) -> None:
    """Print the completion script for bash, zsh or fish."""
    from click.shell_completion import get_completion_class

    from redislint.cli.group import cli

    made = get_completion_class(shell)
    if made is None:
        raise click.UsageError(f"no completion for '{shell}'")
    write_stdout(made(cli, {}, "redislint", "_REDISLINT_COMPLETE").source() + "\n")
