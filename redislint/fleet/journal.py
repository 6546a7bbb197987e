"""The journal of a run: one JSON line for each finished entry of the inventory, written as it
ends, with the records of its targets.

A line counts once it is whole, with its line feed, so a crash or a kill loses at most the
entry that was being written, and that one is audited again. The first line names the run
and the inventory; the last, if there is one, says that the run ended.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from io import BufferedRandom, FileIO
from typing import Any, NamedTuple

from redislint.fleet.model import Record

JOURNAL = "redislint-fleet-journal-1"

LONGEST_NAME = 4096
"""Bytes that an entry's name can take in JSON, with room to spare."""

_DECODER = json.JSONDecoder()


class JournalError(ValueError):
    """A journal that cannot be used: one line with its path."""


class Head(NamedTuple):
    """What a journal begins with. `started` is ISO 8601 in UTC; `inventory` a digest of what
    was asked for, so that a run is resumed only for the same; `name` what the fleet is called,
    `path` the inventory as it was given, `version` that of redislint."""

    run: str
    started: str
    inventory: str
    name: str = ""
    path: str = ""
    version: str = ""


class Loaded(NamedTuple):
    """What a journal holds, but for the records. `done` are the names of the entries that are
    finished, `end` is None while the run has not ended; `size` the bytes that count, after
    which a cut line may stand, `whole` those of the file."""

    head: Head
    done: frozenset[str]
    end: Mapping[str, Any] | None
    size: int
    whole: int = 0


def digest(data: bytes) -> str:
    """The digest of an inventory's text, for `Head.inventory`."""
    return sha256(data).hexdigest()[:32]


def read(path: str) -> Loaded:
    """Read a journal. Raises JournalError."""
    try:
        with open(path, "rb") as file:
            return _loaded(path, file)
    except OSError as error:
        raise JournalError(f"{path}: {(error.strerror or 'unreadable').lower()}") from None


class Records:
    """The records of a journal, read from disk each time they are iterated: a fleet's are
    larger than what a process should hold. Of an entry that stands there twice the first
    counts."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __iter__(self) -> Iterator[Record]:
        seen: set[str] = set()
        try:
            with open(self._path, "rb") as file:
                for row in _rows(self._path, file):
                    entry = row.get("entry")
                    if entry is not None and entry not in seen:
                        seen.add(entry)
                        yield from map(Record.of, row["records"])
        except OSError as error:
            reason = (error.strerror or "unreadable").lower()
            raise JournalError(f"{self._path}: {reason}") from None


def _rows(path: str, lines: Iterable[bytes]) -> Iterator[Mapping[str, Any]]:
    for number, line in enumerate(lines, 1):
        if not line.endswith(b"\n"):
            return
        try:
            yield json.loads(line)
        except ValueError:
            raise JournalError(f"{path}:{number}: is damaged: expected one JSON object") from None


def _loaded(path: str, file: Iterable[bytes]) -> Loaded:
    head: Head | None = None
    end = None
    done: set[str] = set()
    size = whole = 0

    def counted() -> Iterator[bytes]:
        nonlocal size, whole
        for line in file:
            whole += len(line)
            yield line
            size = whole

    for row in _rows(path, counted()):
        if head is None:
            if not isinstance(row, dict) or row.get("schema") != JOURNAL:
                break
            head = Head(**{name: row[name] for name in Head._fields})
        elif "entry" in row:
            done.add(row["entry"])
        else:
            end = row
    if head is None:
        raise JournalError(f"{path}: is no journal of a fleet audit")
    return Loaded(head, frozenset(done), end, size, whole)


class Journal:
    """A journal that is open for writing; use as a context manager."""

    def __init__(self, path: str, file: FileIO | BufferedRandom) -> None:
        self.path = path
        self._file = file

    @classmethod
    def create(cls, path: str, head: Head) -> Journal:
        """A new journal. Raises JournalError where there is one already, or none can be."""
        try:
            file = open(path, "xb", buffering=0, opener=_private)  # noqa: SIM115
        except FileExistsError:
            raise JournalError(f"{path}: exists already: --resume continues it") from None
        except OSError as error:
            raise JournalError(f"{path}: {(error.strerror or '').lower()}") from None
        journal = cls(path, file)
        journal._lock()
        journal._write({"schema": JOURNAL, **head._asdict()})
        return journal

    @classmethod
    def resume(cls, path: str, loaded: Loaded) -> Journal:
        """Go on behind the last whole line of a journal that was read. Raises JournalError."""
        try:
            file = open(path, "r+b", buffering=0)  # noqa: SIM115
        except OSError as error:
            raise JournalError(f"{path}: {(error.strerror or '').lower()}") from None
        journal = cls(path, file)
        try:
            journal._lock()
            journal._continue(loaded)
        except JournalError:
            journal.close()
            raise
        return journal

    def write(self, entry: str, records: Iterable[Record]) -> None:
        """Add a finished entry. Raises JournalError."""
        self.add(entry_line(entry, records))

    def add(self, line: bytes) -> None:
        """Add a finished entry that is such a line already. Raises JournalError."""
        try:
            # One write: what reads beside it sees whole lines, but for a crash.
            if self._file.write(line) != len(line):
                raise JournalError(f"{self.path}: the disk is full")
        except OSError as error:
            raise JournalError(f"{self.path}: {(error.strerror or '').lower()}") from None

    def end(self, summary: Mapping[str, Any]) -> None:
        """Say that the run ended, and sync the file to its disk."""
        self._write({"schema": JOURNAL, "ended": True, **summary})
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _lock(self) -> None:
        """Keep other runs out for as long as the file is open. Raises JournalError."""
        try:
            import fcntl
        except ImportError:  # a system without such locks
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise JournalError(f"{self.path}: another run is writing it") from None
        except OSError:  # a file system without locks
            return

    def _continue(self, loaded: Loaded) -> None:
        """Go behind the last whole line of what was read. Raises JournalError."""
        try:
            if os.fstat(self._file.fileno()).st_size != loaded.whole:
                raise JournalError(f"{self.path}: another run wrote to it just now")
            self._file.truncate(loaded.size)
            self._file.seek(loaded.size)
        except OSError as error:
            raise JournalError(f"{self.path}: {(error.strerror or '').lower()}") from None

    def _write(self, row: Mapping[str, Any]) -> None:
        self.add(line(row))


def entry_line(entry: str, records: Iterable[Record]) -> bytes:
    """The line of a finished entry. Its name stands first, for `entry_of`."""
    return line({"entry": entry, "records": [record.data for record in records]})


def entry_of(line: bytes) -> str:
    """The entry of such a line, which may be long, without reading all of it."""
    start = len(b'{"entry":')
    name, _ = _DECODER.raw_decode(line[: start + LONGEST_NAME].decode("ascii"), start)
    return str(name)


def line(row: Mapping[str, Any]) -> bytes:
    """A row as a line of a journal."""
    return json.dumps(row, separators=(",", ":")).encode("ascii") + b"\n"


def _private(path: str, flags: int) -> int:
    """A file that only its owner reads: a report says where a fleet is weak."""
    return os.open(path, flags, 0o600)
