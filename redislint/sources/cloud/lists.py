"""Lists of one account and region, read side by side; what could not be read is a gap."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from redislint.sources.cloud.calls import Call
from redislint.sources.cloud.client import Api
from redislint.sources.cloud.errors import CloudError, LateError
from redislint.sources.cloud.options import CloudOptions
from redislint.sources.cloud.side import side_by_side

Row = dict[str, Any]


class Lists:
    """Rows by call, and why calls have none. `key` tells calls apart that are made once for
    each group or family ("" for the others)."""

    def __init__(self) -> None:
        self._rows: dict[tuple[Call, str], Any] = {}
        self._gaps: dict[tuple[Call, str], CloudError] = {}

    def rows(self, call: Call, key: str = "") -> list[Row]:
        """What the call answered; nothing where it failed or was not made."""
        found: list[Row] = self._rows.get((call, key), [])
        return found

    def known(self, call: Call, key: str = "") -> bool:
        """Whether the whole list was read."""
        return (call, key) in self._rows

    def why(self, call: Call, key: str = "") -> str:
        """Why the call has no rows, "" where it has them or was not made."""
        gap = self._gaps.get((call, key))
        return gap.message if gap else ""

    def why_any(self, *calls: Call) -> str:
        """Why one of some calls has no rows, the first that has none."""
        return next(filter(None, map(self.why, calls)), "")

    @property
    def gaps(self) -> Sequence[CloudError]:
        """Everything that could not be read, in the order of asking."""
        return tuple(self._gaps.values())

    def put(self, call: Call, key: str, result: Any, seconds: float) -> None:
        """Take what a task of a call came to."""
        if isinstance(result, LateError):
            said = f"{call}: no whole answer in time (--aws-timeout is {seconds:g} s)"
            self._gaps[call, key] = CloudError("read", said)
        elif isinstance(result, CloudError):
            self._gaps[call, key] = result
        elif isinstance(result, Exception):
            raise result
        else:
            self._rows[call, key] = result


Wanted = tuple[Call, str, Mapping[str, Any]]
"""A call, what tells it from others of its kind, and its parameters."""


def read_lists(
    lists: Lists, api: Api, wanted: Sequence[Wanted], options: CloudOptions, deadline: float
) -> None:
    """Read all of them side by side into `lists`, until `deadline` (of `time.monotonic`)."""

    def task(call: Call, parameters: Mapping[str, Any]) -> Callable[[], list[Row]]:
        return lambda: _read(api, call, parameters)

    tasks = [task(call, parameters) for call, _, parameters in wanted]
    results = side_by_side(tasks, options.side_by_side, deadline)
    for (call, key, _), result in zip(wanted, results, strict=True):
        lists.put(call, key, result, options.timeout)


def _read(api: Api, call: Call, parameters: Mapping[str, Any]) -> list[Row]:
    """The rows of a list; one row for what is no list; whole pages where they hold two lists."""
    if call.key == "KeyMetadata":
        return [api.one(call, **parameters)]
    if call.operation in ("DescribeCacheParameters", "DescribeEngineDefaultParameters"):
        pages = api.pages(call, **parameters)
        return [page.get("EngineDefaults", page) for page in pages]
    return api.all(call, **parameters)
