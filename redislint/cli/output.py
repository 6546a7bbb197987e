"""Where reports go: standard output, and files that are complete or not there at all."""

from __future__ import annotations

import io
import os
import stat
import sys
from collections.abc import Callable, Collection, Sequence
from typing import BinaryIO, NamedTuple, TextIO

from redislint.cli import exits
from redislint.cli.errors import CommandError, did_you_mean, silence_stdout
from redislint.reports import FORMATS

PRIVATE, PUBLIC = 0o600, 0o666
"""Modes of new files, less the umask: a fleet's report says where it is weak; the metrics of
Prometheus are read by its collector, which is another user."""


class OutputFile(NamedTuple):
    """A report to write: its format and the file, links resolved."""

    format: str
    path: str
    shown: str


def output_files(
    values: Sequence[str], formats: Collection[str] = FORMATS
) -> tuple[OutputFile, ...]:
    """Read the values of --output (`FORMAT=FILE`). Raises CommandError."""
    files: dict[str, OutputFile] = {}
    for value in values:
        name, equals, file = value.partition("=")
        if not equals or not file:
            raise CommandError(f"--output '{value}': expected FORMAT=FILE, as in json=report.json")
        if name not in formats:
            near = did_you_mean(name, tuple(formats)) or f": expected {', '.join(formats)}"
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
    stream_file(output, lambda file: file.write(text))


def stream_file(output: OutputFile, write: Callable[[TextIO], object], mode: int = 0o666) -> None:
    """Let `write` fill a file beside its place, then move it there; `mode` is that of a new file,
    less the umask. Raises CommandError (incomplete)."""
    try:
        if os.path.lexists(output.path) and not stat.S_ISREG(os.stat(output.path).st_mode):
            with _text(open(output.path, "wb")) as device:
                write(device)
        else:
            _replace(output.path, write, mode)
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise CommandError(f"cannot write {output.shown}: {why}", exits.INCOMPLETE) from None


def _replace(path: str, write: Callable[[TextIO], object], mode: int) -> None:
    folder, name = os.path.split(path)
    temporary = os.path.join(folder, f".{name[:200]}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with _text(os.fdopen(descriptor, "wb")) as file:
            if os.path.exists(path):
                os.fchmod(descriptor, stat.S_IMODE(os.stat(path).st_mode))
            write(file)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _text(file: BinaryIO) -> io.TextIOWrapper:
    """Bytes as text that is written as it is: line ends stay, what is no UTF-8 is escaped."""
    return io.TextIOWrapper(file, "utf-8", "backslashreplace", newline="")


def write_stdout(text: str) -> None:
    """Write a report to standard output; a reader that went away is no error."""
    if text:
        stream_stdout(lambda out: out.write(text))


def stream_stdout(write: Callable[[TextIO], object]) -> None:
    """Let `write` fill standard output; a reader that went away is no error."""
    out = _text(sys.stdout.buffer)
    try:
        sys.stdout.flush()
        write(out)
        out.flush()
    except BrokenPipeError:
        silence_stdout()
    except OSError as error:
        silence_stdout()
        reason = (error.strerror or "unknown reason").lower()
        raise CommandError(f"cannot write the report: {reason}", exits.INCOMPLETE) from None
    finally:
        out.detach()  # or its end would close standard output


def wants_color(choice: bool | None) -> bool:
    """Whether to colour standard output: the option, else NO_COLOR, FORCE_COLOR, a terminal."""
    if choice is not None:
        return choice
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
