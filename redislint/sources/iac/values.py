"""Small things that several host formats write alike: sizes, ports, settings by name."""

from __future__ import annotations

import re

from redislint.conf.document import Document, embed
from redislint.conf.passage import Passage
from redislint.model import Span
from redislint.sources.iac.nodes import Node
from redislint.sources.iac.scalars import content_start

_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)([EPTGMk]i?|m)?")
_DOCKER_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([bkmgt])?b?", re.IGNORECASE)
_POWERS = {"k": 1, "M": 2, "G": 3, "T": 4, "P": 5, "E": 6}


def quantity(text: str) -> int | None:
    """A Kubernetes quantity (`512Mi`, `2Gi`, `1e9`, `500M`) in bytes; None for another text."""
    match = _QUANTITY.fullmatch(text.strip())
    if match is None:
        return None
    number, unit = float(match[1]), match[2] or ""
    if unit == "m":
        return int(number / 1000)
    base = 1024 if unit.endswith("i") else 1000
    return int(number * base ** _POWERS[unit[0]]) if unit else int(number)


def docker_size(text: str) -> int | None:
    """A size as docker writes it (`512m`, `2gb`, in 1024s) in bytes; None for another text."""
    match = _DOCKER_SIZE.fullmatch(text.strip())
    if match is None:
        return None
    return int(float(match[1]) * 1024 ** "bkmgt".index((match[2] or "b").lower()))


def span_of(node: Node) -> Span:
    """The place of a node, without its tag, its anchor and its quotes."""
    if node.placed is not None:
        host, start, end = node.placed.extent(0, len(node.placed))
        return host.span(start, min(end, _line_end(host.data, start)))
    start, end = content_start(node), node.end
    if node.style in ("'", '"') and end - start > 2:
        start, end = start + 1, end - 1
    if node.style in ("|", ">") or node.kind != "scalar":
        end = min(end, _line_end(node.host.data, start))
    return node.host.span(start, end)


def _line_end(data: bytes, start: int) -> int:
    stop = data.find(b"\n", start)
    return len(data) if stop < 0 else stop


def parameter(name: str, value: Passage, *, origin: str) -> Document:
    """One directive given by name and value, where the value stands in a host file and
    the name is that of a variable or key there."""
    host, start = value.place(0)
    before = Passage.instead(name.encode() + b" ", host, start, start)
    return embed(Passage.join((before, value)), origin=origin)
