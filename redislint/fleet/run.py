"""The run: every entry audited, as many side by side as are allowed, in this process or in
several; each finished one goes to a sink as it ends."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack

from redislint.facts.rates import Counters
from redislint.fleet import journal, messages
from redislint.fleet.auditing import Auditing, Settings
from redislint.fleet.model import Entry
from redislint.fleet.threads import NAMES, Threads
from redislint.fleet.worker import LONGEST

Sink = Callable[[str, bytes], None]
"""Takes the name of a finished entry and its line of the journal."""

Before = Callable[[Entry], Mapping[str, Counters]]
"""The counters that the last run saw of an entry's targets."""

FEW = 200
"""Entries that one process audits faster than others can be started."""

MOST_PROCESSES = 8

FILES = 2
"""Files that one target may have open: its connection, and one that is still being closed."""

OTHER_FILES = 64
"""Files that a process has open whatever it reads."""


class WorkerError(RuntimeError):
    """A process of the run ended early: one line."""


def processes_for(entries: int) -> int:
    """How many processes a run of so many entries is worth on this machine."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return 1 if entries < FEW else max(1, min(cores or 1, MOST_PROCESSES))


async def run(
    entries: Iterable[Entry], settings: Settings, before: Before, sink: Sink, processes: int = 1
) -> None:
    """Audit every entry. `settings` are such that `auditor_of` makes rules of them; their
    `concurrency` is for all processes together.

    Raises JournalError from the sink, and WorkerError; what was finished went to the sink.
    """
    asyncio.get_running_loop().set_default_executor(Threads(NAMES))
    settings = settings._replace(concurrency=_possible(settings.concurrency))
    if processes <= 1:
        await _here(entries, settings, before, sink)
        return
    share = settings._replace(
        concurrency=max(1, settings.concurrency // processes),
        threads=max(1, settings.threads // processes),
    )
    left = iter(entries)
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(processes):
                group.create_task(_elsewhere(left, share, before, sink))
    except BaseExceptionGroup as errors:
        raise _first(errors) from None


def _possible(concurrency: int) -> int:
    """As many connections side by side as the system lets this process have files open."""
    try:
        import resource
    except ImportError:  # a system without such limits
        return concurrency
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = concurrency * FILES + OTHER_FILES
    if wanted > soft != resource.RLIM_INFINITY:
        allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, allowed), hard))
        soft = max(soft, allowed)
    if soft == resource.RLIM_INFINITY:
        return concurrency
    return max(1, min(concurrency, (soft - OTHER_FILES) // FILES))


async def _here(entries: Iterable[Entry], settings: Settings, before: Before, sink: Sink) -> None:
    auditing = Auditing(settings)
    room = asyncio.Semaphore(2 * (settings.concurrency + settings.threads))

    async def one(entry: Entry) -> None:
        try:
            found = await auditing.audit(entry, before(entry))
            sink(entry.name, journal.entry_line(entry.name, found))
        finally:
            room.release()

    try:
        async with asyncio.TaskGroup() as group:
            for entry in entries:
                await room.acquire()
                group.create_task(one(entry))
    except BaseExceptionGroup as errors:
        raise _first(errors) from None


async def _elsewhere(left: Iterator[Entry], settings: Settings, before: Before, sink: Sink) -> None:
    """Feed one process: it has at most as many entries as it audits side by side, and some
    more to go on with."""
    async with AsyncExitStack() as stack:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "redislint.fleet.worker"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LONGEST,
        )
        stack.push_async_callback(_stop, process)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(journal.line(messages.settings_out(settings)))
        open_entries: set[str] = set()

        async def feed() -> None:
            assert process.stdin is not None
            while len(open_entries) < settings.concurrency + settings.threads + 8:
                entry = next(left, None)
                if entry is None:
                    return
                open_entries.add(entry.name)
                process.stdin.write(journal.line(messages.entry_out(entry, before(entry))))
            await process.stdin.drain()

        await feed()
        while open_entries:
            line = await process.stdout.readline()
            if not line.endswith(b"\n"):
                code = await process.wait()
                raise WorkerError(
                    f"a process of the audit ended early (exit code {code}) with"
                    f" {len(open_entries)} targets open: --resume continues"
                )
            name = journal.entry_of(line)
            open_entries.discard(name)
            sink(name, line)
            await feed()


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """What went wrong first, of several tasks that ended for it."""
    first: BaseException = errors.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
        await process.wait()
