"""The one place that knows the CEL library.

The library is `common-expression-language` (Rust). Its package imports an interactive
command line (typer, rich, prompt_toolkit) when it is imported, 150 ms and more; only
the compiled extension inside it is needed, so that is loaded by itself. Where its
place in the package has changed, the normal import is taken instead: slower, never
different.

Three-valued logic. The library follows CEL: an error in one operand of `&&`, `||`
and `?:` is absorbed when the other decides the result. A missing fact is left out of
the context, so that reading it is such an error; when the error reaches the top, the
result depends on it. Within `all` and `exists` the library gives up at the first
element whose condition is an error: unknown, where CEL would look at the others.
"""

from __future__ import annotations

import marshal
import sys
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from redislint.policy.rules import Expression

_NAME = "cel.cel"


class EvaluationError(Exception):
    """An expression failed for another reason than a missing fact; one line."""


class Missing(NamedTuple):
    """The result of an expression that depends on facts nobody supplied."""

    references: tuple[str, ...]


def _load_library() -> Any:
    if _NAME in sys.modules:
        return sys.modules[_NAME]
    from importlib.machinery import ExtensionFileLoader, PathFinder
    from importlib.util import module_from_spec

    package = PathFinder.find_spec("cel")
    places = package.submodule_search_locations if package else None
    spec = PathFinder.find_spec(_NAME, list(places)) if places else None
    if spec is None or not isinstance(spec.loader, ExtensionFileLoader):
        import cel

        return cel
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules[_NAME] = module
    return module


_programs: dict[str, Any] = {}


def _program(source: str) -> Any:
    found = _programs.get(source)
    if found is None:
        found = _programs[source] = _load_library().compile(source)
    return found


def check_syntax(source: str) -> str | None:
    """What the library has against an expression, in one line; None when nothing."""
    try:
        _load_library().compile(source)
    except Exception as error:
        return _one_line(error)
    return None


def check_pattern(pattern: str) -> str | None:
    """What is wrong with a regular expression (RE2 syntax, linear time), or None."""
    try:
        _load_library().compile('"".matches(p)').execute({"p": pattern})
    except Exception as error:
        reason = str(error).partition(". Check")[0].splitlines()[-1]
        return f"not a regular expression: {reason.removeprefix('error: ').rstrip('.')}"
    return None


_NONE_YET = object()


class Memo:
    """Results of expressions by the values that they read, for targets that are alike: most
    servers of a fleet, most files of a repository, say the same about most things.

    A value's bytes tell its type too: to an expression 1, 1.0 and true are different.
    """

    __slots__ = ("_found",)

    MOST = 128
    """Results kept of one expression; one that reads a counter has a new one each time."""

    def __init__(self) -> None:
        self._found: dict[str, dict[bytes, Any]] = {}

    def of(self, expression: Expression) -> dict[bytes, Any]:
        """The results of an expression, by key."""
        found = self._found.get(expression.source)
        if found is None:
            found = self._found[expression.source] = {}
        elif len(found) >= self.MOST:
            found.clear()
        return found


