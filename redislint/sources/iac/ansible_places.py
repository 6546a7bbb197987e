"""Plays, blocks, roles and tasks of an Ansible file, with their addresses in it."""

from __future__ import annotations

from collections.abc import Iterator

from redislint.sources.iac.nodes import MAPPING, Node

MOST_PLACES = 2000
"""Most plays, roles and tasks of one file that are looked into."""

_LISTS = ("roles", "pre_tasks", "tasks", "post_tasks", "handlers", "block", "rescue", "always")


def places(root: Node) -> Iterator[tuple[str, Node]]:
    """Every mapping of a file that is a play, a block, a role or a task, and the roles that
    a role depends on."""
    if root.kind == MAPPING:
        pending = [(f"dependencies[{n}]", one) for n, one in enumerate(root.list("dependencies"))]
    else:
        pending = [(f"[{number}]", one) for number, one in enumerate(root.items)]
    left = MOST_PLACES
    while pending and left:
        left -= 1
        name, node = pending.pop(0)
        if node.kind != MAPPING:
            continue
        yield name, node
        for key in _LISTS:
            below = node.list(key)
            pending += [(f"{name}.{key}[{n}]", one) for n, one in enumerate(below)]
