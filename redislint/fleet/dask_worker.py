"""What runs on the workers of a Dask cluster: entries in, lines of the journal out.

Everything crosses the cluster as plain JSON. Passwords are references there, which the worker
resolves itself; what is read of servers leaves it only as finished records, in which no secret
stands.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from redislint.fleet import journal, messages, records
from redislint.fleet.auditing import Auditing
from redislint.fleet.model import Entry, Record, moment
from redislint.version import VERSION

STARTS = 2
"""How often a batch is begun: once more where the worker that had it is lost."""

LOST = "the workers of the Dask cluster that audited it were lost, one after the other"

PLACE = "redislint"
"""Where the cluster's metadata count how often batches were begun."""


class Standing(NamedTuple):
    """What a worker has: versions, a digest of its rules (or why it has none), and those of
    the paths asked for that it does not have."""

    version: str
    distributed: str
    rules: str
    problem: str
    missing: tuple[str, ...]


def standing(settings: str, paths: Sequence[str]) -> tuple[Any, ...]:
    """The `Standing` of the process that runs this, as a plain tuple. `settings` is JSON."""
    import distributed

    rules = problem = ""
    try:
        rules = digest(Auditing(messages.settings_in(json.loads(settings))))
    except ValueError as error:
        problem = str(error).splitlines()[0]
    missing = tuple(path for path in paths if not os.path.exists(path))
    return tuple(Standing(VERSION, distributed.__version__, rules, problem, missing))


def digest(auditing: Auditing) -> str:
    """Equal where the same rules are held against targets in the same way."""
    judge = auditing.judge
    hashed = sha256("\n".join(sorted(judge.rules.chosen)).encode())
    project = judge.project
    places = (*project.sources, *project.policies, *project.workloads) if project else ()
    for path in _files((*places, *auditing.settings.policies)):
        with open(path, "rb") as file:
            hashed.update(sha256(file.read()).digest())
    return hashed.hexdigest()


def _files(places: Sequence[str]) -> Iterator[str]:
    for place in places:
        if not os.path.isdir(place):
            yield place
        for folder, folders, names in os.walk(place):
            folders.sort()
            yield from (os.path.join(folder, name) for name in sorted(names))


def audit(run: str, number: int, settings: str, batch: Sequence[str]) -> list[bytes]:
    """Audit the entries of a batch. `settings` and each entry are JSON."""
    decoded = [messages.entry_in(json.loads(row)) for row in batch]
    if _begun(run, number) > STARTS:
        return [journal.entry_line(entry.name, lost(entry, LOST)) for entry, _ in decoded]

    async def all_of_them() -> list[bytes]:
        auditing = Auditing(messages.settings_in(json.loads(settings)))
        found = await asyncio.gather(*(auditing.audit(*one) for one in decoded))
        return [
            journal.entry_line(entry.name, rows)
            for (entry, _), rows in zip(decoded, found, strict=True)
        ]

    return asyncio.run(all_of_them())


def lost(entry: Entry, why: str) -> tuple[Record, ...]:
    """The records of an entry that no worker could audit."""
    look = records.Look(moment(), 0.0)
    return records.of_failure(entry, "cluster", why, look)


def line_of_lost(row: str, why: str) -> bytes:
    """The journal's line of an entry (JSON) that no worker could audit."""
    entry, _ = messages.entry_in(json.loads(row))
    return journal.entry_line(entry.name, lost(entry, why))


def _begun(run: str, number: int) -> int:
    """How often this batch was begun, this time included. The scheduler keeps count: of what
    another worker did, this one knows nothing else."""
    from distributed import get_client

    client = get_client()
    count = int(client.get_metadata([PLACE, run, str(number)], 0)) + 1
    client.set_metadata([PLACE, run, str(number)], count)
    return count
