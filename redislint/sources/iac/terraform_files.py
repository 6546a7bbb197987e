"""Files that Terraform reads beside its own: `file`, `templatefile`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from redislint.conf.document import Document
from redislint.conf.passage import Passage
from redislint.sources.iac.deployment import World
from redislint.sources.iac.given import shown
from redislint.sources.iac.terraform_values import Value, member

MOST_BYTES = 1_000_000
"""Largest file that an expression reads."""

_INSERT = re.compile(rb"(?<!\$)\$\{([^{}]*)\}")
_NAME = re.compile(rb"\s*([A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*)\s*")
_DIRECTIVE = re.compile(rb"(?<!%)%\{[^{}]*\}")


class Files(NamedTuple):
    """Where a module lies: `root` is the folder that Terraform is run in, `folder` its own."""

    root: str
    folder: str
    world: World

    def path(self, name: str) -> str | None:
        """`path.module` and `path.root` as Terraform writes them; None for another name."""
        if name == "root" or (name == "module" and self.folder == self.root):
            return "."
        return os.path.relpath(self.folder, self.root) if name == "module" else None

    def read(self, path: str) -> Document | None:
        """A file by its path; None for one that is missing, out of bounds or too large."""
        found = self.world.read(os.path.normpath(os.path.join(self.root, path)))
        return found if found is not None and len(found.data) <= MOST_BYTES else None


def content(arguments: list[Value], place: Value, files: Files | None) -> Value:
    """What `file` comes to: a text whose places are those of the file."""
    found = _document(arguments, files)
    if found is None:
        return place._replace(why=_missing(arguments))
    return place._replace(data=_text(found.data), passage=Passage.of(found))


def filled_in(arguments: list[Value], place: Value, files: Files | None) -> Value:
    """What `templatefile` comes to: names of its variables are filled in, everything else
    that the template inserts is a hole; what stands in branches stays."""
    found = _document(arguments, files)
    if found is None or len(arguments) < 2:
        return place._replace(why=_missing(arguments))
    text = _without_directives(found)
    pieces = []
    at = 0
    for match in _INSERT.finditer(text.data):
        host, start, end = text.extent(*match.span())
        value = _named(match[1], arguments[1])
        told = None if value is None else shown(value).encode("utf-8", "surrogateescape")
        pieces.append(text.cut(at, match.start()))
        if told is None:
            pieces.append(Passage.hole(host, start, end))
        elif told:
            pieces.append(Passage.instead(told, host, start, end))
        at = match.end()
    whole = Passage.join([*pieces, text.cut(at)])
    if whole.known and b"%{" not in found.data:
        return place._replace(data=_text(whole.data), passage=whole)
    return place._replace(why="part of the template is not known", passage=whole)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _document(arguments: list[Value], files: Files | None) -> Document | None:
    if files is None or not arguments or not isinstance(arguments[0].data, str):
        return None
    return files.read(arguments[0].data)


def _missing(arguments: list[Value]) -> str:
    name = arguments[0].data if arguments else None
    if isinstance(name, str):
        return f"the file {name} is not in these files"
    return (arguments[0].why if arguments else "") or "which file it reads is not known"


def _without_directives(found: Document) -> Passage:
    whole = Passage.of(found)
    pieces = []
    at = 0
    for match in _DIRECTIVE.finditer(found.data):
        pieces.append(whole.cut(at, match.start()))
        at = match.end()
    return Passage.join([*pieces, whole.cut(at)])


def _named(insert: bytes, variables: Value) -> Any:
    """A variable of the template, None where the insert is more than its name, or it is not
    known."""
    match = _NAME.fullmatch(insert)
    if match is None or not isinstance(variables.data, Mapping):
        return None
    found = variables
    for name in match[1].decode().split("."):
        found = member(found, name)
    return found.data if isinstance(found.data, (str, int, float, bool)) else None