class Context:
    """The facts of one target as expressions see them; built once, used for all rules.

    `values` maps references (`persistence.mode`, `config["save"]`) to values; what is
    not in it is missing. `mentioned` are all the references that expressions will make.
    What `memo` knows is not worked out again.
    """

    __slots__ = ("_bound", "_made", "_memo", "_mentioned", "_unbound", "_values")

    def __init__(
        self, values: Mapping[str, Any], mentioned: Iterable[str], memo: Memo | None = None
    ) -> None:
        self._values = values
        self._mentioned = mentioned
        self._memo = memo or Memo()
        self._bound: dict[str, Any] = {}
        self._unbound: dict[str, Any] = {}
        self._made: Any = None

    def bind(self, name: str, value: Any) -> None:
        """Give a further root (`params`, `item`) its value, in place of an earlier one."""
        self._bound[name] = self._unbound[name] = value

    @property
    def _native(self) -> Any:
        """The facts as the library takes them, made when an expression has to be worked out."""
        if self._made is None:
            roots: dict[str, Any] = {"config": {}, "set": {}}
            for reference in self._mentioned:
                _plant(roots, split_reference(reference), self._values, reference)
            self._made = _load_library().Context(roots)
        for name, value in self._unbound.items():
            self._made.add_variable(name, value)
        self._unbound.clear()
        return self._made

    def evaluate(self, expression: Expression) -> Any:
        """The value of an expression, or `Missing`.

        Raises EvaluationError when it fails although no fact is missing.
        """
        if expression.outline is not None:
            plain = self._plainly(expression.outline)
            if plain is not None:
                return plain
        if expression.strict:
            absent = tuple(ref for ref in expression.refs if ref not in self._values)
            if absent:
                return Missing(absent)
        key = self._key(expression)
        if key is None:
            return self._execute(expression)
        known = self._memo.of(expression)
        result = known.get(key, _NONE_YET)
        if result is _NONE_YET:  # one look: another thread may empty it at any time
            result = known[key] = self._execute(expression)
        return result

    def _key(self, expression: Expression) -> bytes | None:
        """All that an expression reads; None where that has no plain form."""
        source = expression.source
        read: list[Any] = [self._values.get(ref, ...) for ref in expression.refs]
        read += [self._values.get(ref, ...) for ref in expression.tested]
        read += [value for name, value in self._bound.items() if name in source]
        try:
            return marshal.dumps(read, 2)  # the form without references to equal objects
        except ValueError:
            return None

    def _execute(self, expression: Expression) -> Any:
        try:
            return _program(expression.source).execute(self._native)
        except Exception as error:
            missing = self._missing(expression)
            if missing:
                return Missing(missing)
            raise EvaluationError(_one_line(error)) from None

    def _plainly(self, outline: Any) -> bool | None:
        """The truth where boolean facts alone decide it (`target.running && ...` on a file),
        without the library: most rules about running servers end so, uncompiled."""
        kind = outline[0]
        if kind == "":
            source = outline[1]
            value = self._values.get(source.removeprefix("!"))
            if not isinstance(value, bool):
                return None
            return value is not source.startswith("!")
        if kind == "?":
            return None
        decisive = kind == "||"
        left = self._plainly(outline[1])
        if left is decisive:
            return decisive
        right = self._plainly(outline[2])
        if right is decisive:
            return decisive
        return None if left is None or right is None else not decisive

    def _missing(self, expression: Expression) -> tuple[str, ...]:
        absent = [ref for ref in expression.refs if ref not in self._values]
        if len(absent) > 1 and expression.outline is not None:
            needed = self._needed(expression.outline)
            absent = [ref for ref in absent if ref in needed] or absent
        return tuple(absent)

    def _needed(self, outline: Any) -> set[str]:
        """The missing references that stand where they decide the result."""
        kind = outline[0]
        if kind == "":
            return {ref for ref in outline[2] if ref not in self._values}
        if kind == "?":
            chosen = self._truth(outline[1])
            if chosen is None:
                return self._needed(outline[1])
            return self._needed(outline[2 if chosen else 3])
        return {
            ref for part in outline[1:] if self._truth(part) is None for ref in self._needed(part)
        }

    def _truth(self, outline: Any) -> bool | None:
        """The value of a part that is a boolean, else None."""
        kind = outline[0]
        if kind == "":
            try:
                value = _program(outline[1]).execute(self._native)
            except Exception:  # a missing fact: the very thing that is being looked for
                return None
            return value if isinstance(value, bool) else None
        if kind == "?":
            chosen = self._truth(outline[1])
            return None if chosen is None else self._truth(outline[2 if chosen else 3])
        left, right = self._truth(outline[1]), self._truth(outline[2])
        decisive = kind == "||"
        if left is decisive or right is decisive:
            return decisive
        return None if left is None or right is None else not decisive


def split_reference(reference: str) -> list[str]:
    """`config["save"]` -> config, save; `workload.name` -> workload, name."""
    table, bracket, rest = reference.partition('["')
    return [table, rest[:-2]] if bracket else reference.split(".")


def _plant(
    roots: dict[str, Any], parts: list[str], values: Mapping[str, Any], reference: str
) -> None:
    node = roots
    for part in parts[:-1]:
        inner = node.setdefault(part, {})
        if not isinstance(inner, dict):
            return
        node = inner
    if reference in values:
        node[parts[-1]] = values[reference]


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    for cut in (". Check ", ". CEL does not coerce", " | "):
        text = text.partition(cut)[0]
    _, found, reason = text.partition("Syntax error: ")
    return (reason if found else text)[:300] or type(error).__name__
