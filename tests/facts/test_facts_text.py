"""Durations and sizes as people write them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redislint.facts.text import bytes_text, list_text, parse_duration, seconds_text


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2s", 2.0),
        ("500ms", 0.5),
        ("15m", 900.0),
        ("1h", 3600.0),
        ("7d", 604800.0),
        ("1.5h", 5400.0),
        (" 2 S ", 2.0),
        ("0", 0.0),
        ("0.0", 0.0),
        ("unlimited", math.inf),
    ],
)
def test_durations_are_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "2", "s", "-1s", "1 fortnight", "1s2", "1e3s", "²s", "."])
def test_what_is_no_duration_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_duration(text)
    message = str(caught.value)
    assert "expected a number and a unit" in message
    assert "\n" not in message


def outcome(text: str) -> float | str:
    try:
        return parse_duration(text)
    except ValueError as error:
        return str(error)


@given(st.text(max_size=12))
def test_any_text_gives_seconds_or_one_line(text: str) -> None:
    found = outcome(text)
    assert found >= 0 if isinstance(found, float) else "is not a duration" in found


@given(st.integers(0, 59))
def test_what_is_shown_can_be_read_again(seconds: int) -> None:
    assert parse_duration(seconds_text(float(seconds))) == seconds


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0s"),
        (0.25, "250ms"),
        (1.0, "1s"),
        (90.0, "1m30s"),
        (300.0, "5m"),
        (3600.0, "1h"),
        (3661.0, "1h1m"),
        (86400.0, "1d"),
        (86401.0, "1d"),
        (math.inf, "unbounded"),
    ],
)
def test_seconds_for_people(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (100, "100 bytes"),
        (1 << 30, "1gb"),
        (1536 << 20, "1536mb"),
        (1025, "1025 bytes"),
    ],
)
def test_sizes_as_redis_spells_them(size: int, text: str) -> None:
    assert bytes_text(size) == text


def test_lists_for_people() -> None:
    assert list_text([]) == ""
    assert list_text(["a"]) == "a"
    assert list_text(["a", "b"]) == "a and b"
    assert list_text(["a", "b", "c"], "or") == "a, b or c"
