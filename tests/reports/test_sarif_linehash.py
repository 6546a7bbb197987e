"""GitHub's line hash: published values, and a second, slow implementation beside ours."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from redislint.reports.sarif_linehash import line_hashes

DATA = Path(__file__).parent / "data" / "line-hash-vectors.json"


def slowly(text: str) -> list[str]:
    """The hash as a window that moves over the text one code unit at a time."""
    window, numbers = [0] * 100, [False] * 100
    value, position = 0, 0
    seen: Counter[str] = Counter()
    made: list[str] = []

    def emit() -> None:
        if numbers[position]:
            digits = f"{value:x}"
            seen[digits] += 1
            made.append(f"{digits}:{seen[digits]}")
            numbers[position] = False

    def push(unit: int) -> None:
        nonlocal value, position
        value = (value * 37 + unit - window[position] * 37**100) % 2**64
        window[position] = unit
        position = (position + 1) % 100

    starting, after_return = True, False
    data = text.encode("utf-16-le")
    for unit in [*(data[i] + 256 * data[i + 1] for i in range(0, len(data), 2)), 65535]:
        if unit in (32, 9) or (after_return and unit == 10):
            after_return = False
            continue
        after_return = unit == 13
        emit()
        if starting:
            numbers[position] = True
        current = 10 if unit == 13 else unit
        starting = current == 10
        push(current)
    for _ in range(100):
        emit()
        push(0)
    return made


def test_published_values() -> None:
    for vector in json.loads(DATA.read_text())["vectors"]:
        text = vector["text"] * vector.get("times", 1)
        assert list(line_hashes(text)) == vector["hashes"]
        assert slowly(text) == vector["hashes"]


def test_all_published_values(shared: Path) -> None:
    path = shared / "data" / "github-primary-location-line-hash-vectors.json"
    for vector in json.loads(path.read_text())["vectors"]:
        assert list(line_hashes(vector["input"])) == vector["expected"]


@given(st.text(st.sampled_from("ab \t\r\n#𝄞é"), max_size=400))
def test_same_as_the_window(text: str) -> None:
    assert list(line_hashes(text)) == slowly(text)


def test_a_byte_that_is_not_utf8_counts_as_the_replacement_character() -> None:
    assert line_hashes("a\udcffb\n") == line_hashes("a\ufffdb\n")


def test_lines_inserted_above_do_not_change_it() -> None:
    text = "port 7000\nappendonly yes\n"
    assert line_hashes(f"# new\n\n{text}")[2:] == line_hashes(text)
