"""`redislint check`: lint and audit files, directories, running servers, managed caches."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from typing import Any

import click

from redislint.cli import exits
from redislint.cli.cloud import cloud_arguments, cloud_options
from redislint.cli.errors import CommandError, say
from redislint.cli.fix import Choice, Mended, fix_options, write_aside, write_output
from redislint.cli.options import (
    Word,
    Words,
    color_option,
    dump_option,
    fail_on_unknown_option,
    live_arguments,
    live_options,
    no_waivers_option,
    output_option,
    reading_options,
    rule_options,
    server_option,
    with_options,
)
from redislint.cli.output import output_files, wants_color, write_file, write_stdout
from redislint.conf.reading import MAX_BYTES
from redislint.reports import FORMATS

EPILOG = """\b
Examples:
  redislint check redis.conf --server redis-7.2 --workload queue
  redislint check --server redis-7.2 --server valkey-8.1 conf/
  redislint check - --stdin-filename redis.conf < redis.conf
  redislint check --select syntax --ignore RL114 --fail-on error
  redislint check --format concise --output json=report.json
  redislint check redis://cache-1:6379 --workload cache --interval 10s
  redislint check redis://cache-1:6379 --conf redis.conf     what differs from the file
  redislint check elasticache://eu-west-1,eu-central-1 --aws-profile audit
  redislint check --diff conf/               what --fix would change; exit code 1 if anything

