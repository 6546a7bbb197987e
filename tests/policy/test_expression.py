from __future__ import annotations

import subprocess
import sys
import time

import pytest

from redislint.policy.analysis import analyse
from redislint.policy.expression import (
    Context,
    EvaluationError,
    Missing,
    check_pattern,
    check_syntax,
)
from redislint.policy.rules import Expression
from redislint.policy.vocabulary import Vocabulary


def compiled(source: str) -> Expression:
    expression, problems = analyse(source, Vocabulary(), {})
    assert expression is not None, problems
    return expression


def evaluate(source: str, **facts: object) -> object:
    """The result with the given facts; `a__b` is the fact `a.b`."""
    expression = compiled(source)
    values = {name.replace("__", "."): value for name, value in facts.items()}
    return Context(values, (*expression.refs, *expression.tested)).evaluate(expression)


def test_the_library_is_loaded_without_its_command_line() -> None:
    code = (
        "import sys\n"
        "from redislint.policy.expression import Context\n"
        "from redislint.policy.rules import Expression\n"
        "assert Context({}, ()).evaluate(Expression('1 + 1 == 2')) is True\n"
        "heavy = {'typer', 'rich', 'prompt_toolkit', 'pygments', 'ruamel', 'ruamel.yaml'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_normal_import_is_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.machinery import PathFinder

    from redislint.policy import expression as room

    monkeypatch.delitem(sys.modules, "cel.cel", raising=False)
    monkeypatch.setattr(PathFinder, "find_spec", classmethod(lambda *_: None))
    stand_in = type(sys)("cel")
    monkeypatch.setitem(sys.modules, "cel", stand_in)
    assert room._load_library() is stand_in


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("true || host.x == 1", True),
        ("host.x == 1 || true", True),
        ("false && host.x == 1", False),
        ("host.x == 1 && false", False),
        ("true ? 1 : host.x", 1),
        ("[2, 1].exists(i, i == 2 || host.x == i)", True),
        ("[1, 2].all(i, i == 2 && host.x == i)", False),
        ("has(host.x)", False),
        ('"maxmemory" in config', False),
    ],
)
def test_a_missing_fact_that_does_not_decide(source: str, expected: object) -> None:
    assert evaluate(source) == expected


@pytest.mark.parametrize(
    ("source", "missing"),
    [
        ("host.x == 1", ("host.x",)),
        ("!host.x", ("host.x",)),
        ("host.x == 1 || false", ("host.x",)),
        ("true && host.x == 1", ("host.x",)),
        ("host.x == 1 && host.y == 2", ("host.x", "host.y")),
        ("a.known ? host.x == 1 : host.y == 1", ("host.x",)),
        ("!a.known ? host.x == 1 : host.y == 1", ("host.y",)),
        ("(a.known && host.x == 1) || (!a.known && host.y == 1)", ("host.x",)),
        ("host.z ? host.x == 1 : host.y == 1", ("host.z",)),
        ("a.known && (host.x > 1 || (host.y > 1 && false))", ("host.x",)),
        ('config["save"] == host.x', ('config["save"]', "host.x")),
        ("[1].all(i, i == host.x)", ("host.x",)),
        ("size(host.list) > 0", ("host.list",)),
        ("host.list.exists(x, x > 1)", ("host.list",)),
        # CEL would look at the second element; to be unknown is the careful deviation.
        ("[1, 2].exists(i, i == 2 || host.x == i)", ("host.x",)),
    ],
)
def test_only_the_facts_that_decide_are_named(source: str, missing: tuple[str, ...]) -> None:
    assert evaluate(source, a__known=True) == Missing(missing)


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("a.known > 1", "No such overload"),
        ("1 / 0 == 1", "division by zero"),
        ("9223372036854775807 + 1 > 0", "overflow"),
        ("[1][3] == 1", "index out of bounds"),
    ],
)
def test_other_failures_are_errors_of_one_line(source: str, part: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        evaluate(source, a__known=True)
    assert part in str(caught.value)
    assert "\n" not in str(caught.value)


def test_numbers_compare_across_types_and_infinity() -> None:
    assert evaluate("a.x > 3 && a.y == 2.0", a__x=float("inf"), a__y=2) is True


def test_names_bound_by_macros_hide_facts() -> None:
    assert evaluate("[1, 2].exists(host, host == 2)") is True


def test_matches_is_linear() -> None:
    start = time.perf_counter()
    assert evaluate('a.text.matches("(a+)+$")', a__text="a" * 50_000 + "b") is False
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize(
    ("pattern", "part"),
    [
        ("(", "unclosed group"),
        ("a{1001}{1001}{1001}", "size limit"),
        ("(?=x)", "look-around"),
        (r"(a)\1", "backreferences"),
    ],
)
def test_bad_patterns(pattern: str, part: str) -> None:
    problem = check_pattern(pattern)
    assert problem is not None
    assert part in problem
    assert "\n" not in problem


def test_a_good_pattern() -> None:
    assert check_pattern("^[a-z]+$") is None


def test_syntax_is_checked_in_one_line() -> None:
    assert check_syntax("1 + 1") is None
    problem = check_syntax("1 +")
    assert problem is not None
    assert "\n" not in problem


def test_a_fact_of_a_list_and_map_inside_config() -> None:
    expression = compiled(
        'config["save"].all(p, p.seconds >= 60) && config["obl"]["pubsub"].hard > 1'
    )
    values = {
        'config["save"]': [{"seconds": 60, "changes": 1}],
        'config["obl"]': {"pubsub": {"hard": 2}},
    }
    assert Context(values, expression.refs).evaluate(expression) is True
