"""Threads for what can wait: names that are looked up, passwords that are fetched, clouds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

NAMES = 32
"""Names that are looked up at the same time, by the system's resolver, which blocks."""


class Threads(ThreadPoolExecutor):
    """A pool that is left behind, not waited for, when an event loop ends.

    What a thread waits for may take minutes (a name server, a password manager, a cloud);
    somebody who interrupts a run is not to wait with it.
    """

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Begin nothing more; what has begun is not waited for."""
        super().shutdown(wait=False, cancel_futures=True)
