"""Directives with a form of their own: save points, buffer limits, addresses and others.

Each reader takes the facts of a directive, the dialect and the arguments."""

from __future__ import annotations

import re
from collections.abc import Sequence

from redislint.catalog import Spec
from redislint.conf import numbers
from redislint.conf.dialect import Dialect
from redislint.conf.plain import not_a_size
from redislint.conf.result import (
    Args,
    Note,
    Refusal,
    Result,
    Value,
    listed,
    misread,
    shown,
    text_of,
    wrong_count,
)
from redislint.model import Severity


def save(spec: Spec, dialect: Dialect, args: Args) -> Result:
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
        wrong = [
            i
            for i, (arg, number) in enumerate(zip(args, (seconds, changes), strict=True))
            if numbers.strtoll(arg) != (number, True)
        ]
        return value._replace(notes=tuple(misread(args[i], value.text.split()[i]) for i in wrong))
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


def buffer_limits(spec: Spec, dialect: Dialect, args: Args) -> Result:
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
                f"{shown(args[first])} is not a client class; expected {listed(choices)}",
                first,
            )
        sizes = []
        for index in (first + 1, first + 2):
            size = _limit_size(dialect, args[index])
            if size is None:
                return Refusal(
                    "RL107",
                    not_a_size(spec, args[index]),
                    index,
                )
            if dialect.lenient_buffer_limits and numbers.memtoll(args[index], "refuse") != size:
                notes.append(misread(args[index], str(size))._replace(argument=index))
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
            notes.append(misread(args[first + 3], str(seconds))._replace(argument=first + 3))
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


def bind(spec: Spec, dialect: Dialect, args: Args) -> Result:
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


def events(spec: Spec, dialect: Dialect, args: Args) -> Result:
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


def oom_values(spec: Spec, dialect: Dialect, args: Args) -> Result:
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


def replicaof(spec: Spec, dialect: Dialect, args: Args) -> Result:
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
        () if complete and port == number else (misread(port_text, str(port))._replace(argument=1),)
    )
    return Value(f"{host} {port}", (host, port), notes)


_DECIMAL = re.compile(
    rb"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|0[xX][0-9a-fA-F]+\.?[0-9a-fA-F]*(?:[pP][+-]?[0-9]+)?)"
)


def percentiles(spec: Spec, dialect: Dialect, args: Args) -> Result:
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


def directory(spec: Spec, dialect: Dialect, args: Args) -> Result:
    if len(args) != 1:
        return wrong_count("dir", args, "one directory")
    data = numbers.c_string(args[0])
    if not data:
        return Refusal("RL124", "'dir' takes a directory, not an empty text")
    return Value(text_of(data), text_of(data))