A file can name its server itself, in a comment line:
# redislint: engine=redis version=7.2
"""


@click.command("check", epilog=EPILOG)
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@server_option
@with_options(
    click.option(
        "--workload",
        multiple=True,
        metavar="NAME",
        help="What the data is for (queue, ledger, ...); of several the strictest counts.",
    ),
    *rule_options,
    click.option("--config", metavar="FILE", help="This redislint.yaml, not one found upwards."),
    no_waivers_option,
    click.option("--baseline", metavar="FILE", help="Findings that are known and do not fail."),
    click.option("--update-baseline", is_flag=True, help="Write the baseline from this run."),
    *fix_options,
    click.option(
        "--fail-on",
        type=Word(("error", "warning", "info")),
        help="Least severity that makes the exit code 1 (default warning).",
    ),
    fail_on_unknown_option,
    click.option("--allow-empty", is_flag=True, help="Nothing to check is no failure."),
    click.option("--format", "format_", type=Word(tuple(FORMATS)), help="What to print."),
    output_option,
    click.option(
        "--show",
        type=Words(("pass", "unknown", "not-applicable", "waived")),
        default=(),
        help="List these outcomes too.",
    ),
    click.option("--stdin-filename", metavar="PATH", help="What to call standard input ('-')."),
    *reading_options,
    *live_options,
    dump_option,
    *cloud_options,
    click.option("--list-files", is_flag=True, help="Print what would be checked, and stop."),
    click.option("--list-targets", is_flag=True, help="The same with each target, and why."),
    click.option("-q", "--quiet", is_flag=True, help="Findings only, no summary."),
    click.option("-v", "--verbose", is_flag=True, help="Everything, fingerprints included."),
    color_option,
)
def check(
    targets: tuple[str, ...],
    servers: tuple[str, ...],
    workload: tuple[str, ...],
    profile: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    policy: tuple[str, ...],
    config: str | None,
    no_waivers: bool,
    baseline: str | None,
    update_baseline: bool,
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    fail_on: str | None,
    fail_on_unknown: bool,
    allow_empty: bool,
    format_: str | None,
    output: tuple[str, ...],
    show: tuple[str, ...],
    stdin_filename: str | None,
    allow_outside: bool,
    max_file_size: int | None,
    list_files: bool,
    list_targets: bool,
    quiet: bool,
    verbose: bool,
    color: bool | None,
    **servers_reached: Any,
) -> int:
    """Lint and audit files, directories, running servers and managed caches.

    TARGET is a file, a directory (searched for redis.conf, valkey.conf, sentinel.conf and
    ACL files, honouring .gitignore), the URL of a running server (redis://host:6379), managed
    caches of AWS (elasticache://REGION[/ID], memorydb://REGION[/ID], several regions with
    commas, * for all of them) or '-' for standard input; none means the current directory.
    Without --server and without a comment in the file that names one, a file is held against
    every supported version.
    """
    from redislint.model import Severity
    from redislint.reports import Options, renderer

    limit = max_file_size or MAX_BYTES
    if list_files or list_targets:
        from redislint.cli.listing import list_found

        return list_found(targets, allow_outside, limit, with_reasons=list_targets)
    files = output_files(output)
    if stdin_filename is not None and "-" not in targets:
        raise CommandError("--stdin-filename needs '-' as a target")
    options: dict[str, Any] = {
        "server": servers or None,
        "workload": workload,
        "profile": profile,
        "select": select,
        "ignore": ignore,
        "policies": policy,
        "config": config,
        "waivers": not no_waivers,
        "baseline": baseline,
        "update_baseline": update_baseline,
        "stdin": _stdin(limit) if "-" in targets else None,
        "stdin_filename": stdin_filename,
        "allow_outside": allow_outside,
        "max_file_size": limit,
        **cloud_arguments(targets, servers_reached),
        **live_arguments(targets, servers_reached),
    }
    choice = Choice(fix, unsafe_fixes, diff)
    if choice.asked and ("live" in options or "cloud" in options):
        raise CommandError("fixes change files, and a running server is none: leave its URL out")
    mended = _mend(choice, targets, options) if choice.asked else None
    report = mended.report if mended else _audit(targets, **options)
    least = Severity(fail_on) if fail_on else report.fail_on or Severity.WARNING
    code = exits.exit_code(report, least, fail_on_unknown or report.fail_on_unknown)
    code = mended.exit_code(code) if mended else code
    empty = code == exits.NOTHING
    code = exits.OK if empty and allow_empty else code
    if not quiet:
        for notice in report.notices:
            say(notice)
    chosen = format_ or _default_format()
    plain = Options(False, quiet, verbose, frozenset(show), code, time.time())
    rendered = [(file, renderer(file.format)(report, plain)) for file in files]
    if mended and mended.output is not None:
        write_output(mended.output)
        if mended.aside:
            write_aside(renderer(chosen)(report, plain))
    elif not empty or chosen != "text":
        write_stdout(renderer(chosen)(report, plain._replace(color=wants_color(color))))
    for file, text in rendered:
        write_file(file, text)
    for line in mended.lines if mended and not quiet else ():
        say(line)
    if empty:
        say(f"nothing to check: {_nothing(targets)}")
    if code == exits.INTERRUPTED:
        say("interrupted; the report holds what was finished")
    return code


def _nothing(targets: tuple[str, ...]) -> str:
    """Why nothing was checked, for people."""
    if not targets or not all(map(os.path.isfile, targets)):
        return (
            "no redis.conf, valkey.conf, sentinel.conf or ACL file found, and no file of another"
            " kind that describes a server"
        )
    if len(targets) == 1:
        return f"{targets[0]} describes no server of Redis or Valkey"
    return f"none of the {len(targets)} files describes a server of Redis or Valkey"


def _mend(choice: Choice, targets: tuple[str, ...], options: Mapping[str, Any]) -> Mended:
    from redislint import audit
    from redislint.audit.fixing import STDIN, Wanted
    from redislint.audit.inputs import Inputs
    from redislint.cli.fix import check_usage, mend, naming

    check_usage(choice, targets, options["update_baseline"])
    stdin = options["stdin"]

    def again(texts: Mapping[str, bytes]) -> audit.Report:
        return audit.check(targets, **{**options, "stdin": texts.get(STDIN, stdin)}, texts=texts)

    wanted = Wanted(
        unsafe=choice.unsafe,
        stdin=stdin,
        pragma=naming(options["select"], options["server"] or ()),
        allow_outside=options["allow_outside"],
        max_bytes=options["max_file_size"],
        inputs=lambda texts: Inputs.of(
            targets,
            stdin=stdin,
            allow_outside=options["allow_outside"],
            max_file_size=options["max_file_size"],
            texts=texts,
        ),
    )
    return mend(choice, again, wanted)


def _audit(targets: tuple[str, ...], **options: Any) -> Any:
    from redislint import audit

    try:
        return audit.check(targets, **options)
    except audit.Interrupted as stopped:
        return stopped.report


def _stdin(limit: int) -> bytes:
    return sys.stdin.buffer.read(limit + 1)


def _default_format() -> str:
    if os.environ.get("GITHUB_ACTIONS") == "true" and "github" in FORMATS:
        return "github"
    return "text"
