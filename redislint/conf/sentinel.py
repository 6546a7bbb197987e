"""The `sentinel ...` lines of a sentinel.conf: what each server version says of them.

Up to redis 6.0 a line is carried out where it stands, so a master must be monitored
above every line that names it. From 6.2 on the lines wait until the whole file was
read; then global options come first, `monitor` lines second, all others last, each
kind in the order of the file. The first problem in that order is where the server
stops. Numbers are read by C's atoi in every version: what is no number counts as 0.

Facts from the sources of redis 2.8 to 8.6 and valkey 7.2 to 9.1, verified on the
running servers. No message holds a password.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from redislint.conf.sentinel_host import Host, host_kind
from redislint.model import Server

_RUN_ID_LENGTH = 40
_MAX_PORT = 65535

Asked = Callable[[bytes], bool]
"""What only the machine can tell: may this file be executed, does this name resolve?"""


@dataclass(frozen=True, slots=True)
class SentinelProblem:
    """What is wrong with one line. `index` is the line's place in the lines given;
    `argument` counts the words after `sentinel` from 0 (the option itself); `rule` is
    the diagnostic's id. `stage`: `load` where the text is at fault, `env` where it
    depends on the machine (a script, a host name)."""

    index: int
    argument: int
    rule: str
    message: str
    stage: str = "load"


@dataclass(frozen=True, slots=True)
class Master:
    """One monitored master as the lines leave it; times in milliseconds.

    `line` is the index of its `monitor` line; `lines` maps the names of its further
    options to the index of the line that sets them last. Passwords are only known to
    be set or not.
    """

    name: str
    host: str
    port: int
    quorum: int
    line: int
    down_after: int = 30_000
    failover_timeout: int = 180_000
    parallel_syncs: int = 1
    reboot_down_after: int = 0
    auth_user: str = ""
    has_auth_pass: bool = False
    notification_script: str = ""
    client_reconfig_script: str = ""
    renamed_commands: tuple[str, ...] = ()
    replicas: tuple[str, ...] = ()
    sentinels: tuple[str, ...] = ()
    lines: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """One sentinel option: the names of its arguments (`[name]`: may be left out), the
    first version of each engine that knows it (None: none does), and whether it is
    carried out before the masters are known."""

    arguments: tuple[str, ...]
    redis: tuple[int, int] | None = (2, 8)
    valkey: tuple[int, int] = (7, 2)
    early: bool = False

    def counts(self) -> tuple[int, int]:
        """Least and greatest number of arguments."""
        optional = sum(name.startswith("[") for name in self.arguments)
        return len(self.arguments) - optional, len(self.arguments)

    def known(self, server: Server) -> bool:
        since = self.redis if server.engine == "redis" else self.valkey
        return since is not None and (server.version >= since or since == (2, 8))


_REBOOT = ("master", "milliseconds")
OPTIONS: dict[bytes, Option] = {
    b"monitor": Option(("name", "host", "port", "quorum")),
    b"down-after-milliseconds": Option(("master", "milliseconds")),
    b"failover-timeout": Option(("master", "milliseconds")),
    b"parallel-syncs": Option(("master", "number")),
    b"notification-script": Option(("master", "path")),
    b"client-reconfig-script": Option(("master", "path")),
    b"auth-pass": Option(("master", "password")),
    b"auth-user": Option(("master", "user"), (6, 0)),
    b"rename-command": Option(("master", "command", "new-name"), (5, 0)),
    b"config-epoch": Option(("master", "epoch")),
    b"leader-epoch": Option(("master", "epoch")),
    b"known-slave": Option(("master", "address", "port")),
    b"known-replica": Option(("master", "address", "port"), (5, 0)),
    b"known-sentinel": Option(("master", "address", "port", "[id]")),
    b"master-reboot-down-after-period": Option(_REBOOT, (7, 0)),
    b"primary-reboot-down-after-period": Option(_REBOOT, None, (8, 0)),
    b"current-epoch": Option(("epoch",), early=True),
    b"announce-ip": Option(("address",), early=True),
    b"announce-port": Option(("port",), early=True),
    b"myid": Option(("id",), (3, 2), early=True),
    b"deny-scripts-reconfig": Option(("yes|no",), (3, 2), early=True),
    b"sentinel-user": Option(("user",), (6, 2), early=True),
    b"sentinel-pass": Option(("password",), (6, 2), early=True),
    b"resolve-hostnames": Option(("yes|no",), (6, 2), early=True),
    b"announce-hostnames": Option(("yes|no",), (6, 2), early=True),
}

_TIMES = {
    b"down-after-milliseconds": "down_after",
    b"failover-timeout": "failover_timeout",
    b"master-reboot-down-after-period": "reboot_down_after",
    b"primary-reboot-down-after-period": "reboot_down_after",
}
_SCRIPTS = {
    b"notification-script": "notification_script",
    b"client-reconfig-script": "client_reconfig_script",
}


def queued(server: Server) -> bool:
    """Are sentinel lines carried out only after the whole file was read?"""
    return server.engine == "valkey" or server.version >= (6, 2)


def check(
    lines: Sequence[Sequence[bytes]],
    server: Server,
    *,
    executable: Asked | None = None,
    resolves: Asked | None = None,
) -> list[SentinelProblem]:
    """Everything `server` says against the sentinel lines, in the order in which it
    finds it; the first one of stage `load` is where it stops.

    Each line is what follows the word `sentinel` (at least one word). `executable`
    answers for the paths of scripts and `resolves` for host names (up to redis 6.0;
    later versions take no names, or take any); without an answer such a word is a
    problem of stage `env`, since only the machine can tell.
    """
    return _carried_out(lines, server, executable, resolves).problems


def masters(lines: Sequence[Sequence[bytes]], server: Server) -> tuple[Master, ...]:
    """The masters that the lines make; what the server would refuse is left out."""
    return tuple(_carried_out(lines, server, None, None).masters.values())


def _carried_out(
    lines: Sequence[Sequence[bytes]],
    server: Server,
    executable: Asked | None,
    resolves: Asked | None,
) -> _State:
    state = _State(server, executable, resolves)
    order = list(range(len(lines)))
    if queued(server):
        order.sort(key=lambda index: _phase(lines[index][0]))
    for index in order:
        state.take(index, lines[index])
    return state


def _phase(word: bytes) -> int:
    name = _c(word).lower()
    if name == b"monitor":
        return 1
    option = OPTIONS.get(name)
    return 0 if option is not None and option.early else 2


@dataclass(slots=True)
class _State:
    """What a sentinel knows while it carries out its lines."""

    server: Server
    executable: Asked | None
    resolves: Asked | None
    problems: list[SentinelProblem] = field(default_factory=list)
    masters: dict[bytes, Master] = field(default_factory=dict)
    refused: set[bytes] = field(default_factory=set)
    instances: set[tuple[bytes, str, object]] = field(default_factory=set)
    resolve_hostnames: bool = False
    announce_hostnames: bool = False

    def take(self, index: int, args: Sequence[bytes]) -> None:
        """Carry out one line and note what is wrong with it."""
        words = [_c(arg) for arg in args]
        name = words[0].lower()
        option = OPTIONS.get(name)
        if option is None or not option.known(self.server):
            self._unknown(index, words[0], option)
            return
        least, most = option.counts()
        if not least <= len(words) - 1 <= most:
            usage = " ".join(("sentinel", name.decode("ascii"), *option.arguments))
            self._say(index, 0, "RL102", f"expected {_several(least, most)}: {usage}")
            return
        if option.early:
            self._global(index, name, words[1])
        elif name == b"monitor":
            self._monitor(index, words)
        elif name == b"known-sentinel" and len(words) == 4 and not self._old_instances:
            return  # the form without an id is ignored since 3.2
        elif words[1] not in self.masters:
            if words[1] not in self.refused:
                hint = "" if queued(self.server) else " above this line"
                message = f"no 'sentinel monitor' line names the master {_shown(words[1])}{hint}"
                self._say(index, 1, "RL106", message)
        else:
            self._option(index, name, words)

    @property
    def _old_instances(self) -> bool:
        return self.server.engine == "redis" and self.server.version < (3, 2)

    def _say(self, index: int, argument: int, rule: str, text: str, stage: str = "load") -> None:
        self.problems.append(SentinelProblem(index, argument, rule, text, stage))

    def _unknown(self, index: int, word: bytes, option: Option | None) -> None:
        if option is not None:
            message = f"{self.server} does not know 'sentinel {_shown(word)}'"
            self._say(index, 0, "RL113", message)
            return
        from difflib import get_close_matches

        known = [n.decode("ascii") for n, o in OPTIONS.items() if o.known(self.server)]
        close = get_close_matches(_shown(word).lower(), known, 1, 0.7)
        hint = f"; did you mean '{close[0]}'?" if close else ""
        self._say(index, 0, "RL101", f"unknown sentinel option{hint}")

    def _global(self, index: int, name: bytes, value: bytes) -> None:
        if name == b"myid" and len(value) != _RUN_ID_LENGTH:
            message = f"expected an id of {_RUN_ID_LENGTH} characters, got {len(value)}"
            self._say(index, 1, "RL106", message)
        elif OPTIONS[name].arguments == ("yes|no",):
            if value.lower() not in (b"yes", b"no"):
                self._say(index, 1, "RL105", "expected yes or no")
            elif name == b"resolve-hostnames":
                self.resolve_hostnames = value.lower() == b"yes"
            elif name == b"announce-hostnames":
                self.announce_hostnames = value.lower() == b"yes"

    def _monitor(self, index: int, words: Sequence[bytes]) -> None:
        name, host = words[1], words[2]
        port, quorum = atoi(words[3]), atoi(words[4])
        if quorum <= 0:
            self._say(index, 4, "RL108", "expected a quorum of 1 or more")
        elif self._address(index, 2, host, words[3]) is None:
            pass
        elif name in self.masters:
            self._say(index, 1, "RL106", f"the master {_shown(name)} is monitored twice")
        else:
            self.masters[name] = Master(_shown(name), _shown(host), port, quorum, index)
            return
        self.refused.add(name)

    def _option(self, index: int, name: bytes, words: Sequence[bytes]) -> None:
        """Carry out an option of a master that is monitored."""
        value = words[2]
        changes: dict[str, object] = {}
        master = self.masters[words[1]]
        if name in _TIMES:
            least = 0 if _TIMES[name] == "reboot_down_after" else 1
            if atoi(value) < least:
                message = f"expected a number of milliseconds, {least} or more"
                self._say(index, 2, "RL108", message)
                return
            changes[_TIMES[name]] = atoi(value)
        elif name in _SCRIPTS:
            if not self._script(index, value):
                return
            changes[_SCRIPTS[name]] = _shown(value)
        elif name == b"parallel-syncs":
            changes["parallel_syncs"] = atoi(value)
        elif name == b"auth-pass":
            changes["has_auth_pass"] = True
        elif name == b"auth-user":
            changes["auth_user"] = _shown(value)
        elif name == b"rename-command":
            command = _shown(value).lower()
            if command in master.renamed_commands:
                self._say(index, 2, "RL106", f"the command {command} is renamed twice")
                return
            changes["renamed_commands"] = (*master.renamed_commands, command)
        elif name.startswith(b"known-"):
            kind = "sentinels" if name == b"known-sentinel" else "replicas"
            if not self._instance(index, kind, words):
                return
            known = f"{_shown(words[2])}:{atoi(words[3])}"
            changes[kind] = (*getattr(master, kind), known)
        changes["lines"] = (*dict(master.lines, **{name.decode("ascii"): index}).items(),)
        self.masters[words[1]] = replace(master, **changes)  # type: ignore[arg-type]

    def _script(self, index: int, path: bytes) -> bool:
        if self.executable is None:
            message = "the server must find this script and be allowed to execute it"
            self._say(index, 2, "RL106", message, "env")
        elif not self.executable(path):
            self._say(index, 2, "RL106", "expected an existing file that may be executed")
            return False
        return True

    def _instance(self, index: int, kind: str, words: Sequence[bytes]) -> bool:
        """Note a replica or another sentinel; False where the server refuses it."""
        address = self._address(index, 2, words[2], words[3])
        if address is None:
            return False
        port = atoi(words[3])
        by_id = kind == "sentinels" and not self._old_instances
        named = self.announce_hostnames or not queued(self.server)
        key: object = words[4] if by_id else (words[2] if named else address, port)
        if (words[1], kind, key) in self.instances:
            what = "id" if by_id else "address and port"
            message = f"this master already has one of these with the same {what}"
            self._say(index, 4 if by_id else 2, "RL106", message)
            return False
        self.instances.add((words[1], kind, key))
        return True

    def _address(self, index: int, at: int, host: bytes, port_text: bytes) -> bytes | None:
        """The address that the server makes of host and port, None where it refuses."""
        port = atoi(port_text)
        least = 1 if self._old_instances else 0
        if not least <= port <= _MAX_PORT:
            self._say(index, at + 1, "RL108", f"expected a port from {least} to {_MAX_PORT}")
            return None
        found = host_kind(host)
        if found.kind is Host.NUMERIC:
            return found.address
        if queued(self.server):
            if self.resolve_hostnames:
                return found.address
            message = (
                "expected an IP address; host names need 'sentinel resolve-hostnames yes'"
                if found.kind is not Host.IMPOSSIBLE
                else "expected an IP address"
            )
            self._say(index, at, "RL106", message)
            return None
        named = found.kind is Host.NAME
        if found.kind is Host.IMPOSSIBLE or (named and self.resolves and not self.resolves(host)):
            expected = "a host name that resolves" if named else "a host name"
            self._say(index, at, "RL106", f"expected an IP address or {expected}")
            return None
        if named and self.resolves is None:
            message = "the server must be able to resolve this host name when it starts"
            self._say(index, at, "RL106", message, "env")
        return found.address


@lru_cache(maxsize=256)
def atoi(text: bytes) -> int:
    """C's atoi on a 64-bit machine: leading blanks, a sign, digits; anything else ends
    the number, no digits are 0, and what does not fit keeps its lowest 32 bits."""
    stripped = text.lstrip(b" \t\n\v\f\r")
    negative = stripped[:1] == b"-"
    digits = stripped[1:] if stripped[:1] in (b"+", b"-") else stripped
    count = 0
    while digits[count : count + 1].isdigit():
        count += 1
    value = int(digits[:count].lstrip(b"0")[:25] or b"0")
    value = max(-(2**63), min(2**63 - 1, -value if negative else value))
    return (value + 2**31) % 2**32 - 2**31


def _c(word: bytes) -> bytes:
    """The servers read every word as a C string."""
    return word.partition(b"\0")[0]


def _several(least: int, most: int) -> str:
    amount = str(least) if least == most else f"{least} or {most}"
    return f"{amount} argument{'' if most == 1 else 's'}"


def _shown(word: bytes) -> str:
    text = word.decode("utf-8", "backslashreplace")
    return text if text.isprintable() else text.encode("unicode_escape").decode("ascii")
