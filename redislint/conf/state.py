"""What a server has taken from its configuration so far: the values, and who set them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from redislint.catalog import Spec
from redislint.conf.document import Document, Line
from redislint.conf.forms import save_value
from redislint.conf.result import Value
from redislint.model import Diagnostic

_CLASSES = ("normal", "slave", "pubsub")
_OBUF = "client-output-buffer-limit"


class Applied(NamedTuple):
    """One line that set something: the name as written, its facts, what was taken.
    `order` counts the lines as the server meets them, includes in place."""

    name: str
    spec: Spec
    value: Value
    line: Line
    origin: str
    order: int


class Hidden(NamedTuple):
    """A line that sets something which is not known before some tool fills it in."""

    name: str
    spec: Spec
    line: Line
    origin: str
    order: int


class Found(NamedTuple):
    """A diagnostic, and when the server notices it: `late` ones after all others, each
    in the order of the lines (`order`)."""

    late: bool
    order: int
    diagnostic: Diagnostic


class Inclusion(NamedTuple):
    """An include that was read: its line, the text, and the orders of the first line
    before the included ones and of the last of them."""

    line: Line
    before: int
    last: int
    document: Document

    def holds(self, order: int) -> bool:
        return self.before < order <= self.last


class State:
    """The values of one server while its configuration is read.

    `dropped`: the save lines that it skips in silence. `includes`: the texts read in the
    place of include lines, in the order in which they end. `hidden`: the lines whose value
    is templated or unresolved. `unseen`: why further directives may be set that nobody can
    see from here, "" where all is seen; `unset`: those that certainly nothing sets.
    `retired`: no server runs with what was set.
    """

    __slots__ = (
        "_limits",
        "_save",
        "applied",
        "dropped",
        "found",
        "hidden",
        "includes",
        "last",
        "order",
        "retired",
        "save_cleared",
        "unseen",
        "unset",
    )

    def __init__(self, *, builtin_save: bool) -> None:
        self.applied: list[Applied] = []
        self.last: dict[str, Applied] = {}
        self.found: list[Found] = []
        self.dropped: list[Applied] = []
        self.includes: list[Inclusion] = []
        self.hidden: list[Hidden] = []
        self.unseen = ""
        self.unset: frozenset[str] = frozenset()
        self.retired = False
        self.order = 0
        self.save_cleared = not builtin_save
        self._save: list[Applied] = []
        self._limits: dict[str, Applied] = {}

    def set(self, applied: Applied) -> None:
        """Take a value; the last one of a directive is in effect."""
        self.applied.append(applied)
        self.last[applied.spec.directive] = applied

    def retire(self, why: str) -> None:
        """Take back everything that was set: it stands there, and no server runs with it."""
        self.last.clear()
        self._save.clear()
        self._limits.clear()
        self.hidden.clear()
        self.found.clear()
        self.unseen = why
        self.unset = frozenset()
        self.retired = True

    def text(self, directive: str) -> str | None:
        """The text that was set for a directive, None when nothing set it."""
        applied = self.last.get(directive)
        return applied.value.text if applied else None

    def is_open(self, *directives: str) -> bool:
        """Whether one of these directives has, or may have, a value that is not known."""
        if self.unseen and any(
            directive not in self.last and directive not in self.unset for directive in directives
        ):
            return True
        return any(hidden.spec.directive in directives for hidden in self.hidden)

    # Save points add up; `save ""` and the reset rules of the version clear them.

    def clear_save(self) -> None:
        self._save.clear()
        self.save_cleared = True

    def add_save(self, applied: Applied) -> None:
        self.set(applied)
        self._save.append(applied)

    @property
    def save_lines(self) -> Sequence[Applied]:
        """The save lines whose points are in effect."""
        return self._save

    def save_points(self) -> tuple[tuple[int, int], ...] | None:
        """The save points in effect as (seconds, changes), None for the built-in ones."""
        if not self.save_cleared:
            return None
        return tuple(pair for applied in self._save for pair in applied.value.value)

    def save_text(self) -> str | None:
        points = self.save_points()
        return None if points is None else save_value(points).text

    # Buffer limits are kept for each class of clients.

    def set_limits(self, applied: Applied) -> None:
        self.set(applied)
        for limits in applied.value.value:
            self._limits[limits[0]] = applied

    def limit_line(self, client_class: str) -> Applied:
        """The line whose limits are in effect for a class; KeyError when none sets them."""
        return self._limits[client_class]

    def limits(self, default: str) -> tuple[tuple[str, int, int, int], ...]:
        """The buffer limits of every class: (class, hard, soft, soft seconds)."""
        words = default.split()
        found = {
            words[i]: (words[i], int(words[i + 1]), int(words[i + 2]), int(words[i + 3]))
            for i in range(0, len(words) - 3, 4)
        }
        for name, applied in self._limits.items():
            for limits in applied.value.value:
                if limits[0] == name:
                    found[name] = limits
        return tuple(found[name] for name in _CLASSES if name in found)

    def effective(self) -> Iterator[Applied]:
        """The lines whose value is in effect, each once."""
        for directive, applied in self.last.items():
            if directive not in ("save", _OBUF) and applied.spec.repeat != "each":
                yield applied
        yield from self._save
        yield from {id(applied): applied for applied in self._limits.values()}.values()
        if not self.retired:
            yield from (a for a in self.applied if a.spec.repeat == "each")
