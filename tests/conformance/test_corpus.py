"""Real configuration files of public repositories, and what real servers said of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import redislint
from redislint import catalog
from redislint.conf import acl
from redislint.conf.include import IncludeReader
from redislint.model import Server

CORPUS = Path(__file__).parents[2] / "../shared/corpus"
INDEX = CORPUS / "INDEX.json"

pytestmark = pytest.mark.skipif(
    not INDEX.is_file(), reason="the corpus of real files is not beside this checkout (../shared)"
)

OF_THE_MACHINE = ("Can't resolve",)
"""Errors that are no verdict on the text: the name was not known where the server ran."""


def _entries() -> list[dict[str, Any]]:
    if not INDEX.is_file():
        return []
    return [entry for entry in json.loads(INDEX.read_text(encoding="utf-8")) if entry.get("server")]


def _verdicts(entry: Mapping[str, Any]) -> Iterator[tuple[Server, Mapping[str, Any]]]:
    named = {entry["server"]["version"]: entry["server"], **entry["servers_other"]}
    for name, verdict in named.items():
        if not verdict.get("environment"):
            yield Server.parse(name), verdict


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The files under the names that they have in their repositories: some include others."""
    root = tmp_path_factory.mktemp("corpus")
    found = {}
    for entry in _entries():
        path = (
            root
            / entry["repo"].replace("/", "__")
            / str(entry["ref"] or entry["commit"])
            / entry["path"]
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((CORPUS / entry["file"]).read_bytes())
        found[entry["file"]] = path
    return found


def _ours(path: Path, kind: str, server: Server) -> tuple[bool, int | None]:
    data = path.read_bytes()
    if kind == "acl":
        problems = acl.check_file(data, server)
        return not problems, problems[0].line if problems else None
    document = redislint.parse(data, str(path))
    reader = IncludeReader(str(path), cwd=str(path.parent))
    conf = document.resolve(server, sentinel=kind == "sentinel", reader=reader)
    return conf.accepted, conf.rejection.line if conf.rejection else None


@pytest.mark.parametrize("entry", _entries(), ids=lambda entry: entry["file"].split("/")[-1])
def test_verdict_and_line_agree(entry: dict[str, Any], folders: dict[str, Path]) -> None:
    path = folders[entry["file"]]
    for server, verdict in _verdicts(entry):
        error = str(verdict.get("error") or "")
        accepted, line = _ours(path, entry["server"]["kind"], server)
        if error.startswith(OF_THE_MACHINE):
            continue
        assert accepted == (verdict["verdict"] == "accepted"), (server, error)
        if not accepted and verdict.get("line"):
            assert line == verdict["line"], (server, error)


@pytest.mark.parametrize("entry", _entries(), ids=lambda entry: entry["file"].split("/")[-1])
def test_every_supported_version_reads_it(entry: dict[str, Any]) -> None:
    data = (CORPUS / entry["file"]).read_bytes()
    document = redislint.parse(data, entry["file"])
    assert bytes(document) == data
    for server in catalog.SUPPORTED:
        for diagnostic in document.resolve(server).diagnostics:
            assert diagnostic.message
            assert "\n" not in diagnostic.message
