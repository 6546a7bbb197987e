"""The grammar of one line of redis.conf: the specification of the language.

How a server reads a file is told in two steps. `conf.document` finds the lines; this
module says what the words of a line are. It agrees with every measured server from
Redis 2.8 to 8.6 and Valkey 7.2 to 9.1; only what may follow a closing quote differs,
and stands here as two rules for a word, `STRICT_WORD` and `LENIENT_WORD`.

The grammar reads text decoded from Latin-1, so that every byte of the file is one
character and a position in the text is an offset in the line.

    line         = blank* (word blank*)* end
    blank        = space | tab | line feed | vertical tab | form feed | carriage return
    bare         = (any character but space, tab, line feed, carriage return, quotes)+
    double       = '"' (hex escape | escape | any character but '"')* '"'
    hex escape   = '\\x' two hexadecimal digits         that byte
    escape       = '\\' any character                   \\n \\r \\t \\b \\a as in C, else itself
    single       = "'" ("\\'" | any character but "'")* "'"
    strict word  = bare? (double | single) before a blank or the end | bare
    lenient word = (bare | double | single)+            Valkey 9.1

Two consequences that surprise people: a vertical tab or a form feed separates words
only where a word would begin or after a closing quote, and is an ordinary character
within a bare word; a `#` starts a comment only as the first character of a line.
"""

from __future__ import annotations

from typing import cast

import pyparsing as pp

BLANKS = " \t\n\v\f\r"
"""What separates words: the C function isspace in the C locale."""

_CONTROL = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "a": "\a"}

BARE = pp.Regex(r"[^ \t\n\r\"']+")

HEX_ESCAPE = pp.Regex(r"\\x[0-9a-fA-F]{2}").set_parse_action(lambda t: chr(int(t[0][2:], 16)))
ESCAPE = pp.Regex(r"\\[\s\S]").set_parse_action(lambda t: _CONTROL.get(t[0][1], t[0][1]))
DOUBLE_QUOTED = (
    pp.Literal('"').suppress()
    + pp.ZeroOrMore(HEX_ESCAPE | ESCAPE | pp.Regex(r'[^"\\]+'))
    + pp.Literal('"').suppress()
)

ESCAPED_QUOTE = pp.Literal("\\'").set_parse_action(lambda: "'")
SINGLE_QUOTED = (
    pp.Literal("'").suppress()
    + pp.ZeroOrMore(ESCAPED_QUOTE | pp.Regex(r"[^'\\]+") | pp.Literal("\\"))
    + pp.Literal("'").suppress()
)

QUOTED = DOUBLE_QUOTED | SINGLE_QUOTED
BOUNDARY = pp.Regex(r"(?=[ \t\n\v\f\r]|\Z)").suppress()

STRICT_WORD = pp.Opt(BARE) + QUOTED + BOUNDARY | BARE + ~pp.Char("\"'")
LENIENT_WORD = pp.OneOrMore(BARE | QUOTED)


def _line(word: pp.ParserElement) -> pp.ParserElement:
    """A whole line of such words, each giving (value, start, end)."""
    placed = pp.Located(pp.Combine(word, adjacent=False))
    gap = pp.Regex(r"[ \t\n\v\f\r]*").suppress()
    line = gap + pp.ZeroOrMore(pp.Group(placed) + gap) + pp.StringEnd()
    return line.leave_whitespace(recursive=True).parse_with_tabs()


STRICT_LINE = _line(STRICT_WORD)
LENIENT_LINE = _line(LENIENT_WORD)


def tokens(text: bytes, *, lenient: bool = False) -> list[tuple[bytes, int, int, bool]] | None:
    """The words of a line: value, start, end, whether any of it was quoted.

    None where the quotes are not balanced or, under the strict rules, where a closing
    quote is not followed by a blank; that is one and the same error to the server.
    """
    source = text.decode("latin-1")
    try:
        parsed = (LENIENT_LINE if lenient else STRICT_LINE).parse_string(source)
    except pp.ParseException:
        return None
    found = []
    for start, value, end in cast(list[tuple[int, list[str], int]], list(parsed)):
        word = "".join(value).encode("latin-1")
        found.append((word, start, end, '"' in source[start:end] or "'" in source[start:end]))
    return found
