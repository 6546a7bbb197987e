"""Where rules, profiles and workloads come from: the built-in files and a project's own.

What was compiled is cached by content (`cache`); a warm cache means that neither YAML
nor the checks of the loader run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cache as _once
from typing import TYPE_CHECKING, Any, NamedTuple

from redislint.policy import cache
from redislint.policy.errors import PolicyError, Problem
from redislint.policy.rules import Rule, pack, unpack
from redislint.policy.selection import Profile, pack_profiles, unpack_profiles
from redislint.resources import read_compiled, read_policies, read_schema
from redislint.version import VERSION

if TYPE_CHECKING:
    from redislint.facts.workload import Workload
    from redislint.policy.vocabulary import Vocabulary

_PROFILES = "profiles.yaml"
_WORKLOADS = "workloads.yaml"
NOT_RULES = frozenset({_PROFILES, _WORKLOADS})
"""Files beside the built-in policies that hold other data."""

_FACTS = "facts.schema.json"
_DAMAGED = (ValueError, TypeError, KeyError, IndexError)

File = tuple[str, bytes]
"""The path to show in problems, and the content."""


class Builtin(NamedTuple):
    """Everything that ships: rules by id, profiles by name, workload entries as written."""

    rules: Mapping[str, Rule]
    profiles: Mapping[str, Profile]
    workloads: Mapping[str, Mapping[str, Any]]


@_once
def builtin() -> Builtin:
    """What ships with redislint. Raises PolicyError when an installed file is damaged."""
    files = dict(read_policies())
    name = "builtin-" + cache.key(VERSION, [*files.items(), ("facts", _facts_schema())])
    shipped = read_compiled(name)
    stored = cache.read(name) if shipped is None else json.loads(shipped)
    if isinstance(stored, list):
        try:
            rows, profiles, workloads = stored
            rules = {rule.id: rule for rule in map(unpack, rows)}
            return Builtin(rules, unpack_profiles(profiles), dict(workloads))
        except _DAMAGED:
            stored = None  # compiled again below
    found = _read_builtin(files)
    rows = [pack(rule) for rule in found.rules.values()]
    cache.write(name, [rows, pack_profiles(found.profiles), found.workloads])
    return found


def _read_builtin(files: Mapping[str, bytes]) -> Builtin:
    from redislint.policy.tables import read_profiles, read_workloads

    policies = [(f"policies/{name}", files[name]) for name in files if name not in NOT_RULES]
    rules = {rule.id: rule for rule in load_files(policies)}
    profiles = read_profiles(files.get(_PROFILES, b"profiles: {}"), f"policies/{_PROFILES}")
    workloads = read_workloads(files.get(_WORKLOADS, b"workloads: {}"), f"policies/{_WORKLOADS}")
    return Builtin(rules, profiles, workloads)


def builtin_policy() -> Mapping[str, Rule]:
    """The built-in rules by id. Raises PolicyError when the installed files are damaged."""
    return builtin().rules


def workloads(own: Iterable[str] = ()) -> dict[str, Workload]:
    """Workloads by name and alias: the built-in ones and those of a project's files.

    An entry of a project that has a built-in one's name changes the keys that it gives.
    Raises PolicyError.
    """
    from redislint.facts.workload import Workload, index

    entries = dict(builtin().workloads)
    paths = tuple(own)
    if not paths:
        return index(Workload.from_mapping(name, entry) for name, entry in entries.items())
    from redislint.policy.reading import read_bytes
    from redislint.policy.tables import check_workloads, read_workloads

    for path in paths:
        shown = os.path.relpath(path)
        entries = read_workloads(read_bytes(path, shown), shown, entries)
    return check_workloads(entries)


def compile_rules(
    files: Sequence[File],
    names: Vocabulary | None = None,
    others: Iterable[Rule] = (),
) -> tuple[Rule, ...]:
    """The rules of policy files, through the cache.

    `names` says what directives there are; the facts are those of `facts.schema.json`.
    `others` are rules whose ids and names are taken. Raises PolicyError with the
    problems of all files.
    """
    others = tuple(others)
    taken = "\n".join(f"{rule.id} {rule.name}" for rule in others).encode()
    parts = [*files, ("taken", taken), ("facts", _facts_schema())]
    parts.append(("checked", b"directives" if names else b""))
    name = "policy-" + cache.key(VERSION, parts)
    stored = cache.read(name)
    if isinstance(stored, list):
        try:
            return tuple(map(unpack, stored))
        except _DAMAGED:
            stored = None  # compiled again below
    rules = load_files(files, names, others)
    cache.write(name, [pack(rule) for rule in rules])
    return rules


def own_rules(paths: Iterable[str], names: Vocabulary | None = None) -> tuple[Rule, ...]:
    """The rules of a project's policy files and folders, their ids distinct from the built-in.

    Raises PolicyError.
    """
    from redislint.policy.reading import read_bytes

    files = []
    seen: set[str] = set()
    for path in paths:
        found = policy_files(path)
        if not found:
            raise PolicyError(
                [Problem(os.path.relpath(path), 0, 0, "holds no policy file (*.yaml)")]
            )
        for file in found:
            real = os.path.realpath(file)
            if real in seen:  # redislint.yaml and --policy may name the same folder
                continue
            seen.add(real)
            shown = os.path.relpath(file)
            files.append((shown, read_bytes(file, shown)))
    return compile_rules(files, names, builtin_policy().values()) if files else ()


def load_files(
    files: Sequence[File], names: Vocabulary | None = None, others: Iterable[Rule] = ()
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
        return read_schema(_FACTS)
    except FileNotFoundError:
        return b""


def policy_files(path: str) -> list[str]:
    """The policy files that a PATH means: itself, or the `*.yaml` and `*.yml` below it."""
    if not os.path.isdir(path):
        return [path]
    return sorted(
        os.path.join(folder, name)
        for folder, _, names in os.walk(path)
        for name in names
        if name.endswith((".yaml", ".yml"))
        and name not in NOT_RULES
        and os.path.isfile(os.path.join(folder, name))
    )
