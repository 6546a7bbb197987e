"""Instances of resources (`count`, `for_each`) and nested blocks, dynamic ones included."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from redislint.conf.document import Document
from redislint.sources.iac.given import UNKNOWN, Given, is_secret
from redislint.sources.iac.terraform_scope import Scope
from redislint.sources.iac.terraform_syntax import Block
from redislint.sources.iac.terraform_values import Value, entries, given, value_of

MOST_INSTANCES = 50
"""Most instances of one resource that are looked at, each by itself."""

_NOWHERE = "which parameters a dynamic block makes is not known"


class Instance(NamedTuple):
    """One instance of a resource: its address, and what names mean in it."""

    block: Block
    address: str
    scope: Scope


def instances(block: Block, address: str, scope: Scope) -> Iterator[Instance]:
    """The instances that count and for_each make of a block, one where that is not known."""
    count, each = block.attributes.get("count"), block.attributes.get("for_each")
    if count is not None:
        number = value_of(count.expression, scope)
        if number.data in (0, False) and number.known:
            return
        if number.data in (1, True):
            index = number._replace(data={"index": number._replace(data=0)})
            scope = scope.within({"count": index})
        yield Instance(block, address, scope)
        return
    pairs = entries(value_of(each.expression, scope)) if each is not None else None
    if pairs is None:
        yield Instance(block, address, scope)
        return
    for key, value in pairs[:MOST_INSTANCES]:
        bound = value._replace(data={"key": key, "value": value}, branches=())
        yield Instance(block, f'{address}["{key.data}"]', scope.within({"each": bound}))


def nested(block: Block, type_: str, scope: Scope) -> Iterator[tuple[Block, Scope] | Given]:
    """The blocks of a type within a block, static ones and those of dynamic blocks; what
    goes over them where it is not known which there are."""
    for child in block.below(type_):
        yield child, scope
    for child in block.below("dynamic"):
        if child.labels != (type_,):
            continue
        each = child.attributes.get("for_each")
        content = next(child.below("content"), None)
        value = value_of(each.expression, scope) if each is not None else None
        if value is None:
            continue
        several = _collections(value)
        if several is None or content is None:
            why = f"{_NOWHERE}: {value.why}" if value.why else _NOWHERE
            yield given(type_, value._replace(data=UNKNOWN, why=why, branches=()))
            continue
        iterator = child.attributes.get("iterator")
        name = type_
        if iterator is not None:
            host, expression = iterator.expression.host, iterator.expression
            name = host.data[expression.start : expression.end].decode("utf-8", "replace")
        doubt = "" if value.known else value.why
        for key, item in several[:500]:
            bound = item._replace(data={"key": key, "value": item}, branches=())
            yield content, scope.within({name: bound}, doubt)


def _collections(value: Value) -> list[tuple[Value, Value]] | None:
    """What a dynamic block may go over, of all branches of a condition; None where any of
    them is not known."""
    if value.known or not value.branches:
        return entries(value)
    found: list[tuple[Value, Value]] = []
    for branch in value.branches:
        pairs = [] if branch.data is None else entries(branch)
        if pairs is None:
            return None
        found += pairs
    return found


def hide_secrets(host: Document, blocks: Iterable[Block]) -> None:
    """Tell a file which of its bytes are credentials, wherever they stand in it."""
    pending = list(blocks)
    while pending:
        block = pending.pop()
        pending += block.blocks
        for attribute in block.attributes.values():
            if is_secret(attribute.name):
                expression = attribute.expression
                host.secrets.add((expression.start, expression.end))
