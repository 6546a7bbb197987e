"""The facts that an expression refers to, and what it may not do.

Used when a policy is loaded. The result is stored with the rule: the references (so
that a missing fact can be named) and the outline of `&&`, `||` and `?:` (so that only
the facts on which the result depends are named).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from redislint.policy.celsyntax import (
    FUNCTIONS,
    MACROS,
    MAX_MACRO_DEPTH,
    METHODS,
    CelSyntaxError,
    Tree,
    parse,
)
from redislint.policy.errors import did_you_mean, nearest, quote
from redislint.policy.rules import Expression
from redislint.policy.vocabulary import Vocabulary

TABLES = ("config", "set")
"""Roots that are indexed by a directive's name: `config["appendfsync"]`."""

_CONSTANTS = frozenset({"true", "false", "null"})
_TYPE_NAMES = frozenset({"bool", "bytes", "double", "int", "list", "map", "string", "uint"})
_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
_ARTICLES = {
    "bool": "true or false",
    "int": "a number",
    "float": "a number",
    "text": "text",
    "list": "a list",
    "map": "a mapping",
}


@dataclass(slots=True)
class _Walk:
    vocabulary: Vocabulary
    names: Mapping[str, Any]
    refs: dict[str, None] = field(default_factory=dict)
    tested: dict[str, None] = field(default_factory=dict)
    problems: list[tuple[str, int]] = field(default_factory=list)

    def bad(self, tree: Tree, message: str) -> None:
        self.problems.append((message, tree.start))


def analyse(
    source: str, vocabulary: Vocabulary, names: Mapping[str, Any]
) -> tuple[Expression | None, list[tuple[str, int]]]:
    """An expression with its references, or problems as (message, offset) pairs.

    `names` are further roots that are always there: `params` (a mapping of the rule's
    parameters) and, for a rule with `each`, `item`.
    """
    try:
        tree = parse(source)
    except CelSyntaxError as error:
        return None, [(str(error), error.offset)]
    walk = _Walk(vocabulary, names)
    _visit(tree, walk, frozenset(), 0)
    if walk.problems:
        return None, walk.problems
    refs, tested = tuple(walk.refs), tuple(walk.tested)
    outline = _outline(tree, source, vocabulary, names)
    return Expression(source, refs, tested, outline, _is_strict(tree)), []


def result_type(source: str, vocabulary: Vocabulary) -> str:
    """What kind of value a (valid) expression certainly gives, "" when that is open."""
    return _type_of(parse(source), vocabulary)


def _outline(tree: Tree, source: str, vocabulary: Vocabulary, names: Mapping[str, Any]) -> Any:
    """The tree of logical operators with references at its leaves; None for a single leaf.

    `["&&", left, right]`, `["||", left, right]`, `["?", condition, yes, no]`, and leaves
    `["", text, [reference, ...]]`.
    """
    tree = _ungroup(tree)
    if not _logical(tree):
        return None
    parts = []
    for child in map(_ungroup, tree.children):
        inner = _outline(child, source, vocabulary, names)
        if inner is None:
            walk = _Walk(vocabulary, names)
            _visit(child, walk, frozenset(), 0)
            inner = ["", source[child.start : child.end], list(walk.refs)]
        parts.append(inner)
    return ["?" if tree.kind == "choice" else tree.text, *parts]


def _is_strict(tree: Tree) -> bool:
    absorbs = _logical(tree) or (tree.kind == "call" and tree.text in MACROS)
    return not absorbs and all(map(_is_strict, tree.children))


def _logical(tree: Tree) -> bool:
    return tree.kind == "choice" or (tree.kind == "operator" and tree.text in ("&&", "||"))


def _ungroup(tree: Tree) -> Tree:
    while tree.kind == "group":
        tree = tree.children[0]
    return tree


def _visit(tree: Tree, walk: _Walk, bound: frozenset[str], macros: int) -> None:
    if tree.kind in ("name", "select", "index"):
        _visit_chain(tree, walk, bound, macros, walk.refs)
    elif tree.kind == "call":
        _visit_call(tree, walk, bound, macros)
    elif tree.kind == "operator" and tree.text == "in" and _is_membership(tree, bound):
        name, table = tree.children
        _directive(name, table.text, name.text, walk, walk.tested)
    else:
        if tree.kind == "operator" and (tree.text in _COMPARISONS or tree.text == "in"):
            _check_types(tree, walk, bound)
        for child in tree.children:
            _visit(child, walk, bound, macros)


def _is_membership(tree: Tree, bound: frozenset[str]) -> bool:
    """`"maxmemory" in config`: whether that server has the directive."""
    left, right = tree.children
    return (
        left.kind == "string"
        and right.kind == "name"
        and right.text in TABLES
        and right.text not in bound
    )


