"""Managed caches of AWS as a source: ElastiCache and MemoryDB, read through their API.

`is_cloud` costs nothing; boto3 is imported by `read` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from redislint.sources.cloud.options import CloudOptions
    from redislint.sources.cloud.reading import Reading

SCHEMES = ("elasticache", "memorydb")
"""Schemes of URLs that name managed caches."""


def is_cloud(target: str) -> bool:
    """Whether `target` is the URL of managed caches."""
    scheme, found, _ = target.partition("://")
    return bool(found) and scheme.lower() in SCHEMES


def read(urls: Sequence[str], options: CloudOptions | None = None) -> Reading:
    """The caches behind `urls`, and what could not be read. Never raises for AWS's sake."""
    from redislint.sources.cloud.options import CloudOptions
    from redislint.sources.cloud.source import read_urls

    return read_urls(urls, options or CloudOptions())
