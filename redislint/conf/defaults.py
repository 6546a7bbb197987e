"""Typed values of defaults, which the catalogue keeps as text."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from redislint.catalog import Spec, specs
from redislint.conf.dialect import dialect
from redislint.conf.load import read_value
from redislint.conf.result import Value
from redislint.model import Server


def typed_default(spec: Spec, server: Server, text: str | None) -> Any:
    """The typed value of a default's text; None where the catalogue knows no default."""
    if text is None:
        return None
    if spec.directive == "save":
        words = text.split()
        return tuple((int(a), int(b)) for a, b in zip(words[::2], words[1::2], strict=True))
    if spec.directive == "replicaof" and not text:
        return None
    if spec.directive in ("bind", "rdma-bind"):
        return tuple(text.split())
    words = text.split() if spec.multi_arg or spec.args[1] != 1 else [text]
    result = read_value(spec, dialect(server), tuple(word.encode() for word in words))
    return result.value if isinstance(result, Value) else text


@lru_cache(maxsize=64)
def default_values(server: Server, with_file: bool) -> Mapping[str, Any]:
    """Canonical name -> typed default of every directive of a server.

    `with_file`: started with a file or any option (matters for the save points).
    """
    return {
        name: typed_default(spec, server, spec.default_with_file if with_file else spec.default)
        for name, spec in specs(server).items()
    }
