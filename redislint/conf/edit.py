"""Changing a configuration text by the fewest bytes.

Each function gives a `model.Edit`, which replaces bytes of one file; nothing else of
the file moves: indentation, spelling of the name, blanks, comments and line endings
stay. `apply` carries out several at once, `write_file` puts the result on disk. A text
that another file embeds is `hosted_lines`' to change, in the language of that file.

Values are written so that every server reads them back: bare where that is possible,
else in double quotes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress

from redislint.conf.document import NO_PATH, Document, Line, Word
from redislint.conf.reading import read_file
from redislint.model import Edit

_BARE = re.compile(rb"[^\x00-\x20\x7f\"'\\#][^\x00-\x20\x7f\"']*|\\[^\x00-\x20\x7f\"']*")
_ESCAPED = re.compile(rb"[\x00-\x1f\x7f\"\\]")
_ESCAPES = {
    b"\n": b"\\n",
    b"\r": b"\\r",
    b"\t": b"\\t",
    b"\a": b"\\a",
    b"\b": b"\\b",
    b'"': b'\\"',
    b"\\": b"\\\\",
}


class EditError(Exception):
    """An edit that is refused; the message says why in one line."""


def quote(value: bytes) -> bytes:
    """A value as one word of a line, such that every server reads exactly it back.

    A `#` is quoted at the start, where people would take it for a comment.
    """
    if _BARE.fullmatch(value):
        return value
    return b'"' + _ESCAPED.sub(_escape, value) + b'"'


def quote_words(values: Iterable[bytes]) -> bytes:
    """Several words, one blank between them."""
    return b" ".join([quote(value) for value in values])


def replace_value(line: Line, values: Sequence[bytes]) -> Edit:
    """Give a directive other arguments; its name, and all around it, stays as it is.

    On a line with unbalanced quotes everything after the name counts as arguments.
    Raises EditError where a quote hides the name.
    """
    if line.document.passage is not None:
        from redislint.conf import hosted_lines

        return hosted_lines.replace_value(line, values)
    words = line.words
    if words:
        name_end = words[0].end
        start = words[1].start if len(words) > 1 else name_end
    else:
        name = re.match(rb"[ \t\v\f\r]*+[^ \t\r\"']+", line.raw)
        if name is None:
            raise EditError(f"{line.document.path or NO_PATH}: the line has no readable name")
        name_end = line.place(name.end() - 1) + 1
        gap = re.match(rb"[ \t\r]*", line.document.data[name_end : line.end])
        start = name_end + (gap.end() if gap else 0)
    if not values:
        return _edit(line.document, name_end, line.end, b"")
    before = b" " if start == name_end else b""
    if words and len(words) == 2 and len(values) == 1:
        return _edit(line.document, start, line.end, before + in_style(words[1], values[0], line))
    return _edit(line.document, start, line.end, before + quote_words(values))


def replace_word(line: Line, word: Word, value: bytes) -> Edit:
    """Put another value in the place of one word of a line, quoted as that one is."""
    if line.document.passage is not None:
        from redislint.conf import hosted_lines

        return hosted_lines.replace_word(line, word, value)
    return _edit(line.document, word.start, word.end, in_style(word, value, line))


def delete_line(line: Line) -> Edit:
    """Take the line out, with its line ending."""
    if line.document.passage is not None:
        from redislint.conf import hosted_lines

        return hosted_lines.delete_line(line)
    start, end = _whole(line)
    return _edit(line.document, start, end, b"")


def insert_before(line: Line, words: Sequence[bytes]) -> Edit:
    """A new line right before one, indented like it and with its line ending."""
    if line.document.passage is not None:
        from redislint.conf import hosted_lines

        return hosted_lines.insert_before(line, words)
    start, _ = _whole(line)
    data = line.document.data
    text = data[start : line.start] + quote_words(words) + _ending(line.document, line.end)
    return _edit(line.document, start, start, text)


def insert_after(line: Line, *rows: Sequence[bytes]) -> Edit:
    """New lines right after one, given by their words, indented like it and with its line
    ending."""
    if line.document.passage is not None:
        from redislint.conf import hosted_lines

        return hosted_lines.insert_after(line, rows)
    start, end = _whole(line)
    data, ending = line.document.data, _ending(line.document, line.end)
    text = ending.join([data[start : line.start] + quote_words(words) for words in rows])
    closed = data[:end].endswith(b"\n")
    return _edit(line.document, end, end, text + ending if closed else ending + text)


def append(document: Document, *rows: Sequence[bytes]) -> Edit:
    """New last lines, given by their words; a missing final line ending is added before."""
    if document.passage is not None:
        from redislint.conf import hosted_lines

        return hosted_lines.append(document, rows)
    data = document.data
    ending = _ending(document, len(data))
    before = b"" if not data or data.endswith(b"\n") else ending
    text = b"".join([quote_words(words) + ending for words in rows])
    return _edit(document, len(data), len(data), before + text)


def set_directive(
    document: Document, name: str, values: Sequence[bytes], aliases: Collection[str] = ()
) -> Edit:
    """Make the last line that sets a directive say `values`, or append one.

    `aliases`: other spellings under which a line is the same directive. The line keeps
    the spelling that it has. For directives of which the last line wins.
    """
    names = {name.lower(), *(alias.lower() for alias in aliases)}
    for line in reversed(document.directives):
        if line.name in names:
            return replace_value(line, values)
    return append(document, [name.encode(), *values])


def apply(document: Document, edits: Iterable[Edit]) -> bytes:
    """The text after all edits, which all count from the same original text.

    Equal edits are carried out once; several insertions at one place keep their order.
    Raises EditError where edits overlap, or belong to another file.
    """
    path = document.path or NO_PATH
    data = document.data
    pieces: list[bytes] = []
    position = 0
    last: Edit | None = None
    for edit in sorted(dict.fromkeys(edits), key=lambda e: (e.start, e.end)):
        if edit.path != path:
            raise EditError(f"an edit of {edit.path} cannot be applied to {path}")
        if not 0 <= edit.start <= edit.end <= len(data):
            raise EditError(f"{path}: an edit lies outside of the text")
        if last is not None and edit.start < position:
            place = f"{path}:{edit.span.line}:{edit.span.column}"
            raise EditError(f"{place}: two changes overlap here; apply one, then check again")
        pieces += (data[position : edit.start], edit.replacement)
        position, last = edit.end, edit
    return b"".join([*pieces, data[position:]])


def write_file(path: str | os.PathLike[str], data: bytes, *, expected: bytes | None = None) -> None:
    """Replace a file's content in one step: a reader sees the old or the new one.

    A symbolic link stays and its target is replaced. The mode is kept, owner and group
    where the user may set them; access control lists and hard links are not kept.
    `expected`: what the file must still hold. Raises EditError, or ReadError where the
    file cannot be read.
    """
    shown = os.fspath(path)
    target = os.path.realpath(shown)
    if expected is not None:
        found = read_file(target, max_bytes=max(len(expected), 1), shown=shown)
        if found != expected:
            raise EditError(f"{shown}: the file changed meanwhile; check it again")
    temporary = f"{target}.redislint-{os.getpid()}"
    try:
        status = os.stat(target)
        _write_new(temporary, data, status)
        os.replace(temporary, target)
    except OSError as error:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise EditError(f"{shown}: not written: {os.strerror(error.errno or 0).lower()}") from None


def _write_new(path: str, data: bytes, status: os.stat_result) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        if hasattr(os, "fchown"):
            with suppress(PermissionError):
                os.fchown(file.fileno(), status.st_uid, status.st_gid)
            os.fchmod(file.fileno(), status.st_mode & 0o7777)
        os.fsync(file.fileno())


def in_style(word: Word, value: bytes, line: Line) -> bytes:
    """A value in the quotes of the word that it replaces, where those can hold it."""
    bare = quote(value)
    old = line.document.data[word.start : word.end]
    whole = len(old) > 1 and old[:1] == old[-1:]
    if bare == value and b"\\" not in value and whole and old[:1] in (b'"', b"'"):
        return old[:1] + value + old[:1]
    return bare


def _escape(match: re.Match[bytes]) -> bytes:
    byte = match.group()
    return _ESCAPES.get(byte) or b"\\x%02x" % byte[0]


def _edit(document: Document, start: int, end: int, replacement: bytes) -> Edit:
    part, local = document.part(start)
    if b"\0" in part.data:
        raise EditError(f"{part.path or NO_PATH}: a file with NUL bytes is not changed")
    if local + end - start > len(part.data):
        raise EditError(f"{part.path or NO_PATH}: a line that continues in another file stays")
    span = document.span(start, end)
    return Edit(span.path, local, local + end - start, replacement, span)


def _whole(line: Line) -> tuple[int, int]:
    """The bytes of the line of the file, its line ending included."""
    data = line.document.data
    start = data.rfind(b"\n", 0, line.start) + 1
    end = data.find(b"\n", line.end)
    return start, len(data) if end < 0 else end + 1


def _ending(document: Document, offset: int) -> bytes:
    """The line ending in use around an offset: that of the line, else of the one before."""
    data = document.data
    newline = data.find(b"\n", offset)
    if newline < 0:
        newline = data.rfind(b"\n", 0, offset)
    return b"\r\n" if newline > 0 and data[newline - 1 : newline] == b"\r" else b"\n"
