"""From the words of a directive to the value that a server takes, or why it refuses.

`read` is a pure function of the directive's facts, the dialect and the arguments. Its
result says the text that CONFIG GET would show, the typed value, and what the server
changes in silence (`notes`). How several lines of one directive combine (save points,
buffer limits) is the resolver's business.

Typed values: yes/no directives are bools; sizes are bytes; other numbers are ints in the
directive's own unit; enums and strings are text; see `TYPED` in the docstring of `read`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from redislint.catalog import Spec
from redislint.conf import numbers
from redislint.conf.dialect import Dialect
from redislint.model import Severity


class Note(NamedTuple):
    """Something that the server does not say: it reads the value in its own way."""

    rule: str
    severity: Severity
    message: str
    argument: int = 0


class Value(NamedTuple):
    """What a server takes from one line. `text` is what CONFIG GET shows of it."""

    text: str
    value: Any
    notes: tuple[Note, ...] = ()


class Refusal(NamedTuple):
    """Why a server refuses a line. `argument` counts from 0; -1 is the whole line."""

    rule: str
    message: str
    argument: int = 0


Result = Value | Refusal
Args = Sequence[bytes]

_LENGTH_SHOWN = 60


def text_of(data: bytes) -> str:
    """Bytes of a configuration as text; bytes that are no UTF-8 survive as surrogates."""
    return data.decode("utf-8", "surrogateescape")


def shown(data: bytes) -> str:
    """A value as messages quote it: one line, printable, not too long."""
    text = data.decode("utf-8", "replace")
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return f"'{text[:_LENGTH_SHOWN]}…'" if len(text) > _LENGTH_SHOWN else f"'{text}'"


def read(spec: Spec, dialect: Dialect, args: Args) -> Result:
    """The value that a server with these facts and this dialect takes from `args`.

    Typed values by kind: bool -> bool; int, memory, octal -> int; percent-or-memory ->
    int bytes, or text such as "50%"; enum and string -> str; an enum of several words ->
    tuple of str; save -> tuple of (seconds, changes); client-output-buffer-limit ->
    tuple of (class, hard bytes, soft bytes, soft seconds); bind -> tuple of str;
    notify-keyspace-events -> str of letters; oom-score-adj-values -> tuple of int;
    replicaof -> (host, port) or None; latency-tracking-info-percentiles -> tuple of float.
    """
    if spec.multi_arg and dialect.split_single_argument and len(args) == 1 and args[0]:
        from redislint.conf.words import split_tokens

        tokens = split_tokens(numbers.c_string(args[0]), lenient=dialect.text_after_quote)
        args = [token[0] for token in tokens or ()]
    special = _SPECIAL.get(spec.directive)
    if special is not None:
        return special(spec, dialect, args)
    if not spec.multi_arg and len(args) != 1:
        return wrong_count(spec.name, args, "one value")
    return _KINDS[spec.type](spec, dialect, args)


def wrong_count(name: str, args: Args, expected: str) -> Refusal:
    """The refusal of a wrong number of arguments, or of a comment behind a value."""
    comment = comment_start(args)
    if comment is not None:
        mark = "//" if args[comment].startswith(b"//") else "#"
        return Refusal(
            "RL103",
            f"text after {mark} is no comment here but more values of '{name}': a comment needs"
            " a line of its own and begins with #",
            comment,
        )
    got = "no value" if not args else f"{len(args)} values" if len(args) > 1 else "one"
    hint = _count_hint(args, expected)
    return Refusal("RL102", f"'{name}' takes {expected}, got {got}{hint}", -1)


def comment_start(args: Args) -> int | None:
    """The index of the first argument that was meant to open a comment, or None."""
    for index, arg in enumerate(args):
        opens = arg.startswith((b"#", b"//"))
        followed = index + 1 < len(args)
        if opens and (index or (followed and arg in (b"#", b"//"))):
            return index
        if arg.endswith(b"#") and followed:
            return index
    return None


def _count_hint(args: Args, expected: str) -> str:
    """What people mean who write more than one value."""
    if len(args) < 2:
        return ""
    if args[0].startswith((b"{{", b"{%", b"<%")):
        return "; it is template text that no tool has filled in"
    if b"=" in args:
        return "; between a directive and its value stands a blank, no '='"
    if args[-1] == b"\\":
        return "; a backslash joins no lines"
    if len(args) == 2 and args[0].isdigit():
        size = text_of(args[0] + args[1]) if args[1].lower() in numbers.UNITS else None
        size = size or other_size(args[0] + args[1])
        if size:
            return f"; write {size} without a blank"
    return "; a value that holds blanks needs quotes around it" if expected[:4] == "one " else ""


# -- yes/no, words, text ---------------------------------------------------------------


def _bool(spec: Spec, dialect: Dialect, args: Args) -> Result:
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


def _enum(spec: Spec, dialect: Dialect, args: Args) -> Result:
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
        return wrong_count(spec.name, args, f"one or more of {_listed(choices)}")
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
    expected = f"expected {_listed(choices)}{_near(value, choices)}"
    return f"{shown(value)} is not a value of '{name}'; {expected}"


def _listed(choices: Sequence[str]) -> str:
    return f"{', '.join(choices[:-1])} or {choices[-1]}" if len(choices) > 1 else "".join(choices)


def _near(value: bytes, choices: Sequence[str]) -> str:
    from redislint.catalog.nearest import distance

    word = text_of(value).lower()
    limit = max(1, len(word) // 4)
    slips = [(distance(word, choice, limit), choice) for choice in choices]
    best = min(slips, default=(limit + 1, ""))
    return f"; did you mean '{best[1]}'?" if best[0] <= limit else ""


def _string(spec: Spec, dialect: Dialect, args: Args) -> Result:
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


def _ignored(spec: Spec, dialect: Dialect, args: Args) -> Result:
    return Value(text_of(b" ".join(args)), None)


# -- numbers ---------------------------------------------------------------------------

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


def _int(spec: Spec, dialect: Dialect, args: Args) -> Result:
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
        return _number(value, _misread(arg, str(value)))
    return _number(value)


def _misread(arg: bytes, text: str) -> Note:
    return Note(
        "RL108", Severity.WARNING, f"this server reads {shown(arg)} as {text} and says nothing"
    )


_HZ = (1, 500)


def clamp_hz(value: int) -> int:
    """hz as servers bring it into range (CONFIG_MIN_HZ and CONFIG_MAX_HZ in server.h)."""
    return min(max(value, _HZ[0]), _HZ[1])


def _clamped_hz(value: int, arg: bytes, complete: bool) -> Value:
    kept = clamp_hz(value)
    return _number(kept) if complete and kept == value else _number(kept, _misread(arg, str(kept)))


def _memory(spec: Spec, dialect: Dialect, args: Args) -> Result:
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
        return Refusal("RL107", _not_a_size(spec, arg))
    return _bounded(spec, arg, value) or _number(value)


def _unsigned(spec: Spec) -> bool:
    return spec.bounds is not None and (spec.bounds[1] or 0) > numbers.I64_MAX


_OTHER_UNIT = (
    rb"([0-9]+)(\.[0-9]+)?[ _]?([kmgt])"
    rb"(?:i|ib|bytes?|b|ilobytes?|egabytes?|igabytes?|eg|ig|ibi)?"
)
_LARGEST_BYTES = 1 << 62


def other_size(arg: bytes) -> str | None:
    """A size written in the manner of another program (`2Gi`, `1.5gb`, `1tb`) as a server
    takes it; None where there is no whole number of bytes in it."""
    found = re.fullmatch(_OTHER_UNIT, arg, re.IGNORECASE)
    if not found:
        return None
    whole, fraction, unit = found.groups()
    letter = text_of(unit).lower()
    if not fraction and letter != "t":
        return f"{int(whole)}{letter}b"
    exponent = "kmgt".index(letter) + 1
    digits = len(fraction or b".") - 1
    scaled = int(whole + (fraction or b".")[1:]) << (10 * exponent)
    size, rest = divmod(scaled, 10**digits)
    if rest or not 0 < size <= _LARGEST_BYTES:
        return None
    for power, name in ((30, "gb"), (20, "mb"), (10, "kb")):
        if not size & ((1 << power) - 1):
            return f"{size >> power}{name}"
    return str(size)


def _not_a_size(spec: Spec, arg: bytes) -> str:
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
        return _number(kept, _misread(arg, str(kept)))
    digits, unit = numbers.memory_digits(arg)
    if unit.lower() not in numbers.UNITS or not digits.isdigit() or value < 0:
        return _number(value, _misread(arg, str(value)))
    return _number(value)


def _percent_or_memory(spec: Spec, dialect: Dialect, args: Args) -> Result:
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


def _signed_memory(spec: Spec, dialect: Dialect, args: Args) -> Result:
    value = numbers.memtoull(args[0], dialect.memory_saturates)
    if value is None:
        value = numbers.string2ll(args[0])
    if value is None:
        return Refusal("RL107", _not_a_size(spec, args[0]))
    value = numbers.signed64(value)
    return _bounded(spec, args[0], value) or _number(value)


def _octal(spec: Spec, dialect: Dialect, args: Args) -> Result:
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
    return Value(text, value, () if complete else (_misread(args[0], text),))


# -- directives with a form of their own -----------------------------------------------


def _save(spec: Spec, dialect: Dialect, args: Args) -> Result:
    if not dialect.save_pairs:
        return _old_save(args)
    if len(args) == 1 and not numbers.c_string(args[0]):
        return NO_SAVE
    if len(args) % 2:
        return wrong_count("save", args, "pairs of seconds and changes")
    pairs = []
    for index, arg in enumerate(args):
        number, complete = numbers.strtoll(arg)
        if not complete or number < (index % 2 == 0):
            if arg.startswith(b"#"):
                return wrong_count("save", args, "")
            what = "changes of at least 0" if index % 2 else "seconds of at least 1"
            return Refusal("RL108", f"'save' takes {what}, not {shown(arg)}", index)
    for seconds, changes in zip(args[::2], args[1::2], strict=True):
        pairs.append((numbers.strtoll(seconds)[0], numbers.signed32(numbers.strtoll(changes)[0])))
    return save_value(pairs)


NO_SAVE = Value("", ())
"""The value of `save ""`, which clears all save points. From 7.0 on, a line without any
pair is no such thing (`save`, `save " "`): it adds nothing."""


def save_value(pairs: Sequence[tuple[int, int]]) -> Value:
    """Save points as CONFIG GET shows them."""
    return Value(" ".join([f"{seconds} {changes}" for seconds, changes in pairs]), tuple(pairs))


SAVE_DROPPED = "RL111"


def _old_save(args: Args) -> Result:
    """Up to 6.2: one pair a line, or `save ""`; any other line is dropped in silence."""
    if len(args) == 2:
        seconds, changes = numbers.atoi(args[0]), numbers.atoi(args[1])
        if seconds < 1 or changes < 0:
            at = 0 if seconds < 1 else 1
            what = "changes of at least 0" if at else "seconds of at least 1"
            return Refusal("RL108", f"'save' takes {what}, not {shown(args[at])}", at)
        value = save_value([(seconds, changes)])
        misread = [
            i
            for i, (arg, number) in enumerate(zip(args, (seconds, changes), strict=True))
            if numbers.strtoll(arg) != (number, True)
        ]
        return value._replace(
            notes=tuple(_misread(args[i], value.text.split()[i]) for i in misread)
        )
    if len(args) == 1 and not numbers.c_string(args[0]):
        return NO_SAVE
    comment = next((i for i, arg in enumerate(args) if i and arg.startswith(b"#")), None)
    rule = SAVE_DROPPED if comment is None else "RL103"
    reason = (
        "text after # is no comment but more values of 'save'"
        if comment is not None
        else "this server reads one pair 'save <seconds> <changes>' a line"
    )
    note = Note(rule, Severity.ERROR, f"{reason}; it drops the line without a word", comment or -1)
    return Value("", (), (note,))


def is_dropped(value: Value) -> bool:
    """True for a save line that the server drops."""
    return any(note.rule in (SAVE_DROPPED, "RL103") for note in value.notes)


_CLASSES = {b"normal": "normal", b"slave": "slave", b"replica": "slave", b"pubsub": "pubsub"}
"""Client class as written -> as CONFIG GET shows it."""


def _buffer_limits(spec: Spec, dialect: Dialect, args: Args) -> Result:
    form = "<class> <hard limit> <soft limit> <soft seconds>"
    if len(args) % 4 or (not dialect.split_single_argument and len(args) != 4):
        return wrong_count(spec.name, args, form)
    limits: list[tuple[str, int, int, int]] = []
    notes: list[Note] = []
    for first in range(0, len(args), 4):
        name = numbers.c_string(args[first]).lower()
        known = _CLASSES.get(name)
        if known is None or (name == b"replica" and not dialect.replica_class):
            choices = (
                ("normal", "replica", "pubsub")
                if dialect.replica_class
                else ("normal", "slave", "pubsub")
            )
            return Refusal(
                "RL106",
                f"{shown(args[first])} is not a client class; expected {_listed(choices)}",
                first,
            )
        sizes = []
        for index in (first + 1, first + 2):
            size = _limit_size(dialect, args[index])
            if size is None:
                return Refusal(
                    "RL107",
                    _not_a_size(spec, args[index]),
                    index,
                )
            if dialect.lenient_buffer_limits and numbers.memtoll(args[index], "refuse") != size:
                notes.append(_misread(args[index], str(size))._replace(argument=index))
            sizes.append(size & numbers.U64_MAX)
        number, complete = numbers.strtoll(args[first + 3])
        seconds = numbers.signed32(number)
        if seconds < 0 or not (complete or dialect.lenient_buffer_limits):
            return Refusal(
                "RL108",
                f"'{spec.name}' takes soft seconds of at least 0, not {shown(args[first + 3])}",
                first + 3,
            )
        if not complete or seconds != number:
            notes.append(_misread(args[first + 3], str(seconds))._replace(argument=first + 3))
        limits.append((known, sizes[0], sizes[1], seconds))
    return Value(
        " ".join([f"{c} {h} {s} {t}" for c, h, s, t in limits]), tuple(limits), tuple(notes)
    )


def _limit_size(dialect: Dialect, arg: bytes) -> int | None:
    if dialect.lenient_buffer_limits:
        suffix = dialect.bad_memory_suffix
        return numbers.memtoll(arg, "zero" if suffix == "refuse" else suffix)
    return numbers.memtoull(arg, dialect.memory_saturates)


_MOST_ADDRESSES = 16  # CONFIG_BINDADDR_MAX in the servers' server.h


def _bind(spec: Spec, dialect: Dialect, args: Args) -> Result:
    if not args and not dialect.split_single_argument:
        return wrong_count("bind", args, "one or more addresses")
    if len(args) > _MOST_ADDRESSES:
        return Refusal(
            "RL102", f"'bind' takes at most {_MOST_ADDRESSES} addresses, got {len(args)}", -1
        )
    if len(args) == 1 and not args[0] and dialect.bind_may_be_empty:
        args = ()
    addresses = tuple(text_of(numbers.c_string(arg)) for arg in args)
    return Value(" ".join(addresses), addresses)


_EVENTS = "g$lshzxetdnoc"  # the order in which CONFIG GET shows them; K, E and m follow
_EVENTS_IN_A = frozenset("g$lshzxetd")


def _events(spec: Spec, dialect: Dialect, args: Args) -> Result:
    if len(args) != 1:
        return wrong_count(spec.name, args, "one word of event letters")
    known = spec.event_letters or ""
    letters = numbers.c_string(args[0]).decode("latin-1")
    for letter in letters:
        if letter not in known:
            return Refusal(
                "RL106",
                f"{shown(letter.encode('latin-1'))} is not an event letter of '{spec.name}';"
                f" expected letters of {''.join(sorted(known, key=str.swapcase))}",
            )
    chosen = set(letters)
    every = _EVENTS_IN_A & set(known)
    everything = "A" in chosen or every <= chosen
    text = "A" if everything else "".join([e for e in _EVENTS if e in chosen])
    text += "".join([e for e in "KEm" if e in chosen])
    return Value(text, text)


def _oom_values(spec: Spec, dialect: Dialect, args: Args) -> Result:
    if len(args) != 3:
        return wrong_count(spec.name, args, "three numbers (primary, replica, child process)")
    values = []
    for index, arg in enumerate(args):
        number, complete = numbers.strtoll(arg)
        if not complete or not -2000 <= number <= 2000:
            return Refusal(
                "RL108", f"'{spec.name}' takes numbers from -2000 to 2000, not {shown(arg)}", index
            )
        values.append(number)
    return Value(" ".join(map(str, values)), tuple(values))


_HIGHEST_PORT = 65535


def _replicaof(spec: Spec, dialect: Dialect, args: Args) -> Result:
    if len(args) != 2:
        return wrong_count(spec.name, args, "a host and a port")
    host, port_text = text_of(numbers.c_string(args[0])), args[1]
    if (
        dialect.replicaof_no_one
        and host.lower() == "no"
        and numbers.c_string(port_text).lower() == b"one"
    ):
        return Value("", None)
    number, complete = numbers.strtoll(port_text)
    port = numbers.signed32(number)
    if dialect.replicaof_port_checked and (not complete or not 0 <= port <= _HIGHEST_PORT):
        return Refusal(
            "RL108",
            f"'{spec.name}' takes a port from 0 to {_HIGHEST_PORT}, not {shown(port_text)}",
            1,
        )
    notes = (
        ()
        if complete and port == number
        else (_misread(port_text, str(port))._replace(argument=1),)
    )
    return Value(f"{host} {port}", (host, port), notes)


_DECIMAL = re.compile(
    rb"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|0[xX][0-9a-fA-F]+\.?[0-9a-fA-F]*(?:[pP][+-]?[0-9]+)?)"
)


def _percentiles(spec: Spec, dialect: Dialect, args: Args) -> Result:
    if len(args) == 1 and not args[0]:
        return Value("", ())
    values = []
    for index, arg in enumerate(args):
        text = arg.decode("latin-1")
        value = -1.0
        if _DECIMAL.fullmatch(arg):
            value = float.fromhex(text) if "x" in text.lower() else float(text)
        if not 0.0 <= value <= 100.0:
            return Refusal(
                "RL108", f"'{spec.name}' takes numbers from 0.0 to 100.0, not {shown(arg)}", index
            )
        values.append(value)
    return Value(" ".join([f"{v:f}".rstrip("0").rstrip(".") for v in values]), tuple(values))


def _dir(spec: Spec, dialect: Dialect, args: Args) -> Result:
    if len(args) != 1:
        return wrong_count("dir", args, "one directory")
    data = numbers.c_string(args[0])
    if not data:
        return Refusal("RL124", "'dir' takes a directory, not an empty text")
    return Value(text_of(data), text_of(data))


_KINDS: dict[str, Callable[[Spec, Dialect, Args], Result]] = {
    "bool": _bool,
    "enum": _enum,
    "string": _string,
    "int": _int,
    "memory": _memory,
    "percent-or-memory": _percent_or_memory,
    "signed-memory": _signed_memory,
    "octal": _octal,
    "ignored": _ignored,
    "special": _string,
}

_SPECIAL: dict[str, Callable[[Spec, Dialect, Args], Result]] = {
    "save": _save,
    "client-output-buffer-limit": _buffer_limits,
    "bind": _bind,
    "rdma-bind": _bind,
    "notify-keyspace-events": _events,
    "oom-score-adj-values": _oom_values,
    "replicaof": _replicaof,
    "latency-tracking-info-percentiles": _percentiles,
    "dir": _dir,
}
