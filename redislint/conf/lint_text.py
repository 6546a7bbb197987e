"""What the text itself holds that was hardly meant: the same for every server.

The findings of a document are worked out once and kept for the servers that follow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from redislint.conf.document import NO_PATH, Document, Line, decode, kept_stretches
from redislint.conf.passage import HOLE
from redislint.conf.state import Found, State
from redislint.model import Diagnostic, Severity, Span

_CONTROL = re.compile(rb"[\x01-\x08\x0b-\x1f\x7f]")
PLACEHOLDER_MARK = re.compile(rb"[$<%@]|\{[{%]|__")
"""What every placeholder has in it: a cheap first look."""
"""What every placeholder has in it: a cheap first look."""

_DOCUMENTS = 16
_NULS_SHOWN = 8


class _Noted(NamedTuple):
    """A finding and the line it is about; None for a place that no line reaches."""

    line: Line | None
    diagnostic: Diagnostic


def text_findings(state: State, documents: Sequence[Document]) -> Iterator[Found]:
    """Findings of all texts that were read, except on lines that the server refuses."""
    notes = [note for document in documents for note in _notes(document)]
    if not notes:
        return
    orders = {id(applied.line): applied.order for applied in state.applied}
    refused = {
        (found.diagnostic.path, found.diagnostic.line)
        for found in state.found
        if found.diagnostic.fatal
    }
    order = 0
    for line, diagnostic in dict.fromkeys(notes):
        if line is not None:
            order = orders.get(id(line), order)
            if (diagnostic.path, line.source_line) in refused:
                continue
        yield Found(False, order, diagnostic)


@lru_cache(maxsize=_DOCUMENTS)
def _notes(document: Document) -> tuple[_Noted, ...]:
    found: list[_Noted] = [
        _Noted(None, note) for part in document.parts or (document,) for note in _nuls(part)
    ]
    template: bool | None = None
    for line in document.directives:
        raw = line.raw
        if document.templated and HOLE in raw:
            continue
        if not raw.isascii():
            found.extend(_deceptive(line))
        control = _CONTROL.search(raw)
        if control:
            found.append(_control(line, control))
        placeholder = _placeholder(line)
        if placeholder is not None:
            if template is None:
                template = _is_template(document)
            if not template:
                found.append(placeholder)
    return tuple(found)


def _nuls(part: Document) -> Iterator[Diagnostic]:
    """What NUL bytes make the server lose of a file: the rest of the piece it read."""
    data = part.data
    if b"\0" not in data or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return
    ends = [0, *(edge for stretch in kept_stretches(data) for edge in stretch), len(data)]
    gaps = [(a, b) for a, b in zip(ends[::2], ends[1::2], strict=True) if a < b]
    for start, end in gaps[:_NULS_SHOWN]:
        span = part.span(start, end)
        glued = data.find(b"\n", start, end) >= 0
        lost = (
            f"a NUL byte: the server loses {end - start} byte{'s' if end - start > 1 else ''}"
            f" from here up to line {span.end_line}, column {span.end_column}"
        )
        after = "; the line end is among them, so the next line continues this one" if glued else ""
        yield Diagnostic("RL123", Severity.ERROR, lost + after, _first_line(span, part))


def _first_line(span: Span, part: Document) -> Span:
    """A span cut to its first line, so that it can be underlined."""
    if span.end_line == span.line:
        return span
    end = len(part.line_text(span.line)) + 1
    return Span(part.path or NO_PATH, span.line, span.column, span.line, max(end, span.column))


def _deceptive(line: Line) -> Iterator[_Noted]:
    from redislint.conf import lookalikes

    match = lookalikes.DECEPTIVE.search(decode(line.raw))
    if match:
        start = line.place(len(decode(line.raw)[: match.start()].encode()))
        span = line.document.span(start, start + len(match.group().encode()))
        message = f"look closely at '{line.name}': {lookalikes.explain(match.group())}"
        yield _noted(line, "RL123", message, span)


def _control(line: Line, match: re.Match[bytes]) -> _Noted:
    start = line.place(match.start())
    span = line.document.span(start, start + 1)
    if match.group() == b"\r":
        message = "a carriage return within a line is a blank to the server and ends no line"
    else:
        code = f"U+{match.group()[0]:04X}"
        message = f"'{line.name}' holds the control character {code}, which belongs to its value"
    return _noted(line, "RL123", message, span)


def _placeholder(line: Line) -> _Noted | None:
    raw = line.raw
    if not PLACEHOLDER_MARK.search(raw):
        return None
    from redislint.conf import placeholders

    name = line.name
    found = placeholders.find(name, raw)
    if found is None:
        return None
    token = "a placeholder" if _is_secret(name, raw) else f"the placeholder {decode(found)}"
    message = f"'{name}' holds {token}; a server fills in nothing and takes the text as it stands"
    return _noted(line, "RL119", message, line.span())


def _is_secret(name: str, raw: bytes) -> bool:
    from redislint import catalog

    if name == "sentinel":
        return b"pass" in raw.lower()
    directive = catalog.directive(name)
    return directive is None or directive.secret


def _is_template(document: Document) -> bool:
    from redislint.conf.pragma import read_pragmas

    parts = document.parts or (document,)
    return any(read_pragmas(part).template for part in parts)


def _noted(line: Line, rule: str, message: str, span: Span) -> _Noted:
    return _Noted(line, Diagnostic(rule, Severity.WARNING, message, span, line.name))
