"""What expressions of Terraform come to: literals, templates, references, operators.

Nothing is guessed: what no file of the folder decides is UNKNOWN, with the reason. Work is
bounded by `Scope.step`; a value that would cost more is unknown as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from redislint.conf.document import Document
from redislint.conf.passage import Passage
from redislint.sources.iac.given import UNKNOWN, Given, shown
from redislint.sources.iac.terraform_syntax import text_of

if TYPE_CHECKING:
    from redislint.sources.iac.terraform_scope import Scope
    from redislint.sources.iac.terraform_syntax import Expression

_MOST_DEPTH = 60
_MOST_TEXT = 1_000_000
_ESCAPE = re.compile(rb"\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)|\$\$\{|%%\{", re.DOTALL)
_MARKER = re.compile(rb"\$\$\{|%%\{")
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b'"': b'"', b"\\": b"\\"}


class Value(NamedTuple):
    """A value and its place.

    `data` is None, a boolean, a number, a text, a list or a mapping of values, or UNKNOWN
    (`why` says what is missing). `failed`: it is an error to Terraform itself, which `try`
    catches. `reference`: the resource's attribute that it is taken from. `basis`: where it
    was resolved. `passage`: a text with its places.
    """

    data: Any
    host: Document
    start: int
    end: int
    why: str = ""
    failed: bool = False
    reference: str = ""
    basis: str = ""
    passage: Passage | None = None

    @property
    def known(self) -> bool:
        return self.data is not UNKNOWN

    def at(self, other: Value) -> Value:
        """The value in the place of another."""
        return self._replace(host=other.host, start=other.start, end=other.end)


def value_of(expression: Expression, scope: Scope) -> Value:
    """What an attribute comes to; a value that is not known stands where its expression does."""
    value = expression.evaluate(scope)
    if value.known:
        return value
    return value._replace(host=expression.host, start=expression.start, end=expression.end)


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
        return evaluate(self._node, self.host, scope, 0)


def unknown(node: Any, host: Document, why: str, *, failed: bool = False) -> Value:
    return Value(UNKNOWN, host, node.start_byte, node.end_byte, why, failed)


def evaluate(node: Any, host: Document, scope: Scope, depth: int) -> Value:
    """What an `expression` node, or the operand of an operator, comes to."""
    if depth > _MOST_DEPTH or not scope.step():
        return unknown(node, host, "the expression is too long")
    return _chain(node.named_children, node, host, scope, depth)


def _chain(parts: list[Any], whole: Any, host: Document, scope: Scope, depth: int) -> Value:
    """A value with the attributes, indexes and splats behind it."""
    parts = [part for part in parts if part.type != "comment"]
    if not parts:
        return unknown(whole, host, "the expression cannot be read")
    first = parts[0]
    start, end = first.start_byte, parts[-1].end_byte
    if first.type == "variable_expr":
        found, rest = _root(first, parts[1:], host, scope, depth)
    else:
        found, rest = _single(first, host, scope, depth), parts[1:]
    for part in rest:
        found = _step(found, part, host, scope, depth)
    if first.type == "variable_expr" and not scope.keeps_place(text_of(first, host)):
        found = found._replace(host=host, start=start, end=end)
    return found


def _root(
    first: Any, rest: list[Any], host: Document, scope: Scope, depth: int
) -> tuple[Value, list[Any]]:
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


def _single(node: Any, host: Document, scope: Scope, depth: int) -> Value:
    handler = _HANDLERS.get(node.type)
    if handler is None:
        return unknown(node, host, "the expression is not evaluated")
    result: Value = handler(node, host, scope, depth + 1)
    return result


def _nested(node: Any, host: Document, scope: Scope, depth: int) -> Value:
    return evaluate(node, host, scope, depth)


def _literal(node: Any, host: Document, scope: Scope, depth: int) -> Value:
    child = node.named_children[0] if node.named_children else node
    place = (host, node.start_byte, node.end_byte)
    if child.type == "string_lit":
        return _text([], child, host, scope, depth, child.start_byte + 1, child.end_byte - 1)
    text = text_of(child, host)
    if child.type == "bool_lit":
        return Value(text == "true", *place)
    if child.type == "null_lit":
        return Value(None, *place)
    return Value(number(text), *place)


def number(text: str) -> int | float | str:
    """A number as it is written; a text that is none stays one."""
    try:
        return int(text) if text.lstrip("-").isdigit() else float(text)
    except (ValueError, OverflowError):
        return text


# -- templates ---------------------------------------------------------------------------


def _template(node: Any, host: Document, scope: Scope, depth: int) -> Value:
    inner = node.named_children[0]
    if inner.type == "heredoc_template":
        return _heredoc(inner, host, scope, depth)
    start, end = inner.start_byte + 1, inner.end_byte - 1
    return _text(_inserts(inner), inner, host, scope, depth, start, end)


def _inserts(node: Any) -> list[Any]:
    kinds = ("template_interpolation", "template_directive", "ERROR")
    return [child for child in node.children if child.type in kinds]


def _text(
    inserts: list[Any], node: Any, host: Document, scope: Scope, depth: int, start: int, end: int
) -> Value:
    """A quoted template: one that is nothing but an insert is that value itself."""
    if len(inserts) == 1 and (inserts[0].start_byte, inserts[0].end_byte) == (start, end):
        return _inserted(inserts[0], host, scope, depth)._replace(host=host, start=start, end=end)
    pieces, why = [], ""
    at = start
    for insert in inserts:
        pieces += _escaped(host, at, insert.start_byte, _ESCAPE)
        value = _inserted(insert, host, scope, depth)
        pieces.append(_piece(value, host, insert))
        why = why or value.why
        at = insert.end_byte
    pieces += _escaped(host, at, end, _ESCAPE)
    return _joined(pieces, host, start, end, why)


def _joined(pieces: list[Passage], host: Document, start: int, end: int, why: str) -> Value:
    text = Passage.join(pieces) if pieces else Passage.instead(b"", host, start, start)
    if len(text) > _MOST_TEXT:
        return Value(UNKNOWN, host, start, end, "the text is too long")
    data: Any = text.data.decode("utf-8", "surrogateescape") if text.known else UNKNOWN
    return Value(
        data,
        host,
        start,
        end,
        why or ("" if text.known else "part of it is not known"),
        passage=text,
    )


def _inserted(insert: Any, host: Document, scope: Scope, depth: int) -> Value:
    expression = next((c for c in insert.named_children if c.type == "expression"), None)
    if insert.type != "template_interpolation" or expression is None:
        return unknown(insert, host, "a template directive is not evaluated")
    return evaluate(expression, host, scope, depth)


def _piece(value: Value, host: Document, insert: Any) -> Passage:
    """The text of an insert, in the place of it."""
    start, end = insert.start_byte, insert.end_byte
    if value.data is None or isinstance(value.data, (bool, int, float, str)):
        text = shown(value.data).encode("utf-8", "surrogateescape")
        if text:
            return Passage.instead(text, host, start, end)
        return Passage.instead(b"", host, start, start)
    return Passage.hole(host, start, end)


def _escaped(host: Document, start: int, end: int, escapes: re.Pattern[bytes]) -> list[Passage]:
    pieces = []
    at = start
    for match in escapes.finditer(host.data, start, end):
        if match.start() > at:
            pieces.append(Passage.of(host, at, match.start()))
        pieces.append(Passage.instead(_unescaped(match.group()), host, *match.span()))
        at = match.end()
    if end > at:
        pieces.append(Passage.of(host, at, end))
    return pieces


def _unescaped(escape: bytes) -> bytes:
    if escape in (b"$${", b"%%{"):
        return escape[1:]
    if escape[1:2] in (b"u", b"U") and len(escape) > 2:
        code = int(escape[2:], 16)
        return chr(code).encode("utf-8", "surrogatepass") if code < 0x110000 else escape
    return _ESCAPES.get(escape[1:], escape)


def _heredoc(node: Any, host: Document, scope: Scope, depth: int) -> Value:
    """A heredoc, its indentation taken off where it says `<<-`."""
    data = host.data
    inner_start = data.find(b"\n", node.start_byte, node.end_byte) + 1
    inner_end = data.rfind(b"\n", inner_start - 1, node.end_byte) + 1
    if not inner_start or inner_end < inner_start:
        return unknown(node, host, "the heredoc cannot be read")
    indent = 0
    if data.startswith(b"<<-", node.start_byte):
        lines = [line for line in data[inner_start:inner_end].split(b"\n") if line.strip()]
        indent = min((len(line) - len(line.lstrip(b" \t")) for line in lines), default=0)
    inserts = [i for i in _inserts(node) if i.start_byte >= inner_start]
    pieces: list[Passage] = []
    why = ""
    at = inner_start
    for insert in [*inserts, None]:
        stop = inner_end if insert is None else insert.start_byte
        while at < stop:
            fresh = at == inner_start or data[at - 1 : at] == b"\n"
            if fresh:
                line = data[at : min(at + indent, stop)]
                at += len(line) - len(line.lstrip(b" \t"))
            newline = data.find(b"\n", at, stop)
            last = stop if newline < 0 else newline + 1
            pieces += _escaped(host, at, last, _MARKER)
            at = last
        if insert is not None:
            value = _inserted(insert, host, scope, depth)
            pieces.append(_piece(value, host, insert))
            why = why or value.why
            at = insert.end_byte
    return _joined(pieces, host, inner_start, inner_end, why)


# -- collections -------------------------------------------------------------------------


def _collection(node: Any, host: Document, scope: Scope, depth: int) -> Value:
    inner = node.named_children[0]
    place = (host, inner.start_byte, inner.end_byte)
    if inner.type == "tuple":
        items = [c for c in inner.named_children if c.type == "expression"]
        return Value([evaluate(item, host, scope, depth) for item in items], *place)
    found: dict[str, Value] = {}
    for element in inner.named_children:
        if element.type != "object_elem":
            continue
        sides = [c for c in element.named_children if c.type == "expression"]
        if len(sides) != 2:
            continue
        key = _key(sides[0], host, scope, depth)
        if key is None:
            return Value(UNKNOWN, *place, "a key of the object is not known")
        found[key] = evaluate(sides[1], host, scope, depth)
    return Value(found, *place)


def _key(node: Any, host: Document, scope: Scope, depth: int) -> str | None:
    """The key of an object's element: a mere name stands for itself."""
    children = node.named_children
    if len(children) == 1 and children[0].type == "variable_expr":
        return text_of(children[0], host)
    value = evaluate(node, host, scope, depth)
    return shown(value.data) if isinstance(value.data, (str, int, float, bool)) else None


