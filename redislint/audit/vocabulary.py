"""What the directive catalogue tells the policy room, which does not know it itself."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from redislint import catalog
from redislint.model import Server

if TYPE_CHECKING:
    from redislint.policy.vocabulary import DirectiveInfo, Vocabulary

_TYPES = {
    "bool": "bool",
    "enum": "text",
    "int": "int",
    "memory": "int",
    "octal": "int",
    "percent-or-memory": "int",
    "signed-memory": "int",
    "string": "text",
}


@lru_cache(maxsize=512)
def directive_info(name: str) -> DirectiveInfo | None:
    """What all versions together say of a directive, under any spelling it ever had."""
    from redislint.policy.vocabulary import DirectiveInfo

    if name.startswith("sentinel "):
        return _sentinel_option(name)
    found = catalog.directive(name)
    if found is None:
        return None
    specs = [
        spec
        for engine in found.engines
        for _, spec in found.points(engine)
        if spec is not None and not spec.ignored
    ]
    kinds = {_TYPES.get(spec.type, "") for spec in specs}
    words = dict.fromkeys(word for spec in specs for word in spec.enum or ())
    kind = kinds.pop() if len(kinds) == 1 else ""
    return DirectiveInfo(found.name, kind, tuple(words), found.secret)


def _sentinel_option(name: str) -> DirectiveInfo | None:
    """`sentinel monitor` and the like: options that rules may point at, and read as facts."""
    from redislint.conf.sentinel import OPTIONS
    from redislint.policy.vocabulary import DirectiveInfo

    option = name.removeprefix("sentinel ").encode("utf-8", "replace")
    return DirectiveInfo(name, "", (), True) if option in OPTIONS else None


def vocabulary() -> Vocabulary:
    """The directives that policies may name; facts are added by the policy room."""
    from redislint.policy.vocabulary import Vocabulary

    return Vocabulary(directive=directive_info, nearest_directive=catalog.nearest)


def spelling(name: str, server: Server) -> str | None:
    """The name that a server gives a directive, from any of its names; None if it has none."""
    spec = catalog.lookup(name, server)
    if spec is not None:
        return spec.name
    found = catalog.directive(name)
    other = found.spec(server) if found else None
    return other.name if other else None
