"""A systemd unit as its entries, with those of its drop-ins, and the variables that it sets."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from redislint.conf.document import Document
from redislint.conf.passage import RAW, Passage, Slot
from redislint.sources.iac import shell
from redislint.sources.iac.deployment import World

MOST_DROP_INS = 64
"""Drop-ins of a unit that are read; people write one or two."""

_ENTRY = re.compile(rb"(?m)^[ \t]*([A-Za-z]+)[ \t]*=[ \t]*((?:[^\n]*\\\r?\n)*[^\r\n]*)")
_ASSIGNMENT = re.compile(rb"(?m)^[ \t]*([A-Za-z_]\w*)=[ \t]*([^\r\n]*?)[ \t]*\r?$")
_VARIABLE = re.compile(rb"\$\{([A-Za-z_]\w*)\}|\$([A-Za-z_]\w*)")
_PLAIN = re.compile(rb"[^\s\"'\\$%]+")

Variables = Mapping[bytes, bytes]


class Entry(NamedTuple):
    """One `Name=value` of a unit, its name in lower case."""

    name: bytes
    text: Passage


def entries(host: Document) -> list[Entry]:
    """The entries of a unit file, in order."""
    return [
        Entry(match[1].lower(), Passage.of(host, *match.span(2), Slot(RAW, *match.span(2))))
        for match in _ENTRY.finditer(host.data)
    ]


def drop_ins(host: Document, world: World) -> Iterator[Document]:
    """The files in the folder `NAME.service.d` beside a unit, in the order in which systemd
    reads them; those out of bounds are left out."""
    folder = (host.path or "") + ".d"
    if not host.path or not world.holds(folder):
        return
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".conf"))
    except OSError:  # most units have none
        return
    for name in names[:MOST_DROP_INS]:
        document = world.read(os.path.join(folder, name))
        if document is not None:
            document.foreign = True
            yield document


def variables(found: Sequence[Entry], world: World) -> Variables | None:
    """What the unit sets for its commands; None where one of its files cannot be read, which
    may set any of them. Those of files count before `Environment=`."""
    own: dict[bytes, bytes] = {}
    filed: dict[bytes, bytes] = {}
    for name, text in found:
        value = text.data.strip()
        if name == b"environment":
            own = {**own, **_assignments(text)} if value else {}
        elif name == b"environmentfile" and not value:
            filed = {}
        elif name == b"environmentfile":
            path = value.removeprefix(b"-").decode("utf-8", "replace")
            document = world.read(os.path.join(world.root, path.lstrip("/")))
            if document is None or "%" in path:
                return None
            filed.update(
                (match[1], match[2].strip(b"\"'")) for match in _ASSIGNMENT.finditer(document.data)
            )
    return {**own, **filed}


def _assignments(text: Passage) -> dict[bytes, bytes]:
    pairs = [word.data.partition(b"=") for word in shell.words(text)]
    return {name: value for name, equals, value in pairs if equals}


def filled(text: Passage, known: Variables) -> Passage:
    """A command with the variables put in whose values are plain words; systemd splits the
    value of `$NAME` at blanks, and keeps that of `${NAME}` whole."""
    pieces = []
    at = 0
    for match in _VARIABLE.finditer(text.data):
        value = known.get(match[1] or match[2])
        words = value.split() if value and match[2] else [value or b""]
        if value is None or not all(_PLAIN.fullmatch(word) for word in words):
            continue
        host, first, last = text.extent(*match.span())
        pieces += [text.cut(at, match.start()), Passage.instead(value, host, first, last)]
        at = match.end()
    return Passage.join([*pieces, text.cut(at)]) if pieces else text
