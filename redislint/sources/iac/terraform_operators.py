"""Operators of HCL on plain values."""

from __future__ import annotations

from typing import Any

from redislint.sources.iac.given import UNKNOWN


def is_number(value: Any) -> bool:
    """Whether a value is a number, which a boolean is not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def result(operator: str, first: Any, second: Any) -> Any:
    """What an operator of two operands gives, UNKNOWN where it is not evaluated on these."""
    if operator == "==":
        return first == second and isinstance(first, bool) == isinstance(second, bool)
    if operator == "!=":
        return first != second
    if operator in ("&&", "||") and isinstance(first, bool) and isinstance(second, bool):
        return (first and second) if operator == "&&" else (first or second)
    if not (is_number(first) and is_number(second)):
        return UNKNOWN
    if operator in ("/", "%") and second == 0:
        return UNKNOWN
    if max(abs(first), abs(second)) > 1e15:
        return UNKNOWN
    return {
        ">": lambda: first > second,
        "<": lambda: first < second,
        ">=": lambda: first >= second,
        "<=": lambda: first <= second,
        "+": lambda: first + second,
        "-": lambda: first - second,
        "*": lambda: first * second,
        "/": lambda: first / second,
        "%": lambda: first % second,
    }.get(operator, lambda: UNKNOWN)()
