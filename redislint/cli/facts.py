"""`redislint facts`: the settings and facts that rules see."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from redislint.cli import exits
from redislint.cli.errors import say
from redislint.cli.options import (
    Word,
    live_arguments,
    live_options,
    reading_options,
    with_options,
)
from redislint.cli.output import wants_color, write_stdout
from redislint.conf.reading import MAX_BYTES

EPILOG = """\b
Examples:
  redislint facts redis.conf
  redislint facts redis.conf --server redis-7.2 --all --format json
  redislint facts redis://cache-1:6379
  redislint facts host > host.json           what --host of check and facts takes
"""

HOST = ("host",)
"""The targets that stand for this machine, not for a file of that name (`./host`)."""


@click.command(epilog=EPILOG)
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@with_options(
    click.option(
        "--server", metavar="ENGINE-VERSION", help="Which server reads the file (redis-7.2)."
    ),
    click.option(
        "--workload", multiple=True, metavar="NAME", help="What the data is for (queue, ledger)."
    ),
    click.option("--config", metavar="FILE", help="This redislint.yaml, not one found upwards."),
    click.option("--all", "all_", is_flag=True, help="Defaults and every unknown fact too."),
    click.option(
        "--format", "format_", type=Word(("text", "json")), default="text", help="What to print."
    ),
    click.option("--stdin-filename", metavar="PATH", help="What to call standard input ('-')."),
    *reading_options,
    *live_options,
    click.option("--color/--no-color", default=None, help="Colour (NO_COLOR, FORCE_COLOR)."),
)
def facts(
    targets: tuple[str, ...],
    server: str | None,
    workload: tuple[str, ...],
    config: str | None,
    all_: bool,
    format_: str,
    stdin_filename: str | None,
    allow_outside: bool,
    max_file_size: int | None,
    color: bool | None,
    **servers_reached: Any,
) -> int:
    """Show the settings and facts of a file or a running server, each with its origin.

    'facts host' prints what this machine says of its servers' kernel, memory and disks.

    Unknown facts say how to supply them. The values are those that CONFIG GET would
    show; secrets are hidden.
    """
    if targets == HOST:
        return _host()
    from redislint.audit.facts import facts as gather
    from redislint.reports.facts import render_json, render_text

    limit = max_file_size or MAX_BYTES
    report = gather(
        targets,
        server=server,
        workload=workload,
        config=config,
        defaults=all_,
        stdin=sys.stdin.buffer.read(limit + 1) if "-" in targets else None,
        stdin_filename=stdin_filename,
        allow_outside=allow_outside,
        max_file_size=limit,
        **live_arguments(targets, servers_reached),
    )
    for notice in report.notices:
        say(notice)
    if format_ == "json":
        write_stdout(render_json(report.targets, report.errors))
    else:
        write_stdout(render_text(report.targets, report.errors, wants_color(color), all_))
    if report.errors:
        return exits.INCOMPLETE
    return exits.OK if report.targets else exits.NOTHING


def _host() -> int:
    """This machine's facts as JSON, for `--host`."""
    from redislint.sources.host import collect

    write_stdout(json.dumps(collect(), indent=2, sort_keys=True) + "\n")
    return exits.OK
