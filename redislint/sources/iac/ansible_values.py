"""Values of Ansible's variables as a template writes them into a file.

YAML 1.1 makes something else of some plain words before Jinja turns them back into text:
`yes` comes out as True, which no server takes for a yes, and `016` as 14.
"""

from __future__ import annotations

import re

from redislint.conf.passage import Passage
from redislint.sources.iac.nodes import SCALAR, Node
from redislint.sources.iac.scalars import content_start, passage, slot_of

_JINJA = re.compile(rb"\{\{.*?(?:\}\}|\Z)|\{#.*?(?:#\}|\Z)", re.DOTALL)
_BRANCH = re.compile(rb"\{%.*?(?:%\}|\Z)", re.DOTALL)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"})
_FALSE = frozenset({"no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"})
_OCTAL = re.compile(r"([-+]?)0([0-7_]+)")
_HEX = re.compile(r"([-+]?)0x([0-9a-fA-F_]+)")
_SIXTIES = re.compile(r"([-+]?)([1-9][0-9_]*(?::[0-5]?[0-9])+)")
_DECIMAL = re.compile(r"([-+]?)([1-9][0-9]*(?:_[0-9_]*)+)")

_WRITTEN_AS_GIVEN = frozenset(
    {
        "appendonly",
        "no-appendfsync-on-rewrite",
        "protected-mode",
        "rdbchecksum",
        "rdbcompression",
        "stop-writes-on-bgsave-error",
    }
)
"""Directives whose variable the common roles write without turning it into yes or no."""


def block(node: Node) -> tuple[Passage, bool]:
    """Directives in a text, and whether Jinja branches between them: what stands in every
    branch counts."""
    text = passage(node)
    if node.tag == "!vault" or not _BRANCH.search(text.data):
        return filled(node), False
    return _without(text, _BRANCH), True


def filled(node: Node) -> Passage:
    """The text of a scalar, a hole for everything that Jinja fills in. Where Jinja
    branches, or a vault keeps the text, all of it is one, for a vault from its tag on."""
    text = passage(node)
    if node.tag == "!vault":
        node.host.secrets.add((node.start, node.end))
        return Passage.hole(node.host, node.start, _place(node)[1])
    if _BRANCH.search(text.data):
        return Passage.hole(node.host, *_place(node))
    return _holes(text)


def _holes(text: Passage) -> Passage:
    pieces = []
    at = 0
    for match in _JINJA.finditer(text.data):
        host, start, end = text.extent(*match.span())
        pieces += [text.cut(at, match.start()), Passage.hole(host, start, end)]
        at = match.end()
    return Passage.join([*pieces, text.cut(at)]) if pieces else text


def _without(text: Passage, pattern: re.Pattern[bytes]) -> Passage:
    """The text without what matches, the rest with its holes."""
    pieces = []
    at = 0
    for match in pattern.finditer(text.data):
        pieces.append(text.cut(at, match.start()))
        at = match.end()
    return _holes(Passage.join([*pieces, text.cut(at)]))


def rendered(node: Node, directive: str) -> Passage | None:
    """A value as a template writes it behind a directive; None for one that is absent or
    empty, which roles leave out."""
    if node.kind != SCALAR:
        return Passage.hole(node.host, node.start, node.end) if node.pairs else None
    text = filled(node)
    if not text.data.strip():
        return None
    if node.style or node.tag:
        return text
    if node.text in _NULLS:
        return None
    if node.text in _TRUE or node.text in _FALSE:
        if directive not in _WRITTEN_AS_GIVEN:
            return Passage.hole(node.host, *_place(node))
        return _instead(str(node.text in _TRUE), node)
    number = _number(node.text)
    if number is None:
        return text
    return _instead(str(number), node)


def _instead(text: str, node: Node) -> Passage:
    return Passage.instead(text.encode(), node.host, *_place(node), slot_of(node))


def _place(node: Node) -> tuple[int, int]:
    """The bytes of a scalar, without its tag; of a block the first line of it."""
    start = content_start(node)
    end = node.host.data.find(b"\n", start) if node.style in ("|", ">") else node.end
    end = node.end if end < 0 else end
    quoted = 1 if node.style in ("'", '"') else 0
    return start + quoted, max(end - quoted, start + quoted)


def _number(text: str) -> int | None:
    """What YAML 1.1 makes of a number that is not written as it comes out."""
    if match := _OCTAL.fullmatch(text):
        return _signed(match[1], match[2], 8)
    if match := _HEX.fullmatch(text):
        return _signed(match[1], match[2], 16)
    if match := _DECIMAL.fullmatch(text):
        return _signed(match[1], match[2], 10)
    match = _SIXTIES.fullmatch(text)
    if match is None or len(text) > 100:
        return None
    total = 0
    for part in match[2].replace("_", "").split(":"):
        total = total * 60 + int(part)
    return -total if match[1] == "-" else total


def _signed(sign: str, digits: str, base: int) -> int | None:
    plain = digits.replace("_", "")
    if not plain or len(plain) > 100:
        return None
    return -int(plain, base) if sign == "-" else int(plain, base)
