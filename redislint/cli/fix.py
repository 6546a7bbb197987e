"""--fix, --unsafe-fixes and --diff of `redislint check`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import click

from redislint.cli import exits
from redislint.cli.errors import CommandError, silence_stdout

if TYPE_CHECKING:
    from redislint.audit import Report
    from redislint.audit.fixing import Fixed, Wanted
    from redislint.cli.options import Decorator
    from redislint.model import Server

fix_options: tuple[Decorator, ...] = (
    click.option("--fix", is_flag=True, help="Mend what can be mended without any effect."),
    click.option(
        "--unsafe-fixes",
        is_flag=True,
        help="Mend also what changes behaviour (with --diff: show that too).",
    ),
    click.option("--diff", is_flag=True, help="Show what --fix would change, and change nothing."),
)
"""The options, in the order of the help text."""

NAMING = ("RL003", "version-undetermined")
"""The rule about files that name no server: fixed where --select names it, and --server
the one server to write down."""


class Choice(NamedTuple):
    """The options that were given."""

    fix: bool = False
    unsafe: bool = False
    diff: bool = False

    @property
    def asked(self) -> bool:
        return self.fix or self.unsafe or self.diff


class Mended(NamedTuple):
    """What a run with fixes came to.

    `output` is what standard output holds in place of the report (None: the report is
    there); the report then goes to standard error if `aside`. `lines` are for a person.
    """

    report: Report
    output: bytes | None = None
    aside: bool = False
    lines: tuple[str, ...] = ()
    differs: bool | None = None

    def exit_code(self, code: int) -> int:
        """With --diff: 1 where there is something to change, whatever is found besides."""
        if self.differs is None or code in (exits.INCOMPLETE, exits.NOTHING, exits.INTERRUPTED):
            return code
        return exits.FINDINGS if self.differs else exits.OK


Audit = Callable[[Mapping[str, bytes]], "Report"]


def check_usage(choice: Choice, targets: Sequence[str], update_baseline: bool) -> None:
    """Raises CommandError for what does not go together."""
    if update_baseline:
        raise CommandError(
            "--update-baseline does not go with fixes: first the one, then the other"
        )
    if "-" in targets and len(targets) > 1:
        raise CommandError("with fixes '-' must be the only target: its text goes to the output")


def naming(select: Sequence[str], servers: Sequence[str]) -> Server | None:
    """The server to write into files that name none, where that is asked for.

    Raises UsageError for a text that is no server.
    """
    words = [word.strip() for text in select for word in text.split(",")]
    if len(servers) != 1 or not any(word in NAMING for word in words):
        return None
    from redislint.audit.servers import named_servers

    return named_servers(servers)[0]


def mend(choice: Choice, audit: Audit, wanted: Wanted) -> Mended:
    """Fix, or show what fixing would do."""
    from redislint.audit import Interrupted
    from redislint.audit.fixing import fix

    try:
        fixed = fix(audit, wanted)
    except Interrupted as stopped:
        return Mended(stopped.report)
    if choice.diff:
        return _difference(fixed)
    if wanted.stdin is not None:
        return _standard_input(fixed, wanted)
    return _written(fixed, audit)


def _difference(fixed: Fixed) -> Mended:
    from redislint.cli.fix_diff import unified

    text = "".join(
        unified(fixed.names.get(path, path), fixed.before[path], fixed.after[path])
        for path in sorted(fixed.after, key=lambda path: fixed.names.get(path, path))
    )
    lines = (_summary("would fix", fixed, ()), *_dropped(fixed))
    output = text.encode("utf-8", "backslashreplace")
    return Mended(fixed.original, output, lines=lines, differs=bool(fixed.after))


def _standard_input(fixed: Fixed, wanted: Wanted) -> Mended:
    from redislint.audit.fixing import STDIN

    whole = (
        wanted.stdin if wanted.stdin is not None and len(wanted.stdin) <= wanted.max_bytes else b""
    )
    lines = (_summary("fixed", fixed, ()), *_dropped(fixed))
    return Mended(fixed.report, fixed.after.get(STDIN, whole), aside=True, lines=lines)


def _written(fixed: Fixed, audit: Audit) -> Mended:
    from redislint.audit.fixing import write

    errors = write(fixed)
    report = fixed.report
    if errors:
        failed = {error.target for error in errors}
        report = audit({p: t for p, t in fixed.after.items() if fixed.names[p] not in failed})
        report = replace(report, errors=(*report.errors, *errors))
    failed = {error.target for error in errors}
    return Mended(report, lines=(_summary("fixed", fixed, failed), *_dropped(fixed)))


def _summary(verb: str, fixed: Fixed, failed: Sequence[str] | set[str]) -> str:
    from redislint.reports.wording import count

    number = sum(n for name, n in fixed.counts.items() if name not in failed)
    left = f" ({fixed.unsafe} need --unsafe-fixes)" if fixed.unsafe else ""
    return f"{verb} {count(number, 'finding')}{left}"


def _dropped(fixed: Fixed) -> tuple[str, ...]:
    lines = []
    for finding, reason in fixed.dropped:
        span = finding.span
        place = f"{span.path}:{span.line}:{span.column}" if span else finding.target
        lines.append(f"{place}: {finding.rule} is not fixed: {reason}")
    return tuple(dict.fromkeys(lines))


def write_output(data: bytes) -> None:
    """Write to standard output, byte by byte as it is; a reader that left is no error."""
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    except BrokenPipeError:
        silence_stdout()


def write_aside(text: str) -> None:
    """Write a report to standard error, where standard output holds the fixed text."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        return
