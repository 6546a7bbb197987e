"""Auditing one entry of an inventory after another: read it, hold it against the rules, and
say what became of each of its targets."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from redislint.audit.failures import unforeseen
from redislint.audit.hosts import Hosts
from redislint.audit.inputs import ServerInputs
from redislint.audit.report import Report, UsageError
from redislint.audit.run import Auditor
from redislint.facts.rates import Counters, counters
from redislint.fleet import records
from redislint.fleet.model import Entry, Record, Secret, moment
from redislint.fleet.secrets import SecretError, fetch
from redislint.fleet.threads import Threads
from redislint.model import AuditError
from redislint.policy.errors import PolicyError
from redislint.sources.live.options import LiveOptions, TlsOptions
from redislint.sources.live.reading import LiveTarget, Reading

if TYPE_CHECKING:
    from redislint.sources.cloud.options import CloudOptions

DEADLINES = {"live": 30.0, "cloud": 120.0, "file": 60.0}
"""Seconds for everything about a target, by kind, where the inventory says nothing."""

ATTEMPTS = 3
PAUSE = 0.5
"""Seconds before the second attempt on average; twice as many before the third."""

ANYWAY = 4
"""Servers that are read at the same time however busy this process is."""

CALM = 0.01
"""Seconds for everything that is ready at one moment, up to which this process keeps up."""

SECRETS = 16
"""Secrets that are fetched at the same time: a command may start a whole interpreter."""

_WORTH_IT = 0.2
"""Seconds that must be left for another attempt to make sense."""


class Settings(NamedTuple):
    """What holds for a whole run, in a form that goes to other processes. `folder` is that of
    the inventory; `concurrency` how many servers are read at the same time in one process,
    `threads` how many clouds; `timeout` (seconds) bounds targets that say nothing of their
    own, 0 for the default of their kind."""

    folder: str
    profile: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    config: str = ""
    waivers: bool = True
    concurrency: int = 64
    threads: int = 8
    timeout: float = 0.0
    attempts: int = ATTEMPTS


def auditor_of(settings: Settings) -> Auditor:
    """The rules of a run. Raises PolicyError and UsageError for what makes none."""
    return Auditor(
        settings.folder,
        profile=settings.profile or None,
        select=settings.select,
        ignore=settings.ignore,
        policies=settings.policies,
        config=settings.config or None,
        waivers=settings.waivers,
    )


class Auditing:
    """Audits entries, many at a time in one event loop, with rules that are made once."""

    def __init__(self, settings: Settings) -> None:
        """Raises PolicyError and UsageError for what makes no rules."""
        self.settings = settings
        self._auditor = auditor_of(settings)
        self.judge = self._auditor.judge
        """The rules that are held against what no redislint.yaml of its own has."""
        self._hosts: dict[str, Hosts] = {}
        self._room = asyncio.Semaphore(settings.concurrency)
        self._gate = asyncio.Lock()
        self._reading = 0
        self._cloud_room = asyncio.Semaphore(settings.threads)
        self._clouds = Threads(settings.threads)
        self._fetchers = Threads(SECRETS)
        self._fetching: dict[Secret, asyncio.Future[str]] = {}

    async def audit(
        self, entry: Entry, before: Mapping[str, Counters] = MappingProxyType({})
    ) -> tuple[Record, ...]:
        """The records of an entry, at least one; it never raises for the target's sake.
        `before`: counters of the last run, by target."""
        if entry.kind == "live":
            async with self._room:
                await self._turn()
                self._reading += 1
                try:
                    return await _ended(entry, lambda: self._live(entry, before))
                finally:
                    self._reading -= 1
        if entry.kind == "cloud":
            async with self._cloud_room:
                return await _ended(entry, lambda: self._cloud(entry))
        return await _ended(entry, lambda: self._file(entry))

    async def _turn(self) -> None:
        """Wait until this process keeps up with the servers that it reads: the time that a
        server has is to measure the server, not how much there is to do here."""
        async with self._gate:
            while self._reading >= ANYWAY:
                begun = time.monotonic()
                await asyncio.sleep(0)
                if time.monotonic() - begun < CALM:
                    return

    def _deadline(self, entry: Entry) -> float:
        return entry.timeout or self.settings.timeout or DEADLINES[entry.kind]

    async def _live(self, entry: Entry, before: Mapping[str, Counters]) -> tuple[Record, ...]:
        at, start = moment(), time.monotonic()
        options = await self._options(entry)
        reading, attempts = await self._read(entry, options, start)
        look = records.Look(at, time.monotonic() - start, attempts, *_told(reading))
        report = self._judge_live(entry, options, reading, before)
        return records.of_report(entry, report, look)

    async def _options(self, entry: Entry) -> LiveOptions:
        password = None
        if entry.password is not None:
            password = await self._secret(entry.password)
        limit, tls, usual = self._deadline(entry), entry.tls, LiveOptions()
        return LiveOptions(
            username=entry.user,
            password=password,
            tls=TlsOptions(
                ca=tls.ca,
                cert=tls.cert,
                key=tls.key,
                server_name=tls.server_name,
                verify=tls.verify,
            ),
            connect_timeout=min(usual.connect_timeout, limit),
            command_timeout=min(usual.command_timeout, limit),
            total_timeout=limit,
            interval=entry.interval,
        )

    async def _secret(self, secret: Secret) -> str:
        """The secret. Entries that want the same one at the same time share one look-up;
        it is not kept for those that come later. Raises SecretError."""
        fetching = self._fetching.get(secret)
        if fetching is None:
            loop = asyncio.get_running_loop()
            fetching = loop.run_in_executor(self._fetchers, fetch, secret)
            self._fetching[secret] = fetching
            fetching.add_done_callback(lambda _: self._fetching.pop(secret, None))
        return await asyncio.shield(fetching)

    async def _read(self, entry: Entry, options: LiveOptions, start: float) -> tuple[Reading, int]:
        """What was read, and in how many attempts. Only what may pass is tried again, and only
        while the target's time lasts."""
        from redislint.sources.live import failure, read_targets

        limit = options.total_timeout + options.interval
        for attempt in range(1, self.settings.attempts + 1):
            left = limit - (time.monotonic() - start)
            try:
                # Several servers behind one URL are read side by side, each in its own time.
                async with asyncio.timeout(None if entry.seed else left):
                    reading = await read_targets(entry.where, options)
            except TimeoutError:
                name = records.shown(entry)
                said = f"{name} was not read within {limit:g}s, the limit for one target"
                return Reading(errors=(AuditError(name, "read", said),)), attempt
            passing = [one for one in reading.errors if failure.may_pass(one.message)]
            pause = random.uniform(0.5, 1.5) * PAUSE * attempt
            left = limit - (time.monotonic() - start) - pause
            if not passing or reading.targets or left < _WORTH_IT:
                break
            if attempt < self.settings.attempts:
                await asyncio.sleep(pause)
        return reading, attempt

    def _judge_live(
        self,
        entry: Entry,
        options: LiveOptions,
        reading: Reading,
        before: Mapping[str, Counters],
    ) -> Report:
        if entry.host not in self._hosts:
            self._hosts[entry.host] = Hosts.of(entry.host or None)
        asked = ServerInputs(
            options,
            conf=entry.conf or None,
            hosts=self._hosts[entry.host],
            readings={entry.where: reading},
            before=before,
        )
        return self._auditor.check(entry.where, said=declared(entry), asked=asked)

    async def _file(self, entry: Entry) -> tuple[Record, ...]:
        return self._still(entry, None)

    async def _cloud(self, entry: Entry) -> tuple[Record, ...]:
        from redislint.sources.cloud.options import CloudOptions

        options = CloudOptions(roles=entry.accounts, timeout=self._deadline(entry))
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._clouds, self._still, entry, options)

    def _still(self, entry: Entry, cloud: CloudOptions | None) -> tuple[Record, ...]:
        """The records of files, and of managed caches, which are read by threads."""
        at, start = moment(), time.monotonic()
        report = self._auditor.check(
            entry.where, said=declared(entry), server=entry.server or None, cloud=cloud
        )
        return records.of_report(entry, report, records.Look(at, time.monotonic() - start))


