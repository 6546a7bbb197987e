"""Rules on a target: how each ended, and what the failed ones say.

The facts of a target are turned into one CEL context, used for all rules. Facts stand
in `Target.facts` under their dotted paths; the typed values of directives stand there
as `config` (a mapping by name) and `set` (which of them anything set).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from redislint.model import (
    AuditError,
    Outcome,
    OutcomeKind,
    Related,
    Remediation,
    Server,
    Severity,
    Span,
    Target,
)
from redislint.policy.expression import Context, EvaluationError, Memo, Missing
from redislint.policy.rules import Expression, Piece, Rule
from redislint.policy.template import redis_text, show

_PROVIDERS = (
    "exposure.",
    "host.",
    "disk.",
    "memory.fork",
    "memory.limit",
    "memory.maxmemory_share",
    "persistence.burst_flush",
    "persistence.process_crash",
    "persistence.restart",
    "persistence.rewrite",
    "persistence.save_points",
    "sentinel.",
)
"""Facts about what is the provider's on a managed service: a rule that hangs on them alone
has nothing to say there. How clients get in is told by `cloud.*`."""

_CONNECTED = ("acl.", "attack.", "modules", "secrets.")
"""Facts that a file or a connection tells, and the service's own description never."""

Spelling = Callable[[str, Server], str | None]
"""The name that a server gives a directive, from any of its names; None if it has none."""


class Violation(NamedTuple):
    """A failed rule on one target, or on one instance within it.

    `directive` is the rule's first one, whether set or not (for the fingerprint);
    `span` the place of the first of the rule's directives that is set, None when none
    is. `fix` maps directives to the text to set them to; None when there is no fix.
    `remediation` is for a managed service, where no file can be mended.
    """

    rule: Rule
    severity: Severity
    message: str
    directive: str = ""
    instance: str = ""
    span: Span | None = None
    related: tuple[Related, ...] = ()
    fix: Mapping[str, str] | None = None
    remediation: Remediation | None = None


class Evaluation(NamedTuple):
    """All rules on one target: one outcome per rule that was evaluated, in their order."""

    outcomes: tuple[Outcome, ...]
    violations: tuple[Violation, ...]
    errors: tuple[AuditError, ...]


class Engine:
    """A set of rules ready to be held against any number of targets.

    `params` overrides parameters by rule id; `spelling` finds what a directive of a
    rule is called on a target's server. Rules found by code are left out: their
    findings come from reading the configuration.
    """

    def __init__(
        self,
        rules: Iterable[Rule],
        *,
        params: Mapping[str, Mapping[str, Any]] | None = None,
        spelling: Spelling | None = None,
    ) -> None:
        self.rules = tuple(rule for rule in rules if not rule.code)
        self._params = params or {}
        self._spelling = spelling
        mentioned: dict[str, None] = {}
        for rule in self.rules:
            for expression in rule.expressions:
                mentioned.update(dict.fromkeys(expression.refs))
                mentioned.update(dict.fromkeys(expression.tested))
        self._mentioned = tuple(mentioned)
        self._memo = Memo()

    def evaluate(self, target: Target) -> Evaluation:
        """Hold every rule against a target. Never raises on what a rule does."""
        facts = _Facts(target, self._spelling)
        values = facts.values(self._mentioned)
        context = Context(values, self._mentioned, self._memo)
        outcomes: list[Outcome] = []
        violations: list[Violation] = []
        errors: list[AuditError] = []
        for rule in self.rules:
            run = _Run(rule, facts, context, {**(rule.params or {}), **self._overrides(rule)})
            outcome = run.outcome()
            outcomes.append(outcome)
            violations.extend(run.violations)
            errors.extend(run.errors)
        return Evaluation(tuple(outcomes), tuple(violations), tuple(errors))

    def _overrides(self, rule: Rule) -> Mapping[str, Any]:
        return self._params.get(rule.id, {})


