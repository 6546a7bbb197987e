"""What a server checks after the whole configuration was read.

These refusals carry no line number of the server's own; the diagnostics point at the
lines that lead to them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from redislint.conf.document import Line
from redislint.conf.load import Loader
from redislint.conf.state import Applied
from redislint.model import Severity

if TYPE_CHECKING:
    from redislint.conf.sentinel import SentinelProblem

_BUS_OFFSET = 10000  # CLUSTER_PORT_INCR in the servers' cluster.h
_HIGHEST_PORT = 65535
_CRASHING_HZ = 1000  # redis 6.0 divides by 1000 / hz


def check(loader: Loader) -> None:
    """Add to the loader's diagnostics what its server finds at the end of start-up.

    What hangs on a directive whose value is not known is not said.
    """
    state = loader.state
    _users(loader)
    _sentinel(loader)
    _unknown_names(loader)
    for check_one, directives in _CHECKS:
        if not state.is_open(*directives):
            check_one(loader)


def _unknown_names(loader: Loader) -> None:
    if not loader.queued:
        return
    from redislint.conf.wording import unknown_name

    for order, line, name in loader.queued:
        rule, message = unknown_name(name, loader.server)
        if loader.sentinel:
            message += "; sentinel mode goes on without it"
        elif loader.modules:
            message += "; the server starts only if a loaded module takes it"
        _late(
            loader,
            line,
            rule,
            message,
            order=order,
            word=0,
            fatal=not (loader.sentinel or loader.modules),
        )


def _users(loader: Loader) -> None:
    if not loader.users:
        return
    from redislint.conf import acl

    found = acl.check_users(
        [args for _, _, args, _ in loader.users],
        loader.server,
        all_channels=[channels for _, _, _, channels in loader.users],
        final_all_channels=_all_channels(loader),
        sentinel=loader.sentinel,
    )
    commented: set[int] = set()
    for index, problem in found:
        order, line, args, _ = loader.users[index]
        late = problem.stage != "load"
        if index in commented:
            continue
        if 0 <= problem.index < len(args) and args[problem.index] == b"#":
            commented.add(index)
            loader.add(
                line,
                "RL103",
                "text after # is no comment here: in a user's rules # begins a password hash",
                order=order,
                stage=problem.stage,
                late=late,
                word=problem.index + 1,
            )
            continue
        if late:
            taken = problem.unknown_name and loader.modules
            message = problem.message + (", unless a loaded module brings it" if taken else "")
            _late(
                loader, line, "RL126", message, order=order, word=problem.index + 1, fatal=not taken
            )
        else:
            loader.add(
                line,
                "RL126",
                problem.message,
                order=order,
                stage=problem.stage,
                late=False,
                word=problem.index + 1,
            )


def _all_channels(loader: Loader) -> bool | None:
    """What acl-pubsub-default says in the end, None for the server's default."""
    default = loader.state.text("acl-pubsub-default")
    return None if default is None else default == "allchannels"


def _sentinel(loader: Loader) -> None:
    if not loader.sentinels or any(document.templated for document in loader.documents):
        return  # in a template, a script writes what is missing
    from redislint.conf import sentinel

    lines = [args for _, _, args in loader.sentinels]
    queue_end = loader.state.order + 1
    for position, problem in enumerate(sentinel.check(lines, loader.server)):
        order, line, args = loader.sentinels[problem.index]
        env = problem.stage == "env" and not _fails_here(loader, args, problem)
        loader.add(
            line,
            problem.rule,
            problem.message,
            order=queue_end + position if loader.rules.sentinel_queued else order,
            stage="" if env else "load",
            late=False,
            word=problem.argument + 2,
            severity=Severity.INFO if env else Severity.ERROR,
            fatal=not env,
            directive="sentinel",
        )


_SCRIPTS = (b"notification-script", b"client-reconfig-script")


def _fails_here(loader: Loader, args: Sequence[bytes], problem: SentinelProblem) -> bool:
    """Whether what depends on the machine fails in the directory that the caller gave."""
    if loader.cwd is None or args[0].lower() not in _SCRIPTS:
        return False
    script = os.path.join(os.fsencode(loader.cwd), args[problem.argument])
    return not os.access(script, os.X_OK)


def _acl_file(loader: Loader) -> None:
    file = _set(loader, "aclfile")
    if file is None or not file.value.text:
        return
    if not loader.users:
        _read_acl_file(loader, file)
    for order, line, _, _ in loader.users[:1]:
        message = (
            f"users are defined here and in aclfile (line {file.line.source_line}): the server"
            " refuses both together"
        )
        _late(loader, line, "RL120", message, order=order)


def _read_acl_file(loader: Loader, file: Applied) -> None:
    """What the server says against the ACL file, where it lies within reach."""
    from redislint.conf import acl

    found = loader.acl_file(file.value.text)
    if found is None:
        return
    path, data = found
    loader.acl_data = data
    problems = acl.check_file(
        data, loader.server, all_channels=_all_channels(loader), sentinel=loader.sentinel
    )
    for problem in problems:
        message = f"aclfile {path}, line {problem.line}: {problem.message}"
        _tell(loader, file, message, rule="RL126", word=1)


