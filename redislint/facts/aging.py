"""Facts that age: looked up in dated tables, never derived.

`policies/tables/*.json` say until when a version of the server gets security fixes, which
vulnerabilities a version has that its configuration can mitigate, until when a managed
service supports an engine version, and what its families of nodes and parameters are; each
row with its date and source. What a table does not list is unknown. The tables are checked
by `policy.aging`, so they are read here without a second look.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple

from redislint.model import Fact, Server
from redislint.resources import read_table

LIFECYCLE = "lifecycle"
VULNERABILITIES = "vulnerabilities"
MANAGED = "managed-engines"
NODES = "node-families"
PARAMETERS = "parameter-families"
PARAMETER = "parameters"
TABLES = (LIFECYCLE, MANAGED, NODES, PARAMETERS, PARAMETER, VULNERABILITIES)

Row = Mapping[str, Any]


class Table(NamedTuple):
    """One table. `date` (ISO) is that of its newest row: what happened later it cannot know."""

    name: str
    title: str
    date: str
    note: str
    rows: tuple[Row, ...]


@cache
def table(name: str) -> Table:
    """One of `TABLES`. Raises FileNotFoundError when the installation is damaged."""
    data = json.loads(read_table(name))
    return Table(name, data["title"], data["date"], data["note"], tuple(data["rows"]))


def days_until(date: str) -> int:
    """Days from today to an ISO date; negative for one that has passed."""
    from datetime import date as Date  # only rows with a date pay for it

    return (Date.fromisoformat(date) - Date.today()).days


@lru_cache(maxsize=64)
def server_aging(server: Server) -> Mapping[str, Fact]:
    """`server.supported`, `.end_of_life*` and `.vulnerabilities` of a version, where the
    tables know it, and the dates of both tables."""
    lifecycle, vulnerabilities = table(LIFECYCLE), table(VULNERABILITIES)
    facts = {
        "server.lifecycle_date": _fact(lifecycle.date, lifecycle),
        "server.vulnerabilities_date": _fact(vulnerabilities.date, vulnerabilities),
    }
    line = ".".join(map(str, server.version[:2]))
    for row in lifecycle.rows:
        if (row["engine"], row["line"]) == (server.engine, line):
            facts.update(_support(row, lifecycle))
    found = known_vulnerabilities(server)
    if found is not None:
        facts["server.vulnerabilities"] = _fact(list(found), vulnerabilities)
    return facts


def _support(row: Row, source: Table) -> Iterator[tuple[str, Fact]]:
    end = row.get("end_of_life")
    left = None if end is None else days_until(end)
    if end is not None:
        yield "server.end_of_life", _fact(end, source)
        yield "server.end_of_life_days", _fact(left, source, "d")
    supported = row["supported"] and (left is None or left >= 0)
    yield "server.supported", _fact(supported, source)


def known_vulnerabilities(server: Server) -> tuple[Row, ...] | None:
    """The rows that affect a version, each with `fixed`: the first version of its own line
    without it, or "" where there is none. None where that hangs on the patch release and
    `server` names none."""
    found = []
    for row in table(VULNERABILITIES).rows:
        for span in row["affected"]:
            if span["engine"] != server.engine:
                continue
            hit, fixed = _affected(server, _numbers(span["from"]), span["fixed"])
            if hit is None:
                return None
            if hit:
                told = {key: value for key, value in row.items() if key not in ("affected", "date")}
                found.append({**told, "fixed": fixed})
    return tuple(found)


def _affected(server: Server, first: tuple[int, ...], fixes: list[str]) -> tuple[bool | None, str]:
    """Whether a version has what its own line's fix, or else a newer line, ended."""
    line = server.version[:2]
    if server.version < first:
        return False, ""
    for text in fixes:
        fixed = _numbers(text)
        if fixed[:2] == line:
            return (server.version < fixed if len(server.version) > 2 else None), text
    return line < max(map(_numbers, fixes))[:2], ""


def managed_support(service: str, engine: str, version: str) -> Row | None:
    """The row of a managed engine version (`elasticache`, `redis`, `5.0.6`), None where the
    table has none. The longest line that begins the version counts."""
    numbers = _numbers(version)
    rows = [
        row
        for row in table(MANAGED).rows
        if (row["service"], row["engine"]) == (service, engine)
        and numbers[: len(_numbers(row["line"]))] == _numbers(row["line"])
    ]
    return max(rows, key=lambda row: len(_numbers(row["line"])), default=None)


def family_row(name: str, service: str, family: str) -> Row | None:
    """The row of a family in `NODES` or `PARAMETERS`, None where the table has none."""
    for row in table(name).rows:
        if (row["service"], row["family"]) == (service, family):
            return row
    return None


def family_for(service: str, engine: str, version: str) -> str | None:
    """The family of parameter groups that an engine version takes, None where no table
    tells."""
    for row in table(PARAMETERS).rows:
        lines = tuple(f"{line}." for line in row["lines"])
        if (row["service"], row["engine"]) == (service, engine) and f"{version}.".startswith(lines):
            return str(row["family"])
    return None


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def _fact(value: Any, source: Table, unit: str = "") -> Fact:
    return Fact(value, unit, "table", f"table {source.name} of {source.date}")
