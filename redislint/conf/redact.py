"""What of a configuration line may be shown.

Passwords and key material never leave the process. The lines that get printed are the
broken ones, whose quotes, blanks and names cannot be trusted; so a line is judged twice:
by its words, read as leniently as any server reads them, and as mere text, where all
that follows a name that means a credential is taken for one. What stays readable:
templates such as `${REDIS_PASSWORD}` or `{{ password }}`, empty values, and what else
stands on a line whose directive the catalogue knows and does not call secret.

Hidden text becomes `[redacted]`; columns are carried over, so that a caret can be drawn.
Characters that act on a terminal are shown as pictures, one for one.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from redislint.catalog.nearest import distance
from redislint.conf.document import decode
from redislint.conf.words import split_tokens
from redislint.model import REDACTED, Excerpt, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redislint.conf.document import Document

Range = tuple[int, int]
"""Start and end (excluded) in a text, counted in characters from 0."""

SECRET_NAMES = frozenset(
    {
        "requirepass",
        "masterauth",
        "masteruser",
        "primaryauth",
        "primaryuser",
        "tls-key-file-pass",
        "tls-client-key-file-pass",
    }
)
"""Directives whose value is a credential; a test holds this against the catalogue."""

MAX_SHOWN = 200
"""Longest excerpt in characters; a longer line is cut around the place it is shown for."""

_STRONG = (
    r"requirepass|masterauth|masteruser|primaryauth|primaryuser|auth-pass|sentinel-pass"
    r"|tls-(?:client-)?key-file-pass"
)
_STRONG_NAME = re.compile(_STRONG, re.IGNORECASE)
# A match ends where the value may begin: within a word where a value could be glued on.
# Neither `valkey` nor a policy such as `allkeys-lru` names a key that is secret.
_ANY_NAME = re.compile(
    rf"(?:{_STRONG}"
    r"|(?:password|passwd|passphrase|secret)s?(?:[-_.][a-z]+(?!\w))*"
    r"|(?:pass|pwd|auth|token|(?<!val)(?!(?<=all)keys-(?:lru|lfu|lrm|random)(?!\w))key|cred(?:ential)?)s?(?:[-_.][a-z]+(?!\w))*(?!\w))",
    re.IGNORECASE,
)
_ASSIGNMENT = re.compile(
    r"(?:pass(?:word|wd|phrase)?|pwd|auth|secret|token|credentials?|key)[\"']?\s*[=:]",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"[\"']?[\s=:,]*")
_PIECE = re.compile(r"(?<![/.A-Za-z0-9_])[A-Za-z][A-Za-z0-9_\\-]*(?![/.A-Za-z0-9_\\-])")
_HEX = re.compile(r"\\x([0-9A-Fa-f]{2})")
_OPTION = re.compile(r"[a-z][\w-]*")
_COMMENT = re.compile(r"(?<=\s)#")
_PRAGMA = re.compile(r"\s*#+\s*redislint\s*:")
_TEMPLATE = re.compile(
    r"""(["']?)(?:
        \$\{[A-Za-z_]\w*(?::?\?[^}"']{0,400})?\}
      | \$[A-Z_]*(?:PASS|AUTH|SECRET|TOKEN|KEY)[A-Z_]*
      | __[A-Z_]+__
      | \{\{[^}"'`]{0,400}\}\}
      | <%=[^%"'`]{0,400}%>
    )\1(?!\S)""",
    re.VERBOSE,
)
_EMPTY = re.compile(r"(?:\"\"|'')(?!\S)")
_URL_USER = re.compile(r"(?<=://)(?!\$\{\w+\}(?::\$\{\w+\})?@)[^\n]+(?=@)")
_URL_PORT = re.compile(r"(?<=://)[^/\s:@\"'\[\]]*:(?!\d+(?![^/\s\"',)\]])|[${])[^\s/]+")
_BLANK = re.compile(r"\s")
_URL_QUERY = re.compile(
    r"(?<=[?&;])[\w.-]{0,200}?(?:pass|pwd|secret|token|key|auth|sig)[\w.-]{0,200}=([^&\s]+)",
    re.IGNORECASE,
)
_ACL_MARKED = re.compile(r"\(*[><#!]")
_ACL_RULE = re.compile(
    r"\(*(?:[+-][@\w|.-]*|[~&]\S*|%[RrWw]*~\S*|on|off|db=[\d,]*|alldbs|resetdbs)?\)*",
    re.IGNORECASE,
)
_ACL_WORDS = (
    "nopass",
    "reset",
    "resetpass",
    "resetkeys",
    "resetchannels",
    "allkeys",
    "allchannels",
    "allcommands",
    "nocommands",
    "clearselectors",
    "sanitize-payload",
    "skip-sanitize-payload",
)
_MISSPELT = [
    (name, frozenset(name), 3 if len(name) > 9 else 2)
    for name in (*sorted(SECRET_NAMES), "auth-pass", "sentinel-pass")
]
"""Names of secrets, their letters, and how many edits away a name still means them."""

_UNSAFE = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ud800-\udfff]"
)


def redact_line(
    text: str,
    line: int = 1,
    start: int = 1,
    end: int | None = None,
    known: Sequence[Range] = (),
) -> Excerpt:
    """One source line as it may be shown, with the columns to underline.

    `start` and `end` are columns of `text` (from 1; `end` one past, None for the end of
    the line). Where they fall into hidden text, the whole mark is underlined. `known`:
    what is known to be secret besides that which the line itself tells of.
    """
    first = min(max(start - 1, 0), len(text))
    last = len(text) if end is None else min(max(end - 1, first), len(text))
    shown = ""
    place = {}
    for piece, begin, stop in _pieces(text, _merge([*secret_ranges(text), *known])):
        for at in (first, last):
            if begin <= at <= stop and (at < stop or at not in place):
                hidden = piece is REDACTED
                inside = (len(piece) if at == last > begin else 0) if hidden else at - begin
                place[at] = len(shown) + inside
        shown += piece
    shown, first, last = _clip(safe(shown), place[first], max(place[first], place[last]))
    return Excerpt(line, shown, first + 1, last + 1)


def excerpt(document: Document, span: Span, start: int | None = None) -> Excerpt | None:
    """The line of `document` that `span` starts in; None for a blank or missing line.

    A line that the server glues together from several lines of the file (NUL bytes, or
    a file without a final line feed that is read together with another) is hidden as a
    whole where any of it is secret. `start` is the byte offset of the span, if at hand.
    """
    text = document.line_text(span.line)
    if not text.strip():
        return None
    at = document.offset(span.line, span.column) if start is None else start
    glued = document.glued_text(at)
    if (glued is not None and secret_ranges(glued)) or (document.glued_head and span.line == 1):
        return Excerpt(span.line, REDACTED, 1, len(REDACTED) + 1)
    end = span.end_column if span.end_line == span.line else None
    return redact_line(text, span.line, span.column, end, _declared(document, span.line))


def _declared(document: Document, line: int) -> list[Range]:
    """The parts of a line that its document knows to be secret, in characters."""
    if not document.secrets:
        return []
    start = document.offset(line, 1)
    stop = document.offset(line + 1, 1)
    found = []
    for first, last in document.secrets:
        if first < stop and last > start:
            before = decode(document.data[start : max(first, start)])
            inside = decode(document.data[max(first, start) : min(last, stop)]).rstrip("\r\n")
            found.append((len(before), len(before) + len(inside)))
    return found


def redact_text(text: str) -> str:
    """A message with the credentials in it hidden: those in URLs or after `password=`."""
    ranges = _url_ranges(text)
    for match in _ASSIGNMENT.finditer(text):
        value = re.compile(r"\s*(\"[^\"]*\"?|'[^']*'?|\S+)").match(text, match.end())
        if value is not None and not is_template(value.group(1)):
            ranges.append(value.span(1))
    return "".join([piece for piece, _, _ in _pieces(text, _merge(ranges))])


def redact_name(word: str) -> str:
    """A directive's name as a message may quote it: `requirepassx` is not shown whole."""
    return redact_line(word).text


def safe(text: str) -> str:
    """Text without characters that act on a terminal, each replaced by one picture."""
    return text if text.isprintable() else _UNSAFE.sub(_picture, text)


def is_template(value: str) -> bool:
    """Whether a value is nothing but a placeholder that some tool fills in later."""
    match = _TEMPLATE.match(value)
    return match is not None and match.end() == len(value)


def secret_ranges(text: str) -> list[Range]:
    """The parts of a line that must not be shown, in order, not overlapping."""
    return _merge(_line_ranges(text) + _url_ranges(text))


def _line_ranges(text: str) -> list[Range]:
    if _PRAGMA.match(text):
        return _after_name(text, 0, _STRONG_NAME)
    body = len(text) - len(text.lstrip("# \t\r"))
    words = _words(text, body)
    if not words:
        return []
    if words[0][0].lower() in ("user", "sentinel"):
        return _kind_ranges(text, body, words)
    return _named_ranges(text, words) + _kind_ranges(text, body, words)


def _named_ranges(text: str, words: list[tuple[str, int, int]]) -> list[Range]:
    """What follows a word that reads as the name of a secret, however it is quoted."""
    pieces = [(_unescaped(m.group()), m.start(), m.end()) for m in _PIECE.finditer(text)]
    templates = [m.span() for m in _TEMPLATE.finditer(text)]
    first_free = words[0][2] if _is_known(words[0][0].lower()) else 0
    found: list[Range] = []
    for value, start, end in (*words, *pieces):
        if any(first <= start < last for first, last in templates):
            continue
        name = value.lstrip("-").lower()
        if name in SECRET_NAMES or (
            start >= first_free
            and _OPTION.fullmatch(name)
            and (_ANY_NAME.search(name) or _near_secret(name))
        ):
            found += _value(text, end, _ANY_NAME)
        elif _STRONG_NAME.search(value) and not _STRONG_NAME.search(text, start, end):
            # The name is spelled with quotes or escapes, and something is glued to it.
            found.append((start, len(text)))
    return found


def _unescaped(piece: str) -> str:
    """A piece of a line with its hexadecimal escapes read, inside of quotes or not."""
    return _HEX.sub(lambda m: chr(int(m.group(1), 16)), piece) if "\\x" in piece else piece


def _kind_ranges(text: str, body: int, words: list[tuple[str, int, int]]) -> list[Range]:
    """What is secret on a line of this directive, or of none that is known."""
    name, _, end = words[0]
    name = name.lower()
    if name in SECRET_NAMES:
        return []
    if name == "user":
        return _acl_ranges(text, words[1:])
    if name == "sentinel":
        return _sentinel_ranges(text, words)
    if not _is_known(name):
        near = _value(text, end, _ANY_NAME) if _near_secret(name) else []
        return near + _after_name(text, body, _ANY_NAME, alone=True) + _acl_password(text, body)
    if name == "loadmodule":
        return _after_name(text, end, _ANY_NAME)
    found = _after_name(text, end, _STRONG_NAME) + _acl_password(text, end)
    found += [(m.end(), len(text)) for m in [_ASSIGNMENT.search(text, end)] if m]
    comment = _COMMENT.search(text, end)
    return found + (_after_name(text, comment.end(), _ANY_NAME) if comment else [])


def _words(text: str, start: int) -> list[tuple[str, int, int]]:
    """The words of a line with their places; an open quote is taken to close at the end."""
    body = text[start:].replace("\0", "\ufffd")
    source = body.encode("latin-1", "replace")  # one byte for each character
    for closing in (b"", b'"', b"'", b'""', b"''"):
        tokens = split_tokens(source + closing, lenient=True)
        if tokens is not None:
            last = len(text)
            return [(v.decode("latin-1"), s + start, min(e + start, last)) for v, s, e, _ in tokens]
    raise AssertionError("one of the closing quotes balances any line")


def _after_name(
    text: str, start: int, names: re.Pattern[str], *, alone: bool = False
) -> list[Range]:
    """What follows the first name that means a credential.

    `alone`: where nothing follows it, what stands before it is hidden.
    """
    found = names.search(text, start)
    if found is None:
        return []
    if alone and not text[found.end() :].strip("\"' \t\r=:,"):
        before = text[start : found.start()]
        # Only what is a word of its own: `my-pass` is one name, `x requirepass` is not.
        own = before.rstrip("\"'-") if before[-1:] in ("", "-", '"', "'", " ", "\t") else ""
        return [(start, start + len(own.rstrip()))] if own != own.rstrip() else []
    return _value(text, found.end(), names)


def _value(text: str, start: int, names: re.Pattern[str]) -> list[Range]:
    """The value that begins at `start`, to the end of the line; [] where it is harmless."""
    separator = _SEPARATOR.match(text, start)
    begin = separator.end() if separator else start
    stop = len(text.rstrip(" \t\r\n"))
    if not text[begin:stop].strip("\"'"):
        return []
    harmless = _TEMPLATE.match(text, begin) or _EMPTY.match(text, begin)
    if harmless:
        rest = text[harmless.end() :].lstrip()
        if not rest or rest.startswith("--"):
            return _after_name(text, harmless.end(), names)
    return [(begin, stop)]


def _acl_ranges(text: str, words: list[tuple[str, int, int]]) -> list[Range]:
    """Passwords, hashes, and all that is no ACL rule, of the words after `user`."""
    found: list[Range] = []
    for index, (value, start, end) in enumerate(words):
        marked = _ACL_MARKED.match(value)
        if marked:
            mark = re.compile(r"[\"']?\(*[><#!]").match(text, start)
            begin = mark.end() if mark else start
            if text[begin:end].strip("\"')") and not is_template(text[begin:end].rstrip("\"')")):
                found.append((begin, end))
        elif index and not _is_acl_rule(value) and not is_template(text[start:end]):
            found.append((start, end))
    return found


def _is_acl_rule(value: str) -> bool:
    """Whether a word is an ACL rule without a password, or a misspelt one."""
    if _ACL_RULE.fullmatch(value):
        return True
    bare = value.strip("()").lower()
    return any(distance(bare, word, 2) <= 2 for word in _ACL_WORDS)


def _acl_password(text: str, start: int) -> list[Range]:
    """What follows a `>`, `<`, `#` or `!` that a word after `user` begins with."""
    user = re.compile(r"user(?![a-z])", re.IGNORECASE).search(text, start)
    mark = user and re.compile(r"[><#!](?=\S)").search(text, user.end())
    return [(mark.end(), len(text))] if mark else []


def _sentinel_ranges(text: str, words: list[tuple[str, int, int]]) -> list[Range]:
    if len(words) < 2:
        return []
    option, _, end = words[1]
    option = option.lower()
    if option in ("auth-pass", "sentinel-pass") or (option != "auth-user" and _near_secret(option)):
        # Where the master's name was forgotten, its place holds the password.
        return _value(text, end, _ANY_NAME)
    names = _STRONG_NAME if _is_known(f"sentinel {option}") else _ANY_NAME
    return _after_name(text, words[1][1], names)


def _url_ranges(text: str) -> list[Range]:
    if "://" not in text:
        return []
    # Looking no further than the last @ keeps a line of many :// as cheap as any other.
    found = [m.span() for m in _URL_USER.finditer(text, 0, text.rfind("@") + 1)]
    at = space = -1
    for m in _URL_PORT.finditer(text):
        if at < m.start():
            at = text.find("@", m.start()) % (len(text) + 1)
        if space < m.start():
            blank = _BLANK.search(text, m.start())
            space = blank.start() if blank else len(text)
        if at >= space:
            found.append(m.span())
    return found + [m.span(1) for m in _URL_QUERY.finditer(text)]


@lru_cache(maxsize=4096)
def _near_secret(name: str) -> bool:
    """Whether a name looks like a misspelt secret directive or sentinel option."""
    wanted = name.strip("-\"'\ufeff").replace("_", "-")
    letters = frozenset(wanted)
    return any(
        # An edit adds at most one letter that the misspelt name does not have.
        len(needed - letters) <= limit and distance(wanted, secret, limit) <= limit
        for secret, needed, limit in _MISSPELT
    )


@lru_cache(maxsize=4096)
def _is_known(name: str) -> bool:
    """Whether some version of some server, or a module, has a directive of that name."""
    from redislint.catalog import directive, module_directive

    return directive(name) is not None or module_directive(name) is not None


def _merge(ranges: list[Range]) -> list[Range]:
    merged: list[Range] = []
    for start, end in sorted(ranges):
        if start < end:
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], end))
            else:
                merged.append((start, end))
    return merged


def _pieces(text: str, hidden: list[Range]) -> list[tuple[str, int, int]]:
    """The text to show in pieces, each with the place in `text` that it stands for."""
    pieces: list[tuple[str, int, int]] = []
    position = 0
    for start, end in hidden:
        pieces.append((text[position:start], position, start))
        pieces.append((REDACTED, start, end))
        position = end
    pieces.append((text[position:], position, len(text)))
    return pieces


def _clip(text: str, first: int, last: int) -> tuple[str, int, int]:
    if len(text) <= MAX_SHOWN:
        return text, first, last
    begin = max(0, min(first - MAX_SHOWN // 4, len(text) - MAX_SHOWN))
    stop = begin + MAX_SHOWN
    left, right = "…" if begin else "", "…" if stop < len(text) else ""
    cut = left + text[begin:stop] + right
    shift = len(left) - begin
    return cut, first + shift, min(last + shift, len(cut))


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"
