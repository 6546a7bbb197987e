"""TLS in front of a plain server, for servers that were built without it."""

from __future__ import annotations

import asyncio
import contextlib
import ssl

from tests.support.resp_stub import Handler, Peer


def to(port: int) -> Handler:
    """Passes everything on to a plain port of this machine, and back."""

    async def serve(peer: Peer) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            await asyncio.gather(_pump(peer.reader, writer), _pump(reader, peer.writer))
        finally:
            writer.close()

    return serve


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, ssl.SSLError):
        while data := await source.read(1 << 16):
            sink.write(data)
            await sink.drain()
        sink.close()
