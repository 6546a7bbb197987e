"""Facts that do not come from a configuration itself, and values that it does not tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from redislint.model import Fact

if TYPE_CHECKING:
    from redislint.conf.resolve import Configuration


def facts_from_elsewhere(known: Mapping[str, Any] | None) -> dict[str, Fact]:
    """Facts by path, from facts or from their mere values."""
    return {
        path: value if isinstance(value, Fact) else Fact(value, origin="given")
        for path, value in (known or {}).items()
    }


def why_unknown(conf: Configuration) -> dict[str, str]:
    """Why values of directives are not known, as `Target.unknown` says it: `config` stands
    for every directive that nothing sets."""
    return {f'config["{name}"]' if name else "config": why for name, why in conf.unknown.items()}
