"""The properties of one resource of a template, in all branches of its conditions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from redislint.sources.iac.cloudformation_syntax import call_of
from redislint.sources.iac.cloudformation_syntax import extent as extent
from redislint.sources.iac.cloudformation_values import Template
from redislint.sources.iac.given import Given, is_secret
from redislint.sources.iac.nodes import MAPPING, SEQUENCE, Node


class Properties:
    """What stands below `Properties`, or in an object within it."""

    def __init__(self, template: Template, node: Node | None) -> None:
        several = template.branches(node) if node is not None else []
        self.template = template
        self.nodes = [one for one in several if one.kind == MAPPING and call_of(one) is None]

    def value(self, path: str) -> Given | None:
        """What a property comes to, under its own name; None where no branch gives it. A dot
        leads into an object."""
        nodes: list[Node | None] = list(self.nodes)
        name = path
        for part in path.split("."):
            below = [node.get(part) if node is not None else None for node in nodes]
            nodes = []
            for one in below:
                nodes += self.template.alternatives(one) if one is not None else [None]
            name = part
        several = [node for node in nodes if node is not None]
        if not several:
            return None
        shown = path.removeprefix("CacheUsageLimits.") if "Limits." in path else name
        return either(self.template, shown, nodes, several[-1])

    def plain(self, path: str) -> Any:
        """The value of a property, None where it is absent."""
        found = self.value(path)
        return found.value if found is not None else None

    def whole(self, name: str) -> Iterator[Node | None]:
        """What a property is in each branch; None for one that does not give it."""
        for node in self.nodes:
            found = node.get(name)
            yield from self.template.alternatives(found) if found is not None else [None]

    def items(self, name: str) -> Iterator[Node | None]:
        """The items of a list in all branches; None where there may be more."""
        for several in self.whole(name):
            if several is None:
                continue
            if several.kind != SEQUENCE or call_of(several) is not None:
                yield None
            for item in several.items if several.kind == SEQUENCE else ():
                yield from self.template.branches(item)


def either(template: Template, name: str, branches: Sequence[Node | None], place: Node) -> Given:
    """What the branches of a value come to; those of a credential are told to their file."""
    if is_secret(name):
        template.host.secrets.update(extent(node) for node in branches if node is not None)
    return template.either(name, branches, place)
