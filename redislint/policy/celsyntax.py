"""What a CEL expression refers to, found from its text when a policy is loaded.

The CEL library evaluates; it does not tell which facts an expression reads. This is
the part of CEL's grammar that is needed for that: a tokeniser and a precedence
parser after the grammar of the CEL specification ("Syntax"), giving a small tree. It
runs when a policy is loaded, never when one is evaluated, and bounds what an
expression may cost: its length, its depth, and how deep list macros nest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_LENGTH = 2_000
MAX_DEPTH = 40
MAX_MACRO_DEPTH = 2
"""Each level of `all`, `exists`, `map` ... multiplies the work by the list's length."""

MACROS = frozenset({"all", "exists", "exists_one", "filter", "map"})
FUNCTIONS = frozenset({"bool", "bytes", "double", "duration", "dyn", "has", "int", "size",
                       "string", "timestamp", "type", "uint"})  # fmt: skip
METHODS = frozenset({"contains", "endsWith", "getHours", "getMilliseconds", "getMinutes",
                     "getSeconds", "matches", "size", "startsWith"}) | MACROS  # fmt: skip

_TOKEN = re.compile(
    r"""(?P<space>[\s]+|//[^\n]*)
    |(?P<string>[rRbB]{0,2}(?:\"\"\"(?:\\.|[^\\])*?\"\"\"|'''(?:\\.|[^\\])*?'''
        |"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
    |(?P<number>0x[0-9a-fA-F]+[uU]?|(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?[uU]?)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<op>&&|\|\||==|!=|<=|>=|[-+*/%!<>?:.,()\[\]{}])""",
    re.VERBOSE | re.DOTALL,
)
_LEVELS = (("||",), ("&&",), ("==", "!=", "<", "<=", ">", ">=", "in"), ("+", "-"), ("*", "/", "%"))
_ESCAPE = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))", re.DOTALL
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


