from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redislint.policy.analysis import analyse, result_type
from redislint.policy.celsyntax import MAX_LENGTH, CelSyntaxError, parse, string_value
from redislint.policy.expression import check_syntax
from redislint.policy.vocabulary import DirectiveInfo, FactInfo, Vocabulary, read_facts

FACTS = {
    info.path: info
    for info in (
        FactInfo("persistence.aof", "bool"),
        FactInfo("persistence.mode", "text", words=("none", "rdb")),
        FactInfo("persistence.loss_window", ""),
        FactInfo("host.memory_total", "int"),
        FactInfo("info.replicas", "list"),
        FactInfo("tags", "map"),
    )
}
DIRECTIVES = {
    info.name: info
    for info in (
        DirectiveInfo("appendonly", "bool"),
        DirectiveInfo("appendfsync", "text", ("always", "everysec", "no")),
        DirectiveInfo("maxmemory", "int"),
        DirectiveInfo("save", ""),
        DirectiveInfo("requirepass", "text", secret=True),
    )
}
VOCABULARY = Vocabulary(
    facts=FACTS,
    directive=DIRECTIVES.get,
    nearest_directive=lambda name: "appendfsync" if name.startswith("ap") else None,
)


def references(source: str) -> tuple[str, ...]:
    expression, problems = analyse(source, VOCABULARY, {"params": {"floor": 1}})
    assert expression is not None, problems
    return expression.refs


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("persistence.aof", ("persistence.aof",)),
        ('persistence["aof"]', ("persistence.aof",)),
        ('config["save"][0].seconds > 1', ('config["save"]',)),
        ('config.maxmemory > 0 && set["save"]', ('config["maxmemory"]', 'set["save"]')),
        ("info.replicas.exists(r, r.lag > host.memory_total)",
         ("info.replicas", "host.memory_total")),
        ("info.replicas[0].lag == 1", ("info.replicas",)),
        ('tags["team"] == "a" && tags.other != "b"', ("tags.team", "tags.other")),
        ("params.floor == 1", ()),
        ("has(host.memory_total)", ()),
        ("[host.memory_total, 2] == [1, 2]", ("host.memory_total",)),
        ('{"a": host.memory_total}.a == 1', ("host.memory_total",)),
        ("string(host.memory_total) == 'x'", ("host.memory_total",)),
        ("'persistence.aof' == \"x\" // persistence.mode", ()),
        ("[1, 2][host.memory_total] == 1", ("host.memory_total",)),
    ],
)  # fmt: skip
def test_references(source: str, expected: tuple[str, ...]) -> None:
    assert references(source) == expected


@pytest.mark.parametrize(
    ("source", "message", "offset"),
    [
        ("persistance.aof", "unknown fact 'persistance.aof'; did you mean 'persistence.aof'?", 0),
        ("true && host.cpus > 1", "unknown fact 'host.cpus'; host has facts such as"
         " host.memory_total", 8),
        ("foo", "unknown fact 'foo'", 0),
        ("persistence", "'persistence' is a group of facts: name one of them, such as"
         " persistence.aof", 0),
        ("persistence.aof.x", "unknown fact 'persistence.aof.x'; did you mean"
         " 'persistence.aof'?", 0),
        ('config["apendfsync"] == "no"', "unknown directive 'apendfsync': no server knows it;"
         " did you mean 'appendfsync'?", 0),
        ("set.zzz", "unknown directive 'zzz': no server knows it", 0),
        ('"zzz" in config', "unknown directive 'zzz': no server knows it", 0),
        ("size(config) > 1", 'config must be indexed by a directive\'s name, as in'
         ' config["appendfsync"]', 5),
        ("config[persistence.mode]", 'config must be indexed by a directive\'s name, as in'
         ' config["appendfsync"]', 0),
        ("params.flor == 1", "unknown parameter 'flor': the rule declares floor;"
         " did you mean 'floor'?", 0),
        ('config["appendonly"] == "yes"', 'config["appendonly"] is true or false: comparing it'
         " with text is never true", 24),
        ('config["appendfsync"] == "alway"', 'config["appendfsync"] is never \'alway\': it can be'
         " always, everysec, no; did you mean 'always'?", 25),
        ('persistence.mode in ["rbd"]', "persistence.mode is never 'rbd': it can be none, rdb;"
         " did you mean 'rdb'?", 21),
        ('config["maxmemory"] > "1"', 'config["maxmemory"] is a number: comparing it with text'
         " is never true", 22),
        ("siz(1) == 1", "unknown function 'siz'; did you mean 'size'?", 0),
        ('"a".match("b")', "unknown method 'match'; did you mean 'matches'?", 0),
        ('"a".matches("(")', "not a regular expression: unclosed group", 12),
        ('"a".matches(persistence.mode)', "matches() takes one pattern, written as a text", 0),
        ("has(persistence)", "has() takes one path, such as has(host.memory_total)", 0),
        ("[1].all(x, [2].all(y, [3].all(z, true)))", "list macros nest deeper than 2 levels", 22),
        ("[1].all(1, true)", "the first argument of all() must be a plain name", 8),
        ("[1].all(x)", "all() takes a name and an expression", 0),
        ("1 +", "expected a value, not the end of the expression", 3),
        ("a b", "expected an operator or the end of the expression, not 'b'", 2),
        ("a = b", "'=' is no operator: write it twice", 2),
        ('"abc', "a string is not closed", 0),
        ("a # b", "unexpected character '#'", 2),
        ("(" * 60 + "1" + ")" * 60, "the expression nests deeper than 40 levels", 40),
        ("!" * 60 + "true", "too many signs in a row", 40),
        ("1" * (MAX_LENGTH + 1), "the expression is longer than 2000 characters", 0),
    ],
)  # fmt: skip
def test_problems(source: str, message: str, offset: int) -> None:
    expression, problems = analyse(source, VOCABULARY, {"params": {"floor": 1}})
    assert expression is None
    assert (message, offset) in problems


