"""Where a word leads: included files, and lines that set the same directive."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol.types import Location, Position, Range
from pygls.uris import from_fs_path

from redislint.catalog import SUPPORTED
from redislint.conf.document import NO_PATH, Line
from redislint.conf.include import IncludeReader
from redislint.conf.resolve import Configuration, resolve
from redislint.lsp.check import Checked
from redislint.lsp.text import CONFIGURATIONS, Text
from redislint.model import Setting
from redislint.sources import kinds


def definitions(checked: Checked, position: Position) -> list[Location]:
    """For an include the files that it reads. For a setting that a later line overrides
    that line; for the one in effect those that it overrides."""
    text = checked.text
    if text.kind not in CONFIGURATIONS:
        return []
    found = text.directive_at(position)
    if found is None:
        return []
    line = found[0]
    if line.name == "include":
        return list(_included(text, line))
    server = checked.server or SUPPORTED[-1]
    reader = IncludeReader(text.path or None)
    sentinel = text.kind == kinds.SENTINEL_CONF
    conf = resolve(text.document, server, sentinel=sentinel, reader=reader)
    return list(_same_directive(text, line, conf))


def _included(text: Text, line: Line) -> Iterator[Location]:
    values = line.values or ()
    if len(values) < 2 or not text.path:
        return
    match = IncludeReader(text.path).expand(values[1], glob=True)
    for file in match.files:
        uri = from_fs_path(file.path)
        if uri:
            yield Location(uri, Range(Position(0, 0), Position(0, 0)))


def _same_directive(text: Text, line: Line, conf: Configuration) -> Iterator[Location]:
    own = [s for s in conf.settings if s.span is not None and s.span.path == (text.path or NO_PATH)]
    here = next((s for s in own if s.span and s.span.line == line.source_line), None)
    if here is None:
        return
    same = [s for s in conf.settings if s.canonical == here.canonical and s is not here]
    if here.effective:
        wanted = [s for s in same if not s.effective]
    else:
        wanted = [s for s in same if s.effective]
    yield from filter(None, (_location(setting, text) for setting in wanted))


def _location(setting: Setting, text: Text) -> Location | None:
    span = setting.span
    if span is None:
        return None
    if span.path in (text.path, NO_PATH):
        return Location(text.uri, text.exact(span))
    uri = from_fs_path(span.path)
    if uri is None:
        return None
    start, end = Position(span.line - 1, span.column - 1), Position(span.end_line - 1, 0)
    return Location(uri, Range(start, max(start, end)))