def _visit_call(tree: Tree, walk: _Walk, bound: frozenset[str], macros: int) -> None:
    receiver, *arguments = tree.children
    method = receiver.kind != "name" or receiver.text != ""
    known = METHODS if method else FUNCTIONS
    if tree.text not in known:
        what = "method" if method else "function"
        walk.bad(tree, f"unknown {what} {quote(tree.text)}{did_you_mean(tree.text, known)}")
        return
    if not method and tree.text == "has":
        if len(arguments) != 1 or arguments[0].kind != "select":
            walk.bad(tree, "has() takes one path, such as has(host.memory_total)")
            return
        _visit_chain(arguments[0], walk, bound, macros, walk.tested)
        return
    if method:
        _visit(receiver, walk, bound, macros)
    if method and tree.text in MACROS:
        macros += 1
        if macros > MAX_MACRO_DEPTH:
            walk.bad(tree, f"list macros nest deeper than {MAX_MACRO_DEPTH} levels")
            return
        if len(arguments) not in ((2, 3) if tree.text == "map" else (2,)):
            walk.bad(tree, f"{tree.text}() takes a name and an expression")
            return
        if arguments[0].kind != "name":
            walk.bad(arguments[0], f"the first argument of {tree.text}() must be a plain name")
            return
        bound = bound | {arguments[0].text}
        arguments = arguments[1:]
    elif tree.text == "matches":
        _check_pattern(tree, arguments, walk)
    for argument in arguments:
        _visit(argument, walk, bound, macros)


def _check_pattern(tree: Tree, arguments: list[Tree], walk: _Walk) -> None:
    if len(arguments) != 1 or arguments[0].kind != "string":
        walk.bad(tree, "matches() takes one pattern, written as a text")
        return
    from redislint.policy.expression import check_pattern

    problem = check_pattern(arguments[0].text)
    if problem:
        walk.bad(arguments[0], problem)


def _visit_chain(
    tree: Tree, walk: _Walk, bound: frozenset[str], macros: int, into: dict[str, None]
) -> None:
    """`a.b["c"][0]`: note the path that it names and visit what is computed within."""
    links: list[Tree] = []
    root = tree
    while root.kind in ("select", "index"):
        links.append(root)
        root = root.children[0]
    links.reverse()
    for link in links:
        if link.kind == "index" and link.children[1].kind not in ("string", "number"):
            _visit(link.children[1], walk, bound, macros)
    if root.kind != "name":
        _visit(root, walk, bound, macros)
        return
    if root.text in bound or (not links and root.text in _CONSTANTS | _TYPE_NAMES):
        return
    parts: list[str] = []
    for link in links:
        if link.kind == "select":
            parts.append(link.text)
        elif link.children[1].kind == "string":
            parts.append(link.children[1].text)
        else:
            break
    if root.text in TABLES:
        if parts:
            _directive(tree, root.text, parts[0], walk, into)
        else:
            walk.bad(
                tree,
                f"{root.text} must be indexed by a directive's name, as in"
                f' {root.text}["appendfsync"]',
            )
    elif root.text in walk.names:
        _known_name(tree, root.text, parts, walk)
    else:
        _fact(tree, [root.text, *parts], walk, into)


def _known_name(tree: Tree, root: str, parts: list[str], walk: _Walk) -> None:
    entries = walk.names[root]
    if entries is None:
        return
    if not parts or parts[0] not in entries:
        name = parts[0] if parts else ""
        walk.bad(
            tree, f"unknown parameter {quote(name)}: the rule declares"
            f" {', '.join(entries) or 'none'}{did_you_mean(name, entries)}"
        )  # fmt: skip


def _directive(tree: Tree, table: str, name: str, walk: _Walk, into: dict[str, None]) -> None:
    lookup = walk.vocabulary.directive
    if lookup is not None and lookup(name) is None:
        near = walk.vocabulary.nearest_directive(name)
        hint = f"; did you mean '{near}'?" if near else ""
        walk.bad(tree, f"unknown directive {quote(name)}: no server knows it{hint}")
        return
    into[f'{table}["{name}"]'] = None


