"""Work side by side within a bound of time.

Threads of the standard pools are waited for when the process ends, whatever hangs in them;
these are not.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from redislint.sources.cloud.errors import LateError

T = TypeVar("T")


def side_by_side(
    tasks: Sequence[Callable[[], T]], width: int, deadline: float | None = None
) -> list[T | Exception]:
    """The results of all tasks in their order, at most `width` of them running at a time.

    A task that raises has its exception in its place, one that is not done at `deadline` (of
    `time.monotonic`) a LateError; what it does afterwards reaches nobody.
    """
    results: list[T | Exception] = [LateError() for _ in tasks]
    waiting = list(range(len(tasks)))[::-1]
    left = len(tasks)
    changed = threading.Condition()
    closed = False

    def work() -> None:
        nonlocal left
        while True:
            with changed:
                if closed or not waiting:
                    return
                place = waiting.pop()
            result: T | Exception
            try:
                result = tasks[place]()
            except Exception as error:
                result = error
            with changed:
                results[place] = result
                left -= 1
                changed.notify_all()

    for _ in range(min(width, len(tasks))):
        threading.Thread(target=work, daemon=True).start()
    with changed:
        try:
            while left:
                patience = None if deadline is None else deadline - time.monotonic()
                if patience is not None and patience <= 0:
                    break
                changed.wait(patience)
        finally:
            closed = True
        return list(results)
