"""Comment lines that speak to redislint: `# redislint: engine=redis version=7.2`.

A pragma is a whole comment line, since redis.conf knows no trailing comments (of a host
file, in any of the comments that `host_comments` knows). It holds
`key=value` words, quoted as in the configuration language itself. A file may have any
number of them. Reading is strict: a key that does not exist, a value that cannot be
right, a silenced rule without a reason are problems with a place, never an exception
and never ignored, so that a typo in `workload` does not silence a rule.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from redislint.conf.document import Document, Line, decode
from redislint.conf.pragma_keys import (
    FACT_KEYS,
    RULE,
    SILENCE_KEYS,
    WITH_SILENCE,
    expected,
    is_date,
    nearest,
)
from redislint.conf.words import split_tokens
from redislint.model import Server, Span

_PRAGMA = re.compile(rb"#+[ \t]*redislint[ \t]*:", re.IGNORECASE)
_NO_COLON = re.compile(rb"#+[ \t]*redislint[ \t]+[a-z-]+=", re.IGNORECASE)


_Group = TypeVar("_Group")


class PragmaProblem(NamedTuple):
    """A pragma that cannot be understood: where, and why in one line."""

    span: Span
    message: str


class Silence(NamedTuple):
    """Rules that the file asks not to report, why, by whom, and until when (ISO date).

    `line` is the source line of the directive that it holds for, None for the file; or for
    those `targets` of it alone, by their ids, where there are any.
    """

    rules: tuple[str, ...]
    reason: str
    span: Span
    line: int | None = None
    owner: str = ""
    until: str = ""
    targets: frozenset[str] = frozenset()


class Pragmas(NamedTuple):
    """What all pragmas of a file say together.

    `server` is None where it is not named or cannot be read. `values` maps each key that
    was given (`server`, `engine` and `version` left out) to its text, `spans` to its
    place. A key given twice keeps its first value; another value is a problem.
    """

    server: Server | None = None
    values: Mapping[str, str] = MappingProxyType({})
    spans: Mapping[str, Span] = MappingProxyType({})
    silences: tuple[Silence, ...] = ()
    problems: tuple[PragmaProblem, ...] = ()

    @property
    def template(self) -> bool:
        """Whether the file says of itself that some tool fills it in later."""
        return self.values.get("template") == "true"

    def words(self, key: str) -> tuple[str, ...]:
        """The words of a value that is a list with commas; empty where it is not given."""
        return tuple([w for w in self.values.get(key, "").split(",") if w])


class _Item(NamedTuple):
    """One `key=value` word."""

    key: str
    value: str
    span: Span


def read_pragmas(document: Document) -> Pragmas:
    """Read every `# redislint:` line of `document`. Never raises."""
    return read_grouped(document, lambda line: None).get(None, Pragmas())


def read_grouped(document: Document, group: Callable[[int], _Group]) -> dict[_Group, Pragmas]:
    """The pragmas of `document` in several groups, each read by itself: `group` tells that of
    a line by its number. Groups without any are missing. Never raises."""
    if b"edislint" not in document.data:
        return {}
    comments, directives = _lines(document)
    problems: dict[_Group, list[PragmaProblem]] = {}
    for problem in _misplaced(document, directives):
        problems.setdefault(group(problem.span.line), []).append(problem)
    lines: dict[_Group, list[Line]] = {}
    for line in comments:
        if b"edislint" in line.raw.lower():
            lines.setdefault(group(line.source_line), []).append(line)
    return {
        one: _read(lines.get(one, ()), directives, problems.get(one, []))
        for one in {**lines, **problems}
    }


def _read(
    comments: Iterable[Line], directives: Sequence[Line], problems: list[PragmaProblem]
) -> Pragmas:
    facts: dict[str, _Item] = {}
    silences: list[Silence] = []
    for line in comments:
        match = _PRAGMA.match(line.raw)
        if match is None:
            if _NO_COLON.match(line.raw):
                problems.append(
                    PragmaProblem(line.span(), "expected a colon: '# redislint: key=value'")
                )
            continue
        items, wrong = _items(line, match.end())
        problems += wrong
        silencing = [item for item in items if item.key in SILENCE_KEYS]
        if silencing:
            silence = _silence(directives, line, items, silencing, problems)
            if silence is not None:
                silences.append(silence)
            continue
        for item in items:
            found = list(_fact_problems(item, facts.get(item.key)))
            problems += found
            if not found:
                facts.setdefault(item.key, item)
    server = _server(facts, problems)
    values = {k: i.value for k, i in facts.items() if k in FACT_KEYS - _SERVER_KEYS}
    spans = {key: item.span for key, item in facts.items() if key in FACT_KEYS}
    problems.sort(key=lambda problem: (problem.span.line, problem.span.column))
    return Pragmas(server, values, spans, tuple(silences), tuple(problems))


_SERVER_KEYS = frozenset({"server", "engine", "version"})


def _lines(document: Document) -> tuple[Sequence[Line], Sequence[Line]]:
    """The comment lines of a text, and the others."""
    if not document.foreign:
        return document.comments, document.directives
    from redislint.conf.host_comments import split

    return split(document)


def _misplaced(document: Document, directives: Sequence[Line]) -> Iterator[PragmaProblem]:
    """Pragmas behind a directive, where the server takes them for arguments."""
    remarks = document.remarks
    asides = {start for start, _ in remarks.asides} if remarks is not None else ()
    for line in directives:
        at = line.raw.lower().find(b"redislint:")
        if at > 0 and b"#" in line.raw[:at]:
            if line.place(line.raw.rindex(b"#", 0, at)) in asides:
                continue
            start = line.raw.rindex(b"#", 0, at)
            span = document.span(line.place(start), line.end)
            yield PragmaProblem(span, "a pragma stands on a line of its own, before the directive")


def _items(line: Line, start: int) -> tuple[list[_Item], list[PragmaProblem]]:
    tokens = split_tokens(line.raw[start:], lenient=True)
    if tokens is None:
        return [], [PragmaProblem(line.span(), "the quotes of this pragma are not balanced")]
    items: list[_Item] = []
    problems: list[PragmaProblem] = []
    if not tokens:
        problems.append(PragmaProblem(line.span(), "this pragma says nothing: expected key=value"))
    for value, begin, end, _ in tokens:
        place = line.document.span(line.place(start + begin), line.place(start + end - 1) + 1)
        key, equals, text = decode(value).partition("=")
        if not equals or not text:
            known = key in FACT_KEYS | SILENCE_KEYS | WITH_SILENCE
            message = (
                f"{_quoted(key)} has no value"
                if known
                else f"expected key=value, found {_quoted(key)}"
            )
            problems.append(PragmaProblem(place, f"{message}{'' if known else nearest(key)}"))
        else:
            items.append(_Item(key, text, place))
    return items, problems


def _fact_problems(item: _Item, before: _Item | None) -> Iterator[PragmaProblem]:
    key, value = item.key, item.value
    if key in WITH_SILENCE and key not in FACT_KEYS:
        yield PragmaProblem(item.span, f"'{key}' belongs to 'disable' or 'disable-next-line'")
    elif key not in FACT_KEYS:
        yield PragmaProblem(item.span, f"unknown key {_quoted(key)}{nearest(key)}")
    elif before is not None and before.value != value:
        yield PragmaProblem(
            item.span, f"'{key}' has another value on line {before.span.line}: which one holds?"
        )
    else:
        wanted = expected(key, value)
        if wanted:
            yield PragmaProblem(item.span, f"{key}={_quoted(value)}: expected {wanted}")


def _silence(
    directives: Sequence[Line],
    line: Line,
    items: list[_Item],
    silencing: list[_Item],
    problems: list[PragmaProblem],
) -> Silence | None:
    """The rules that one pragma silences; None where it must not hold."""
    found: list[PragmaProblem] = []
    given = {item.key: item.value for item in items}
    for item in items:
        if item.key not in SILENCE_KEYS | WITH_SILENCE:
            known = item.key in FACT_KEYS
            text = f"'{item.key}' does not belong here: give it a pragma of its own"
            text = text if known else f"unknown key {_quoted(item.key)}{nearest(item.key)}"
            found.append(PragmaProblem(item.span, text))
    what = silencing[0]
    if len(silencing) > 1:
        found.append(PragmaProblem(silencing[1].span, "one pragma silences one thing"))
    rules = tuple(what.value.split(","))
    if not all(RULE.fullmatch(rule) for rule in rules):
        wanted = "rule ids or names with commas, such as RL210,RL412"
        found.append(PragmaProblem(what.span, f"{what.key}: expected {wanted}"))
    if not given.get("reason", "").strip():
        found.append(PragmaProblem(what.span, f"'{what.key}' needs a reason=\"...\""))
    until = given.get("until", "")
    if until and not is_date(until):
        found.append(PragmaProblem(what.span, "until: expected a date, such as 2027-01-31"))
    target = None
    following = bisect_right(directives, line.start, key=attrgetter("start"))
    if following and directives[following - 1].source_line == line.source_line:
        target = line.source_line  # behind something, in a host's comment: for this line
    elif what.key == "disable-next-line":
        rest = directives[following : following + 1]
        target = rest[0].source_line if rest else None
        if target is None:
            found.append(PragmaProblem(what.span, "no directive follows that this could hold for"))
    problems += found
    if found:
        return None
    return Silence(rules, given["reason"], what.span, target, given.get("owner", ""), until)


def _server(facts: Mapping[str, _Item], problems: list[PragmaProblem]) -> Server | None:
    one, engine, version = (facts.get(key) for key in ("server", "engine", "version"))
    given = one or engine or version
    if given is None:
        return None
    if one is not None:
        text = one.value
        if engine is not None or version is not None:
            other = engine or version or one
            problems.append(
                PragmaProblem(other.span, "expected either 'server' or 'engine' and 'version'")
            )
    elif engine is None or version is None:
        missing = "engine" if engine is None else "version"
        problems.append(
            PragmaProblem(
                given.span, f"'{missing}' is missing: expected 'engine=redis version=7.2'"
            )
        )
        return None
    else:
        text = f"{engine.value}-{version.value}"
    try:
        return Server.parse(text)
    except ValueError as error:
        problems.append(PragmaProblem(given.span, str(error)))
        return None


def _quoted(text: str) -> str:
    from redislint.conf.redact import redact_text, safe

    return f"'{redact_text(safe(text[:60]))}'"
