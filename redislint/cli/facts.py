"""`redislint facts`: the settings and facts that rules see."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from redislint.cli import exits
from redislint.cli.cloud import cloud_arguments, cloud_options
from redislint.cli.errors import CommandError, say
from redislint.cli.options import (
    Word,
    color_option,
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
  redislint facts elasticache://eu-west-1/sessions
  redislint facts host > host.json           what --host of check and facts takes
  redislint facts host --script | ssh cache-1 python3 - > host.json
"""

HOST = ("host",)
"""The targets that stand for this machine, not for a file of that name (`./host`)."""

host_options = (
    click.option("--script", is_flag=True, help="host: print the collector as one Python file."),
    click.option(
        "--pid", "pids", type=int, multiple=True, metavar="PID", help="host: a server process."
    ),
    click.option(
        "--dir", "dirs", multiple=True, metavar="DIR", help="host: a data directory to look at."
    ),
    click.option(
        "--log", "logs", multiple=True, metavar="FILE", help="host: a server's log to search."
    ),
)
"""For `facts host` alone; those that may be repeated are what the single file takes."""


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
    *host_options,
    *reading_options,
    *live_options,
    *cloud_options,
    color_option,
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
    script: bool,
    pids: tuple[int, ...],
    dirs: tuple[str, ...],
    logs: tuple[str, ...],
    **servers_reached: Any,
) -> int:
    """Show the settings and facts of files, running servers and managed caches, each with
    its origin.

    'facts host' prints what this machine says of its servers' kernel, memory and disks.

    Unknown facts say how to supply them. The values are those that CONFIG GET would
    show; secrets are hidden.
    """
    if targets == HOST:
        return _host(script, pids, dirs, logs)
    if script or pids or dirs or logs:
        raise CommandError("--script, --pid, --dir and --log belong to 'redislint facts host'")
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
        **cloud_arguments(targets, servers_reached),
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


def _host(script: bool, pids: tuple[int, ...], dirs: tuple[str, ...], logs: tuple[str, ...]) -> int:
    """This machine's facts as JSON, for `--host`, or what collects them elsewhere."""
    if script:
        from redislint.sources.host.script import script as single_file

        write_stdout(single_file())
        return exits.OK
    from redislint.sources.host import collect

    found = collect(pids=list(pids) or None, dirs=dirs, logs=logs)
    write_stdout(json.dumps(found, indent=2, sort_keys=True) + "\n")
    return exits.OK
