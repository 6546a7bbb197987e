"""Comments that stand behind something on its line: `port: 7000  # redislint: disable=RL101 ...`.

Whether a `#` begins one, only the language of the file tells: in a literal block of YAML it is
the configuration's, in a unit or a Dockerfile an argument.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from operator import attrgetter

from redislint.conf.document import Document
from redislint.sources import kinds
from redislint.sources.iac.nodes import Node, scalars_of

Range = tuple[int, int]
_start = attrgetter("start")

_MARK = rb"redislint[ \t]*:"
_TO_LINE_END = re.compile(rb"(?<=[ \t])#+[ \t]*" + _MARK + rb"[^\r\n]*", re.IGNORECASE)
_IN_HCL = re.compile(rb"(?:#+|//+|/\*+)[ \t]*" + _MARK + rb"[^\r\n]*", re.IGNORECASE)
_CLOSED = re.compile(
    rb"\{#[-+]?[ \t]*" + _MARK + rb"[^\n]*?#\}"
    rb"|<%-?#[ \t]*" + _MARK + rb"[^\n]*?%>"
    rb"|\{\{-?[ \t]*/\*[ \t]*" + _MARK + rb"[^\n]*?\*/[ \t]*-?\}\}",
    re.IGNORECASE,
)
_HCL, _YAML = "hcl", "yaml"
_LANGUAGES = {
    kinds.TERRAFORM: _HCL,
    kinds.COMPOSE: _YAML,
    kinds.KUBERNETES: _YAML,
    kinds.HELM: _YAML,
    kinds.ANSIBLE: _YAML,
    kinds.CLOUDFORMATION: _YAML,
}
_TEMPLATE_NAME = re.compile(r"\.(?:j2|jinja2?|erb|epp|tpl|tmpl|gotmpl|template)$", re.IGNORECASE)


def trailing(host: Document, kind: str, roots: Sequence[Node]) -> Iterator[Range]:
    """The bytes of such comments that speak to redislint; `roots` are those of a YAML file."""
    for match in _found(host, kind, roots):
        begin = host.data.rfind(b"\n", 0, match.start()) + 1
        if host.data[begin : match.start()].strip():
            yield match.span()


def _found(host: Document, kind: str, roots: Sequence[Node]) -> Iterator[re.Match[bytes]]:
    data = host.data
    language = _LANGUAGES.get(kind)
    if kind == kinds.TEMPLATE or _TEMPLATE_NAME.search(host.path or ""):
        yield from _CLOSED.finditer(data)
    if language == _YAML and roots:
        candidates = list(_TO_LINE_END.finditer(data))
        texts = sorted(scalars_of(roots), key=_start) if candidates else []
        yield from (one for one in candidates if not _within(one.start(), texts, data))
    elif language == _HCL and not (host.path or "").endswith(".json"):
        candidates = list(_IN_HCL.finditer(data))
        starts = _hcl_comments(data) if candidates else frozenset()
        yield from (one for one in candidates if one.start() in starts)


def _within(offset: int, texts: Sequence[Node], data: bytes) -> bool:
    """Whether a byte belongs to the text of a scalar, of which `texts` are all in order;
    behind the mark of a block none does."""
    at = bisect_right(texts, offset, key=_start)
    node = texts[at - 1] if at else None
    if node is None or offset >= node.end:
        return False
    return node.style not in ("|", ">") or offset > data.find(b"\n", node.start)


def _hcl_comments(data: bytes) -> frozenset[int]:
    from redislint.sources.iac.terraform_syntax import MAX_SIZE, parser

    if len(data) > MAX_SIZE:
        return frozenset()
    starts = set()
    pending = [parser().parse(data).root_node]
    while pending:
        node = pending.pop()
        if node.type == "comment":
            starts.add(node.start_byte)
        pending.extend(node.children)
    return frozenset(starts)
