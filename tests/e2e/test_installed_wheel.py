"""What a user installs works: the wheel, built from the sdist, away from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def built(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(root)]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return folder


@pytest.fixture(scope="module")
def site(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel unpacked as an installer would."""
    place = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        wheel.extractall(place)
    return place


def _redislint(site: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "redislint", *arguments],
        capture_output=True,
        encoding="utf-8",
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(site)},
        check=False,
    )


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_file()}


def test_wheel_holds_the_same_data_as_the_checkout(root: Path, site: Path) -> None:
    for folder in ("policies", "schemas"):
        held = _names(site / "redislint" / folder)
        compiled = {name for name in held if name.startswith("builtin-")}
        assert held - compiled == _names(root / folder)
        assert len(compiled) == (folder == "policies")
    assert (site / "redislint" / "py.typed").is_file()


def test_an_installed_check_compiles_no_policy(site: Path, tmp_path: Path, root: Path) -> None:
    """The wheel brings the policies compiled: not even the first run reads YAML."""
    result = subprocess.run(
        [
            sys.executable,
            "-P",
            "-X",
            "importtime",
            "-m",
            "redislint",
            "check",
            "--quiet",
            str(root / "examples" / "redis-clean.conf"),
        ],
        capture_output=True,
        encoding="utf-8",
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site), "REDISLINT_CACHE_DIR": str(tmp_path / "none")},
        check=False,
    )
    assert result.returncode == 0
    assert "redislint.policy" in result.stderr
    assert "ruamel" not in result.stderr
    assert not (tmp_path / "none").exists()


def test_wheel_holds_the_parts_of_the_fleet_page(root: Path, site: Path) -> None:
    page = "redislint/fleet/reports/page"
    names = {path.name for path in (root / page).iterdir()}
    assert {"page.html", "page.css", "page.js"} <= names
    for name in names:
        assert (site / page / name).read_bytes() == (root / page / name).read_bytes()


def test_wheel_holds_nothing_else(site: Path) -> None:
    assert {path.name.split("-")[0] for path in site.iterdir()} == {"redislint"}


def test_sdist_holds_what_tests_and_builds_need(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    wanted = {"pyproject.toml", "README.md", "LICENSE", "dev.py", "requirements/dev.txt"}
    assert wanted <= names
    assert {"examples/redis.conf", "tests/conftest.py", "schemas/directives.json"} <= names


def test_installed_package_is_the_one_that_runs(site: Path, tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-P", "-c", "import redislint; print(redislint.__file__)"],
        capture_output=True,
        encoding="utf-8",
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        check=True,
    )
    assert Path(result.stdout.strip()).is_relative_to(site)


def test_version(site: Path, tmp_path: Path) -> None:
    result = _redislint(site, tmp_path, "--version")
    assert result.returncode == 0
    assert "redislint" in result.stdout


@pytest.mark.parametrize(("sample", "code"), [("redis.conf", 1), ("redis-clean.conf", 0)])
def test_check(root: Path, site: Path, tmp_path: Path, sample: str, code: int) -> None:
    result = _redislint(site, tmp_path, "check", str(root / "examples" / sample))
    assert result.returncode == code, result.stdout + result.stderr
    assert "Traceback" not in result.stderr


def test_catalogue_and_rules_are_found(site: Path, tmp_path: Path) -> None:
    directive = _redislint(site, tmp_path, "directive", "appendfsync")
    assert directive.returncode == 0, directive.stderr
    assert "everysec" in directive.stdout
    rule = _redislint(site, tmp_path, "rule", "RL101")
    assert rule.returncode == 0, rule.stderr
    assert "unknown-directive" in rule.stdout
