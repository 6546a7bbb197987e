"""The command as a process: exit codes, streams, signals, and files that cannot be read."""

from __future__ import annotations

import json
import os
import pty
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

GOOD = "port 6379\nappendonly yes\nsave 3600 1\n"
BAD = "port 6379\nappendonly true\n"
PLAIN = ("--server", "redis-7.2", "--select", "syntax")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "redis.conf").write_text(GOOD)
    (tmp_path / "bad.conf").write_text(BAD)
    return tmp_path


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["check", "redis.conf", *PLAIN], 0),
        (["check", "bad.conf", *PLAIN], 1),
        (["check", "--nonsense"], 2),
        (["check", "gone.conf", *PLAIN], 3),
        (["check", "bad.conf", "gone.conf", *PLAIN], 3),
        (["check", ".git"], 4),
    ],
)
def test_exit_codes(process: Run, folder: Path, args: list[str], code: int) -> None:
    outcome = process(*args, cwd=folder)
    assert outcome.code == code
    assert "Traceback" not in outcome.err + outcome.out


def unreadable(folder: Path, kind: str) -> str:
    path = folder / "redis-x.conf"
    if kind == "directory":
        (path / "redis.conf").mkdir(parents=True)
        return str(path / "redis.conf" / "gone.conf")
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "dangling":
        path.symlink_to(folder / "gone")
    elif kind == "loop":
        path.symlink_to(path)
    elif kind == "oversized":
        with path.open("wb") as file:
            file.truncate(8 * 1024 * 1024 + 1)
    elif kind == "device":
        return "/dev/zero"
    elif kind == "below-a-file":
        return str(folder / "redis.conf" / "x.conf")
    elif kind == "long-name":
        return str(folder / ("x" * 300 + ".conf"))
    return str(path)


@pytest.mark.parametrize(
    "kind",
    [
        "missing",
        "directory",
        "fifo",
        "dangling",
        "loop",
        "oversized",
        "device",
        "below-a-file",
        "long-name",
    ],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_what_cannot_be_read_never_looks_green(
    process: Run, folder: Path, kind: str, form: str
) -> None:
    path = unreadable(folder, kind)
    outcome = process("check", path, "redis.conf", *PLAIN, "--format", form, cwd=folder)
    assert outcome.code == 3
    assert outcome.err == ""
    if form == "json":
        document = json.loads(outcome.out)
        assert [error["stage"] for error in document["errors"]] == ["read"]
        assert document["summary"]["complete"] is False
        assert len(document["targets"]) == 1
    else:
        assert "error[RL001]" in outcome.out


def test_an_oversized_standard_input_is_not_read(process: Run) -> None:
    outcome = process("check", "-", "--max-file-size", "1000", *PLAIN, stdin=b"#" * 1001)
    assert outcome.code == 3
    assert "larger than" in outcome.out


def test_a_name_that_is_not_utf8(process: Run, folder: Path) -> None:
    with open(os.fsencode(folder) + b"/redis-\xff\x1b[31m.conf", "wb") as file:
        file.write(BAD.encode())
    for form in ("text", "concise", "json"):
        outcome = process("check", ".", *PLAIN, "--format", form, cwd=folder)
        assert outcome.code == 1
        assert "\x1b" not in outcome.out
        assert "xff" in outcome.out


def test_content_that_is_not_utf8(process: Run, folder: Path) -> None:
    (folder / "redis.conf").write_bytes(b"\xff\xfe\x00port 6379\nappendonly \xe9\x1b[2J\n")
    for form in ("text", "concise", "json"):
        outcome = process("check", "redis.conf", *PLAIN, "--format", form, cwd=folder)
        assert outcome.code == 1
        assert "\x1b" not in outcome.out


def test_a_huge_line_and_many_lines(process: Run, folder: Path) -> None:
    (folder / "redis.conf").write_bytes(b"nonsense " + b"x" * 300_000 + b"\n" + b"#\n" * 50_000)
    outcome = process("check", "redis.conf", *PLAIN, cwd=folder)
    assert outcome.code == 1
    assert len(outcome.out) < 5_000


def test_a_reader_that_goes_away_is_no_error(root: Path, folder: Path) -> None:
    (folder / "redis.conf").write_text("".join(f"nonsense{n} 1\n" for n in range(300)))
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "redislint", "check", "redis.conf", "--server", "redis-7.2"]
    try:
        done = subprocess.run(
            command,
            stdout=write,
            stderr=subprocess.PIPE,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": child_path(root)},
            timeout=60,
            check=False,
        )
    finally:
        os.close(write)
    assert done.returncode == 1
    assert done.stderr == b""


def child_path(root: Path) -> str:
    return os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))


def test_an_interrupt_is_130_without_a_traceback(root: Path, folder: Path) -> None:
    command = [sys.executable, "-m", "redislint", "check", "redis.conf", "-", *PLAIN]
    child = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": child_path(root)},
    )
    time.sleep(1.5)  # by then it waits for standard input, which never ends
    child.send_signal(signal.SIGINT)
    assert child.stdout is not None
    assert child.stderr is not None
    err = child.stderr.read().decode()
    child.wait(timeout=30)
    child.communicate()
    assert child.returncode == 130
    assert "Traceback" not in err


