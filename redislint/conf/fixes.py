"""Ways out of diagnostics, as edits of bytes; worked out when somebody asks for them.

Safe is what cannot change the configuration in effect of a server that starts today:
spelling, lines that another one overrides, a file that no server of the version takes.
Everything else is unsafe, also where it is most likely what was meant.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from redislint import catalog
from redislint.catalog.nearest import distance
from redislint.conf import edit
from redislint.conf.document import NO_PATH, Line, Word
from redislint.conf.edit import EditError
from redislint.conf.numbers import c_string
from redislint.conf.plain import BOOLEANS
from redislint.conf.result import comment_start, other_size
from redislint.model import Diagnostic, Edit, Fix, FixSafety

if TYPE_CHECKING:
    from redislint.conf.resolve import Configuration

_SAFE, _UNSAFE = FixSafety.SAFE, FixSafety.UNSAFE
_BOM = b"\xef\xbb\xbf"

_LARGEST = 2**31 - 1  # of a C int, in which servers keep seconds and changes

_ORDER_MATTERS = frozenset({"dir", "acl-pubsub-default"})
"""Directives whose earlier lines act on what stands between them and the last one."""


def fix_for(conf: Configuration, diagnostic: Diagnostic) -> Fix | None:
    """The fix for one diagnostic of `conf`, None where there is none.

    The edits count from the text as it was read; `conf.edit.apply` carries them out. A
    rename (RL114) holds for the server of `conf`; whether every other server of the file
    knows the new name is for the caller to see to. Values of secrets are never edited.
    """
    maker = _MAKERS.get(diagnostic.rule)
    line = _line_at(conf, diagnostic)
    if maker is None or line is None:
        return None
    try:
        return maker(conf, diagnostic, line)
    except EditError:
        return None


def _line_at(conf: Configuration, diagnostic: Diagnostic) -> Line | None:
    for document in conf.documents:
        if document.passage is not None:
            line = next((one for one in document.directives if _holds(one, diagnostic)), None)
            if line is not None:
                return line
            continue
        for line in document.directives:
            if line.source_line == diagnostic.line:
                path = document.part(line.start)[0].path or NO_PATH
                if path == diagnostic.path:
                    return line
    return None


def _holds(line: Line, diagnostic: Diagnostic) -> bool:
    """Whether a line of an embedded text, several of which can stand on one line of the
    file, is the one that a diagnostic points into."""
    span, place = line.span(), diagnostic.span
    if place is None or place.path != span.path:
        return False
    at = (place.line, place.column)
    return (span.line, span.column) <= at < (span.end_line, span.end_column)


def _word_at(line: Line, diagnostic: Diagnostic) -> Word | None:
    # Of a word whose place is implied and the next one, which stands there, the latter.
    for word in reversed(line.words or ()):
        place = line.span(word)
        if (place.line, place.column) == (diagnostic.line, diagnostic.column):
            return word
    return None


def _is_secret(conf: Configuration, line: Line) -> bool:
    """Whether the line may hold a secret; so does what is no directive at all."""
    spec = catalog.lookup(line.name, conf.server)
    return spec is None or spec.secret


def _bytes(line: Line, start: int, end: int, replacement: bytes) -> Edit:
    document = line.document
    if document.passage is not None or document.parts or b"\0" in document.data:
        raise EditError("a text that the server glues together is not edited by bytes")
    span = document.span(start, end)
    return Edit(span.path, start, end, replacement, span)


# -- names -----------------------------------------------------------------------------


def _nearest_name(conf: Configuration, diagnostic: Diagnostic, line: Line) -> Fix | None:
    near = catalog.nearest(line.name, conf.server)
    if near is None or not line.words or distance(line.name, near, 1) > 1:
        return None
    change = edit.replace_word(line, line.words[0], near.encode())
    return Fix(f"write '{near}'", _UNSAFE, (change,))


def _new_name(conf: Configuration, diagnostic: Diagnostic, line: Line) -> Fix | None:
    spec = catalog.lookup(line.name, conf.server)
    if spec is None or not line.words:
        return None
    change = edit.replace_word(line, line.words[0], spec.name.encode())
    return Fix(f"rename it to '{spec.name}'", _SAFE, (change,))


# -- values ----------------------------------------------------------------------------


def _yes_or_no(conf: Configuration, diagnostic: Diagnostic, line: Line) -> Fix | None:
    word = _word_at(line, diagnostic)
    meant = BOOLEANS.get(c_string(word.value).lower()) if word else None
    if word is None or meant is None or not diagnostic.fatal:
        return None
    return Fix(f"write '{meant}'", _SAFE, (edit.replace_word(line, word, meant.encode()),))


def _nearest_word(conf: Configuration, diagnostic: Diagnostic, line: Line) -> Fix | None:
    word = _word_at(line, diagnostic)
    spec = catalog.lookup(line.name, conf.server)
    if word is None or spec is None or not spec.enum:
        return None
    text = word.value.decode("utf-8", "replace").lower()
    near = [choice for choice in spec.enum if distance(text, choice.lower(), 1) == 1]
    if len(near) != 1:
        return None
    change = edit.replace_word(line, word, near[0].encode())
    return Fix(f"write '{near[0]}'", _UNSAFE, (change,))


def _known_unit(conf: Configuration, diagnostic: Diagnostic, line: Line) -> Fix | None:
    word = _word_at(line, diagnostic)
    size = other_size(word.value) if word else None
    if word is None or size is None or not diagnostic.fatal:
        return None
    return Fix(f"write '{size}'", _SAFE, (edit.replace_word(line, word, size.encode()),))


def _binary_unit(conf: Configuration, diagnostic: Diagnostic, line: Line) -> Fix | None:
    word = _word_at(line, diagnostic)
    if word is None:
        return None
    change = edit.replace_word(line, word, word.value + b"b")
    return Fix("count in 1024s", _UNSAFE, (change,))


# -- lines -----------------------------------------------------------------------------


def _comment_above(conf: Configuration, diagnostic: Diagnostic, line: Line) -> Fix | None:
    words = line.words or ()
    at = comment_start([word.value for word in words[1:]])
    if at is None or _is_secret(conf, line):
        return None
    if line.name == "save" and not _are_pairs([word.value for word in words[1 : at + 1]]):
        return None  # a line that was skipped until now would stop the server
    first = words[at + 1]
    begin = first.start
    if not first.value.startswith((b"#", b"//")):  # `no# off`
        begin = first.end - 1
    data = line.document.data
    text = data[begin : line.end].lstrip(b"#/ \t")
    kept = data[line.start : begin].rstrip(b" \t")
    start = data.rfind(b"\n", 0, line.start) + 1
    indent = data[start : line.start]
    ending = b"\r\n" if data[line.end : line.end + 2] == b"\r\n" else b"\n"
    if line.document.passage is not None:
        from redislint.conf import hosted_lines

        edits = (
            hosted_lines.comment_above(line, text),
            hosted_lines.cut(line, line.start + len(kept)),
        )
    else:
        edits = (
            _bytes(line, start, start, indent + b"# " + text + ending),
            _bytes(line, line.start + len(kept), line.end, b""),
        )
    return Fix("move the comment to a line above", _SAFE if diagnostic.fatal else _UNSAFE, edits)


def _without_line(conf: Configuration, diagnostic: Diagnostic, line: Line) -> Fix | None:
    return Fix("delete the line", _SAFE, (edit.delete_line(line),))


def _without_duplicate(conf: Configuration, diagnostic: Diagnostic, line: Line) -> Fix | None:
    if not diagnostic.related:
        return None  # the command line overrides it, on purpose
    words = line.words or ()
    if line.name == "client-output-buffer-limit" and len(words) != 5:
        return None
    last = diagnostic.related[-1].span
    between = (
        other.name == "include"
        for other in line.document.directives
        if line.source_line < other.source_line < last.line
    )
    moved = last.path != diagnostic.path or line.name in _ORDER_MATTERS or any(between)
    safety = _UNSAFE if moved else _SAFE
    return Fix("delete the line that does not count", safety, (edit.delete_line(line),))


def _pair_a_line(conf: Configuration, diagnostic: Diagnostic, line: Line) -> Fix | None:
    values = (line.values or ())[1:]
    if len(values) < 4 or not _are_pairs(values):
        return None
    pairs = list(zip(values[::2], values[1::2], strict=True))
    edits = [edit.replace_value(line, pairs[0])]
    edits += [edit.insert_after(line, [b"save", *pair]) for pair in pairs[1:]]
    return Fix("give each pair a line of its own", _UNSAFE, tuple(edits))


def _are_pairs(values: Sequence[bytes]) -> bool:
    """Whether these are pairs of seconds and changes that every server takes."""
    small = all(value.isdigit() and int(value) <= _LARGEST for value in values)
    return small and len(values) % 2 == 0 and all(int(seconds) for seconds in values[::2])


def _include_first(conf: Configuration, diagnostic: Diagnostic, line: Line) -> Fix | None:
    first = line.document.directives[0]
    if line.name != "include" or diagnostic.fatal or first is line or not diagnostic.related:
        return None
    edits = (edit.insert_before(first, line.values or ()), edit.delete_line(line))
    return Fix("move the include to the top", _UNSAFE, edits)


def _directory_apart(conf: Configuration, diagnostic: Diagnostic, line: Line) -> Fix | None:
    """`dbfilename /data/dump.rdb` as `dir /data` and `dbfilename dump.rdb`; only where no
    other line sets the directory, which further files may count on."""
    word = _word_at(line, diagnostic)
    folder, slash, name = word.value.rpartition(b"/") if word else (b"", b"", b"")
    if word is None or not slash or not name or b"\\" in name or conf.is_set("dir"):
        return None
    edits = (
        edit.insert_before(line, [b"dir", folder or b"/"]),
        edit.replace_word(line, word, name),
    )
    return Fix("move the directory to 'dir'", _UNSAFE, edits)


def _without_mark(conf: Configuration, diagnostic: Diagnostic, line: Line) -> Fix | None:
    if line.start or not line.raw.startswith(_BOM):
        return None
    return Fix("take the byte order mark out", _SAFE, (_bytes(line, 0, len(_BOM), b""),))


_Maker = Callable[["Configuration", Diagnostic, Line], "Fix | None"]
_MAKERS: dict[str, _Maker] = {
    "RL101": _nearest_name,
    "RL103": _comment_above,
    "RL105": _yes_or_no,
    "RL106": _nearest_word,
    "RL107": _known_unit,
    "RL109": _binary_unit,
    "RL110": _without_duplicate,
    "RL111": _pair_a_line,
    "RL114": _new_name,
    "RL115": _without_line,
    "RL116": _include_first,
    "RL117": _directory_apart,
    "RL123": _without_mark,
}

RULES = frozenset(_MAKERS)
"""The rules about the text that have fixes."""
