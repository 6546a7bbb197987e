from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redislint.model import FixSafety, Severity
from redislint.policy.errors import PolicyError
from redislint.policy.loader import load
from redislint.policy.rules import Rule, pack, unpack
from redislint.policy.vocabulary import DirectiveInfo, FactInfo, Vocabulary

EXAMPLE = (Path(__file__).parent / "example.yaml").read_text()
FACTS = {
    path: FactInfo(path, kind, supply="ask" if path == "workload.name" else "")
    for path, kind in (
        ("persistence.aof", "bool"), ("persistence.loss_window", ""), ("workload.known", "bool"),
        ("workload.loss_window", ""), ("workload.appendfsync", "list"), ("workload.name", "text"),
        ("target.environment", "text"),
    )
}  # fmt: skip
DIRECTIVES = {
    "appendfsync": DirectiveInfo("appendfsync", "text", ("always", "everysec", "no")),
    "appendonly": DirectiveInfo("appendonly", "bool"),
    "maxmemory": DirectiveInfo("maxmemory", "int"),
    "requirepass": DirectiveInfo("requirepass", "text", secret=True),
}
VOCABULARY = Vocabulary(FACTS, DIRECTIVES.get, lambda name: None)


def rules(text: str = EXAMPLE) -> tuple[Rule, ...]:
    return load(text.encode(), "p.yaml", VOCABULARY)


def problems(old: str, new: str) -> list[str]:
    """What is said when a piece of the example policy is something else."""
    assert old in EXAMPLE
    with pytest.raises(PolicyError) as caught:
        rules(EXAMPLE.replace(old, new, 1))
    return str(caught.value).splitlines()


def test_a_rule_is_read_whole() -> None:
    first, second = rules()
    assert (first.id, first.name, first.severity) == (
        "EX-1", "appendfsync-weaker-than-workload", Severity.ERROR,
    )  # fmt: skip
    assert [severity for severity, _ in first.severity_if] == [Severity.WARNING, Severity.INFO]
    assert (first.path, first.line, first.category) == ("p.yaml", 2, "p")
    assert first.tags == ("persistence", "durability")
    assert first.aliases == ("EX-0", "fsync-too-weak")
    assert first.at == ("appendfsync", "appendonly")
    assert first.fix_safety is FixSafety.UNSAFE
    assert first.when is not None
    assert first.when.refs == ("persistence.aof", "workload.known")
    assert first.message[:1] == ("appendfsync ",)
    assert first.hints == {"workload.name": "ask"}
    assert first.waivable
    assert not first.code
    assert [(e.fails, e.at, e.given) for e in first.examples] == [
        (True, (2,), {"workload": "ledger"}), (False, (), {"workload": "ledger"}),
    ]  # fmt: skip
    assert second.params == {"floor": 1048576}
    assert second.at == ("maxmemory",)
    assert second.info.examples[0] == {"fails": "maxmemory 1kb\n", "given": {}, "at": [1]}


def test_a_rule_survives_the_cache() -> None:
    import json

    for rule in rules():
        assert unpack(json.loads(json.dumps(pack(rule)))) == rule


