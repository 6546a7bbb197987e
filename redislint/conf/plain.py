"""Values of one word: yes/no, words, text, numbers and sizes.

Each reader takes the facts of a directive, the dialect and the arguments."""

from __future__ import annotations

from collections.abc import Sequence

from redislint.catalog import Spec
from redislint.conf import numbers
from redislint.conf.dialect import Dialect
from redislint.conf.result import (
    Args,
    Note,
    Refusal,
    Result,
    Value,
    listed,
    misread,
    near,
    other_size,
    shown,
    text_of,
    wrong_count,
)
from redislint.model import Severity


def boolean(spec: Spec, dialect: Dialect, args: Args) -> Result:
    word = numbers.c_string(args[0]).lower()
    if word == b"yes":
        return _YES
    if word == b"no":
        return _NO
    if spec.name in dialect.lenient_bool:
        note = Note(
            "RL105", Severity.WARNING, f"{shown(args[0])} is neither yes nor no; read as yes"
        )
        return Value("yes", True, (note,))
    meant = BOOLEANS.get(word)
    hint = f"; write {meant}" if meant else ""
    return Refusal("RL105", f"'{spec.name}' must be yes or no, not {shown(args[0])}{hint}")


BOOLEANS = {
    **dict.fromkeys((b"true", b"on", b"1", b"enable", b"enabled", b"y", b"t"), "yes"),
    **dict.fromkeys((b"false", b"off", b"0", b"disable", b"disabled", b"n", b"f"), "no"),
}
"""How other languages say yes and no."""

_YES = Value("yes", True)
_NO = Value("no", False)

_ENUM_SYNONYMS = {("oom-score-adj", "relative"): "yes"}
"""Words that CONFIG GET shows as another word of the same meaning."""


def enum(spec: Spec, dialect: Dialect, args: Args) -> Result:
    if spec.multi_arg:
        return _words(spec, args)
    words = spec.enum or ()
    word = text_of(numbers.c_string(args[0])).lower()
    for choice in words:
        if choice.lower() == word:
            text = _ENUM_SYNONYMS.get((spec.directive, choice), choice)
            return Value(text, text)
    return Refusal("RL106", _one_of(spec.name, args[0], words))


def _words(spec: Spec, args: Args) -> Result:
    """A set of words, where one word may stand for none and another for all."""
    choices = spec.enum or ()
    if not args:
        return wrong_count(spec.name, args, f"one or more of {listed(choices)}")
    lowered = [choice.lower() for choice in choices]
    chosen = set()
    for index, arg in enumerate(args):
        word = text_of(numbers.c_string(arg)).lower()
        if word not in lowered:
            if index and arg.startswith(b"#"):
                return wrong_count(spec.name, args, "")
            return Refusal("RL106", _one_of(spec.name, arg, choices), index)
        chosen.add(choices[lowered.index(word)])
    if spec.name.startswith("shutdown-on-") and {"save", "nosave"} <= chosen:
        return Refusal("RL106", f"'{spec.name}' cannot hold save and nosave together", -1)
    none, everything = choices[0], "yes" if "yes" in choices else None
    several = [c for c in choices if c not in (none, everything)]
    if everything and (everything in chosen or set(several) <= chosen):
        return Value(everything, (everything,))
    kept = tuple(c for c in several if c in chosen) or (none,)
    return Value(" ".join(kept), kept)


def _one_of(name: str, value: bytes, choices: Sequence[str]) -> str:
    expected = f"expected {listed(choices)}{near(value, choices)}"
    return f"{shown(value)} is not a value of '{name}'; {expected}"


def string(spec: Spec, dialect: Dialect, args: Args) -> Result:
    data = args[0] if spec.directive in dialect.keeps_length else numbers.c_string(args[0])
    limit = dialect.requirepass_limit
    if spec.directive == "requirepass" and limit and len(data) > limit:
        return Refusal("RL108", f"'requirepass' takes at most {limit} bytes")
    for check in dialect.text_checks.get(spec.directive, ()):
        problem = check(args[0])
        if problem:
            rule, expected = problem
            return Refusal(rule, f"'{spec.name}' {expected}")
    text = text_of(data)
    return Value(text, text)


def ignored(spec: Spec, dialect: Dialect, args: Args) -> Result:
    return Value(text_of(b" ".join(args)), None)


_LEGACY_WIDE = frozenset(
    {
        "cluster-node-timeout",
        "latency-monitor-threshold",
        "lua-time-limit",
        "slowlog-log-slower-than",
        "slowlog-max-len",
        "active-defrag-max-scan-fields",
    }
)
"""Integers that servers up to 5.0 read as 64 bits (strtoll); the others are C ints."""

_LEGACY_UNSIGNED = frozenset({"slowlog-max-len", "active-defrag-max-scan-fields", "maxclients"})
_LEGACY_UNSIGNED_MEMORY_FLOOR = frozenset({"active-defrag-ignore-bytes"})


def integer(spec: Spec, dialect: Dialect, args: Args) -> Result:
    if not dialect.strict_numbers:
        return _lenient_int(spec, dialect, args[0])
    value = numbers.string2ll(args[0])
    if value is None:
        return Refusal("RL108", _not_a_number(spec, args[0]))
    return _bounded(spec, args[0], value) or _number(value)


def _not_a_number(spec: Spec, arg: bytes) -> str:
    unit = f" ({spec.unit})" if spec.unit else ""
    limits = (
        f" from {spec.bounds[0]} to {spec.bounds[1]}"
        if spec.bounds and None not in spec.bounds
        else ""
    )
    return f"'{spec.name}' takes a whole number{unit}{limits}, not {shown(arg)}"


