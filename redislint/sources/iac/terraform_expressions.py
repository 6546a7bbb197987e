"""Expressions of HCL: references, collections, `for`, operators, calls of functions.

Nothing is guessed: what no file of the folder decides is UNKNOWN, with the reason. Work is
bounded by `Scope.step`; a value that would cost more is unknown as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redislint.conf.document import Document
from redislint.sources.iac.given import UNKNOWN, shown
from redislint.sources.iac.terraform_operators import is_number, result
from redislint.sources.iac.terraform_syntax import text_of
from redislint.sources.iac.terraform_values import (
    Value,
    either,
    entries,
    member,
    number,
    plain,
    unknown,
)

if TYPE_CHECKING:
    from redislint.sources.iac.terraform_scope import Scope


class HclExpression:
    """An expression of HCL. `start` and `end` are without the quotes of a mere text."""

    __slots__ = ("_node", "end", "host", "start")

    def __init__(self, node: Any, host: Document) -> None:
        self._node = node
        self.host = host
        start, end = node.start_byte, node.end_byte
        quoted = end - start > 2 and host.data[start : start + 1] == b'"'
        simple = quoted and host.data.find(b'"', start + 1) == end - 1
        self.start: int = start + 1 if simple else start
        self.end: int = end - 1 if simple else end

    def evaluate(self, scope: Scope) -> Value:
        return evaluate(self._node, self.host, scope)


def evaluate(node: Any, host: Document, scope: Scope) -> Value:
    """What an `expression` node, or the operand of an operator, comes to."""
    if not scope.step():
        return unknown(node, host, "the expression is too long")
    return _chain(node.named_children, node, host, scope)


def _chain(parts: list[Any], whole: Any, host: Document, scope: Scope) -> Value:
    """A value with the attributes, indexes and splats behind it."""
    parts = [part for part in parts if part.type != "comment"]
    if not parts:
        return unknown(whole, host, "the expression cannot be read")
    first = parts[0]
    start, end = first.start_byte, parts[-1].end_byte
    if first.type == "variable_expr":
        found, rest = _root(first, parts[1:], host, scope)
    else:
        found, rest = _single(first, host, scope), parts[1:]
    for part in rest:
        found = _step(found, part, host, scope)
    if first.type == "variable_expr" and not scope.keeps_place(text_of(first, host)):
        found = found.at(Value(UNKNOWN, host, start, end))
    return found


def _root(first: Any, rest: list[Any], host: Document, scope: Scope) -> tuple[Value, list[Any]]:
    """The value that a reference begins with, and what of it is left to follow."""
    path = [text_of(first, host)]
    for part in rest:
        if part.type != "get_attr":
            break
        path.append(text_of(part.named_children[0], host))
    found, used = scope.lookup(tuple(path), first, host)
    left = rest[used - 1 :]
    if not found.known and found.reference and left:
        indexed = [part for part in left if part.type == "index"]
        attributes = [part for part in left if part.type == "get_attr"]
        if attributes:
            return scope.attribute(
                found, text_of(attributes[-1].named_children[0], host), indexed, host
            ), []
    return found, left


def _single(node: Any, host: Document, scope: Scope) -> Value:
    handler = _HANDLERS.get(node.type)
    if handler is None:
        return unknown(node, host, "the expression is not evaluated")
    if not scope.enter():
        return unknown(node, host, "the expression is nested too deep")
    try:
        result: Value = handler(node, host, scope)
    finally:
        scope.leave()
    return result


def _nested(node: Any, host: Document, scope: Scope) -> Value:
    return evaluate(node, host, scope)


def _literal(node: Any, host: Document, scope: Scope) -> Value:
    child = node.named_children[0] if node.named_children else node
    place = (host, node.start_byte, node.end_byte)
    if child.type == "string_lit":
        from redislint.sources.iac.terraform_templates import quoted

        return quoted([], child, host, scope, child.start_byte + 1, child.end_byte - 1)
    text = text_of(child, host)
    if child.type == "bool_lit":
        return Value(text == "true", *place)
    if child.type == "null_lit":
        return Value(None, *place)
    return Value(number(text), *place)


def _templated(node: Any, host: Document, scope: Scope) -> Value:
    from redislint.sources.iac.terraform_templates import template

    return template(node, host, scope)


# -- collections -------------------------------------------------------------------------


def _collection(node: Any, host: Document, scope: Scope) -> Value:
    inner = node.named_children[0]
    place = (host, inner.start_byte, inner.end_byte)
    if inner.type == "tuple":
        items = [c for c in inner.named_children if c.type == "expression"]
        return Value([evaluate(item, host, scope) for item in items], *place)
    found: dict[str, Value] = {}
    for element in inner.named_children:
        if element.type != "object_elem":
            continue
        sides = [c for c in element.named_children if c.type == "expression"]
        if len(sides) != 2:
            continue
        key = _key(sides[0], host, scope)
        if key is None:
            return Value(UNKNOWN, *place, "a key of the object is not known")
        found[key] = evaluate(sides[1], host, scope)
    return Value(found, *place)


def _key(node: Any, host: Document, scope: Scope) -> str | None:
    """The key of an object's element: a mere name stands for itself."""
    children = node.named_children
    if len(children) == 1 and children[0].type == "variable_expr":
        return text_of(children[0], host)
    value = evaluate(node, host, scope)
    return shown(value.data) if isinstance(value.data, (str, int, float, bool)) else None


