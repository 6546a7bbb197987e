"""Attributes that a condition decides: what each branch gives, and what they agree in.

Every branch is listed as a setting; the last is the one that reports call in effect. Rules
see a value only where all branches come to the same: a rule must not pass because of one
of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from redislint.sources.iac.given import UNKNOWN, Given

DECIDED = "its branches differ, and a condition decides"


def either(several: Sequence[Given], place: Given, why: str = "") -> Given:
    """One attribute that can be each of `several` (None for a branch that gives nothing), in
    the place of another. `why`: what is not known of the condition."""
    flat = tuple(one for given in several for one in (given.branches or (given,)))
    agreed = _agreed(flat)
    told = why if why.startswith(DECIDED) or not why else f"{DECIDED} ({why})"
    reason = "" if agreed is not UNKNOWN else told or DECIDED
    references = {one.reference for one in flat}
    return place._replace(
        value=agreed,
        why=reason,
        reference=references.pop() if len(references) == 1 else "",
        branches=flat,
        basis="the same in all branches" if agreed is not UNKNOWN else "",
    )


def _agreed(several: Sequence[Given]) -> Any:
    """What all come to, UNKNOWN where they differ or are not known."""
    first = several[0].value
    alike = all(one.known and one.value == first for one in several)
    return first if alike and several[0].known else UNKNOWN


def nothing(like: Given) -> Given:
    """The branch that does not give the attribute at all."""
    return like._replace(value=None, branches=(), why="", reference="")


def in_doubt(given: Given, why: str) -> Given:
    """An attribute that is given or not; itself where there is no `why`."""
    return either([given, nothing(given)], given, why) if why else given


def listed(given: Given) -> Iterator[Given]:
    """What reports list of an attribute: each branch that stands in a place of its own, or
    the attribute; nothing where it is null."""
    several = [one for one in given.branches if one.value is not None]
    places = {(id(one.host), one.start, one.end) for one in several}
    if not several or len(places) < len(several):
        if given.value is not None:
            yield given
        return
    last = next((one for one in reversed(several) if one.effective), None)
    for one in several:
        yield one._replace(effective=one is last)


def read(given: Given, reader: Callable[[Given], Any], default: Any) -> Any:
    """What a reader makes of an attribute; of branches what it makes of all of them alike,
    `default` standing for one that gives nothing. None where they differ."""
    if not given.branches or given.known:
        return reader(given)
    found = [default if one.value is None else reader(one) for one in given.branches]
    return found[0] if all(one == found[0] for one in found) else None
