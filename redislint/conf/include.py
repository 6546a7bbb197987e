"""What `include` reads: found as the server finds it, read as a stranger's file.

The server opens the path as it stands, so a relative one counts from the working
directory, never from the including file; and `dir` changes the working directory in
the middle of loading. Redis 7.0 and every Valkey expand `*`, `?` and `[`; a pattern
without a match is ignored, a plain path without a file stops the server. The files of
one pattern are read as one text. A directory is read as an empty file.

A lint must not show what the author of a branch could not read anyway. So only files
below these directories are read, symbolic links resolved first, unless
`allow_outside` is set:

* the repository (the nearest parent of the main file with a `.git`), or where there is
  none, the folder of the main file and the directory in which the lint runs (the latter
  unless it is the root of the file system or the home directory);
* the working directory that the caller gave.

Nothing within a `.git` is read, and nothing outside is even looked for (only where the
caller gave the working directory, a path that leads nowhere is told). A lint seldom
runs where the server will, so where the caller gave no working directory a path that is
not found there is tried from the folder of the main file, flagged as `courtesy`.

How the resolver uses it:

    reader = IncludeReader("conf/redis.conf")           # one for all servers; caches files
    walk = IncludeWalk(reader)                          # one for each server
    match = reader.expand(b"conf.d/*.conf", cwd, glob=dialect.include_glob)
    if match.files: document = walk.enter(match, span)  # ReadError, IncludeError
    ... the lines of document ...
    walk.leave()
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

from redislint.conf.document import Document, join, parse
from redislint.conf.globbing import expand, has_wildcard
from redislint.conf.reading import MAX_BYTES, ReadError, read_file
from redislint.model import Span

MAX_DEPTH = 64
"""Deepest nesting that is followed (a server with an 8 MiB stack goes much deeper)."""

MAX_INCLUDES = 2000
"""Most files entered for one server: two files that include each other's parts twice,
some levels deep, would keep server and lint busy for ever without any cycle."""

MAX_TOTAL_BYTES = 32 * 1024 * 1024
"""Most bytes read for the includes of one main file: 32 MiB."""


class IncludeFile(NamedTuple):
    """A file to include: `path` as reports name it, `real` with links resolved."""

    path: str
    real: str


class IncludeMatch(NamedTuple):
    """What one `include` leads to. Exactly one of these holds:

    `files`: to be read in this order, as one text. `missing`: a plain path without a
    file (fatal). `outside`: the path lies where this lint may not look, so nothing is
    known. `empty`: a pattern without a match, or nothing but directories (the server
    goes on). `directories` are those among the matches. `courtesy`: found from the main
    file's folder, which need not be where the server looks. `text`: the path as written.
    """

    text: str
    files: tuple[IncludeFile, ...] = ()
    missing: bool = False
    outside: bool = False
    directories: tuple[str, ...] = ()
    courtesy: bool = False

    @property
    def empty(self) -> bool:
        return not (self.files or self.missing or self.outside)


class Inclusion(NamedTuple):
    """A text being read, and the chain of who included whom up to the main file."""

    path: str
    files: frozenset[str]
    span: Span | None = None
    parent: Inclusion | None = None

    @property
    def depth(self) -> int:
        """0 for the main file."""
        return len(self.chain) - 1

    @property
    def chain(self) -> tuple[Inclusion, ...]:
        """From the main file down to this text."""
        found = [self]
        while (parent := found[-1].parent) is not None:
            found.append(parent)
        return tuple(reversed(found))

    def includes(self, files: frozenset[str]) -> bool:
        """Whether just these files are being read already: a cycle. A file that comes
        back in the company of others is none yet, since its include lines may be
        reached on another way, or an error before them."""
        return any(files == inclusion.files for inclusion in self.chain)


class IncludeError(Exception):
    """An include that is not followed: `kind` is `cycle`, `depth` or `count`.

    Only a cycle is the server's end (its stack overflows); the others are limits of
    the lint, and leave unknown what the rest would say.
    """

    def __init__(self, kind: str, reason: str, chain: tuple[Inclusion, ...]) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.chain = chain


class IncludeReader:
    """Finds and reads the files that one main file includes; keeps what it read."""

    def __init__(
        self,
        main: str | None = None,
        *,
        cwd: str | None = None,
        root: str | None = None,
        allow_outside: bool = False,
        max_bytes: int = MAX_BYTES,
        max_total_bytes: int = MAX_TOTAL_BYTES,
        texts: Mapping[str, bytes] | None = None,
    ) -> None:
        """`main`: path of the main file, None for a text without one. `cwd`: the
        server's working directory, when the caller knows it: its rule alone then counts.
        `root`: the directory to stay in, instead of the repository or folder.
        `max_bytes` for one file, `max_total_bytes` for all of them. `texts`: what counts
        in place of what files hold, by their path with links resolved.
        """
        self.main = main
        self.cwd = cwd if cwd is not None else ""
        self._exact = cwd is not None
        self._folder = os.path.dirname(main) if main else ""
        self._allow_outside = allow_outside
        self._max_bytes = max_bytes
        self._left = max_total_bytes
        self._max_total = max_total_bytes
        self._texts = texts or {}
        self._documents: dict[tuple[str, str], Document] = {}
        self._matches: dict[tuple[bytes, str, bool], IncludeMatch] = {}
        self._given_root = root
        self._allowed: tuple[str, ...] | None = None
        self._main_files: frozenset[str] | None = None

    def expand(self, pattern: bytes, cwd: str | None = None, *, glob: bool) -> IncludeMatch:
        """Where the text after `include` leads, seen from the working directory `cwd`
        (default: the one at the start). `glob`: whether this server expands patterns.
        """
        directory = self.cwd if cwd is None else cwd
        key = (pattern, directory, glob)
        if key not in self._matches:
            # A path ends at a NUL byte, which an escape can put into the value.
            path = pattern.partition(b"\0")[0]
            find = self._glob if glob and has_wildcard(path) else self._plain
            match = find(path, directory)
            if not self._exact and not match.files and not os.path.isabs(path):
                other = find(path, self._folder)
                if other.files:
                    match = other._replace(courtesy=True)
            self._matches[key] = match
        return self._matches[key]

    def main_files(self) -> frozenset[str]:
        """The main file with links resolved; empty for a text without a path."""
        if self._main_files is None:
            real = [os.path.realpath(self.main)] if self.main else []
            self._main_files = frozenset(real)
        return self._main_files

    @property
    def folder(self) -> str:
        """The folder of the main file, "" for a text without a path."""
        return self._folder

    def document(self, match: IncludeMatch) -> Document:
        """The text of all files of a match. Raises ReadError."""
        documents = [self._document(file) for file in match.files]
        return join(documents, match.text)

    def may_read(self, path: str | bytes) -> bool:
        """Whether `path`, links resolved, lies where this lint may look."""
        if self._allow_outside:
            return True
        real = os.path.realpath(os.fsdecode(path))
        if ".git" in real.split(os.sep):
            return False
        return any(real == root or real.startswith(root + os.sep) for root in self._roots())

    def _document(self, file: IncludeFile) -> Document:
        key = (file.real, file.path)
        if key not in self._documents:
            limit = min(self._max_bytes, self._left)
            try:
                data = self._texts.get(file.real)
                if data is None:
                    data = read_file(file.real, max_bytes=limit, follow=False, shown=file.path)
            except ReadError as error:
                if limit < self._max_bytes and "larger than" in error.reason:
                    reason = f"all includes together exceed {self._max_total >> 20} MiB"
                    raise ReadError(file.path, reason) from None
                raise
            self._left -= len(data)
            self._documents[key] = parse(data, file.path)
        return self._documents[key]

    def _plain(self, path: bytes, directory: str) -> IncludeMatch:
        text = os.fsdecode(path)
        if not path:
            return IncludeMatch(text, missing=True)
        return self._match(text, [path], directory, missing=True)

    def _glob(self, pattern: bytes, directory: str) -> IncludeMatch:
        base = os.fsencode(directory or ".")
        literal = pattern[: min(pattern.find(c) for c in (b"*", b"?", b"[") if c in pattern)]
        if not self.may_read(os.path.join(base, os.path.dirname(literal))):
            return IncludeMatch(os.fsdecode(pattern), outside=True)
        found = expand(pattern, base, self.may_read)
        return self._match(os.fsdecode(pattern), found, directory, missing=False)

    def _match(
        self, text: str, paths: list[bytes], directory: str, *, missing: bool
    ) -> IncludeMatch:
        files: list[IncludeFile] = []
        directories: list[str] = []
        for raw in paths:
            path = os.path.join(directory, os.fsdecode(raw))
            listed = not missing  # by a pattern, from a directory where lint may look
            if not (listed and os.path.isdir(path)) and not self.may_read(path):
                absent = missing and self._exact and not os.path.lexists(path)
                return IncludeMatch(text, missing=absent, outside=not absent)
            if os.path.isdir(path):
                directories.append(path)
            elif os.path.lexists(path):
                shown = os.path.normpath(path)
                if os.path.isabs(self.main or ""):  # then all names are whole
                    shown = os.path.abspath(shown)
                files.append(IncludeFile(shown, os.path.realpath(path)))
        lost = missing and not files and not directories
        return IncludeMatch(text, tuple(files), lost, directories=tuple(directories))

    def _roots(self) -> tuple[str, ...]:
        if self._allowed is None:
            self._allowed = self._find_roots()
        return self._allowed

    def _find_roots(self) -> tuple[str, ...]:
        given = [os.path.realpath(self.cwd)] if self._exact else []
        if self._given_root is not None:
            return (os.path.realpath(self._given_root), *given)
        here = os.path.realpath(os.curdir)
        folder = os.path.realpath(self._folder) if self.main else here
        repository = _repository(folder)
        if repository is not None:
            return (repository, *given)
        roots = [folder, here, *given]
        home = os.path.realpath(os.path.expanduser("~"))
        return tuple([r for r in roots if r in given or r not in (os.path.dirname(r), home)])


class IncludeWalk:
    """One server's way through the includes: where it is, and where it must stop."""

    def __init__(self, reader: IncludeReader) -> None:
        self._reader = reader
        self._entered = 0
        self.current = Inclusion(reader.main or "", reader.main_files())

    def enter(self, match: IncludeMatch, span: Span | None = None) -> Document:
        """Go into the files of a match, which the include at `span` names.

        Raises IncludeError for a cycle or beyond a limit, ReadError where a file cannot
        be read; the walk then stays where it is.
        """
        files = frozenset([file.real for file in match.files])
        chain = self.current.chain
        if self.current.includes(files):
            raise IncludeError("cycle", f"{match.text} includes itself", chain)
        if len(chain) > MAX_DEPTH:
            raise IncludeError("depth", f"includes nest deeper than {MAX_DEPTH}", chain)
        if self._entered >= MAX_INCLUDES:
            raise IncludeError("count", f"more than {MAX_INCLUDES} includes", chain)
        document = self._reader.document(match)
        self._entered += 1
        self.current = Inclusion(document.path or match.text, files, span, self.current)
        return document

    def not_alone(self) -> None:
        """The present text is more than its file: to include that file is no cycle."""
        self.current = self.current._replace(files=frozenset())

    def leave(self) -> None:
        """Back to the text that included the present one."""
        if self.current.parent is not None:
            self.current = self.current.parent


def _repository(folder: str) -> str | None:
    """The nearest directory from `folder` upwards that holds a `.git`."""
    while True:
        if os.path.lexists(os.path.join(folder, ".git")):
            return folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
