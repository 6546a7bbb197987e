"""Entries and settings as JSON, for other processes: passwords only as references."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redislint.facts.rates import Counters
from redislint.fleet.auditing import Settings
from redislint.fleet.model import Entry, Secret, Tls

Json = dict[str, Any]


def entry_out(entry: Entry, before: Mapping[str, Counters]) -> Json:
    """An entry with the counters of the last run, as plain data."""
    found = {name: value for name, value in entry._asdict().items() if value}
    found["tags"] = dict(entry.tags)
    found["tls"] = entry.tls._asdict()
    if entry.password is not None:
        found["password"] = entry.password._asdict()
    earlier = {target: [dict(one.fields), one.at] for target, one in before.items()}
    return {"entry": found, "before": earlier}


def entry_in(row: Mapping[str, Any]) -> tuple[Entry, dict[str, Counters]]:
    """What `entry_out` made plain."""
    found = dict(row["entry"])
    for name in ("workload", "accounts"):
        found[name] = tuple(found.get(name, ()))
    found["tls"] = Tls(**found["tls"])
    if "password" in found:
        secret = found["password"]
        found["password"] = Secret(secret["env"], secret["file"], tuple(secret["command"]))
    before = {target: Counters(fields, at) for target, (fields, at) in row["before"].items()}
    return Entry(**found), before


def settings_out(settings: Settings) -> Json:
    """The settings of a run as plain data."""
    return settings._asdict()


def settings_in(row: Mapping[str, Any]) -> Settings:
    """What `settings_out` made plain."""
    lists = ("select", "ignore", "policies")
    return Settings(**{**row, **{name: tuple(row[name]) for name in lists}})
