"""Ways to make a configuration set directives to given values, as edits of bytes.

A directive that a file sets is changed where it takes effect. One that nothing sets gets
a line of its own: after a related directive, else at the end of the main file. Save
points add up, so that theirs is another way: missing ones get lines of their own, and
only where others must go are the lines rewritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from redislint import catalog
from redislint.catalog import Spec
from redislint.conf import edit
from redislint.conf.dialect import dialect
from redislint.conf.document import Document, Line
from redislint.conf.edit import EditError
from redislint.conf.launch import COMMAND_LINE
from redislint.model import REDACTED, Edit, Fix, FixSafety

if TYPE_CHECKING:
    from redislint.conf.resolve import Configuration
    from redislint.conf.state import Applied

_SAVE = "save"
_EMPTY = '""'

Row = tuple[bytes, ...]
"""The words of a line."""


def setting(
    conf: Configuration,
    wanted: Mapping[str, str],
    safety: FixSafety,
    related: Sequence[str] = (),
) -> Fix | None:
    """The fix that makes `conf` set directives (by any of their names) to texts.

    A text stands as in a file (`yes`, `900 1 300 10`, `""`). What is in effect already is
    left alone, unless it all is by default: then the fix is to say so in the file. `related`
    names directives next to which a new line may stand.

    A fix without edits says what to do where no edit of a file can do it: the command
    line decides, or lines that add up. None where the server lacks a directive, where
    nothing is left to change, and for secrets, whose values are not known here.
    """
    specs = {name: catalog.lookup(name, conf.server) for name in wanted}
    if any(spec is None or spec.secret for spec in specs.values()):
        return None
    if any(REDACTED in text for text in wanted.values()):
        return None
    known = {spec.name: (spec, wanted[name]) for name, spec in specs.items() if spec}
    changed = {n: w for n, w in known.items() if not _in_effect(conf, *w)}
    if not changed and any(conf.is_set(name) for name in known):
        return None
    changed = changed or known
    description = "set " + ", ".join(f"{name} {text}" for name, (_, text) in changed.items())
    try:
        edits = tuple(_edits(conf, changed, (*known, *related)))
    except EditError:
        edits = ()
    return Fix(description, safety, edits)


def _in_effect(conf: Configuration, spec: Spec, text: str) -> bool:
    if spec.directive == _SAVE:
        return set(_pairs(text)) == set(conf[_SAVE].value or ())
    return conf.config_get(spec.name) == ("" if text == _EMPTY else text)


def _edits(
    conf: Configuration, wanted: Mapping[str, tuple[Spec, str]], near: Sequence[str]
) -> Iterator[Edit]:
    """Raises EditError where the change cannot be made by editing a file."""
    new: list[Row] = []
    for name, (spec, text) in wanted.items():
        lines = [applied for applied in conf.applied if applied.spec.directive == spec.directive]
        if any(a.origin != "file" and a.line.document.passage is None for a in lines):
            raise EditError(f"the command line sets '{name}'")
        if spec.directive == _SAVE:
            yield from _save(conf, lines, _pairs(text), new)
        elif not lines:
            new.append((name.encode(), *_values(spec, text)))
        elif len(lines) > 1 and spec.repeat != "last-wins":
            raise EditError(f"the lines of '{name}' add up")
        else:
            yield edit.replace_value(lines[-1].line, _values(spec, text))
    if new:
        yield _new_lines(conf, new, near)


def _values(spec: Spec, text: str) -> Row:
    if text == _EMPTY:
        return (b"",)
    one = spec.args[1] == 1
    return (text.encode(),) if one else tuple(word.encode() for word in text.split())


# -- new lines -------------------------------------------------------------------------


def _new_lines(conf: Configuration, rows: Sequence[Row], near: Sequence[str]) -> Edit:
    """One edit that adds lines, so that nothing comes between them."""
    main = _main(conf)
    anchor = _anchor(conf, main, near)
    return edit.insert_after(anchor, *rows) if anchor else edit.append(main, *rows)


def _main(conf: Configuration) -> Document:
    """The text that takes new lines: a configuration file's before the words of a command,
    and never one that is a single value."""
    texts = [
        one for one in conf.documents if one.path and not (one.passage and one.passage.is_value)
    ]
    for document in sorted(texts, key=lambda one: one.origin == COMMAND_LINE):
        return document
    raise EditError("there is no file to change")


def _anchor(conf: Configuration, main: Document, near: Sequence[str]) -> Line | None:
    """The last line of the main file that sets a related directive."""
    names = set()
    for name in near:
        spec = catalog.lookup(name, conf.server)
        if spec is not None:
            names.add(spec.directive)
    found = [
        applied.line
        for applied in conf.applied
        if applied.spec.directive in names and applied.line.document is main
    ]
    return max(found, key=lambda line: line.start, default=None)


# -- save points -----------------------------------------------------------------------


def _pairs(text: str) -> list[tuple[int, int]]:
    numbers = [int(word) for word in text.split()] if text != _EMPTY else []
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _save(
    conf: Configuration, lines: Sequence[Applied], wanted: list[tuple[int, int]], new: list[Row]
) -> Iterator[Edit]:
    """Edits that leave `wanted` as the save points; lines to add go to `new`.

    One pair a line: servers before 7.0 drop a line of several. After an include, 7.0 and
    later let each save line replace those before, so that there one line holds them all.
    """
    rules = dialect(conf.server)
    included = any(line.name == "include" for doc in conf.documents for line in doc.directives)
    together = rules.include_resets_save and included
    in_force = dict.fromkeys(conf[_SAVE].value or ())
    counting = [applied for applied in conf.save_lines if applied.value.value]
    missing = [pair for pair in dict.fromkeys(wanted) if pair not in in_force]
    if counting and not together and not set(in_force) - set(wanted):
        yield edit.insert_after(counting[-1].line, *_rows(missing))
        return
    rows = _rows(dict.fromkeys(wanted), together=together)
    if not lines:
        new.extend(rows)
        return
    *others, last = lines
    yield edit.replace_value(last.line, rows[0][1:])
    if rows[1:]:
        yield edit.insert_after(last.line, *rows[1:])
    for applied in others:
        yield edit.delete_line(applied.line)


def _rows(pairs: Iterable[tuple[int, int]], *, together: bool = False) -> list[Row]:
    words = [(str(seconds).encode(), str(changes).encode()) for seconds, changes in pairs]
    if not words:
        return [(b"save", b"")]
    if together:
        return [(b"save", *(word for pair in words for word in pair))]
    return [(b"save", *pair) for pair in words]
