"""What people declare about copies off the instance: backups, and drills of recovery.

No configuration says whether a backup is made. Without a declaration (or a source that knows
the place of backups) nothing is known, and rules that need it end as unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from redislint.facts.text import parse_duration
from redislint.model import Fact

if TYPE_CHECKING:
    from datetime import date

PLACES = ("none", "local", "offsite")
"""Where backups go: nowhere, to the same machine or volume, or off it."""

KEYS = ("backup", "backup-window", "backup-max-age", "last-drill")

DAY = 86400.0


def backup_facts(values: Mapping[str, str], today: date | None = None) -> dict[str, Fact]:
    """The `backup.*` facts of declarations, given as texts by key.

    `today` is the day that the age of the last drill counts to, by default this one. Ages
    are seconds. Raises ValueError with one line for a value that cannot be read; its first
    word is the key.
    """
    facts: dict[str, Fact] = {}
    place = values.get("backup", "").strip().lower()
    if place and place not in PLACES:
        raise ValueError(f"backup is '{place}': expected none, local or offsite")
    if place:
        facts["backup.exists"] = Fact(place != "none", "", "declared", "backup")
    elif "backup-window" in values or "backup-max-age" in values:
        facts["backup.exists"] = Fact(True, "", "declared", "backup-window, backup-max-age")
    if place in ("local", "offsite"):
        facts["backup.offsite"] = Fact(place == "offsite", "", "declared", "backup")
    if "backup-max-age" in values:
        try:
            age = parse_duration(values["backup-max-age"])
        except ValueError as error:
            raise ValueError(f"backup-max-age: {error}") from None
        facts["backup.max_age"] = Fact(age, "s", "declared", "backup-max-age")
    if "last-drill" in values:
        age = _days_since(values["last-drill"], today) * DAY
        facts["backup.drill_age"] = Fact(age, "s", "declared", "last-drill")
    return facts


def _days_since(text: str, today: date | None) -> float:
    from datetime import date

    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"last-drill is '{text}': expected a date, such as 2027-01-31") from None
    return float(max(((today or date.today()) - day).days, 0))
