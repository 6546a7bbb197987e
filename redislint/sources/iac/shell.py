"""Command lines as a POSIX shell takes them apart, every word at its place.

Only what starts a server is of interest, so a script becomes a list of simple commands.
What the shell would fill in (`$PORT`, `$(hostname)`, backquotes) is a hole.
"""

from __future__ import annotations

import re

from redislint.conf.passage import Passage

_VARIABLE = re.compile(rb"\$(?:[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-]|\{)")
_OPERATORS = re.compile(rb"&&|\|\||[;&|()\n]")
_REDIRECTION = re.compile(rb"\d*(?:>>|>&|<<<|<<-?|<&|>\||[<>])&?")
_SPECIAL = re.compile(rb"[ \t\r\n\\'\"$`;&|()<>#]")

Command = list[Passage]
"""The words of one simple command."""


def commands(text: Passage) -> list[Command]:
    """The simple commands of a script, in order, compound ones taken apart at their
    operators. Redirections are left out."""
    return _Reader(text).commands()


def words(text: Passage) -> Command:
    """The words of a text that is one command which no shell sees (compose's string form):
    quotes hold words together, nothing is filled in."""
    return [word for command in _Reader(text, operators=False).commands() for word in command]


class _Reader:
    def __init__(self, text: Passage, *, operators: bool = True) -> None:
        self._text = text
        self._data = text.data
        self._operators = operators
        self._at = 0
        self._word: list[Passage] = []
        self._in_word = False
        self._words: Command = []
        self._found: list[Command] = []
        self._drop = False

    def commands(self) -> list[Command]:
        data, end = self._data, len(self._data)
        while self._at < end:
            byte = data[self._at : self._at + 1]
            if byte in b" \t\r" or (byte == b"\n" and not self._operators):
                self._end_word()
                self._at += 1
            elif byte == b"#" and not self._in_word and self._operators:
                stop = data.find(b"\n", self._at)
                self._at = end if stop < 0 else stop
            elif self._operators and (match := _REDIRECTION.match(data, self._at)):
                self._end_word()
                self._drop = True
                self._at = match.end()
            elif self._operators and (match := _OPERATORS.match(data, self._at)):
                self._end_command()
                self._at = match.end()
            else:
                self._piece(byte)
        self._end_command()
        return self._found

    def _piece(self, byte: bytes) -> None:
        """One piece of a word: quoted, escaped, filled in, or as it stands."""
        data, at = self._data, self._at
        if byte == b"\\" and data[at + 1 : at + 2] == b"\n":
            self._at += 2
            return
        self._in_word = True
        if byte == b"'":
            stop = data.find(b"'", at + 1)
            stop = len(data) if stop < 0 else stop
            self._take(at + 1, stop, stop + 1)
        elif byte == b'"':
            self._quoted()
        elif byte == b"\\":
            self._take(at + 1, at + 2, at + 2)
        elif self._is_filled_in(at):
            self._hole()
        else:
            match = _SPECIAL.search(data, at + 1)
            stop = match.start() if match else len(data)
            self._take(at, stop, stop)

    def _is_filled_in(self, at: int) -> bool:
        """Whether a shell puts something else in the place of what begins here."""
        if not self._operators:
            return False
        return _VARIABLE.match(self._data, at) is not None or self._data.startswith(
            (b"`", b"$("), at
        )

    def _quoted(self) -> None:
        data = self._data
        self._at += 1
        begin = self._at
        while self._at < len(data) and data[self._at] != ord('"'):
            byte = data[self._at : self._at + 1]
            if byte == b"\\" and data[self._at + 1 : self._at + 2] in (b'"', b"\\", b"$", b"`"):
                self._take(begin, self._at, self._at)
                self._take(self._at + 1, self._at + 2, self._at + 2)
                begin = self._at
            elif self._is_filled_in(self._at):
                self._take(begin, self._at, self._at)
                self._hole()
                begin = self._at
            else:
                self._at += 1
        self._take(begin, self._at, self._at + 1)

    def _hole(self) -> None:
        """Past what the shell fills in, which nobody knows."""
        data, start = self._data, self._at
        pairs = {b"`": (b"`", b"`"), b"$(": (b"(", b")"), b"${": (b"{", b"}")}
        opening = data[start : start + 1] if data[start : start + 1] == b"`" else b""
        opening = opening or data[start : start + 2]
        if opening in pairs:
            first, last = pairs[opening]
            depth, at = 1, start + len(opening)
            while at < len(data) and depth:
                byte = data[at : at + 1]
                depth += -1 if byte == last else (byte == first)
                at += 1
        else:
            match = _VARIABLE.match(data, start)
            at = match.end() if match else start + 1
        host, first_byte, last_byte = self._text.extent(start, at)
        self._word.append(Passage.hole(host, first_byte, last_byte))
        self._at = at

    def _take(self, start: int, stop: int, then: int) -> None:
        if stop > start:
            self._word.append(self._text.cut(start, stop))
        elif not self._word:
            self._word.append(self._text.cut(start, start))
        self._at = then

    def _end_word(self) -> None:
        if self._in_word and not self._drop:
            self._words.append(Passage.join(self._word).as_words())
        if self._in_word:
            self._drop = False
        self._word, self._in_word = [], False

    def _end_command(self) -> None:
        self._end_word()
        self._drop = False
        if self._words:
            self._found.append(self._words)
        self._words = []
