"""Where the data that ships with redislint lies: built-in policies and schemas.

In a wheel both folders stand inside the package; in a checkout (and therefore in an
editable install) they stand beside it, at the top of the repository.

`pathlib` is imported only for those who want a Path: a check of a plain file reads the
catalogue and would pay for it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_PACKAGE = os.path.dirname(os.path.abspath(__file__))


def policies_dir() -> Path:
    """The folder of the built-in policy files (`*.yaml`).

    Raises FileNotFoundError when the installation is damaged.
    """
    from pathlib import Path

    return Path(_find("policies"))


def schemas_dir() -> Path:
    """The folder of the JSON Schemas and of the directive catalogue (`*.json`).

    Raises FileNotFoundError when the installation is damaged.
    """
    from pathlib import Path

    return Path(_find("schemas"))


def read_schema(name: str) -> bytes:
    """The bytes of one file of the schemas folder, such as `report.schema.json`.

    Raises FileNotFoundError when there is no such file.
    """
    with open(os.path.join(_find("schemas"), name), "rb") as file:
        return file.read()


def read_table(name: str) -> bytes:
    """The bytes of one of the tables that age, such as `lifecycle`.

    Raises FileNotFoundError when there is no such table.
    """
    with open(os.path.join(_find("policies"), "tables", f"{name}.json"), "rb") as file:
        return file.read()


def read_policies() -> list[tuple[str, bytes]]:
    """Name and bytes of each built-in policy file (`*.yaml`), in the order of the names.

    Raises FileNotFoundError when the installation is damaged.
    """
    folder = _find("policies")
    found = []
    for name in sorted(os.listdir(folder)):
        if name.endswith(".yaml"):
            with open(os.path.join(folder, name), "rb") as file:
                found.append((name, file.read()))
    return found


def read_compiled(name: str) -> bytes | None:
    """What the wheel's build compiled from the policies under this name, or None."""
    try:
        with open(os.path.join(_find("policies"), f"{name}.json"), "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _find(folder: str) -> str:
    for parent in (_PACKAGE, os.path.dirname(_PACKAGE)):
        place = os.path.join(parent, folder)
        if os.path.isdir(place):
            return place
    raise FileNotFoundError(
        f"the folder '{folder}' of redislint is missing in {_PACKAGE}; reinstall redislint"
    )