def _for(node: Any, host: Document, scope: Scope, depth: int) -> Value:
    inner = node.named_children[0]
    parts = [c for c in inner.named_children if not c.type.endswith(("_start", "_end"))]
    intro, condition = parts[0], next((c for c in parts if c.type == "for_cond"), None)
    bodies = [c for c in parts[1:] if c.type == "expression"]
    names = [text_of(c, host) for c in intro.named_children if c.type == "identifier"]
    source = next((c for c in intro.named_children if c.type == "expression"), None)
    if source is None or not names or not bodies:
        return unknown(node, host, "the expression cannot be read")
    value = evaluate(source, host, scope, depth)
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
            holds = evaluate(condition.named_children[0], host, inside, depth)
            if not isinstance(holds.data, bool):
                return unknown(node, host, holds.why or "a condition is not known")
            if not holds.data:
                continue
        results = [evaluate(body, host, inside, depth) for body in bodies]
        if len(results) == 1:
            items.append(results[0])
        elif isinstance(results[0].data, (str, int, float, bool)) and not grouped:
            mapped[shown(results[0].data)] = results[1]
        else:
            return unknown(node, host, results[0].why or "a key is not known")
    place = (host, node.start_byte, node.end_byte)
    return Value(mapped if len(bodies) > 1 else items, *place)