def _tls(loader: Loader) -> None:
    """A server that shall speak TLS needs a certificate, a key and, for verifying
    others, a CA (tlsConfigure in the servers' tls.c)."""
    state = loader.state
    wanted = [
        applied
        for name in ("tls-port", "tls-replication", "tls-cluster")
        if (applied := _set(loader, name)) and applied.value.value
    ]
    if not wanted:
        return
    missing = [name for name in ("tls-cert-file", "tls-key-file") if not state.text(name)]
    authority = state.text("tls-ca-cert-file") or state.text("tls-ca-cert-dir")
    verifies = state.text("tls-auth-clients") != "no" or any(
        applied.spec.directive != "tls-port" for applied in wanted
    )
    if verifies and not authority:
        missing.append("tls-ca-cert-file")
    if missing:
        first = wanted[0]
        _tell(
            loader,
            first,
            f"'{first.name}' needs {_listed(missing)}: the server does not start without",
        )


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _cluster_port(loader: Loader) -> None:
    state = loader.state
    cluster = _set(loader, "cluster-enabled")
    if not cluster or not cluster.value.value or state.text("cluster-port") not in (None, "0"):
        return
    for name in ("tls-port", "port") if state.text("tls-cluster") == "yes" else ("port",):
        port = _set(loader, name)
        if port and port.value.value > _HIGHEST_PORT - _BUS_OFFSET:
            _tell(
                loader,
                port,
                f"port {port.value.text} is too high for cluster mode: the cluster bus takes the"
                f" port {_BUS_OFFSET} above it",
            )
            return


def _cluster_bind(loader: Loader) -> None:
    """The cluster bus needs an address (clusterInit in the servers' cluster.c)."""
    bind = _set(loader, "bind") if loader.rules.cluster_needs_address else None
    if bind and not bind.value.value and loader.state.text("cluster-enabled") == "yes":
        _tell(
            loader,
            bind,
            "cluster mode needs an address to bind: the server does not start without",
        )


def _unix_socket(loader: Loader) -> None:
    """The system's limit for the path of a socket (anetUnixServer in the servers' anet.c)."""
    socket = _set(loader, "unixsocket")
    longest = loader.rules.unix_socket_longest
    if socket and longest and len(socket.value.text.encode("utf-8", "replace")) > longest:
        _tell(
            loader,
            socket,
            f"the path of a unixsocket has at most {longest} bytes: the server does not start",
            word=1,
        )


def _hz(loader: Loader) -> None:
    hz = _set(loader, "hz")
    if loader.rules.hz_clamp == "crash" and hz and not 0 < hz.value.value <= _CRASHING_HZ:
        _tell(
            loader,
            hz,
            f"hz {hz.value.text} crashes this server: it must be 1..{_CRASHING_HZ}",
            rule="RL108",
            stage="crash",
        )


def _defrag(loader: Loader) -> None:
    defrag = _set(loader, "activedefrag")
    if defrag and defrag.value.value:
        _tell(
            loader,
            defrag,
            "activedefrag needs a server built with the allocator that comes with it; other builds"
            " (many distributions) do not start with this line",
            severity=Severity.INFO,
            fatal=False,
        )


def _nothing_to_listen_on(loader: Loader) -> None:
    state = loader.state
    port = _set(loader, "port")
    if port and not port.value.value and not state.text("unixsocket"):
        tls = _set(loader, "tls-port")
        if not (tls and tls.value.value):
            _tell(
                loader,
                port,
                "port 0 without a unixsocket: there is nothing to listen on and the server exits",
                severity=Severity.WARNING,
                fatal=False,
            )


_Check = Callable[[Loader], None]
_CHECKS: tuple[tuple[_Check, tuple[str, ...]], ...] = (
    (_acl_file, ("aclfile",)),
    (
        _tls,
        (
            "tls-port",
            "tls-replication",
            "tls-cluster",
            "tls-cert-file",
            "tls-key-file",
            "tls-ca-cert-file",
            "tls-ca-cert-dir",
            "tls-auth-clients",
        ),
    ),
    (_cluster_port, ("cluster-enabled", "cluster-port", "tls-cluster", "tls-port", "port")),
    (_cluster_bind, ("bind", "cluster-enabled")),
    (_unix_socket, ("unixsocket",)),
    (_hz, ("hz",)),
    (_defrag, ("activedefrag",)),
    (_nothing_to_listen_on, ("port", "unixsocket", "tls-port")),
)
"""The checks of values, and the directives that each looks at."""


def _tell(
    loader: Loader,
    applied: Applied,
    message: str,
    *,
    rule: str = "RL125",
    stage: str = "startup",
    word: int | None = None,
    severity: Severity = Severity.ERROR,
    fatal: bool = True,
) -> None:
    """Add what the server says, after everything was read, against a line that it took."""
    loader.add(
        applied.line,
        rule,
        message,
        order=applied.order,
        stage=stage if fatal else "",
        late=True,
        word=word,
        severity=severity,
        directive=applied.spec.name,
        fatal=fatal,
    )


def _late(
    loader: Loader,
    line: Line,
    rule: str,
    message: str,
    *,
    order: int,
    word: int | None = None,
    fatal: bool = True,
) -> None:
    """Add what stops the server at the end of start-up (not `fatal`: what may stop it)."""
    loader.add(
        line,
        rule,
        message,
        order=order,
        stage="startup" if fatal else "",
        late=True,
        word=word,
        severity=Severity.ERROR if fatal else Severity.WARNING,
        fatal=fatal,
    )


def _set(loader: Loader, directive: str) -> Applied | None:
    return loader.state.last.get(directive)
