"""Running servers as a source: one or more targets behind a URL, read without a trace.

`is_live` costs nothing; what needs asyncio and the network is imported by `read` and
`read_targets`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from redislint.sources.live.options import LiveOptions
    from redislint.sources.live.reading import Reading

SCHEMES = (
    "redis",
    "rediss",
    "unix",
    "redis+cluster",
    "rediss+cluster",
    "redis+sentinel",
    "rediss+sentinel",
)
"""Schemes of URLs that name running servers; the double s means TLS."""


def is_live(target: str) -> bool:
    """Whether `target` is the URL of running servers."""
    scheme, found, _ = target.partition("://")
    return bool(found) and scheme.lower() in SCHEMES


async def read_targets(url: str, options: LiveOptions | None = None) -> Reading:
    """The servers behind `url`, and what could not be read. Never raises for a server's sake."""
    from redislint.sources.live.options import LiveOptions
    from redislint.sources.live.source import read_urls

    (reading,) = await read_urls([url], options or LiveOptions())
    return reading


def read(urls: Sequence[str], options: LiveOptions | None = None) -> tuple[Reading, ...]:
    """`read_targets` of every URL, together, for callers without an event loop."""
    import asyncio

    from redislint.sources.live.options import LiveOptions
    from redislint.sources.live.source import read_urls

    found: list[Reading] = []

    async def run() -> None:
        # Nothing is returned: asyncio writes out the result of its main task, for nobody.
        found.extend(await read_urls(urls, options or LiveOptions()))

    asyncio.run(run())
    return tuple(found)