def entries(value: Value) -> list[tuple[Value, Value]] | None:
    """Keys and values of a collection, None where it is none or not known."""
    if isinstance(value.data, Mapping):
        return [(item._replace(data=key, passage=None), item) for key, item in value.data.items()]
    if isinstance(value.data, list):
        return [(item._replace(data=n, passage=None), item) for n, item in enumerate(value.data)]
    return None


# -- operators ---------------------------------------------------------------------------


def _conditional(node: Any, host: Document, scope: Scope, depth: int) -> Value:
    parts = [c for c in node.named_children if c.type == "expression"]
    if len(parts) != 3:
        return unknown(node, host, "the condition cannot be read")
    test = evaluate(parts[0], host, scope, depth)
    if isinstance(test.data, bool):
        return evaluate(parts[1] if test.data else parts[2], host, scope, depth)
    branches = tuple(evaluate(part, host, scope, depth) for part in parts[1:])
    if all(b.known for b in branches) and branches[0].data == branches[1].data:
        return branches[0]
    return unknown(node, host, test.why or "the condition is not known")


def _operation(node: Any, host: Document, scope: Scope, depth: int) -> Value:
    inner = node.named_children[0]
    if inner.type == "unary_operation":
        operand = _chain(inner.named_children, inner, host, scope, depth)
        sign = text_of(inner.children[0], host)
        if sign == "!" and isinstance(operand.data, bool):
            return Value(not operand.data, host, node.start_byte, node.end_byte)
        if sign == "-" and _is_number(operand.data):
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
    first = _chain(left, inner, host, scope, depth)
    if operator in ("&&", "||") and first.data is (operator == "||"):
        return Value(first.data, host, node.start_byte, node.end_byte)
    second = _chain(right, inner, host, scope, depth)
    if operator in ("&&", "||") and second.data is (operator == "||"):
        return Value(second.data, host, node.start_byte, node.end_byte)
    if not (first.known and second.known):
        return unknown(node, host, first.why or second.why)
    result = _result(operator, plain(first), plain(second))
    if result is UNKNOWN:
        return unknown(node, host, f"the operator {operator} is not evaluated on these")
    return Value(result, host, node.start_byte, node.end_byte)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _result(operator: str, first: Any, second: Any) -> Any:
    if operator == "==":
        return first == second and isinstance(first, bool) == isinstance(second, bool)
    if operator == "!=":
        return first != second
    if operator in ("&&", "||") and isinstance(first, bool) and isinstance(second, bool):
        return (first and second) if operator == "&&" else (first or second)
    if not (_is_number(first) and _is_number(second)):
        return UNKNOWN
    if operator in ("/", "%") and second == 0:
        return UNKNOWN
    if max(abs(first), abs(second)) > 1e15:
        return UNKNOWN
    return {
        ">": lambda: first > second,
        "<": lambda: first < second,
        ">=": lambda: first >= second,
        "<=": lambda: first <= second,
        "+": lambda: first + second,
        "-": lambda: first - second,
        "*": lambda: first * second,
        "/": lambda: first / second,
        "%": lambda: first % second,
    }.get(operator, lambda: UNKNOWN)()


