"""Templates of configuration files: what a tool fills in is a hole, the rest is read.

Jinja (`{{ }}`, `{% %}`), ERB and EPP (`<%= %>`, `<% %>`), Go templates (`{{ if }}`),
Terraform (`%{ if }`) and
variables as envsubst and its like fill them in (`${PORT}`, `__PORT__`). Statements and
comments of the template say nothing to a server and become blanks; what stands in the
branches of a condition stays, each branch in its place. All keeps its length, so that
every byte is where the file has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from redislint.conf import placeholders
from redislint.conf.document import Document, embed
from redislint.conf.passage import HOLE, LITERAL, Passage, Run, Slot

_OPENING = re.compile(rb"\{[%#{]|<%|(?<!%)%\{(?=[~ \t]*(?:if|else|endif|for|endfor)\b)")
_CLOSING = {b"{%": b"%}", b"{#": b"#}", b"{{": b"}}", b"<%": b"%>", b"%{": b"}"}
_GO_STATEMENT = re.compile(
    rb"[-~ \t\r\n]*(?:(?:if|else|end|range|with|define|block|break|continue)\b|/\*|\$\w+\s*:?=)"
)
_INCLUDES = re.compile(rb"[-+~ \t\r\n]*include\b")
_BRANCHES = re.compile(rb"[-+~ \t\r\n]*(?:if|elif|else|elsif|unless|case|when|for|range|with)\b")
_STATEMENT = b"\x01"
_STATEMENTS = re.compile(rb"\x01(?:[^\n]*\x01)?")
_PIECES = re.compile(rb"\x01+")

_OUTPUT, _CONTROL, _COMMENT = "output", "control", "comment"


def document(host: Document, start: int = 0, end: int | None = None) -> Document:
    """The text of a template, or of bytes `start` to `end` of it, with holes and blanks in
    the place of what a tool fills in."""
    stop = len(host.data) if end is None else end
    text, branching = masked(host.data[start:stop])
    run = Run(len(text), host, start, stop, Slot(LITERAL, start, stop))
    found = embed(Passage(text, (run,)), branching=branching)
    found.templated = True
    return found


def masked(data: bytes) -> tuple[bytes, bool]:
    """The text, as long as `data`, and whether it holds alternatives."""
    text = bytearray(data)
    branching = False
    for kind, start, end in tags(data):
        if kind == _OUTPUT:
            text[start:end] = HOLE * (end - start)
            continue
        inner = data[start + 2 : end - 1]
        branching = branching or (kind == _CONTROL and _BRANCHES.match(inner) is not None)
        filler = _STATEMENT if kind == _CONTROL else b" "
        text[start:end] = b"".join([b"\n" if byte == 10 else filler for byte in data[start:end]])
    whole = bytes(text)
    if _STATEMENT in whole:
        whole = _STATEMENTS.sub(lambda match: _settled(match, whole), whole)
    text = bytearray(whole)
    for start, end in placeholders.variables(whole):
        text[start:end] = HOLE * (end - start)
    return bytes(text), branching


def tags(data: bytes) -> Iterator[tuple[str, int, int]]:
    """The tags of the template with their kind; one that is never closed is none."""
    never: set[bytes] = set()
    at = 0
    while match := _OPENING.search(data, at):
        opening, start = match.group(), match.start()
        stop = -1 if opening in never else data.find(_CLOSING[opening], match.end())
        if stop < 0:
            never.add(opening)
            at = match.end()
            continue
        at = stop + len(_CLOSING[opening])
        yield _kind(opening, data[match.end() : stop]), start, at


def _kind(opening: bytes, inner: bytes) -> str:
    if opening == b"{#" or (opening == b"<%" and inner.startswith(b"#")):
        return _COMMENT
    if opening == b"{{":
        if inner.lstrip(b"-~ \t").startswith(b"/*"):
            return _COMMENT
        return _CONTROL if _GO_STATEMENT.match(inner) else _OUTPUT
    if opening == b"<%":
        return _OUTPUT if inner.startswith(b"=") else _CONTROL
    return _OUTPUT if _INCLUDES.match(inner) else _CONTROL


def _settled(match: re.Match[bytes], whole: bytes) -> bytes:
    """Statements of one line, from the first to the last with what stands in between.

    Alone on their line, or around one text, they are blanks. Where they choose among words
    (`daemonize <% if x %>yes<% else %>no<% end %>`) nobody knows what comes out.
    """
    text = match.group()
    begin = whole.rfind(b"\n", 0, match.start()) + 1
    stop = whole.find(b"\n", match.end())
    before = whole[begin : match.start()].strip()
    after = whole[match.end() : len(whole) if stop < 0 else stop].strip()
    between = [piece for piece in _PIECES.split(text) if piece.strip()]
    if (before and between) or len(between) + bool(after) + bool(before) > 1:
        return HOLE * len(text)
    return text.replace(_STATEMENT, b" ")
