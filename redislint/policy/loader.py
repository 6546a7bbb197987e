"""Policy files read strictly: every mistake gets its place and the nearest right name.

The format is described by `schemas/policy.schema.json`. `load` gives rules in which
every expression is checked, so that evaluating them cannot meet a wrong name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from redislint.facts.declared import KEYS
from redislint.model import FixSafety, Severity
from redislint.policy.analysis import analyse, result_type
from redislint.policy.errors import PolicyError, Problem, did_you_mean, quote
from redislint.policy.expression import check_syntax
from redislint.policy.reading import Node, Reader, describe, parse
from redislint.policy.rules import Example, Expression, Piece, Remedy, Rule
from redislint.policy.template import TemplateError, split
from redislint.policy.vocabulary import Vocabulary

RULE_KEYS = (
    "id", "name", "severity", "severity-if", "tags", "summary", "each", "instance", "when",
    "require", "at", "message", "help", "fix", "fix-safety", "params", "references", "examples",
    "waivable", "aliases", "code", "remediation", "security-severity",
)  # fmt: skip
EXAMPLE_KEYS = ("fails", "passes", "given", "at")
DECLARATIONS = ("server", *KEYS)
"""What `given` may declare, beside facts by path."""
SEVERITIES = tuple(severity.value for severity in Severity)

_ID = re.compile(r"[A-Z][A-Z0-9]{0,11}-?[0-9]{1,6}")
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_TAG = re.compile(r"[a-z][a-z0-9]*([-._][a-z0-9]+)*")
_PARAMETER = re.compile(r"[a-z][a-z0-9_]*")
_ONLY_DATA = (
    "each", "instance", "when", "require", "message", "fix", "severity-if", "remediation",
)  # fmt: skip
REMEDY_KEYS = ("when", "note", "cli", "terraform", "cloudformation", "parameters")


def load(
    data: bytes, path: str, vocabulary: Vocabulary | None = None, others: Iterable[Rule] = ()
) -> tuple[Rule, ...]:
    """The rules of one policy file.

    `path` is what problems and rules show. `others` are rules loaded before, whose ids
    and names are taken. Raises PolicyError with every problem found.
    """
    root = parse(data, path)
    reader = Reader(path, source=data.decode("utf-8-sig"))
    if root is None:
        raise _empty(path)
    top = reader.mapping(root, "the policy file", ("rules",), ("rules",))
    taken = {
        name: f"{rule.path}:{rule.line}"
        for rule in others
        for name in (rule.id, rule.name, *rule.aliases)
    }
    category = re.split(r"[/\\]", path)[-1].partition(".")[0]
    rules = []
    for node in reader.items(top.get("rules"), "'rules'"):
        rule = _RuleReader(reader, vocabulary or Vocabulary(), category).read(node, taken)
        if rule:
            rules.append(rule)
    reader.done()
    return tuple(rules)


def _empty(path: str) -> PolicyError:
    return PolicyError([Problem(path, 0, 0, "is empty: expected 'rules:' and a list of rules")])


class _RuleReader:
    """Reads one rule of a file; problems go to the file's reader."""

    def __init__(self, reader: Reader, vocabulary: Vocabulary, category: str) -> None:
        self.reader = reader
        self.vocabulary = vocabulary
        self.category = category
        self.names: dict[str, Any] = {}

    def read(self, node: Node, taken: dict[str, str]) -> Rule | None:
        reader = self.reader
        before = len(reader.problems)
        keys = reader.mapping(node, "a rule", RULE_KEYS, ("id", "name", "severity", "summary"))
        if not keys:
            return None
        what = f"rule {keys['id'].value}" if "id" in keys else "a rule"
        identity = self._identity(keys.get("id"), "'id'", _ID, "such as RL203 or ACME-7", taken)
        name = self._identity(
            keys.get("name"), "'name'", _NAME, "lower-case words joined by '-'", taken
        )
        aliases = tuple(
            self._identity(item, "an alias", None, "", taken)
            for item in (reader.items(keys["aliases"], "'aliases'") if "aliases" in keys else ())
        )
        code = reader.flag(keys.get("code"), "'code'", False)
        for key in _ONLY_DATA if code else ():
            if key in keys:
                reader.bad(keys[key], f"{what} is found by code: it cannot have '{key}'")
        for key in () if code else ("require", "message", "help"):
            if key not in keys:
                reader.bad(node, f"{what} has no '{key}'")
        params = self._params(keys.get("params"))
        self.names = {"params": params}
        each = self._expression(keys.get("each"), "'each'", "list")
        if each:
            self.names["item"] = None
        if "instance" in keys and "each" not in keys:
            reader.bad(keys["instance"], "'instance' needs 'each'")
        fix = self._fix(keys.get("fix"))
        fix_safety = self._fix_safety(keys, node, what)
        rule = Rule(
            id=identity,
            name=name,
            severity=Severity(
                reader.choice(keys.get("severity"), "'severity'", SEVERITIES, "error")
            ),
            summary=" ".join(reader.text(keys.get("summary"), "'summary'", 300).split()),
            path=reader.path,
            line=node.line,
            category=self.category,
            tags=self._words(keys.get("tags"), "'tags'"),
            aliases=aliases,
            help=reader.text(keys.get("help"), "'help'"),
            references=self._references(keys.get("references")),
            code=code,
            waivable=reader.flag(keys.get("waivable"), "'waivable'", True),
            each=each,
            instance=self._expression(keys.get("instance"), "'instance'", "text"),
            when=self._expression(keys.get("when"), "'when'", "bool"),
            require=self._expression(keys.get("require"), "'require'", "bool"),
            severity_if=self._severity_if(keys.get("severity-if")),
            at=self._at(keys.get("at")),
            message=self._template(keys.get("message"), "'message'"),
            fix=fix,
            fix_safety=fix_safety,
            params=params,
            examples=self._examples(keys.get("examples"), node, what, code),
            remediation=self._remediation(keys.get("remediation")),
            security_severity=self._security_severity(keys.get("security-severity")),
        )
        if len(reader.problems) > before:
            return None
        return _with_hints(rule, self.vocabulary)

    def _identity(
        self,
        node: Node | None,
        what: str,
        shape: re.Pattern[str] | None,
        expected: str,
        taken: dict[str, str],
    ) -> str:
        text = self.reader.text(node, what, 100)
        if node is None or not text:
            return ""
        if shape and not shape.fullmatch(text):
            self.reader.bad(node, f"{what} {quote(text)} is not well formed: expected {expected}")
            return ""
        if text in taken:
            self.reader.bad(node, f"{what} {quote(text)} is already taken at {taken[text]}")
            return ""
        taken[text] = f"{self.reader.path}:{node.line}"
        return text

    def _words(self, node: Node | None, what: str) -> tuple[str, ...]:
        words = self.reader.texts(node, what)
        for word in words:
            if node and not _TAG.fullmatch(word):
                self.reader.bad(
                    node, f"{what}: {quote(word)} is not well formed: expected lower-case words"
                    " joined by '-', '.' or '_'"
                )  # fmt: skip
        return words

    def _references(self, node: Node | None) -> tuple[str, ...]:
        found = self.reader.texts(node, "'references'")
        for reference in found:
            if node and not reference.startswith(("https://", "http://")):
                self.reader.bad(node, f"'references': {quote(reference)} is no URL")
        return found

    def _params(self, node: Node | None) -> dict[str, Any]:
        if node is None:
            return {}
        params: dict[str, Any] = {}
        for name, value in self.reader.mapping(node, "'params'", None).items():
            if not _PARAMETER.fullmatch(name):
                self.reader.bad(
                    value, f"parameter {quote(name)} is not well formed: expected lower-case"
                    " words joined by '_'"
                )  # fmt: skip
            elif not is_parameter_value(value):
                self.reader.bad(
                    value, f"parameter '{name}' must be text, a number, true, false or a list of"
                    f" them, not {describe(value)}"
                )  # fmt: skip
            else:
                params[name] = value.data
        return params

    def _expression(self, node: Node | None, what: str, kind: str = "") -> Expression | None:
        if node is None:
            return None
        if node.kind == "bool":
            return Expression("true" if node.value else "false")
        source = self.reader.text(node, what)
        if not source:
            return None
        return self.compile(source, node, what, kind)

    def compile(
        self,
        source: str,
        node: Node,
        what: str,
        kind: str = "",
        offset: int = 0,
        text: str = "",
    ) -> Expression | None:
        """Check one expression; `offset` is where it starts in the node's text, or in
        `text`, the same with other blanks."""
        expression, problems = analyse(source, self.vocabulary, self.names)
        for message, at in problems:
            self.reader.bad(node, f"{what}: {message}", offset + at, text)
        if expression is None:
            return None
        refused = check_syntax(source)
        if refused:
            self.reader.bad(node, f"{what}: {refused}", offset, text)
            return None
        found = result_type(source, self.vocabulary)
        if kind and found and kind != found:
            wanted = {"bool": "true or false", "list": "a list", "text": "a text"}[kind]
            self.reader.bad(node, f"{what} must give {wanted}, and this never does")
            return None
        return expression

    def _severity_if(self, node: Node | None) -> tuple[tuple[Severity, Expression], ...]:
        found = []
        for item in self.reader.items(node, "'severity-if'"):
            what = "an entry of 'severity-if'"
            for name, value in self.reader.mapping(item, what, SEVERITIES).items():
                expression = self._expression(value, f"'severity-if' {name}", "bool")
                if expression:
                    found.append((Severity(name), expression))
        return tuple(found)

    def _at(self, node: Node | None) -> tuple[str, ...]:
        names = self.reader.texts(node, "'at'")
        for position, name in enumerate(names):
            place = node.value[position] if node and node.kind == "list" else node
            if place:
                self._check_directive(name, place, "'at'")
        return names

    def _check_directive(self, name: str, node: Node, what: str) -> None:
        lookup = self.vocabulary.directive
        if lookup is not None and lookup(name) is None:
            near = self.vocabulary.nearest_directive(name)
            hint = f"; did you mean '{near}'?" if near else ""
            self.reader.bad(
                node, f"{what}: unknown directive {quote(name)}: no server knows it{hint}"
            )

    def _remediation(self, node: Node | None) -> tuple[Remedy, ...]:
        if node is None:
            return ()
        items = self.reader.items(node, "'remediation'") if node.kind == "list" else [node]
        found = []
        for item in items:
            keys = self.reader.mapping(item, "an entry of 'remediation'", REMEDY_KEYS)
            parameters = []
            if "parameters" in keys:
                what = "'parameters' of 'remediation'"
                for name, value in self.reader.mapping(keys["parameters"], what, None).items():
                    expression = self._expression(value, f"{what}: {name}")
                    if expression:
                        parameters.append((name, expression))
            found.append(
                Remedy(
                    self._expression(keys.get("when"), "'when' of 'remediation'", "bool"),
                    self._template(keys.get("note"), "'note'"),
                    self._template(keys.get("cli"), "'cli'", lines=True),
                    self._template(keys.get("terraform"), "'terraform'", lines=True),
                    self._template(keys.get("cloudformation"), "'cloudformation'", lines=True),
                    tuple(parameters),
                )
            )
        return tuple(found)

    def _template(self, node: Node | None, what: str, lines: bool = False) -> tuple[Piece, ...]:
        """A text with expressions in it; on one line, unless `lines` matter."""
        template = self.reader.text(node, what, 2_000).rstrip() if node else ""
        if not lines:
            template = " ".join(template.split())
        if node is None or not template:
            return ()
        try:
            raw = split(template)
        except TemplateError as error:
            self.reader.bad(node, f"{what}: {error}", error.offset, template)
            return ()
        pieces: list[Piece] = []
        for piece in raw:
            if isinstance(piece, str):
                pieces.append(piece)
                continue
            source, form, offset = piece
            expression = self.compile(source, node, what, "", offset, template)
            if expression is None:
                continue
            for reference in expression.refs:
                if self.vocabulary.is_secret(reference):
                    self.reader.bad(
                        node,
                        f"{what} would show {reference}, which is a secret",
                        offset,
                        template,
                    )
            pieces.append((expression, form))
        return tuple(pieces)

    def _fix(self, node: Node | None) -> tuple[tuple[str, Expression], ...]:
        if node is None:
            return ()
        found = []
        for name, value in self.reader.mapping(node, "'fix'", None).items():
            key = node.value[name][0]
            self._check_directive(name, key, "'fix'")
            if value.kind in ("int", "float"):
                value = Node("str", str(value.value), value.line, value.column)
            expression = self._expression(value, f"'fix' of {name}")
            if expression:
                if any(map(self.vocabulary.is_secret, (f'config["{name}"]', *expression.refs))):
                    self.reader.bad(key, f"'fix' cannot set {name}: a secret would be shown")
                found.append((name, expression))
        return tuple(found)

    def _security_severity(self, node: Node | None) -> float | None:
        """How grave for security, on the scale of CVSS: 0.1 to 10.0."""
        if node is None:
            return None
        if node.kind in ("int", "float") and 0.1 <= node.value <= 10.0:
            return float(node.value)
        self.reader.bad(
            node, f"'security-severity' must be a number from 0.1 to 10.0, not {describe(node)}"
        )
        return None

    def _fix_safety(self, keys: Mapping[str, Node], node: Node, what: str) -> FixSafety | None:
        if "fix-safety" in keys:
            choices = tuple(safety.value for safety in FixSafety)
            return FixSafety(
                self.reader.choice(keys["fix-safety"], "'fix-safety'", choices, "unsafe")
            )
        if "fix" in keys:
            self.reader.bad(
                keys["fix"], f"{what} has 'fix' and no 'fix-safety': expected safe or unsafe"
            )
        return None

    def _examples(
        self, node: Node | None, rule: Node, what: str, code: bool
    ) -> tuple[Example, ...]:
        found = []
        for item in self.reader.items(node, "'examples'"):
            keys = self.reader.mapping(item, "an example", EXAMPLE_KEYS)
            if ("fails" in keys) == ("passes" in keys):
                self.reader.bad(item, "an example has either 'fails' or 'passes'")
                continue
            fails = "fails" in keys
            text = keys["fails" if fails else "passes"]
            if text.kind != "str":
                self.reader.bad(
                    text, f"an example must be the text of a configuration, not {describe(text)}"
                )
                continue
            given = self.reader.mapping(keys["given"], "'given'", None) if "given" in keys else {}
            at = self._lines(keys.get("at"))
            if at and not fails:
                self.reader.bad(keys["at"], "'at' says where a failing example is found")
            values = {name: value.data for name, value in given.items()}
            if not code:
                self._check_given(values, keys.get("given"))
            found.append(Example(fails, text.value, values, at, item.line))
        for kind, wanted in (("failing", True), ("passing", False)):
            if not any(example.fails is wanted for example in found):
                key = "fails" if wanted else "passes"
                self.reader.bad(
                    rule,
                    f"{what} has no {kind} example: expected one with '{key}:' under 'examples'",
                )
        return tuple(found)

    def _check_given(self, names: Iterable[str], node: Node | None) -> None:
        """What is given is a declaration or a fact; a typo would test something else."""
        facts = self.vocabulary.facts
        for name in names if node and facts is not None else ():
            if name not in DECLARATIONS and name not in (facts or {}) and node:
                known = (*DECLARATIONS, *(facts or {}))
                self.reader.bad(
                    node.value[name][0],
                    f"'given': unknown fact {quote(name)}{did_you_mean(name, known)}",
                )

    def _lines(self, node: Node | None) -> tuple[int, ...]:
        if node is None:
            return ()
        items = node.value if node.kind == "list" else [node]
        lines = [item.value for item in items if item.kind == "int" and item.value >= 1]
        if len(lines) != len(items):
            self.reader.bad(node, "'at' of an example must be a line number or a list of them")
        return tuple(lines)


def is_parameter_value(node: Node) -> bool:
    """Whether a YAML value can be a parameter: a scalar or a list of scalars."""
    if node.kind == "list":
        return all(item.kind in ("str", "int", "float", "bool") for item in node.value)
    return node.kind in ("str", "int", "float", "bool")


def _with_hints(rule: Rule, vocabulary: Vocabulary) -> Rule:
    """The rule with, for each fact it reads, how a person supplies it."""
    hints = {}
    for expression in rule.expressions:
        for reference in expression.refs:
            hint = vocabulary.hint(reference)
            if hint:
                hints[reference] = hint
    return rule._replace(hints=hints)
