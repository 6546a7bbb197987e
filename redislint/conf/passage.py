"""Text whose every byte knows where it stands in a file that people edit.

Configuration often stands in another language: a block of YAML, the words of a command,
a template. A `Passage` is the text that the server reads, with a map from its bytes to
those of the host file. Passages are cut and joined; the map follows, so that whatever
reads the text (words, settings, diagnostics) points into the host file of its own accord.

A `HOLE` is a byte that stands for text which nobody can know before some tool fills it
in: `{{ port }}`, `${PORT}`, `!Ref Port`. A value with a hole in it is unknown.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from redislint.conf.document import Document

HOLE = b"\x1a"
"""What stands in a text for what is not known: SUB, which no configuration has a use for."""


LITERAL, FOLDED, PLAIN, SINGLE, DOUBLE, STRING, RAW = (
    "literal",
    "folded",
    "plain",
    "single",
    "double",
    "string",
    "raw",
)
"""How a host writes a text: lines as the server reads them (a literal block, a template), a
folded block, a scalar without quotes or in either kind (double ones are JSON's, too), a string
of HCL, words as they stand (a unit, a Dockerfile)."""


class Slot(NamedTuple):
    """The scalar of the host language that holds a text: `kind` says how it is written,
    `start` and `end` are its bytes, quotes included. `words`: what reads it takes it apart
    into words as a shell does."""

    kind: str
    start: int
    end: int
    words: bool = False


class Run(NamedTuple):
    """`length` bytes of a passage that stand for bytes `start` to `end` of `host`.

    Where both are equally long they correspond one by one, else all to all (an escape, a
    folded line end). `start == end` for what the host only implies: a quote that the
    server puts around an argument, the blank between two. `slot` is what holds the bytes,
    None where nothing can be written in their place.
    """

    length: int
    host: Document
    start: int
    end: int
    slot: Slot | None = None

    def cut(self, first: int, last: int) -> Run:
        """The run for its bytes `first` to `last` (excluded)."""
        if self.length == self.end - self.start:
            return self._replace(
                length=last - first, start=self.start + first, end=self.start + last
            )
        return self._replace(length=last - first)


class Passage:
    """`data`, and for every byte of it where it stands. Treat as read-only."""

    __slots__ = ("_ends", "data", "runs")

    _ends: list[int]

    def __init__(self, data: bytes, runs: Iterable[Run]) -> None:
        """`runs` cover `data` in order, without a gap; an empty text has one run, too."""
        self.data = data
        self.runs = tuple(runs)

    @classmethod
    def of(
        cls, host: Document, start: int = 0, end: int | None = None, slot: Slot | None = None
    ) -> Passage:
        """Bytes of a host file as they stand."""
        last = len(host.data) if end is None else end
        return cls(host.data[start:last], (Run(last - start, host, start, last, slot),))

    @classmethod
    def instead(
        cls, data: bytes, host: Document, start: int, end: int, slot: Slot | None = None
    ) -> Passage:
        """`data` in the place of bytes `start` to `end` of a host file."""
        return cls(data, (Run(len(data), host, start, end, slot),))

    @classmethod
    def hole(cls, host: Document, start: int, end: int) -> Passage:
        """What bytes `start` to `end` of a host file come to is not known."""
        return cls.instead(HOLE * max(end - start, 1), host, start, end)

    @classmethod
    def join(cls, passages: Iterable[Passage]) -> Passage:
        """Several passages (at least one), one behind the other."""
        several = tuple(passages)
        runs = [run for one in several for run in one.runs if run.length]
        return cls(b"".join([one.data for one in several]), runs or several[0].runs)

    def __len__(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        return f"<Passage of {len(self.data)} bytes>"

    @property
    def known(self) -> bool:
        """Whether nothing of it is templated or unresolved."""
        return HOLE not in self.data

    @property
    def is_value(self) -> bool:
        """Whether it is a directive of which the host holds the value alone, in a variable
        or below a key: its name is implied."""
        first = self.runs[0]
        return first.start == first.end and first.length > 0

    @property
    def hosts(self) -> tuple[Document, ...]:
        """The files that it comes from, each once."""
        return tuple({id(run.host): run.host for run in self.runs}.values())

    def cut(self, start: int, end: int | None = None) -> Passage:
        """The passage of bytes `start` to `end` (excluded)."""
        last = len(self.data) if end is None else end
        if start >= last:
            host, at = self.place(start)
            return Passage(b"", (Run(0, host, at, at, self.slot(start)),))
        runs = []
        index = bisect_right(self._stops(), start)
        base = self._stops()[index - 1] if index else 0
        for run in self.runs[index:]:
            if base >= last:
                break
            runs.append(run.cut(max(start - base, 0), min(last - base, run.length)))
            base += run.length
        return Passage(self.data[start:last], runs)

    def place(self, offset: int) -> tuple[Document, int]:
        """The host file of a byte, and where it starts there; beyond the last one: the end."""
        run, within = self._at(offset)
        if within >= run.length:
            return run.host, run.end
        exact = run.length == run.end - run.start
        return run.host, run.start + within if exact else run.start

    def extent(self, start: int, end: int) -> tuple[Document, int, int]:
        """The host file of the bytes from `start` to `end`, and where they start and end.

        Where they lie in several files, the part in the first of them counts.
        """
        host, first = self.place(start)
        if end <= start:
            return host, first, first
        run, within = self._at(end - 1)
        exact = run.length == run.end - run.start
        last = run.start + within + 1 if exact else run.end
        if run.host is not host:
            last = max(r.end for r in self.runs if r.host is host)
        return host, first, max(last, first)

    def slot(self, offset: int) -> Slot | None:
        """What holds a byte in the host."""
        return self._at(offset)[0].slot

    def held_by(self, slot: Slot) -> Passage:
        """The same text in another scalar of its host, which lies within that of before."""
        return Passage(self.data, [run._replace(slot=slot) for run in self.runs])

    def as_words(self) -> Passage:
        """The same text as one of the words that a shell makes of what holds it."""
        runs = [
            run if run.slot is None else run._replace(slot=run.slot._replace(words=True))
            for run in self.runs
        ]
        return Passage(self.data, runs)

    def literal(self, start: int, end: int) -> tuple[Document, int, int] | None:
        """Where the bytes from `start` to `end` stand, if they stand there just so, on one
        line of LITERAL text; None else."""
        run, within = self._at(start)
        literal = run.slot is not None and run.slot.kind == LITERAL
        if not literal or within + end - start > run.length:
            return None
        host, first, last = run.host, run.start + within, run.start + within + end - start
        same = run.length == run.end - run.start and host.data[first:last] == self.data[start:end]
        return (host, first, last) if same and b"\n" not in self.data[start:end] else None

    def _at(self, offset: int) -> tuple[Run, int]:
        stops = self._stops()
        index = min(bisect_right(stops, offset), len(stops) - 1)
        return self.runs[index], offset - (stops[index - 1] if index else 0)

    def _stops(self) -> list[int]:
        try:
            return self._ends
        except AttributeError:
            self._ends = list(accumulate(run.length for run in self.runs))
            return self._ends
