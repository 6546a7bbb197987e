"""Templates of HCL: quoted texts and heredocs with what is inserted into them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from redislint.conf.document import Document
from redislint.conf.passage import LITERAL, STRING, Passage, Slot
from redislint.sources.iac.given import UNKNOWN, shown
from redislint.sources.iac.terraform_expressions import evaluate
from redislint.sources.iac.terraform_values import Value, unknown

if TYPE_CHECKING:
    from redislint.sources.iac.terraform_scope import Scope

_MOST_TEXT = 1_000_000
_ESCAPE = re.compile(rb"\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)|\$\$\{|%%\{", re.DOTALL)
_MARKER = re.compile(rb"\$\$\{|%%\{")
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b'"': b'"', b"\\": b"\\"}


def template(node: Any, host: Document, scope: Scope) -> Value:
    """What a `template_expr` node comes to."""
    inner = node.named_children[0]
    if inner.type == "heredoc_template":
        return _heredoc(inner, host, scope)
    start, end = inner.start_byte + 1, inner.end_byte - 1
    return quoted(_inserts(inner), inner, host, scope, start, end)


def _inserts(node: Any) -> list[Any]:
    kinds = ("template_interpolation", "template_directive", "ERROR")
    return [child for child in node.children if child.type in kinds]


def quoted(
    inserts: list[Any], node: Any, host: Document, scope: Scope, start: int, end: int
) -> Value:
    """A quoted template: one that is nothing but an insert is that value itself."""
    if len(inserts) == 1 and (inserts[0].start_byte, inserts[0].end_byte) == (start, end):
        return _inserted(inserts[0], host, scope)._replace(host=host, start=start, end=end)
    pieces, why = [], ""
    slot = Slot(STRING, start - 1, end + 1)
    at = start
    for insert in inserts:
        pieces += _escaped(host, at, insert.start_byte, _ESCAPE, slot)
        value = _inserted(insert, host, scope)
        pieces.append(_piece(value, host, insert))
        why = why or value.why
        at = insert.end_byte
    pieces += _escaped(host, at, end, _ESCAPE, slot)
    return _joined(pieces, host, start, end, why)


def _joined(pieces: list[Passage], host: Document, start: int, end: int, why: str) -> Value:
    text = Passage.join(pieces) if pieces else Passage.instead(b"", host, start, start)
    if len(text) > _MOST_TEXT:
        return Value(UNKNOWN, host, start, end, "the text is too long")
    data: Any = text.data.decode("utf-8", "replace") if text.known else UNKNOWN
    return Value(
        data,
        host,
        start,
        end,
        why or ("" if text.known else "part of it is not known"),
        passage=text,
    )


def _inserted(insert: Any, host: Document, scope: Scope) -> Value:
    expression = next((c for c in insert.named_children if c.type == "expression"), None)
    if insert.type != "template_interpolation" or expression is None:
        return unknown(insert, host, "a template directive is not evaluated")
    return evaluate(expression, host, scope)


def _piece(value: Value, host: Document, insert: Any) -> Passage:
    """The text of an insert, in the place of it."""
    start, end = insert.start_byte, insert.end_byte
    if value.data is None or isinstance(value.data, (bool, int, float, str)):
        text = shown(value.data).encode("utf-8", "surrogateescape")
        if text:
            return Passage.instead(text, host, start, end)
        return Passage.instead(b"", host, start, start)
    return Passage.hole(host, start, end)


def _escaped(
    host: Document, start: int, end: int, escapes: re.Pattern[bytes], slot: Slot
) -> list[Passage]:
    pieces = []
    at = start
    for match in escapes.finditer(host.data, start, end):
        if match.start() > at:
            pieces.append(Passage.of(host, at, match.start(), slot))
        pieces.append(Passage.instead(_unescaped(match.group()), host, *match.span(), slot))
        at = match.end()
    if end > at:
        pieces.append(Passage.of(host, at, end, slot))
    return pieces


def _unescaped(escape: bytes) -> bytes:
    if escape in (b"$${", b"%%{"):
        return escape[1:]
    if escape[1:2] in (b"u", b"U") and len(escape) > 2:
        code = int(escape[2:], 16)
        return chr(code).encode("utf-8", "surrogatepass") if code < 0x110000 else escape
    return _ESCAPES.get(escape[1:], escape)


def _heredoc(node: Any, host: Document, scope: Scope) -> Value:
    """A heredoc, its indentation taken off where it says `<<-`."""
    data = host.data
    inner_start = data.find(b"\n", node.start_byte, node.end_byte) + 1
    inner_end = data.rfind(b"\n", inner_start - 1, node.end_byte) + 1
    if not inner_start or inner_end < inner_start:
        return unknown(node, host, "the heredoc cannot be read")
    indent = 0
    if data.startswith(b"<<-", node.start_byte):
        lines = [line for line in data[inner_start:inner_end].split(b"\n") if line.strip()]
        indent = min((len(line) - len(line.lstrip(b" \t")) for line in lines), default=0)
    slot = Slot(LITERAL, inner_start, inner_end)
    inserts = [i for i in _inserts(node) if i.start_byte >= inner_start]
    pieces: list[Passage] = []
    why = ""
    at = inner_start
    for insert in [*inserts, None]:
        stop = inner_end if insert is None else insert.start_byte
        while at < stop:
            fresh = at == inner_start or data[at - 1 : at] == b"\n"
            if fresh:
                line = data[at : min(at + indent, stop)]
                at += len(line) - len(line.lstrip(b" \t"))
            newline = data.find(b"\n", at, stop)
            last = stop if newline < 0 else newline + 1
            pieces += _escaped(host, at, last, _MARKER, slot)
            at = last
        if insert is not None:
            value = _inserted(insert, host, scope)
            pieces.append(_piece(value, host, insert))
            why = why or value.why
            at = insert.end_byte
    return _joined(pieces, host, inner_start, inner_end, why)
