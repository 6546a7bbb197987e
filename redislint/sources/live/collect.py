"""Reading one server: which commands, and what their replies become."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from redislint.model import Server
from redislint.sources.live import commands as c
from redislint.sources.live import failure
from redislint.sources.live.address import Address
from redislint.sources.live.commands import Command
from redislint.sources.live.credentials import Credentials
from redislint.sources.live.errors import LiveError
from redislint.sources.live.identity import Identity, identify
from redislint.sources.live.info import Info, parse_info
from redislint.sources.live.options import LiveOptions
from redislint.sources.live.reading import LiveTarget, Refusal
from redislint.sources.live.resp import ServerError
from redislint.sources.live.topology import rows
from redislint.sources.live.wire import Client, open_client

Call = tuple[Command, tuple[str, ...]]
"""A command and its arguments."""

_VALKEY_AS = (7, 2)
"""The Redis version whose commands every Valkey has."""


@dataclass(frozen=True, slots=True)
class Replies:
    """Everything that one server answered. `asked` says whether it wanted a password."""

    address: Address
    identity: Identity
    info: Info
    by_command: Mapping[str, Any] = field(default_factory=dict)
    refusals: tuple[Refusal, ...] = ()
    asked: bool = False
    second: Info | None = None
    seconds: float = 0.0
    own_errors: int = 0
    local: bool = False

    def refusal(self, command: Command) -> Refusal | None:
        """How the command was refused, None when it was not (or never sent)."""
        return next((r for r in self.refusals if r.command == command.name), None)


async def read_server(
    address: Address,
    options: LiveOptions,
    tls: ssl.SSLContext | None,
    attempts: Sequence[Credentials],
) -> LiveTarget:
    """One server in full, within `options.total_timeout`. Raises LiveError."""
    from redislint.sources.live.target import make_target

    replies = await within(
        options.total_timeout + options.interval,
        address,
        _read(address, options, tls, attempts),
    )
    return make_target(replies)


async def within(limit: float, address: Address, work: Any) -> Any:
    """The result of `work`; LiveError when it takes longer than `limit` seconds."""
    try:
        async with asyncio.timeout(limit):
            return await work
    except TimeoutError:
        raise LiveError("read", failure.slow_target(address, limit)) from None


async def _read(
    address: Address,
    options: LiveOptions,
    tls: ssl.SSLContext | None,
    attempts: Sequence[Credentials],
) -> Replies:
    client, asked = await open_client(address, options, tls, attempts[0])
    try:
        command, info, asked = await first_info(client, attempts, asked)
        taken = time.monotonic()
        identity = identify(info, address.host)
        if identity is None:
            raise LiveError("read", f"{address.place}: INFO names no version; is it Redis?")
        found: dict[str, Any] = {}
        refused: list[Refusal] = []
        await _ask(client, [(command, ()) for command in plan(identity, info)], found, refused)
        if identity.mode == "sentinel":
            await _ask(client, watched(found), found, refused)
        elif c.ACL_LIST.name not in found and c.ACL_WHOAMI.name in found:
            await _ask(client, [(c.ACL_GETUSER, ())], found, refused)
        second, seconds, own = None, 0.0, client.errors
        if options.interval > 0:
            await asyncio.sleep(max(options.interval - (time.monotonic() - taken), 0))
            second = parse_info(await _text(client, command))
            seconds = time.monotonic() - taken
        return Replies(
            address,
            identity,
            info,
            found,
            tuple(refused),
            asked,
            second,
            seconds,
            own,
            client.local,
        )
    finally:
        await client.close()


async def first_info(
    client: Client, attempts: Sequence[Credentials], asked: bool
) -> tuple[Command, Info, bool]:
    """INFO in the form that this server knows, and whether it wanted a password.

    Before 6.0 `INFO everything` is empty; Sentinel 2.8 and 3.0 know only plain `INFO`.
    """
    waiting = list(attempts[1:])
    refusal: ServerError | None = None
    for command in (c.INFO_EVERYTHING, c.INFO_ALL, c.INFO):
        try:
            reply = await _text(client, command)
        except ServerError as error:
            if error.code == "NOAUTH" and waiting:
                asked = await client.authenticate(waiting.pop(0)) or asked
                return await first_info(client, [Credentials(), *waiting], asked)
            refusal = refusal or error
            about_client = failure.is_refusal_of_client(error.code, error.text)
            if error.code != "ERR" or about_client or "unknown command" in error.text.lower():
                break
            continue
        info = parse_info(reply)
        if "redis_version" in info.fields or "valkey_version" in info.fields:
            client.errors = 0
            return command, info, asked
    if refusal is None:
        raise LiveError("read", f"{client.address.place}: INFO names no version; is it Redis?")
    stage = "auth" if refusal.code == "NOAUTH" else "read"
    said = failure.refused(client.address, "INFO", refusal.code, refusal.text)
    raise LiveError(stage, said)


async def _text(client: Client, command: Command) -> bytes:
    reply = await client.call(command)
    if not isinstance(reply, bytes):
        raise LiveError("read", failure.odd_reply(client.address, command.name))
    return reply


def plan(identity: Identity, info: Info) -> list[Command]:
    """The commands for a server: those that its version knows and its mode has."""
    if identity.mode == "sentinel":
        wanted = [c.SENTINEL_MASTERS, c.SENTINEL_CONFIG]
    else:
        wanted = [c.CONFIG_GET, c.ACL_WHOAMI, c.ACL_LIST, c.MODULE_LIST]
        if info.text("cluster_enabled") == "1":
            wanted += [c.CLUSTER_INFO, c.CLUSTER_NODES]
        wanted += [c.LATENCY_LATEST, c.SLOWLOG_LEN, c.TIME]
    known = knows(identity.server)
    return [command for command in wanted if command.since <= known]


def knows(server: Server) -> tuple[int, int]:
    """The Redis version whose commands a server has."""
    if server.engine == "valkey":
        return _VALKEY_AS
    major, minor = (*server.version, 0)[:2]
    return major, minor


async def _ask(
    client: Client, calls: Sequence[Call], found: dict[str, Any], refused: list[Refusal]
) -> None:
    """Put the replies into `found`, by the words of the command, and what was refused."""
    if not calls:
        return
    for (command, arguments), reply in zip(calls, await client.call_all(calls), strict=True):
        if isinstance(reply, ServerError):
            refused.append(Refusal(command.name, reply.code, reply.text))
        else:
            found[" ".join((command.name, *arguments))] = reply


def watched(found: Mapping[str, Any]) -> list[Call]:
    """What to ask a Sentinel about each primary that it watches."""
    names = [row.get("name") for row in rows(found.get(c.SENTINEL_MASTERS.name))]
    return [
        (command, (name,))
        for name in names
        if isinstance(name, str) and name
        for command in (c.SENTINEL_SLAVES, c.SENTINEL_SENTINELS)
    ]
