"""Text for other programs: safe to show, of bounded length, complete where it matters."""

from __future__ import annotations

import re

from redislint.model import Finding, Target
from redislint.reports.escape import printable
from redislint.reports.wording import servers

_MARKS = re.compile(r"\*\*|(?<!`)`(?!`)")
_NUMBER = re.compile("[1-9][0-9]{0,8}")
_NO_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]*)\)")


def one_line(text: str, limit: int = 0) -> str:
    """`text` on one line, every character that could act on a screen escaped.

    With a `limit` it is at most that many UTF-16 code units long, its end cut off.
    """
    return clipped(printable(text), limit)


def lines(text: str, limit: int = 0) -> str:
    """`text` with its line feeds kept, every other character as in `one_line`."""
    shown = "\n".join(printable(line) for line in text.strip().split("\n"))
    return clipped(shown, limit)


def clipped(text: str, limit: int) -> str:
    """`text`, its end replaced by an ellipsis where it has more than `limit` UTF-16 code
    units (the way most readers count); 0 is no limit."""
    if not limit or len(text) * 2 <= limit or _units(text) <= limit:
        return text
    kept = text.encode("utf-16-le")[: 2 * (limit - 1)].decode("utf-16-le", "ignore")
    return f"{kept.rstrip()}…"


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def without_markdown(text: str) -> str:
    """Markdown prose as plain text: no marks of emphasis or code, links spelled out."""
    return _MARKS.sub("", _LINK.sub(r"\1 (\2)", text))


def first_paragraph(text: str) -> str:
    """The first paragraph of Markdown prose, as one line of plain text."""
    return " ".join(without_markdown(text.strip().split("\n\n")[0]).split())


def message(finding: Finding, target: Target | None, limit: int = 0) -> str:
    """What a finding says, on one line, and on which servers where not on all.

    `target` is the finding's own; it knows all servers that were asked for.
    """
    where = ""
    if finding.versions is not None:
        held = target.held if target else ()
        where = f" ({servers(held, finding.versions)})"
    text = one_line(finding.message or finding.name or finding.rule)
    return f"{clipped(text, max(limit - len(where), 1) if limit else 0)}{where}"


def encoded(text: str) -> bytes:
    """`text` as UTF-8, bytes that were not UTF-8 as they were read (PEP 383)."""
    return _NO_BYTE.sub("\ufffd", text).encode("utf-8", "surrogateescape")


def error_place(target: str) -> tuple[str, int]:
    """Path and line of an AuditError's target, `PATH` or `PATH:LINE:COLUMN`; line 0 for none."""
    rest, _, column = target.rpartition(":")
    path, _, line = rest.rpartition(":")
    if path and _NUMBER.fullmatch(line) and _NUMBER.fullmatch(column):
        return path, int(line)
    return target, 0
