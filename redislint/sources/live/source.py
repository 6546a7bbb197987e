"""From URLs to targets: single servers, clusters, and what Sentinels watch."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from redislint.model import AuditError
from redislint.sources.live import commands as c
from redislint.sources.live import failure, topology
from redislint.sources.live.address import Address, LiveUrl, parse_url
from redislint.sources.live.collect import first_info, read_server, within
from redislint.sources.live.credentials import Credentials, find, find_sentinel
from redislint.sources.live.errors import LiveError
from redislint.sources.live.info import Info
from redislint.sources.live.options import LiveOptions
from redislint.sources.live.reading import LiveTarget, Reading
from redislint.sources.live.resp import ServerError
from redislint.sources.live.tls import context
from redislint.sources.live.wire import Client, open_client

SERVER, SENTINEL = "server", "sentinel"

Members = tuple[dict[Address, str], tuple[AuditError, ...]]
"""What each server is, by its address, and what is known to be out of reach."""

_Discovery = Callable[[Client, Info], Coroutine[Any, Any, Members]]

_UNNAMED = "(URL)"
"""What stands for a URL that could not be taken apart, which may hold a password."""


async def read_urls(urls: Sequence[str], options: LiveOptions) -> tuple[Reading, ...]:
    """Every URL, at most `options.concurrency` servers at a time. What cannot be read is in
    `Reading.errors`."""
    room = asyncio.Semaphore(options.concurrency)
    # Passwords are asked for first: while somebody types, the time of a server that is
    # being read would run out.
    prepared = [_prepare(url, options, room) for url in urls]
    return tuple(await asyncio.gather(*map(_finish, prepared)))


def _prepare(text: str, options: LiveOptions, room: asyncio.Semaphore) -> _Reader | Reading:
    name = _UNNAMED
    try:
        url = parse_url(text)
        name = url.uri
        data = find(url, options)
        tls = context(options.tls) if url.seeds[0].tls else None
        return _Reader(url, options, tls, data, room)
    except LiveError as error:
        return _failed(name, error)


async def _finish(prepared: _Reader | Reading) -> Reading:
    if isinstance(prepared, Reading):
        return prepared
    try:
        return await prepared.read()
    except LiveError as error:
        return _failed(prepared.url.uri, error)


def _failed(name: str, error: LiveError) -> Reading:
    return Reading(errors=(AuditError(name, error.stage, error.message),))


@dataclass(frozen=True, slots=True)
class _Reader:
    url: LiveUrl
    options: LiveOptions
    tls: ssl.SSLContext | None
    data: Credentials
    room: asyncio.Semaphore

    async def read(self) -> Reading:
        """Find the members, then read each."""
        attempts: tuple[Credentials, ...] = (self.data,)
        if self.url.kind == "server":
            return await self._all({self.url.seeds[0]: attempts}, ())
        if self.url.kind == "cluster":
            found, problems = await self._from_seeds(_cluster_members, attempts)
            return await self._all(dict.fromkeys(found, attempts), problems)
        own = find_sentinel(self.data)
        found, problems = await self._from_seeds(self._watched, own)
        plan = {place: own if kind == SENTINEL else attempts for place, kind in found.items()}
        return await self._all(plan, problems)

    async def _from_seeds(self, ask: _Discovery, attempts: Sequence[Credentials]) -> Members:
        """What the first seed that answers knows; the seeds before it that did not answer.

        Raises LiveError when none does.
        """
        problems: list[AuditError] = []
        for seed in self.url.seeds:
            work = self._discover(seed, ask, attempts)
            try:
                found, lost = await within(self.options.total_timeout, seed, work)
            except LiveError as error:
                problems.append(AuditError(seed.uri, error.stage, error.message))
                continue
            if len(found) > self.options.max_members:
                raise LiveError(
                    "discover",
                    f"{seed.place} names {len(found)} servers, more than the limit of"
                    f" {self.options.max_members}",
                )
            return found, (*problems, *lost)
        last = problems[-1]
        more = f" (and {len(problems) - 1} more of its addresses)" if len(problems) > 1 else ""
        raise LiveError(last.stage, last.message + more)

    async def _discover(
        self, seed: Address, ask: _Discovery, attempts: Sequence[Credentials]
    ) -> Members:
        client, asked = await open_client(seed, self.options, self.tls, attempts[0])
        try:
            _, info, _ = await first_info(client, attempts, asked)
            return await ask(client, info)
        except ServerError as error:
            said = failure.one_line(error.text)
            raise LiveError("discover", f"{seed.place} does not name its members: {said}") from None
        finally:
            await client.close()

    async def _watched(self, client: Client, info: Info) -> Members:
        """Every Sentinel, primary and replica that a Sentinel knows."""
        seed = client.address
        if "sentinel" not in info.sections:
            raise LiveError("discover", f"{seed.place} is no Sentinel (redis:// for a server)")
        rows = topology.rows(await client.call(c.SENTINEL_MASTERS))
        if self.url.primary:
            rows = [row for row in rows if row.get("name") == self.url.primary]
        if not rows:
            named = f"'{self.url.primary}'" if self.url.primary else "any primary"
            raise LiveError("discover", f"the Sentinel at {seed.place} does not watch {named}")
        found = {seed: SENTINEL}
        for row in rows:
            name = str(row.get("name"))
            others = topology.rows(await client.call(c.SENTINEL_SENTINELS, name))
            replicas = topology.rows(await client.call(c.SENTINEL_SLAVES, name))
            for kind, listed in ((SENTINEL, others), (SERVER, [row, *replicas])):
                places = [topology.place(item, seed) for item in listed]
                found |= {place: kind for place in places if place is not None}
        return found, ()

    async def _all(
        self,
        plan: Mapping[Address, Sequence[Credentials]],
        problems: Iterable[AuditError],
    ) -> Reading:
        results = await asyncio.gather(*(self._one(place, plan[place]) for place in sorted(plan)))
        targets = tuple(result for result in results if isinstance(result, LiveTarget))
        errors = [result for result in results if isinstance(result, AuditError)]
        known = {error.target for error in errors} | {target.target.id for target in targets}
        errors.extend(problem for problem in problems if problem.target not in known)
        return Reading(targets, tuple(errors))

    async def _one(
        self, place: Address, attempts: Sequence[Credentials]
    ) -> LiveTarget | AuditError:
        async with self.room:
            try:
                return await read_server(place, self.options, self.tls, attempts)
            except LiveError as error:
                return AuditError(place.uri, error.stage, error.message)


async def _cluster_members(client: Client, info: Info) -> Members:
    seed = client.address
    if info.text("cluster_enabled") != "1":
        raise LiveError("discover", f"{seed.place} is no cluster node (redis:// for a server)")
    reply = await client.call(c.CLUSTER_NODES)
    nodes = topology.cluster_nodes(reply) if isinstance(reply, bytes) else ()
    if not nodes:
        raise LiveError("discover", failure.odd_reply(seed, c.CLUSTER_NODES.name))
    lost = tuple(
        AuditError(
            f"{seed.uri} node {node.id[:12]}",
            "discover",
            f"{seed.place} has no address of the node {node.id[:12]} of its cluster",
        )
        for node in nodes
        if "noaddr" in node.flags
    )
    return dict.fromkeys(topology.members(nodes, seed), SERVER), lost
