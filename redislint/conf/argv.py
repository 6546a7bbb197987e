"""The command line of a server: `redis-server redis.conf --save "" --appendonly yes`.

The server turns its options into configuration text that follows the file and standard
input; followed is main() of the servers' server.c. What differs between versions stands
in `conf.dialect`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from redislint.conf.dialect import Dialect, dialect
from redislint.conf.document import Document, join, parse
from redislint.conf.globbing import has_wildcard
from redislint.conf.include import IncludeReader
from redislint.conf.load import Loader
from redislint.conf.places import COMMAND_LINE, STDIN
from redislint.conf.reading import ReadError, read_file
from redislint.conf.resolve import Configuration, finish
from redislint.conf.state import Found
from redislint.conf.words import split_values
from redislint.model import Diagnostic, Server, Severity, Span

_ESCAPES = {
    0x0A: b"\\n",
    0x0D: b"\\r",
    0x09: b"\\t",
    0x07: b"\\a",
    0x08: b"\\b",
}
_PRINTABLE = re.compile(rb"[ !#-\[\]-~]+")
_PRINTABLE_OR_HOLE = re.compile(rb"[ !#-\[\]-~\x1a]+")

_NO_CONFIGURATION = ("-v", "--version", "-h", "--help", "--test-memory")
"""First arguments with which a server does something else and leaves."""

_DASHED = re.compile("-(?!-)")
_BLANKS = " \r\n\t"  # getAbsolutePath of the servers' util.c trims them off the file name


class Piece(NamedTuple):
    """Bytes of the options' text: which argument they come from, and what part of it
    (nothing of it for what the server adds: quotes and blanks)."""

    text: bytes
    argument: int
    start: int
    end: int


class Options(NamedTuple):
    """What the arguments say: the file, whether standard input is read, the text that
    the options become."""

    file: str | None
    stdin: bool
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> bytes:
        return b"".join([piece.text for piece in self.pieces])


def options(
    argv: Sequence[str | bytes], rules: Dialect, *, first: bool = False, holes: bool = False
) -> Options:
    """Read the arguments after the program's name as a server with this dialect does.

    `first`: the first argument may be the configuration file. `holes`: HOLE (see
    `conf.passage`) stands for what is not known, not for itself.
    """
    arguments = [os.fsencode(argument) for argument in argv]
    plain = _PRINTABLE_OR_HOLE if holes else _PRINTABLE
    file = None
    start = 0
    if first and arguments:
        head = arguments[0]
        is_option = head.startswith(b"-" if rules.dash_is_option else b"--")
        if not is_option:
            file, start = os.fsdecode(head), 1
    text: list[Piece] = []
    stdin = False
    takes_value = False
    last = len(arguments) - 1
    for index in range(start, len(arguments)):
        argument = arguments[index]
        if rules.stdin_last and argument == b"-" and index in (0, last):
            stdin = True
        elif argument.startswith(b"--") and not takes_value:
            if rules.skips_check_rdb and argument == b"--check-rdb":
                continue
            end = len(argument)
            if text:
                text.append(Piece(b"\n", index, 0, 0))
            text.append(Piece(argument[2:], index, 2, end))
            text.append(Piece(b" ", index, end, end))
            if rules.option_takes_next:
                following = arguments[index + 1] if index < last else None
                takes_value, added = _bare_option(argument, following)
                text.append(Piece(added, index, end, end))
        else:
            text += _quoted(argument, rules, index, plain)
            takes_value = False
    if file == "-" and not rules.stdin_last:
        file, stdin = None, True
    return Options(file, stdin, tuple(text))


def _bare_option(argument: bytes, following: bytes | None) -> tuple[bool, bytes]:
    """From 7.0 on a lone option name takes the next argument as its value whatever that
    looks like; --save and --sentinel are kept as they were."""
    words = split_values(argument)
    if words is None or len(words) != 1:
        return False, b""
    another_option = following is not None and following.startswith(b"--")
    if argument.lower() == b"--save" and (another_option or following is None):
        return not another_option, b'""'
    if argument.lower() == b"--sentinel" and another_option:
        return False, b""
    return True, b""


def _quoted(
    argument: bytes, rules: Dialect, index: int, plain: re.Pattern[bytes]
) -> Iterator[Piece]:
    """An argument as the server quotes it (sdscatrepr), with a blank behind it."""
    yield Piece(b'"', index, 0, 0)
    at = 0
    while at < len(argument):
        run = plain.match(argument, at)
        if run:
            yield Piece(run.group(), index, at, run.end())
            at = run.end()
            continue
        byte = argument[at]
        if byte in b'"\\':
            text = (b"\\" if rules.escapes_arguments else b"") + argument[at : at + 1]
        else:
            text = _ESCAPES.get(byte) or b"\\x%02x" % byte
        yield Piece(text, index, at, at + 1)
        at += 1
    yield Piece(b'" ', index, at, at)


def document(text: bytes) -> Document:
    """The text of the options as a document of its own, one option a line."""
    return parse(text, COMMAND_LINE)


def resolve_command(
    argv: Sequence[str],
    server: Server | str,
    *,
    cwd: str | None = None,
    stdin: bytes | str | None = None,
    sentinel: bool = False,
    allow_outside: bool = False,
) -> Configuration:
    """What a server makes of being started with these arguments (without its own name).

    `cwd`: the directory it starts in (default: the current one). `stdin`: what it would
    read there. `sentinel`: started as redis-sentinel; `--sentinel` in `argv` does the same.
    A configuration file that cannot be opened is a fatal diagnostic. Raises ValueError
    for a server that is neither redis nor valkey.
    """
    target = Server.parse(server) if isinstance(server, str) else server
    directory = os.path.abspath(cwd) if cwd is not None else os.getcwd()
    rules = dialect(target)
    sentinel = sentinel or "--sentinel" in argv
    elsewhere = bool(argv) and argv[0] in _NO_CONFIGURATION
    read = options((), rules) if elsewhere else options(argv, rules, first=True)
    main = None if read.file is None else _place(read.file, directory, rules)
    reader = IncludeReader(main, cwd=directory, allow_outside=allow_outside)
    loader = Loader(target, reader, sentinel=sentinel, builtin_save=True, cwd=directory)
    given = bool(argv) and not elsewhere
    if sentinel and given and not rules.dash_is_option and _DASHED.match(argv[0]):
        _refuse(loader, "a sentinel takes no configuration from standard input")
        return finish(loader, (), with_file=given, cwd=directory)
    texts: list[Document] = []
    if main is not None:
        found = _main_file(loader, reader, main, str(read.file))
        if found is None:
            return finish(loader, (), with_file=given, cwd=directory)
        texts.append(found)
    if read.stdin:
        texts = _with_stdin(texts, parse(stdin or b"", STDIN))
    elif stdin:
        loader.stdin = stdin.encode() if isinstance(stdin, str) else stdin
    if read.text:
        texts.append(document(read.text))
    if sentinel and main is None and not elsewhere:
        _refuse(loader, "sentinel mode needs a configuration file on disk", late=True)
    return finish(loader, texts, with_file=given, cwd=directory)


def _place(name: str, directory: str, rules: Dialect) -> str:
    """Where the server looks for its configuration file, "" for nowhere."""
    if rules.dash_is_option:
        return os.path.join(directory, name.strip(_BLANKS))
    return os.path.join(directory, name) if name else ""


def _with_stdin(texts: list[Document], stdin: Document) -> list[Document]:
    """Standard input follows the file without anything in between, so that a file
    without a final line feed shares its last line with it."""
    if texts and not texts[-1].data.endswith(b"\n"):
        return [join([texts[-1], stdin], texts[-1].path)]
    return [*texts, stdin]


def _main_file(loader: Loader, reader: IncludeReader, path: str, shown: str) -> Document | None:
    """The configuration file; from 7.0 on its name may be a pattern, as in an include."""
    if loader.rules.include_glob and has_wildcard(os.fsencode(path)):
        return reader.document(reader.expand(os.fsencode(path), glob=True))
    if os.path.isdir(path):
        message = "the configuration file is a directory: the server reads it as an empty file"
        loader.state.found.append(Found(False, 0, _found(message, shown, Severity.WARNING)))
        return parse(b"", shown)
    try:
        return parse(read_file(path, shown=shown), shown)
    except ReadError as error:
        _refuse(loader, f"the configuration file cannot be opened: {error}", shown)
        return None


def _refuse(loader: Loader, message: str, path: str = COMMAND_LINE, *, late: bool = False) -> None:
    loader.state.found.append(Found(late, 0, _found(message, path, Severity.ERROR)))


def _found(message: str, path: str, severity: Severity) -> Diagnostic:
    fatal = severity is Severity.ERROR
    stage = "startup" if fatal else ""
    return Diagnostic("RL001", severity, message, Span(path, 1, 1, 1, 1), fatal=fatal, stage=stage)
