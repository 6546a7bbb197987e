"""A JSON document of which one array stays text: its items are decoded one by one, as often as
somebody goes over them, for they may be many."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

Json = dict[str, Any]

_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


class Parsed(NamedTuple):
    """The outermost object without the array, and where that begins (0: there is none)."""

    members: Json
    start: int


def parse(text: str, array: str) -> Parsed:
    """The members of the outermost object; the items of the member `array` are checked for their
    syntax only. Raises JSONDecodeError, and RecursionError for what is nested too deeply."""
    members: Json = {}
    start = 0
    at = _skip(text, _expect(text, 0, "{"))
    while text[at : at + 1] != "}":
        at = _skip(text, at)
        if text[at : at + 1] != '"':
            raise json.JSONDecodeError("expected a name", text, at)
        key, at = _decode(text, at)
        at = _skip(text, _expect(text, at, ":"))
        if key == array and text[at : at + 1] == "[":
            start = at + 1
            last = deque(items(text, start), maxlen=1)
            at = _expect(text, last[0][1] if last else start, "]")
        else:
            members[key], at = _decode(text, at)
        at = _skip(text, at)
        if text[at : at + 1] != ",":
            break
        at += 1
    at = _skip(text, _expect(text, at, "}"))
    if at < len(text):
        raise json.JSONDecodeError("more text after the end", text, at)
    return Parsed(members, start)


def _decode(text: str, at: int) -> tuple[Any, int]:
    return _DECODER.raw_decode(text, at)


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _expect(text: str, at: int, mark: str) -> int:
    at = _skip(text, at)
    if text[at : at + 1] != mark:
        raise json.JSONDecodeError(f"expected {mark}", text, at)
    return at + 1


def items(text: str, at: int) -> Iterator[tuple[Any, int]]:
    """The items of an array from behind its bracket, each with where it ends."""
    at = _skip(text, at)
    while text[at : at + 1] not in ("]", ""):
        item, at = _decode(text, at)
        yield item, at
        at = _skip(text, at)
        if text[at : at + 1] != ",":
            return
        at = _skip(text, at + 1)
