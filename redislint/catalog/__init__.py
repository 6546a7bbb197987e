"""What each version of Redis and Valkey knows: directives, types, bounds, defaults.

The facts live in `schemas/directives.json`, which is read on the first look-up, never on
import. A version that was not measured resolves to the newest change points at or below
it; `measured` says which server that is.
"""

from __future__ import annotations

from redislint.catalog.nearest import nearest
from redislint.catalog.ranges import availability, by_version
from redislint.catalog.servers import SERVERS, SUPPORTED, is_measured, measured
from redislint.catalog.spec import Directive, HistoricDirective, ModuleDirective, Spec
from redislint.catalog.tables import (
    directive,
    directives,
    historic,
    lookup,
    module_directive,
    sentinel_specs,
    specs,
)

__all__ = [
    "SERVERS",
    "SUPPORTED",
    "Directive",
    "HistoricDirective",
    "ModuleDirective",
    "Spec",
    "availability",
    "by_version",
    "directive",
    "directives",
    "historic",
    "is_measured",
    "lookup",
    "measured",
    "module_directive",
    "nearest",
    "sentinel_specs",
    "specs",
]
