"""A process that audits entries for another one: JSON lines in, journal lines out.

The first line has the settings, each further one an entry; the answer to an entry is its line of
the journal. It ends when its input does, so that none is left over when the run is killed.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from typing import Any

from redislint.fleet import journal
from redislint.fleet.auditing import Auditing
from redislint.fleet.messages import entry_in, settings_in
from redislint.fleet.threads import NAMES, Threads

LONGEST = 64 << 20
"""Bytes of a line: one entry may stand for thousands of caches."""


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(Threads(NAMES))
    stdin = asyncio.StreamReader(limit=LONGEST)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdin), sys.stdin.buffer)
    auditing = Auditing(settings_in(json.loads(await stdin.readline())))
    tasks: set[asyncio.Task[None]] = set()
    while row := await stdin.readline():
        task = asyncio.create_task(_audit(auditing, json.loads(row)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    for task in tuple(tasks):
        task.cancel()


async def _audit(auditing: Auditing, row: dict[str, Any]) -> None:
    entry, before = entry_in(row)
    found = await auditing.audit(entry, before)
    sys.stdout.buffer.write(journal.entry_line(entry.name, found))
    sys.stdout.buffer.flush()


def main() -> None:
    """Serve until the input ends. Ctrl-C at a terminal reaches every process of the run: the
    first one decides what becomes of it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(_serve())
    sys.stdout.flush()
    os._exit(0)  # threads may still wait for an answer that nobody wants any more


if __name__ == "__main__":
    main()
