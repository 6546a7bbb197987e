"""Holding what redislint says of a configuration against what real servers did with it.

A case is a set of files, arguments and perhaps standard input; its results say for groups
of servers whether they started, at which line they stopped, and what CONFIG GET answered.
`{{CWD}}` in files, arguments and values stands for the directory that the server ran in.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redislint
from redislint import catalog
from redislint.model import Server

HERE = Path(__file__).parent
CWD = b"{{CWD}}"


@dataclass(frozen=True)
class Result:
    """What some servers did. `line` is (file, line), or None where they named none or
    counted through several texts; `values` are answers of CONFIG GET."""

    servers: tuple[Server, ...]
    accepted: bool
    line: tuple[str, int] | None
    values: Mapping[str, str]


@dataclass(frozen=True)
class Case:
    """One configuration and what came of it. `argv` is without the program's name."""

    id: str
    argv: tuple[str, ...]
    files: Mapping[str, bytes]
    stdin: bytes | None
    results: tuple[Result, ...]

    @property
    def count(self) -> int:
        """How many answers of single servers the case holds."""
        return sum(len(result.servers) for result in self.results)


@dataclass(frozen=True)
class Difference:
    """An answer that redislint does not give. `what`: verdict, line or value."""

    case: str
    server: Server
    what: str
    detail: str


@dataclass(frozen=True)
class Deviation:
    """Differences that stand, and why."""

    case: str
    what: str
    servers: tuple[Server, ...]
    reason: str

    def covers(self, difference: Difference) -> bool:
        return (
            self.case == difference.case
            and self.what == difference.what
            and difference.server in self.servers
        )


def servers(text: str) -> tuple[Server, ...]:
    """Servers of a list such as `redis-2.8..6.2 valkey-7.2`."""
    found: list[Server] = []
    for part in text.split():
        first, _, last = part.partition("..")
        low = Server.parse(first)
        high = Server.parse(f"{low.engine}-{last}") if last else low
        found += [
            server
            for server in catalog.SERVERS
            if server.engine == low.engine and low.version <= server.version <= high.version
        ]
    return tuple(found)


def data(text: str | Mapping[str, str]) -> bytes:
    """Bytes as the vectors write them: text, or base64 where it is no UTF-8."""
    return text.encode() if isinstance(text, str) else base64.b64decode(text["b64"])


def own_cases() -> list[Case]:
    """The cases that the project keeps."""
    lines = (HERE / "vectors.jsonl").read_text(encoding="utf-8").splitlines()
    return [_own_case(json.loads(line)) for line in lines]


def _own_case(record: Mapping[str, Any]) -> Case:
    return Case(
        record["id"],
        tuple(record.get("argv", ["redis.conf"])),
        {name: data(text) for name, text in record["files"].items()},
        data(record["stdin"]) if "stdin" in record else None,
        tuple(_own_result(result) for result in record["results"]),
    )


def _own_result(result: Mapping[str, Any]) -> Result:
    return Result(
        servers(result["on"]),
        "values" in result,
        tuple(result["line"]) if "line" in result else None,
        result.get("values", {}),
    )


def deviations() -> list[Deviation]:
    """The differences that stand."""
    entries = json.loads((HERE / "deviations.json").read_text(encoding="utf-8"))
    return [
        Deviation(entry["case"], entry["what"], servers(entry["on"]), entry["reason"])
        for entry in entries
    ]


def write(case: Case, folder: str) -> None:
    """Put the files of a case into a directory."""
    for name, content in case.files.items():
        place = os.path.join(folder, name)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "wb") as file:
            file.write(content.replace(CWD, os.fsencode(folder)))


def differences(case: Case, folder: str) -> Iterator[Difference]:
    """Hold a case, whose files are in `folder`, against every server it was measured on."""
    write(case, folder)
    argv = [argument.replace(CWD.decode(), folder) for argument in case.argv]
    for result in case.results:
        for server in result.servers:
            for what, detail in _against(result, server, argv, case.stdin, folder):
                yield Difference(case.id, server, what, detail)


def _against(
    result: Result, server: Server, argv: Sequence[str], stdin: bytes | None, folder: str
) -> Iterator[tuple[str, str]]:
    conf = redislint.resolve_command(argv, server, cwd=folder, stdin=stdin)
    if conf.accepted != result.accepted:
        why = conf.rejection.message if conf.rejection else "accepted"
        yield "verdict", f"the server {'started' if result.accepted else 'refused'}; here: {why}"
    elif conf.rejection and result.line:
        path = os.path.relpath(os.path.join(folder, conf.rejection.path or ""), folder)
        if (path, conf.rejection.line) != result.line:
            yield "line", f"the server stopped at {result.line}; here: {path}:{conf.rejection.line}"
    elif result.accepted:
        for name, value in result.values.items():
            expected = value.replace(CWD.decode(), folder)
            found = conf.config_get(name)
            if found != expected:
                yield "value", f"{name}: the server said {expected!r}; here: {found!r}"


def judge(
    cases: Iterable[Case], folder: Path, known: Sequence[Deviation]
) -> tuple[int, list[Difference], list[Deviation]]:
    """How many answers were compared, the differences that no deviation covers, and the
    deviations of these cases that cover nothing."""
    count = 0
    unexpected: list[Difference] = []
    seen: set[str] = set()
    needed: set[Deviation] = set()
    for number, case in enumerate(cases):
        place = folder / str(number)
        place.mkdir()
        count += case.count
        seen.add(case.id)
        for difference in differences(case, os.path.realpath(place)):
            covering = [deviation for deviation in known if deviation.covers(difference)]
            needed.update(covering)
            if not covering:
                unexpected.append(difference)
    unneeded = [entry for entry in known if entry.case in seen and entry not in needed]
    return count, unexpected, unneeded
