"""One `redislint fleet`: the inventory read, its entries audited into a journal, the report."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

from redislint.audit.report import UsageError
from redislint.facts.rates import Counters
from redislint.fleet import inventory, journal
from redislint.fleet.assemble import Mentioned, told
from redislint.fleet.auditing import Settings, auditor_of
from redislint.fleet.discovery import discover
from redislint.fleet.inventory import check_workloads
from redislint.fleet.model import Entry, FleetReport, Run, Secret, moment
from redislint.fleet.progress import Progress
from redislint.fleet.run import Sink, processes_for, run
from redislint.fleet.secrets import SecretError, fetch
from redislint.policy.reading import read_bytes
from redislint.version import VERSION

if TYPE_CHECKING:
    from redislint.fleet.history import History

NO_HISTORY = "none"

KEPT = 20
"""Journals that stay beside an inventory: enough to render a past run again."""


class Request(NamedTuple):
    """What is asked for. `inventory` and `journal` are paths as they were given, `journal` ""
    for a new one in the folder of runs; `processes` 0 and `timeout` 0 (seconds) for the
    defaults; `history` is the URL or path of the history, NO_HISTORY for none, "" for what the
    inventory says; `scheduler` the address of a Dask cluster that audits, "" for this machine; the
    rest is as in `Settings`."""

    inventory: str
    journal: str = ""
    resume: bool = False
    concurrency: int = 128
    processes: int = 0
    timeout: float = 0.0
    profile: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    config: str = ""
    waivers: bool = True
    quiet: bool = False
    history: str = ""
    scheduler: str = ""


class Session:
    """A run from its inventory to its report; use as a context manager."""

    def __init__(self, request: Request) -> None:
        """Reads the inventory, opens history and journal. Raises PolicyError, JournalError,
        HistoryError and UsageError."""
        self._request = request
        self._inventory = inventory.load(request.inventory)
        found = discover(self._inventory, request.inventory)
        self._entries = found.entries
        self._settings = Settings(
            folder=self._inventory.folder,
            profile=request.profile,
            select=request.select,
            ignore=request.ignore,
            policies=request.policies,
            config=request.config,
            waivers=request.waivers,
            concurrency=request.concurrency,
            timeout=request.timeout,
        )
        self._judge = auditor_of(self._settings).judge
        check_workloads(self._entries, self._judge.workloads, request.inventory)
        self.interrupted = False
        self.failed = ""
        """Why the history did not take this run: one line."""
        self.notices: list[str] = [*found.notices, *self._judge.rules.notices]
        self._mentioned = Mentioned()
        self._history = self._past()
        try:
            self._journal, self._loaded = self._open()
        except BaseException:
            self._close_history()
            raise
        self._ended = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._journal.close()
        self._close_history()

    def audit(self) -> None:
        """Audit what the journal does not have yet. `interrupted` says whether somebody
        stopped it."""
        done = self._loaded.done
        left = [entry for entry in self._entries if entry.name not in done]
        total = len(self._entries)
        with Progress(total, total - len(left), quiet=self._request.quiet) as progress:

            def finished(name: str, line: bytes) -> None:
                self._journal.add(line)
                self._mentioned.add(line)
                progress.advance()

            try:
                with _stoppable():
                    self._audit(left, finished)
            except KeyboardInterrupt:
                self.interrupted = True
        if not self.interrupted:
            self._ended = moment()
            self._journal.end({"at": self._ended, "entries": total})

    @property
    def fail_on(self) -> str:
        """The least severity that fails, as redislint.yaml says."""
        project = self._judge.project
        return (project.fail_on if project else "") or "warning"

    @property
    def fail_on_unknown(self) -> bool:
        """Whether rules that lack facts fail, as redislint.yaml says."""
        project = self._judge.project
        return bool(project and project.fail_on_unknown)

    def _audit(self, left: Sequence[Entry], finished: Sink) -> None:
        if self._request.scheduler:
            from redislint.fleet.dask import run_on

            run_on(self._request.scheduler, left, self._settings, self._before, finished)
            return
        processes = self._request.processes or processes_for(len(left))
        asyncio.run(run(left, self._settings, self._before, finished, processes))

    def report(self) -> FleetReport:
        """The report of what is finished, which the history takes in. `failed` says why it could
        not."""
        head = self._loaded.head
        this = Run(head.run, head.started, self._ended, head.path, head.name, head.version)
        infos = {rule: one.info for rule, one in self._judge.rules.rules.items()}
        report = FleetReport(
            this,
            journal.Records(self._journal.path),
            complete=not self.interrupted,
            rules=told(infos, self._mentioned.rules),
            notices=tuple(self.notices),
        )
        return report if self._history is None else self._with_past(report, self._history)

    def _with_past(self, report: FleetReport, history: History) -> FleetReport:
        """The report with what the history knows. Without it, what was read still counts."""
        from redislint.fleet.history import HistoryError

        chosen = self._judge.rules.chosen
        try:
            changes = history.take(report.run, report.records, report.complete, chosen)
            history.retain(self._inventory.keep)
        except HistoryError as error:
            self.failed = f"this run is not in the history: {error}"
            self.notices.append(self.failed)
            return report._replace(notices=tuple(self.notices))
        self.notices += changes.notices
        return report._replace(**{**changes._asdict(), "notices": tuple(self.notices)})

    def _before(self, entry: Entry) -> Mapping[str, Counters]:
        """The counters that the last run saw, for rates since then."""
        if self._history is None or entry.kind != "live" or entry.interval:
            return {}
        return {
            target: Counters({"run_id": found["run_id"], **found["values"]}, found["at"])
            for target, found in self._history.counters_of(entry.name).items()
        }

    def _past(self) -> History | None:
        setting = self._request.history or self._inventory.history
        if setting == NO_HISTORY:
            return None
        from redislint.fleet.history import History, located

        if isinstance(setting, Secret):
            try:
                setting = fetch(setting)
            except SecretError as error:
                raise UsageError(f"{self._request.inventory}: 'history': {error}") from None
        beside = "-" if self._request.history else self._inventory.path
        return History.open(located(setting, beside), self._name)

    def _close_history(self) -> None:
        if self._history is not None:
            self._history.close()

    @property
    def _name(self) -> str:
        """What the fleet is called."""
        return os.path.splitext(os.path.basename(self._inventory.path))[0]

    def _open(self) -> tuple[journal.Journal, journal.Loaded]:
        asked = journal.digest(
            read_bytes(self._inventory.path, self._request.inventory, inventory.LARGEST)
        )
        if self._request.resume:
            return self._resumed(asked)
        started = datetime.now(UTC)
        # Milliseconds, so that runs sort by their ids even where one follows at once.
        run_id = f"{started:%Y%m%dT%H%M%S}{started.microsecond // 1000:03}Z-{secrets.token_hex(2)}"
        head = journal.Head(run_id, moment(), asked, self._name, self._request.inventory, VERSION)
        path = self._request.journal or self._new_path(run_id)
        opened = journal.Journal.create(path, head)
        return opened, journal.Loaded(head, frozenset(), None, 0)

    def _resumed(self, asked: str) -> tuple[journal.Journal, journal.Loaded]:
        path = self._request.journal or self._last()
        loaded = journal.read(path)
        if loaded.end is not None:
            raise UsageError(f"{path}: that run ended; start a new one without --resume")
        if loaded.head.inventory != asked:
            raise UsageError(
                f"{path}: {self._request.inventory} is not what it was when that run began;"
                " start a new one without --resume"
            )
        with open(path, "rb") as file:
            for line in file:
                self._mentioned.add(line)
        return journal.Journal.resume(path, loaded), loaded

    @property
    def _folder(self) -> str:
        return f"{os.path.splitext(self._inventory.path)[0]}.runs"

    def _new_path(self, run_id: str) -> str:
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            for old in self._journals()[: -(KEPT - 1)]:
                with suppress(FileNotFoundError):  # another run was quicker
                    os.unlink(old)
        except OSError as error:
            reason = (error.strerror or "cannot be used").lower()
            raise journal.JournalError(
                f"{self._folder}: {reason}; --journal names another place"
            ) from None
        return os.path.join(self._folder, f"{run_id}.jsonl")

    def _journals(self) -> list[str]:
        """Paths of the runs that are kept, the oldest first."""
        names = sorted(name for name in os.listdir(self._folder) if name.endswith(".jsonl"))
        return [os.path.join(self._folder, name) for name in names]

    def _last(self) -> str:
        found = self._journals() if os.path.isdir(self._folder) else []
        if not found:
            raise UsageError(
                f"there is no run of {self._request.inventory} to resume in {self._folder}"
            )
        return found[-1]


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let SIGTERM (a service that is stopped, a job whose time is over) do what Ctrl-C does:
    what is finished is reported."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
