"""Derived facts: pure functions of other facts, each with a documented source.

`derive` gives what a configuration decides; `workload.facts` what was declared about
the data. Paths, types, units and suppliers stand in `schemas/facts.schema.json`.
"""

from __future__ import annotations

import math
from typing import Any

from redislint.facts.derive import compatibility, derive, server_facts, version_number
from redislint.facts.text import UNBOUNDED
from redislint.facts.values import expression_values

__all__ = [
    "compatibility",
    "derive",
    "expression_values",
    "server_facts",
    "to_json",
    "version_number",
]


def to_json(value: Any) -> Any:
    """A fact's value as JSON can hold it: an infinite time becomes the text `unbounded`."""
    if isinstance(value, float) and math.isinf(value):
        return UNBOUNDED
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    return value
