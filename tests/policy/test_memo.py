"""What an engine remembers of one target never changes what it says of another."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from redislint.policy.engine import Engine
from redislint.policy.expression import Context, Memo
from redislint.policy.rules import Expression
from tests.policy.test_policy_engine import EXAMPLE, LEDGER, rule, target

RULES = [
    *EXAMPLE,
    rule(
        require='\'!("save" in config) || config["save"].all(s, s.seconds < params.most)\'',
        params="{most: 60}",
        message="'{config[\"save\"]} is more than {params.most}'",
    ),
    rule(each='config["save"]', instance="item.seconds", require="item.changes > 1")._replace(
        id="T2"
    ),
    rule(require="has(persistence.mode) && persistence.mode == 'rdb'")._replace(id="T3"),
]
VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [0, 1, 1.0, True, False, 59, 61, "rdb", "1", [], None]
)
POINTS = st.lists(
    st.fixed_dictionaries({"seconds": st.integers(58, 62), "changes": st.integers(0, 3)}),
    max_size=3,
)
TARGETS = st.builds(
    lambda facts, points, fsync, size: target(
        {**LEDGER, **{path: value for path, value in facts.items() if value is not None}},
        {"save": points, "appendfsync": fsync, "maxmemory": size},
    ),
    st.fixed_dictionaries(
        {
            "persistence.mode": st.sampled_from(["rdb", "aof", None]),
            "persistence.loss_window": st.sampled_from([0, 0.0, 1, 1.0, 300, None]),
        }
    ),
    POINTS,
    st.sampled_from(["always", "everysec", None]),
    st.integers(0, 2),
)


@given(st.lists(TARGETS, min_size=2, max_size=6))
def test_an_engine_that_saw_others_says_what_a_new_one_says(targets: list[Any]) -> None:
    engine = Engine(RULES)
    for one in targets:
        assert engine.evaluate(one) == Engine(RULES).evaluate(one)


@given(st.lists(VALUES, min_size=1, max_size=8))
def test_equal_numbers_of_different_types_are_different(values: list[Any]) -> None:
    memo = Memo()
    for value in values:
        for source in ("type(a)", "a", "a == 1", "[a]"):
            expression = Expression(source, ("a",))
            remembered = Context({"a": value}, ("a",), memo).evaluate(expression)
            fresh = Context({"a": value}, ("a",)).evaluate(expression)
            assert (type(remembered), repr(remembered)) == (type(fresh), repr(fresh))


def test_what_is_remembered_is_bounded() -> None:
    memo = Memo()
    expression = Expression("a + 1", ("a",))
    most = 0
    for value in range(3 * Memo.MOST):
        assert Context({"a": value}, ("a",), memo).evaluate(expression) == value + 1
        most = max(most, len(memo.of(expression)))
    assert 0 < most <= Memo.MOST


def test_targets_that_are_alike_are_worked_out_once() -> None:
    memo = Memo()
    expression = Expression("a + 1", ("a",))
    assert Context({"a": 1}, ("a",), memo).evaluate(expression) == 2
    known = memo.of(expression)
    assert list(known.values()) == [2]
    known[next(iter(known))] = "remembered"
    assert Context({"a": 1}, ("a",), memo).evaluate(expression) == "remembered"
    assert Context({"a": 2}, ("a",), memo).evaluate(expression) == 3
