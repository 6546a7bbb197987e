"""The rules of one run: built-in and own ones, chosen, with a project's changes.

This is what an audit works with: which rules count, how grave they are, and how a
target stands to them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from redislint.model import Severity
from redislint.policy.errors import PolicyError, Problem
from redislint.policy.library import builtin, own_rules
from redislint.policy.rules import Rule
from redislint.policy.selection import (
    DEFAULT_PROFILE,
    UnknownWordError,
    choose,
    find,
    matching,
)

if TYPE_CHECKING:
    from redislint.model import Target
    from redislint.policy.engine import Engine, Evaluation, Spelling
    from redislint.policy.project import Project, Word
    from redislint.policy.vocabulary import Vocabulary

SENTINEL = "sentinel"
"""The tag of rules about Sentinels."""


class RuleSet:
    """`rules` are all that there are, by id; `chosen` the ids of those that count.

    `notices` are lines about words that stand for nothing and do no harm.
    """

    def __init__(
        self,
        rules: Mapping[str, Rule],
        chosen: frozenset[str],
        changed: Mapping[str, Severity],
        params: Mapping[str, Mapping[str, Any]],
        notices: tuple[str, ...] = (),
    ) -> None:
        self.rules = rules
        self.chosen = chosen
        self.notices = notices
        self._changed = changed
        self._params = params
        self._engines: dict[bool, Engine] = {}

    def severity(self, rule: str, otherwise: Severity) -> Severity:
        """How grave a finding of a rule is: what the project says, else `otherwise`."""
        return self._changed.get(rule, otherwise)

    def matching(self, words: Iterable[str]) -> frozenset[str]:
        """Ids that words stand for; words that stand for nothing add none."""
        rules = tuple(self.rules.values())
        return frozenset[str]().union(*(matching(word, rules) for word in words))

    def evaluate(self, target: Target, *, spelling: Spelling | None = None) -> Evaluation:
        """Hold the chosen rules against a target, see `engine.Engine`. A Sentinel holds no
        data and serves none: only rules with the tag `sentinel` mean it, and only it."""
        from redislint.policy.engine import Engine, Evaluation

        fact = target.facts.get("target.sentinel")
        sentinel = bool(fact and fact.value)
        engine = self._engines.get(sentinel)
        if engine is None:
            chosen = [
                rule
                for rule in self.rules.values()
                if rule.id in self.chosen and (SENTINEL in rule.tags) is sentinel
            ]
            engine = Engine(chosen, params=self._params, spelling=spelling)
            self._engines[sentinel] = engine
        found = engine.evaluate(target)
        if not self._changed:
            return found
        violations = tuple(
            violation._replace(severity=self.severity(violation.rule.id, violation.severity))
            for violation in found.violations
        )
        return Evaluation(found.outcomes, violations, found.errors)


def rule_set(
    project: Project | None = None,
    *,
    profile: str = "",
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    policies: Sequence[str] = (),
    names: Vocabulary | None = None,
) -> RuleSet:
    """The rules of a run.

    `profile`, `select`, `ignore` and `policies` (paths) are those of the command line:
    they go before what the project says, `ignore` and `policies` beside it. `names` is
    the vocabulary that own policies are checked against.

    Raises PolicyError for a broken policy file and for words of the project that stand
    for nothing, UnknownWordError for such words of the command line. An ignored word of
    a project may be unknown: shared configurations span versions.
    """
    shipped = builtin()
    paths = (*(project.policies if project else ()), *policies)
    own = own_rules(paths, names) if paths else ()
    rules = {**shipped.rules, **{rule.id: rule for rule in own}}
    every = tuple(rules.values())
    wanted = profile or (project.profile if project else "") or DEFAULT_PROFILE
    if wanted not in shipped.profiles:
        raise PolicyError([_unknown_profile(wanted, profile, project, shipped.profiles)])
    changed, params, notices = _changes(project, every) if project else ({}, {}, ())
    for word in ignore:
        find(word, every)
    dropped = (*(word.text for word in (project.ignore if project else ())), *ignore)
    chosen = choose(
        every,
        shipped.profiles,
        profile=wanted,
        own=(rule.id for rule in own),
        select=select or tuple(word.text for word in (project.select if project else ())),
        ignore=dropped,
    )
    chosen -= {identity for identity, severity in changed.items() if severity is None}
    graver = {identity: severity for identity, severity in changed.items() if severity}
    return RuleSet(rules, chosen, graver, params, notices)


def _changes(
    project: Project, rules: Sequence[Rule]
) -> tuple[dict[str, Severity | None], dict[str, dict[str, Any]], tuple[str, ...]]:
    """New severities (None: off), new parameters, notices; every word checked."""
    problems: list[Problem] = []
    changed: dict[str, Severity | None] = {}
    params: dict[str, dict[str, Any]] = {}
    for word, severity in project.severity:
        for identity in _ids(word, rules, problems):
            changed[identity] = None if severity == "off" else Severity(severity)
    by_id = {rule.id: rule for rule in rules}
    for word, values in project.parameters:
        ids = _ids(word, rules, problems)
        for name, value in values.items():
            holders = [identity for identity in ids if name in (by_id[identity].params or {})]
            if ids and not holders:
                problems.append(word.problem(f"{word.text} has no parameter '{name}'"))
            for identity in holders:
                params.setdefault(identity, {})[name] = value
    for word in (*project.select, *(word for waiver in project.waivers for word in waiver.rules)):
        _ids(word, rules, problems)
    if problems:
        raise PolicyError(problems)
    ignored = (*project.ignore, *(word for entry in project.files for word in entry.ignore))
    notices = tuple(
        f"{word.path}:{word.line}:{word.column}: 'ignore': no rule, name or tag '{word.text}'"
        for word in ignored
        if not matching(word.text, rules)
    )
    return changed, params, notices


def _ids(word: Word, rules: Sequence[Rule], problems: list[Problem]) -> frozenset[str]:
    try:
        return find(word.text, rules)
    except UnknownWordError as error:
        problems.append(word.problem(str(error)))
        return frozenset()


def _unknown_profile(
    wanted: str, option: str, project: Project | None, profiles: Mapping[str, object]
) -> Problem:
    from redislint.policy.errors import did_you_mean, quote

    place = "--profile" if option or project is None else os.path.relpath(project.path)
    return Problem(
        place,
        0,
        0,
        f"unknown profile {quote(wanted)}: expected one of {', '.join(profiles)}"
        f"{did_you_mean(wanted, profiles)}",
    )