def plain(value: Value) -> Any:
    """The data without places."""
    if isinstance(value.data, list):
        return [plain(item) for item in value.data]
    if isinstance(value.data, Mapping):
        return {key: plain(item) for key, item in value.data.items()}
    return value.data


def _step(value: Value, part: Any, host: Document, scope: Scope, depth: int) -> Value:
    """One attribute, index or splat further."""
    if part.type == "get_attr":
        return member(value, text_of(part.named_children[0], host))
    if part.type == "index":
        inner = part.named_children[0]
        if inner.type == "legacy_index":
            return member(value, text_of(inner, host).lstrip("."))
        keys = [c for c in inner.named_children if c.type == "expression"]
        key = evaluate(keys[0], host, scope, depth) if keys else unknown(part, host, "no index")
        if isinstance(key.data, (str, int, float)):
            return member(value, shown(key.data))
        return unknown(part, host, key.why or "the index is not known")
    pairs = entries(value)
    if pairs is None:
        return unknown(part, host, value.why or "what it goes over is not known")
    inner = part.named_children[0]
    items = [item for _, item in pairs]
    for child in inner.named_children:
        items = [_step(item, child, host, scope, depth) for item in items]
    return Value(items, host, value.start, value.end)


def member(value: Value, name: str) -> Value:
    """The member of a collection; missing ones are what Terraform would call an error."""
    data = value.data
    if data is UNKNOWN:
        return value._replace(passage=None)
    if isinstance(data, Mapping) and name in data:
        found: Value = data[name]
        return found
    if isinstance(data, list) and name.isdigit() and int(name) < len(data):
        item: Value = data[int(name)]
        return item
    return value._replace(data=UNKNOWN, why=f"there is no {name}", failed=True, passage=None)


def given(name: str, value: Value, directive: str = "") -> Given:
    """An attribute of a resource with this value."""
    start, end = value.start, value.end
    data = value.data
    why = value.why
    if isinstance(data, list):
        if data:
            start, end = _around(value, data)
        why = why or next((item.why for item in data if item.why), "")
        if len(data) == 1 and data[0].reference:
            value = value._replace(reference=data[0].reference)
        data = [plain(item) for item in data]
    elif isinstance(data, Mapping):
        data, why = UNKNOWN, "it is an object"
    return Given(name, data, value.host, start, end, why, value.reference, value.basis, directive)


def _around(value: Value, items: list[Value]) -> tuple[int, int]:
    """From the first item of a list to its last."""
    own = [i for i in items if i.host is value.host and value.start <= i.start < value.end]
    if not own:
        return value.start, value.end
    return min(i.start for i in own), max(i.end for i in own)


def _call(node: Any, host: Document, scope: Scope, depth: int) -> Value:
    from redislint.sources.iac.terraform_functions import call

    name = text_of(node.named_children[0], host)
    holder = next((c for c in node.named_children if c.type == "function_arguments"), None)
    nodes = [c for c in holder.named_children if c.type == "expression"] if holder else []
    arguments = [evaluate(c, host, scope, depth) for c in nodes]
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
    "template_expr": _template,
    "collection_value": _collection,
    "for_expr": _for,
    "conditional": _conditional,
    "operation": _operation,
    "function_call": _call,
}
