"""The journal of a run: one JSON line for each finished entry of the inventory, written as it
ends, with the records of its targets (a seed stands for several).

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

from redislint.fleet.model import RECORD, Record, Status

JOURNAL = "redislint-fleet-journal-1"


class JournalError(ValueError):
    """A journal that cannot be used: one line with its path."""


class Head(NamedTuple):
    """What a journal begins with. `started` is ISO 8601 in UTC; `inventory` a digest of what
    was asked for, so that a run is resumed only for the same."""

    run: str
    started: str
    inventory: str


class Loaded(NamedTuple):
    """What a journal holds. `end` is None while the run has not ended; `size` the bytes that
    count, after which a cut line may stand."""

    head: Head
    records: tuple[Record, ...]
    end: Mapping[str, Any] | None
    size: int


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


def _loaded(path: str, lines: Iterable[bytes]) -> Loaded:
    head: Head | None = None
    end = None
    size = 0
    records: dict[str, Record] = {}
    for number, line in enumerate(lines, 1):
        if not line.endswith(b"\n"):
            break
        row = _row(path, number, line)
        if head is None:
            if row.get("schema") != JOURNAL:
                raise JournalError(f"{path}: is no journal of a fleet audit")
            head = Head(row["run"], row["started"], row["inventory"])
        elif row.get("schema") == RECORD:
            record = Record(row["entry"], row["target"], Status(row["status"]), row)
            records.setdefault(record.key, record)
        else:
            end = row
        size += len(line)
    if head is None:
        raise JournalError(f"{path}: is no journal of a fleet audit")
    return Loaded(head, tuple(records.values()), end, size)


def _row(path: str, number: int, line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        raise JournalError(f"{path}:{number}: is damaged: expected one JSON object") from None


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
        journal._write({"schema": JOURNAL, **head._asdict()})
        return journal

    @classmethod
    def resume(cls, path: str, loaded: Loaded) -> Journal:
        """Go on behind the last whole line of a journal that was read. Raises JournalError."""
        try:
            file = open(path, "r+b", buffering=0)  # noqa: SIM115
            file.truncate(loaded.size)
            file.seek(loaded.size)
        except OSError as error:
            raise JournalError(f"{path}: {(error.strerror or '').lower()}") from None
        return cls(path, file)

    def write(self, record: Record) -> None:
        """Add a finished target."""
        self._write(record.data)

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

    def _write(self, row: Mapping[str, Any]) -> None:
        line = json.dumps(row, separators=(",", ":")).encode("ascii") + b"\n"
        self._file.write(line)  # one write: a reader sees whole lines but for a crash


def _private(path: str, flags: int) -> int:
    """A file that only its owner reads: a report says where a fleet is weak."""
    return os.open(path, flags, 0o600)


def pending(keys: Iterable[str], loaded: Loaded) -> Iterator[str]:
    """Of the keys of all targets those that the journal does not have yet."""
    done = {record.entry for record in loaded.records}
    return (key for key in keys if key not in done)
