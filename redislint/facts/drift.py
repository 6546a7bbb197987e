"""How a running server differs from the file it was started with: facts `drift.*`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redislint.model import Fact

EMERGENCY = {"stop-writes-on-bgsave-error": (True, False), "appendonly": (True, False)}
"""Switches of an emergency: the typed value of the file, and the one at run time."""

REWRITE = "auto-aof-rewrite-percentage"


def drift_facts(file: Mapping[str, Any], live: Mapping[str, Any]) -> dict[str, Fact]:
    """Facts about switches left over, from typed effective values by directive.

    `file`: what the file would give at the next start; `live`: what is in effect. A
    directive that either side does not tell is not spoken of.
    """
    left = [
        f"{name} is {_word(before)} in the file and {_word(now)} on the server"
        for name, (before, now) in EMERGENCY.items()
        if file.get(name) is before and live.get(name) is now
    ]
    facts = {"drift.emergency": Fact(left, "", "derived", ", ".join(EMERGENCY))}
    before, now = file.get(REWRITE), live.get(REWRITE)
    if before is not None and now is not None:
        disabled = now == 0 and before != 0
        facts["drift.rewrite_disabled"] = Fact(disabled, "", "derived", REWRITE)
    return facts


def _word(value: bool) -> str:
    return "yes" if value else "no"


VOLATILE = ("replicaof", "slaveof", "masterauth", "primaryauth", "masteruser", "primaryuser")
"""Directives that Sentinel and failovers change on purpose."""

Texts = Mapping[str, str]


def drift_settings(
    file: Mapping[str, Any], live: Mapping[str, Any], file_texts: Texts, live_texts: Texts
) -> dict[str, Fact]:
    """`drift.settings`: every directive that both sides tell, and whether they agree.

    Values are compared typed, so that units, order of classes and old names do not count;
    texts are what reports may show, secrets replaced, and tell nothing of a secret but that
    it differs. Left out: what Sentinel changes, a relative `dir`, and maxclients where the
    limit of open files lowered it.
    """
    found = [
        {
            "name": name,
            "file": file_texts.get(name, ""),
            "live": live_texts.get(name, ""),
            "same": _normal(name, file[name]) == _normal(name, live[name]),
        }
        for name in file
        if name in live and not _left_out(name, file[name], live[name])
    ]
    return {"drift.settings": Fact(found, "", "derived", "the file and CONFIG GET")}


def _left_out(name: str, before: Any, now: Any) -> bool:
    if name in VOLATILE or before is None or now is None:
        return True
    if name == "dir":
        return not str(before).startswith("/")
    return name == "maxclients" and now < before


def _normal(name: str, value: Any) -> Any:
    if name == "notify-keyspace-events":
        return sorted(str(value))
    if name == "dir":
        return str(value).rstrip("/")
    return value
