"""What a server takes without a word, and a person should know of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from redislint.conf.state import Found

if TYPE_CHECKING:
    from redislint.conf.resolve import Configuration


def lint(conf: Configuration) -> Iterator[Found]:
    """Everything to say of lines that the server accepts."""
    yield from ()
