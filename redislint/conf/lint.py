"""What a server takes without a word, and a person should know of.

Nothing here refuses a file. Each check is one cheap pass over the lines that set
something (`State.applied`); what concerns the text alone stands in `conf.lint_text`,
save points in `conf.lint_save`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from redislint import catalog
from redislint.conf.document import Document, Line
from redislint.conf.numbers import memory_digits
from redislint.conf.places import span_of
from redislint.conf.result import shown
from redislint.conf.state import Applied, Found, Inclusion, State
from redislint.model import Diagnostic, Related, Server, Severity, Span

_OBUF = "client-output-buffer-limit"
_TOLD = frozenset({"memory", "percent-or-memory", "signed-memory", "special", "ignored"})
_WITH_ADDRESSES = frozenset({"bind", "rdma-bind"})
_FACTORS = {"k": 1000, "m": 1000**2, "g": 1000**3}
_RELATED_SHOWN = 6


def lint(state: State, server: Server, documents: Sequence[Document]) -> Iterator[Found]:
    """Everything to say of lines that the server accepts."""
    last = state.last
    overridden: list[Applied] = []
    for applied in state.applied:
        name, spec, _, _, _, order = applied
        if name != spec.name:
            yield _found(applied, _old_name(applied))
        if spec.type in _TOLD:
            yield from _told(applied, server)
        if last[spec.directive][-1] != order:
            overridden.append(applied)
    if overridden:
        yield from _duplicates(overridden, state)
        yield from _limits(overridden, state)
    if "save" in last or state.dropped:
        from redislint.conf.lint_save import save_findings

        yield from save_findings(state)
    from redislint.conf.lint_text import text_findings

    yield from text_findings(state, documents)


def _told(applied: Applied, server: Server) -> Iterator[Found]:
    """What the type of a directive gives rise to."""
    spec, value = applied.spec, applied.value.value
    if spec.directive == _OBUF or (value.__class__ is int and value and not value % 1000):
        yield from _decimal_units(applied)
    elif spec.ignored:
        yield _found(applied, _ignored(applied, server))
    elif spec.directive in _WITH_ADDRESSES:
        yield from _addresses(applied)
    elif spec.directive == "loadmodule" and b"#" in applied.line.raw:
        message = "text after # is no comment here: the module gets it for arguments"
        yield from _comment(applied, Severity.WARNING, message)


def _found(applied: Applied, diagnostic: Diagnostic) -> Found:
    return Found(False, applied.order, diagnostic)


def _diagnostic(
    applied: Applied,
    rule: str,
    severity: Severity,
    message: str,
    span: Span,
    related: Iterable[Related] = (),
) -> Diagnostic:
    name = applied.spec.name
    return Diagnostic(rule, severity, message, span, name, related=tuple(related))


# -- one line alone --------------------------------------------------------------------


def _old_name(applied: Applied) -> Diagnostic:
    message = f"'{applied.name}' is the old name of '{applied.spec.name}'"
    return _diagnostic(applied, "RL114", Severity.INFO, message, span_of(applied.line, 0))


def _ignored(applied: Applied, server: Server) -> Diagnostic:
    directive = catalog.directive(applied.spec.directive)
    since = directive.ignored_since(server.engine) if directive else None
    version = ".".join(map(str, since.version[:2])) if since else ""
    when = f": {server.engine.capitalize()} ignores it since {version}" if since else ""
    return _diagnostic(
        applied,
        "RL115",
        Severity.WARNING,
        f"'{applied.name}' is accepted and has no effect{when}",
        applied.line.span(),
    )


def _decimal_units(applied: Applied) -> Iterator[Found]:
    """Sizes in k, m or g: 1000s, where kb, mb and gb count in 1024s."""
    values = applied.line.values or ()
    for index, value in enumerate(values):
        if not index or value[-1:] not in (b"k", b"m", b"g", b"K", b"M", b"G"):
            continue
        digits, unit = memory_digits(value)
        letter = unit.decode("latin-1").lower()
        if letter not in _FACTORS or not digits.isdigit():
            continue
        number = int(digits)
        message = (
            f"{shown(value)} is {number * _FACTORS[letter]:,} bytes, as {letter} counts in 1000s;"
            f" {number}{letter}b is {number * 1024 ** ('kmg'.index(letter) + 1):,}"
        )
        place = span_of(applied.line, index)
        yield _found(applied, _diagnostic(applied, "RL109", Severity.INFO, message, place))


def _addresses(applied: Applied) -> Iterator[Found]:
    """`bind 127.0.0.1 # local` and `bind 127.0.0.1,10.0.0.1`: no such addresses."""
    raw = applied.line.raw
    if b"#" in raw:
        message = (
            f"text after # is no comment here: '{applied.name}' takes it for more addresses,"
            " which the server will not find"
        )
        yield from _comment(applied, Severity.ERROR, message)
    if b"," in raw:
        message = f"'{applied.name}' takes addresses with blanks between them, not commas"
        place = applied.line.span()
        yield _found(applied, _diagnostic(applied, "RL124", Severity.ERROR, message, place))


def _comment(applied: Applied, severity: Severity, message: str) -> Iterator[Found]:
    """A comment that was meant behind the values of a line."""
    words = applied.line.words or ()
    for word in words[2:]:
        if word.value.startswith(b"#") and not word.quoted:
            place = applied.line.span(word, words[-1])
            yield _found(applied, _diagnostic(applied, "RL103", severity, message, place))
            return


# -- one directive set more than once --------------------------------------------------


def _duplicates(overridden: Sequence[Applied], state: State) -> Iterator[Found]:
    """Lines that a later one of the same directive overrides."""
    by_include: dict[int, list[tuple[Applied, Applied]]] = {}
    for applied in overridden:
        spec = applied.spec
        winner = state.last[spec.directive]
        if spec.repeat != "last-wins" or spec.ignored or winner.line is applied.line:
            continue
        if applied.line.document.branching:
            continue  # alternatives: a tool takes one of them
        include = entered(state, applied, winner)
        if include is not None:
            if winner.value != applied.value:
                by_include.setdefault(include.before, []).append((applied, winner))
        elif winner.origin != applied.origin:
            yield _found(applied, _by_command_line(applied, winner))
        elif winner.line.document is applied.line.document:
            yield _found(applied, _repeated(applied, winner))
        # Otherwise the local line comes after an include: what includes are for.
    for before, pairs in by_include.items():
        include = next(i for i in state.includes if i.before == before)
        yield Found(False, before, _by_include(include, pairs))


def entered(state: State, earlier: Applied, later: Applied) -> Inclusion | None:
    """The outermost include that holds `later` and not `earlier`; None where there is
    none, so that both stand in one text or an include came first."""
    found = None
    for include in state.includes:
        inside = include.holds(later.order) and not include.holds(earlier.order)
        if inside and (found is None or include.last - include.before > found.last - found.before):
            found = include
    return found


def _repeated(applied: Applied, winner: Applied) -> Diagnostic:
    path = _path(applied.line)
    same = winner.value == applied.value
    pieces = path != _path(winner.line)  # two files that one include pattern matches
    severity = Severity.INFO if same or pieces else Severity.WARNING
    place = place_of(winner.line, path)
    alias = f" as '{winner.name}'" if winner.name != applied.name else ""
    if same:
        message = f"'{applied.name}' is set again{alias} on {place}, to the same value"
    elif applied.spec.directive == "dir" and not winner.value.text.startswith("/"):
        message = f"{place} changes 'dir'{_to(winner)}, which is relative to this one"
    else:
        message = (
            f"'{applied.name}' has no effect here: {place} sets it{alias}{_to(winner)}, and the"
            " last one wins"
        )
    related = [Related(winner.line.span(), "this one counts")]
    return _diagnostic(applied, "RL110", severity, message, applied.line.span(), related)


def _by_command_line(applied: Applied, winner: Applied) -> Diagnostic:
    message = f"the command line sets '{applied.name}'{_to(winner)} and wins over this line"
    return _diagnostic(applied, "RL110", Severity.INFO, message, applied.line.span())


def _by_include(include: Inclusion, pairs: Sequence[tuple[Applied, Applied]]) -> Diagnostic:
    names = list(dict.fromkeys(f"'{applied.name}'" for applied, _ in pairs))
    listed = ", ".join(names[:_RELATED_SHOWN]) + (" …" if len(names) > _RELATED_SHOWN else "")
    document = include.line.document
    local = [applied for applied, _ in pairs if applied.line.document is document]
    after = document.directives[document.directives.index(include.line) + 1 :]
    meant = not local or all(line.name == "include" for line in after)
    advice = "" if meant else "; where the lines above shall win, put the include before them"
    related = []
    for applied, winner in pairs[:_RELATED_SHOWN]:
        related.append(Related(applied.line.span(), "set here first"))
        related.append(Related(winner.line.span(), "and here again, which counts"))
    words = include.line.values or ()
    path = shown(words[1]) if len(words) > 1 else "the include"
    return Diagnostic(
        "RL116",
        Severity.INFO if meant else Severity.WARNING,
        f"{path} overrides what was set before it: {listed}{advice}",
        include.line.span(),
        "include",
        related=tuple(related),
    )


def _limits(overridden: Sequence[Applied], state: State) -> Iterator[Found]:
    """Buffer limits of one class given twice; classes do not touch each other."""
    for applied in overridden:
        if applied.spec.directive != _OBUF:
            continue
        for limits in applied.value.value:
            winner = state.limit_line(limits[0])
            if winner.order == applied.order or winner.line.document is not applied.line.document:
                continue
            same = limits in winner.value.value
            place = place_of(winner.line, _path(applied.line))
            what = f"the limits of class '{limits[0]}'"
            yield _found(
                applied,
                _diagnostic(
                    applied,
                    "RL110",
                    Severity.INFO if same else Severity.WARNING,
                    f"{what} are set again on {place}"
                    + (", to the same values" if same else ", which counts"),
                    applied.line.span(),
                    [Related(winner.line.span(), "this one counts")],
                ),
            )


def _to(winner: Applied) -> str:
    if winner.spec.secret or not winner.value.text:
        return ""
    return f" to {shown(winner.value.text.encode('utf-8', 'surrogateescape'))}"


def _path(line: Line) -> str | None:
    return line.document.part(line.start)[0].path


def place_of(line: Line, path: str | None) -> str:
    """A line as a message names it that points at a line of `path`; another file by its
    name alone, since the whole path stands with the related place."""
    own = _path(line)
    if own is None or own == path:
        return f"line {line.source_line}"
    return f"{os.path.basename(own)}:{line.source_line}"
