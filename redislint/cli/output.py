"""Where reports go: standard output, and files that are complete or not there at all."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Sequence
from typing import NamedTuple

from redislint.cli import exits
from redislint.cli.errors import CommandError, did_you_mean, silence_stdout
from redislint.reports import FORMATS


class OutputFile(NamedTuple):
    """A report to write: its format and the file, links resolved."""

    format: str
    path: str
    shown: str


def output_files(values: Sequence[str]) -> tuple[OutputFile, ...]:
    """Read the values of --output (`FORMAT=FILE`). Raises CommandError."""
    files: dict[str, OutputFile] = {}
    for value in values:
        name, equals, file = value.partition("=")
        if not equals or not file:
            raise CommandError(f"--output '{value}': expected FORMAT=FILE, as in json=report.json")
        if name not in FORMATS:
            near = did_you_mean(name, tuple(FORMATS)) or f": expected {', '.join(FORMATS)}"
            raise CommandError(f"--output '{value}': no format '{name}'{near}")
        path = os.path.realpath(file)
        if path in files:
            raise CommandError(f"--output '{value}': {file} is named twice")
        if os.path.isdir(path):
            raise CommandError(f"--output '{value}': {file} is a directory, expected a file")
        if not os.path.isdir(os.path.dirname(path)):
            raise CommandError(f"--output '{value}': the directory of {file} does not exist")
        files[path] = OutputFile(name, path, file)
    return tuple(files.values())


def write_file(output: OutputFile, text: str) -> None:
    """Write `text` beside its place, then move it there. Raises CommandError (incomplete)."""
    data = text.encode("utf-8", "backslashreplace")
    try:
        if os.path.lexists(output.path) and not stat.S_ISREG(os.stat(output.path).st_mode):
            with open(output.path, "wb") as device:
                device.write(data)
        else:
            _replace(output.path, data)
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise CommandError(f"cannot write {output.shown}: {why}", exits.INCOMPLETE) from None


def _replace(path: str, data: bytes) -> None:
    folder, name = os.path.split(path)
    temporary = os.path.join(folder, f".{name[:200]}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if os.path.exists(path):
                os.fchmod(file.fileno(), stat.S_IMODE(os.stat(path).st_mode))
            file.write(data)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def write_stdout(text: str) -> None:
    """Write a report to standard output; a reader that went away is no error."""
    if not text:
        return
    try:
        sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
        sys.stdout.flush()
    except BrokenPipeError:
        silence_stdout()
    except OSError as error:
        silence_stdout()
        reason = (error.strerror or "unknown reason").lower()
        raise CommandError(f"cannot write the report: {reason}", exits.INCOMPLETE) from None


def wants_color(choice: bool | None) -> bool:
    """Whether to colour standard output: the option, else NO_COLOR, FORCE_COLOR, a terminal."""
    if choice is not None:
        return choice
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
