"""The rules that there are for somebody who asks about them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from redislint.audit.paths import Paths
from redislint.audit.plan import Plans, Wishes
from redislint.policy.rules import Rule


def all_rules(policies: Sequence[str] = (), config: str | None = None) -> Mapping[str, Rule]:
    """Built-in rules and those of policy files and of redislint.yaml, by id.

    `config` None: the redislint.yaml found upwards from the current directory. Raises
    PolicyError for a broken one, and for a broken policy.
    """
    here = os.getcwd()
    wishes = Wishes(policies=tuple(map(os.path.abspath, policies)), config=config)
    return Plans(wishes, Paths([], here)).of(here).rules.rules
