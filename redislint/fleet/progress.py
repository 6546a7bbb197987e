"""How far a run is, on standard error: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Self

EVERY = 30.0
"""Seconds between two lines where there is no terminal."""


class Progress:
    """Tells how many of `total` entries are finished; use as a context manager."""

    def __init__(self, total: int, done: int = 0, *, quiet: bool = False) -> None:
        self._total = total
        self._done = self._before = done
        self._quiet = quiet
        self._start = self._said = time.monotonic()
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Self:
        if not self._quiet and sys.stderr.isatty():
            self._open_bar()
        return self

    def _open_bar(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
        from rich.progress import TimeRemainingColumn as Remaining

        self._bar = Progress(
            TextColumn("auditing"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            Remaining(),
            console=Console(stderr=True),
            transient=True,
        )
        self._bar.start()
        self._task = self._bar.add_task("", total=self._total, completed=self._done, rate="")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def advance(self) -> None:
        """One more entry is finished."""
        self._done += 1
        now = time.monotonic()
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done, rate=f"{self._rate(now):.0f}/s")
        elif not self._quiet and now - self._said >= EVERY:
            self._said = now
            rate = self._rate(now)
            left = (self._total - self._done) / rate if rate else 0
            sys.stderr.write(
                f"redislint: {self._done} of {self._total} targets, {rate:.1f} a second,"
                f" about {left:.0f} s left\n"
            )

    def _rate(self, now: float) -> float:
        return (self._done - self._before) / max(now - self._start, 0.001)