def _for(node: Any, host: Document, scope: Scope) -> Value:
    inner = node.named_children[0]
    parts = [c for c in inner.named_children if not c.type.endswith(("_start", "_end"))]
    intro, condition = parts[0], next((c for c in parts if c.type == "for_cond"), None)
    bodies = [c for c in parts[1:] if c.type == "expression"]
    names = [text_of(c, host) for c in intro.named_children if c.type == "identifier"]
    source = next((c for c in intro.named_children if c.type == "expression"), None)
    if source is None or not names or not bodies:
        return unknown(node, host, "the expression cannot be read")
    value = evaluate(source, host, scope)
    pairs = entries(value)
    if pairs is None:
        return unknown(node, host, value.why or "what it goes over is not known")
    items: list[Value] = []
    mapped: dict[str, Value] = {}
    grouped = any(c.type == "ellipsis" for c in inner.children)
    for key, item in pairs:
        bound = {names[-1]: item, **({names[0]: key} if len(names) > 1 else {})}
        inside = scope.within(bound)
        if condition is not None:
            holds = evaluate(condition.named_children[0], host, inside)
            if not isinstance(holds.data, bool):
                return unknown(node, host, holds.why or "a condition is not known")
            if not holds.data:
                continue
        results = [evaluate(body, host, inside) for body in bodies]
        if len(results) == 1:
            items.append(results[0])
        elif isinstance(results[0].data, (str, int, float, bool)) and not grouped:
            mapped[shown(results[0].data)] = results[1]
        else:
            return unknown(node, host, results[0].why or "a key is not known")
    place = (host, node.start_byte, node.end_byte)
    return Value(mapped if len(bodies) > 1 else items, *place)


# -- operators ---------------------------------------------------------------------------


def _conditional(node: Any, host: Document, scope: Scope) -> Value:
    parts = [c for c in node.named_children if c.type == "expression"]
    if len(parts) != 3:
        return unknown(node, host, "the condition cannot be read")
    test = evaluate(parts[0], host, scope)
    place = unknown(node, host, "")
    if isinstance(test.data, bool):
        taken, other = parts[1:] if test.data else reversed(parts[1:])
        found = evaluate(taken, host, scope)
        if not _is_literal(other):
            return found
        left = (evaluate(other, host, scope)._replace(effective=False, branches=()),)
        own = found.branches or (found,)
        return found._replace(branches=(*own, *left) if test.data else (*left, *own))
    branches = [evaluate(part, host, scope) for part in parts[1:]]
    found = either(branches, place, test.why)
    return found if any(map(_is_literal, parts[1:])) else found.at(place)


