"""Attributes of a managed resource read by name, and facts put down with their places."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from redislint.model import Span
from redislint.sources.cloud.cache import Cache
from redislint.sources.iac import branches
from redislint.sources.iac.given import UNKNOWN, Given

ABSENT = "the documented default of an attribute that is absent"


class Attributes:
    """The attributes of one resource, read by name and kind."""

    def __init__(self, given: Mapping[str, Given], *, defaults: bool = True) -> None:
        """`defaults`: whether those of the service hold for absent attributes."""
        self._given = given
        self.defaults = defaults

    def get(self, *names: str) -> Given | None:
        """The first of several names that is given and not null."""
        for name in names:
            given = self._given.get(name)
            if given is not None and given.value is not None:
                return given
        return None

    def text(self, *names: str) -> str | None:
        """A text; None where it is absent or not known."""
        given = self.get(*names)
        if given is None or not given.known or isinstance(given.value, (list, tuple, dict)):
            return None
        return given.text

    def number(self, *names: str) -> int | None:
        """A whole number, written as one or as a text."""
        return whole(self.text(*names))


def whole(text: str | None) -> int | None:
    """A text as a whole number that is not negative; None for another."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def truth(text: str | None) -> bool | None:
    """`true` and `false` in any case, as both languages and their texts have them."""
    return {"true": True, "false": False}.get((text or "").lower())


def named(given: Given) -> str | None:
    """What an attribute names: its text, or what it refers to."""
    if given.reference:
        return given.reference
    return given.text if given.known else None


def flag_of(given: Given) -> bool | None:
    return truth(given.text) if given.known else None


def _number(given: Given) -> int | None:
    return whole(given.text) if given.known else None


def _text(given: Given) -> str | None:
    return given.text if given.known else None


def _present(given: Given) -> bool | None:
    return bool(named(given)) or None


def required(given: Given) -> bool | None:
    return given.text.lower() == "required" if given.known else None


class Notes:
    """Facts of one resource that are being put down, with the places they come from."""

    def __init__(self, cache: Cache, attributes: Attributes) -> None:
        self.cache = cache
        self.attributes = attributes
        self.spans: dict[str, Span] = {}

    def put(self, path: str, value: Any, basis: str = "") -> None:
        self.cache.put(path, value, "days" if path == "backup.retention_days" else "", basis)

    def of(
        self,
        path: str,
        names: str | Sequence[str],
        read: Callable[[Given], Any],
        default: Any = None,
        expected: str = "",
    ) -> Any:
        """Note what an attribute says, its `default` where it is absent, why not otherwise."""
        several = (names,) if isinstance(names, str) else names
        given = self.attributes.get(*several)
        if given is None and not self.attributes.defaults:
            why = f"{several[0]} is not given, and what the module makes of that is not known"
            self.cache.miss(why, [path])
            return None
        if given is None:
            self.put(path, default, ABSENT)
            return default
        self.spans[path] = given.span
        value = branches.read(given, read, default)
        if value is None:
            why = given.why or f"{given.name} is no {expected or 'such value'}"
            self.cache.miss(why, [path])
        self.put(path, value, given.basis or given.name)
        return value

    def flag(self, path: str, names: str | Sequence[str], default: bool | None = None) -> Any:
        return self.of(path, names, flag_of, default, "true or false")

    def number(self, path: str, names: str | Sequence[str], default: int | None = None) -> Any:
        return self.of(path, names, _number, default, "whole number")

    def text(self, path: str, names: str | Sequence[str], default: str | None = None) -> Any:
        return self.of(path, names, _text, default)

    def name(self, path: str, names: str | Sequence[str], default: str | None = None) -> Any:
        """What it names, be it a reference to another resource."""
        return self.of(path, names, named, default)

    def present(self, path: str, names: str | Sequence[str]) -> Any:
        """Whether something is there: certain for literals and references."""
        return self.of(path, names, _present, False)

    def constants(self, **values: Any) -> None:
        """What holds for every resource of the kind."""
        for path, value in values.items():
            self.put(f"cloud.{path}", value)


def names_of(given: Given) -> list[str] | None:
    """What a list names; None where part of it is neither known nor a reference."""
    if given.reference:
        return [given.reference]
    if not given.known:
        return None
    several = given.value if isinstance(given.value, (list, tuple)) else (given.value,)
    return [str(one) for one in several if one is not UNKNOWN and one not in (None, "")]


def common(notes: Notes) -> None:
    """What every cache with nodes has."""
    notes.name("cloud.name", ("replication_group_id", "cluster_id", "name"))
    notes.text("cloud.node_type", "node_type")
    notes.name("cloud.kms_key", ("kms_key_id", "kms_key_arn"), "")
    notes.name("cloud.subnet_group", "subnet_group_name")
    notes.of("cloud.security_groups", "security_group_ids", names_of)
    notes.number("cloud.port", "port", 6379)
    notes.flag("cloud.auto_minor_upgrade", "auto_minor_version_upgrade", True)
    notes.text("cloud.maintenance_window", "maintenance_window", "")
    notes.name("cloud.notification_topic", ("notification_topic_arn", "sns_topic_arn"), "")
    notes.number("backup.retention_days", "snapshot_retention_limit", 0)
    notes.text("backup.window", "snapshot_window", "")
    notes.name("cloud.parameter_group", "parameter_group_name")
