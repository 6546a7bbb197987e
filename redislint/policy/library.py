"""Where rules come from: the built-in policy files and those of a project.

Compiled rules are cached by content (`cache`); a warm cache means that neither YAML
nor the checks of the loader run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache as _once
from pathlib import Path
from typing import TYPE_CHECKING

from redislint.policy import cache
from redislint.policy.errors import PolicyError, Problem
from redislint.policy.rules import Rule, pack, unpack
from redislint.resources import policies_dir, read_schema
from redislint.version import VERSION

if TYPE_CHECKING:
    from redislint.policy.vocabulary import Vocabulary

NOT_RULES = frozenset({"profiles.yaml", "workloads.yaml"})
"""Files beside the built-in policies that hold other data."""

_SCHEMA = "facts.schema.json"


@_once
def builtin_policy() -> Mapping[str, Rule]:
    """The built-in rules by id. Raises PolicyError when the installed files are damaged."""
    folder = policies_dir()
    files = [
        (f"policies/{path.name}", path.read_bytes())
        for path in sorted(folder.glob("*.yaml"))
        if path.name not in NOT_RULES
    ]
    return {rule.id: rule for rule in compile_rules(files)}


def compile_rules(
    files: Sequence[tuple[str, bytes]],
    names: Vocabulary | None = None,
    others: Iterable[Rule] = (),
) -> tuple[Rule, ...]:
    """The rules of policy files given as (shown path, content), through the cache.

    `names` says what directives there are; its facts are those of `facts.schema.json`. `others` are rules
    whose ids and names are taken. Raises PolicyError with the problems of all files.
    """
    others = tuple(others)
    taken = "\n".join(f"{rule.id} {rule.name}" for rule in others).encode()
    parts = [*files, ("taken", taken), ("facts", _facts_schema())]
    parts.append(("checked", b"directives" if names else b""))
    name = "policy-" + cache.key(VERSION, parts)
    stored = cache.read(name)
    if isinstance(stored, list):
        try:
            return tuple(unpack(row) for row in stored)
        except (ValueError, TypeError, KeyError, IndexError):
            stored = None  # damaged: compiled again below
    rules = load_files(files, names, others)
    cache.write(name, [pack(rule) for rule in rules])
    return rules


def load_files(
    files: Sequence[tuple[str, bytes]], names: Vocabulary | None = None, others: Iterable[Rule] = ()
) -> tuple[Rule, ...]:
    """As `compile_rules`, without the cache."""
    from dataclasses import replace

    from redislint.policy.loader import load
    from redislint.policy.vocabulary import Vocabulary, read_facts

    schema = _facts_schema()
    vocabulary = names or Vocabulary()
    if schema:
        vocabulary = replace(vocabulary, facts=read_facts(schema))
    rules: list[Rule] = list(others)
    known = len(rules)
    problems: list[Problem] = []
    for path, data in files:
        try:
            rules.extend(load(data, path, vocabulary, rules))
        except PolicyError as error:
            problems.extend(error.problems)
    if problems:
        raise PolicyError(problems)
    return tuple(rules[known:])


def _facts_schema() -> bytes:
    try:
        return read_schema(_SCHEMA)
    except FileNotFoundError:
        return b""


def policy_files(path: Path) -> list[Path]:
    """The policy files that a PATH means: itself, or the `*.yaml` and `*.yml` below it."""
    if not path.is_dir():
        return [path]
    found = [*path.rglob("*.yaml"), *path.rglob("*.yml")]
    return sorted(file for file in found if file.name not in NOT_RULES and file.is_file())
