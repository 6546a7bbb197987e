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
