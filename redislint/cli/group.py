"""The top command and its table of subcommands, each imported when it is called."""

from __future__ import annotations

from importlib import import_module

import click

from redislint.cli import exits
from redislint.cli.errors import did_you_mean
from redislint.version import VERSION

COMMANDS: dict[str, tuple[str, str, str]] = {
    "check": (
        "redislint.cli.check",
        "check",
        "Lint and audit files, directories and running servers.",
    ),
    "facts": ("redislint.cli.facts", "facts", "Show the settings and facts that rules see."),
    "diff": ("redislint.cli.diff", "diff", "Show settings that differ between files or versions."),
    "fleet": ("redislint.cli.fleet", "fleet", "Audit every target of an inventory."),
    "report": ("redislint.cli.report", "report", "Render a saved report in another format."),
    "rule": ("redislint.cli.rule", "rule", "Explain rules, or list them."),
    "directive": (
        "redislint.cli.directive",
        "directive",
        "Explain a directive: type, bounds, versions.",
    ),
    "policy": ("redislint.cli.policy", "policy", "Test and validate policy files."),
    "init": ("redislint.cli.init", "init", "Write a starting redislint.yaml."),
    "lsp": ("redislint.cli.lsp", "lsp", "Show findings in an editor (language server)."),
    "completion": (
        "redislint.cli.completion",
        "completion",
        "Print a completion script for your shell.",
    ),
}
"""Each command: its module, its name there, and one line of help."""

EPILOG = """\b
Examples:
  redislint check                            everything below this directory
  redislint check redis.conf --server redis-7.2
  redislint check conf/ --format json --output sarif=report.sarif
  redislint check redis://10.0.0.5           a running server: nothing is written
  redislint rule RL111                       why, and what to do
  redislint directive appendfsync

\b
Exit codes:
  0  nothing found          3  incomplete: something could not be read
  1  findings               4  nothing to check
  2  wrong usage          130  interrupted
"""


class LazyGroup(click.Group):
    """A group that knows its commands' names and imports a command when it runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            ctx.fail(f"no command '{name}'{_hint(name)}")
        return super().resolve_command(ctx, args)


def _hint(name: str) -> str:
    import os

    if os.path.lexists(name):
        return f", did you mean 'redislint check {name}'?"
    near = did_you_mean(name, tuple(COMMANDS))
    return near or f": expected one of {', '.join(COMMANDS)}"


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(VERSION, prog_name="redislint", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> int | None:
    """Lint Redis and Valkey configuration.

    Says what the server of your version refuses, ignores or silently changes, with file,
    line and column, and holds the rest against policies.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        return exits.USAGE
    return None
