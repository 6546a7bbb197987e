"""Comments of the languages that embed a configuration, where they speak to redislint.

A line that begins with `#` is a comment in nearly all of them, and read as one already.
Here are the others: `//` and `/* */` of HCL, `;` of systemd units and sysctl fragments,
`{# #}` of Jinja, `<%# %>` of ERB, `{{/* */}}` of Go templates. Those that stand behind
something on its line only the reader of that language can tell (`Remarks`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple

from redislint.conf.document import Document, Line

_OPENING = re.compile(
    rb"(?://+|/\*+|;+|\{#[-+]?|<%-?#|\{\{-?[ \t]*/\*)[ \t]*(?=redislint[ \t]*:)", re.IGNORECASE
)
_ASIDE = re.compile(
    rb"(?:#+[-+]?|//+|/\*+|\{#[-+]?|<%-?#|\{\{-?[ \t]*/\*)[ \t]*(?=redislint)", re.I
)
_CLOSING = re.compile(rb"[ \t]*(?:[-+]?#\}|-?%>|\*+/(?:[ \t]*-?\}\})?)$")


class Remarks(NamedTuple):
    """What the reader of a host's language knows of its comments: `asides` are the bytes of
    those that stand behind something on its line. `speaks`: by line, the targets that a
    comment is for where it is not for all of the file, each a path and what follows it in
    the target's id."""

    asides: Sequence[tuple[int, int]] = ()
    speaks: Mapping[int, frozenset[tuple[str, str]]] = MappingProxyType({})


def split(document: Document) -> tuple[list[Line], list[Line]]:
    """The comments of a host file, each as a line, and its other lines, both in order.

    A comment that does not begin with `#` is cut down to what it says, with a `#` before.
    """
    comments, others = list(document.comments), []
    asides = {document.span(start, end).line: (start, end) for start, end in _asides(document)}
    for line in document.directives:
        opening = _OPENING.match(line.raw)
        if opening is not None:
            comments.append(_said(line, opening.end(), line.raw, line.start))
            continue
        others.append(line)
        if line.source_line in asides:
            start, end = asides[line.source_line]
            text = document.data[start:end].rstrip()
            mark = _ASIDE.match(text)
            if mark is not None:
                comments.append(_said(line, mark.end(), text, start))
    return sorted(comments, key=attrgetter("start")), others


def _said(line: Line, begin: int, text: bytes, start: int) -> Line:
    """The comment in `text`, which stands at `start`; what it says begins at `begin` of it."""
    closing = _CLOSING.search(text, begin)
    end = closing.start() if closing else len(text)
    # One byte of the opening stands for the `#`, so that places stay right.
    return Line(line.document, b"#" + text[begin:end], start + begin - 1, line.source_line)


def _asides(document: Document) -> Sequence[tuple[int, int]]:
    return document.remarks.asides if document.remarks is not None else ()
