"""Tables of what changes with time, each row with its date (`as_of`) and its source.

They are JSON files of `schemas/`: `{"what": ..., "rows": [{..., "as_of", "source"}]}`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from redislint.resources import read_schema


@cache
def rows(name: str) -> tuple[Mapping[str, Any], ...]:
    """The rows of a table, such as `cloud-nodes.json`, in their order."""
    return tuple(json.loads(read_schema(name))["rows"])


def row(name: str, **wanted: Any) -> Mapping[str, Any] | None:
    """The first row whose columns have the wanted values, None without one."""
    for found in rows(name):
        if all(found.get(column) == value for column, value in wanted.items()):
            return found
    return None