async def _ended(
    entry: Entry, audit: Callable[[], Awaitable[tuple[Record, ...]]]
) -> tuple[Record, ...]:
    """What `audit` gives, or the record of its failure: no target costs the others theirs."""
    at, start = moment(), time.monotonic()
    try:
        return await audit()
    except SecretError as error:
        stage, message = "credentials", str(error)
    except UsageError as error:
        stage, message = "inventory", str(error)
    except PolicyError as error:
        more = len(error.problems) - 1
        stage, message = "policy", f"{error.problems[0]}{f' (and {more} more)' if more else ''}"
    except Exception as error:
        stage, message = "internal", unforeseen(error)
    return records.of_failure(entry, stage, message, records.Look(at, time.monotonic() - start))


def declared(entry: Entry) -> dict[str, str]:
    """What an entry declares about its target, as texts by key."""
    texts = {
        "workload": ",".join(entry.workload),
        "environment": entry.environment,
        "rpo": entry.rpo,
        "rto": entry.rto,
    }
    return {key: text for key, text in texts.items() if text}


def _told(reading: Reading) -> tuple[dict[str, str], dict[str, Counters]]:
    """What servers did not tell, and the counters of those that told them, by target."""
    refused: dict[str, str] = {}
    found: dict[str, Counters] = {}
    for one in reading.targets:
        why = _refused(one)
        if why:
            refused[one.target.id] = why
        clock = one.target.facts.get("server.time")
        if clock is not None:
            found[one.target.id] = counters((one.second or one.info).fields, clock.value)
    return refused, found


def _refused(server: LiveTarget) -> str:
    """Why a server was read only partly, "" where all that it has was told. A command that it
    does not know is no refusal: services hide some on purpose."""
    denied = [refusal.command for refusal in server.refusals if not refusal.hidden]
    if denied:
        return f"this user may not run {', '.join(denied)}"
    return server.configuration.unknown or ""