class _Facts:
    """What one target knows, by reference, and where its directives stand."""

    def __init__(self, target: Target, spelling: Spelling | None) -> None:
        self.target = target
        self._spelling = spelling
        config = target.facts.get("config")
        self.config: Mapping[str, Any] | None = config.value if config else None
        given = target.facts.get("set")
        self.given: Mapping[str, Any] = given.value if given else {}
        self._spans: dict[str, Span] | None = None
        managed = target.facts.get("target.managed")
        self.managed = bool(managed and managed.value)
        self.providers = self._providers() if self.managed else ()

    def _providers(self) -> tuple[str, ...]:
        """Beginnings of facts that a managed target of this kind never has."""
        if self._fact("cloud.cache") is False:
            return (*_PROVIDERS, *_CONNECTED, "memory.", "persistence.", "target.")
        if self._fact("cloud.serverless"):
            return (*_PROVIDERS, *_CONNECTED, "memory.", "target.role")
        return (*_PROVIDERS, *_CONNECTED) if self._fact("target.cloud") else _PROVIDERS

    def values(self, references: Iterable[str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for reference in references:
            if reference.endswith('"]'):
                self._table_value(reference, found)
            else:
                value = self._fact(reference)
                if value is not None:
                    found[reference] = value
        return found

    def _table_value(self, reference: str, found: dict[str, Any]) -> None:
        table, _, rest = reference.partition('["')
        name = self.spelled(rest[:-2])
        if self.config is None or name not in self.config or self.hidden(name):
            return
        found[reference] = (
            self.config[name] if table == "config" else bool(self.given.get(name, False))
        )

    def _fact(self, path: str) -> Any:
        fact = self.target.facts.get(path)
        if fact is not None:
            return fact.value
        above, dot, name = path.rpartition(".")
        if dot:
            value = self._fact(above)
            if isinstance(value, Mapping):
                return value.get(name)
        return None

    def spelled(self, name: str) -> str:
        """The directive's name on this server."""
        if self.config is not None and name in self.config:
            return name
        return (self._spelling and self._spelling(name, self.target.server)) or name

    def hidden(self, name: str) -> str | None:
        """Why the value of a directive cannot be known (a template hides it), or None."""
        unknown = self.target.unknown
        why = unknown.get(f'config["{name}"]') or unknown.get(f"config.{name}")
        if why is None and "config" in unknown and self.config is not None:
            unset = name in self.config and self.config[name] is None
            return unknown["config"] if unset and not self.given.get(name) else None
        return why

    def absent_directive(self, reference: str) -> str | None:
        """The directive behind a missing reference when this server has none of that name."""
        if not reference.endswith('"]') or self.config is None:
            return None
        name = reference.partition('["')[2][:-2]
        spelled = self.spelled(name)
        return None if spelled in self.config or self.hidden(spelled) else name

    def span(self, directive: str) -> Span | None:
        """Where a directive gets its value; None when nothing in a file sets it."""
        places = self.target.spans
        found = places.get(directive) or places.get(self.spelled(directive))
        if found is not None:
            return found
        if self._spans is None:
            self._spans = {
                s.canonical: s.span for s in self.target.settings if s.span and s.effective
            }
        return self._spans.get(directive) or self._spans.get(self.spelled(directive))


class _Run:
    """The evaluation of one rule on one target."""

    def __init__(
        self, rule: Rule, facts: _Facts, context: Context, params: Mapping[str, Any]
    ) -> None:
        self.rule = rule
        self.facts = facts
        self.context = context
        self.violations: list[Violation] = []
        self.errors: list[AuditError] = []
        if params:
            context.bind("params", params)

    def outcome(self) -> Outcome:
        try:
            if self.rule.each is None:
                return self._single("")
            items = self.context.evaluate(self.rule.each)
            if isinstance(items, Missing):
                return self._missing(items)
            if not isinstance(items, list):
                raise EvaluationError("'each' gave no list")
            return self._several(items)
        except EvaluationError as error:
            self._report(str(error))
            return self._ended(OutcomeKind.ERROR, message=str(error))

    def _several(self, items: Sequence[Any]) -> Outcome:
        """One outcome for all instances: the gravest of theirs."""
        found: dict[OutcomeKind, Outcome] = {}
        for number, item in enumerate(items, 1):
            self.context.bind("item", item)
            instance = str(number)
            if self.rule.instance is not None:
                name = self.context.evaluate(self.rule.instance)
                instance = show(name) if not isinstance(name, Missing) else instance
            outcome = self._single(instance)
            found.setdefault(outcome.kind, outcome)
        for kind in (OutcomeKind.FAIL, OutcomeKind.UNKNOWN, OutcomeKind.PASS):
            if kind in found:
                return found[kind]
        return self._ended(OutcomeKind.NOT_APPLICABLE)

    def _single(self, instance: str) -> Outcome:
        rule = self.rule
        if rule.when is not None:
            applies = self._truth(rule.when, "when")
            if isinstance(applies, Missing):
                return self._missing(applies)
            if not applies:
                return self._ended(OutcomeKind.NOT_APPLICABLE)
        if rule.require is None:
            return self._ended(OutcomeKind.PASS)
        holds = self._truth(rule.require, "require")
        if isinstance(holds, Missing):
            return self._missing(holds)
        if holds:
            return self._ended(OutcomeKind.PASS)
        violation = self._violation(instance)
        self.violations.append(violation)
        return self._ended(OutcomeKind.FAIL, message=violation.message)

    def _truth(self, expression: Expression, what: str) -> bool | Missing:
        value = self.context.evaluate(expression)
        if isinstance(value, (bool, Missing)):
            return value
        raise EvaluationError(f"'{what}' gave {show(value)}, expected true or false")

    def _missing(self, missing: Missing) -> Outcome:
        absent = [self.facts.absent_directive(ref) for ref in missing.references]
        if any(absent):
            names = ", ".join(name for name in absent if name)
            return self._ended(
                OutcomeKind.NOT_APPLICABLE,
                message=f"{self.facts.target.server} has no directive {names}"
                if not self.facts.managed
                else f"the service has no parameter {names}",
            )
        if self.facts.providers and all(
            r.startswith(self.facts.providers) for r in missing.references
        ):
            return self._ended(
                OutcomeKind.NOT_APPLICABLE,
                message=f"{', '.join(missing.references)}: the service sees to it",
            )
        hints = self.rule.hints or {}
        unknown = self.facts.target.unknown
        ways = dict.fromkeys(
            unknown.get(ref) or self._why_hidden(ref) or hints.get(ref, "")
            for ref in missing.references
        )
        return self._ended(
            OutcomeKind.UNKNOWN,
            missing=missing.references,
            hint="; ".join(way for way in ways if way),
        )

    def _why_hidden(self, reference: str) -> str | None:
        if not reference.endswith('"]'):
            return None
        return self.facts.hidden(self.facts.spelled(reference.partition('["')[2][:-2]))

    def _ended(
        self,
        kind: OutcomeKind,
        missing: tuple[str, ...] = (),
        hint: str = "",
        message: str = "",
    ) -> Outcome:
        return Outcome(self.rule.id, self.facts.target.id, kind, missing, hint, message)

    def _report(self, message: str) -> None:
        rule = self.rule
        self.errors.append(
            AuditError(
                self.facts.target.id,
                "policy",
                f"{rule.id} {rule.name} ({rule.path}:{rule.line}): {message}",
            )
        )

    def _violation(self, instance: str) -> Violation:
        rule = self.rule
        severity = rule.severity
        for candidate, condition in rule.severity_if:
            if self._truth(condition, "severity-if") is True:
                severity = candidate
                break
        span, related = self._places(instance)
        return Violation(
            rule=rule,
            severity=severity,
            message="".join(map(self._piece, rule.message)),
            directive=rule.at[0] if rule.at else "",
            instance=instance,
            span=span,
            related=related,
            fix=self._fix() or None,
            remediation=self._remediation(),
        )

    def _remediation(self) -> Remediation | None:
        """What to do on a managed service; None elsewhere."""
        cloud = self.facts.target.facts.get("target.cloud")
        if cloud is None or not cloud.value:
            return None
        from redislint.policy.remedies import remediation

        config = self.facts.config or {}
        return remediation(self.rule, self.context, self.facts.target.facts, config)

    def _piece(self, piece: Piece) -> str:
        if isinstance(piece, str):
            return piece
        value = self.context.evaluate(piece[0])
        return "unknown" if isinstance(value, Missing) else show(value, piece[1])

    def _places(self, instance: str) -> tuple[Span | None, tuple[Related, ...]]:
        """The first of the rule's directives that is set; the others that are. A directive
        that speaks of one instance (`sentinel monitor NAME`) is looked for by its name."""
        found = [
            (name, span)
            for name in self.rule.at
            if (
                span := (instance and self.facts.span(f"{name} {instance}"))
                or self.facts.span(name)
            )
        ]
        if not found:
            return self._nearby(instance), ()
        first = found[0][1]
        related = tuple(
            Related(span, f"{name} is set here") for name, span in found[1:] if span != first
        )
        return first, related

    def _nearby(self, instance: str) -> Span | None:
        """A directive that the rule reads, or the place of a fact or of one instance of it,
        else the start of the file where it is known."""
        for expression in (self.rule.each, self.rule.require, self.rule.when):
            for reference in expression.refs if expression else ():
                name = reference[8:-2] if reference.startswith('config["') else reference
                span = self.facts.span(f"{name} {instance}") if instance else None
                span = span or self.facts.span(name)
                if span:
                    return span
        return self.facts.target.spans.get("")

    def _fix(self) -> dict[str, str]:
        texts: dict[str, str] = {}
        for name, expression in self.rule.fix:
            value = self.context.evaluate(expression)
            if isinstance(value, Missing) or value is None:
                return {}
            texts[self.facts.spelled(name)] = redis_text(value)
        return texts