def test_what_was_finished_is_written_on_interrupt(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from redislint.sources.conf_file import load as real

    calls = []

    def load(file: Any) -> Any:
        calls.append(file)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(file)

    monkeypatch.setattr("redislint.sources.deployed.load", load)
    args = ("check", folder / "bad.conf", folder / "redis.conf", *PLAIN, "--format", "concise")
    outcome = run(*args)
    assert outcome.code == 130
    assert "RL105" in outcome.out
    assert "interrupted" in outcome.err


@pytest.mark.parametrize(
    ("env", "option", "colored"),
    [
        ({}, (), False),
        ({"FORCE_COLOR": "1"}, (), True),
        ({"FORCE_COLOR": "0"}, (), False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, (), False),
        ({"FORCE_COLOR": "1"}, ("--no-color",), False),
        ({"NO_COLOR": "1"}, ("--color",), True),
    ],
)
def test_color_through_a_pipe(
    process: Run, folder: Path, env: dict[str, str], option: tuple[str, ...], colored: bool
) -> None:
    outcome = process("check", "bad.conf", *PLAIN, *option, cwd=folder, env=env)
    assert ("\x1b[" in outcome.out) is colored


@pytest.mark.parametrize(
    ("env", "colored"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_color_on_a_terminal(root: Path, folder: Path, env: dict[str, str], colored: bool) -> None:
    master, slave = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "redislint", "check", "bad.conf", *PLAIN],
        stdout=slave,
        cwd=folder,
        env={**os.environ, "TERM": "xterm", "PYTHONPATH": child_path(root), **env},
    )
    os.close(slave)
    output = b""
    try:
        while chunk := os.read(master, 65536):
            output += chunk
    except OSError:  # the terminal is gone once the child has ended
        assert output
    finally:
        os.close(master)
    assert child.wait(timeout=30) == 1
    assert (b"\x1b[" in output) is colored


def test_colors_never_reach_a_file(process: Run, folder: Path) -> None:
    process("check", "bad.conf", *PLAIN, "--color", "--output", "text=r.txt", cwd=folder)
    assert "\x1b" not in (folder / "r.txt").read_text()


def test_output_replaces_a_file_whole_and_keeps_its_mode(process: Run, folder: Path) -> None:
    target = folder / "r.json"
    target.write_text("old" * 100_000)
    target.chmod(0o640)
    (folder / "link.json").symlink_to(target)
    outcome = process("check", "bad.conf", *PLAIN, "--output", "json=link.json", cwd=folder)
    assert outcome.code == 1
    assert json.loads(target.read_text())["schema"] == "redislint-report-1"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert (folder / "link.json").is_symlink()


def test_output_to_a_device_writes_into_it(process: Run, folder: Path) -> None:
    outcome = process("check", "bad.conf", *PLAIN, "--output", "json=/dev/null", cwd=folder)
    assert outcome.code == 1
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_output_to_a_full_device_is_3_in_one_line(process: Run, folder: Path) -> None:
    outcome = process("check", "bad.conf", *PLAIN, "--output", "json=/dev/full", cwd=folder)
    assert outcome.code == 3
    assert outcome.err == "redislint: cannot write /dev/full: no space left on device\n"
    assert "RL105" in outcome.out


def test_a_report_that_cannot_be_written_leaves_nothing_behind(process: Run, folder: Path) -> None:
    # A limit on file sizes stops the write half-way, for root too.
    limit = (
        "import resource, signal, sys, runpy\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "sys.dont_write_bytecode = True\n"
        "sys.argv = ['redislint', *sys.argv[1:]]\n"
        "runpy.run_module('redislint', run_name='__main__')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", limit, "check", "bad.conf", *PLAIN, "--output", "json=r.json"],
        capture_output=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": child_path(Path(__file__).resolve().parents[2])},
        timeout=60,
        check=False,
    )
    assert done.returncode == 3
    assert done.stderr.decode() == "redislint: cannot write r.json: file too large\n"
    assert sorted(os.listdir(folder)) == [".git", "bad.conf", "redis.conf"]


def test_a_check_with_warm_caches_imports_nothing_heavy(root: Path, folder: Path) -> None:
    """The CEL extension imports logging, and so traceback: both stay out of the list."""
    code = (
        "import sys\n"
        "sys.argv = ['redislint', 'check', 'redis.conf', '--server', 'redis-7.2']\n"
        "from redislint.cli.errors import guarded\n"
        "from redislint.cli.group import cli\n"
        "assert guarded(cli) in (0, 1)\n"
        "heavy = {'rich', 'yaml', 'ruamel.yaml', 'jsonschema', 'cel', 'pyparsing', 'boto3',"
        " 'redis', 'pathspec', 'asyncio', 'importlib.metadata', 'tempfile', 'typer',"
        " 'prompt_toolkit', 'pydantic', 'http', 'socket', 'difflib', 'subprocess'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    (folder / "redislint.yaml").write_text("files: [{path: '**', workload: queue}]\n")
    for _ in range(2):  # the first run fills the cache
        done = subprocess.run(
            [sys.executable, "-S", "-c", site_free(code)],
            capture_output=True,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": child_path(root)},
            timeout=60,
            check=True,
        )
    assert done.stderr.decode().strip() == "[]"


def site_free(code: str) -> str:
    """`code` with the installed packages on the path but without what .pth files import."""
    import click

    packages = str(Path(click.__file__).parent.parent)
    return f"import sys; sys.path.append({packages!r})\n{code}"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_behind_standard_output(root: Path, folder: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "redislint", "check", "bad.conf"],
            stdout=full,
            stderr=subprocess.PIPE,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": child_path(root)},
            timeout=60,
            check=False,
        )
    assert done.returncode == 3
    assert done.stderr.decode() == ("redislint: cannot write the report: no space left on device\n")
