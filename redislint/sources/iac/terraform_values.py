"""Values of Terraform with their places, as expressions come to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from redislint.conf.document import Document
from redislint.conf.passage import Passage
from redislint.sources.iac.branches import DECIDED
from redislint.sources.iac.given import UNKNOWN, Given

if TYPE_CHECKING:
    from redislint.sources.iac.terraform_scope import Scope
    from redislint.sources.iac.terraform_syntax import Expression


MOST_BRANCHES = 100
"""Most values that one conditional can come to: of more it is only said that they differ."""


class Value(NamedTuple):
    """A value and its place.

    `data` is None, a boolean, a number, a text, a list or a mapping of values, or UNKNOWN
    (`why` says what is missing). `failed`: it is an error to Terraform itself, which `try`
    catches. `reference`: the resource's attribute that it is taken from. `basis`: where it
    was resolved. `passage`: a text with its places. `branches`: what a condition chooses
    from; the value is known where the condition is, or where all branches agree.
    `effective`: false for a branch that a condition is known not to choose.
    """

    data: Any
    host: Document
    start: int
    end: int
    why: str = ""
    failed: bool = False
    reference: str = ""
    basis: str = ""
    passage: Passage | None = None
    branches: tuple[Value, ...] = ()
    effective: bool = True

    @property
    def known(self) -> bool:
        return self.data is not UNKNOWN

    def at(self, other: Value) -> Value:
        """The value in the place of another, its branches as well."""
        branches = tuple(one.at(other) for one in self.branches)
        return self._replace(host=other.host, start=other.start, end=other.end, branches=branches)


def value_of(expression: Expression, scope: Scope) -> Value:
    """What an attribute comes to; a value that is not known stands where its expression does."""
    value = expression.evaluate(scope)
    if value.known:
        return value
    return value._replace(host=expression.host, start=expression.start, end=expression.end)


def unknown(node: Any, host: Document, why: str, *, failed: bool = False) -> Value:
    return Value(UNKNOWN, host, node.start_byte, node.end_byte, why, failed)


def number(text: str) -> int | float | str:
    """A number as it is written; a text that is none stays one."""
    try:
        return int(text) if text.lstrip("-").isdigit() else float(text)
    except (ValueError, OverflowError):
        return text


def entries(value: Value) -> list[tuple[Value, Value]] | None:
    """Keys and values of a collection, None where it is none or not known."""
    if isinstance(value.data, Mapping):
        return [(item._replace(data=key, passage=None), item) for key, item in value.data.items()]
    if isinstance(value.data, list):
        return [(item._replace(data=n, passage=None), item) for n, item in enumerate(value.data)]
    return None


def plain(value: Value, left: int = 50) -> Any:
    """The data without places; UNKNOWN for what is nested deeper than `left` levels."""
    if not left:
        return UNKNOWN
    if isinstance(value.data, list):
        return [plain(item, left - 1) for item in value.data]
    if isinstance(value.data, Mapping):
        return {key: plain(item, left - 1) for key, item in value.data.items()}
    return value.data


def either(several: Sequence[Value], place: Value, why: str) -> Value:
    """One value that can be each of several; known where they agree. `why`: what is not
    known of the condition."""
    flat = tuple(one for value in several for one in (value.branches or (value,)))
    reason = f"{DECIDED} ({why})" if why else DECIDED
    if len(flat) > MOST_BRANCHES:
        return place._replace(data=UNKNOWN, why=reason, branches=(), passage=None)
    first = plain(flat[0])
    if all(one.known and plain(one) == first for one in flat):
        return flat[0].at(place)._replace(branches=flat)
    references = {one.reference for one in flat}
    return place._replace(
        data=UNKNOWN,
        why=reason,
        reference=references.pop() if len(references) == 1 else "",
        passage=None,
        branches=flat,
    )


def member(value: Value, name: str) -> Value:
    """The member of a collection; missing ones are what Terraform would call an error."""
    data = value.data
    if data is UNKNOWN and value.branches:
        return either([member(one, name) for one in value.branches], value, "")
    if data is UNKNOWN:
        return value._replace(passage=None)
    if isinstance(data, Mapping) and name in data:
        found: Value = data[name]
        return found
    if isinstance(data, list) and name.isdigit() and int(name) < len(data):
        item: Value = data[int(name)]
        return item
    return value._replace(data=UNKNOWN, why=f"there is no {name}", failed=True, passage=None)


def given(name: str, value: Value, directive: str = "") -> Given:
    """An attribute of a resource with this value."""
    start, end = value.start, value.end
    data = value.data
    why = value.why
    if isinstance(data, list):
        if data:
            start, end = _around(value, data)
        why = why or next((item.why for item in data if item.why), "")
        if len(data) == 1 and data[0].reference:
            value = value._replace(reference=data[0].reference)
        data = [plain(item) for item in data]
    elif isinstance(data, Mapping):
        data, why = UNKNOWN, "it is an object"
    return Given(
        name, data, value.host, start, end, why, value.reference, value.basis, directive,
        value.effective, tuple(given(name, one, directive) for one in value.branches),
    )  # fmt: skip


def _around(value: Value, items: list[Value]) -> tuple[int, int]:
    """From the first item of a list to its last."""
    own = [i for i in items if i.host is value.host and value.start <= i.start < value.end]
    if not own:
        return value.start, value.end
    return min(i.start for i in own), max(i.end for i in own)
