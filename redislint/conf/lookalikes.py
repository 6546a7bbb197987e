"""Characters that look like blanks, quotes or plain letters to people, not to a server.

They come from word processors, web pages and chat programs. A server compares bytes: a
no-break space is a part of the word, a curly quote quotes nothing.
"""

from __future__ import annotations

import re

_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_INVISIBLE = "\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff"
_QUOTES = "\u2018-\u201f\u2039\u203a\u00ab\u00bb\u2032\u2033"
_DASHES = "\u2010-\u2015\u2212\ufe58\ufe63"

DECEPTIVE = re.compile(f"[{_SPACES}{_INVISIBLE}{_QUOTES}]")
"""What nobody types on purpose in a configuration: blanks, invisible ones, quotes."""

_ANY = re.compile(f"[{_SPACES}{_INVISIBLE}{_QUOTES}{_DASHES}\uff01-\uff5e]")
_SPACE = re.compile(f"[{_SPACES}]")
_GONE = re.compile(f"[{_INVISIBLE}]")
_QUOTE = re.compile(f"[{_QUOTES}]")
_DASH = re.compile(f"[{_DASHES}]")
_FULL_WIDTH = re.compile("[\uff01-\uff5e]")
_FULL_WIDTH_SHIFT = 0xFEE0


def find(text: str) -> str | None:
    """The first character of `text` that looks like an ASCII one, or like nothing."""
    if text.isascii():
        return None
    match = _ANY.search(text)
    return match.group() if match else None


def meant(text: str) -> str:
    """The text with plain characters in place of those that look like them."""
    text = _GONE.sub("", _SPACE.sub(" ", text))
    text = _DASH.sub("-", _QUOTE.sub('"', text))
    return _FULL_WIDTH.sub(lambda m: chr(ord(m.group()) - _FULL_WIDTH_SHIFT), text)


def named(character: str) -> str:
    """A character as messages speak of it: `U+00A0 (no-break space)`."""
    import unicodedata

    name = unicodedata.name(character, "").lower()
    code = f"U+{ord(character):04X}"
    return f"{code} ({name})" if name else code


def explain(text: str) -> str:
    """What is wrong with the first such character of `text`; "" where there is none."""
    character = find(text)
    if character is None:
        return ""
    if _SPACE.match(character):
        return f"it holds {named(character)}, which is no blank to a server"
    if _GONE.match(character):
        return f"it holds the invisible character {named(character)}"
    if _QUOTE.match(character):
        return f"it holds {named(character)}, which quotes nothing: use \" or '"
    plain = meant(character)
    return f"it holds {named(character)} instead of '{plain}'"
