"""Typed values in the form that expressions see: lists, maps, numbers, text.

The resolver keeps what the server keeps (tuples, one per save point or class). An
expression reads `config["save"][0].seconds`, `config["client-output-buffer-limit"]
["pubsub"].hard`, `config["replicaof"].host`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def expression_values(values: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Typed values by directive name, as expressions see them.

    Takes the pairs of `Configuration.values()`: save points as (seconds, changes),
    buffer limits as (class, hard, soft, seconds), replicaof as (host, port).
    """
    return {name: expression_value(name, value) for name, value in values}


def expression_value(name: str, value: Any) -> Any:
    """One typed value as expressions see it; every other kind of value passes unchanged."""
    if not isinstance(value, tuple):
        return value
    if name == "save":
        return [{"seconds": seconds, "changes": changes} for seconds, changes in value]
    if name == "client-output-buffer-limit":
        return {
            kind: {"hard": hard, "soft": soft, "seconds": seconds}
            for kind, hard, soft, seconds in value
        }
    if name in ("replicaof", "slaveof"):
        host, port = value
        return {"host": host, "port": port}
    return list(value)
