"""Settings whose value a template or an unresolved variable hides.

In a template they are the lines with a hole (`conf.passage.HOLE`). In an ordinary file
they are those with a placeholder, which the server takes as it stands (RL119) or refuses:
what will be in effect once some tool has filled it in, nobody can know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from redislint import catalog
from redislint.conf import placeholders
from redislint.conf.document import Line, decode
from redislint.conf.lint_text import PLACEHOLDER_MARK
from redislint.conf.passage import HOLE
from redislint.conf.resolve import hidden_setting, sentinel_setting, setting_of
from redislint.conf.result import text_of
from redislint.conf.state import Applied, Hidden, State
from redislint.model import Server, Setting

_ADDING_UP = frozenset({"save", "client-output-buffer-limit"})
"""Directives of which an earlier line with a hole still has a part in the value."""


def hidden_lines(state: State) -> Mapping[str, Line]:
    """By directive: the line in effect whose value is not known."""
    found: dict[str, Line] = {}
    for hidden in state.hidden:
        if _counts(hidden, state):
            found[hidden.spec.directive] = hidden.line
    for applied in state.effective():
        if not applied.line.document.templated and is_placeholder(applied.line):
            found[applied.spec.directive] = applied.line
    return found


def alternatives(state: State) -> Mapping[str, Line]:
    """By directive: the line in effect of several that branches of a template set apart."""
    found: dict[str, Line] = {}
    for applied in state.applied:
        last = state.last.get(applied.spec.directive)
        if last is None or last is applied or applied.spec.repeat != "last-wins":
            continue
        document = applied.line.document
        if document.branching and last.line.document is document and last.value != applied.value:
            found[applied.spec.directive] = last.line
    return found


def branches_differ(line: Line) -> str:
    """Why the value of an alternative is not known, for people."""
    return f"the branches of the template differ, up to line {line.span().line}"


def is_placeholder(line: Line) -> bool:
    """Whether a line of an ordinary file holds a placeholder."""
    return bool(PLACEHOLDER_MARK.search(line.raw) and placeholders.find(line.name, line.raw))


def _counts(hidden: Hidden, state: State) -> bool:
    """Whether no later line overrides it."""
    last = state.last.get(hidden.spec.directive)
    if last is None or last.order < hidden.order:
        return True
    return hidden.spec.directive in _ADDING_UP and bool(last.value.value)


def reason(line: Line) -> str:
    """Why the value of a line is not known, for people."""
    document, place = line.document, line.span()
    shown = "" if _is_secret(line) else f" ({written(line)})"
    what = "a template or a variable" if document.templated else "a placeholder"
    return f"{what} hides it on line {place.line}{shown}"


def written(line: Line) -> str:
    """The arguments of a line as they stand in the file; secrets are not hidden here."""
    words = line.words or ()
    first = 2 if line.name == "sentinel" else 1
    if len(words) <= first:
        return ""
    start, end = words[first].start, words[-1].end
    passage = line.document.passage
    if passage is None:
        return decode(line.document.data[start:end])
    host, first, last = passage.extent(start, end)
    return " ".join(decode(host.data[first:last]).split())


def settings(
    state: State,
    hidden: Mapping[str, Line],
    sentinels: Sequence[tuple[int, Line, tuple[bytes, ...]]],
    server: Server,
) -> tuple[Setting, ...]:
    """Every line that set something, in order, with those whose value is not known, and
    with the lines that only a sentinel reads (order, line, words after `sentinel`)."""
    in_effect = {id(applied) for applied in state.effective()}
    veiled = {id(line) for line in hidden.values()}
    found: list[tuple[int, Setting]] = []
    for one in state.hidden:
        effective = id(one.line) in veiled or one.spec.repeat == "each"
        found.append((one.order, hidden_setting(one, written(one.line), effective=effective)))
    for applied in state.applied:
        if id(applied.line) in veiled or _placeholder_of_many(applied, hidden):
            setting = setting_of(applied, effective=id(applied) in in_effect)
            found.append((applied.order, setting._replace(value=None, known=False)))
        else:
            directive = applied.spec.directive
            counts = id(applied) in in_effect and (
                directive not in hidden or directive in _ADDING_UP
            )
            found.append((applied.order, setting_of(applied, effective=counts)))
    for order, line, args in sentinels:
        spec = catalog.lookup(f"sentinel {text_of(args[0].lower())}", server)
        if spec is not None:
            found.append((order, sentinel_setting(line, args, spec)))
    return tuple(setting for _, setting in sorted(found, key=lambda item: item[0]))


def _placeholder_of_many(applied: Applied, hidden: Mapping[str, Line]) -> bool:
    """Whether it is one of several lines of a directive that hold placeholders."""
    return applied.spec.directive in hidden and is_placeholder(applied.line)


def _is_secret(line: Line) -> bool:
    directive = catalog.directive(line.name)
    return directive is None or directive.secret or HOLE in line.raw.split(None, 1)[0]
