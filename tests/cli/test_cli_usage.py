"""Wrong usage: exit 2, one clear line, the nearest right name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["chek"], "did you mean 'check'?"),
        (["--verison"], "--version"),
        (["check", "--servr", "redis-7.2"], "--server"),
        (["check", "--server", "redis"], "such as redis-7.2"),
        (["check", "--server", "mysql-8"], "redis or valkey"),
        (["check", "--server", "redis-1.0"], "the oldest redis is redis-2.8"),
        (["check", "--format", "jsn"], "did you mean 'json'?"),
        (["check", "--fail-on", "eror"], "did you mean 'error'?"),
        (["check", "--show", "pass,unknwon"], "did you mean 'unknown'?"),
        (["check", "--select", "RL10x"], "no rule, name or tag 'RL10x'"),
        (["check", "--select", "inline-coment"], "did you mean 'inline-comment'?"),
        (["check", "--ignore", "sintax"], "did you mean 'syntax'?"),
        (["check", "--output", "report.json"], "expected FORMAT=FILE"),
        (["check", "--output", "jsn=report.json"], "did you mean 'json'?"),
        (["check", "--output", "json=/no/such/folder/r.json"], "does not exist"),
        (["check", "--output", "json=/"], "is a directory"),
        (["check", "--output", "json=r", "--output", "text=r"], "named twice"),
        (["check", "--max-file-size", "8x"], "expected bytes"),
        (["check", "--max-file-size", "0"], "expected bytes"),
        (["check", "--stdin-filename", "x.conf"], "needs '-'"),
        (["check", "http://localhost"], "http:// targets are not supported"),
        (["rule", "RL999"], "did you mean"),
        (["facts", "--format", "yml"], "expected one of text, json"),
        (["diff", "redis-7.2"], "RIGHT"),
        (["diff", "redis-7.2", "redis-x"], "expected a version"),
        (["completion", "tcsh"], "did you mean 'zsh'?"),
    ],
)
def test_wrong_usage_is_one_line_and_2(
    run: Run, args: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = run(*args)
    assert outcome.code == 2
    assert outcome.out == ""
    assert outcome.err.startswith("redislint: ")
    assert outcome.err.count("\n") == 1
    assert says in outcome.err
    assert list(tmp_path.iterdir()) == []


def test_a_path_for_a_command_gets_a_hint(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "redis.conf"
    path.touch()
    outcome = run(path)
    assert outcome.code == 2
    assert f"did you mean 'redislint check {path}'?" in outcome.err


def test_no_command_prints_the_help_and_is_2(run: Run) -> None:
    outcome = run()
    assert (outcome.code, outcome.out) == (2, "")
    assert "Exit codes:" in outcome.err


@pytest.mark.parametrize(
    "command", [[], ["check"], ["facts"], ["diff"], ["rule"], ["directive"], ["completion"]]
)
def test_help_has_examples_and_is_0(run: Run, command: list[str]) -> None:
    outcome = run(*command, "--help")
    assert outcome.code == 0
    assert "Examples:" in outcome.out
    assert "  redislint" in outcome.out


def test_version_is_that_of_the_project(run: Run) -> None:
    from redislint.version import VERSION

    assert run("--version").out == f"redislint {VERSION}\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(run: Run, shell: str) -> None:
    outcome = run("completion", shell)
    assert outcome.code == 0
    assert "_REDISLINT_COMPLETE" in outcome.out


def test_a_bug_is_one_line_and_3(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **options: object) -> None:
        raise KeyError("canary-secret")

    import redislint.audit

    monkeypatch.setattr(redislint.audit, "check", broken)
    outcome = run("check", tmp_path)
    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err.count("\n") == 1
    assert "internal error: KeyError at" in outcome.err
    assert "REDISLINT_DEBUG=1" in outcome.err
    assert "canary" not in outcome.err
    monkeypatch.setenv("REDISLINT_DEBUG", "1")
    assert "Traceback" in run("check", tmp_path).err