RULE_KEYS = (
    "id, name, severity, severity-if, tags, summary, each, instance, when, require, at, message,"
    " help, fix, fix-safety, params, references, examples, waivable, aliases, code,"
    " remediation, security-severity"
)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("rules:", "rule:", "1:1: unknown key 'rule' in the policy file: expected one of rules;"
         " did you mean 'rules'?"),
        ("severity: error", "sevrity: error", f"4:5: unknown key 'sevrity' in a rule: expected one"
         f" of {RULE_KEYS}; did you mean 'severity'?"),
        ("severity: error", "severity: eror", "4:15: 'severity' must be one of error, warning,"
         " info, not 'eror'; did you mean 'error'?"),
        ("severity: error", "severity: [error]", "4:15: 'severity' must be one of error, warning,"
         " info, not a list"),
        ("- {warning: w", "- {warn: w", "6:10: unknown key 'warn' in an entry of 'severity-if':"
         " expected one of error, warning, info; did you mean 'warning'?"),
        ("id: EX-2", "id: EX-1", "33:9: 'id' 'EX-1' is already taken at p.yaml:2"),
        ("id: EX-2", "id: EX-0", "33:9: 'id' 'EX-0' is already taken at p.yaml:9"),
        ("id: EX-2", "id: two", "33:9: 'id' 'two' is not well formed: expected such as RL203 or"
         " ACME-7"),
        ("id: EX-2", "id: 2", "33:9: 'id' must be text, not the number 2 (put it between quotes)"),
        ("name: maxmemory-b", "name: Maxmemory_b", "34:11: 'name' 'Maxmemory_below-floor' is not"
         " well formed: expected lower-case words joined by '-'"),
        ("name: maxmemory-below-floor", "name: fsync-too-weak",
         "34:11: 'name' 'fsync-too-weak' is already taken at p.yaml:9"),
        ("persistence.aof && w", "persistance.aof && w", "11:11: 'when': unknown fact"
         " 'persistance.aof'; did you mean 'persistence.aof'?"),
        ("when: persistence.aof && workload.known", "when: persistence.aof && workload.knwn",
         "11:30: 'when': unknown fact 'workload.knwn'; did you mean 'workload.known'?"),
        ("when: persistence.aof", "when: persistence.aof &&", "11:30: 'when': expected a value, not"
         " '&&'"),
        ("when: persistence.aof && workload.known", "when: workload.name",
         "11:11: 'when' must give true or false, and this never does"),
        ("when: persistence.aof && workload.known", "when: 3",
         "11:11: 'when' must be text, not the number 3 (put it between quotes)"),
        ("at: [appendfsync,", "at: [apendfsync,", "13:10: 'at': unknown directive 'apendfsync': no"
         " server knows it"),
        ("fix: {appendfsync", "fix: {apendfsync", "19:11: 'fix': unknown directive 'apendfsync': no"
         " server knows it"),
        ("fix: {appendfsync", "fix: {requirepass", "19:11: 'fix' cannot set requirepass: a secret"
         " would be shown"),
        ("    fix-safety: unsafe\n    references", "    references", "19:10: rule EX-1 has"
         " 'fix' and no 'fix-safety': expected safe or unsafe"),
        ("fix-safety: unsafe", "fix-safety: perhaps", "20:17: 'fix-safety' must be one of safe,"
         " unsafe, not 'perhaps'"),
        ("[https://valkey", "[valkey", "21:17: 'references': 'valkey.io/topics/persistence/' is no"
         " URL"),
        ("maxmemory is {config[", "maxmemory is {config[\"requirepass\"]} {config[",
         "41:28: 'message' would show config[\"requirepass\"], which is a secret"),
        ("less than {", "less } than {", "41:61: 'message': '}' without '{': write '}}' for a brace"
         " in the text"),
        ("params.floor:bytes", "params.floor:byte", "41:80: 'message': unknown form 'byte':"
         " expected one of bytes, duration, percent"),
        ("params.floor:bytes", "params.flor:bytes", "41:67: 'message': unknown parameter 'flor':"
         " the rule declares floor; did you mean 'floor'?"),
        ("floor: 1048576", "Floor: 1048576", "37:21: parameter 'Floor' is not well formed: expected"
         " lower-case words joined by '_'"),
        ("floor: 1048576", "floor: {a: 1}", "37:21: parameter 'floor' must be text, a number, true,"
         " false or a list of them, not a mapping"),
        ("help: Give it more.", "help:", "42:5: 'help' must be text, not nothing"),
        ("help: Give it more.", "summary2: x", "33:5: rule EX-2 has no 'help'"),
        ("    message: maxmemory is", "    mesage: maxmemory is",
         "33:5: rule EX-2 has no 'message'"),
        ("      - fails: |\n          maxmemory 1kb\n        at: [1]\n", "", "33:5: rule EX-2"
         " has no failing example: expected one with 'fails:' under 'examples'"),
        ("      - passes: |\n          maxmemory 100mb\n", "", "33:5: rule EX-2 has no passing"
         " example: expected one with 'passes:' under 'examples'"),
        ("given: {workload: ledger}", "given: {worklaod: ledger}", "26:17: 'given': unknown fact"
         " 'worklaod'; did you mean 'workload'?"),
        ("at: [1]", "at: [one]", "48:13: 'at' of an example must be a line number or a list of"
         " them"),
        ("at: [1]", "att: [1]", "48:9: unknown key 'att' in an example: expected one of fails,"
         " passes, given, at; did you mean 'at'?"),
        ("- fails: |\n          maxmemory 1kb", "- fails: 5", "46:16: an example must be the text"
         " of a configuration, not the number 5"),
        ("tags: [persistence,", "tags: [Persistence,", "8:11: 'tags': 'Persistence' is not well"
         " formed: expected lower-case words joined by '-', '.' or '_'"),
        ("    params: {floor: 1048576}", "    waivable: maybe\n    params: {floor: 1048576}",
         "37:15: 'waivable' must be true or false, not 'maybe'"),
        ("    params: {floor: 1048576}", "    instance: item.name\n    params: {floor: 1048576}",
         "37:15: 'instance' needs 'each'"),
        ("    params: {floor: 1048576}", "    code: true\n    params: {floor: 1048576}",
         "40:14: rule EX-2 is found by code: it cannot have 'require'"),
        ("    params: {floor: 1048576}", "    each: '1 == 1'\n    params: {floor: 1048576}",
         "37:12: 'each' must give a list, and this never does"),
    ],
)  # fmt: skip
def test_mistakes(old: str, new: str, message: str) -> None:
    assert f"p.yaml:{message}" in problems(old, new)


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("allows {workload.loss_window", "allows {workload.los_window", (16, 50)),
        ("workload '{workload.name}'", "workload '{workload.nam}'", (16, 26)),
        ("of\n      writes", "of {x\n      writes", (15, 90)),
        ("    when: set[\"maxmemory\"]", "    when: >-\n      true &&\n      set[\"maxmemroy\"]",
         (40, 7)),
        ("    when: set[\"maxmemory\"]", "    when: true &&\n      sets.x && true", (39, 7)),
    ],
)  # fmt: skip
def test_places_within_folded_texts(old: str, new: str, place: tuple[int, int]) -> None:
    assert old in EXAMPLE
    with pytest.raises(PolicyError) as caught:
        rules(EXAMPLE.replace(old, new, 1))
    assert [(p.line, p.column) for p in caught.value.problems] == [place]


