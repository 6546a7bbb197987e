"""The tables of `policies/tables/` read strictly: every row with a source and a date.

Facts are looked up in them unchecked (`facts.aging`), so the checks are made here: by
`redislint policy validate` and by the tests. `schemas/aging-table.schema.json` says the
same to editors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date as Date

from redislint.facts.aging import (
    LIFECYCLE,
    MANAGED,
    NODES,
    PARAMETER,
    PARAMETERS,
    VULNERABILITIES,
)
from redislint.policy.errors import quote
from redislint.policy.reading import Node, Reader, parse

ENGINES = ("redis", "valkey")
SERVICES = ("elasticache", "memorydb")
SEVERITIES = ("critical", "high", "medium", "low")
MITIGATIONS = (
    "client-eviction", "hyperloglog", "network", "restore", "scripting", "tls", "unixsocket",
)  # fmt: skip
"""What in the configuration keeps a vulnerability out of reach."""

_VERSION = re.compile(r"[0-9]+(\.[0-9]+)*")
_CVE = re.compile(r"CVE-[0-9]{4}-[0-9]{4,}")
_TOP = ("title", "date", "note", "rows")
_ALWAYS = ("source", "date")


def check(data: bytes, path: str, name: str) -> int:
    """The number of rows of the table `name`, every value checked.

    Raises PolicyError with each mistake and its place: a key that is missing or unknown, a
    row without a source, a date that is none or that is later than the table's own.
    """
    reader = Reader(path)
    root = parse(data, path)
    top = reader.mapping(root or Node("null", None, 1, 1), "the table", _TOP, _TOP)
    for key in ("title", "note"):
        reader.text(top.get(key), f"'{key}'")
    newest = _date(reader, top.get("date"), "'date' of the table")
    rows = reader.items(top.get("rows"), "'rows'")
    taken: dict[str, int] = {}
    for node in rows:
        identity = _ROWS[name](reader, node, newest)
        if identity in taken:
            reader.bad(node, f"{identity} has a row already, in line {taken[identity]}")
        taken.setdefault(identity, node.line)
    reader.done()
    return len(rows)


def _row(
    reader: Reader, node: Node, newest: Date | None, keys: tuple[str, ...], may: tuple[str, ...]
) -> Mapping[str, Node]:
    """The values of a row; its source and date are checked for all tables alike."""
    found = reader.mapping(node, "a row", (*keys, *may, *_ALWAYS), (*keys, *_ALWAYS))
    source = reader.text(found.get("source"), "'source'")
    if source and not source.startswith("https://"):
        reader.bad(found["source"], f"'source': {quote(source)} is no URL")
    date = _date(reader, found.get("date"), "'date' of a row")
    if date and newest and date > newest:
        reader.bad(found["date"], f"the row is of {date}, the table of {newest}: set its date anew")
    return found


def _lifecycle(reader: Reader, node: Node, newest: Date | None) -> str:
    keys = _row(reader, node, newest, ("engine", "line", "supported"), ("end_of_life",))
    reader.flag(keys.get("supported"), "'supported'", False)
    _date(reader, keys.get("end_of_life"), "'end_of_life'")
    engine = reader.choice(keys.get("engine"), "'engine'", ENGINES, "")
    return f"{engine} {_version(reader, keys.get('line'), 'line')}"


def _managed(reader: Reader, node: Node, newest: Date | None) -> str:
    ends = ("standard_support_end", "extended_support_end")
    keys = _row(reader, node, newest, ("service", "engine", "line"), ends)
    for end in ends:
        _date(reader, keys.get(end), f"'{end}'")
    service = reader.choice(keys.get("service"), "'service'", SERVICES, "")
    engine = reader.choice(keys.get("engine"), "'engine'", ENGINES, "")
    return f"{service} {engine} {_version(reader, keys.get('line'), 'line')}"


def _node_family(reader: Reader, node: Node, newest: Date | None) -> str:
    keys = _row(reader, node, newest, ("service", "family", "previous"), ())
    reader.flag(keys.get("previous"), "'previous'", False)
    return _family(reader, keys)


def _parameter_family(reader: Reader, node: Node, newest: Date | None) -> str:
    keys = _row(reader, node, newest, ("service", "family", "engine", "lines"), ())
    reader.choice(keys.get("engine"), "'engine'", ENGINES, "")
    for line in reader.items(keys.get("lines"), "'lines'"):
        _version(reader, line, "lines")
    return _family(reader, keys)


def _family(reader: Reader, keys: Mapping[str, Node]) -> str:
    service = reader.choice(keys.get("service"), "'service'", SERVICES, "")
    family = reader.text(keys.get("family"), "'family'")
    return f"{service} {family}"


def _vulnerability(reader: Reader, node: Node, newest: Date | None) -> str:
    names = ("id", "summary", "severity", "mitigation", "workaround", "affected")
    keys = _row(reader, node, newest, names, ())
    identity = reader.text(keys.get("id"), "'id'")
    if identity and not _CVE.fullmatch(identity):
        reader.bad(keys["id"], f"'id': {quote(identity)} is no number such as CVE-2025-49844")
    for key in ("summary", "workaround"):
        reader.text(keys.get(key), f"'{key}'")
    reader.choice(keys.get("severity"), "'severity'", SEVERITIES, "")
    reader.choice(keys.get("mitigation"), "'mitigation'", MITIGATIONS, "")
    spans = reader.items(keys.get("affected"), "'affected'")
    if not spans and "affected" in keys:
        reader.bad(keys["affected"], "'affected' names no engine")
    for span in spans:
        needed = ("engine", "from", "fixed")
        inner = reader.mapping(span, "an entry of 'affected'", needed, needed)
        reader.choice(inner.get("engine"), "'engine'", ENGINES, "")
        _version(reader, inner.get("from"), "from")
        fixes = reader.items(inner.get("fixed"), "'fixed'")
        if not fixes and "fixed" in inner:
            reader.bad(inner["fixed"], "'fixed' names no version")
        for fix in fixes:
            text = _version(reader, fix, "fixed")
            if text and text.count(".") != 2:
                reader.bad(fix, f"'fixed': {quote(text)} is no patch release such as 7.2.11")
    return identity


def _parameter(reader: Reader, node: Node, newest: Date | None) -> str:
    may = ("default", "allowed", "modifiable", "reboot", "gone")
    keys = _row(reader, node, newest, ("service", "families", "name"), may)
    service = reader.choice(keys.get("service"), "'service'", SERVICES, "")
    families = reader.texts(keys.get("families"), "'families'")
    for flag in ("modifiable", "reboot", "gone"):
        reader.flag(keys.get(flag), f"'{flag}'", False)
    reader.text(keys.get("allowed"), "'allowed'")
    name = reader.text(keys.get("name"), "'name'")
    return f"{service} {' '.join(families)} {name}"


def _version(reader: Reader, node: Node | None, key: str) -> str:
    text = reader.text(node, f"'{key}'", 20)
    if node is not None and text and not _VERSION.fullmatch(text):
        reader.bad(node, f"'{key}': {quote(text)} is no version: expected numbers such as 7.2")
        return ""
    return text


def _date(reader: Reader, node: Node | None, what: str) -> Date | None:
    text = reader.text(node, what, 20)
    try:
        return Date.fromisoformat(text) if text else None
    except ValueError:
        if node is not None:
            reader.bad(node, f"{what}: {quote(text)} is no date: expected one such as 2026-07-24")
        return None


_ROWS: Mapping[str, Callable[[Reader, Node, Date | None], str]] = {
    LIFECYCLE: _lifecycle,
    MANAGED: _managed,
    NODES: _node_family,
    PARAMETERS: _parameter_family,
    PARAMETER: _parameter,
    VULNERABILITIES: _vulnerability,
}
