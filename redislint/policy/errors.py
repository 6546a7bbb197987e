"""What is wrong with a file that people write: policies, redislint.yaml, baselines.

Every problem is one line that names the place, what was expected and, where there is
one, the nearest right name. Several problems of a file are reported together.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

MAX_SHOWN = 50
"""More problems than this in one run are counted, not listed."""


class Problem(NamedTuple):
    """One mistake. `line` and `column` start at 1; 0 means the file as a whole."""

    path: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        place = f":{self.line}:{self.column}" if self.line else ""
        return f"{self.path}{place}: {self.message}"


class PolicyError(ValueError):
    """A policy, project or baseline file cannot be used; `problems` says why.

    `str()` is one line per problem, in the order of their places.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        lines = [str(problem) for problem in self.problems[:MAX_SHOWN]]
        if len(self.problems) > MAX_SHOWN:
            lines.append(f"... and {len(self.problems) - MAX_SHOWN} more problems")
        super().__init__("\n".join(lines))


def quote(text: object, limit: int = 60) -> str:
    """`text` between quotes on one line, control characters escaped, shortened to `limit`."""
    shown = str(text)
    if len(shown) > limit:
        shown = shown[: limit - 3] + "..."
    return "'" + "".join(c if c.isprintable() else ascii(c)[1:-1] for c in shown) + "'"


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that `name` was most likely meant to be, or None."""
    if len(name) > 100:
        return None
    from difflib import get_close_matches

    names = list(candidates)
    found = get_close_matches(name, names, 1, 0.6)
    if not found and len(name) > 2:
        found = [candidate for candidate in names if candidate.startswith(name)]
    return found[0] if found else None


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """`; did you mean 'x'?` or nothing: the tail of a message about a wrong name."""
    found = nearest(name, candidates)
    return f"; did you mean '{found}'?" if found else ""
