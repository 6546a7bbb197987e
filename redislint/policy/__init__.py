"""Policies: rules as data, loaded strictly, compiled once, evaluated on targets.

Nothing here imports YAML or the CEL library before it is needed; with a warm cache,
`builtin_rules` reads one JSON file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from redislint.model import RuleInfo
from redislint.policy.errors import PolicyError, Problem
from redislint.policy.library import builtin_policy

__all__ = ["PolicyError", "Problem", "builtin_policy", "builtin_rules"]


class _Infos(Mapping[str, RuleInfo]):
    """Rule metadata by id, made when asked for."""

    def __getitem__(self, name: str) -> RuleInfo:
        return builtin_policy()[name].info

    def __iter__(self) -> Iterator[str]:
        return iter(builtin_policy())

    def __len__(self) -> int:
        return len(builtin_policy())


def builtin_rules() -> Mapping[str, RuleInfo]:
    """What reports say about each built-in rule, by id, in the order of the files.

    Raises PolicyError when the installed policy files are damaged.
    """
    return _Infos()
