"""Where facts are put down while they are found."""

from __future__ import annotations

from typing import Any

from redislint.model import Fact


class Board:
    """The facts found so far; a None is not put down, so it stays unknown."""

    def __init__(self) -> None:
        self.facts: dict[str, Fact] = {}

    def put(self, path: str, value: Any, unit: str = "", basis: str = "") -> None:
        if value is not None:
            self.facts[path] = Fact(value, unit, "derived", basis)
