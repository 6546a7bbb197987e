"""YAML (and JSON, its subset) read strictly, every value with its place.

The parser is ruamel.yaml's (YAML 1.2: `yes` is text). It is imported when a file is
parsed, never before: a run with a warm policy cache parses nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from redislint.policy.errors import PolicyError, Problem, did_you_mean, quote

MAX_BYTES = 2 * 1024 * 1024
MAX_NODES = 50_000
"""Values in one file, counting what an alias repeats: the parser needs some 20 us for
each, and an alias bomb repeats without end."""
MAX_DEPTH = 40
_MAX_OPEN = 100
"""Brackets that one line may leave open: the parser's time grows with their square."""

_KINDS = {"str": "text", "int": "a number", "float": "a number", "bool": "true or false"}
_INTEGER = re.compile(r"[-+]?(0x[0-9a-fA-F]+|0o[0-7]+|[0-9]{1,18})")
_WORD = re.compile(r"[^\s]+")
_PREFIX = "tag:yaml.org,2002:"


@dataclass(slots=True)
class Node:
    """One YAML value. `kind`: map, list, str, int, float, bool or null.

    `value` is a dict of name -> (key node, value node), a list of nodes, or a scalar.
    `exact` says that characters of a text stand in the file as in `value`, so that a
    column within the text is a column of the file, from `column + inset` on.
    """

    kind: str
    value: Any
    line: int
    column: int
    exact: bool = False
    inset: int = 0

    @property
    def data(self) -> Any:
        """The plain Python value, places dropped."""
        if self.kind == "map":
            return {name: node.data for name, (_, node) in self.value.items()}
        if self.kind == "list":
            return [node.data for node in self.value]
        return self.value


@dataclass(slots=True)
class Reader:
    """Takes values out of nodes and notes what is wrong with them.

    `source` is the text of the file, where places within folded texts are wanted.
    """

    path: str
    problems: list[Problem] = field(default_factory=list)
    source: str = ""

    def bad(self, node: Node, message: str, offset: int = 0, text: str = "") -> None:
        """Note a problem at a node, `offset` characters into its text (or into `text`,
        the same with other blanks)."""
        line, column = node.line, node.column
        if node.exact:
            column += node.inset + offset
        elif node.kind == "str" and offset:
            line, column = self._within(node, text or node.value, offset)
        self.problems.append(Problem(self.path, line, column, message))

    def _within(self, node: Node, text: str, offset: int) -> tuple[int, int]:
        """The place of a word of a folded text: folding changes blanks, never words."""
        word = _WORD.match(text, offset)
        lines = self.source.split("\n")
        if word is None or node.line > len(lines):
            return node.line, node.column
        before = text.count(word.group(), 0, offset)
        start = node.column - 1
        for number, line in enumerate(lines[node.line - 1 :], node.line):
            while (found := line.find(word.group(), start)) >= 0:
                if not before:
                    return number, found + 1
                before -= 1
                start = found + len(word.group())
            start = 0
        return node.line, node.column

    def done(self) -> None:
        """Raise PolicyError when anything was noted."""
        if self.problems:
            raise PolicyError(self.problems)

    def mapping(
        self, node: Node, what: str, keys: Sequence[str] | None, required: Sequence[str] = ()
    ) -> dict[str, Node]:
        """The values of a mapping by key; `keys` None lets any name pass."""
        if node.kind != "map":
            self.bad(node, f"{what} must be a mapping, not {describe(node)}")
            return {}
        for name, (key, _) in node.value.items():
            if keys is not None and name not in keys:
                self.bad(
                    key,
                    f"unknown key {quote(name)} in {what}: expected one of"
                    f" {', '.join(keys)}{did_you_mean(name, keys)}",
                )
        for name in required:
            if name not in node.value:
                self.bad(node, f"{what} has no '{name}'")
        return {
            name: value for name, (_, value) in node.value.items() if keys is None or name in keys
        }

    def text(self, node: Node | None, what: str, limit: int = 20_000) -> str:
        """A text that is not empty, else ""."""
        if node is None:
            return ""
        if node.kind != "str":
            hint = " (put it between quotes)" if node.kind in ("int", "float", "bool") else ""
            self.bad(node, f"{what} must be text, not {describe(node)}{hint}")
            return ""
        value: str = node.value
        if not value.strip():
            self.bad(node, f"{what} is empty")
        elif len(value) > limit:
            self.bad(node, f"{what} is longer than {limit} characters")
        else:
            return value
        return ""

    def texts(self, node: Node | None, what: str) -> tuple[str, ...]:
        """A list of texts; a single text stands for a list of one."""
        if node is None:
            return ()
        if node.kind == "str":
            node = Node("list", [node], node.line, node.column)
        if node.kind != "list":
            self.bad(node, f"{what} must be a list of texts, not {describe(node)}")
            return ()
        entries = (self.text(item, f"each entry of {what}") for item in node.value)
        return tuple(filter(None, entries))

    def items(self, node: Node | None, what: str) -> list[Node]:
        """The nodes of a list."""
        if node is None:
            return []
        if node.kind != "list":
            self.bad(node, f"{what} must be a list, not {describe(node)}")
            return []
        items: list[Node] = node.value
        return items

    def flag(self, node: Node | None, what: str, default: bool) -> bool:
        """true or false."""
        if node is None:
            return default
        if node.kind != "bool":
            self.bad(node, f"{what} must be true or false, not {describe(node)}")
            return default
        return bool(node.value)

    def choice(self, node: Node | None, what: str, choices: Sequence[str], default: str) -> str:
        """One word of a few."""
        if node is None:
            return default
        if node.kind == "str" and node.value in choices:
            return str(node.value)
        near = did_you_mean(node.value, choices) if node.kind == "str" else ""
        self.bad(node, f"{what} must be one of {', '.join(choices)}, not {describe(node)}{near}")
        return default


