"""Reading files safely: only regular files, never more than asked for."""

from __future__ import annotations

import errno
import os
import stat

from redislint.conf.document import Document, parse

MAX_BYTES = 8 * 1024 * 1024
"""Largest configuration file that is read by default: 8 MiB (a stock file has 0.1)."""

_PIECE = 1 << 20

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)  # opening a FIFO must not wait for its writer
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)

_REASONS = {
    errno.ENOENT: "no such file",
    errno.ENOTDIR: "no such file: a part of the path is not a directory",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.ELOOP: "too many levels of symbolic links",
    errno.ENAMETOOLONG: "the path is too long",
    errno.EISDIR: "it is a directory, expected a file",
    errno.ENXIO: "it is a socket or a device, expected a regular file",
    errno.EMFILE: "too many open files",
}

_KINDS = (
    (stat.S_ISDIR, "it is a directory, expected a file"),
    (stat.S_ISFIFO, "it is a named pipe, expected a regular file"),
    (stat.S_ISSOCK, "it is a socket, expected a regular file"),
    (stat.S_ISBLK, "it is a device, expected a regular file"),
    (stat.S_ISCHR, "it is a device, expected a regular file"),
)


class ReadError(Exception):
    """A file that could not be read: `path`, and `reason` in one line.

    `missing` tells a path that leads nowhere from one that may not be read.
    """

    def __init__(self, path: str, reason: str, *, missing: bool = False) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason
        self.missing = missing


def read_file(
    path: str, *, max_bytes: int = MAX_BYTES, follow: bool = True, shown: str | None = None
) -> bytes:
    """The bytes of a regular file.

    `max_bytes`: a larger file is refused, unread. `follow`: whether `path` itself may be
    a symbolic link. `shown`: how errors name the file, when not by `path`.
    Raises ReadError where it is missing, not a regular file, too large, or unreadable.
    """
    name = path if shown is None else shown
    flags = _FLAGS if follow else _FLAGS | getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        raise _read_error(name, error) from None
    except ValueError:
        raise ReadError(name, "the path holds a NUL byte", missing=True) from None
    try:
        return _read(descriptor, name, max_bytes)
    except OSError as error:
        raise _read_error(name, error) from None
    finally:
        os.close(descriptor)


def parse_file(path: str | os.PathLike[str], *, max_bytes: int = MAX_BYTES) -> Document:
    """The configuration text in a file; includes are not read. Raises ReadError."""
    name = os.fspath(path)
    return parse(read_file(name, max_bytes=max_bytes), name)


def _read(descriptor: int, name: str, max_bytes: int) -> bytes:
    status = os.fstat(descriptor)
    for is_kind, reason in _KINDS:
        if is_kind(status.st_mode):
            raise ReadError(name, reason)
    if status.st_size > max_bytes:
        raise ReadError(name, _too_large(max_bytes))
    # The size may be wrong (/proc) or change while reading: the limit holds all the same.
    pieces: list[bytes] = []
    left = max_bytes + 1
    while left and (piece := os.read(descriptor, min(left, max(status.st_size + 1, _PIECE)))):
        pieces.append(piece)
        left -= len(piece)
    if not left:
        raise ReadError(name, _too_large(max_bytes))
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _too_large(max_bytes: int) -> str:
    return f"larger than the limit of {max_bytes / (1 << 20):g} MiB for a configuration file"


def _read_error(name: str, error: OSError) -> ReadError:
    code = error.errno or 0
    reason = _REASONS.get(code) or os.strerror(code).lower()
    return ReadError(name, reason, missing=code in (errno.ENOENT, errno.ENOTDIR))