def _is_literal(node: Any) -> bool:
    """Whether an expression is a text, a number or a collection that stands there."""
    return [c.type for c in node.named_children] in (
        ["literal_value"],
        ["template_expr"],
        ["collection_value"],
    )


def _operation(node: Any, host: Document, scope: Scope) -> Value:
    inner = node.named_children[0]
    if inner.type == "unary_operation":
        operand = _chain(inner.named_children, inner, host, scope)
        sign = text_of(inner.children[0], host)
        if sign == "!" and isinstance(operand.data, bool):
            return Value(not operand.data, host, node.start_byte, node.end_byte)
        if sign == "-" and is_number(operand.data):
            return Value(-operand.data, host, node.start_byte, node.end_byte)
        return unknown(node, host, operand.why or "the operand is not known")
    left: list[Any] = []
    right: list[Any] = []
    operator = ""
    for child in inner.children:
        if not child.is_named:
            operator = text_of(child, host)
        else:
            (right if operator else left).append(child)
    first = _chain(left, inner, host, scope)
    if operator in ("&&", "||") and first.data is (operator == "||"):
        return Value(first.data, host, node.start_byte, node.end_byte)
    second = _chain(right, inner, host, scope)
    if operator in ("&&", "||") and second.data is (operator == "||"):
        return Value(second.data, host, node.start_byte, node.end_byte)
    if not (first.known and second.known):
        return unknown(node, host, first.why or second.why)
    outcome = result(operator, plain(first), plain(second))
    if outcome is UNKNOWN:
        return unknown(node, host, f"the operator {operator} is not evaluated on these")
    return Value(outcome, host, node.start_byte, node.end_byte)


def _step(value: Value, part: Any, host: Document, scope: Scope) -> Value:
    """One attribute, index or splat further."""
    if part.type == "get_attr":
        return member(value, text_of(part.named_children[0], host))
    if part.type == "index":
        inner = part.named_children[0]
        if inner.type == "legacy_index":
            return member(value, text_of(inner, host).lstrip("."))
        keys = [c for c in inner.named_children if c.type == "expression"]
        key = evaluate(keys[0], host, scope) if keys else unknown(part, host, "no index")
        if isinstance(key.data, (str, int, float)):
            return member(value, shown(key.data))
        return unknown(part, host, key.why or "the index is not known")
    pairs = entries(value)
    if pairs is None:
        return unknown(part, host, value.why or "what it goes over is not known")
    inner = part.named_children[0]
    items = [item for _, item in pairs]
    for child in inner.named_children:
        items = [_step(item, child, host, scope) for item in items]
    return Value(items, host, value.start, value.end)


def _call(node: Any, host: Document, scope: Scope) -> Value:
    from redislint.sources.iac.terraform_functions import call

    name = text_of(node.named_children[0], host)
    holder = next((c for c in node.named_children if c.type == "function_arguments"), None)
    nodes = [c for c in holder.named_children if c.type == "expression"] if holder else []
    arguments = [evaluate(c, host, scope) for c in nodes]
    if holder is not None and any(c.type == "ellipsis" for c in holder.children):
        last = arguments[-1]
        if not isinstance(last.data, list):
            return unknown(node, host, last.why or "its arguments are not known")
        arguments[-1:] = last.data
    place = unknown(node, host, "")
    return call(name, arguments, place, scope).at(place)


_HANDLERS = {
    "expression": _nested,
    "literal_value": _literal,
    "template_expr": _templated,
    "collection_value": _collection,
    "for_expr": _for,
    "conditional": _conditional,
    "operation": _operation,
    "function_call": _call,
}
