"""A server on a real socket that answers what a test tells it, and remembers what it heard.

Not a stand-in for Redis where rules are judged: it replays what real servers answered, or
misbehaves on purpose.
"""

from __future__ import annotations

import asyncio
import contextlib
import fnmatch
import json
import ssl
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Self

Handler = Callable[["Peer"], Awaitable[None]]


class Peer:
    """One connection as the stub sees it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def command(self) -> list[bytes] | None:
        """The next command, None at the end of the connection."""
        line = await self.reader.readline()
        if not line.startswith(b"*"):
            return None
        words = []
        for _ in range(int(line[1:])):
            size = int((await self.reader.readline())[1:])
            words.append((await self.reader.readexactly(size + 2))[:-2])
        return words

    async def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """End the connection with a TCP reset."""
        import socket
        import struct

        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


class Stub:
    """Runs `handler` for each connection, in a thread of its own; a context manager.

    `port` is where it listens on 127.0.0.1, unless `path` names a unix socket. `open` is
    the number of connections that have not ended.
    """

    def __init__(
        self, handler: Handler, *, tls: ssl.SSLContext | None = None, path: str | None = None
    ) -> None:
        self._handler = handler
        self._tls = tls
        self._path = path
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.connections = 0
        self.open = 0

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def wait_closed(self, seconds: float = 3.0) -> bool:
        """Whether every client has let go of its socket within that time."""
        import time

        end = time.monotonic() + seconds
        while self.open and time.monotonic() < end:
            time.sleep(0.01)
        return not self.open

    async def _start(self) -> None:
        if self._path:
            self._server = await asyncio.start_unix_server(self._serve, self._path)
            return
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        self.open += 1
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await self._handler(Peer(reader, writer))
                await reader.read()  # until the client lets go
        except asyncio.CancelledError:
            pass
        finally:
            self.open -= 1
            self._tasks.discard(task)
            writer.transport.abort()


def encode(value: Any) -> bytes:
    """A recorded reply on the wire: text, number, null, list, object, `{"error": text}`."""
    if value is None:
        return b"$-1\r\n"
    if isinstance(value, bool):
        return b":%d\r\n" % value
    if isinstance(value, int):
        return b":%d\r\n" % value
    if isinstance(value, str):
        data = value.encode()
        return b"$%d\r\n%s\r\n" % (len(data), data)
    if isinstance(value, dict):
        if set(value) == {"error"}:
            return b"-%s\r\n" % value["error"].encode()
        value = [item for pair in value.items() for item in pair]
    return b"*%d\r\n%s" % (len(value), b"".join(map(encode, value)))


class Recording:
    """One recorded state, answering as the server did.

    `heard` collects the commands, upper case for the command words. From the second INFO
    that says anything on, the second sample is served where there is one.
    """

    def __init__(self, source: Path | str, *, directory: str = "/data") -> None:
        """`source`: a file, or the text of one."""
        text = source.read_text(encoding="utf-8") if isinstance(source, Path) else source
        text = text.replace("{{DIR}}", directory)
        self.record: dict[str, Any] = json.loads(text)
        self.heard: list[list[str]] = []
        self.authenticated = "replies_unauthenticated" not in self.record
        self._infos = 0
        self._replies = self.record["replies"]

    @property
    def credentials(self) -> list[tuple[str, str]]:
        """Users with passwords in the recorded configuration, the first one first."""
        found = []
        for line in (self.record["conf"] or "").splitlines():
            words = line.split()
            if words[:1] == ["requirepass"]:
                found.append(("default", words[1].strip('"')))
            if words[:1] == ["user"]:
                found.extend((words[1], word[1:]) for word in words if word.startswith(">"))
        return found

    async def serve(self, peer: Peer) -> None:
        """Answer until the client leaves."""
        while (words := await peer.command()) is not None:
            await peer.send(encode(self.answer([word.decode() for word in words])))

    def answer(self, words: list[str]) -> Any:
        """The reply to a command."""
        self.heard.append(words)
        upper = [word.upper() for word in words]
        if upper[0] == "AUTH":
            return self._auth(words)
        replies = self._replies
        if not self.authenticated:
            replies = self.record["replies_unauthenticated"]
        if upper[0] == "INFO" and len(words) <= 2:
            return self._info(words[1].lower() if len(words) > 1 else "", replies)
        if upper[:2] == ["CONFIG", "GET"]:
            return _config(words[2:], replies.get("CONFIG GET *"))
        wanted = " ".join(words).lower()
        for name, reply in replies.items():
            if name.lower() == wanted:
                return reply
        return {"error": f"ERR unknown command '{words[0]}'"}

    def _auth(self, words: list[str]) -> Any:
        user = words[1] if len(words) > 2 else "default"
        if not self.credentials:
            return {"error": "ERR Client sent AUTH, but no password is set"}
        if (user, words[-1]) not in self.credentials:
            return {"error": "WRONGPASS invalid username-password pair or user is disabled."}
        self.authenticated = True
        return "OK"

    def _info(self, section: str, replies: dict[str, Any]) -> Any:
        key = f"INFO {section}".strip()
        recorded = replies.get(key)
        if recorded is None and not section:
            recorded = next(
                (r for n in ("INFO everything", "INFO all") if _says((r := replies.get(n)))), ""
            )
        if not isinstance(recorded, str):
            return recorded if recorded is not None else "\n"
        if not _says(recorded):
            return "\r\n"
        self._infos += 1
        second = self.record.get("second_sample")
        if self._infos > 1 and second:
            recorded = _merged(recorded, second)
        return recorded.replace("\n", "\r\n")


def _says(text: Any) -> bool:
    return isinstance(text, str) and "redis_version" in text


def _merged(first: str, second: dict[str, Any]) -> str:
    replaced = _sections(next(iter(second["replies"].values())))
    return "".join(replaced.get(name, body) for name, body in _sections(first).items())


def _sections(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines(keepends=True):
        if line.startswith("# "):
            name = line
        found[name] = found.get(name, "") + line
    return found


def _config(patterns: list[str], everything: Any) -> Any:
    if not isinstance(everything, dict) or set(everything) == {"error"}:
        return everything if everything is not None else {"error": "ERR unknown command"}
    return {
        name: value
        for name, value in everything.items()
        if any(fnmatch.fnmatchcase(name, pattern.lower()) for pattern in patterns)
    }
