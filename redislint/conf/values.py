"""From the words of a directive to the value that a server takes, or why it refuses.

`read` is a pure function of the directive's facts, the dialect and the arguments. Its
result says the text that CONFIG GET would show, the typed value, and what the server
changes in silence (`notes`). How several lines of one directive combine (save points,
buffer limits) is the resolver's business.

Typed values: yes/no directives are bools; sizes are bytes; other numbers are ints in the
directive's own unit; enums and strings are text; see `read`.
"""

from __future__ import annotations

from collections.abc import Callable

from redislint.catalog import Spec
from redislint.conf import forms, numbers, plain
from redislint.conf.dialect import Dialect
from redislint.conf.result import Args, Result, wrong_count


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


_KINDS: dict[str, Callable[[Spec, Dialect, Args], Result]] = {
    "bool": plain.boolean,
    "enum": plain.enum,
    "string": plain.string,
    "int": plain.integer,
    "memory": plain.memory,
    "percent-or-memory": plain.percent_or_memory,
    "signed-memory": plain.signed_memory,
    "octal": plain.octal,
    "ignored": plain.ignored,
    "special": plain.string,
}

_SPECIAL: dict[str, Callable[[Spec, Dialect, Args], Result]] = {
    "save": forms.save,
    "client-output-buffer-limit": forms.buffer_limits,
    "bind": forms.bind,
    "rdma-bind": forms.bind,
    "notify-keyspace-events": forms.events,
    "oom-score-adj-values": forms.oom_values,
    "replicaof": forms.replicaof,
    "latency-tracking-info-percentiles": forms.percentiles,
    "dir": forms.directory,
}
