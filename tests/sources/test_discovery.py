from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from redislint import catalog
from redislint.sources.discovery import ConfFile, Unread, discover

REDIS = "port 6379\nappendonly yes\nmaxmemory 2gb\n"


def knows(name: str) -> bool:
    return catalog.directive(name) is not None


def write(path: Path, text: str = REDIS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def found(top: Path, targets: Sequence[Path] | None = None, **options: bool) -> list[str]:
    items = discover(map(str, targets or [top]), knows, **options)
    return [os.path.relpath(item.path, top) for item in items if isinstance(item, ConfFile)]


def unread(top: Path, **options: bool) -> dict[str, str]:
    items = discover([str(top)], knows, **options)
    return {
        os.path.relpath(item.path, top): item.reason for item in items if isinstance(item, Unread)
    }


def test_the_order_is_that_of_the_names(tmp_path: Path) -> None:
    for name in ("b/redis.conf", "a/z.conf", "a/b.conf", "redis.conf", "a/c/redis.conf"):
        write(tmp_path / name)
    assert found(tmp_path) == [
        "redis.conf",
        "a/b.conf",
        "a/z.conf",
        "a/c/redis.conf",
        "b/redis.conf",
    ]


def test_dependencies_and_virtual_environments_are_passed_over(tmp_path: Path) -> None:
    for folder in (".git", "node_modules", ".venv", "venv", "__pycache__", "custom"):
        write(tmp_path / folder / "redis.conf")
    write(tmp_path / "custom" / "pyvenv.cfg", "home = /usr\n")
    assert found(tmp_path) == []


def test_gitignore_is_honoured_nested_and_negated(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write(tmp_path / ".gitignore", "build/\n*.local.conf\n!keep.local.conf\n/only-top/\n")
    write(tmp_path / "sub" / ".gitignore", "redis.conf\n!x.local.conf\n")
    kept = ["keep.local.conf", "a/redis.conf", "sub/x.local.conf", "a/only-top/redis.conf"]
    gone = ["y.local.conf", "build/redis.conf", "a/build/redis.conf", "sub/redis.conf"]
    gone.append("only-top/redis.conf")
    for name in kept + gone:
        write(tmp_path / name)
    assert sorted(found(tmp_path)) == sorted(kept)


def test_a_gitignore_above_the_searched_directory_counts(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write(tmp_path / ".gitignore", "secret.conf\n")
    write(tmp_path / "a" / "secret.conf")
    write(tmp_path / "a" / "redis.conf")
    assert found(tmp_path / "a") == ["redis.conf"]


def test_an_ignored_directory_that_was_named_is_searched(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write(tmp_path / ".gitignore", "build/\n")
    write(tmp_path / "build" / "redis.conf")
    assert found(tmp_path / "build") == ["redis.conf"]


def test_a_malformed_pattern_does_not_disarm_the_others(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_bytes(b"!\n\xff\xfe\nignored.conf\n")
    write(tmp_path / "ignored.conf")
    write(tmp_path / "redis.conf")
    assert found(tmp_path) == ["redis.conf"]


def test_a_named_file_is_read_whatever_it_is_called_and_ignored_by(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write(tmp_path / ".gitignore", "*\n")
    file = write(tmp_path / "settings.txt", "whatever\n")
    assert found(tmp_path, [file]) == ["settings.txt"]


def test_a_file_that_is_named_and_found_comes_once(tmp_path: Path) -> None:
    file = write(tmp_path / "redis.conf")
    assert found(tmp_path, [file, tmp_path, file]) == ["redis.conf"]


def test_circles_of_links_end(tmp_path: Path) -> None:
    write(tmp_path / "a" / "redis.conf")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "loop.conf").symlink_to(tmp_path / "loop.conf")
    assert found(tmp_path) == ["a/redis.conf"]


def test_a_link_that_stays_inside_is_followed(tmp_path: Path) -> None:
    write(tmp_path / "real" / "settings")
    (tmp_path / "redis.conf").symlink_to(tmp_path / "real" / "settings")
    assert found(tmp_path) == ["redis.conf"]


def test_a_link_that_leads_out_is_said_and_not_followed(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside" / "shadow", "root:secret\n")
    top = tmp_path / "repo"
    (top / ".git").mkdir(parents=True)
    (top / "redis.conf").symlink_to(outside)
    assert found(top) == []
    assert "leads out of" in unread(top)["redis.conf"]
    assert found(top, [top / "redis.conf"]) == []
    assert found(top, [top / "redis.conf"], allow_outside=True) == ["redis.conf"]


@pytest.mark.parametrize("name", ["redis.conf", "x.conf"])
def test_pipes_and_directories_are_no_files(tmp_path: Path, name: str) -> None:
    (tmp_path / "dir" / name).mkdir(parents=True)
    os.mkfifo(tmp_path / name)
    assert found(tmp_path) == []
    assert unread(tmp_path) == {}
    [item] = discover([str(tmp_path / name)], knows)
    assert isinstance(item, Unread)
    assert "named pipe" in item.reason


def test_a_dangling_link_with_a_telling_name_is_said(tmp_path: Path) -> None:
    (tmp_path / "redis.conf").symlink_to(tmp_path / "gone")
    (tmp_path / "x.conf").symlink_to(tmp_path / "gone")
    assert list(unread(tmp_path)) == ["redis.conf"]


def test_a_missing_path_is_said(tmp_path: Path) -> None:
    [item] = discover([str(tmp_path / "gone.conf")], knows)
    assert item == Unread(str(tmp_path / "gone.conf"), "no such file")


def test_what_is_too_large_is_said_where_it_was_named_or_has_a_telling_name(
    tmp_path: Path,
) -> None:
    for name in ("redis.conf", "x.conf"):
        write(tmp_path / name)
    reasons = {
        os.path.basename(item.path): item.reason
        for item in discover([str(tmp_path)], knows, max_size=10)
        if isinstance(item, Unread)
    }
    assert list(reasons) == ["redis.conf"]
    assert "larger than" in reasons["redis.conf"]


def test_names_that_are_not_utf8_are_found(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)
    with open(folder + b"/redis-\xff.conf", "wb") as file:
        file.write(REDIS.encode())
    assert [os.fsencode(name) for name in found(tmp_path)] == [b"redis-\xff.conf"]
