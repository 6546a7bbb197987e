"""A rule as it is evaluated, and its form in the cache.

Everything here is plain data: what the loader made of a policy file, checked once, so
that evaluating it needs neither YAML nor a look at the text. Named tuples, because
every run makes these classes, and frozen dataclasses take ten times as long to make.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from redislint.model import FixSafety, RuleInfo, Severity


class Expression(NamedTuple):
    """A CEL expression and what it reads.

    `refs` are the facts whose absence it cannot bear (`persistence.mode`,
    `config["save"]`); `tested` those that it only asks for (`has(...)`, `in config`).
    `outline` is its tree of logical operators, see `analysis`. `strict`: there is
    nothing in it that could absorb an error, so one missing fact makes it unknown.
    """

    source: str
    refs: tuple[str, ...] = ()
    tested: tuple[str, ...] = ()
    outline: Any = None
    strict: bool = False


Piece = str | tuple[Expression, str]
"""A part of a message: text, or an expression and the form to show it in."""


class Example(NamedTuple):
    """One test of a rule: a configuration that must fail or pass it.

    `line` is where it stands in the policy file; `at` the lines where findings must be.
    """

    fails: bool
    text: str
    given: Mapping[str, Any]
    at: tuple[int, ...]
    line: int


class Remedy(NamedTuple):
    """What to do about a rule's findings on a managed service, as templates.

    `when`: where it applies. `parameters`: values for the parameter group, from which all
    three forms are made.
    """

    when: Expression | None = None
    note: tuple[Piece, ...] = ()
    cli: tuple[Piece, ...] = ()
    terraform: tuple[Piece, ...] = ()
    cloudformation: tuple[Piece, ...] = ()
    parameters: tuple[tuple[str, Expression], ...] = ()

    @property
    def expressions(self) -> Iterator[Expression]:
        """Every expression of it."""
        if self.when:
            yield self.when
        for template in (self.note, self.cli, self.terraform, self.cloudformation):
            yield from (piece[0] for piece in template if not isinstance(piece, str))
        yield from (expression for _, expression in self.parameters)

    @property
    def sources(self) -> dict[str, str]:
        """Its parts as the policy file writes them, those that are there."""
        parts = {
            "when": self.when.source if self.when else "",
            "note": _template(self.note),
            "cli": _template(self.cli),
            "terraform": _template(self.terraform),
            "cloudformation": _template(self.cloudformation),
            "parameters": "\n".join(f"{name}: {e.source}" for name, e in self.parameters),
        }
        return {name: text for name, text in parts.items() if text}


def _template(pieces: tuple[Piece, ...]) -> str:
    return "".join(p if isinstance(p, str) else f"{{{p[0].source}}}" for p in pieces)


class Rule(NamedTuple):
    """One rule. `path` and `line` are where it is declared."""

    id: str
    name: str
    severity: Severity
    summary: str
    path: str
    line: int
    category: str = ""
    tags: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    help: str = ""
    references: tuple[str, ...] = ()
    code: bool = False
    waivable: bool = True
    each: Expression | None = None
    instance: Expression | None = None
    when: Expression | None = None
    require: Expression | None = None
    severity_if: tuple[tuple[Severity, Expression], ...] = ()
    at: tuple[str, ...] = ()
    message: tuple[Piece, ...] = ()
    fix: tuple[tuple[str, Expression], ...] = ()
    fix_safety: FixSafety | None = None
    params: Mapping[str, Any] | None = None
    examples: tuple[Example, ...] = ()
    hints: Mapping[str, str] | None = None
    remediation: tuple[Remedy, ...] = ()
    security_severity: float | None = None

    @property
    def info(self) -> RuleInfo:
        """What reports say about the rule."""
        return RuleInfo(
            id=self.id,
            name=self.name,
            severity=self.severity,
            summary=self.summary,
            help=self.help,
            tags=self.tags,
            references=self.references,
            fix_safety=self.fix_safety,
            category=self.category,
            examples=tuple(
                {
                    "fails" if example.fails else "passes": example.text,
                    "given": example.given,
                    "at": list(example.at),
                }
                for example in self.examples
            ),
            remediation=tuple(remedy.sources for remedy in self.remediation),
            security_severity=self.security_severity,
        )

    @property
    def expressions(self) -> Iterator[Expression]:
        """Every expression of the rule."""
        yield from filter(None, (self.each, self.instance, self.when, self.require))
        for _, expression in (*self.severity_if, *self.fix):
            yield expression
        for piece in self.message:
            if not isinstance(piece, str):
                yield piece[0]
        for remedy in self.remediation:
            yield from remedy.expressions


def pack(rule: Rule) -> list[Any]:
    """A rule as JSON values; `unpack` reads them back."""
    return [
        rule.id, rule.name, rule.severity.value, rule.summary, rule.path, rule.line,
        rule.category, list(rule.tags), list(rule.aliases), rule.help, list(rule.references),
        rule.code, rule.waivable,
        *(_pack(e) for e in (rule.each, rule.instance, rule.when, rule.require)),
        [[severity.value, _pack(e)] for severity, e in rule.severity_if],
        list(rule.at),
        _pack_pieces(rule.message),
        [[name, _pack(e)] for name, e in rule.fix],
        rule.fix_safety.value if rule.fix_safety else None,
        rule.params,
        [[e.fails, e.text, e.given, list(e.at), e.line] for e in rule.examples],
        rule.hints,
        [_pack_remedy(remedy) for remedy in rule.remediation],
        rule.security_severity,
    ]  # fmt: skip


def unpack(row: list[Any]) -> Rule:
    """The rule that `pack` wrote. Raises ValueError, TypeError or KeyError when damaged."""
    (
        identity, name, severity, summary, path, line, category, tags, aliases, help_text,
        references, code, waivable, each, instance, when, require, severity_if, at, message,
        fix, fix_safety, params, examples, hints, remediation, security_severity,
    ) = row  # fmt: skip
    return Rule(
        identity, name, Severity(severity), summary, path, line, category, tuple(tags),
        tuple(aliases), help_text, tuple(references), code, waivable,
        _unpack(each) if each else None,
        _unpack(instance) if instance else None,
        _unpack(when) if when else None,
        _unpack(require) if require else None,
        tuple((Severity(s), _unpack(e)) for s, e in severity_if),
        tuple(at),
        _unpack_pieces(message),
        tuple((directive, _unpack(e)) for directive, e in fix),
        FixSafety(fix_safety) if fix_safety else None,
        params,
        tuple(Example(e[0], e[1], e[2], tuple(e[3]), e[4]) for e in examples),
        hints,
        tuple(_unpack_remedy(remedy) for remedy in remediation),
        security_severity,
    )  # fmt: skip


def _pack_pieces(pieces: tuple[Piece, ...]) -> list[Any]:
    return [p if isinstance(p, str) else [_pack(p[0]), p[1]] for p in pieces]


def _unpack_pieces(row: list[Any]) -> tuple[Piece, ...]:
    return tuple(p if isinstance(p, str) else (_unpack(p[0]), p[1]) for p in row)


def _pack_remedy(remedy: Remedy) -> list[Any]:
    templates = (remedy.note, remedy.cli, remedy.terraform, remedy.cloudformation)
    return [
        _pack(remedy.when),
        *map(_pack_pieces, templates),
        [[name, _pack(expression)] for name, expression in remedy.parameters],
    ]


def _unpack_remedy(row: list[Any]) -> Remedy:
    when, note, cli, terraform, cloudformation, parameters = row
    return Remedy(
        _unpack(when) if when else None,
        _unpack_pieces(note),
        _unpack_pieces(cli),
        _unpack_pieces(terraform),
        _unpack_pieces(cloudformation),
        tuple((name, _unpack(expression)) for name, expression in parameters),
    )


def _pack(expression: Expression | None) -> list[Any] | None:
    if expression is None:
        return None
    refs, tested = list(expression.refs), list(expression.tested)
    return [expression.source, refs, tested, expression.outline, expression.strict]


def _unpack(row: list[Any]) -> Expression:
    source, refs, tested, outline, strict = row
    return Expression(source, tuple(refs), tuple(tested), outline, strict)