def _fact(tree: Tree, parts: list[str], walk: _Walk, into: dict[str, None]) -> None:
    facts = walk.vocabulary.facts
    path = ".".join(parts)
    if facts is None:
        into[path] = None
        return
    for length in range(len(parts), 0, -1):
        prefix = ".".join(parts[:length])
        found = facts.get(prefix)
        if found is None:
            continue
        if length < len(parts) and found.type in ("bool", "int", "float", "text"):
            break
        if length < len(parts) and found.type == "map":
            prefix = ".".join(parts[: length + 1])
        into[prefix] = None
        return
    group = path + "."
    below = [known for known in facts if known.startswith(group)]
    if below:
        walk.bad(tree, f"{quote(path)} is a group of facts: name one of them, such as {below[0]}")
        return
    near = nearest(path, facts)
    if near is None and parts[0] in {known.partition(".")[0] for known in facts}:
        near = next(known for known in facts if known.startswith(parts[0] + "."))
        hint = f"; {parts[0]} has facts such as {near}"
    else:
        hint = f"; did you mean '{near}'?" if near else ""
    walk.bad(tree, f"unknown fact {quote(path)}{hint}")


def _check_types(tree: Tree, walk: _Walk, bound: frozenset[str]) -> None:
    """CEL calls values of different types unequal, silently: say so when it is certain."""
    left, right = map(_ungroup, tree.children)
    if _root_name(left) in bound or _root_name(right) in bound:
        return
    if tree.text == "in":
        if right.kind == "list":
            for entry in right.children:
                _check_pair(left, entry, walk)
        return
    _check_pair(left, right, walk)
    _check_pair(right, left, walk)


def _check_pair(subject: Tree, other: Tree, walk: _Walk) -> None:
    """`subject` is a directive or fact; `other` what it is compared with."""
    if subject.kind not in ("select", "index", "name"):
        return
    mine, theirs = _type_of(subject, walk.vocabulary), _type_of(other, walk.vocabulary)
    numbers = ("int", "float")
    name = f"{_written(subject)}"
    if mine and theirs and mine != theirs and not (mine in numbers and theirs in numbers):
        walk.bad(
            other, f"{name} is {_ARTICLES[mine]}: comparing it with {_ARTICLES[theirs]}"
            " is never true"
        )  # fmt: skip
        return
    words = _words_of(subject, walk.vocabulary)
    if words and other.kind == "string" and other.text not in words:
        walk.bad(
            other,
            f"{name} is never {quote(other.text)}: it can be {', '.join(words)}"
            f"{did_you_mean(other.text, words)}",
        )


def _root_name(tree: Tree) -> str:
    while tree.kind in ("select", "index"):
        tree = tree.children[0]
    return tree.text if tree.kind == "name" else ""


def _written(tree: Tree) -> str:
    if tree.kind == "index":
        return f'{_written(tree.children[0])}["{tree.children[1].text}"]'
    if tree.kind == "select":
        return f"{_written(tree.children[0])}.{tree.text}"
    return tree.text


def _plain_path(tree: Tree) -> list[str] | None:
    parts: list[str] = []
    while tree.kind in ("select", "index"):
        if tree.kind == "index" and tree.children[1].kind != "string":
            return None
        parts.append(tree.text if tree.kind == "select" else tree.children[1].text)
        tree = tree.children[0]
    if tree.kind != "name":
        return None
    return [tree.text, *reversed(parts)]


def _type_of(tree: Tree, vocabulary: Vocabulary) -> str:
    tree = _ungroup(tree)
    if tree.kind == "string":
        return "text"
    if tree.kind == "number":
        return "float" if any(c in tree.text for c in ".eE") and "x" not in tree.text else "int"
    if tree.kind in ("list", "map"):
        return tree.kind
    if tree.kind == "operator":
        logical = tree.text in _COMPARISONS | {"&&", "||", "!", "in"}
        return "bool" if logical else ""
    if tree.kind == "call":
        return _CALL_TYPES.get(tree.text, "")
    path = _plain_path(tree)
    if path is None:
        return ""
    if path in (["true"], ["false"]):
        return "bool"
    if path[0] == "set" and len(path) == 2:
        return "bool"
    if path[0] == "config" and len(path) == 2:
        info = vocabulary.directive(path[1]) if vocabulary.directive else None
        return info.type if info else ""
    fact = (vocabulary.facts or {}).get(".".join(path))
    return fact.type if fact else ""


_CALL_TYPES = {
    "all": "bool", "exists": "bool", "exists_one": "bool", "has": "bool", "contains": "bool",
    "startsWith": "bool", "endsWith": "bool", "matches": "bool", "bool": "bool",
    "size": "int", "int": "int", "string": "text", "double": "float", "map": "list",
    "filter": "list",
}  # fmt: skip


def _words_of(tree: Tree, vocabulary: Vocabulary) -> tuple[str, ...]:
    path = _plain_path(tree)
    if path is None:
        return ()
    if path[0] == "config" and len(path) == 2:
        info = vocabulary.directive(path[1]) if vocabulary.directive else None
        return info.words if info else ()
    fact = (vocabulary.facts or {}).get(".".join(path))
    return fact.words if fact else ()
