"""Peers that misbehave, each with words of the one line that it is worth.

Bounds are those of an audit with 0.3 s for a reply.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from tests.support.resp_stub import Handler, Peer, encode

PASSWORD = "CANARY-faults"
INFO = (
    "# Server\r\nredis_version:7.2.6\r\nredis_mode:standalone\r\nrun_id:abc\r\n"
    "# Replication\r\nrole:master\r\n"
)


def says(data: bytes) -> Handler:
    """Answers every command with the same bytes."""

    async def serve(peer: Peer) -> None:
        while await peer.command() is not None:
            await peer.send(data)

    return serve


def greets(data: bytes) -> Handler:
    """Speaks first and leaves."""

    async def serve(peer: Peer) -> None:
        await peer.send(data)
        peer.writer.close()

    return serve


async def leaves_at_once(peer: Peer) -> None:
    peer.writer.close()


async def leaves_instead_of_replying(peer: Peer) -> None:
    await peer.command()
    peer.writer.close()


async def resets(peer: Peer) -> None:
    await peer.command()
    peer.reset()


async def resets_within(peer: Peer) -> None:
    await peer.command()
    await peer.send(b"$5000\r\nredis_ver")
    await asyncio.sleep(0.05)
    peer.reset()


async def leaves_within(peer: Peer) -> None:
    await peer.command()
    await peer.send(b"$5000\r\nredis_ver")
    peer.writer.close()


async def silent(peer: Peer) -> None:
    await peer.reader.read()


async def drips(peer: Peer) -> None:
    await peer.command()
    await peer.send(b"$5000\r\n")
    while True:
        await peer.send(b"x")
        await asyncio.sleep(0.02)


async def drips_a_line(peer: Peer) -> None:
    await peer.command()
    while True:
        await peer.send(b"+")
        await asyncio.sleep(0.02)


async def floods(peer: Peer) -> None:
    await peer.command()
    await peer.send(b"*100000\r\n")
    block = b"$65536\r\n" + b"x" * 65536 + b"\r\n"
    while True:
        await peer.send(block)


async def echoes(peer: Peer) -> None:
    while data := await peer.reader.read(1000):
        await peer.send(data)


def after_info(handler: Callable[[Peer, list[bytes]], Awaitable[None]]) -> Handler:
    """A good server as far as INFO goes."""

    async def serve(peer: Peer) -> None:
        while (words := await peer.command()) is not None:
            if words[0] == b"AUTH":
                await peer.send(b"+OK\r\n")
            elif words[0] == b"INFO":
                await peer.send(encode(INFO))
            else:
                await handler(peer, words)

    return serve


async def hangs(peer: Peer, words: list[bytes]) -> None:
    await peer.reader.read()


async def leaves(peer: Peer, words: list[bytes]) -> None:
    peer.writer.close()


async def babbles(peer: Peer, words: list[bytes]) -> None:
    await peer.send(b"?? what\r\n")


async def slow_each_time(peer: Peer, words: list[bytes]) -> None:
    await asyncio.sleep(0.25)
    await peer.send(b"-ERR slow\r\n")


HUGE = b"$99999999999\r\n"
NOAUTH = b"-NOAUTH Authentication required.\r\n"
HTTP = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
ALERT = b"\x15\x03\x01\x00\x02\x02\x28"

FAULTS: list[tuple[str, Handler, str]] = [
    ("leaves at once", leaves_at_once, "the connection"),
    ("leaves instead of replying", leaves_instead_of_replying, "instead of replying to INFO"),
    ("reset before the reply", resets, "reset the connection"),
    ("reset within the reply", resets_within, "reset the connection"),
    ("leaves within the reply", leaves_within, "in the middle of its reply to INFO"),
    ("silent", silent, "no reply within 0.3s (INFO"),
    ("slow drip", drips, "its reply did not end within 0.3s (INFO"),
    ("slow drip of a line", drips_a_line, "within 0.3s (INFO"),
    ("flood", floods, "more than 16777216 bytes"),
    ("echo", echoes, "the reply to INFO everything has not the form"),
    ("garbage", says(b"\x00\x01\x02\x03\x04\r\n"), "does not speak the Redis protocol"),
    ("endless line", greets(b"+" + b"x" * 200_000), "a line longer than"),
    ("half a line", greets(b"hello"), "does not speak the Redis protocol"),
    ("bare line feed", says(b"+OK\n"), "does not end in CR LF"),
    ("text with a wrong end", says(b"$2\r\nabcd"), "does not end where it should"),
    ("length that is none", says(b"$abc\r\n"), "a length or number that is none"),
    ("negative length", says(b"$-7\r\n"), "negative length"),
    ("gigantic text", says(HUGE), "more than 16777216 bytes"),
    ("gigantic list", says(b"*2147483647\r\n"), "more than 200000 elements"),
    ("lists in lists", says(b"*1\r\n" * 5000), "nested deeper than"),
    ("number too long", says(b":" + b"9" * 5000 + b"\r\n"), "a length or number that is none"),
    ("an HTTP server", says(HTTP), "an HTTP server answers there"),
    ("an SSH server", greets(b"SSH-2.0-OpenSSH_9.6\r\n"), "an SSH server answers there"),
    ("a port with TLS", says(ALERT), "rediss://"),
    ("another form", says(b":42\r\n"), "has not the form"),
    ("no reply at all", says(b"$-1\r\n"), "has not the form"),
    ("INFO without a version", says(encode("# Server\r\nuptime:1\r\n")), "names no version"),
    ("NOAUTH", says(NOAUTH), "wants a password and none was given"),
    ("NOPERM", says(b"-NOPERM this user has no permissions\r\n"), "may not run INFO (NOPERM)"),
    ("LOADING", says(b"-LOADING Redis is loading the dataset\r\n"), "is loading its data"),
    ("MISCONF", says(b"-MISCONF Errors writing to the AOF file\r\n"), "(MISCONF)"),
    ("MASTERDOWN", says(b"-MASTERDOWN Link with MASTER is down\r\n"), "(MASTERDOWN)"),
    ("MOVED", says(b"-MOVED 3999 127.0.0.1:6381\r\n"), "(MOVED)"),
    ("only RESP3", says(b"-NOPROTO unsupported protocol version\r\n"), "(NOPROTO)"),
    ("protected mode", greets(b"-DENIED Redis is running in protected mode\r\n"), "protected mode"),
    ("no room", greets(b"-ERR max number of clients reached\r\n"), "maxclients"),
    ("no INFO", says(b"-ERR unknown command 'INFO'\r\n"), "does not know INFO"),
    ("another error", says(b"-ERR \x1b[31mout of \x07order\r\n"), "refused INFO: ERR"),
    ("hangs after INFO", after_info(hangs), "no reply within 0.3s (CONFIG GET *)"),
    ("leaves after INFO", after_info(leaves), "instead of replying to CONFIG GET *"),
    ("babbles after INFO", after_info(babbles), "does not speak the Redis protocol"),
    ("slow at everything", after_info(slow_each_time), "was not read within 1.2s"),
]

AUTH_FAULTS: list[tuple[str, bytes, str]] = [
    ("wrong password", b"-WRONGPASS invalid username-password pair\r\n", "(WRONGPASS)"),
    ("wrong password before 6.0", b"-ERR invalid password\r\n", "refused user or password"),
    (
        "repeats the password",
        f"-ERR unknown command 'AUTH', with args beginning with: '{PASSWORD}'\r\n".encode(),
        "refused user or password",
    ),
    ("denied", b"-DENIED protected mode\r\n", "protected mode"),
    ("another form", encode(["AUTH", PASSWORD]), "the reply to AUTH has not the form"),
    ("garbage with the password", f"{PASSWORD}\r\n".encode(), "does not speak the Redis protocol"),
]
