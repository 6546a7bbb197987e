"""Derived facts: pure functions of other facts, each with a documented source.

`derive` gives what a configuration decides, `declared.declared_facts` what people said
about the data. Paths, types, units and suppliers stand in `schemas/facts.schema.json`.
"""

from __future__ import annotations

from redislint.facts.derive import (
    compatibility,
    derive,
    derive_sentinel,
    server_facts,
    version_number,
)
from redislint.facts.values import expression_values

__all__ = [
    "compatibility",
    "derive",
    "derive_sentinel",
    "expression_values",
    "server_facts",
    "version_number",
]
