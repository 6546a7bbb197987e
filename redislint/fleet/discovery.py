"""Seeds become entries: what `discover` of an inventory names, as targets that can be audited.

Only files are read here. Clusters, Sentinels and regions stay seeds, for their members are asked
for when they are audited, by whoever connects; everything else becomes single targets. Two ways to
the same server give one target, the first of them: what `targets` names counts before what is
discovered. What cannot be known is a notice, never a guess.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from redislint.fleet.inventory import Discovery, Inventory
from redislint.fleet.model import Entry
from redislint.policy.errors import PolicyError, Problem

if TYPE_CHECKING:
    from redislint.sources.live.address import LiveUrl

_Finder = Callable[[str, str, Entry], Iterator[Entry | str]]

FACTS_SUFFIX = ".json"


class Found(NamedTuple):
    """All entries of an inventory, those of `targets` first, each with a name of its own; and
    lines about what was left out or joined."""

    entries: tuple[Entry, ...]
    notices: tuple[str, ...] = ()


def discover(inventory: Inventory, shown: str = "") -> Found:
    """Carry out the `discover` part of an inventory. `shown` is the inventory's path as the user
    gave it. Raises PolicyError with every problem found."""
    folder = os.path.dirname(shown or inventory.path)
    root = inventory.folder
    problems: list[Problem] = []
    notices: list[str] = []
    found: list[Entry] = list(inventory.entries)
    for place in inventory.discoveries:
        if place.kind == "host_facts":
            continue
        try:
            for one in _found(place, root):
                if isinstance(one, str):
                    notices.append(one)
                else:
                    found.append(one)
        except PolicyError as error:
            problems += error.problems
    facts = [place for place in inventory.discoveries if place.kind == "host_facts"]
    hosts: dict[str, str] = {}
    for place in facts:
        try:
            hosts |= _host_facts(place.value, _relative(place.value, root))
        except PolicyError as error:
            problems += error.problems
    if problems:
        raise PolicyError(one._replace(path=os.path.join(folder, one.path)) for one in problems)
    entries = list(_once(found, len(inventory.entries), notices))
    joined = [_with_host(entry, hosts) for entry in entries]
    if facts:
        used = {entry.host for entry in joined}
        notices += [
            f"{_relative(path, root)}: no target runs on a host of that name"
            for path in sorted(set(hosts.values()) - used)
        ]
    return Found(tuple(_named(joined)), tuple(notices))


def _relative(path: str, root: str) -> str:
    """A path as it reads beside the inventory, wherever redislint runs."""
    return os.path.relpath(path, root)


def _found(place: Discovery, root: str) -> Iterator[Entry | str]:
    base = place.base
    if place.kind in ("sentinel", "cluster"):
        yield base._replace(name=_own(base, place.value), kind="live", where=place.value)
    elif place.kind in ("elasticache", "memorydb"):
        yield from _regions(place)
    else:
        yield from _finder(place.kind)(place.value, _relative(place.value, root), base)


def _finder(kind: str) -> _Finder:
    if kind == "ansible":
        from redislint.fleet.ansible_hosts import entries as ansible

        return ansible
    from redislint.fleet.kubernetes_services import entries as manifests

    return manifests


def _regions(place: Discovery) -> Iterator[Entry]:
    """A seed for each account and region, so that one that is denied hides no other."""
    for region in place.value:
        where = f"{place.kind}://{region}"
        for account in place.base.accounts or ("",):
            parts = account.split(":")
            label = parts[4] if len(parts) > 4 else account
            name = f"{where} {label}".strip()
            if not place.base.name.startswith(f"{place.kind} (line"):
                name = f"{place.base.name} {name.partition('://')[2]}"
            accounts = (account,) if account else ()
            yield place.base._replace(name=name, kind="cloud", where=where, accounts=accounts)


def _own(base: Entry, where: str) -> str:
    """The name that the inventory gives, else the address: a line's number is no stable name."""
    if base.name.endswith(f" (line {base.line})"):
        scheme, _, rest = where.partition("://")
        return f"{scheme.partition('+')[2]}:{rest.rpartition('@')[2]}"
    return base.name


