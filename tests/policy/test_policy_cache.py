from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from redislint.policy import builtin_rules, cache
from redislint.policy.library import compile_rules

EXAMPLE = (Path(__file__).parent / "example.yaml").read_bytes().replace(b"EX-", b"TEST-")
FILES = [("example.yaml", EXAMPLE)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REDISLINT_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_second_time_comes_from_the_cache(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = compile_rules(FILES)
    (stored,) = folder.iterdir()
    assert stored.suffix == ".json"
    assert oct(folder.stat().st_mode & 0o777) == "0o700"
    monkeypatch.setattr("redislint.policy.library.load_files", None)
    assert compile_rules(FILES) == first


def test_other_content_is_compiled_anew(folder: Path) -> None:
    compile_rules(FILES)
    changed = compile_rules([("example.yaml", EXAMPLE.replace(b"1048576", b"2048"))])
    assert changed[1].params == {"floor": 2048}
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize(
    "damage", [b"", b"\x00", b"{}", b"[1]", b'[["RL1"]]', b"[" * 100_000, b'[[{"a": 1}]]']
)
def test_a_damaged_cache_is_no_error(folder: Path, damage: bytes) -> None:
    first = compile_rules(FILES)
    (stored,) = folder.iterdir()
    stored.write_bytes(damage)
    assert compile_rules(FILES) == first
    assert json.loads(stored.read_bytes())


def test_a_cache_that_cannot_be_written_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("REDISLINT_CACHE_DIR", str(blocked / "below"))
    assert len(compile_rules(FILES)) == 2
    monkeypatch.setenv("REDISLINT_CACHE_DIR", "")
    assert len(compile_rules(FILES)) == 2


def test_no_draft_is_left_when_a_value_cannot_be_stored(folder: Path) -> None:
    cache.write("x", {"a": float("inf")})
    cache.write("x", {"a": object()})
    assert cache.read("x") is None
    assert not folder.exists() or not list(folder.iterdir())


def test_old_files_go(folder: Path) -> None:
    for number in range(cache.MAX_FILES + 3):
        cache.write(f"n{number}", number)
        os.utime(folder / f"n{number}.json", (number, number))
    assert len(list(folder.iterdir())) == cache.MAX_FILES
    assert cache.read("n0") is None
    assert cache.read(f"n{cache.MAX_FILES}") == cache.MAX_FILES


def test_where_it_lies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("REDISLINT_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.directory() == os.path.join(str(tmp_path), "redislint")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache.directory().startswith(str(tmp_path))
    monkeypatch.setenv("HOME", "nowhere")
    assert cache.directory() == ""


def test_a_warm_run_imports_no_yaml_and_no_cel(folder: Path) -> None:
    code = (
        "import sys\n"
        "from redislint.policy import builtin_rules\n"
        "assert builtin_rules()['RL010'].name == 'waiver-expired'\n"
        "heavy = {'ruamel', 'ruamel.yaml', 'cel', 'cel.cel', 'pyparsing', 'difflib',\n"
        "         'redislint.policy.loader', 'redislint.policy.reading'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    environment = {**os.environ, "REDISLINT_CACHE_DIR": str(folder)}
    for expected in (None, "[]\n"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert expected is None or done.stdout == expected


def test_every_built_in_rule_has_what_reports_need() -> None:
    rules = builtin_rules()
    assert list(rules)
    for identity, info in rules.items():
        assert info.id == identity
        assert info.name
        assert info.summary
        assert info.category
        assert info.examples
