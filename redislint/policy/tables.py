"""The files beside the rules, read strictly: profiles and workloads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redislint.facts.workload import Workload, WorkloadError, index
from redislint.policy.errors import PolicyError, Problem, did_you_mean, quote
from redislint.policy.reading import Node, Reader, parse
from redislint.policy.selection import Profile

Entries = Mapping[str, Mapping[str, Any]]


def read_profiles(data: bytes, path: str) -> dict[str, Profile]:
    """The profiles of a file by name. Raises PolicyError."""
    reader = Reader(path)
    profiles: dict[str, Profile] = {}
    for name, (key, node) in _top(reader, data, "profiles").items():
        keys = reader.mapping(node, f"profile {name}", ("summary", "extends", "select", "ignore"))
        extends = reader.text(keys.get("extends"), "'extends'")
        if extends and extends not in profiles:
            reader.bad(
                keys["extends"],
                f"'extends': {quote(extends)} is no profile above this one"
                f"{did_you_mean(extends, profiles)}",
            )
        if not keys:
            reader.bad(key, f"profile {name} says nothing")
        profiles[name] = Profile(
            name,
            reader.text(keys.get("summary"), "'summary'"),
            extends,
            reader.texts(keys.get("select"), "'select'"),
            reader.texts(keys.get("ignore"), "'ignore'"),
        )
    reader.done()
    return profiles


def read_workloads(data: bytes, path: str, base: Entries | None = None) -> dict[str, Any]:
    """The workload entries of a file over those of `base`, each checked.

    An entry with a name of `base` changes the keys that it gives. Raises PolicyError.
    """
    reader = Reader(path)
    entries: dict[str, Any] = dict(base or {})
    for name, (key, node) in _top(reader, data, "workloads").items():
        given = reader.mapping(node, f"workload {name}", None)
        entry = {**entries.get(name, {}), **{key: value.data for key, value in given.items()}}
        try:
            Workload.from_mapping(name, entry)
        except WorkloadError as error:
            place = node.value[error.key][0] if error.key in given else key
            reader.bad(place, str(error))
        entries[name] = entry
    reader.done()
    try:
        check_workloads(entries)
    except PolicyError as error:
        raise PolicyError([Problem(path, 0, 0, str(error))]) from None
    return entries


def check_workloads(entries: Entries) -> dict[str, Workload]:
    """Workloads by name and alias. Raises PolicyError when a name is given twice."""
    try:
        return index(Workload.from_mapping(name, entry) for name, entry in entries.items())
    except WorkloadError as error:
        raise PolicyError([Problem("workloads", 0, 0, str(error))]) from None


def _top(reader: Reader, data: bytes, key: str) -> dict[str, tuple[Node, Node]]:
    root = parse(data, reader.path)
    if root is None:
        raise PolicyError([Problem(reader.path, 0, 0, f"is empty: expected '{key}:'")])
    keys = reader.mapping(root, "the file", (key,), (key,))
    node = keys.get(key)
    if node is None or node.kind == "null":
        return {}
    if node.kind != "map":
        reader.bad(node, f"'{key}' must be a mapping from names to entries")
        return {}
    entries: dict[str, tuple[Node, Node]] = node.value
    return entries
