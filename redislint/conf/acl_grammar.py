"""The grammar of the rules of an ACL `user` line: the specification of the language.

The words of the line were already split (`conf.grammar`); what follows the user's
name is a sequence of rules, where a selector may be spread over several words. This
module says how words join to rules and what each rule is; `conf.acl_state` says what
a rule does and when it is refused. `conf.acl_rules` reads the same language in one
pass; a property test holds the two against each other.

The grammar reads text decoded from Latin-1, so that every byte is one character. The
servers compare most rules as C strings: a NUL byte and what follows it do not count.
Letter case counts only in patterns, passwords and hashes.

    rules      = (spread | word)*
    spread     = opening inner* closing            joined with single spaces
    opening    = a word that begins with "(" and does not end with ")"
    closing    = a word that ends with ")"
    inner      = any other word

    rule       = nothing | keyword | database | password | key | channel
               | command | category | selector
    keyword    = "on" | "off" | "nopass" | "resetpass" | "reset"
               | "allkeys" | "~*" | "resetkeys"
               | "allcommands" | "+@all" | "nocommands" | "-@all"
               | "allchannels" | "&*" | "resetchannels"                    from 6.2
               | "sanitize-payload" | "skip-sanitize-payload"              from 6.2
               | "clearselectors"                                          from 7.0
               | "alldbs" | "resetdbs"                                     Valkey 9.1
    database   = "db=" numbers                                             Valkey 9.1
    password   = (">" | "#" | "<" | "!") anything
    key        = "~" pattern | "%" permissions ("~" pattern)?              "%" from 7.0
    channel    = "&" pattern                                               from 6.2
    command    = ("+" | "-") name
    category   = ("+" | "-") "@" name
    selector   = "(" rules split like a line of the file ")"               from 7.0
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pyparsing as pp

from redislint.conf.acl_rules import AclDialect, Rule

C_END = pp.Regex(r"(?:\0[\s\S]*)?\Z").suppress()
"""The end of a C string: a NUL byte and whatever follows, or the end of the word."""

END = pp.Regex(r"\Z").suppress()
OPERAND = pp.Regex(r"[\s\S]*")
C_OPERAND = pp.Regex(r"[^\0]*") + C_END

_KEYWORDS = {
    "on": "on",
    "off": "off",
    "nopass": "nopass",
    "resetpass": "resetpass",
    "reset": "reset",
    "allkeys": "allkeys",
    "~*": "allkeys",
    "resetkeys": "resetkeys",
    "allcommands": "allcommands",
    "+@all": "allcommands",
    "nocommands": "nocommands",
    "-@all": "nocommands",
}
_CHANNEL_KEYWORDS = {
    "allchannels": "allchannels",
    "&*": "allchannels",
    "resetchannels": "resetchannels",
    "sanitize-payload": "sanitize-payload",
    "skip-sanitize-payload": "skip-sanitize-payload",
}
_SELECTOR_KEYWORDS = {"clearselectors": "clearselectors"}
_DATABASE_KEYWORDS = {"alldbs": "alldbs", "resetdbs": "resetdbs"}

_PERMISSIONS = {
    "loose": r"%(?:[rR]?[wW]?|[wW][rR])(?=~|\Z)",
    "bare": r"%(?:[rR][wW]?|[wW][rR]?)(?=~|\Z)|%(?=\Z)",
    "required": r"%(?:[rR][wW]?|[wW][rR]?)(?=~|\Z)",
}


BETWEEN = "\u0100"
"""Stands between the words of a line; no byte of a word reads as this character."""

_WORD = f"[^{BETWEEN}]"
_WORD_END = f"(?={BETWEEN}|\\Z)"
OPENING = pp.Regex(rf"\((?:{_WORD}*[^){BETWEEN}])?{_WORD_END}")
CLOSING = pp.Regex(rf"{_WORD}*\){_WORD_END}")
INNER = pp.Regex(rf"(?:{_WORD}*[^){BETWEEN}])?{_WORD_END}")
WORD = pp.Regex(rf"{_WORD}*{_WORD_END}")
GAP = pp.Literal(BETWEEN).suppress()


def rules(words: Sequence[bytes], dialect: AclDialect) -> list[bytes] | None:
    """Join the words after the user's name to the texts of its rules; None where a
    selector is opened and never closed."""
    if not words:
        return []
    try:
        return list(_line(dialect).parse_string(BETWEEN.join(map(_text, words)), parse_all=True))
    except pp.ParseException:
        return None


def classify(text: bytes, dialect: AclDialect) -> Rule:
    """What kind of rule one text is, `unknown` where it is none."""
    found: Rule = _rule(dialect).parse_string(_text(text))[0]
    return found


@cache
def _line(dialect: AclDialect) -> pp.ParserElement:
    form = WORD.copy().add_parse_action(_bytes_of_first)
    if dialect.selectors:
        inner = ~OPENING + INNER if dialect.restarts else INNER
        spread = OPENING + pp.ZeroOrMore(GAP + inner) + GAP + CLOSING
        if dialect.restarts:
            dropped = OPENING + pp.ZeroOrMore(GAP + inner) + GAP + pp.FollowedBy(OPENING)
            spread = pp.ZeroOrMore(dropped).suppress() + spread
        spread = spread.copy().add_parse_action(_joined)
        form = spread | ~OPENING + form
    line = form + pp.ZeroOrMore(GAP + form)
    return line.leave_whitespace(recursive=True).parse_with_tabs()


@cache
def _rule(dialect: AclDialect) -> pp.ParserElement:
    forms = [_kind("nothing", END), *_keywords(_KEYWORDS)]
    if dialect.channels:
        forms += _keywords(_CHANNEL_KEYWORDS)
    if dialect.selectors:
        forms += _keywords(_SELECTOR_KEYWORDS)
    if dialect.databases:
        forms += _keywords(_DATABASE_KEYWORDS)
        forms.append(_kind("databases", pp.CaselessLiteral("db=").suppress() + C_OPERAND))
    forms += [
        _kind("add-password", pp.Literal(">").suppress() + OPERAND),
        _kind("add-hash", pp.Literal("#").suppress() + OPERAND),
        _kind("remove-password", pp.Literal("<").suppress() + OPERAND),
        _kind("remove-hash", pp.Literal("!").suppress() + OPERAND),
        _kind("allow-category", pp.Literal("+@").suppress() + C_OPERAND),
        _kind("deny-category", pp.Literal("-@").suppress() + C_OPERAND),
        _kind("allow-command", pp.Literal("+").suppress() + C_OPERAND),
        _kind("deny-command", pp.Literal("-").suppress() + C_OPERAND),
        (pp.Literal("~").suppress() + OPERAND).add_parse_action(
            lambda found: Rule("key", _bytes(found[0]), "RW")
        ),
    ]
    if dialect.channels:
        forms.append(_kind("channel", pp.Literal("&").suppress() + OPERAND))
    if dialect.selectors:
        pattern = pp.Opt(pp.Literal("~").suppress() + OPERAND, default="")
        forms += [
            (pp.Regex(_PERMISSIONS[dialect.permissions]) + pattern).add_parse_action(
                lambda found: Rule("key", _bytes(found[1]), "".join(sorted(found[0][1:].upper())))
            ),
            _kind("selector", pp.Literal("(").suppress() + pp.Regex(r"[\s\S]*(?=\)\Z)")),
        ]
    forms.append(_kind("unknown", C_OPERAND))
    return pp.MatchFirst(forms).leave_whitespace(recursive=True).parse_with_tabs()


def _kind(kind: str, form: pp.ParserElement) -> pp.ParserElement:
    """`form`, which gives at most one token (the operand), as a rule of this kind."""
    return form.copy().add_parse_action(lambda found: Rule(kind, _bytes(found[0] if found else "")))


def _keywords(kinds: dict[str, str]) -> list[pp.ParserElement]:
    return [
        _kind(kind, pp.CaselessLiteral(word).suppress() + C_END) for word, kind in kinds.items()
    ]


def _joined(found: pp.ParseResults) -> bytes:
    """The words after the first are taken as C strings."""
    first, *others = map(_bytes, found)
    return b" ".join((first, *(other.partition(b"\0")[0] for other in others)))


def _bytes_of_first(found: pp.ParseResults) -> bytes:
    return _bytes(found[0])


def _bytes(text: str) -> bytes:
    return text.encode("latin-1")


def _text(word: bytes) -> str:
    return word.decode("latin-1")
