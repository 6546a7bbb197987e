"""The figures of a run: counts and means over its records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from redislint.fleet.history.look import SEVERITIES
from redislint.fleet.model import Record, Status

COUNTS = (*Status, *SEVERITIES.values(), "new")
"""The columns of runs that count."""


class Totals:
    """Adds records up, one by one."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._scores = _Mean()
        self._coverages = _Mean()

    def add(self, record: Record) -> None:
        self._counts[record.status] += 1
        self._counts.update(severities_of(record))
        self._scores.add(record.data["score"])
        self._coverages.add(record.data["coverage"])

    def add_new(self, count: int) -> None:
        self._counts["new"] += count

    def columns(self) -> Mapping[str, float | None]:
        """Values of the columns of runs."""
        counts = {str(name): self._counts[name] for name in COUNTS}
        return {**counts, "score": self._scores.value(), "coverage": self._coverages.value()}


def severities_of(record: Record) -> Counter[str]:
    """How many findings a record has, by the column that counts them; waived ones left out."""
    return Counter(
        SEVERITIES[finding["severity"]]
        for finding in record.data["findings"]
        if finding["waiver"] is None
    )


class _Mean:
    def __init__(self) -> None:
        self._sum = 0.0
        self._count = 0

    def add(self, value: float | None) -> None:
        if value is not None:
            self._sum += value
            self._count += 1

    def value(self) -> float | None:
        return self._sum / self._count if self._count else None
