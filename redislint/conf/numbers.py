"""Numbers and sizes as the servers read them, leniently and strictly.

The lenient readings are those of C (`atoi`, `strtoll`) on a 64-bit Linux; the strict
ones those of the servers from 6.0 on (`string2ll`, `memtoull` in the servers' util.c).
All take the bytes of one argument.
"""

from __future__ import annotations

import re

I64_MAX = (1 << 63) - 1
I64_MIN = -(1 << 63)
U64_MAX = (1 << 64) - 1

UNITS = {
    b"": 1,
    b"b": 1,
    b"k": 1000,
    b"kb": 1024,
    b"m": 1000**2,
    b"mb": 1024**2,
    b"g": 1000**3,
    b"gb": 1024**3,
}
"""Unit of a memory size, lower case -> bytes."""

_LENIENT = re.compile(rb"[ \t\n\v\f\r]*([+-]?[0-9]+)")
_LENIENT_OCTAL = re.compile(rb"[ \t\n\v\f\r]*([+-]?[0-7]+)")
_STRICT = re.compile(rb"0|-?[1-9][0-9]*")
_MEMORY = re.compile(rb"(-?[0-9]*)(.*)", re.DOTALL)
_STRICT_LONGEST = 20  # the server's buffer for a number holds 20 characters and a NUL
_MEMORY_LONGEST = 127  # digits of a memory size that the server copies


def c_string(data: bytes) -> bytes:
    """What C code that knows no length sees of `data`: all before the first NUL."""
    end = data.find(b"\0")
    return data if end < 0 else data[:end]


def signed64(value: int) -> int:
    """`value` as it wraps in a signed 64-bit integer."""
    value &= U64_MAX
    return value - (1 << 64) if value > I64_MAX else value


def signed32(value: int) -> int:
    """`value` as it wraps in a signed 32-bit integer."""
    value &= 0xFFFFFFFF
    return value - (1 << 32) if value > 0x7FFFFFFF else value


def strtoll(data: bytes) -> tuple[int, bool]:
    """C's strtoll, base 10: the number (saturated) and whether all text was used.

    Text without a number reads as 0; then "all used" is true only for no text.
    """
    data = c_string(data)
    found = _LENIENT.match(data)
    if not found:
        return 0, not data
    value = min(max(int(found.group(1)[:40]), I64_MIN), I64_MAX)
    return value, found.end() == len(data)


def strtol_octal(data: bytes) -> tuple[int, bool]:
    """C's strtoll, base 8: the number (saturated) and whether all text was used."""
    data = c_string(data)
    found = _LENIENT_OCTAL.match(data)
    if not found:
        return 0, not data
    value = min(max(int(found.group(1)[:60], 8), I64_MIN), I64_MAX)
    return value, found.end() == len(data)


def atoi(data: bytes) -> int:
    """C's atoi: as strtoll, cut to 32 bits."""
    return signed32(strtoll(data)[0])


def string2ll(data: bytes) -> int | None:
    """A strict decimal integer that fits 64 bits, else None."""
    if len(data) > _STRICT_LONGEST or not _STRICT.fullmatch(data):
        return None
    value = int(data)
    return value if I64_MIN <= value <= I64_MAX else None


def memory_digits(data: bytes) -> tuple[bytes, bytes]:
    """Split a memory size into its digits (a leading minus included) and its unit."""
    found = _MEMORY.match(c_string(data))
    assert found is not None  # the pattern matches any text
    return found.group(1), found.group(2)


def memtoll(data: bytes, bad_suffix: str) -> int | None:
    """A memory size as the servers up to 6.2 read it: signed, saturating, wrapping.

    `bad_suffix` says what an unknown unit gives: `digits` (unit taken as 1), `zero`
    (the value 0) or `refuse` (None).
    """
    digits, unit = memory_digits(data)
    factor = UNITS.get(unit.lower())
    if factor is None:
        if bad_suffix == "refuse":
            return None
        if bad_suffix == "zero":
            return 0
        factor = 1
    if len(digits) > _MEMORY_LONGEST:
        return I64_MAX if bad_suffix == "digits" else None if bad_suffix == "refuse" else 0
    number, _ = strtoll(digits)
    if bad_suffix == "refuse" and digits == b"-":
        return None
    return signed64(number * factor)


def memtoull(data: bytes, saturates: bool = True) -> int | None:
    """A memory size as the servers from 7.0 on read it: unsigned, None if refused.

    `saturates`: a number beyond 64 bits becomes the greatest one (Valkey 9.1 refuses it).
    """
    digits, unit = memory_digits(data)
    factor = UNITS.get(unit.lower())
    if factor is None or digits.startswith(b"-") or len(digits) > _MEMORY_LONGEST:
        return None
    number = int(digits or b"0")
    if number > U64_MAX:
        if not saturates:
            return None
        number = U64_MAX
    return number * factor & U64_MAX
