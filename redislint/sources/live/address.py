"""URLs of running servers."""

from __future__ import annotations

from dataclasses import dataclass, field

from redislint.sources.live import SCHEMES
from redislint.sources.live.errors import LiveError

SERVER_PORT = 6379
SENTINEL_PORT = 26379

_ENCODE = "a '/', '@', ':' or '%' within a password is written %2F, %40, %3A, %25"


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """Where one server listens: host and port, or the path of a unix socket."""

    host: str
    port: int
    tls: bool = False
    path: str = ""

    @property
    def uri(self) -> str:
        """The URL without credentials: how reports name the server."""
        if self.path:
            return f"unix://{self.path}"
        return f"{'rediss' if self.tls else 'redis'}://{self.place}"

    @property
    def place(self) -> str:
        """`host:port`, or the path."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.path or f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class LiveUrl:
    """A URL taken apart. `kind` is server, cluster or sentinel; `primary` the name of the
    one primary asked for, of those that the Sentinels watch ("" = all)."""

    kind: str
    seeds: tuple[Address, ...]
    username: str = ""
    password: str | None = field(default=None, repr=False)
    primary: str = ""

    @property
    def uri(self) -> str:
        """The URL without credentials."""
        if self.kind == "server":
            return self.seeds[0].uri
        scheme = "rediss" if self.seeds[0].tls else "redis"
        places = ",".join(seed.place for seed in self.seeds)
        return f"{scheme}+{self.kind}://{places}{'/' if self.primary else ''}{self.primary}"


def parse_url(text: str) -> LiveUrl:
    """Take a URL apart. Raises LiveError, which quotes nothing that may hold a password.

    `redis://[[user]:password@]host[:port][/0]`, `unix://[[user]:password@]/path`,
    `redis+cluster://...host[:port],host[:port]`, `redis+sentinel://...host,host[/primary]`.
    """
    from urllib.parse import unquote

    scheme, found, rest = text.strip().partition("://")
    scheme = scheme.lower()
    if not found or scheme not in SCHEMES:
        raise LiveError("url", f"not the URL of a server: expected one of {', '.join(SCHEMES)}")
    rest, query, _ = rest.partition("?")
    if query or "#" in rest:
        raise LiveError("url", f"options behind ? or # in a URL are not understood; {_ENCODE}")
    if any(not c.isprintable() or c.isspace() for c in rest):
        raise LiveError("url", "the URL holds a blank or control character")
    username, password, rest = _credentials(rest, scheme == "unix")
    if scheme == "unix":
        path = unquote(rest)
        if not path.startswith("/"):
            raise LiveError("url", "expected unix:///path/of/the.sock, an absolute path")
        return LiveUrl("server", (Address("", 0, False, path),), username, password)
    places, _, path = rest.partition("/")
    base, _, kind = scheme.partition("+")
    tls = base == "rediss"
    port = SENTINEL_PORT if kind == "sentinel" else SERVER_PORT
    hosts = places.split(",") if kind else [places]
    seeds = tuple(_address(place, port, tls) for place in hosts)
    path = unquote(path).strip("/")
    if kind == "sentinel":
        return LiveUrl(kind, seeds, username, password, path)
    if path and not path.isdigit():
        raise LiveError("url", f"only a database number may follow the address; {_ENCODE}")
    return LiveUrl(kind or "server", seeds, username, password)


def _credentials(rest: str, unix: bool) -> tuple[str, str | None, str]:
    """User, password (None: not given) and what follows them."""
    from urllib.parse import unquote

    end = rest.rfind("@")
    if end < 0 or (unix and rest.startswith("/")):
        return "", None, rest
    user, given, password = rest[:end].partition(":")
    return unquote(user), unquote(password) if given else None, rest[end + 1 :]


def _address(place: str, port: int, tls: bool) -> Address:
    host, found, number = place, "", ""
    if place.startswith("["):
        host, closed, after = place[1:].partition("]")
        if not closed or (after and not after.startswith(":")):
            raise LiveError("url", "an IPv6 address stands in brackets: [::1]:6379")
        found, number = after[:1], after[1:]
    elif place.count(":") == 1:
        host, found, number = place.partition(":")
    elif place.count(":") > 1:
        raise LiveError("url", f"an IPv6 address stands in brackets: [::1]:6379; {_ENCODE}")
    if found:
        if not (number.isascii() and number.isdigit() and 0 < int(number[:6]) < 65536):
            raise LiveError("url", f"the port is no number from 1 to 65535; {_ENCODE}")
        port = int(number)
    return Address(host.lower() or "localhost", port, tls)
