"""`redislint fleet`: audit every target of an inventory."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TextIO

import click

from redislint.cli import exits
from redislint.cli.errors import CommandError, say
from redislint.cli.options import (
    Duration,
    Word,
    Words,
    by_option,
    color_option,
    fail_on_unknown_option,
    no_waivers_option,
    output_option,
    rule_options,
    with_options,
)
from redislint.cli.output import (
    PRIVATE,
    PUBLIC,
    output_files,
    stream_file,
    stream_stdout,
    wants_color,
)
from redislint.fleet.reports import FORMATS

if TYPE_CHECKING:
    from redislint.fleet.session import Request, Session

EPILOG = """\b
Examples:
  redislint fleet inventory.yaml
  redislint fleet inventory.yaml --output html=fleet.html --output prometheus=fleet.prom
  redislint fleet inventory.yaml --resume           go on where a run was stopped
  redislint fleet inventory.yaml --fail-on new:error
  redislint fleet history cache-7                   what became of its findings: a command
                                                    of its own, see its --help

\b
Exit codes: those of 'redislint check'; 3 where a target was not reached, or read in part only.
"""

SEVERITIES = ("error", "warning", "info")


class WithHistory(click.Command):
    """The audit of an inventory; after the word `history`, the command about its past."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        if args[:1] == ["history"]:
            from redislint.cli.fleet_history import history

            return history.make_context(f"{info_name} history", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


@click.command("fleet", cls=WithHistory, epilog=EPILOG)
@click.argument("inventory", metavar="INVENTORY")
@with_options(
    click.option("--resume", is_flag=True, help="Go on with the last run that did not end."),
    click.option(
        "--journal",
        metavar="FILE",
        help="Where results are written as they come (by default"
        " in NAME.runs beside the inventory).",
    ),
    click.option(
        "--history",
        metavar="URL",
        help="What became of findings from run to run: sqlite:///FILE, postgresql://..., a path, or"
        " none (by default a file beside the inventory, or what it says).",
    ),
    click.option(
        "--concurrency",
        type=click.IntRange(1, 4096),
        default=128,
        metavar="N",
        help="Servers read at the same time (default 128).",
    ),
    click.option(
        "--processes",
        type=click.IntRange(1, 64),
        metavar="N",
        help="Processes that audit (default: one for each core, where there are many targets).",
    ),
    click.option(
        "--executor",
        type=Word(("local", "dask")),
        default="local",
        help="Who audits: this machine (local) or a Dask cluster.",
    ),
    click.option(
        "--scheduler", metavar="URL", help="The scheduler of that cluster: tcp://HOST:PORT."
    ),
    click.option(
        "--timeout",
        type=Duration(),
        metavar="TIME",
        help="Longest time for one target where the inventory says nothing (default 30s for a"
        " server, 2m for an account and region).",
    ),
    *rule_options,
    click.option(
        "--config", metavar="FILE", help="This redislint.yaml, not one found from the inventory."
    ),
    no_waivers_option,
    click.option(
        "--fail-on",
        type=Word((*SEVERITIES, *(f"new:{severity}" for severity in SEVERITIES))),
        help="Least severity that makes the exit code 1 (default warning); with new: only of"
        " findings that the last run did not have.",
    ),
    fail_on_unknown_option,
    click.option(
        "--format", "format_", type=Word(tuple(FORMATS)), default="text", help="What to print."
    ),
    output_option,
    by_option,
    click.option(
        "--show", type=Words(("waived",)), default=(), help="sarif: what waivers silence, too."
    ),
    click.option("-q", "--quiet", is_flag=True, help="No progress and no notices."),
    color_option,
)
def fleet(inventory: str, **given: Any) -> int:
    """Audit every target of an inventory.

    INVENTORY is a YAML file that names servers, files and managed caches. Each target ends
    as one record: audited, read in part, or not reached, with the reason. Results are written to
    a journal as they come, so that a run that was stopped can go on.
    """
    from redislint.fleet.history import HistoryError
    from redislint.fleet.journal import JournalError
    from redislint.fleet.reports import Options
    from redislint.fleet.run import WorkerError
    from redislint.fleet.session import Request

    files = output_files(given["output"], FORMATS)
    by = counted_by(given["by"])
    _check_policies(given["policy"])
    request = Request(
        inventory=inventory,
        journal=given["journal"] or "",
        resume=given["resume"],
        concurrency=given["concurrency"],
        processes=given["processes"] or 0,
        timeout=given["timeout"] or 0.0,
        profile=given["profile"] or "",
        select=given["select"],
        ignore=given["ignore"],
        policies=tuple(map(os.path.abspath, given["policy"])),
        config=os.path.abspath(given["config"]) if given["config"] else "",
        waivers=not given["no_waivers"],
        quiet=given["quiet"],
        history=given["history"] or "",
        scheduler=_scheduler(given["executor"], given["scheduler"]),
    )
    with _opened(request) as session:
        try:
            session.audit()
            report = session.report()
        except (HistoryError, JournalError, WorkerError) as error:
            raise CommandError(str(error), exits.INCOMPLETE) from None
        code = _exit_code(session, report, given["fail_on"], given["fail_on_unknown"])
        if not given["quiet"]:
            for notice in session.notices:
                say(notice)
        options = Options(by=by, show=frozenset(given["show"]), exit_code=code)
        shown = options._replace(color=wants_color(given["color"]))
        stream_stdout(_filled(given["format_"], report, shown))
        for file in files:
            public = file.format == "prometheus"
            stream_file(file, _filled(file.format, report, options), PUBLIC if public else PRIVATE)
    if code == exits.INTERRUPTED:
        say("interrupted; what was finished is in the report, and --resume goes on")
    return code


def counted_by(given: tuple[str, ...]) -> tuple[str, ...]:
    """The values of --by, each of which may name several. Raises CommandError."""
    from redislint.audit.plan import words
    from redislint.fleet.reports.prometheus import labels

    names = words(given)
    try:
        labels(names)
    except ValueError as error:
        raise CommandError(f"--by: {error}") from None
    return names


def _opened(request: Request) -> Session:
    from redislint.fleet.history import HistoryError
    from redislint.fleet.journal import JournalError
    from redislint.fleet.session import Session

    try:
        return Session(request)
    except (HistoryError, JournalError) as error:
        raise CommandError(str(error)) from None


def _filled(format_: str, report: Any, options: Any) -> Callable[[TextIO], None]:
    from redislint.fleet.reports import writer

    return lambda out: writer(format_)(report, out, options)


def _exit_code(session: Session, report: Any, fail_on: str | None, fail_on_unknown: bool) -> int:
    """The options count before redislint.yaml."""
    from redislint.fleet.assemble import outcome
    from redislint.model import Severity

    if session.interrupted:
        return exits.INTERRUPTED
    found = outcome(report)
    if not found.targets:
        return exits.NOTHING
    if found.unread or session.failed:
        return exits.INCOMPLETE
    word, _, severity = (fail_on or session.fail_on).rpartition(":")
    fail_on_unknown = fail_on_unknown or session.fail_on_unknown
    worst = found.gravest_new if word else found.gravest
    failing = worst is not None and worst.rank >= Severity(severity).rank
    return exits.FINDINGS if failing or (fail_on_unknown and found.unknown) else exits.OK


def _scheduler(executor: str, scheduler: str | None) -> str:
    if executor == "dask" and not scheduler:
        raise CommandError("--executor dask needs --scheduler tcp://HOST:PORT")
    if executor != "dask" and scheduler:
        raise CommandError("--scheduler is for --executor dask")
    return scheduler or ""


def _check_policies(policies: tuple[str, ...]) -> None:
    for path in policies:
        if not os.path.exists(path):
            raise CommandError(f"--policy {path}: there is no such file or folder")
