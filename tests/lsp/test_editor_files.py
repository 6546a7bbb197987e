"""What the editors' own files say is true of the server."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from redislint.lsp.check import Settings
from redislint.lsp.settings import SettingsError, read_settings


def _blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def test_the_extension_starts_the_command_that_there_is(root: Path) -> None:
    package = json.loads((root / "editors/vscode/package.json").read_text())
    settings = package["contributes"]["configuration"]["properties"]
    assert settings["redislint.command"]["default"] == ["redislint", "lsp", "--stdio"]
    named = settings["redislint.settings"]["description"].partition(": ")[2].rstrip(".")
    assert set(named.split(", ")) == set(Settings._fields)


def test_the_page_shows_settings_that_are_taken(root: Path) -> None:
    page = (root / "docs/editors.md").read_text()
    (shown,) = _blocks(page, "json")
    assert read_settings(json.loads(shown)) != Settings()
    (helix,) = _blocks(page, "toml")
    server = tomllib.loads(helix)["language-server"]["redislint"]
    assert [server["command"], *server["args"]] == ["redislint", "lsp", "--stdio"]
    assert read_settings(server["config"]).server == ("redis-7.2",)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (3, "expected an object"),
        ({"server": 7}, "'server': expected a text or a list of texts"),
        ({"profile": ["strict"]}, "'profile': expected a text"),
        ({"servers": "redis-7.2"}, "did you mean 'server'?"),
    ],
)
def test_wrong_settings_say_what_was_expected(given: object, expected: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(expected)):
        read_settings(given)
