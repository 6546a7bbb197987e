"""Databases for histories (the same tests run over SQLite and over a real PostgreSQL), and the
page of made-up fleets in a browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fleet.page_fixtures import browser, opened, pages
from tests.support import postgresql

__all__ = ["browser", "database", "opened", "pages"]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'history.sqlite'}"
    server: postgresql.Server = request.getfixturevalue("postgresql_server")
    return server.database()
