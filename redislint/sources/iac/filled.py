"""Manifests that a tool fills in before anything reads them: templates of Helm charts, Jinja.

They are no YAML as they stand. What the parser gets is their shape, byte for byte as long as
the file: an empty line for each line of nothing but tags, and for a tag within a line
characters that no file has. Scalars with tags take their text from the file again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from redislint.conf import templates
from redislint.conf.document import Document, embed
from redislint.conf.passage import HOLE, Passage, Run
from redislint.sources.iac import nodes, scalars
from redislint.sources.iac.nodes import Node

_TWO, _THREE = "\u0380".encode(), "\ue000".encode()
"""Characters without a meaning, of two and of three bytes: what stands for a tag."""

_EMPTY_LINES = b"\r"
"""A line end to YAML, none to who counts lines."""

_INDENT = re.compile(rb"\bn?indent[ \t]*\(?[ \t]*(\d+)")
_HEADER = re.compile(rb"[|>][-+0-9]*[^\r\n]*(?:\r\n|\n|\Z)")


def documents(host: Document) -> list[Node]:
    """The documents of a YAML file that a tool may fill in first. Raises NodeError."""
    shaped = shape(host.data)
    if shaped is None:
        return nodes.documents(host)
    roots = nodes.documents(host, shaped)
    for node in nodes.scalars_of(roots):
        if shaped[node.start : node.end] != host.data[node.start : node.end]:
            _fill(node)
    return roots


def _fill(node: Node) -> None:
    """Its text is that of the file: of a block the lines, with holes, else as it is written."""
    node.filled = True
    start = scalars.content_start(node)
    if node.style == "|":
        data = _block(node, start).data
    else:
        quoted = 1 if node.style in ("'", '"') else 0
        data = node.host.data[start + quoted : max(node.end - quoted, start)]
    node.text = data.decode("utf-8", "replace")


def shape(data: bytes) -> bytes | None:
    """What the parser may read in place of `data`, equally long; None without any tag."""
    tags = [(start, end) for _, start, end in templates.tags(data)]
    if not tags:
        return None
    made = bytearray(data)
    for start, end in tags:
        made[start:end] = _stand_in(data, start, end)
    for start, end in _lines_of_tags(data, tags):
        made[start:end] = _EMPTY_LINES * (end - start)
    return bytes(made)


def _stand_in(data: bytes, start: int, end: int) -> bytes:
    """What the parser reads for a tag within a line: nothing, where it writes lines below
    a key (`labels: {{- include "labels" . | nindent 4 }}`)."""
    if _INDENT.search(data, start, end) and data[:start].rstrip(b" \t").endswith(b":"):
        return b" " * (end - start)
    length = end - start
    odd = length % 2
    return _THREE * odd + _TWO * ((length - 3 * odd) // 2)


def _lines_of_tags(data: bytes, tags: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The lines, joined where a tag goes over several, that hold tags and nothing else."""
    index = 0
    while index < len(tags):
        begin = data.rfind(b"\n", 0, tags[index][0]) + 1
        at = begin
        alone = True
        stop = begin
        while True:
            stop = data.find(b"\n", at)
            stop = len(data) if stop < 0 else stop
            if index == len(tags) or tags[index][0] >= stop:
                alone = alone and not data[at:stop].strip()
                break
            start, end = tags[index]
            alone = alone and not data[at:start].strip()
            at = end
            index += 1
        if alone:
            yield begin, stop


def passage(node: Node, start: int) -> Passage:
    """The text of a scalar of such a file, which begins at byte `start` behind its tag and
    anchor: a hole for what is filled in, blanks for statements."""
    if node.style == "|":
        return _block(node, start)
    host = node.host
    end = node.end
    if node.style in ("'", '"'):
        start, end = start + 1, end - 1
    if node.style == ">" or b"\n" in host.data[start:end]:
        return Passage.hole(host, start, max(end, start))
    text, _ = templates.masked(host.data[start:end])
    pieces = []
    for match in re.finditer(rb"\x1a+|[^\x1a]+", text):
        first, last = start + match.start(), start + match.end()
        whole = HOLE in match.group()
        pieces.append(Passage.hole(host, first, last) if whole else Passage.of(host, first, last))
    return Passage.join(pieces) if pieces else Passage.of(host, start, start)


def text(node: Node) -> Document:
    """A scalar as a configuration, which may hold alternatives."""
    branching = node.filled and templates.masked(node.host.data[node.start : node.end])[1]
    return embed(scalars.passage(node), branching=branching)


def _block(node: Node, start: int) -> Passage:
    """A literal block: its lines without their indentation, which lines of tags do not have."""
    host = node.host
    header = _HEADER.match(host.data, start)
    if header is None:
        return Passage.hole(host, start, max(node.end, start))
    given = host.data[header.end() : node.end]
    shaped = shape(given) or given
    text, _ = templates.masked(given)
    indent = _indentation(shaped)
    runs: list[Run] = []
    read = []
    at = 0
    for line in text.splitlines(keepends=True):
        stop = at + len(line)
        cut = at + min(indent, len(line) - len(line.lstrip(b" ")))
        place = host, header.end() + cut, header.end() + stop
        if _goes_elsewhere(given[at:stop], indent):
            read.append(b" " * (stop - cut - 1) + b"\n")
        else:
            read.append(text[cut:stop])
        if stop > cut:
            runs.append(Run(stop - cut, *place))
        at = stop
    return Passage(b"".join(read), runs or [Run(0, host, start, start)])


def _indentation(shaped: bytes) -> int:
    lines = [line for line in re.split(rb"[\r\n]", shaped) if line.strip()]
    return min((len(line) - len(line.lstrip(b" ")) for line in lines), default=0)


def _goes_elsewhere(line: bytes, indent: int) -> bool:
    """Whether a line writes something beside the block: `{{ toYaml .extra | indent 2 }}`."""
    found = _INDENT.search(line)
    return found is not None and line.strip().startswith(b"{{") and int(found[1]) < indent
