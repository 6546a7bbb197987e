"""Cells of a CSV file as RFC 4180 has them, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from redislint.reports.plain import one_line

_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes as the beginning of a formula (OWASP, CSV injection), the forms of
full width included; tabs and line ends are escaped before."""


class Table:
    """A CSV file with a header; rows have the header's names."""

    def __init__(self, out: TextIO, header: tuple[str, ...]) -> None:
        self._rows = csv.DictWriter(out, header, extrasaction="raise", lineterminator="\r\n")
        self._rows.writeheader()

    def add(self, row: Mapping[str, Any]) -> None:
        """Write a row: None is an empty cell, a number stays one, lists are joined by spaces."""
        self._rows.writerow({name: cell(value) for name, value in row.items()})


def cell(value: Any) -> str | int | float:
    """A value as one cell: a text that would begin a formula gets an apostrophe before it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return value
    text = one_line(_joined(value)).strip()
    return f"'{text}" if text.startswith(_FORMULA) else text


def _joined(value: Any) -> str:
    if isinstance(value, Mapping):
        return ";".join(f"{name}={text}" for name, text in sorted(value.items()))
    if isinstance(value, str):
        return value
    if isinstance(value, Iterable):
        return " ".join(map(str, value))
    return str(value)
