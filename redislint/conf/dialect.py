"""How the configuration language differs between versions: one table.

Code asks the dialect of a server; comparisons of version numbers stand only here.
Each value was measured on real servers (redis 2.8 to 8.6, valkey 7.2 to 9.1) or read
in the sources of those releases.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from redislint.conf.validity import Check, text_checks
from redislint.model import Server


class Dialect(NamedTuple):
    """What the language is on one range of versions.

    strict_numbers: an integer must be exactly decimal digits; before, C's atoi read
        what it could and took 0 for the rest.
    bad_memory_suffix: `digits` (suffix ignored), `zero` (whole value becomes 0) or
        `refuse`.
    unsigned_memory: memory sizes go up to 2**64 - 1; before, up to 2**63 - 1.
    memory_saturates: a number too great for 64 bits becomes the greatest one.
    strict_octal: trailing text in an octal number is refused.
    text_after_quote: text may follow a closing quote directly.
    split_single_argument: a directive of several arguments given exactly one splits
        it as a line of its own (`save "900 1"`).
    queued_names: which unknown names wait for a module until the end of start-up:
        `none`, `dotted` or `all`.
    save_reset: when the built-in save points go away: `always` (any file or option),
        `per-file` (the first save line of each file read) or `once` (first save line).
    save_pairs: one line may hold several pairs and anything else is fatal; before,
        a line that is not one pair is dropped in silence.
    include_resets_save: after an include returned, each further save line replaces
        all save points instead of adding to them.
    includes_stdin: `include -` reads standard input.
    include_glob: `*`, `?` and `[` in an include path are expanded.
    dash_is_option: an argument that begins with one dash is no configuration file.
    stdin_last: a lone `-` may be the first or the last argument.
    skips_check_rdb: `--check-rdb` is left out of the options.
    option_takes_next: the argument after a bare option is its value even when it
        begins with two dashes.
    escapes_arguments: quotes and backslashes in arguments survive (Valkey 8.1.1 has a
        fault there).
    sentinel_queued: sentinel lines are carried out after the whole file was read.
    replicaof_line: `replicaof` with cluster mode is refused at the replicaof line;
        later versions name no line.
    cluster_single_database: cluster mode silently sets databases to 1.
    hz_clamp: hz is brought into 1..500: `line` (at its line), `end` (after reading) or
        `crash` (0, or above 1000, kills the server).
    logfile_at_line, dir_at_line: the file or directory is tried at its own line.
    lenient_bool: directives that take any text for a yes/no.
    lenient_memory: memory directives still read without any check.
    lenient_buffer_limits: sizes in client-output-buffer-limit are not checked.
    replica_class: `replica` is a client class too.
    replicaof_no_one: `replicaof no one` means none.
    replicaof_port_checked: the port must be a number of 0..65535.
    bind_may_be_empty: `bind ""` means no address.
    keeps_length: strings that are kept with their length, NUL bytes included.
    daemon_pidfile: pidfile of a server in the background that was given none.
    requirepass_limit: most bytes of requirepass, or 0 for no limit.
    wrong_count_is_unknown: a known name with a wrong number of arguments falls
        through to the unknown names (matters where those are queued).
    backlog_minimum: least repl-backlog-size, smaller ones are raised to it.
    text_checks: directive -> what is checked of its text (`conf.validity`).
    cluster_needs_address: cluster mode does not start without an address to bind.
    unix_socket_longest: most bytes of a unixsocket path, 0 where a longer one is cut.
    io_threads_clamp: io-threads above it are cut to it in silence, 0 for no such limit.
    """

    strict_numbers: bool
    bad_memory_suffix: str
    unsigned_memory: bool
    memory_saturates: bool
    strict_octal: bool
    text_after_quote: bool
    split_single_argument: bool
    queued_names: str
    save_reset: str
    save_pairs: bool
    include_resets_save: bool
    includes_stdin: bool
    include_glob: bool
    dash_is_option: bool
    stdin_last: bool
    skips_check_rdb: bool
    option_takes_next: bool
    escapes_arguments: bool
    sentinel_queued: bool
    replicaof_line: bool
    cluster_single_database: bool
    hz_clamp: str
    logfile_at_line: bool
    dir_at_line: bool
    lenient_bool: frozenset[str]
    lenient_memory: frozenset[str]
    lenient_buffer_limits: bool
    replica_class: bool
    replicaof_no_one: bool
    replicaof_port_checked: bool
    bind_may_be_empty: bool
    keeps_length: frozenset[str]
    daemon_pidfile: str
    requirepass_limit: int
    wrong_count_is_unknown: bool
    backlog_minimum: int
    cluster_needs_address: bool
    unix_socket_longest: int
    io_threads_clamp: int
    text_checks: Mapping[str, tuple[Check, ...]]


_LUA_REPLICATE = frozenset({"lua-replicate-commands"})
_SIZED_STRINGS = frozenset({"requirepass", "masterauth", "availability-zone"})
_NOTHING: frozenset[str] = frozenset()


@lru_cache(maxsize=64)
def dialect(server: Server) -> Dialect:
    """The dialect of `server`; versions that were not measured follow the nearest
    older one."""
    valkey = server.engine == "valkey"
    version = server.version[:2]
    since = (7, 2) if valkey else version
    v3, v5, v6, v62 = since >= (3, 0), since >= (5, 0), since >= (6, 0), since >= (6, 2)
    v32, v7, v72 = since >= (3, 2), since >= (7, 0), since >= (7, 2)
    v8_redis = not valkey and version >= (8, 0)
    return Dialect(
        strict_numbers=v6,
        bad_memory_suffix="refuse" if v6 else "zero" if v3 else "digits",
        unsigned_memory=v7,
        memory_saturates=not (valkey and version >= (9, 1)),
        strict_octal=v7,
        text_after_quote=valkey and version >= (9, 1),
        split_single_argument=v7,
        queued_names="all" if v8_redis else "dotted" if v7 else "none",
        save_reset="once" if v7 else "per-file" if v62 else "always",
        save_pairs=v7,
        include_resets_save=v7,
        includes_stdin=not v62,
        include_glob=v7,
        dash_is_option=v62,
        stdin_last=v62,
        skips_check_rdb=v32 and not v62,
        option_takes_next=v7,
        escapes_arguments=not (valkey and version == (8, 1)),
        sentinel_queued=v62,
        replicaof_line=not v7,
        cluster_single_database=v72 and not (valkey and version >= (9, 0)),
        hz_clamp="line" if not v6 else "end" if v62 else "crash",
        logfile_at_line=not v7,
        dir_at_line=True,
        lenient_bool=_LUA_REPLICATE if v5 and not v6 else _NOTHING,
        lenient_memory=(frozenset({"client-query-buffer-limit"}) if v6 and not v62 else _NOTHING),
        lenient_buffer_limits=not v7,
        replica_class=v5,
        replicaof_no_one=v6,
        replicaof_port_checked=v6,
        bind_may_be_empty=v7,
        keeps_length=_SIZED_STRINGS if v62 else _NOTHING,
        daemon_pidfile=(
            ""
            if not v32
            else "/var/run/valkey.pid"
            if valkey and version >= (8, 0)
            else "/var/run/redis.pid"
        ),
        requirepass_limit=0 if v62 else 512,
        wrong_count_is_unknown=v8_redis,
        backlog_minimum=0 if v6 else 16384,
        cluster_needs_address=v72,
        unix_socket_longest=107 if v7 else 0,
        io_threads_clamp=16 if valkey and version == (8, 0) else 0,
        text_checks=text_checks(server),
    )
