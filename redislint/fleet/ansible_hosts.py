"""Which hosts of an Ansible inventory run Redis or Valkey, and where to reach their servers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from redislint.fleet.ansible_estate import Value, Variables, variables_of
from redislint.fleet.ansible_inventory import load
from redislint.fleet.model import Entry, Tls

_OURS = re.compile(r"(?:^|[^a-z])(?:redis|valkey)(?:[^a-z]|$)|(?:redis|valkey)s?$", re.IGNORECASE)
_SENTINEL = re.compile(r"sentinel", re.IGNORECASE)

PORTS = ("redis_port", "valkey_port")
TLS_PORTS = ("redis_tls_port", "valkey_tls_port")
SENTINEL_PORTS = ("redis_sentinel_port", "valkey_sentinel_port")
"""Variables of the common roles; one that is set for a host or its group counts before one that is
set for all hosts."""


def entries(path: str, shown: str, base: Entry) -> Iterator[Entry | str]:
    """An entry for each server, and a line for what cannot be known. Raises PolicyError.

    A host runs a server where one of its groups is named for it (`redis`, `cache-valkey`) or one
    of PORTS is set for it or for a group of it other than `all`.
    """
    estate = load(path, shown)
    yield from estate.notices
    general = {
        **(estate.groups["all"].variables if "all" in estate.groups else {}),
        **estate.of_groups.get("all", {}),
    }
    found = False
    for host, (variables, groups) in sorted(variables_of(estate).items()):
        named = any(map(_OURS.search, groups))
        sentinel = any(map(_SENTINEL.search, groups))
        told = any(variables.get(name) not in (None, general.get(name)) for name in PORTS)
        if not (named or sentinel or told):
            continue
        found = True
        own = {name: one for name, one in variables.items() if one != general.get(name)}
        nearest = {**own, **variables}  # what is not set for all hosts comes first
        yield from _servers(host, nearest, base, sentinel and not told)
    if not found:
        yield (
            f"{shown}: no host is known to run Redis: a group with redis or valkey in its name,"
            " or a host with redis_port tells"
        )


def _servers(host: str, variables: Variables, base: Entry, sentinel: bool) -> Iterator[Entry | str]:
    address = variables.get("ansible_host") or variables.get("ansible_ssh_host")
    if address is not None and not address.text:
        yield _unknown(host, "ansible_host", address)
        return
    place = address.text if address is not None and address.text else host
    tls = base.tls != Tls()
    ports = SENTINEL_PORTS if sentinel else TLS_PORTS if tls else PORTS
    known = _first(variables, ports) or (None if sentinel else _first(variables, PORTS))
    if not sentinel and known is not None and known[1].text == "0":
        known = _first(variables, TLS_PORTS)
        tls = True
    default = "26379" if sentinel else "6379"
    port = known[1].text if known else default
    if known is not None and (port is None or not _is_port(port)):
        yield _unknown(host, *known)
        return
    shown = f"[{place}]" if ":" in place else place
    where = f"{'rediss' if tls else 'redis'}://{shown}:{port}"
    yield base._replace(name=host, kind="live", where=where, seed=False)


def _first(variables: Variables, names: tuple[str, ...]) -> tuple[str, Value] | None:
    """The first of these variables, in the order of `variables`."""
    return next(((name, value) for name, value in variables.items() if name in names), None)


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text[:6]) < 65536


def _unknown(host: str, name: str, value: Value) -> str:
    what = "stands in a template or a vault" if value.text is None else "is no port"
    return f"{value.path}:{value.line}: {host} is left out: its {name} {what}; name its url instead"
