"""A run on a Dask cluster: batches of entries go to its workers, finished ones come back.

The cluster exists already, near the servers; Dask places the work. Files are audited here, where
they are. What else an inventory names by path (host facts, the intended configuration, keys and
certificates, files of passwords, policies, redislint.yaml) must lie on the workers under the same
path: it is not sent, for such files hold secrets. That is checked before anything is audited.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import islice
from typing import Any

from redislint.audit.report import UsageError
from redislint.fleet import messages
from redislint.fleet.auditing import Auditing, Settings
from redislint.fleet.dask_worker import LOST, PLACE, Standing, audit, digest, line_of_lost, standing
from redislint.fleet.journal import entry_of
from redislint.fleet.model import Entry
from redislint.fleet.run import Before, Sink, WorkerError, run
from redislint.policy.errors import PolicyError
from redislint.version import VERSION

PATIENCE = 15.0
"""Seconds until a scheduler that does not answer, or has no workers, is given up."""

BATCH = 32
"""Entries of a batch at most: a lost worker's are audited again."""

AHEAD = 2
"""Batches for each thread of the cluster that are given to it at once."""

_OWN = (PolicyError, UsageError)
"""Errors whose words are this program's: others may quote what is not to be shown."""


def run_on(
    scheduler: str, entries: Iterable[Entry], settings: Settings, before: Before, sink: Sink
) -> None:
    """Audit every entry: files here, all else on the cluster of `scheduler` (`tcp://HOST:PORT`).

    Raises WorkerError for a cluster that cannot be used, or no longer; what was finished went
    to the sink.
    """
    here: list[Entry] = []
    there: list[Entry] = []
    for entry in entries:
        (here if entry.kind == "file" else there).append(entry)
    if there:
        with _connected(scheduler) as client:
            _check(client, settings, there)
            _spread(client, there, settings, before, sink)
    asyncio.run(run(here, settings, before, sink))


@contextmanager
def _connected(scheduler: str) -> Iterator[Any]:
    try:
        import distributed
    except ModuleNotFoundError:
        raise WorkerError("--executor dask needs Dask: pip install 'redislint[dask]'") from None
    # What goes wrong is said by this program, in one line.
    logging.disable(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            client = distributed.Client(scheduler, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError, TimeoutError, ImportError):
            raise WorkerError(
                f"no Dask scheduler answers at {scheduler}: expected tcp://HOST:PORT"
            ) from None
    try:
        yield client
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            client.close(timeout=PATIENCE)
        logging.disable(logging.NOTSET)


def _check(client: Any, settings: Settings, entries: Sequence[Entry]) -> None:
    """Every worker has what the run needs. Raises WorkerError."""
    import distributed

    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError:
        raise WorkerError("the Dask cluster has no workers") from None
    for worker, spec in client.run(find_spec, "redislint").items():
        if spec is None:
            raise WorkerError(f"the Dask worker {worker} has no redislint: install {VERSION} there")
    paths = sorted({path for entry in entries for path in _paths(entry)})
    mine = digest(Auditing(settings))
    wanted = (("redislint", VERSION), ("distributed", distributed.__version__))
    answers = client.run(standing, json.dumps(messages.settings_out(settings)), paths)
    for worker, answer in answers.items():
        found = Standing(*answer)
        for (name, version), theirs in zip(wanted, found, strict=False):
            if theirs != version:
                raise WorkerError(
                    f"the Dask worker {worker} has {name} {theirs}, here it is {version}:"
                    " the versions must be the same"
                )
        if found.problem:
            raise WorkerError(f"the Dask worker {worker}: {found.problem}")
        if found.missing:
            raise WorkerError(
                f"the Dask worker {worker} has no {found.missing[0]}: what the inventory names"
                " by path must lie there, too"
            )
        if found.rules != mine:
            raise WorkerError(
                f"the Dask worker {worker} judges by other rules: redislint.yaml and policies"
                " must lie there as they do here"
            )


def _paths(entry: Entry) -> Iterator[str]:
    tls = entry.tls
    password = (entry.password.file,) if entry.password else ()
    yield from filter(None, (entry.host, entry.conf, tls.ca, tls.cert, tls.key, *password))


def _spread(
    client: Any, entries: Sequence[Entry], settings: Settings, before: Before, sink: Sink
) -> None:
    from distributed import as_completed

    name = secrets.token_hex(8)
    asked = json.dumps(messages.settings_out(settings))
    threads = sum(client.nthreads().values())
    size = max(1, min(BATCH, len(entries) // (AHEAD * max(threads, 1))))
    left = enumerate(_batches(iter(entries), before, size))
    batches: dict[str, Sequence[str]] = {}

    def submitted(count: int) -> list[Any]:
        futures = []
        for number, batch in islice(left, count):
            key = f"redislint-audit-{name}-{number}"
            batches[key] = batch
            futures.append(client.submit(audit, name, number, asked, batch, key=key, pure=False))
        return futures

    going = as_completed(submitted(AHEAD * max(threads, 1)), loop=client.loop)
    try:
        for future in going:
            for line in _lines(future, batches.pop(future.key)):
                sink(entry_of(line), line)
            for another in submitted(1):
                going.add(another)
    finally:
        if client.status == "running":
            client.cancel(going.futures)
            client.set_metadata([PLACE, name], {})


def _batches(entries: Iterator[Entry], before: Before, size: int) -> Iterator[Sequence[str]]:
    while some := list(islice(entries, size)):
        yield [json.dumps(messages.entry_out(entry, before(entry))) for entry in some]


def _lines(future: Any, batch: Sequence[str]) -> Sequence[bytes]:
    """The lines of a batch that ended, however. Raises WorkerError where the cluster is gone."""
    from distributed import KilledWorker

    if future.status == "finished":
        lines: Sequence[bytes] = future.result()
        return lines
    if future.cancelled():
        raise WorkerError("the Dask scheduler is gone: --resume continues")
    error = future.exception()
    if isinstance(error, KilledWorker):
        return [line_of_lost(row, LOST) for row in batch]
    said = f": {str(error).splitlines()[0]}" if isinstance(error, _OWN) else ""
    raise WorkerError(f"a Dask worker failed ({type(error).__name__}{said}): --resume continues")
