"""Databases for histories: the same tests run over SQLite and over a real PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import postgresql


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'history.sqlite'}"
    server: postgresql.Server = request.getfixturevalue("postgresql_server")
    return server.database()
