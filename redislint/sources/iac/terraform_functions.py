"""Functions of Terraform that are evaluated: those on texts, numbers and collections."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from redislint.sources.iac.given import UNKNOWN, shown
from redislint.sources.iac.terraform_files import Files, content, filled_in
from redislint.sources.iac.terraform_values import Value, entries, member, plain

if TYPE_CHECKING:
    from redislint.sources.iac.terraform_scope import Scope

_MOST_TEXT = 1_000_000


def call(name: str, arguments: Sequence[Value], place: Value, scope: Scope) -> Value:
    """What a function comes to; `place` is an unknown value where the call stands."""
    if name in ("try", "can"):
        return _try(name, arguments, place)
    if name in _PASSING and arguments:
        return _PASSING[name](arguments, place)
    if name in _READING:
        return _READING[name](list(arguments), place, scope.files)
    missing = next((one for one in arguments if not one.known), None)
    if missing is not None:
        return place._replace(why=missing.why, failed=missing.failed)
    function = _PLAIN.get(name)
    if function is None:
        return place._replace(why=f"the function {name} is not evaluated")
    values = [plain(one) for one in arguments]
    if not scope.step(_size(values)):
        return place._replace(why="the expression is too long")
    try:
        result = function(*values)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError):
        return place._replace(why=f"the function {name} is not evaluated on these", failed=True)
    return _placed(result, place)


def _size(values: Sequence[Any]) -> int:
    return 1 + sum(len(one) // 100 for one in values if isinstance(one, (str, list, dict)))


def _placed(result: Any, place: Value) -> Value:
    if isinstance(result, str) and len(result) > _MOST_TEXT:
        return place._replace(why="the text is too long")
    if isinstance(result, (list, tuple)):
        return place._replace(data=[_placed(item, place) for item in result])
    if isinstance(result, Mapping):
        return place._replace(data={key: _placed(item, place) for key, item in result.items()})
    return place._replace(data=result)


def _try(name: str, arguments: Sequence[Value], place: Value) -> Value:
    """The first argument that is no error. An unknown one may be one or not: it decides."""
    if name == "can":
        known = bool(arguments) and (arguments[0].known or arguments[0].failed)
        return place._replace(data=arguments[0].known) if known else place
    for argument in arguments:
        if not argument.failed:
            return argument
    return place._replace(why="no argument of try is known", failed=True)


# -- functions that hand values on with their places ----------------------------------------


def _first(arguments: Sequence[Value], place: Value) -> Value:
    return arguments[0]


def _as_list(arguments: Sequence[Value], place: Value) -> Value:
    value = arguments[0]
    if isinstance(value.data, Mapping):
        return place._replace(data=list(value.data.values()))
    return value


def _set(arguments: Sequence[Value], place: Value) -> Value:
    """A set: for `for_each` its keys are its values."""
    value = arguments[0]
    if not isinstance(value.data, list) or not all(item.known for item in value.data):
        return value if not value.known else place._replace(why="part of the set is not known")
    return value._replace(data={shown(plain(item)): item for item in value.data})


def _merge(arguments: Sequence[Value], place: Value) -> Value:
    found: dict[str, Value] = {}
    for argument in arguments:
        if argument.data is None:
            continue
        if not isinstance(argument.data, Mapping):
            return place._replace(why=argument.why or "an argument of merge is not known")
        found |= argument.data
    return place._replace(data=found)


def _concat(arguments: Sequence[Value], place: Value) -> Value:
    found: list[Value] = []
    for argument in arguments:
        pairs = entries(argument)
        if pairs is None:
            return place._replace(why=argument.why or "an argument of concat is not known")
        found += [item for _, item in pairs]
        if len(found) > 10_000:
            return place._replace(why="the list is too long")
    return place._replace(data=found)


def _flatten(arguments: Sequence[Value], place: Value) -> Value:
    found: list[Value] = []
    pending = list(arguments)
    while pending:
        value = pending.pop(0)
        pairs = entries(value) if isinstance(value.data, list) else None
        if pairs is not None:
            pending[:0] = [item for _, item in pairs]
        elif value.known:
            found.append(value)
        else:
            return place._replace(why=value.why)
        if len(found) + len(pending) > 10_000:
            return place._replace(why="the list is too long")
    return place._replace(data=found)


def _lookup(arguments: Sequence[Value], place: Value) -> Value:
    if len(arguments) < 2 or not isinstance(arguments[1].data, str):
        return place._replace(why="the key is not known")
    found = member(arguments[0], arguments[1].data)
    return arguments[2] if found.failed and len(arguments) > 2 else found


def _coalesce(arguments: Sequence[Value], place: Value) -> Value:
    for argument in arguments:
        if not argument.known or (argument.data is not None and argument.data != ""):
            return argument
    return place._replace(why="all arguments of coalesce are empty", failed=True)


def _values(arguments: Sequence[Value], place: Value) -> Value:
    pairs = entries(arguments[0])
    if pairs is None:
        return place._replace(why=arguments[0].why)
    return place._replace(data=[item for _, item in sorted(pairs, key=lambda p: shown(p[0].data))])


def _element(arguments: Sequence[Value], place: Value) -> Value:
    items = arguments[0].data
    index = arguments[1].data if len(arguments) > 1 else UNKNOWN
    if not isinstance(items, list) or not items or not isinstance(index, int):
        return place._replace(why=arguments[0].why or "the element is not known")
    found: Value = items[index % len(items)]
    return found


def _one(arguments: Sequence[Value], place: Value) -> Value:
    pairs = entries(arguments[0])
    if pairs is None or len(pairs) > 1:
        return place._replace(why=arguments[0].why or "there are several")
    return pairs[0][1] if pairs else place._replace(data=None)


def _length(arguments: Sequence[Value], place: Value) -> Value:
    data = arguments[0].data
    if isinstance(data, (str, list, Mapping)):
        return place._replace(data=len(data))
    return place._replace(why=arguments[0].why)


def _encoded(arguments: Sequence[Value], place: Value) -> Value:
    """What `yamlencode` makes is read as the object that it is made from."""
    return arguments[0]


_PASSING: Mapping[str, Callable[[Sequence[Value], Value], Value]] = {
    "tolist": _as_list,
    "tomap": _first,
    "toset": _set,
    "sensitive": _first,
    "nonsensitive": _first,
    "merge": _merge,
    "concat": _concat,
    "flatten": _flatten,
    "lookup": _lookup,
    "coalesce": _coalesce,
    "values": _values,
    "element": _element,
    "one": _one,
    "length": _length,
    "yamlencode": _encoded,
    "jsonencode": _encoded,
}

_READING: Mapping[str, Callable[[list[Value], Value, Files | None], Value]] = {
    "file": content,
    "templatefile": filled_in,
}

# -- functions of plain values ------------------------------------------------------------------


def _number(value: Any) -> int | float:
    if isinstance(value, bool):
        raise TypeError
    number = float(value)
    return int(number) if number.is_integer() else number


def _bool(value: Any) -> bool:
    return {"true": True, "false": False}[shown(value)]


def _string(value: Any) -> str | None:
    if isinstance(value, (list, dict)):
        raise TypeError
    return None if value is None else shown(value)


def _format(template: str, *values: Any) -> str:
    """`format` for the verbs %s, %d, %v and %%; ValueError for others."""
    pieces = []
    left = list(values)
    rest = template
    while "%" in rest:
        before, _, rest = rest.partition("%")
        pieces.append(before)
        verb, rest = rest[:1], rest[1:]
        if verb == "%":
            pieces.append("%")
        elif verb in ("s", "d", "v") and verb:
            pieces.append(shown(left.pop(0)))
        else:
            raise ValueError
    return "".join([*pieces, rest])


def _replace(text: str, old: str, new: str) -> str:
    if old.startswith("/") and old.endswith("/") and len(old) > 1:
        raise ValueError
    return text.replace(old, new)


_PLAIN: Mapping[str, Callable[..., Any]] = {
    "tostring": _string,
    "tonumber": _number,
    "tobool": _bool,
    "upper": lambda text: text.upper(),
    "lower": lambda text: text.lower(),
    "title": lambda text: text.title(),
    "trimspace": lambda text: text.strip(),
    "trimprefix": lambda text, prefix: text.removeprefix(prefix),
    "trimsuffix": lambda text, suffix: text.removesuffix(suffix),
    "join": lambda by, *lists: by.join(shown(item) for items in lists for item in items),
    "split": lambda by, text: text.split(by),
    "replace": _replace,
    "format": _format,
    "substr": lambda text, start, size: text[start:] if size < 0 else text[start : start + size],
    "startswith": lambda text, prefix: text.startswith(prefix),
    "endswith": lambda text, suffix: text.endswith(suffix),
    "contains": lambda items, item: item in list(items),
    "keys": lambda mapping: sorted(mapping.keys()),
    "distinct": lambda items: list(dict.fromkeys(items)),
    "compact": lambda items: [item for item in items if item not in (None, "")],
    "reverse": lambda items: items[::-1],
    "sort": sorted,
    "slice": lambda items, start, end: items[start:end],
    "zipmap": lambda keys, items: dict(zip(keys, items, strict=True)),
    "max": max,
    "min": min,
    "abs": abs,
    "floor": lambda value: int(value // 1),
    "ceil": lambda value: -int(-value // 1),
}
