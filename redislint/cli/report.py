"""`redislint report`: a saved report in another format, without looking at anything again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

import click

from redislint.cli import exits
from redislint.cli.errors import CommandError, did_you_mean, say
from redislint.cli.options import Words, by_option, color_option, output_option, with_options
from redislint.cli.output import (
    PRIVATE,
    PUBLIC,
    output_files,
    stream_file,
    stream_stdout,
    wants_color,
)
from redislint.reports import FORMATS

if TYPE_CHECKING:
    from redislint.fleet.model import FleetReport
    from redislint.fleet.saved import Check

EPILOG = """\b
Examples:
  redislint report report.json                            a check, for people
  redislint report report.json --format sarif
  redislint report fleet.json --format csv --output prometheus=redis.prom --by team
  zcat fleet.jsonl.gz | redislint report - --format markdown

The file is the JSON report of 'redislint check', or the json, the jsonl or the journal of
'redislint fleet'. Nothing is audited, and no network is used.
"""

Write = Callable[[TextIO], None]


@click.command("report", epilog=EPILOG)
@click.argument("file", metavar="FILE")
@with_options(
    click.option("--format", "format_", metavar="FORMAT", help="What to print (default text)."),
    output_option,
    click.option(
        "--show", type=Words(("unknown", "waived")), default=(), help="List these outcomes too."
    ),
    by_option,
    click.option("-q", "--quiet", is_flag=True, help="Findings only, no summary."),
    click.option("-v", "--verbose", is_flag=True, help="Everything, fingerprints included."),
    color_option,
)
def report(
    file: str,
    format_: str | None,
    output: tuple[str, ...],
    show: tuple[str, ...],
    by: tuple[str, ...],
    quiet: bool,
    verbose: bool,
    color: bool | None,
) -> int:
    """Render a saved report in another format.

    FILE is what 'redislint check --format json' or 'redislint fleet' wrote; '-' is standard
    input. The exit code says whether it could be rendered, not what was found.
    """
    from redislint.fleet.saved import Check, SavedError, open_saved

    name = "<stdin>" if file == "-" else file
    try:
        with _opened(file) as stream:
            saved = open_saved(stream, name)
            if isinstance(saved, Check):
                if by:
                    raise CommandError("--by: counts in the prometheus format of fleets only")
                writer = _of_check(saved, name, frozenset(show), quiet, verbose)
                formats: dict[str, str] = FORMATS
            else:
                writer = _of_fleet(saved, frozenset(show), by)
                formats = _fleet_formats()
            _write(writer, formats, format_, output, wants_color(color))
            if not isinstance(saved, Check) and not quiet:
                for notice in saved.notices:
                    say(notice)
    except SavedError as error:
        raise CommandError(str(error), exits.USAGE if error.wrong else exits.INCOMPLETE) from None
    return exits.OK


def _write(
    writer: Callable[[str, bool], Write],
    formats: dict[str, str],
    format_: str | None,
    output: tuple[str, ...],
    color: bool,
) -> None:
    """Print one format, and write the files of the others."""
    chosen = format_ or ("text" if "text" in formats else next(iter(formats)))
    if chosen not in formats:
        near = did_you_mean(chosen, tuple(formats)) or f": expected {', '.join(formats)}"
        raise CommandError(f"--format: no '{chosen}' of such a report{near}")
    files = output_files(output, formats)
    stream_stdout(writer(chosen, color))
    for one in files:
        public = one.format == "prometheus" or formats is FORMATS
        stream_file(one, writer(one.format, False), PUBLIC if public else PRIVATE)


def _fleet_formats() -> dict[str, str]:
    from redislint.fleet.reports import FORMATS as FLEET

    return FLEET


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    """The file, seekable: a pipe is copied to a temporary file that nobody else sees."""
    from shutil import copyfileobj
    from tempfile import TemporaryFile

    try:
        with sys.stdin.buffer if file == "-" else open(file, "rb") as stream:
            if stream.seekable():
                yield stream
                return
            with TemporaryFile() as copy:
                copyfileobj(stream, copy)
                copy.seek(0)
                yield copy
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise CommandError(f"{file}: {why}", exits.INCOMPLETE) from None


def _of_check(
    saved: Check, name: str, show: frozenset[str], quiet: bool, verbose: bool
) -> Callable[[str, bool], Write]:
    from redislint.fleet.saved import SavedError
    from redislint.policy import builtin_rules
    from redislint.reports import Options, json, jsonl, renderer
    from redislint.reports.saved import report_of

    try:
        told = report_of(saved.document, builtin_rules())
    except ValueError as error:
        raise SavedError(f"{name}: {error}") from None
    whole: dict[str, Callable[[Any], str]] = {"json": json.dump, "jsonl": jsonl.dump}

    def writer(format_: str, color: bool) -> Write:
        def write(out: TextIO) -> None:
            if format_ in whole:
                out.write(whole[format_](saved.document))
            else:
                options = Options(color, quiet, verbose, show)
                out.write(renderer(format_)(told, options))

        return write

    return writer


def _of_fleet(
    saved: FleetReport, show: frozenset[str], by: tuple[str, ...]
) -> Callable[[str, bool], Write]:
    from redislint.cli.fleet import counted_by
    from redislint.fleet.reports import Options
    from redislint.fleet.reports import writer as fleet_writer

    names = counted_by(by)

    def writer(format_: str, color: bool) -> Write:
        write = fleet_writer(format_)
        return lambda out: write(saved, out, Options(color=color, by=names, show=show))

    return writer
