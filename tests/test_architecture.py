"""The shape of the house: who may import whom, and what a plain lint must not import."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

# A lint of one file pays for none of these: network, cloud, schema, terminal and
# parser libraries, and the interactive parts of the expression library's package.
BANNED = (
    "asyncio",
    "boto3",
    "botocore",
    "concurrent",
    "email",
    "http",
    "importlib.metadata",
    "importlib.resources",
    "jsonschema",
    "multiprocessing",
    "pathlib",
    "prompt_toolkit",
    "pydantic",
    "pyparsing",
    "redis",
    "rich",
    "ruamel",
    "socket",
    "ssl",
    "subprocess",
    "tempfile",
    "typer",
    "unittest",
    "urllib",
)


def _imported(arguments: list[str], cache: Path, root: Path) -> set[str]:
    """The modules that a cold process imports, beyond those of a bare interpreter."""
    environment = {**os.environ, "PYTHONPATH": str(root), "XDG_CACHE_HOME": str(cache)}
    result = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments],
        capture_output=True,
        encoding="utf-8",
        cwd=root,
        env=environment,
        check=False,
    )
    assert result.returncode in (0, 1), result.stderr.splitlines()[-1]
    return set(re.findall(r"^import time:.*\| +([\w.]+)$", result.stderr, re.MULTILINE))


@pytest.fixture(scope="module")
def imported(root: Path, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    cache = tmp_path_factory.mktemp("cache")
    check = ["-m", "redislint", "check", "--server", "redis-7.2", "examples/redis-clean.conf"]
    _imported(check, cache, root)
    return _imported(check, cache, root) - _imported(["-c", "pass"], cache, root)


@pytest.mark.parametrize("banned", BANNED)
def test_a_plain_check_does_not_import(imported: set[str], banned: str) -> None:
    found = {name for name in imported if name == banned or name.startswith(f"{banned}.")}
    assert not found


def test_a_plain_check_imports_what_it_needs(imported: set[str]) -> None:
    assert {"redislint.conf.document", "redislint.catalog"} <= imported


def test_imports_point_downwards(root: Path) -> None:
    entry = "from importlinter.cli import lint_imports_command as run; run()"
    result = subprocess.run(
        [sys.executable, "-c", entry, "--no-cache"],
        capture_output=True,
        encoding="utf-8",
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_room_has_its_contract(root: Path) -> None:
    contracts = (root / "pyproject.toml").read_text(encoding="utf-8")
    package = root / "redislint"
    rooms = [path.parent.name for path in package.glob("*/__init__.py")]
    modules = [path.stem for path in package.glob("*.py") if path.stem != "__init__"]
    missing = [name for name in rooms + modules if f"(redislint.{name})" not in contracts]
    assert not missing
