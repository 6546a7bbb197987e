"""A connection to one server: redis-py's, with limits, and with words for every failure."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Sequence
from inspect import signature
from typing import Any

from redis.asyncio.connection import AbstractConnection, Connection, UnixDomainSocketConnection
from redis.exceptions import RedisError

from redislint.sources.live import failure
from redislint.sources.live.address import Address
from redislint.sources.live.commands import AUTH, Command, allowed
from redislint.sources.live.credentials import Credentials
from redislint.sources.live.errors import LiveError
from redislint.sources.live.names import resolve
from redislint.sources.live.options import LiveOptions
from redislint.sources.live.resp import (
    STARTS,
    LimitedParser,
    NotRedis,
    PeerClosed,
    ServerError,
    TooLarge,
)

_NAMELESS: dict[str, Any] = (
    {"driver_info": None}
    if "driver_info" in signature(AbstractConnection.__init__).parameters
    else {"lib_name": None, "lib_version": None}
)
"""No name of a library, which would be looked up in the packaging metadata for each connection
and is never sent: `_greet_nobody` stands in for the greeting."""


class _Tcp(Connection):
    """A TCP connection that may be told a ready TLS context and the name to verify."""

    tls: ssl.SSLContext | None = None
    server_name = ""

    def _connection_arguments(self) -> dict[str, Any]:
        given: dict[str, Any] = {"host": self.host, "port": self.port}
        if self.tls is not None:
            given |= {"ssl": self.tls, "server_hostname": self.server_name}
        return given


class _Unix(UnixDomainSocketConnection):
    """A connection to a unix socket that says nothing by itself."""

    async def on_connect(self) -> None:
        """Send nothing."""

    async def on_connect_check_health(self, check_health: bool = True) -> None:
        """Send nothing."""


class Client:
    """One connection, used by one reader, one command after the other.

    `errors` counts the error replies received: the server counts them, too.
    """

    def __init__(
        self, address: Address, options: LiveOptions, tls: ssl.SSLContext | None = None
    ) -> None:
        self.address = address
        self.errors = 0
        self.secrets: list[str] = []
        self._options = options
        self._tls = tls
        self._connection: AbstractConnection | None = None
        self._transport: Any = None
        self._parser = LimitedParser()
        self._sent = 0

    async def connect(self) -> None:
        """Connect, verify the certificate. Raises LiveError."""
        limit = self._options.connect_timeout
        try:
            async with asyncio.timeout(limit):
                await self._connect()
        except TimeoutError:
            await self.close()
            raise LiveError("connect", failure.slow_connect(self.address, limit)) from None

    @property
    def local(self) -> bool:
        """Whether the connection leads to this machine: both its ends have one address."""
        if self.address.path or self._transport is None:
            return bool(self.address.path)
        ours, theirs = map(self._transport.get_extra_info, ("sockname", "peername"))
        return bool(ours and theirs and ours[0] == theirs[0])

    async def _connect(self) -> None:
        if self.address.path:
            await self._try(self._connection_to(self.address.path))
            return
        places = await resolve(self.address)
        for host in places[:-1]:
            # An address that leads nowhere must not use up the time of the next one.
            with contextlib.suppress(LiveError, TimeoutError):
                async with asyncio.timeout(self._options.connect_timeout / len(places)):
                    await self._try(self._connection_to(host))
                    return
        await self._try(self._connection_to(places[-1]))

    def _connection_to(self, host: str) -> AbstractConnection:
        common: dict[str, Any] = {
            "parser_class": self._make_parser,
            "protocol": 2,
            "redis_connect_func": _greet_nobody,
            "socket_timeout": self._options.command_timeout,
            "socket_connect_timeout": self._options.connect_timeout,
            **_NAMELESS,
        }
        if self.address.path:
            return _Unix(path=host, **common)
        connection = _Tcp(host=host, port=self.address.port, **common)
        connection.tls = self._tls
        connection.server_name = self._options.tls.server_name or self.address.host
        return connection

    def _make_parser(self, socket_read_size: int) -> LimitedParser:
        self._parser = LimitedParser(socket_read_size)
        self._parser.max_bytes = self._options.max_reply
        self._parser.max_elements = self._options.max_elements
        return self._parser

    async def _try(self, connection: Any) -> None:
        try:
            await connection.connect()
        except (RedisError, OSError) as error:
            await connection.disconnect(nowait=True)
            raise LiveError(
                "tls" if failure.is_tls(error) else "connect",
                failure.no_connection(self.address, error),
            ) from None
        self._connection = connection
        writer = connection._writer
        self._transport = writer.transport if writer else None

    async def authenticate(self, credentials: Credentials) -> bool:
        """Send AUTH where there is a password; whether the server wanted one.

        Raises LiveError when it refuses. Nothing of the server's text is quoted: it may
        repeat the password.
        """
        if credentials.password is None:
            return False
        self.secrets.extend(credentials.secrets)
        arguments = [credentials.password]
        if credentials.username:
            arguments.insert(0, credentials.username)
        try:
            reply = await self.call(AUTH, *arguments)
        except ServerError as error:
            text = error.text.lower()
            if len(arguments) == 2 and "wrong number of arguments" in text:
                return await self.authenticate(Credentials("", credentials.password))
            if failure.wants_no_password(text):
                return False
            if failure.is_refusal_of_client(error.code, text):
                message = failure.refused(self.address, "AUTH", error.code, text)
            else:
                message = failure.refused_password(self.address, error.code)
            raise LiveError("auth", message) from None
        if reply != b"OK":
            raise LiveError("auth", failure.odd_reply(self.address, "AUTH"))
        return True

    async def call(self, command: Command, *arguments: str) -> Any:
        """The reply to a command of the list. Raises ServerError for an error reply of this
        command alone, LiveError where nothing more can be expected of the connection."""
        (reply,) = await self.call_all([(command, arguments)])
        if isinstance(reply, ServerError):
            raise reply
        return reply

    async def call_all(self, calls: Sequence[tuple[Command, tuple[str, ...]]]) -> list[Any]:
        """The replies to several commands that are sent together; an error reply stands as
        a ServerError in its place. Raises LiveError as `call` does."""
        for command, arguments in calls:
            if not allowed(command, arguments):
                raise AssertionError(f"{command.name} is not among the commands of an audit")
        connection = self._connection
        if connection is None:
            raise LiveError("read", self._closed(calls[0][0].name, False))
        packed = connection.pack_commands([(*c.words, *arguments) for c, arguments in calls])
        replies: list[Any] = []
        sending: Awaitable[None] | None = connection.send_packed_command(packed, check_health=False)
        for command, _ in calls:
            self._sent += 1
            replies.append(await self._reply(connection, command, sending))
            sending = None
        return replies

    async def _reply(
        self, connection: AbstractConnection, command: Command, sending: Awaitable[None] | None
    ) -> Any:
        name = command.name
        try:
            if sending is not None:
                await sending
            return await connection.read_response(disable_decoding=True)
        except ServerError as error:
            self.errors += 1
            error.text = failure.one_line(error.text, self.secrets)
            return error
        except PeerClosed as error:
            message = self._closed(name, error.begun)
        except NotRedis as error:
            message = failure.not_redis(self.address, error.first, error.why)
        except TooLarge as error:
            message = failure.too_large(self.address, name, str(error))
        except (RedisError, OSError) as error:
            message = self._interrupted(name, error)
        await self.close()
        raise LiveError("auth" if command is AUTH else "read", message) from None

    def _closed(self, name: str, begun: bool) -> str:
        first = self._sent == 1
        return failure.closed(self.address, name, begun, first, self._may_want_certificate())

    def _may_want_certificate(self) -> bool:
        """From TLS 1.3 on, a server looks at the client's certificate after the handshake."""
        return self._sent == 1 and self._tls is not None and not self._options.tls.cert

    def _interrupted(self, name: str, error: BaseException) -> str:
        """What to say when the network failed: what the peer said before, if anything."""
        left = b"" if self._parser.begun else self._parser.leftover()
        if left.startswith(b"-") and b"\r\n" in left:
            said = ServerError(left[1:].split(b"\r\n", 1)[0].decode("utf-8", "replace"))
            if name == AUTH.name and not failure.is_refusal_of_client(said.code, said.text):
                return failure.refused_password(self.address, said.code)
            text = failure.one_line(said.text, self.secrets)
            return failure.refused(self.address, name, said.code, text)
        if left and left[:1] not in STARTS:
            why = "a reply begins with a byte that no reply begins with"
            return failure.not_redis(self.address, left[:16], why)
        return failure.interrupted(
            self.address,
            name,
            error,
            bool(left) or self._parser.begun,
            self._options.command_timeout,
            self._may_want_certificate(),
        )

    async def close(self) -> None:
        """Close the socket at once, whatever the peer does."""
        connection, self._connection = self._connection, None
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()
        if connection is not None:
            with contextlib.suppress(RedisError, OSError):
                await connection.disconnect(nowait=True)
        await asyncio.sleep(0)  # the event loop closes the socket in its next round


async def _greet_nobody(connection: Any) -> None:
    """Send nothing on connecting: no HELLO, which old servers refuse, no CLIENT SETINFO."""
    connection._parser.on_connect(connection)
    sock = connection._writer.get_extra_info("socket") if connection._writer else None
    if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


async def open_client(
    address: Address,
    options: LiveOptions,
    tls: ssl.SSLContext | None,
    credentials: Credentials,
) -> tuple[Client, bool]:
    """A connected, authenticated client, and whether the server took the password.

    Without a password nothing is sent: the first reply shows whether that was enough.
    """
    client = Client(address, options, tls)
    try:
        await client.connect()
        taken = await client.authenticate(credentials)
    except BaseException:
        await client.close()
        raise
    return client, taken
