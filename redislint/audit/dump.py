"""The effective configuration of running servers as files (`--dump-effective`).

What a running server has in effect lies in no file that an editor or a code scanning view
could open. So it is written as one, secrets hidden, and findings point at its lines.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from redislint import catalog
from redislint.audit.report import UsageError
from redislint.conf.document import Document, parse
from redislint.conf.edit import quote, quote_words
from redislint.model import REDACTED, AuditError, Setting, Span

if TYPE_CHECKING:
    from redislint.sources.live.reading import LiveTarget
    from redislint.sources.live.running import RunningConfiguration

STAGE = "dump"
"""Stage of an error about a file that cannot be written."""

_PLAIN = re.compile(r"(rediss?)://([a-z0-9.-]{1,100}):([0-9]{1,5})")
_STRANGE = re.compile(r"[^a-z0-9.]+")
_LONGEST_NAME = 100
_GROUPS = {"save": 2, "client-output-buffer-limit": 4}
"""Words of a line, of directives whose text in CONFIG GET holds several lines of a file."""


class Dumped(NamedTuple):
    """A file that was written: its absolute path, its text, and the place of each directive
    in it ("" is its beginning)."""

    path: str
    document: Document
    spans: Mapping[str, Span]


def folder_of(path: str | os.PathLike[str]) -> str:
    """The absolute path of the directory to write into, which need not exist yet.

    Raises UsageError where it is no directory.
    """
    given = os.fspath(path)
    if os.path.lexists(given) and not os.path.isdir(given):
        raise UsageError(f"--dump-effective {given}: it is no directory")
    return os.path.abspath(given)


def dump(server: LiveTarget, folder: str) -> Dumped | AuditError:
    """Write what a server has in effect to a file of its own below `folder`, which is made
    where it is missing. Readable for its owner alone; complete, or not there at all."""
    path = os.path.join(folder, file_name(server.target.id))
    text, spans = _render(server, path)
    data = text.encode("utf-8", "surrogateescape")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        _write(path, data)
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        return AuditError(server.target.id, STAGE, f"{path} cannot be written: {why}")
    return Dumped(path, parse(data, path), spans)


def file_name(identity: str) -> str:
    """A name for a target's file: `redis-host-6379.conf`. No two targets share one."""
    plain = _PLAIN.fullmatch(identity)
    if plain:
        return f"{'-'.join(plain.groups())}.conf"
    name = _STRANGE.sub("-", identity.lower()).strip("-.")[:_LONGEST_NAME]
    mark = sha256(identity.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return f"{name}-{mark}.conf"


def _write(path: str, data: bytes) -> None:
    draft = f"{path}.{os.getpid()}.tmp"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.replace(draft, path)
    except BaseException:
        os.unlink(draft)
        raise


def _render(server: LiveTarget, path: str) -> tuple[str, dict[str, Span]]:
    """The text and the places of directives in it; the same for the same configuration."""
    conf = server.configuration
    lines = list(_head(server, conf))
    spans = {"": Span(path, 1, 1, 1, 1)}
    for setting in conf.settings:
        for number, (row, start) in enumerate(_rows(setting, conf), len(lines) + 1):
            place = Span(path, number, start, number, max(len(row), start) + 1)
            spans.setdefault(setting.canonical, place)
            lines.append(row)
    return "\n".join(lines) + "\n", spans


def _head(server: LiveTarget, conf: RunningConfiguration) -> Iterator[str]:
    version = ".".join(map(str, conf.server.version))
    yield f"# redislint: engine={conf.server.engine} version={version}"
    yield f"# In effect on {server.target.id}"
    yield "# What is hidden, or can stand in no file, is a comment."
    if conf.unknown:
        yield f"# Only what INFO shows: {conf.unknown}"
    yield ""


def _rows(setting: Setting, conf: RunningConfiguration) -> Iterator[tuple[str, int]]:
    """The lines of one directive, and the column of its value."""
    name, text = setting.canonical, setting.text
    spec = catalog.lookup(name, conf.server)
    several = spec is not None and (spec.multi_arg or spec.args[1] != 1)
    words = text.encode("utf-8", "surrogateescape").split() if several else []
    size = _GROUPS.get(name) or len(words)
    for place in range(0, len(words), size or 1):
        values = quote_words(words[place : place + size]).decode("utf-8", "surrogateescape")
        yield _row(name, values, hidden=REDACTED in text or not _settable(setting, conf))
    if not words:
        value = quote(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")
        absent = several and name != "save"
        yield _row(name, value, hidden=absent or REDACTED in text or not _settable(setting, conf))


def _row(name: str, value: str, *, hidden: bool) -> tuple[str, int]:
    start = f"{'# ' if hidden else ''}{name} "
    return f"{start}{value}", len(start) + 1


def _settable(setting: Setting, conf: RunningConfiguration) -> bool:
    spec = catalog.lookup(setting.canonical, conf.server)
    return spec is None or spec.config_file
