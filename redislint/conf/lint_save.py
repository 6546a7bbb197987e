"""Save points that do not say what their reader takes them to say.

`save` lines add up, but not all of them: `save ""` clears those before it, each version
has its own moments at which the points set so far go away (`Dialect.save_reset`,
`include_resets_save`), and servers up to 6.2 skip lines that they cannot read.
"""

from __future__ import annotations

from collections.abc import Iterator

from redislint.conf.forms import NO_SAVE
from redislint.conf.lint import entered, place_of
from redislint.conf.places import span_of
from redislint.conf.state import Applied, Found, State
from redislint.model import Diagnostic, Related, Severity


def save_findings(state: State) -> Iterator[Found]:
    """What to say of the save lines that a server accepts."""
    for applied in state.dropped:
        yield _dropped(applied, state)
    lines = [applied for applied in state.applied if applied.spec.directive == "save"]
    if len(lines) + len(state.dropped) < 2:
        return
    kept = {applied.order for applied in state.save_lines}
    lost = [applied for applied in lines if applied.value.value and applied.order not in kept]
    explained: set[int] = set()
    for reset in lines:
        if reset.value is not NO_SAVE:
            continue
        before = [a for a in lost if a.order < reset.order and a.order not in explained]
        explained.update(applied.order for applied in before)
        after = [a for a in state.save_lines if a.order > reset.order and a.value.value]
        yield from _reset(reset, before, after, state)
    others = sorted([*lines, *state.dropped], key=lambda applied: applied.order)
    for applied in lost:
        if applied.order not in explained:
            yield from _replaced(applied, others, state)


def _effect(state: State) -> str:
    text = state.save_text()
    return f"save points in effect: {text}" if text else "no save point is in effect"


def _dropped(applied: Applied, state: State) -> Found:
    note = applied.value.notes[0]
    return Found(
        False,
        applied.order,
        Diagnostic(
            note.rule,
            note.severity,
            f"{note.message}; {_effect(state)}",
            span_of(applied.line, note.argument + 1),
            "save",
        ),
    )


def _reset(
    reset: Applied, before: list[Applied], after: list[Applied], state: State
) -> Iterator[Found]:
    """`save ""` among other save lines of the same text."""
    document = reset.line.document
    near = [a for a in before if a.line.document is document]
    undone = [a for a in after if a.line.document is document]
    if near:
        verb, others = "cancels the save lines before it", near
    elif undone:
        verb, others = f"is undone by {place_of(undone[0].line, document.path)}", undone
    else:
        return
    related = tuple(Related(other.line.span(), "a save line") for other in others)
    message = f'save "" {verb}; {_effect(state)}'
    yield Found(
        False,
        reset.order,
        Diagnostic("RL112", Severity.WARNING, message, reset.line.span(), "save", related=related),
    )


def _replaced(applied: Applied, lines: list[Applied], state: State) -> Iterator[Found]:
    """A save line that went away by a rule of the version, without any `save ""`."""
    later = next((line for line in lines if line.order > applied.order), None)
    if later is None or later.origin != applied.origin:
        return
    include = entered(state, applied, later)
    if include is None and later.line.document is not applied.line.document:
        return  # local save points after an included file replace those of the file
    why = (
        "the first save line of an included file clears those set before"
        if include is not None
        else "after an include this server lets each save line replace the ones before"
    )
    place = place_of(later.line, applied.line.document.path)
    yield Found(
        False,
        applied.order,
        Diagnostic(
            "RL112",
            Severity.WARNING,
            f"this save line is lost at {place}: {why}; {_effect(state)}",
            applied.line.span(),
            "save",
            related=(Related(later.line.span(), "it goes away here"),),
        ),
    )
