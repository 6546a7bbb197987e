"""What families of parameter groups know: names, defaults, permitted values.

Read from `policies/tables/parameters.json`. A family may have more parameters than the
table lists, so that an absent name proves nothing; `gone` and `never` are certain.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from redislint.catalog import directive
from redislint.facts.aging import PARAMETER, table


class FamilyParameter(NamedTuple):
    """A parameter in a family. None where the table does not tell; a default that differs by
    node type is None."""

    default: str | None = None
    allowed: str = ""
    modifiable: bool | None = None
    reboot: bool | None = None


class Family(NamedTuple):
    """A family: its parameters by name, and the names that it no longer has."""

    parameters: Mapping[str, FamilyParameter]
    gone: frozenset[str] = frozenset()


@lru_cache(maxsize=64)
def family_of(service: str, family: str) -> Family | None:
    """A family of a service; None where no table knows it."""
    rows = [row for row in table(PARAMETER).rows if row["service"] == service]
    own = [row for row in rows if family in row["families"]]
    if not own:
        return None
    parameters = {
        row["name"]: FamilyParameter(
            row.get("default"), row.get("allowed", ""), row.get("modifiable"), row.get("reboot")
        )
        for row in own
        if not row.get("gone")
    }
    return Family(parameters, frozenset(row["name"] for row in own if row.get("gone")))


@lru_cache(maxsize=512)
def never(name: str) -> bool:
    """Whether no family can have a parameter of this name: none ever had it, or it is
    neither a parameter nor a directive of any server."""
    rows = [row for row in table(PARAMETER).rows if row["name"] == name]
    if not rows:
        return directive(name) is None
    return all(row.get("gone") and not row["families"] for row in rows)
