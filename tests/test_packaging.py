"""The project's own files agree with each other: version, lock, data, typing marker."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

import redislint
from redislint import resources
from redislint.version import VERSION


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def lock(root: Path) -> str:
    return (root / "requirements" / "dev.txt").read_text(encoding="utf-8")


def _name(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower().replace(".", "-")


def test_changelog_names_the_version(root: Path) -> None:
    assert f"## [{VERSION}]" in (root / "CHANGELOG.md").read_text(encoding="utf-8")


def test_lock_holds_every_dependency(project: dict[str, Any], lock: str) -> None:
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    locked = {_name(line) for line in lock.splitlines() if re.match(r"\w", line)}
    assert {_name(requirement) for requirement in wanted} <= locked


def test_every_locked_requirement_has_a_version_and_a_hash(lock: str) -> None:
    entries = re.findall(r"^(\w[^\n]*)\n((?:    [^\n]*\n?)*)", lock, re.MULTILINE)
    assert len(entries) > 20
    for requirement, details in entries:
        assert "==" in requirement
        assert "--hash=sha256:" in details


def test_lock_names_no_machine(lock: str) -> None:
    assert not re.search(r"https?://|file:|index-url|find-links|/\w+/\w+/", lock)


def test_build_backend_is_locked(project: dict[str, Any], lock: str) -> None:
    for requirement in project["build-system"]["requires"]:
        assert re.search(rf"^{_name(requirement)}==", lock, re.MULTILINE)


def test_data_is_found() -> None:
    files = sorted(resources.policies_dir().glob("*.yaml"))
    assert resources.read_policies() == [(file.name, file.read_bytes()) for file in files]
    assert files
    assert resources.read_schema("directives.json").startswith(b"{")
    with pytest.raises(FileNotFoundError):
        resources.read_schema("no-such-schema.json")


def test_a_damaged_installation_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(resources, "_PACKAGE", str(tmp_path / "redislint"))
    with pytest.raises(FileNotFoundError, match="reinstall redislint"):
        resources.schemas_dir()


def test_package_is_marked_as_typed() -> None:
    assert (Path(redislint.__file__).parent / "py.typed").is_file()
