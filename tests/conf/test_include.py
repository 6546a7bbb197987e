"""Includes are found as the server finds them, and never read from outside."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redislint.conf import globbing
from redislint.conf.include import (
    MAX_DEPTH,
    MAX_INCLUDES,
    IncludeError,
    IncludeMatch,
    IncludeReader,
    IncludeWalk,
)
from redislint.conf.reading import ReadError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="paths of POSIX systems")


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a file in a folder of its own; the lint runs in its root."""
    root = tmp_path / "repository"
    files = {
        "conf/redis.conf": "include a.conf\n",
        "conf/only-here.conf": "timeout 1\n",
        "conf/a.conf": "timeout 99\n",
        "a.conf": "timeout 17\n",
        "conf.d/b.conf": "timeout 2\n",
        "conf.d/a.conf": "timeout 1",
        "conf.d/.hidden.conf": "timeout 3\n",
        ".git/config": "token\n",
        "../outside.conf": "masterauth x\n",
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.chdir(root)
    return root


def look(reader: IncludeReader, text: str, cwd: str | None = None) -> IncludeMatch:
    return reader.expand(os.fsencode(text), cwd, glob=True)


def paths(match: IncludeMatch) -> list[str]:
    return [file.path for file in match.files]


def test_relative_to_the_working_directory(tree: Path) -> None:
    reader = IncludeReader("conf/redis.conf")
    match = look(reader, "a.conf")
    assert paths(match) == ["a.conf"]
    assert not match.courtesy
    assert bytes(reader.document(match)) == b"timeout 17\n"
    assert paths(look(reader, "a.conf", "conf")) == ["conf/a.conf"]
    assert paths(look(reader, str(tree / "a.conf"))) == [str(tree / "a.conf")]


def test_courtesy_only_without_a_given_directory(tree: Path) -> None:
    match = look(IncludeReader("conf/redis.conf"), "only-here.conf")
    assert (paths(match), match.courtesy) == (["conf/only-here.conf"], True)
    match = look(IncludeReader("conf/redis.conf", cwd=str(tree)), "only-here.conf")
    assert (match.missing, match.courtesy) == (True, False)
    match = look(IncludeReader("conf/redis.conf"), "only-here.conf", "/var/lib/redis")
    assert (paths(match), match.courtesy) == (["conf/only-here.conf"], True)


def test_missing_and_empty(tree: Path) -> None:
    reader = IncludeReader("conf/redis.conf")
    assert look(reader, "nosuch.conf").missing
    assert look(reader, "").missing
    assert look(reader, "~/a.conf").missing
    assert look(reader, "nosuch*.conf").empty
    assert reader.expand(b"nosuch*.conf", glob=False).missing
    assert reader.expand(b"a.conf\0junk", glob=True).files
    match = look(reader, "conf.d")
    assert (match.empty, match.directories) == (True, ("conf.d",))


def test_glob_joins_in_order(tree: Path) -> None:
    reader = IncludeReader("conf/redis.conf")
    match = look(reader, "conf.d/*.conf")
    assert paths(match) == ["conf.d/a.conf", "conf.d/b.conf"]
    (line,) = reader.document(match).directives
    assert line.raw == b"timeout 1timeout 2"
    assert look(reader, "*/[!b]*.conf").files[0].path == "conf.d/a.conf"


@pytest.mark.parametrize(
    "text", ["../outside.conf", "/etc/passwd", "/etc/*", "../*.conf", ".git/config", ".g*/config"]
)
def test_outside_is_not_looked_at(tree: Path, text: str) -> None:
    match = look(IncludeReader("conf/redis.conf", cwd=str(tree)), text)
    assert not match.files
    assert match.outside or text == ".g*/config"


def test_a_link_to_the_outside(tree: Path) -> None:
    (tree / "link.conf").symlink_to("../outside.conf")
    (tree / "up").symlink_to("..")
    (tree / "inside.conf").symlink_to("a.conf")
    reader = IncludeReader("conf/redis.conf")
    for text in ("link.conf", "l*.conf", "up/outside.conf", "up/o*.conf", "u*/outside.conf"):
        match = look(reader, text)
        assert not match.files, text
    assert look(reader, "link.conf").outside
    assert bytes(reader.document(look(reader, "inside.conf"))) == b"timeout 17\n"
    free = IncludeReader("conf/redis.conf", allow_outside=True)
    assert bytes(free.document(look(free, "link.conf"))) == b"masterauth x\n"


def test_without_a_repository_the_folder_and_the_cwd(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one/redis.conf", "two/x.conf", "three/x.conf"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("timeout 1\n")
    monkeypatch.chdir(tmp_path / "two")
    reader = IncludeReader("../one/redis.conf")
    assert look(reader, "x.conf").files
    assert look(reader, "../one/redis.conf").files
    assert look(reader, "../three/x.conf").outside
    monkeypatch.chdir("/")
    assert not IncludeReader(str(tmp_path / "one/redis.conf")).may_read("/etc/passwd")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    reader = IncludeReader("one/redis.conf")
    assert look(reader, "three/x.conf").outside
    given = IncludeReader("one/redis.conf", cwd=str(tmp_path))
    assert look(given, "three/x.conf").files
    assert not IncludeReader("one/redis.conf", root="two").may_read("one/redis.conf")


def test_no_file_at_all(tree: Path) -> None:
    os.mkfifo(tree / "pipe.conf")
    (tree / "dangling.conf").symlink_to("nowhere.conf")
    reader = IncludeReader("conf/redis.conf")
    with pytest.raises(ReadError, match=r"^pipe.conf: it is a named pipe"):
        reader.document(look(reader, "pipe.conf"))
    with pytest.raises(ReadError) as caught:
        reader.document(look(reader, "dangling.conf"))
    assert caught.value.missing


def test_sizes(tree: Path) -> None:
    reader = IncludeReader("conf/redis.conf", max_bytes=9)
    with pytest.raises(ReadError, match="larger than the limit"):
        reader.document(look(reader, "a.conf"))
    reader = IncludeReader("conf/redis.conf", max_total_bytes=15)
    reader.document(look(reader, "a.conf"))
    reader.document(look(reader, "a.conf"))
    with pytest.raises(ReadError, match="all includes together"):
        reader.document(look(reader, "conf/a.conf"))


def test_walk_knows_the_chain_and_cycles(tree: Path) -> None:
    reader = IncludeReader("conf/redis.conf")
    walk = IncludeWalk(reader)
    first, second = look(reader, "a.conf"), look(reader, "conf/a.conf")
    walk.enter(first)
    walk.enter(second)
    assert [i.path for i in walk.current.chain] == ["conf/redis.conf", "a.conf", "conf/a.conf"]
    assert walk.current.depth == 2
    for again in (first, look(reader, "conf/redis.conf"), look(reader, "conf/../a.conf")):
        with pytest.raises(IncludeError) as caught:
            walk.enter(again)
        assert caught.value.kind == "cycle"
    walk.leave()
    walk.enter(second)
    walk.leave()
    walk.leave()
    walk.leave()
    assert walk.current.depth == 0


def test_walk_limits(tree: Path) -> None:
    for n in range(MAX_DEPTH + 1):
        (tree / f"d{n}.conf").touch()
    reader = IncludeReader("conf/redis.conf")
    walk = IncludeWalk(reader)
    for n in range(MAX_DEPTH):
        walk.enter(look(reader, f"d{n}.conf"))
    with pytest.raises(IncludeError) as caught:
        walk.enter(look(reader, f"d{MAX_DEPTH}.conf"))
    assert caught.value.kind == "depth"
    walk = IncludeWalk(reader)
    for _ in range(MAX_INCLUDES):
        walk.enter(look(reader, "a.conf"))
        walk.leave()
    with pytest.raises(IncludeError) as caught:
        walk.enter(look(reader, "a.conf"))
    assert caught.value.kind == "count"


NAMES = [
    "a",
    "b",
    "ab",
    ".a",
    "a.b",
    "[",
    "]",
    "-",
    "a-b",
    "\\",
    "B",
    "1",
    "!",
    "^",
    "a]",
    "[a",
]
PIECES = ["*", "?", "[", "]", "!", "^", "-", "\\", "a", "b", ".", "1", "B", "[a-b]", "[!a]", "[]a]"]
PIECES += ["[^]]", "[b-a]", "[[:digit:]]", "[[:alpha:]1]"]
TEMPLATES = ["{}", "d/{}/f", "d/{}/", "*/{}", "{}/a"]
patterns = st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).map("".join)


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("names")
    for name in NAMES:
        (folder / name).touch()
        (folder / "d" / name).mkdir(parents=True)
        (folder / "d" / name / "f").touch()
    return folder


def c_glob(pattern: bytes) -> list[bytes]:
    """What glob(3) of this system finds."""

    class Glob(ctypes.Structure):
        _fields_ = (
            ("count", ctypes.c_size_t),
            ("paths", ctypes.POINTER(ctypes.c_char_p)),
            ("room", ctypes.c_byte * 256),
        )

    library = ctypes.CDLL(None)
    result = Glob()
    if library.glob(pattern, 0, None, ctypes.byref(result)) != 0:
        return []
    found = [result.paths[n] or b"" for n in range(result.count)]
    library.globfree(ctypes.byref(result))
    return found


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="compares with glibc")
@settings(max_examples=300, deadline=None)
@given(pattern=patterns, template=st.sampled_from(TEMPLATES))
def test_patterns_as_in_the_c_library(names: Path, pattern: str, template: str) -> None:
    text = os.fsencode(template.format(pattern))
    # POSIX leaves open what a backslash means with nothing after it.
    if not globbing.has_wildcard(text) or text.endswith(b"\\") or b"\\/" in text:
        return
    # Collating symbols ([.x.], [=x=]) are not modelled: no path of a configuration has them.
    if b"[." in text or b"[=" in text:
        return
    base = os.fsencode(names)
    expected = [path[len(base) + 1 :] for path in c_glob(base + b"/" + text)]
    assert globbing.expand(text, base, lambda path: True) == expected