def test_everything_wrong_is_said_at_once() -> None:
    _, problems = analyse("foo.x == 1 && config.zzz == 2", VOCABULARY, {})
    assert len(problems) == 2


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("1 == 2", "bool"), ("persistence.aof", "bool"), ('config["maxmemory"]', "int"),
        ("[1]", "list"), ("'x'", "text"), ("1.5", "float"), ("(true)", "bool"),
        ("persistence.loss_window", ""), ("1 + 2", ""), ('set["save"]', "bool"),
    ],
)  # fmt: skip
def test_result_type(source: str, kind: str) -> None:
    assert result_type(source, VOCABULARY) == kind


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ('"a"', "a"), ("'a'", "a"), ('"\\n\\x41\\u00e9\\101"', "\nAéA"), ('r"\\d"', "\\d"),
        ('"""a"b"""', 'a"b'), ("'\\''", "'"),
    ],
)  # fmt: skip
def test_string_value(literal: str, value: str) -> None:
    assert string_value(literal) == value


ATOMS = st.sampled_from(
    ["1", "2.5", "'a'", '"b"', "true", "null", "a.b", 'c["d"]', "[1, 2]", '{"k": 1}', "size([1])",
     "-x", "!y", "[1].all(i, i > z)", "0x1F", "1u", "r'\\d'", "x[0].y"]
)  # fmt: skip
OPERATORS = st.sampled_from(["&&", "||", "==", "!=", "<", ">=", "in", "+", "-", "*", "/", "%"])


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> str:
    if depth == 0 or draw(st.booleans()):
        return str(draw(ATOMS))
    left, right = draw(expressions(depth - 1)), draw(expressions(depth - 1))
    shape = draw(st.sampled_from(["{0} {2} {1}", "({0} {2} {1})", "({0}) ? ({1}) : ({0})"]))
    return shape.format(left, right, draw(OPERATORS))


@given(expressions())
def test_what_the_library_parses_is_parsed(source: str) -> None:
    assert check_syntax(source) is None
    assert parse(source).kind


@given(st.text(alphabet="ab1.'\"()[]{}?:&|=!<>+-*/% ,inrx\\\n", max_size=40))
def test_any_text_ends_in_a_tree_or_an_error(source: str) -> None:
    assert 0 <= _offset(source) <= len(source)


def _offset(source: str) -> int:
    try:
        parse(source)
    except CelSyntaxError as error:
        return error.offset
    return 0


def test_facts_of_a_schema() -> None:
    schema = b"""{"properties": {"host": {"properties": {
        "memory": {"type": "integer", "x-unit": "bytes", "x-supply": "look"},
        "any": {"type": ["integer", "string"]}}},
        "config": {"type": "object"}, "mode": {"$ref": "#/$defs/mode"}},
        "$defs": {"mode": {"type": "string", "enum": ["a", "b"]}}}"""
    assert read_facts(schema) == {
        "host.memory": FactInfo("host.memory", "int", "bytes", (), "look"),
        "host.any": FactInfo("host.any"),
        "config": FactInfo("config", "map"),
        "mode": FactInfo("mode", "text", "", ("a", "b")),
    }
