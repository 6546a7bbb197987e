"""`redislint diff`: settings that differ between two files, or two servers."""

from __future__ import annotations

import click

from redislint.cli import exits
from redislint.cli.errors import say
from redislint.cli.options import Word, reading_options, with_options
from redislint.cli.output import wants_color, write_stdout
from redislint.conf.reading import MAX_BYTES

EPILOG = """\b
Examples:
  redislint diff staging/redis.conf production/redis.conf --server redis-7.2
  redislint diff redis-6.2 redis-7.2      defaults that changed
  redislint diff redis-7.2 redis.conf     what the file changes

\b
Exit codes: 0 nothing differs, 1 something does, 2 wrong usage, 3 not readable.
"""


@click.command(epilog=EPILOG)
@click.argument("left")
@click.argument("right")
@with_options(
    click.option(
        "--server", metavar="ENGINE-VERSION", help="Which server reads the files (redis-7.2)."
    ),
    click.option(
        "--format", "format_", type=Word(("text", "json")), default="text", help="What to print."
    ),
    *reading_options,
    click.option("--color/--no-color", default=None, help="Colour (NO_COLOR, FORCE_COLOR)."),
)
def diff(
    left: str,
    right: str,
    server: str | None,
    format_: str,
    allow_outside: bool,
    max_file_size: int | None,
    color: bool | None,
) -> int:
    """Show settings that differ. Each side is a file, or a server for its defaults.

    Compared is what is in effect: a default that was written out equals one that was not.
    """
    from redislint.audit.diff import diff as compare
    from redislint.reports.diff import render_json, render_text

    found = compare(
        left,
        right,
        server=server,
        allow_outside=allow_outside,
        max_file_size=max_file_size or MAX_BYTES,
    )
    for error in found.errors:
        say(f"{error.target}: {error.message}")
    if found.errors:
        return exits.INCOMPLETE
    rows = [(item.name, item.left, item.right) for item in found.differences]
    if format_ == "json":
        servers = (str(found.servers[0]), str(found.servers[1]))
        write_stdout(render_json(found.labels, servers, rows))
    else:
        write_stdout(render_text(found.labels, rows, wants_color(color)))
    return exits.FINDINGS if rows else exits.OK
