"""Reading one reply of a server that may send anything, within limits.

Takes RESP2 and, from servers that speak nothing else, the types of RESP3. redis-py calls
an object of this class as its parser.
"""

from __future__ import annotations

from asyncio import IncompleteReadError, LimitOverrunError, StreamReader
from typing import Any

from redis.exceptions import ResponseError

MAX_LINE = 1 << 16
MAX_DEPTH = 9
STARTS = frozenset(bytes([byte]) for byte in b"+-:$*_#,(!=%~>|")
"""The bytes that a reply may begin with."""


class ServerError(ResponseError):
    """An error reply. `code` is its first word in upper case (NOPERM, ERR, ...)."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text
        self.code = text.partition(" ")[0].upper()


class PeerClosed(Exception):
    """The peer ended the connection. `begun`: within a reply."""

    def __init__(self, begun: bool) -> None:
        super().__init__("connection closed")
        self.begun = begun


class NotRedis(Exception):
    """What came is not the Redis protocol. `first`: the first bytes, for telling what it is."""

    def __init__(self, first: bytes, why: str) -> None:
        super().__init__(why)
        self.first = first
        self.why = why


class TooLarge(Exception):
    """A reply beyond a limit; the text says what and which, in one phrase."""


class LimitedParser:
    """Reads replies from a stream: at most `max_bytes` and `max_elements` for each.

    `begun` says whether any byte of the current reply has come.
    """

    max_bytes = 1 << 24
    max_elements = 200_000

    def __init__(self, socket_read_size: int = 0) -> None:
        self._stream: StreamReader | None = None
        self._bytes = self._elements = 0
        self.begun = False
        self.replies = 0

    def on_connect(self, connection: Any) -> None:
        """Take the stream of a connection that was just made."""
        self._stream = connection._reader

    def on_disconnect(self) -> None:
        """Nothing: what came before the end may still say why it ended."""

    def leftover(self) -> bytes:
        """What came and was not read, when the connection failed before it could be."""
        return bytes(getattr(self._stream, "_buffer", b""))

    async def can_read(self) -> bool:
        """Never asked of a connection that is used once."""
        return False

    async def read_response(self, disable_decoding: bool = True, **_: Any) -> Any:
        """One reply: bytes, int, float, bool, None, list; an error reply as ServerError.

        Raises PeerClosed, NotRedis, TooLarge.
        """
        self._bytes = self._elements = 0
        self.begun = False
        reply = await self._value(0)
        self.replies += 1
        return reply

    async def _value(self, depth: int) -> Any:
        line = await self._line()
        kind, rest = line[:1], line[1:]
        if kind == b"+":
            return rest
        if kind == b"-":
            return ServerError(rest.decode("utf-8", "replace"))
        if kind == b":":
            return self._number(line)
        if kind in b"$=!" and kind:
            return await self._bulk(kind, line)
        if kind in b"*%~>|" and kind:
            return await self._several(kind, line, depth)
        if kind == b"_" and not rest:
            return None
        if kind == b"#" and rest in (b"t", b"f"):
            return rest == b"t"
        if kind in b",(" and kind:
            return rest
        raise NotRedis(line[:16], "a reply begins with a byte that no reply begins with")

    async def _bulk(self, kind: bytes, line: bytes) -> Any:
        length = self._number(line)
        if length == -1:
            return None
        if length < 0:
            raise NotRedis(line[:16], "a text of negative length")
        data = await self._exactly(length + 2)
        if data[-2:] != b"\r\n":
            raise NotRedis(line[:16], "a text does not end where it should")
        data = data[:-2]
        if kind == b"!":
            return ServerError(data.decode("utf-8", "replace"))
        return data[4:] if kind == b"=" and data[3:4] == b":" else data

    async def _several(self, kind: bytes, line: bytes, depth: int) -> Any:
        count = self._number(line)
        if count == -1:
            return None
        if count < 0:
            raise NotRedis(line[:16], "a list of negative length")
        if depth >= MAX_DEPTH:
            raise TooLarge(f"lists nested deeper than {MAX_DEPTH}")
        count *= 2 if kind in b"%|" else 1
        self._elements += count
        if self._elements > self.max_elements:
            raise TooLarge(f"more than {self.max_elements} elements")
        values = [await self._value(depth + 1) for _ in range(count)]
        if kind in b">|":  # a push or an attribute stands in front of the reply
            return await self._value(depth)
        return values

    def _number(self, line: bytes) -> int:
        digits = line[2:] if line[1:2] == b"-" else line[1:]
        if not digits.isdigit() or len(digits) > 20:
            raise NotRedis(line[:16], "a length or number that is none")
        return int(line[1:])

    async def _line(self) -> bytes:
        stream = self._open()
        try:
            line = await stream.readuntil(b"\n")
        except IncompleteReadError as error:
            self.begun = self.begun or bool(error.partial)
            if error.partial and not self._bytes and error.partial[:1] not in STARTS:
                raise NotRedis(error.partial[:16], "it ends without a line") from None
            raise PeerClosed(self.begun) from None
        except LimitOverrunError:
            first = await stream.read(16)
            raise NotRedis(first, f"a line longer than {MAX_LINE} bytes") from None
        self.begun = True
        self._count(len(line))
        if not line.endswith(b"\r\n"):
            raise NotRedis(line[:16], "a line does not end in CR LF")
        return line[:-2]

    async def _exactly(self, size: int) -> bytes:
        self._count(size)
        try:
            return await self._open().readexactly(size)
        except IncompleteReadError:
            raise PeerClosed(True) from None

    def _count(self, size: int) -> None:
        self._bytes += size
        if self._bytes > self.max_bytes:
            raise TooLarge(f"more than {self.max_bytes} bytes")

    def _open(self) -> StreamReader:
        if self._stream is None:
            raise PeerClosed(self.begun)
        return self._stream
