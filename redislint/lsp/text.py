"""An open text, and places in it as editors and as findings count them.

Editors count lines from 0 and characters in UTF-16 units (or what was agreed); findings
count both from 1, characters in code points.
"""

from __future__ import annotations

import os
import re
from functools import cached_property

from lsprotocol.types import Position, Range
from pygls.uris import to_fs_path
from pygls.workspace import PositionCodec

from redislint import catalog
from redislint.conf.document import Document, Line, parse
from redislint.model import Span
from redislint.policy.discovery import NAMES
from redislint.sources import kinds

POLICY = "policy"
PROJECT = "project"
FOREIGN = "foreign"

CONFIGURATIONS = (kinds.REDIS_CONF, kinds.SENTINEL_CONF, kinds.ACL_FILE)
"""Kinds of text that a server reads."""

_POLICY = re.compile(r"^rules[ \t]*:", re.MULTILINE)
_YAML = (".yaml", ".yml")


class Text:
    """The text behind a URI at one version. `path` is absolute, "" for a text that is no file."""

    def __init__(self, uri: str, source: str, codec: PositionCodec) -> None:
        self.uri = uri
        self.source = source
        self.path = os.path.abspath(to_fs_path(uri) or "") if uri.startswith("file:") else ""
        self._codec = codec

    @cached_property
    def document(self) -> Document:
        return parse(self.source, self.path or None)

    @property
    def data(self) -> bytes:
        return self.document.data

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends."""
        return [line.removesuffix("\r") for line in self.source.split("\n")]

    @cached_property
    def kind(self) -> str:
        """One of `CONFIGURATIONS`, POLICY, PROJECT or FOREIGN."""
        name = os.path.basename(self.path)
        if name in NAMES:
            return PROJECT
        if name.endswith(_YAML):
            return POLICY if _POLICY.search(self.source) else FOREIGN
        return kinds.named_kind(name, self.data, lambda word: catalog.directive(word) is not None)

    def line(self, number: int) -> str:
        """The text of a line counted from 0; "" beyond the end."""
        return self.lines[number] if 0 <= number < len(self.lines) else ""

    def column(self, position: Position) -> int:
        """The number of code points before a position on its line."""
        line = self.line(position.line)
        found = self._codec.position_from_client_units([line], Position(0, position.character))
        return min(found.character, len(line))

    def position(self, line: int, column: int) -> Position:
        """The position of a place of a finding (both from 1)."""
        number = min(line, max(len(self.lines), 1)) - 1
        before = self.line(number)[: column - 1]
        return Position(number, self._codec.client_num_units(before))

    def range(self, span: Span) -> Range:
        """The range of a span in this text; a whole line where the span is empty."""
        start = self.position(span.line, span.column)
        end = self.position(span.end_line, span.end_column)
        if start == end:
            whole = self.line(start.line)
            end = self.position(start.line + 1, len(whole) + 1)
        return Range(start, end)

    def exact(self, span: Span) -> Range:
        """The range of a span, empty where the span is: for edits."""
        return Range(
            self.position(span.line, span.column), self.position(span.end_line, span.end_column)
        )

    def directive_at(self, position: Position) -> tuple[Line, int] | None:
        """The directive's line at a position and which of its words stands there.

        The word is -1 between words. None on comments and empty lines.
        """
        offset = self.document.offset(position.line + 1, self.column(position) + 1)
        for line in self.document.directives:
            if line.source_line == position.line + 1:
                words = line.words or line.lenient_words or ()
                found = (n for n, w in enumerate(words) if w.start <= offset <= w.end)
                return line, next(found, -1)
            if line.source_line > position.line + 1:
                break
        return None
