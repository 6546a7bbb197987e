"""Numbers and sizes: lenient as C reads them, strict as newer servers do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redislint.conf import numbers

BLANKS = st.sampled_from([b"", b" ", b"\t \n"])


@given(st.integers(numbers.I64_MIN, numbers.I64_MAX), BLANKS)
def test_strtoll_reads_every_number(value: int, blanks: bytes) -> None:
    assert numbers.strtoll(blanks + str(value).encode()) == (value, True)
    assert numbers.strtoll(blanks + str(value).encode() + b"kb") == (value, False)


@given(st.integers())
def test_strtoll_saturates(value: int) -> None:
    kept = min(max(value, numbers.I64_MIN), numbers.I64_MAX)
    assert numbers.strtoll(str(value).encode()) == (kept, True)


@given(st.integers())
def test_strict_numbers_are_those_of_64_bits(value: int) -> None:
    fits = numbers.I64_MIN <= value <= numbers.I64_MAX
    assert numbers.string2ll(str(value).encode()) == (value if fits else None)


@given(st.integers())
def test_cutting_wraps(value: int) -> None:
    assert numbers.signed64(value) % 2**64 == value % 2**64
    assert numbers.signed32(value) % 2**32 == value % 2**32
    assert -(2**31) <= numbers.signed32(value) < 2**31


@pytest.mark.parametrize("text", [b"", b"+5", b"05", b" 5", b"5 ", b"-0", b"1e3", b"0x1", b"5\0"])
def test_strict_numbers_refuse(text: bytes) -> None:
    assert numbers.string2ll(text) is None


@pytest.mark.parametrize(
    ("text", "number", "complete"),
    [(b"", 0, True), (b"x", 0, False), (b"-", 0, False), (b"5\0x", 5, True), (b"\v+7", 7, True)],
)
def test_strtoll_of_odd_texts(text: bytes, number: int, complete: bool) -> None:
    assert numbers.strtoll(text) == (number, complete)


@pytest.mark.parametrize(
    ("text", "number", "complete"), [(b"755", 493, True), (b"8", 0, False), (b"78", 7, False)]
)
def test_octal(text: bytes, number: int, complete: bool) -> None:
    assert numbers.strtol_octal(text) == (number, complete)


@given(st.integers(0, 2**40), st.sampled_from(sorted(numbers.UNITS)))
def test_sizes_are_bytes_in_every_reading(count: int, unit: bytes) -> None:
    text = str(count).encode() + unit.upper()
    expected = count * numbers.UNITS[unit]
    assert numbers.memtoull(text) == expected % 2**64
    for suffix in ("digits", "zero", "refuse"):
        assert numbers.memtoll(text, suffix) == numbers.signed64(expected)


@pytest.mark.parametrize(("suffix", "value"), [("digits", 10), ("zero", 0), ("refuse", None)])
def test_an_unknown_unit_by_version(suffix: str, value: int | None) -> None:
    assert numbers.memtoll(b"10mib", suffix) == value


def test_sizes_beyond_64_bits() -> None:
    beyond = b"18446744073709551616"
    assert numbers.memtoull(beyond) == numbers.U64_MAX
    assert numbers.memtoull(beyond, saturates=False) is None
    assert numbers.memtoull(b"-1") is None
    assert numbers.memtoull(b"1" * 200) is None
