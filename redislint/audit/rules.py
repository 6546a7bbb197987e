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
    rules = builtin_rules()
    upper, lower = word.upper(), word.lower()
    if upper in rules:
        return frozenset({upper})
    if lower == "all":
        return frozenset(rules)
    found = frozenset(
        rule.id
        for rule in rules.values()
        if lower == rule.name
        or lower in rule.tags
        or lower == rule.category
        or (len(upper) > 2 and upper.startswith("RL") and rule.id.startswith(upper))
    )
    if not found:
        raise UsageError(f"no rule, name or tag {word!r}{_nearest(word)}")
    return found


def _nearest(word: str) -> str:
    import difflib

    rules = builtin_rules().values()
    words = {w for rule in rules for w in (rule.id, rule.name, rule.category, *rule.tags) if w}
    lower = {known.lower(): known for known in words}
    close = difflib.get_close_matches(word.lower(), sorted(lower), 1)
    return f", did you mean {lower[close[0]]!r}?" if close else ""