# One server, one target


def _once(entries: Iterable[Entry], declared: int, notices: list[str]) -> Iterator[Entry]:
    """Each server once; what `targets` declares itself is never left out, only said."""
    first: dict[object, Entry] = {}
    for number, entry in enumerate(entries):
        key = identity(entry)
        if key in first:
            other = first[key]
            if number >= declared:
                notices.append(f"{entry.name} is the same as {other.name}: one target")
                continue
            notices.append(f"{entry.name} and {other.name} are the same server: both are audited")
        first.setdefault(key, entry)
        yield entry


def identity(entry: Entry) -> object:
    """What tells one target from another, however it was found: a server's address, a file's
    real path, a seed's own."""
    if entry.kind == "file":
        return os.path.realpath(entry.where)
    if entry.kind == "cloud":
        return entry.where.rstrip("/"), entry.accounts
    url = _url(entry)
    if url is None:
        return entry.where  # its audit says what is wrong with it
    places = frozenset((seed.host, seed.port, seed.path) for seed in url.seeds)
    return url.kind, places, url.primary


def _url(entry: Entry) -> LiveUrl | None:
    from redislint.sources.live.address import parse_url
    from redislint.sources.live.errors import LiveError

    try:
        return parse_url(entry.where)
    except LiveError:
        return None


def _named(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Names are unique: a second one gets its address behind it, which is as stable."""
    taken: set[str] = set()
    for entry in entries:
        name = entry.name
        if name in taken:
            name = f"{name} ({entry.where.partition('://')[2] or entry.where})"
        number = 2
        while name in taken:
            name = f"{entry.name} ({number})"
            number += 1
        taken.add(name)
        yield entry if name == entry.name else entry._replace(name=name)


# Host facts


def _host_facts(folder: str, shown: str) -> dict[str, str]:
    """Files of `redislint facts host` by the host that they are named for, in lower case."""
    if not os.path.isdir(folder):
        raise PolicyError([Problem(shown, 0, 0, "expected a directory of host facts")])
    found: dict[str, str] = {}
    problems = []
    for name in sorted(os.listdir(folder)):
        if not name.endswith(FACTS_SUFFIX) or name.startswith("."):
            continue
        path = os.path.join(folder, name)
        wrong = _no_facts(path)
        if wrong:
            problems.append(Problem(os.path.join(shown, name), 0, 0, wrong))
        found[name.removesuffix(FACTS_SUFFIX).lower()] = path
    if not found:
        text = "holds no facts: expected HOST.json files of 'redislint facts host'"
        problems.append(Problem(shown, 0, 0, text))
    if problems:
        raise PolicyError(problems)
    return found


def _no_facts(path: str) -> str:
    """Why a file is no document of host facts, "" where it is one."""
    from redislint.facts.host import check_document

    try:
        with open(path, "rb") as file:
            check_document(json.load(file))
    except OSError as error:
        return (error.strerror or "unreadable").lower()
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        return "not JSON; 'redislint facts host' writes it"
    except ValueError as error:
        return str(error)
    return ""


def _with_host(entry: Entry, hosts: dict[str, str]) -> Entry:
    """The entry with the facts of its host, by its address or its name, whole or its first
    label."""
    if entry.host or entry.kind != "live" or entry.seed or not hosts:
        return entry
    names = [*_hosts(entry), entry.name.lower()]
    short = [name.partition(".")[0] for name in names if not _is_address(name)]
    match = next((hosts[name] for name in (*names, *short) if name in hosts), None)
    return entry._replace(host=match) if match else entry


def _hosts(entry: Entry) -> list[str]:
    url = _url(entry)
    return [seed.host for seed in url.seeds] if url else []


def _is_address(name: str) -> bool:
    return ":" in name or name.replace(".", "").isdigit()