def test_an_example_is_one_of_two() -> None:
    found = problems("- fails: |\n          maxmemory 1kb", "- passes: x\n        fails: y")
    assert "p.yaml:46:9: an example has either 'fails' or 'passes'" in found


def test_all_mistakes_of_a_file_come_together_in_order() -> None:
    text = EXAMPLE.replace("severity: error", "severity: eror").replace("id: EX-2", "id: two")
    with pytest.raises(PolicyError) as caught:
        rules(text)
    assert [problem.line for problem in caught.value.problems] == [4, 33]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "p.yaml: is empty: expected 'rules:' and a list of rules"),
        ("rules: 5", "p.yaml:1:8: 'rules' must be a list, not the number 5"),
        ("rules: [5]", "p.yaml:1:9: a rule must be a mapping, not the number 5"),
        ("[]", "p.yaml:1:1: the policy file must be a mapping, not a list"),
        ("rules:\n  - id: A1\n", "p.yaml:2:5: a rule has no 'name'"),
    ],
)
def test_shapes(text: str, message: str) -> None:
    with pytest.raises(PolicyError) as caught:
        rules(text)
    assert message in str(caught.value).splitlines()


def test_ids_of_other_files_are_taken() -> None:
    with pytest.raises(PolicyError, match=r"'id' 'EX-1' is already taken at p\.yaml:2"):
        load(EXAMPLE.encode(), "q.yaml", VOCABULARY, rules())


def test_a_rule_found_by_code_needs_no_expressions() -> None:
    text = """rules:
      - id: X1
        name: x
        severity: info
        summary: s
        code: true
        examples: [{fails: a, at: [1, 2]}, {passes: b}]
    """
    (rule,) = rules(text)
    assert rule.code
    assert rule.require is None
    assert rule.examples[0].at == (1, 2)


def test_each_gives_expressions_an_item() -> None:
    text = EXAMPLE.replace(
        "    params: {floor: 1048576}",
        "    params: {floor: 1}\n    each: workload.appendfsync\n    instance: item.name",
    )
    assert rules(text)[1].each is not None
    with pytest.raises(PolicyError, match="unknown fact 'item"):
        rules(EXAMPLE.replace("when: set", "when: item.x && set"))


@settings(max_examples=40)
@given(st.data())
def test_a_damaged_policy_is_never_a_traceback(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(EXAMPLE)))
    end = data.draw(st.integers(start, min(len(EXAMPLE), start + 30)))
    text = EXAMPLE[:start] + data.draw(st.text(max_size=8)) + EXAMPLE[end:]
    with contextlib.suppress(UnicodeEncodeError):
        assert all(line.startswith("p.yaml") for line in _said(text))


def _said(text: str) -> list[str]:
    try:
        rules(text)
    except PolicyError as error:
        return str(error).splitlines()
    return []
