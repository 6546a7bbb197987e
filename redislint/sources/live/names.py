"""Host names to addresses, without a thread that outlives its usefulness.

asyncio resolves names in a pool whose threads it waits for at the end: a name server
that is silent would hold up the end of the program.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from ipaddress import ip_address

from redislint.sources.live.address import Address
from redislint.sources.live.errors import LiveError

_MOST = 4
"""Addresses of one name that are tried."""


async def resolve(address: Address) -> list[str]:
    """The addresses of a host, in the system's order. Raises LiveError."""
    if _is_numeric(address.host):
        return [address.host]
    loop = asyncio.get_running_loop()
    done: asyncio.Future[list[str]] = loop.create_future()

    def deliver(found: list[str] | None) -> None:
        if not done.done():
            done.set_result(found or [])

    def look_up() -> None:
        found = _addresses(address)
        if not loop.is_closed():
            loop.call_soon_threadsafe(deliver, found)

    threading.Thread(target=look_up, daemon=True).start()
    found = await done
    if not found:
        raise LiveError("connect", f"the host name '{_shown(address.host)}' is not known")
    return found


def _is_numeric(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _addresses(address: Address) -> list[str]:
    try:
        rows = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(row[4][0]) for row in rows))[:_MOST]


def _shown(host: str) -> str:
    return host if len(host) <= 80 else f"{host[:79]}…"
