"""Which rules a run uses: profiles, and words that stand for rules.

A word is a rule's id, name, an old name (alias), a tag, a category, the beginning of
ids (`RL2`), or `all`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from redislint.model import Severity
from redislint.policy.rules import Rule

DEFAULT_PROFILE = "recommended"


class Profile(NamedTuple):
    """A named set of rules: those of `extends` and those that the words stand for."""

    name: str
    summary: str
    extends: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


class UnknownWordError(ValueError):
    """A word stands for no rule; `nearest` is what was probably meant, or None."""

    def __init__(self, word: str, nearest: str | None) -> None:
        hint = f"; did you mean '{nearest}'?" if nearest else ""
        super().__init__(f"no rule, name or tag {word!r}{hint}")
        self.nearest = nearest


def matching(word: str, rules: Iterable[Rule]) -> frozenset[str]:
    """Ids of the rules that a word stands for, none when it stands for nothing."""
    upper, lower = word.upper(), word.lower()
    prefix = upper if len(upper) > 2 and upper[-1].isdigit() and upper[0].isalpha() else None
    found = set()
    for rule in rules:
        if upper == rule.id:
            return frozenset((rule.id,))
        if (
            lower in (rule.name, rule.category, "all")
            or word in rule.aliases
            or lower in rule.tags
            or (prefix is not None and rule.id.startswith(prefix))
        ):
            found.add(rule.id)
    return frozenset(found)


def find(word: str, rules: Sequence[Rule]) -> frozenset[str]:
    """As `matching`. Raises UnknownWordError, with the nearest word, for no rule."""
    found = matching(word, rules)
    if found:
        return found
    from redislint.policy.errors import nearest

    words = {
        known.lower(): known
        for rule in rules
        for known in (rule.id, rule.name, rule.category, *rule.tags)
        if known
    }
    near = nearest(word.lower(), sorted(words))
    raise UnknownWordError(word, words[near] if near else None)


def profile_rules(
    name: str, profiles: Mapping[str, Profile], rules: Sequence[Rule]
) -> frozenset[str]:
    """Ids of a profile's rules. Rules of a project's own policies belong to every profile.

    Raises KeyError for an unknown profile.
    """
    chosen: frozenset[str] = frozenset()
    profile = profiles[name]
    if profile.extends:
        chosen = profile_rules(profile.extends, profiles, rules)
    for word in profile.select:
        chosen |= matching(word, rules)
    for word in profile.ignore:
        chosen -= matching(word, rules)
    return chosen


def choose(
    rules: Sequence[Rule],
    profiles: Mapping[str, Profile],
    *,
    profile: str = DEFAULT_PROFILE,
    own: Iterable[str] = (),
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
) -> frozenset[str]:
    """Ids of the rules of a run.

    `select` names them; without it they are those of the profile and `own`, the ids of
    the project's rules. `ignore` takes away. Raises UnknownWordError for a selected word
    that stands for nothing; an ignored one may (shared configurations span versions).
    """
    chosen: frozenset[str] = frozenset()
    words = tuple(select)
    for word in words:
        chosen |= find(word, rules)
    if not words:
        chosen = profile_rules(profile, profiles, rules) | frozenset(own)
    for word in ignore:
        chosen -= matching(word, rules)
    return chosen


def severities(
    rules: Sequence[Rule], changes: Iterable[tuple[str, str]]
) -> dict[str, Severity | None]:
    """New severities by rule id from (word, severity) pairs, later ones first in effect.

    `off` becomes None. Raises UnknownWordError.
    """
    found: dict[str, Severity | None] = {}
    for word, severity in changes:
        for identity in find(word, rules):
            found[identity] = None if severity == "off" else Severity(severity)
    return found


def pack_profiles(profiles: Mapping[str, Profile]) -> list[list[Any]]:
    """Profiles as JSON values."""
    return [
        [p.name, p.summary, p.extends, list(p.select), list(p.ignore)] for p in profiles.values()
    ]


def unpack_profiles(rows: list[list[Any]]) -> dict[str, Profile]:
    """What `pack_profiles` wrote. Raises ValueError or TypeError when damaged."""
    found = {}
    for name, summary, extends, select, ignore in rows:
        found[name] = Profile(name, summary, extends, tuple(select), tuple(ignore))
    return found