def describe(node: Node) -> str:
    """What stands there, for a message: `'yess'`, `a list`, `nothing`, `true`."""
    if node.kind == "map":
        return "a mapping"
    if node.kind == "list":
        return "a list"
    if node.kind == "null":
        return "nothing"
    if node.kind == "bool":
        return str(node.value).lower()
    return quote(node.value) if node.kind == "str" else f"the number {node.value}"


def read_bytes(path: str, shown: str, largest: int = MAX_BYTES) -> bytes:
    """The bytes of a regular file of at most `largest` bytes.

    Raises PolicyError (one line) when it cannot be read.
    """
    import stat

    try:
        info = os.stat(path)
        if stat.S_ISDIR(info.st_mode):
            raise PolicyError([Problem(shown, 0, 0, "is a directory, expected a file")])
        if not stat.S_ISREG(info.st_mode):
            raise PolicyError([Problem(shown, 0, 0, "is not a regular file")])
        if info.st_size > largest:
            raise PolicyError([Problem(shown, 0, 0, f"is larger than {largest >> 20} MiB")])
        with open(path, "rb") as file:
            return file.read()
    except (OSError, ValueError) as error:
        if isinstance(error, PolicyError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise PolicyError([Problem(shown, 0, 0, f"cannot be read: {reason}")]) from None


def parse(data: bytes, path: str, most: int = MAX_NODES, largest: int = MAX_BYTES) -> Node | None:
    """The one document in `data`, or None when it is empty.

    Raises PolicyError with place for anything that is not UTF-8 YAML 1.2 of core
    types, for duplicate keys, for more than `largest` bytes, and for documents that expand
    beyond `most` values.
    """
    if len(data) > largest:
        raise PolicyError([Problem(path, 0, 0, f"is larger than {largest >> 20} MiB")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise PolicyError(
            [Problem(path, line, column, "is not UTF-8 text: expected a YAML file")]
        ) from None
    deep = _deep_line(text)
    if deep:
        raise PolicyError([Problem(path, deep, 1, "is nested too deeply")])
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        root = _compose(text, most)
    except _TooManyError:
        raise PolicyError([Problem(path, 0, 0, f"has more than {most} values")]) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise PolicyError([_syntax_problem(path, error.problem or error.context, mark)]) from None
    except YAMLError as error:
        raise PolicyError([_reader_problem(path, text, error)]) from None
    except RecursionError:
        raise PolicyError([Problem(path, 0, 0, "is nested too deeply")]) from None
    except (ValueError, IndexError, AttributeError, TypeError, AssertionError):
        # Rare defects of the parser on damaged input: still one line, never a traceback.
        raise PolicyError([Problem(path, 0, 0, "is not valid YAML")]) from None
    if root is None:
        return None
    reader = Reader(path)
    try:
        node = _convert(root, reader, [most], ())
    except _TooManyError:
        raise PolicyError([Problem(path, 0, 0, f"has more than {most} values")]) from None
    reader.done()
    return node


class _TooManyError(Exception):
    """The document has more values than the bound."""


def _deep_line(text: str) -> int:
    """The number of a line that opens far more brackets than it closes, or 0."""
    for number, line in enumerate(text.splitlines(), 1):
        opened = line.count("[") + line.count("{")
        if opened > _MAX_OPEN and opened - line.count("]") - line.count("}") > _MAX_OPEN:
            return number
    return 0


def _compose(text: str, most: int) -> Any:
    """The node graph of ruamel.yaml, given up beyond `most` values. Raises its errors."""
    from ruamel.yaml import YAML
    from ruamel.yaml.composer import Composer

    class Bounded(Composer):
        left = most

        def compose_node(self, parent: Any, index: Any) -> Any:
            self.left -= 1
            if self.left < 0:
                raise _TooManyError
            return super().compose_node(parent, index)

    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = Bounded
    return yaml.compose(text)


def _convert(raw: Any, reader: Reader, budget: list[int], above: tuple[int, ...]) -> Node:
    budget[0] -= 1
    if budget[0] < 0:
        raise _TooManyError
    line, column = raw.start_mark.line + 1, raw.start_mark.column + 1
    tag = str(raw.tag)
    if id(raw) in above or len(above) > MAX_DEPTH:
        node = Node("null", None, line, column)
        reader.bad(node, "is nested too deeply" if id(raw) not in above else "refers to itself")
        return node
    above = (*above, id(raw))
    if tag == _PREFIX + "seq":
        items = [_convert(item, reader, budget, above) for item in raw.value]
        return Node("list", items, line, column)
    if tag == _PREFIX + "map":
        return _convert_map(raw, reader, budget, above)
    node = _scalar(raw, tag.removeprefix(_PREFIX), line, column)
    if node.kind == "null" and tag != _PREFIX + "null":
        reader.bad(node, f"the tag {quote(tag)} is not allowed: expected plain YAML")
    return node


def _convert_map(raw: Any, reader: Reader, budget: list[int], above: tuple[int, ...]) -> Node:
    entries: dict[str, tuple[Node, Node]] = {}
    for raw_key, raw_value in raw.value:
        key = _convert(raw_key, reader, budget, above)
        value = _convert(raw_value, reader, budget, above)
        if key.kind in ("map", "list", "null"):
            reader.bad(key, f"a key must be text, not {describe(key)}")
            continue
        if value.kind == "null":
            # An empty value has no place of its own: the parser puts it at what follows.
            value.line, value.column = key.line, key.column
        name = key.value if key.kind == "str" else str(raw_key.value)
        key.value = name
        if name in entries:
            first = entries[name][0].line
            reader.bad(key, f"duplicate key {quote(name)}: it already stands on line {first}")
            continue
        entries[name] = (key, value)
    return Node("map", entries, raw.start_mark.line + 1, raw.start_mark.column + 1)


def _scalar(raw: Any, tag: str, line: int, column: int) -> Node:
    text: Any = raw.value
    if not isinstance(text, str):
        return Node("null", None, line, column)
    one_line = raw.start_mark.line == raw.end_mark.line
    if tag in ("str", "timestamp"):
        inset = 1 if raw.style in ("'", '"') else 0
        width = raw.end_mark.column - raw.start_mark.column
        exact = one_line and width == len(text) + 2 * inset
        return Node("str", text, line, column, exact, inset)
    if tag == "int" and _INTEGER.fullmatch(text):
        return Node("int", int(text, 0) if "x" in text or "o" in text else int(text), line, column)
    if tag == "float":
        try:
            return Node("float", float(text), line, column)
        except ValueError:
            return Node("str", text, line, column)
    if tag == "bool":
        return Node("bool", text.lower() == "true", line, column)
    return Node("null", None, line, column)


def _syntax_problem(path: str, problem: str | None, mark: Any) -> Problem:
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    text = " ".join((problem or "malformed").split())
    if text.startswith("but found another document"):
        text = "expected one document, found another"
    if "'\\t'" in text:
        return Problem(path, line, column, "a tab cannot indent YAML: use spaces")
    return Problem(path, line, column, f"is not valid YAML: {text}")


def _reader_problem(path: str, text: str, error: Any) -> Problem:
    position = getattr(error, "position", None)
    if not isinstance(position, int):
        return Problem(path, 0, 0, "is not valid YAML")
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    return Problem(path, line, column, "has a control character that YAML does not allow")


def parse_cached(data: bytes, path: str) -> Node | None:
    """As `parse`, but a document that was read before comes from the user's cache."""
    from redislint.policy import cache

    name = "yaml-" + cache.key("", [("", data)])
    stored = cache.read(name)
    if isinstance(stored, list):
        try:
            return _unpack(stored)
        except (ValueError, TypeError, IndexError):
            stored = None  # damaged: read again below
    node = parse(data, path)
    if node is not None:
        cache.write(name, _pack(node))
    return node


def _pack(node: Node) -> list[Any]:
    value = node.value
    if node.kind == "map":
        value = [[_pack(key), _pack(item)] for key, item in value.values()]
    elif node.kind == "list":
        value = [_pack(item) for item in value]
    return [node.kind, value, node.line, node.column, node.exact, node.inset]


def _unpack(row: list[Any]) -> Node:
    kind, value, line, column, exact, inset = row
    if kind == "map":
        pairs = [(_unpack(key), _unpack(item)) for key, item in value]
        value = {str(key.value): (key, item) for key, item in pairs}
    elif kind == "list":
        value = [_unpack(item) for item in value]
    return Node(kind, value, line, column, exact, inset)
