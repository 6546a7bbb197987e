"""Where the data that ships with redislint lies: built-in policies and schemas.

In a wheel both folders stand inside the package; in a checkout (and therefore in an
editable install) they stand beside it, at the top of the repository.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def policies_dir() -> Path:
    """The folder of the built-in policy files (`*.yaml`).

    Raises FileNotFoundError when the installation is damaged.
    """
    return _find("policies")


def schemas_dir() -> Path:
    """The folder of the JSON Schemas and of the directive catalogue (`*.json`).

    Raises FileNotFoundError when the installation is damaged.
    """
    return _find("schemas")


def read_schema(name: str) -> bytes:
    """The bytes of one file of the schemas folder, such as `report.schema.json`.

    Raises FileNotFoundError when there is no such file.
    """
    return (schemas_dir() / name).read_bytes()


def _find(folder: str) -> Path:
    for parent in (_PACKAGE, _PACKAGE.parent):
        place = parent / folder
        if place.is_dir():
            return place
    raise FileNotFoundError(
        f"the folder '{folder}' of redislint is missing in {_PACKAGE}; reinstall redislint"
    )
