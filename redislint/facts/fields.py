"""Reading the fields of INFO by name: numbers as numbers, what is not there as None."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Info = Mapping[str, Any]
"""INFO of one sample: values by field name."""


def fields(known: Mapping[str, Any]) -> dict[str, Any]:
    """The INFO fields among facts by path, typed."""
    return typed({path[5:]: value for path, value in known.items() if path.startswith("info.")})


def typed(info: Info) -> dict[str, Any]:
    """INFO fields with numeric texts as numbers, those without a value left out."""
    return {
        name: _number(value) if isinstance(value, str) else value
        for name, value in info.items()
        if value is not None
    }


def _number(text: str) -> Any:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text) if text[:1].isdigit() or text[:1] == "-" else text
    except ValueError:
        return text


def number(info: Info, name: str) -> Any:
    """A field as a number, None when absent or no number."""
    value = info.get(name)
    if isinstance(value, str):
        value = _number(value)
    return value if isinstance(value, (int, float)) else None


def measured(info: Info, name: str) -> float | None:
    """Seconds that something took; None when INFO says -1, for never."""
    value = number(info, name)
    return None if value is None or value < 0 else float(value)


def flag(info: Info, name: str) -> bool | None:
    """A 0/1 field, None when absent."""
    value = number(info, name)
    return None if value is None else value == 1


def failed(info: Info, name: str) -> bool | None:
    """A status field: True for `err`, None when absent."""
    value = info.get(name)
    return None if value is None else str(value) != "ok"


def pairs(value: Any) -> dict[str, Any]:
    """A field of several values (`ip=10.0.0.1,lag=0`, `keys=3,expires=1`) by name."""
    if isinstance(value, Mapping):
        return {str(name): _number(v) if isinstance(v, str) else v for name, v in value.items()}
    if not isinstance(value, str) or "=" not in value:
        return {}
    parts = (part.partition("=") for part in value.split(","))
    return {name: _number(text) for name, _, text in parts}


def numbered(info: Info, prefix: str) -> Iterator[dict[str, Any]]:
    """The values of `slave0`, `slave1`, ... or `db0`, `db3`, ... in their order."""
    for name, value in info.items():
        if name.startswith(prefix) and name[len(prefix) :].isdigit():
            found = pairs(value)
            if found:
                yield found