def _number(value: int, *notes: Note) -> Value:
    return Value(str(value), value, notes)


def _bounded(spec: Spec, arg: bytes, value: int) -> Refusal | None:
    if spec.bounds is None:
        return None
    low, high = spec.bounds
    if (low is None or value >= low) and (high is None or value <= high):
        return None
    limits = f"from {low} to {high}" if high is not None else f"at least {low}"
    return Refusal("RL108", f"'{spec.name}' must be {limits}, not {shown(arg)}")


def _lenient_int(spec: Spec, dialect: Dialect, arg: bytes) -> Result:
    """An integer as the servers up to 5.0 read it: what is no number counts as 0."""
    number, complete = numbers.strtoll(arg)
    value = number if spec.directive in _LEGACY_WIDE else numbers.signed32(number)
    measured = value
    if spec.directive in _LEGACY_UNSIGNED:
        measured = value & (numbers.U64_MAX if spec.directive in _LEGACY_WIDE else 0xFFFFFFFF)
        value = numbers.signed64(measured)
    refused = _bounded(spec, arg, measured)
    if refused:
        return refused
    if spec.directive == "hz":
        return _clamped_hz(value, arg, complete)
    if not complete or value != number:
        return _number(value, misread(arg, str(value)))
    return _number(value)


_HZ = (1, 500)


def clamp_hz(value: int) -> int:
    """hz as servers bring it into range (CONFIG_MIN_HZ and CONFIG_MAX_HZ in server.h)."""
    return min(max(value, _HZ[0]), _HZ[1])


def _clamped_hz(value: int, arg: bytes, complete: bool) -> Value:
    kept = clamp_hz(value)
    return _number(kept) if complete and kept == value else _number(kept, misread(arg, str(kept)))


def memory(spec: Spec, dialect: Dialect, args: Args) -> Result:
    arg = args[0]
    lenient = not dialect.strict_numbers or spec.name in dialect.lenient_memory
    if lenient:
        suffix = dialect.bad_memory_suffix if not dialect.strict_numbers else "zero"
        return _lenient_memory(spec, dialect, arg, suffix)
    if dialect.unsigned_memory:
        value = numbers.memtoull(arg, dialect.memory_saturates)
        if value is not None and not _unsigned(spec):
            value = numbers.signed64(value)
    else:
        value = numbers.memtoll(arg, "refuse")
        if value is not None and value < 0:
            value = None
    if value is None:
        return Refusal("RL107", not_a_size(spec, arg))
    return _bounded(spec, arg, value) or _number(value)


def _unsigned(spec: Spec) -> bool:
    return spec.bounds is not None and (spec.bounds[1] or 0) > numbers.I64_MAX


def not_a_size(spec: Spec, arg: bytes) -> str:
    message = f"'{spec.name}' takes a size such as 100mb or 2gb, not {shown(arg)}"
    meant = other_size(arg)
    if meant:
        return f"{message}; write {meant}"
    if arg.endswith(b"%"):
        return f"{message}; a percentage is for maxmemory-clients alone"
    return message


def _lenient_memory(spec: Spec, dialect: Dialect, arg: bytes, suffix: str) -> Result:
    value = numbers.memtoll(arg, suffix)
    assert value is not None  # only `refuse` gives None
    measured = value
    if spec.directive in _LEGACY_UNSIGNED_MEMORY_FLOOR:
        measured = value & numbers.U64_MAX
    refused = _bounded(spec, arg, measured)
    if refused:
        return refused
    if spec.directive == "repl-backlog-size" and value < dialect.backlog_minimum:
        kept = dialect.backlog_minimum
        return _number(kept, misread(arg, str(kept)))
    digits, unit = numbers.memory_digits(arg)
    if unit.lower() not in numbers.UNITS or not digits.isdigit() or value < 0:
        return _number(value, misread(arg, str(value)))
    return _number(value)


def percent_or_memory(spec: Spec, dialect: Dialect, args: Args) -> Result:
    arg = args[0]
    size = numbers.memtoull(arg, dialect.memory_saturates)
    if size is None and len(arg) > 1 and arg.endswith(b"%"):
        percent = numbers.string2ll(arg[:-1])
        size = -percent if percent is not None and percent >= 0 else None
    if size is None:
        return Refusal(
            "RL107",
            f"'{spec.name}' takes a size such as 100mb or a percentage such as 5%,"
            f" not {shown(arg)}",
        )
    size = numbers.signed64(size)
    if size < -100:
        return Refusal("RL108", f"'{spec.name}' takes at most 100%, not {shown(arg)}")
    if size < 0:
        return Value(f"{-size}%", f"{-size}%")
    return _number(size)


def signed_memory(spec: Spec, dialect: Dialect, args: Args) -> Result:
    value = numbers.memtoull(args[0], dialect.memory_saturates)
    if value is None:
        value = numbers.string2ll(args[0])
    if value is None:
        return Refusal("RL107", not_a_size(spec, args[0]))
    value = numbers.signed64(value)
    return _bounded(spec, args[0], value) or _number(value)


def octal(spec: Spec, dialect: Dialect, args: Args) -> Result:
    value, complete = numbers.strtol_octal(args[0])
    saturated = value in (numbers.I64_MAX, numbers.I64_MIN)
    low, high = spec.bounds or (0, 0o777)
    if dialect.strict_octal:
        wrong = not complete or saturated
    else:
        wrong, value = saturated, value & 0xFFFFFFFF
    if wrong or value < (low or 0) or value > (high or 0o777):
        return Refusal(
            "RL108", f"'{spec.name}' takes a file mode from 0 to 777 in octal, not {shown(args[0])}"
        )
    text = f"{value:o}"
    return Value(text, value, () if complete else (misread(args[0], text),))
