"""Which fixes can be carried out together, and which must wait or stay undone."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence

from redislint.conf.document import Document
from redislint.model import Edit


class Taken:
    """Edits that are to be carried out together, each file's in order."""

    def __init__(self) -> None:
        self._fixes: set[tuple[Edit, ...]] = set()
        self._edits: dict[str, list[tuple[int, int, Edit]]] = {}
        self._words: dict[tuple[str, bytes], Edit] = {}

    def add(self, target: str, edits: tuple[Edit, ...]) -> bool:
        """Take the edits of one fix, unless they get in the way of those taken before.

        New lines in two files of one target can set the same directive, too.
        """
        if edits in self._fixes:
            return True
        words = [((target, word), one) for one in edits for word in _new_directives(one)]
        if any(self._words.get(word, one) != one for word, one in words):
            return False
        if any(self._clashes(one) for one in edits):
            return False
        self._fixes.add(edits)
        for one in edits:
            insort(self._edits.setdefault(one.path, []), (one.start, one.end, one), key=_range)
        self._words.update(words)
        return True

    def _clashes(self, one: Edit) -> bool:
        """Whether an edit touches another one; one that equals it is the same."""
        own = self._edits.get(one.path, [])
        at = bisect_left(own, (one.start, one.end), key=_range)
        for _, _, other in own[at:]:
            if other.start > one.end:
                break
            if _touch(one, other):
                return True
        for _, end, other in reversed(own[:at]):
            if end < one.start:
                break
            if _touch(one, other):
                return True
        return False


def _range(item: tuple[int, int, Edit]) -> tuple[int, int]:
    return item[:2]


def _touch(one: Edit, other: Edit) -> bool:
    """Whether two different edits of a file overlap, or an insertion lies at the edge of
    the other. New lines at one place can follow each other, comments among them cannot."""
    if one == other:
        return False
    if one.start == one.end == other.start == other.end:
        return any(e.replacement.lstrip(b" \t")[:1] in (b"#", b"\n", b"\r") for e in (one, other))
    if one.start == one.end or other.start == other.end:
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end


def _new_directives(change: Edit) -> frozenset[bytes]:
    """The names with which the lines begin that an insertion adds."""
    if change.start != change.end:
        return frozenset()
    lines = (line.split(None, 1) for line in change.replacement.splitlines())
    return frozenset(words[0].lower() for words in lines if words and words[0][:1] != b"#")


def moves_a_waiver(document: Document, edits: Sequence[Edit]) -> bool:
    """Whether a comment that silences rules for the next line would come to stand before
    another line, since that one is deleted or others get in between."""
    if b"disable-next-line" not in document.data:
        return False
    from redislint.conf.pragma import read_pragmas

    targets = {silence.line: silence for silence in read_pragmas(document).silences}
    for line in document.directives:
        silence = targets.get(line.source_line)
        if silence is None:
            continue
        comment = document.offset(silence.span.line, silence.span.column)
        for one in edits:
            deleted = (
                one.start <= line.start and one.end >= line.end and not one.replacement.strip()
            )
            if deleted or (comment < one.start <= line.start and _new_directives(one)):
                return True
    return False
