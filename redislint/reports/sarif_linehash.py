"""The hash by which GitHub code scanning recognises an alert: `primaryLocationLineHash`.

For each line it is a polynomial (base 37, modulo 2**64) over the 100 UTF-16 code units
that begin there, blanks left out, line ends as one line feed; a number behind it tells
lines with equal hashes apart. GitHub's upload action computes it itself for files of the
checkout and reports where a tool's own differs, so this is the same to the last bit
(github/codeql-action, src/fingerprints.ts).
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from sys import byteorder

from redislint.reports.plain import encoded

_WINDOW = 100
_BASE = 37
_MASK = (1 << 64) - 1
_END_OF_FILE = 65535
_UTF_16 = "utf-16-le" if byteorder == "little" else "utf-16-be"


def line_hashes(text: str) -> tuple[str, ...]:
    """The hash of each line of `text`, the first line's first.

    Lines end as GitHub's algorithm sees it: at a line feed, a carriage return, or both.
    A byte that was not UTF-8 counts as U+FFFD.
    """
    units = _units(text)
    starts = [0, *(i + 1 for i, unit in enumerate(units) if unit == 10)]
    padded = [*units, _END_OF_FILE, *[0] * _WINDOW]
    prefixes = _prefixes(padded)
    drop = pow(_BASE, _WINDOW, 1 << 64)
    seen: Counter[str] = Counter()
    hashes = []
    for start in starts:
        value = (prefixes[start + _WINDOW] - prefixes[start] * drop) & _MASK
        digits = f"{value:x}"
        seen[digits] += 1
        hashes.append(f"{digits}:{seen[digits]}")
    return tuple(hashes)


def _units(text: str) -> Sequence[int]:
    whole = encoded(text).decode("utf-8", "replace")
    plain = whole.replace("\r\n", "\n").replace("\r", "\n").replace(" ", "").replace("\t", "")
    return array("H", plain.encode(_UTF_16))


def _prefixes(units: Sequence[int]) -> list[int]:
    """The polynomial over the first n units, for each n."""
    values = [0]
    value = 0
    for unit in units:
        value = (value * _BASE + unit) & _MASK
        values.append(value)
    return values
