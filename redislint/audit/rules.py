"""What is known about rules, and which of them a word stands for."""

from __future__ import annotations

from functools import cache

from redislint.audit.report import UsageError
from redislint.model import RuleInfo
from redislint.policy import builtin_rules


@cache
def rule_info(rule: str) -> RuleInfo:
    """What the policies say about the rule of that id. Raises KeyError for an unknown one."""
    return builtin_rules()[rule]


def matching(word: str) -> frozenset[str]:
    """Ids of the rules that `word` stands for: an id, a name, a tag, the beginning of ids.

    Raises UsageError, with the nearest right word, where it stands for none.
    """
    from redislint.policy import builtin_policy
    from redislint.policy.selection import UnknownWordError, find

    try:
        return find(word, tuple(builtin_policy().values()))
    except UnknownWordError as error:
        raise UsageError(str(error)) from None
