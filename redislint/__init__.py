"""redislint: a configuration linter and policy-as-code auditor for Redis and Valkey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from redislint.audit import check
    from redislint.conf.argv import resolve_command
    from redislint.conf.document import parse, parse_file

_PLACES = {
    "check": "redislint.audit",
    "parse": "redislint.conf.document",
    "parse_file": "redislint.conf.document",
    "resolve_command": "redislint.conf.argv",
}

__all__ = ["check", "parse", "parse_file", "resolve_command"]


def __getattr__(name: str) -> Any:
    """Load what is asked for on first use: a command pays only for what it uses."""
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module 'redislint' has no attribute '{name}'")
    import importlib

    return getattr(importlib.import_module(place), name)
