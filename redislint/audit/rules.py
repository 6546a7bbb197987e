"""The rules that there are for somebody who asks about them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from redislint.audit.paths import Paths
from redislint.audit.plan import Plans, Wishes
from redislint.facts.aging import Table, table
from redislint.policy.rules import Rule


def all_rules(policies: Sequence[str] = (), config: str | None = None) -> Mapping[str, Rule]:
    """Built-in rules and those of policy files and of redislint.yaml, by id.

    `config` None: the redislint.yaml found upwards from the current directory. Raises
    PolicyError for a broken one, and for a broken policy.
    """
    here = os.getcwd()
    wishes = Wishes(policies=tuple(map(os.path.abspath, policies)), config=config)
    return Plans(wishes, Paths([], here)).of(here).rules.rules


def tables_of(rules: Iterable[Rule]) -> Mapping[str, tuple[Table, ...]]:
    """The tables that age which each rule looks into, by rule id."""
    from redislint.policy.vocabulary import read_facts
    from redislint.resources import read_schema

    facts = read_facts(read_schema("facts.schema.json"))
    found = {}
    for rule in rules:
        references = [ref for e in rule.expressions for ref in (*e.refs, *e.tested)]
        names = {facts[ref].table for ref in references if ref in facts} - {""}
        found[rule.id] = tuple(map(table, sorted(names)))
    return found
