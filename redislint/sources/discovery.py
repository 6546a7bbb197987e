"""Finding configuration files below directories, and reading the ones that were named.

A directory search is deterministic (names in byte order), never follows links to
directories, and passes over what .gitignore excludes, version control, dependencies and
virtual environments. A link to a file is followed as long as it stays inside.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from redislint.conf.reading import MAX_BYTES, ReadError, read_file
from redislint.sources import kinds
from redislint.sources.ignore import IgnoreRules

SKIPPED_DIRECTORIES = frozenset(
    {
        ".git",
        ".hg",
        ".svn",
        ".venv",
        "venv",
        "node_modules",
        "__pycache__",
        ".tox",
        ".nox",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".terraform",
    }
)
STDIN = "-"
"""The target that stands for standard input."""

NO_FILE_NAME = "<stdin>"
"""How standard input is called where nobody says what file it is."""


class ConfFile(NamedTuple):
    """A file to check: absolute `path`, its kind (see kinds.py) and its bytes."""

    path: str
    kind: str
    data: bytes


class Unread(NamedTuple):
    """Something that should have been read and could not be; `reason` is one line."""

    path: str
    reason: str


def discover(
    targets: Iterable[str],
    knows: Callable[[str], bool],
    *,
    max_size: int = MAX_BYTES,
    allow_outside: bool = False,
) -> Iterator[ConfFile | Unread]:
    """Each file that `targets` (paths of files or directories) stand for, once.

    `knows` answers whether any server version has a directive of that name.
    """
    seen: set[str] = set()
    for target in targets:
        path = os.path.abspath(target)
        found = (
            _search(path, knows, max_size, allow_outside)
            if os.path.isdir(path)
            else _named(path, knows, max_size, allow_outside)
        )
        for item in found:
            if item.path not in seen:
                seen.add(item.path)
                yield item


def repository_root(path: str) -> str | None:
    """The nearest directory upwards from the absolute `path` that holds a `.git`."""
    directory = path if os.path.isdir(path) else os.path.dirname(path)
    while True:
        if os.path.lexists(os.path.join(directory, ".git")):
            return directory
        parent = os.path.dirname(directory)
        if parent == directory:
            return None
        directory = parent


def is_inside(path: str, root: str) -> bool:
    """Whether absolute `path` is `root` or lies below it (neither resolved)."""
    return path == root or path.startswith(root.rstrip("/") + "/")


def _named(
    path: str, knows: Callable[[str], bool], max_size: int, allow_outside: bool
) -> Iterator[ConfFile | Unread]:
    root = repository_root(path)
    if root is not None and not allow_outside and _leads_out(path, root):
        yield Unread(path, _outside(root))
        return
    try:
        data = read_file(path, max_bytes=max_size)
    except ReadError as error:
        yield Unread(path, error.reason)
        return
    name = os.path.basename(path)
    kind: str | None = None
    if not kinds.is_candidate(name):
        from redislint.sources.iac import formats

        kind = formats.host_kind(name, data)
        if kind is None and formats.is_candidate(name):
            return
    yield ConfFile(path, kind or kinds.named_kind(name, data, knows), data)


def _leads_out(path: str, root: str) -> bool:
    return not is_inside(os.path.realpath(path), os.path.realpath(root))


def _outside(root: str) -> str:
    return f"a symbolic link leads out of {root} (--allow-outside follows it)"


def _search(
    top: str, knows: Callable[[str], bool], max_size: int, allow_outside: bool
) -> Iterator[ConfFile | Unread]:
    from redislint.sources.iac import formats

    root = repository_root(top) or top
    pending: list[tuple[str, IgnoreRules]] = [(top, IgnoreRules.above(top, root))]
    while pending:
        directory, rules = pending.pop()
        try:
            with os.scandir(directory) as scan:
                entries = sorted(scan, key=lambda entry: os.fsencode(entry.name))
        except OSError as error:
            yield Unread(directory, (error.strerror or "cannot be searched").lower())
            continue
        if any(entry.name == ".gitignore" for entry in entries):
            rules = rules.within(directory)
        below: list[tuple[str, IgnoreRules]] = []
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if not _skipped(entry) and not rules.excludes(entry.path, directory=True):
                    below.append((entry.path, rules))
            elif (
                kinds.is_candidate(entry.name) or formats.is_candidate(entry.name)
            ) and not rules.excludes(entry.path):
                yield from _found(entry, root, knows, max_size, allow_outside)
        pending.extend(reversed(below))


def _skipped(entry: os.DirEntry[str]) -> bool:
    return entry.name in SKIPPED_DIRECTORIES or os.path.lexists(
        os.path.join(entry.path, "pyvenv.cfg")
    )


def _found(
    entry: os.DirEntry[str],
    root: str,
    knows: Callable[[str], bool],
    max_size: int,
    allow_outside: bool,
) -> Iterator[ConfFile | Unread]:
    from redislint.sources.iac import formats

    loud = kinds.speaks_for_itself(entry.name)
    if entry.is_symlink() and not allow_outside and _leads_out(entry.path, root):
        if loud:
            yield Unread(entry.path, _outside(root))
        return
    if not _regular(entry):
        if loud and entry.is_symlink():
            yield Unread(entry.path, "no such file: a symbolic link that leads nowhere")
        return
    try:
        data = read_file(entry.path, max_bytes=max_size)
    except ReadError as error:
        if loud:
            yield Unread(entry.path, error.reason)
        return
    if kinds.is_candidate(entry.name):
        kind = kinds.found_kind(entry.name, data, knows)
    else:
        kind = formats.host_kind(entry.name, data)
    if kind is not None:
        yield ConfFile(entry.path, kind, data)


def _regular(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # a link in a circle of links
        return False
