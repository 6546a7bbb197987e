"""The bootstrap picks a usable interpreter, says what it lacks, and passes exit codes on."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dev


def _as_if(
    monkeypatch: pytest.MonkeyPatch, running: tuple[int, int], on_path: set[str]
) -> list[str]:
    """The candidates of a machine that runs this Python and has these programs."""
    monkeypatch.setattr(sys, "version_info", running)
    monkeypatch.setattr(shutil, "which", lambda name: name if name in on_path else None)
    monkeypatch.setattr(dev, "probe", lambda name: name in on_path)
    monkeypatch.setattr(dev, "base_interpreter", lambda: "running")
    return dev.candidates()


@pytest.mark.parametrize(
    ("running", "on_path", "expected"),
    [
        ((3, 11), set(), ["running"]),
        ((3, 12), {"python3.11"}, ["running", "python3.11"]),
        ((3, 13), {"redis-server"}, ["running"]),
        ((3, 13), {"python3.11", "python3.12"}, ["python3.12", "python3.11", "running"]),
        ((3, 13), set(), ["running"]),
        ((3, 9), {"python3.11"}, ["python3.11"]),
        ((3, 9), {"redis-server"}, []),
    ],
)
def test_interpreter(
    monkeypatch: pytest.MonkeyPatch,
    running: tuple[int, int],
    on_path: set[str],
    expected: list[str],
) -> None:
    assert _as_if(monkeypatch, running, on_path) == expected


def test_an_old_python_alone_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    _as_if(monkeypatch, (3, 9), set())
    with pytest.raises(dev.SetupError, match=r"Python 3\.9 is too old: expected 3\.11"):
        dev.make_environment()


def test_a_python_without_venv_is_told_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(dev, "VENV", tmp_path / "venv")
    monkeypatch.setattr(dev, "candidates", lambda: ["false"])
    with pytest.raises(dev.SetupError, match=r"false -m venv failed: no message .*python3-venv"):
        dev.make_environment()


@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["--help"], 0)])
def test_usage(root: Path, arguments: list[str], code: int) -> None:
    result = subprocess.run(
        [sys.executable, str(root / "dev.py"), *arguments],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == code
    assert "python3 dev.py test" in result.stdout


def test_exit_code_is_passed_on() -> None:
    assert dev.run([sys.executable, "-c", "raise SystemExit(7)"]) == 7


def test_environment_depends_on_the_lock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = dev.fingerprint()
    changed = tmp_path / "dev.txt"
    changed.write_bytes(dev.LOCK.read_bytes() + b"# changed\n")
    monkeypatch.setattr(dev, "LOCK", changed)
    assert dev.fingerprint() != before


def test_a_machine_without_a_browser_is_told_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    assert dev.browser() == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[:2] for line in lines] == [
        ["dev.py", " Chromium"],
        ["dev.py", " axe-core"],
    ]


def test_a_machine_without_postgresql_is_told_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(dev, "DEBIANS_POSTGRESQL", tmp_path)
    assert dev.postgresql() == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("dev.py: PostgreSQL: no initdb and postgres here")
    (tmp_path / "15" / "bin").mkdir(parents=True)
    (tmp_path / "15" / "bin" / "initdb").touch()
    assert dev.postgresql() == 0


def test_a_command_that_hangs_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    dev.bounded([sys.executable, "-c", "import time; time.sleep(60)"], 1)
    assert "took longer than 1 s" in capsys.readouterr().err
