"""Which servers a file is held against."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from redislint import catalog
from redislint.audit.report import UsageError
from redislint.model import Server


def servers_of(server: Server | str | Iterable[Server | str] | None) -> tuple[Server, ...]:
    """One server, several or none, as `named_servers` reads them."""
    if server is None:
        return ()
    return named_servers([server] if isinstance(server, (Server, str)) else server)


def named_servers(servers: Iterable[Server | str]) -> tuple[Server, ...]:
    """The servers that somebody named, without repetition, in the order of the catalogue.

    Raises UsageError for a text that is no server, and for a version older than every
    one that was measured.
    """
    chosen: dict[Server, None] = {}
    for item in servers:
        try:
            server = item if isinstance(item, Server) else Server.parse(item)
        except ValueError as error:
            raise UsageError(str(error)) from None
        check_known(server)
        chosen[server] = None
    return tuple(sorted(chosen))


def check_known(server: Server) -> None:
    """Raises UsageError for a version below the oldest one in the catalogue."""
    oldest = min(known for known in catalog.SERVERS if known.engine == server.engine)
    if server.version < oldest.version:
        raise UsageError(f"{server} is not known: the oldest {server.engine} is {oldest}")


def beyond_catalogue(servers: Sequence[Server]) -> tuple[str, ...]:
    """One notice for each server that is newer than all that were measured."""
    notices = []
    for server in servers:
        newest = max(known for known in catalog.SERVERS if known.engine == server.engine)
        if server.version[:2] > newest.version:
            notices.append(f"{server} is newer than {newest}, whose facts are used")
    return tuple(notices)


def judged(accepting: Sequence[Server], held: Sequence[Server], path: str) -> Server:
    """The one server that policies are judged on: the newest that accepts the file.

    Between two engines the file's name decides (`valkey.conf`), else Redis comes first;
    where no server accepts the file, the newest of all that it was held against.
    """
    engine = "valkey" if "valkey" in path.rpartition("/")[2].lower() else "redis"
    return max(accepting or held, key=lambda server: (server.engine == engine, server.version))
