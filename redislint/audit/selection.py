"""Which rules a run reports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Selection:
    """`chosen` (None: all) without `left_out`."""

    chosen: frozenset[str] | None = None
    left_out: frozenset[str] = frozenset()

    @classmethod
    def of(cls, select: Iterable[str], ignore: Iterable[str]) -> Selection:
        """From words of --select and --ignore. Raises UsageError for an unknown one."""
        chosen, left_out = _parts(select), _parts(ignore)
        if not chosen and not left_out:
            return cls()
        from redislint.audit.rules import matching

        wanted = frozenset[str]().union(*map(matching, chosen)) if chosen else None
        return cls(wanted, frozenset[str]().union(*map(matching, left_out)))

    def wants(self, rule: str) -> bool:
        return rule not in self.left_out and (self.chosen is None or rule in self.chosen)


def _parts(words: Iterable[str]) -> list[str]:
    return [part.strip() for word in words for part in word.split(",") if part.strip()]