class CelSyntaxError(ValueError):
    """The text is no expression that redislint takes; `offset` is where, from 0."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass(slots=True)
class Tree:
    """A node. `kind`: string, number, name, select, index, call, list, map, operator, choice.

    `text` is the name, the operator or the string's value; `start` and `end` are
    offsets into the expression.
    """

    kind: str
    text: str
    start: int
    end: int
    children: list[Tree] = field(default_factory=list)


def parse(source: str) -> Tree:
    """The tree of one expression. Raises CelSyntaxError with the offset of the mistake."""
    if len(source) > MAX_LENGTH:
        raise CelSyntaxError(f"the expression is longer than {MAX_LENGTH} characters", 0)
    return _Parser(list(_tokens(source)), source).whole()


def _tokens(source: str) -> Iterator[Token]:
    position = 0
    while position < len(source):
        found = _TOKEN.match(source, position)
        if not found:
            character = source[position]
            if character in "\"'":
                raise CelSyntaxError("a string is not closed", position)
            if character in "=&|":
                raise CelSyntaxError(f"'{character}' is no operator: write it twice", position)
            raise CelSyntaxError(f"unexpected character {character!r}", position)
        if found.lastgroup != "space":
            yield Token(str(found.lastgroup), found.group(), position)
        position = found.end()
    yield Token("end", "", len(source))


class _Parser:
    def __init__(self, tokens: list[Token], source: str) -> None:
        self.tokens = tokens
        self.source = source
        self.at = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def take(self, *texts: str) -> Token | None:
        token = self.token
        if token.kind in ("op", "name") and token.text in texts:
            self.at += 1
            return token
        return None

    def expect(self, text: str) -> Token:
        found = self.take(text)
        if not found:
            raise self.unexpected(f"'{text}'")
        return found

    def unexpected(self, wanted: str) -> CelSyntaxError:
        token = self.token
        there = f"'{token.text[:30]}'" if token.kind != "end" else "the end of the expression"
        return CelSyntaxError(f"expected {wanted}, not {there}", token.start)

    def whole(self) -> Tree:
        tree = self.expression()
        if self.token.kind != "end":
            raise self.unexpected("an operator or the end of the expression")
        return tree

    def expression(self) -> Tree:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise CelSyntaxError(
                f"the expression nests deeper than {MAX_DEPTH} levels", self.token.start
            )
        condition = self.binary(0)
        if self.take("?"):
            yes = self.binary(0)
            self.expect(":")
            no = self.expression()
            condition = Tree("choice", "?:", condition.start, no.end, [condition, yes, no])
        self.depth -= 1
        return condition

    def binary(self, level: int) -> Tree:
        if level == len(_LEVELS):
            return self.unary()
        left = self.binary(level + 1)
        while operator := self.take(*_LEVELS[level]):
            right = self.binary(level + 1)
            left = Tree("operator", operator.text, left.start, right.end, [left, right])
        return left

    def unary(self) -> Tree:
        signs = []
        while sign := self.take("!", "-"):
            signs.append(sign)
            if len(signs) > MAX_DEPTH:
                raise CelSyntaxError("too many signs in a row", sign.start)
        tree = self.member()
        for sign in reversed(signs):
            tree = Tree("operator", sign.text, sign.start, tree.end, [tree])
        return tree

    def member(self) -> Tree:
        tree = self.primary()
        links = 0
        while mark := self.take(".", "["):
            links += 1
            if links > MAX_DEPTH:
                raise CelSyntaxError("too many '.' or '[' in a row", mark.start)
            if mark.text == "[":
                index = self.expression()
                end = self.expect("]").end
                tree = Tree("index", "", tree.start, end, [tree, index])
                continue
            name = self.token
            if name.kind != "name":
                raise self.unexpected("a name after '.'")
            self.at += 1
            if self.take("("):
                arguments, end = self.arguments(")")
                tree = Tree("call", name.text, tree.start, end, [tree, *arguments])
            else:
                tree = Tree("select", name.text, tree.start, name.end, [tree])
        return tree

    def primary(self) -> Tree:
        token = self.token
        if token.kind == "string":
            self.at += 1
            return Tree("string", string_value(token.text), token.start, token.end)
        if token.kind == "number":
            self.at += 1
            return Tree("number", token.text, token.start, token.end)
        if token.kind == "name" and token.text != "in":
            self.at += 1
            if self.take("("):
                arguments, end = self.arguments(")")
                # A function call has no receiver: its first child is an empty name.
                none = Tree("name", "", token.start, token.start)
                return Tree("call", token.text, token.start, end, [none, *arguments])
            return Tree("name", token.text, token.start, token.end)
        if self.take("("):
            tree = self.expression()
            end = self.expect(")").end
            return Tree("group", "", token.start, end, [tree])
        if self.take("["):
            arguments, end = self.arguments("]")
            return Tree("list", "", token.start, end, arguments)
        if self.take("{"):
            return self.entries(token)
        raise self.unexpected("a value")

    def arguments(self, closing: str) -> tuple[list[Tree], int]:
        found: list[Tree] = []
        while not (end := self.take(closing)):
            if found:
                self.expect(",")
                if closing == "]" and (end := self.take(closing)):
                    break
            found.append(self.expression())
        return found, end.end

    def entries(self, opening: Token) -> Tree:
        found: list[Tree] = []
        while not (end := self.take("}")):
            if found:
                self.expect(",")
            found.append(self.expression())
            self.expect(":")
            found.append(self.expression())
        return Tree("map", "", opening.start, end.end, found)


def string_value(literal: str) -> str:
    """The value of a string literal, its quotes and prefix taken off."""
    body = literal.lstrip("rRbB")
    width = 3 if body[:3] in ('"""', "'''") else 1
    text = body[width:-width]
    if "r" in literal[: len(literal) - len(body)].lower():
        return text
    return _ESCAPE.sub(_unescape, text)


def _unescape(match: re.Match[str]) -> str:
    two, four, eight, octal, other = match.groups()
    digits = two or four or eight
    if digits or octal:
        code = int(digits, 16) if digits else int(octal, 8)
        return chr(code) if code < 0x110000 else "\ufffd"
    return _ESCAPES.get(other, other)
