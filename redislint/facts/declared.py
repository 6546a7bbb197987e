"""What people declare about a target: workload, objectives, environment, trade-offs.

Declarations come as texts from a pragma, an option or redislint.yaml. A wrong one is
an error, never ignored: a typo in `workload` must not silence a rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from redislint.facts import backup, workload
from redislint.facts.text import list_text, parse_duration
from redislint.facts.workload import Workload
from redislint.model import Fact, Severity

ENVIRONMENTS = ("production", "staging", "development", "test")
ACCEPT = ("always", "single-node", "warm-cache", "availability", "ephemeral", "network-fs")
HIGH_AVAILABILITY = ("none", "replica", "sentinel", "cluster")
KEYS = ("workload", "environment", "rpo", "rto", "ha", "accept", "load", *backup.KEYS)
"""Declarations that become facts; the others are for people and reports."""

LOWERED_IN = ("development", "test")
"""Environments in which most findings weigh one step less."""

UNLOWERED = ("RL401", "RL403", "RL408", "RL425", "RL429", "RL246")
"""Rules that weigh the same everywhere, besides those of syntax (RL1xx): who reaches
the server, known holes, and the loss of all data at the next start."""

T = TypeVar("T")


class DeclarationError(ValueError):
    """A declaration that cannot be used: `key` is which, the text says why, in one line."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


def declared_facts(
    values: Mapping[str, str], workloads: Mapping[str, Workload], origin: str = "declared"
) -> dict[str, Fact]:
    """The `workload.*` and `target.*` facts of declarations, given as texts by key.

    `workloads` is `workload.index` of what is known: names and aliases. `workload` and
    `accept` take several names separated by commas or blanks. `environment` and
    `accept` are facts also when undeclared ("" and []): that nobody declared them is
    known. Raises DeclarationError.
    """
    tags = tuple(_workload(name, workloads) for name in _words(values, "workload"))
    facts = workload.facts(
        tuple(dict.fromkeys(tags)),
        rpo=_read(values, "rpo", parse_duration),
        rto=_read(values, "rto", parse_duration),
        origin=origin,
    )
    target: dict[str, Any] = {
        "environment": _choice(values, "environment", ENVIRONMENTS) or "",
        "accept": [_one_of("accept", word, ACCEPT) for word in _words(values, "accept")],
        "ha": _choice(values, "ha", HIGH_AVAILABILITY),
        "load_seconds": _read(values, "load", parse_duration),
    }
    facts.update(
        (f"target.{key}", Fact(value, "s" if key == "load_seconds" else "", origin))
        for key, value in target.items()
        if value is not None
    )
    try:
        facts.update(backup.backup_facts(values))
    except ValueError as error:
        raise DeclarationError(str(error).split(" ", 1)[0].rstrip(":"), str(error)) from None
    return facts


def severity_in(environment: str, rule: str, severity: Severity) -> Severity:
    """How much a built-in rule's finding weighs in an environment ("" = undeclared).

    In development and test an error counts as a warning and a warning as information,
    except where `UNLOWERED` or a rule of syntax says otherwise. Rules of a project keep
    their severity: they can ask for `target.environment` themselves.
    """
    if environment not in LOWERED_IN or not rule.startswith("RL"):
        return severity
    if rule in UNLOWERED or rule.startswith("RL1"):
        return severity
    return Severity.WARNING if severity is Severity.ERROR else Severity.INFO


def _words(values: Mapping[str, str], key: str) -> list[str]:
    return values.get(key, "").replace(",", " ").lower().split()


def _workload(name: str, workloads: Mapping[str, Workload]) -> Workload:
    found = workloads.get(name)
    if found is None:
        known = list_text(dict.fromkeys(w.name for w in workloads.values()), "or")
        raise DeclarationError(
            "workload", f"unknown workload '{name}': expected {known}{_near(name, workloads)}"
        )
    return found


def _choice(values: Mapping[str, str], key: str, allowed: tuple[str, ...]) -> str | None:
    text = values.get(key, "").strip().lower()
    return _one_of(key, text, allowed) if text else None


def _one_of(key: str, word: str, allowed: tuple[str, ...]) -> str:
    if word not in allowed:
        expected = list_text(allowed, "or")
        raise DeclarationError(key, f"{key} is '{word}': expected {expected}{_near(word, allowed)}")
    return word


def _near(word: str, names: Any) -> str:
    from difflib import get_close_matches

    found = get_close_matches(word[:100], list(names), 1, 0.6)
    return f"; did you mean '{found[0]}'?" if found else ""


def _read(values: Mapping[str, str], key: str, parse: Callable[[str], T]) -> T | None:
    if key not in values:
        return None
    try:
        return parse(values[key])
    except ValueError as error:
        raise DeclarationError(key, f"{key}: {error}") from None
