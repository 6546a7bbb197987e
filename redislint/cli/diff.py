"""`redislint diff`: settings that differ between files, versions and running servers."""

from __future__ import annotations

from typing import Any

import click

from redislint.cli import exits
from redislint.cli.errors import say
from redislint.cli.options import (
    Word,
    color_option,
    connection_options,
    live_arguments,
    reading_options,
    with_options,
)
from redislint.cli.output import wants_color, write_stdout
from redislint.conf.reading import MAX_BYTES

EPILOG = """\b
Examples:
  redislint diff staging/redis.conf production/redis.conf --server redis-7.2
  redislint diff redis-6.2 redis-7.2      defaults that changed
  redislint diff redis-7.2 redis.conf     what the file changes
  redislint diff redis.conf redis.conf --server redis-6.2 --server redis-8.0
                                          what an upgrade changes
  redislint diff redis.conf redis://cache-1:6379

\b
Exit codes: 0 nothing differs, 1 something does or a file is refused, 2 wrong usage,
3 not readable.
"""


@click.command(epilog=EPILOG)
@click.argument("left")
@click.argument("right")
@with_options(
    click.option(
        "--server",
        "servers",
        multiple=True,
        metavar="ENGINE-VERSION",
        help="Which server reads the files (redis-7.2); twice: one for each side.",
    ),
    click.option(
        "--format", "format_", type=Word(("text", "json")), default="text", help="What to print."
    ),
    *reading_options,
    *connection_options,
    color_option,
)
def diff(
    left: str,
    right: str,
    servers: tuple[str, ...],
    format_: str,
    allow_outside: bool,
    max_file_size: int | None,
    color: bool | None,
    **servers_reached: Any,
) -> int:
    """Show settings that differ. Each side is a file, a server version for its defaults, or
    the URL of a running server.

    Compared is what is in effect: a default that was written out equals one that was not.
    Of passwords it is only said that they differ.
    """
    from redislint.audit.diff import diff as compare
    from redislint.reports.diff import render_json, render_text

    found = compare(
        left,
        right,
        server=servers,
        allow_outside=allow_outside,
        max_file_size=max_file_size or MAX_BYTES,
        **live_arguments((left, right), servers_reached),
    )
    for error in found.errors:
        say(f"{error.target}: {error.message}")
    if found.errors:
        return exits.INCOMPLETE
    rows = [(item.name, item.change, item.left, item.right) for item in found.differences]
    sides = [
        (label, str(server), refused)
        for label, server, refused in zip(found.labels, found.servers, found.refused, strict=True)
    ]
    if format_ == "json":
        write_stdout(render_json(sides, rows))
    else:
        write_stdout(render_text(sides, rows, wants_color(color)))
    return exits.FINDINGS if rows or any(found.refused) else exits.OK
