"""What a sentinel can make of the host in its configuration without asking a resolver.

Numeric addresses are read as the C library's getaddrinfo reads them: IPv4 in one to
four parts, each decimal, octal or hexadecimal (`127.1`, `0x7f000001`), and IPv6.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

_PART = re.compile(rb"0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*")
_NAME = re.compile(rb"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?")


class Host(Enum):
    """NUMERIC: an address. LOCAL: `localhost`, which resolves everywhere. NAME: only a
    resolver knows. IMPOSSIBLE: no address and no name that could ever resolve."""

    NUMERIC = "numeric"
    LOCAL = "local"
    NAME = "name"
    IMPOSSIBLE = "impossible"


class HostKind(NamedTuple):
    kind: Host
    address: bytes


def host_kind(host: bytes) -> HostKind:
    """Classify `host`; `address` is canonical for numeric ones, else the text itself."""
    address = _ipv6(host) if b":" in host else _ipv4(host)
    if address is not None:
        return HostKind(Host.NUMERIC, address)
    if host.lower() == b"localhost":
        return HostKind(Host.LOCAL, host)
    if b"%" in host and b":" in host:
        return HostKind(Host.NAME, host)
    last = host.rstrip(b".").rpartition(b".")[2]
    if _NAME.fullmatch(host) and not last.isdigit():
        return HostKind(Host.NAME, host)
    return HostKind(Host.IMPOSSIBLE, host)


def _ipv4(host: bytes) -> bytes | None:
    parts = host.split(b".")
    if len(parts) > 4 or not all(_PART.fullmatch(part) for part in parts):
        return None
    numbers = [_c_number(part) for part in parts]
    rest = 256 ** (5 - len(parts))
    if any(number > 255 for number in numbers[:-1]) or numbers[-1] >= rest:
        return None
    value = numbers[-1]
    for position, number in enumerate(numbers[:-1]):
        value |= number << (24 - 8 * position)
    return ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0)).encode("ascii")


def _c_number(part: bytes) -> int:
    if part[:2].lower() == b"0x":
        return int(part, 16)
    if len(part) > 20:
        return 2**64
    return int(part, 8 if part[:1] == b"0" else 10)


def _ipv6(host: bytes) -> bytes | None:
    from ipaddress import AddressValueError, IPv6Address

    if b"%" in host:
        return None
    try:
        return str(IPv6Address(host.decode("latin-1"))).encode("ascii")
    except AddressValueError:
        return None
