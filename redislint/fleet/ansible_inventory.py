"""Ansible inventories as they stand in files: hosts, groups and their variables, in INI and YAML,
with `group_vars` and `host_vars` beside them.

Nothing is run: an inventory that is a program is refused, with the way to save what it prints.
Values stay as written; what a template fills in is not known here.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator

from redislint.conf.document import parse
from redislint.fleet.ansible_estate import Estate, Group, Value, Variables, add, wrong
from redislint.policy.errors import PolicyError, did_you_mean, quote
from redislint.policy.reading import read_bytes
from redislint.sources.iac.nodes import MAPPING, SCALAR, Node, NodeError, documents

_SKIPPED = (".orig", ".bak", ".ini~", ".cfg", ".retry", ".pyc", ".pyo", ".md", ".rst", ".j2", "~")
_VARS = ("group_vars", "host_vars")
_SECTION = re.compile(r"\[([^:\]]+)(?::(\w+))?\]\s*(?:[#;].*)?")
_KINDS = ("hosts", "vars", "children")


def load(path: str, shown: str) -> Estate:
    """Read an inventory: a file, or a directory with several. Raises PolicyError with places."""
    estate = Estate()
    folder = path if os.path.isdir(path) else os.path.dirname(path)
    prefix = shown if os.path.isdir(path) else os.path.dirname(shown)
    files = [(path, shown)] if folder != path else list(_files(path, shown))
    for file, name in files:
        _read(estate, file, name)
    for kind, found in zip(_VARS, (estate.of_groups, estate.of_hosts), strict=True):
        place = os.path.join(folder, kind), os.path.join(prefix, kind)
        estate.notices += _read_variables(*place, found)
    if not any(group.hosts for group in estate.groups.values()):
        raise wrong(shown, 0, 0, "names no host: expected an Ansible inventory, INI or YAML")
    return estate


def _files(folder: str, shown: str) -> Iterator[tuple[str, str]]:
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        hidden = name.startswith(".") or name.endswith(_SKIPPED)
        if os.path.isfile(path) and not hidden:
            yield path, os.path.join(shown, name)


def _read(estate: Estate, path: str, shown: str) -> None:
    data = read_bytes(path, shown)
    if data.startswith(b"#!"):
        how = "save what it knows: ansible-inventory -i PROGRAM --list --yaml > hosts.yml"
        raise wrong(shown, 1, 1, f"is a program, and redislint runs none: {how}")
    if path.endswith((".yml", ".yaml", ".json")) or data.lstrip().startswith((b"---", b"{")):
        _Yaml(estate, shown).read(data)
    else:
        _Ini(estate, shown).read(data)


# INI


class _Ini:
    def __init__(self, estate: Estate, path: str) -> None:
        self.estate = estate
        self.path = path

    def read(self, data: bytes) -> None:
        group, kind = self.estate.group("ungrouped"), "hosts"
        for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
            text = line.strip()
            if not text or text.startswith(("#", ";")):
                continue
            if text.startswith("["):
                match = _SECTION.fullmatch(text)
                if match and (match[2] or "hosts") in _KINDS:
                    group, kind = self.estate.group(match[1].strip()), match[2] or "hosts"
                    continue
                if match or ":" not in text.partition("]")[0]:
                    near = did_you_mean(match[2] or "", _KINDS) if match else ""
                    expected = f"expected [GROUP], [GROUP:vars] or [GROUP:children]{near}"
                    raise wrong(self.path, number, line.index("[") + 1, expected)
            self._line(group, kind, line, number)

    def _line(self, group: Group, kind: str, line: str, number: int) -> None:
        column = len(line) - len(line.lstrip()) + 1
        if kind == "children":
            name = line.split("#")[0].strip()
            self.estate.group(name)
            group.children.add(name)
        elif kind == "vars":
            name, equals, text = line.partition("=")
            if not equals:
                raise wrong(self.path, number, column, "expected NAME=VALUE")
            group.variables[name.strip()] = self._value(_unquoted(text.strip()), number)
        else:
            try:
                first, *rest = shlex.split(line, comments=True)
            except ValueError as error:
                message = f"{str(error).lower()}: expected HOST NAME=VALUE ..."
                raise wrong(self.path, number, column, message) from None
            variables = {}
            for word in rest:
                name, equals, text = word.partition("=")
                if not equals:
                    at = line.find(word, column) + 1
                    raise wrong(
                        self.path, number, at or column, f"expected NAME=VALUE, not {quote(word)}"
                    )
                variables[name] = self._value(text, number)
            add(group, first, variables, self.path, number, column)

    def _value(self, text: str, line: int) -> Value:
        return Value(None if "{{" in text or "{%" in text else text, self.path, line)


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    return re.split(r"\s[#;]", text)[0].strip()


# YAML


class _Yaml:
    def __init__(self, estate: Estate, path: str) -> None:
        self.estate = estate
        self.path = path

    def read(self, data: bytes) -> None:
        for root in _documents(data, self.path):
            if root.kind == SCALAR and not root.text:
                continue
            self._expect_mapping(root, "an inventory")
            for name, node in root.entries():
                self._group(name, node)

    def _group(self, name: str, node: Node) -> None:
        """A group and those below it, without recursion: an alias may hold itself."""
        pending = [(name, node)]
        seen: set[int] = set()
        while pending:
            name, node = pending.pop()
            group = self.estate.group(name)
            if id(node) in seen or _empty(node):
                continue
            seen.add(id(node))
            self._expect_mapping(node, f"group {quote(name)}")
            for key, value in node.entries():
                if key not in _KINDS:
                    near = did_you_mean(key, _KINDS)
                    text = f"unknown key {quote(key)} in group {quote(name)}"
                    raise self._bad(value, f"{text}: expected hosts, vars or children{near}")
                if _empty(value):
                    continue
                self._expect_mapping(value, f"'{key}' of group {quote(name)}")
                if key == "vars":
                    group.variables.update(_variables(value, self.path))
                elif key == "children":
                    group.children.update(child for child, _ in value.entries())
                    pending += value.entries()
                else:
                    self._hosts(group, value)

    def _hosts(self, group: Group, node: Node) -> None:
        for name, value in node.entries():
            if not _empty(value):
                self._expect_mapping(value, f"host {quote(name)}")
            span = value.host.span(value.start, value.end)
            own = _variables(value, self.path)
            add(group, name, own, self.path, span.line, span.column)

    def _expect_mapping(self, node: Node, what: str) -> None:
        if node.kind != MAPPING:
            raise self._bad(node, f"{what} must be a mapping")

    def _bad(self, node: Node, message: str) -> PolicyError:
        span = node.host.span(node.start, node.end)
        return wrong(self.path, span.line, span.column, message)


def _documents(data: bytes, path: str) -> list[Node]:
    host = parse(data, path)
    try:
        return documents(host)
    except NodeError as error:
        span = host.span(error.offset, error.offset)
        raise wrong(path, span.line, span.column, error.reason) from None


def _empty(node: Node) -> bool:
    return node.kind == SCALAR and node.text in ("", "~", "null")


def _variables(node: Node, path: str) -> Variables:
    found = {}
    for name, value in node.entries():
        known = value.kind == SCALAR and not value.tag and "{{" not in value.text
        line = value.host.span(value.start, value.end).line
        found[name] = Value(value.text if known and "{%" not in value.text else None, path, line)
    return found


# Files of variables


def _read_variables(folder: str, shown: str, found: dict[str, Variables]) -> Iterator[str]:
    """`FOLDER/NAME`, `FOLDER/NAME.yml` and all files below `FOLDER/NAME/`; yields what cannot be
    known."""
    if not os.path.isdir(folder):
        return
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if name.startswith(".") or name.endswith(_SKIPPED):
            continue
        files = [(path, os.path.join(shown, name))]
        if os.path.isdir(path):
            files = list(_files(path, os.path.join(shown, name)))
        stem = re.sub(r"\.(ya?ml|json)$", "", name) if os.path.isfile(path) else name
        for file, label in files:
            data = read_bytes(file, label)
            if data.startswith(b"$ANSIBLE_VAULT"):
                yield f"{label}: is encrypted: an address or a port that it sets is not known"
                continue
            for root in _documents(data, label):
                found.setdefault(stem, {}).update(_variables(root, label))
