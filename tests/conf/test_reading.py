"""Only regular files are read, and never more than the limit."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from redislint.conf.reading import MAX_BYTES, ReadError, parse_file, read_file

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX file kinds")


def reason(path: Path, max_bytes: int = MAX_BYTES) -> str:
    with pytest.raises(ReadError) as caught:
        read_file(str(path), max_bytes=max_bytes)
    error = caught.value
    assert error.path == str(path)
    assert str(error) == f"{path}: {error.reason}"
    assert "\n" not in str(error)
    return error.reason


def test_reads_every_byte(tmp_path: Path) -> None:
    path = tmp_path / "redis.conf"
    for data in (b"", b"port 1\r\n\0\xff", b"x" * (3 << 20)):
        path.write_bytes(data)
        assert read_file(str(path)) == data
        document = parse_file(path)
        assert (bytes(document), document.path) == (data, str(path))


def test_limit_is_inclusive(tmp_path: Path) -> None:
    path = tmp_path / "redis.conf"
    path.write_bytes(b"12345")
    assert read_file(str(path), max_bytes=5) == b"12345"
    assert "larger than the limit" in reason(path, max_bytes=4)
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert reason(path) == "larger than the limit of 8 MiB for a configuration file"


def test_missing(tmp_path: Path) -> None:
    assert reason(tmp_path / "no.conf") == "no such file"
    (tmp_path / "file").touch()
    with pytest.raises(ReadError) as caught:
        read_file(str(tmp_path / "file" / "x"))
    assert caught.value.missing
    with pytest.raises(ReadError, match="NUL"):
        read_file("a\0b")
    assert "too long" in reason(tmp_path / ("x" * 5000))


@posix
def test_what_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert reason(tmp_path) == "it is a directory, expected a file"
    os.mkfifo(tmp_path / "pipe")
    assert "named pipe" in reason(tmp_path / "pipe")
    assert "device" in reason(Path("/dev/zero"))
    monkeypatch.chdir(tmp_path)  # the name of a socket has to be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("sock")
        assert "socket" in reason(Path("sock"))


@posix
def test_links(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert "symbolic links" in reason(tmp_path / "a")
    (tmp_path / "real").write_bytes(b"x")
    (tmp_path / "link").symlink_to("real")
    assert read_file(str(tmp_path / "link")) == b"x"
    with pytest.raises(ReadError):
        read_file(str(tmp_path / "link"), follow=False)


@posix
def test_permission(tmp_path: Path) -> None:
    path = tmp_path / "secret.conf"
    path.write_bytes(b"requirepass x")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("the user who runs the tests may read everything")
    assert reason(path) == "permission denied"


@posix
def test_files_whose_size_lies() -> None:
    if not Path("/proc/self/status").exists():
        pytest.skip("no /proc here")
    assert b"Name:" in read_file("/proc/self/status")
    with pytest.raises(ReadError):
        read_file("/proc/self/status", max_bytes=10)
