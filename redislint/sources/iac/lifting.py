"""YAML that stands as a text in another file: what is found in it, with the places of the file.

A heredoc of Terraform with the values of a chart, `values: |` of a release. The text is read
as a document of its own; what comes out points into it, and is put back to where it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from redislint.conf.document import Document, embed
from redislint.conf.passage import HOLE, Passage, Run
from redislint.sources.iac import nodes
from redislint.sources.iac.deployment import Deployment
from redislint.sources.iac.nodes import Node, NodeError


def document(text: Passage) -> Document:
    """A text as a document of its own. What is not known in it is a word of underscores to
    the parser, until `lifted` puts back what stands there."""
    inner = Document(text.data.replace(HOLE, b"_"), text.runs[0].host.path)
    inner.passage = text
    inner.foreign = True
    return inner


def documents(inner: Document) -> list[Node]:
    """The documents of a text; none where it is no YAML, which its own tool tells better."""
    try:
        return nodes.documents(inner)
    except NodeError:
        return []


def lifted(found: Iterable[Deployment], inner: Document) -> Iterator[Deployment]:
    """Deployments that were found in `inner`, an embedded document, as ones of its host."""
    whole = inner.passage
    if whole is None:
        yield from found
        return
    for one in found:
        texts = tuple(_document(text, inner, whole) for text in one.launch.texts)
        words = tuple(_passage(word, inner, whole) for word in one.launch.words)
        host = whole.hosts[0] if one.host is inner else one.host
        yield one._replace(host=host, launch=one.launch._replace(texts=texts, words=words))
    for start, end in inner.secrets:
        host, first, last = whole.extent(start, end)
        host.secrets.add((first, last))


def _document(text: Document, inner: Document, whole: Passage) -> Document:
    if text.passage is None:
        return text
    passage = _passage(text.passage, inner, whole)
    return embed(passage, origin=text.origin, branching=text.branching)


def _passage(text: Passage, inner: Document, whole: Passage) -> Passage:
    parts = []
    at = 0
    for run in text.runs:
        parts.append(_part(text.data[at : at + run.length], run, inner, whole))
        at += run.length
    return Passage.join(parts)


def _part(data: bytes, run: Run, inner: Document, whole: Passage) -> Passage:
    """The text of the host in the place of a run of the embedded one. Nothing is written
    there: quotes and indentation of two languages would have to be kept."""
    if run.host is not inner:
        return Passage(data, (run,))
    if run.length and run.length == run.end - run.start:
        found = whole.cut(run.start, run.end)
        return Passage(found.data, [one._replace(slot=None) for one in found.runs])
    host, first, last = whole.extent(run.start, run.end)
    return Passage(data, (Run(run.length, host, first, last),))
