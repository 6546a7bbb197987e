from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from redislint.cli.errors import CommandError
from redislint.cli.init import init
from redislint.policy.project import load


def test_it_writes_a_valid_file(tmp_path: Path) -> None:
    done = CliRunner().invoke(init, [str(tmp_path), "--server", "valkey 8.1"])
    assert done.exit_code == 0
    path = tmp_path / "redislint.yaml"
    assert done.output == f"wrote {path}\n"
    assert [str(s) for s in load(str(path)).settings_for(str(tmp_path / "a")).servers] == [
        "valkey-8.1"
    ]


@pytest.mark.parametrize("name", ["redislint.yaml", ".redislint.yaml"])
def test_it_never_overwrites(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    done = CliRunner().invoke(init, [str(tmp_path)])
    assert isinstance(done.exception, CommandError)
    assert str(done.exception) == f"{tmp_path / name}: is already there, nothing was written"
    assert (tmp_path / name).read_text() == "mine"


def test_mistakes(tmp_path: Path) -> None:
    done = CliRunner().invoke(init, [str(tmp_path / "none")])
    assert str(done.exception).endswith("cannot be written: No such file or directory")
    done = CliRunner().invoke(init, [str(tmp_path), "--server", "mysql"])
    assert str(done.exception).startswith("unknown server 'mysql'")
    assert not list(tmp_path.iterdir())
