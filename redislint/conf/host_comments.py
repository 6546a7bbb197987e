"""Comments of the languages that embed a configuration, where they speak to redislint.

A line that begins with `#` is a comment in nearly all of them, and read as one already.
Here are the others: `//` and `/* */` of HCL, `;` of systemd units and sysctl fragments,
`{# #}` of Jinja, `<%# %>` of ERB, `{{/* */}}` of Go templates. Each must hold its line alone.
"""

from __future__ import annotations

import re
from operator import attrgetter

from redislint.conf.document import Document, Line

_OPENING = re.compile(
    rb"(?://+|/\*+|;+|\{#[-+]?|<%-?#|\{\{-?[ \t]*/\*)[ \t]*(?=redislint[ \t]*:)", re.IGNORECASE
)
_CLOSING = re.compile(rb"[ \t]*(?:[-+]?#\}|-?%>|\*+/(?:[ \t]*-?\}\})?)$")


def split(document: Document) -> tuple[list[Line], list[Line]]:
    """The comment lines of a host file and the other ones, both in order.

    A comment that does not begin with `#` is cut down to what it says, with a `#` before.
    """
    comments, others = list(document.comments), []
    for line in document.directives:
        opening = _OPENING.match(line.raw)
        if opening is None:
            others.append(line)
            continue
        closing = _CLOSING.search(line.raw, opening.end())
        end = closing.start() if closing else len(line.raw)
        # One byte of the opening stands for the `#`, so that places stay right.
        said = b"#" + line.raw[opening.end() : end]
        comments.append(Line(document, said, line.start + opening.end() - 1, line.source_line))
    return sorted(comments, key=attrgetter("start")), others
