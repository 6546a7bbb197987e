"""What the servers check of a text value beyond its type.

Each check takes the value's bytes, NUL bytes that an escape put there included, and returns
what was expected, or None when the value is taken. Which check holds on which version is
one table (`text_checks`); the checks were read in the servers' config.c, cluster.c and util.c
and measured on real servers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from redislint.conf.numbers import c_string
from redislint.model import Server

Check = Callable[[bytes], "tuple[str, str] | None"]
"""Value -> rule and what was expected (continues after the directive's name), or None."""


def text_checks(server: Server) -> Mapping[str, tuple[Check, ...]]:
    """Directive -> the checks that `server` makes of its text."""
    valkey = server.engine == "valkey"
    version = server.version[:2]
    since = (7, 2) if valkey else version
    valkey8 = valkey and version >= (8, 0)
    strict_names = version >= ((9, 1) if valkey else (8, 6))
    empty_too = (_file_name, _not_empty)
    node_name = (
        (_valkey9_name if valkey else _redis86_name)
        if strict_names
        else _valkey8_name
        if valkey8
        else _node_name
    )
    found: dict[str, tuple[Check, ...]] = {
        "dbfilename": empty_too if valkey8 else (_file_name,),
        "appendfilename": empty_too if since >= (7, 0) else (_file_name,),
        "appenddirname": empty_too,
        "cluster-announce-hostname": (_host_name,),
        "cluster-announce-human-nodename": (node_name,),
        "cluster-announce-client-ipv4": (_ipv4,),
        "cluster-announce-client-ipv6": (_ipv6,),
        "proc-title-template": (_title,),
        "hash-seed": (_seed,),
    }
    if valkey8:
        found["cluster-config-file"] = (_not_empty,)
    if strict_names:
        found["cluster-announce-ip"] = (_valkey9_ip,) if valkey else (_ip,)
    return found


def _file_name(data: bytes) -> tuple[str, str] | None:
    data = c_string(data)
    if b"/" in data or b"\\" in data:
        return "RL117", "must be a plain file name, not a path; the directory belongs to 'dir'"
    return None


def _not_empty(data: bytes) -> tuple[str, str] | None:
    data = c_string(data)
    return None if data else ("RL117", "must not be empty")


_HOST_NAME = re.compile(rb"[A-Za-z0-9.-]*")
_HOST_LONGEST = 255  # NET_HOST_STR_LEN - 1


def _host_name(data: bytes) -> tuple[str, str] | None:
    data = c_string(data)
    if len(data) > _HOST_LONGEST:
        return "RL124", f"takes a host name of at most {_HOST_LONGEST} characters"
    if not _HOST_NAME.fullmatch(data):
        return "RL124", "takes a host name of letters, digits, hyphens and dots"
    return None


_NODE_NAME_BARRED = re.compile(rb"[\x00!#$%&()*+:;<>?@\[\]^{|}~]")
_VALKEY8_BARRED = re.compile(rb"[\x00!#$%&()*+;<>?@\[\]^{|}~]")
_REDIS86_BARRED = re.compile(rb"[\x00-\x1f\x7f!#$%&()*+:;<>?@\[\]^{|}~,= \"'\\]")
_VALKEY9_BARRED = re.compile(rb"[\x00-,\x7f;<=>?@\[\]^{|}~\\]")


def _barred(pattern: re.Pattern[bytes], data: bytes) -> tuple[str, str] | None:
    found = pattern.search(data)
    if not found:
        return None
    return "RL124", f"must not hold the character {found.group().decode('ascii')!r}"


def _node_name(data: bytes) -> tuple[str, str] | None:
    return _barred(_NODE_NAME_BARRED, data)


def _valkey8_name(data: bytes) -> tuple[str, str] | None:
    return _barred(_VALKEY8_BARRED, data)


def _redis86_name(data: bytes) -> tuple[str, str] | None:
    return _barred(_REDIS86_BARRED, data)


def _valkey9_name(data: bytes) -> tuple[str, str] | None:
    return _barred(_VALKEY9_BARRED, data)


_IP_LONGEST = 45  # NET_IP_STR_LEN - 1


def _valkey9_ip(data: bytes) -> tuple[str, str] | None:
    if len(data) > _IP_LONGEST:
        return "RL124", f"takes at most {_IP_LONGEST} characters"
    return _barred(_VALKEY9_BARRED, data)


def _is_address(family: str, data: bytes) -> bool:
    # The server asks inet_pton, and so does this: ipaddress reads other texts.
    import socket

    try:
        socket.inet_pton(getattr(socket, family), data.decode("ascii"))
    except (OSError, ValueError):
        return False
    return True


def _ipv4(data: bytes) -> tuple[str, str] | None:
    data = c_string(data)
    return None if not data or _is_address("AF_INET", data) else ("RL124", "takes an IPv4 address")


def _ipv6(data: bytes) -> tuple[str, str] | None:
    data = c_string(data)
    return None if not data or _is_address("AF_INET6", data) else ("RL124", "takes an IPv6 address")


def _ip(data: bytes) -> tuple[str, str] | None:
    data = c_string(data)
    if not data or _is_address("AF_INET", data) or _is_address("AF_INET6", data):
        return None
    return "RL124", "takes an IPv4 or IPv6 address"


_VARIABLES = {
    b"title": b"",
    b"listen-addr": b"*:6379",
    b"server-mode": b"",
    b"port": b"6379",
    b"tls-port": b"0",
    b"unixsocket": b"",
    b"config-file": b"-",
}
"""Variable of proc-title-template -> what the server's own trial puts in its place."""


def _title(data: bytes) -> tuple[str, str] | None:
    data = c_string(data)
    names = ", ".join(f"{{{name.decode()}}}" for name in _VARIABLES)
    result = b""
    rest = data
    while rest:
        before, opened, rest = rest.partition(b"{")
        result += before
        if not opened:
            break
        if rest.startswith(b"{"):
            result, rest = result + b"{", rest[1:]
            continue
        name, closed, rest = rest.partition(b"}")
        if not closed or name not in _VARIABLES:
            return "RL124", f"knows only the variables {names}"
        result += _VARIABLES[name]
    if not result.strip(b" "):
        return "RL124", "must not come out empty"
    return None


_SEED_LONGEST = 256


def _seed(data: bytes) -> tuple[str, str] | None:
    data = c_string(data)
    if len(data) > _SEED_LONGEST:
        return "RL108", f"takes at most {_SEED_LONGEST} characters"
    return None
