"""Who may log in to a cache, as the users and groups of its template say."""

from __future__ import annotations

from typing import Any

from redislint import catalog
from redislint.sources.cloud.users import user_row
from redislint.sources.iac.cloudformation_properties import Properties
from redislint.sources.iac.cloudformation_tables import Type


def users(properties: Properties, type_: Type) -> list[dict[str, Any]] | None:
    """Rows as `cloud.users` has them; None where anybody is not known."""
    named = properties.value(type_.users) if type_.users else None
    if named is None or not named.reference:
        return None
    template = properties.template
    group = template.resources.get(named.reference)
    if group is None:
        return None
    rows: dict[str, dict[str, Any]] = {}
    for item in Properties(template, group.get("Properties")).items(type_.members):
        row = _user(properties, template.given("", item).reference) if item is not None else None
        if row is None:
            return None
        rows[row["id"]] = row
    return [rows[key] for key in sorted(rows)] if rows else None


def _user(cache: Properties, name: str) -> dict[str, Any] | None:
    node = cache.template.resources.get(name.partition(".")[0])
    if node is None or not node.string("Type").endswith("::User"):
        return None
    own = Properties(cache.template, node.get("Properties"))
    access = own.plain("AccessString")
    if not isinstance(access, str):
        return None
    kind = own.plain("AuthenticationMode.Type")
    if kind is None and str(own.plain("NoPasswordRequired")).lower() == "true":
        kind = "no-password-required"
    names = [text for path in ("UserName", "UserId") if isinstance(text := own.plain(path), str)]
    row = {
        "UserId": name,
        "UserName": names[0] if names else name,
        "AccessString": access,
        "Authentication": {"Type": kind if isinstance(kind, str) else "password"},
    }
    return user_row(row, "UserId", catalog.SERVERS[-1])
