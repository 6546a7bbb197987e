"""One example of a rule, evaluated as a check of that text would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from redislint import catalog
from redislint.audit.policies import with_facts, with_running_facts
from redislint.audit.vocabulary import spelling
from redislint.facts.declared import KEYS, DeclarationError
from redislint.facts.workload import Workload
from redislint.model import Fact, Finding, OutcomeKind, Server, Span, Target
from redislint.policy.engine import Engine
from redislint.policy.loader import DECLARATIONS
from redislint.policy.rules import Example, Rule
from redislint.policy.ruleset import SENTINEL
from redislint.policy.testing import Ended

if TYPE_CHECKING:
    from redislint.conf.resolve import Configuration

NAME = "redis.conf"


class _Parameters(NamedTuple):
    """What an example's text sets, as the parameters of a managed service: there are no
    others."""

    conf: Configuration

    @property
    def server(self) -> Server:
        return self.conf.server

    def values(self) -> Iterator[tuple[str, Any]]:
        return ((name, value) for name, value in self.conf.values() if self.is_set(name))

    def is_set(self, name: str) -> bool:
        return self.conf.is_set(name)


class ExampleRunner:
    """Evaluates examples; `workloads` are those that `given` may name."""

    def __init__(self, workloads: Mapping[str, Workload]) -> None:
        self._workloads = workloads
        self._newest = max(server for server in catalog.SUPPORTED if server.engine == "redis")

    def __call__(self, rule: Rule, example: Example) -> Ended:
        """How the example ended. Never raises on what the example says."""
        try:
            if rule.code:
                about_waivers = "waivers" in rule.tags
                return (self._by_waiver if about_waivers else self._by_code)(rule, example)
            return self._by_rule(rule, example)
        except (DeclarationError, ValueError) as error:
            return Ended(OutcomeKind.ERROR, detail=f"'given': {error}")

    def _by_rule(self, rule: Rule, example: Example) -> Ended:
        from redislint.conf.document import parse
        from redislint.conf.resolve import resolve

        given = example.given
        server = Server.parse(str(given["server"])) if "server" in given else self._newest
        sentinel = SENTINEL in rule.tags
        conf = resolve(parse(example.text, NAME), server, sentinel=sentinel)
        if conf.rejection is not None:
            stop = conf.rejection
            line = stop.span.line if stop.span else 1
            return Ended(OutcomeKind.ERROR, detail=f"{server} refuses line {line}: {stop.message}")
        declared = {key: _text(value) for key, value in given.items() if key in KEYS}
        known = {path: value for path, value in given.items() if path not in DECLARATIONS}
        if "cloud.service" in known:
            facts = {path: Fact(value, origin="given") for path, value in known.items()}
            target = with_running_facts(
                Target(NAME, str(known["cloud.service"]), NAME, server, facts=facts),
                _Parameters(conf),
                declared,
                self._workloads,
                None,
            )
        else:
            target = with_facts(
                Target(NAME, "conf", NAME, server),
                conf,
                declared,
                self._workloads,
                known=known,
                start=Span(NAME, 1, 1, 1, 1),
            )
        evaluation = Engine([rule], spelling=spelling).evaluate(target)
        outcome = evaluation.outcomes[0]
        detail = outcome.message
        if outcome.kind is OutcomeKind.UNKNOWN:
            detail = f"{', '.join(outcome.missing)} missing"
        found = [violation.span for violation in evaluation.violations]
        return Ended(outcome.kind, tuple(span.line for span in found if span), detail)

    def _by_code(self, rule: Rule, example: Example) -> Ended:
        """What a server says of the text, then what a check of the file says."""
        from redislint.audit import check
        from redislint.conf.document import parse
        from redislint.conf.resolve import resolve

        given = example.given
        server = Server.parse(str(given["server"])) if "server" in given else self._newest
        said = resolve(parse(example.text, NAME), server, sentinel=False).diagnostics
        lines = tuple(d.span.line for d in said if d.span and d.rule == rule.id)
        if lines:
            return Ended(OutcomeKind.FAIL, lines)
        report = check(
            ["-"],
            stdin=example.text.encode("utf-8", "surrogateescape"),
            stdin_filename=str(given.get("file", NAME)),
            server=str(given["server"]) if "server" in given else None,
        )
        found = [finding for finding in report.findings if finding.rule == rule.id]
        lines = tuple(finding.span.line for finding in found if finding.span)
        if found:
            return Ended(OutcomeKind.FAIL, lines, found[0].message)
        return Ended(OutcomeKind.PASS)

    def _by_waiver(self, rule: Rule, example: Example) -> Ended:
        """What the waivers of the text come to when every rule is held against it."""
        from redislint.audit.judge import Judge
        from redislint.audit.silence import Source, silence
        from redislint.conf.document import parse
        from redislint.conf.pragma import read_pragmas
        from redislint.conf.resolve import resolve
        from redislint.policy.ruleset import rule_set

        rules = rule_set(profile="strict")
        document = parse(example.text, NAME)
        conf, pragmas = resolve(document, self._newest), read_pragmas(document)
        target = Target(NAME, "conf", NAME, self._newest)
        said = Judge(rules, self._workloads).judge(target, conf, NAME, pragmas.values)
        findings = [
            Finding(d.rule, d.rule, d.severity, d.message, NAME, d.rule, d.span)
            for d in said.diagnostics
        ]
        source = Source(NAME, NAME, document, pragmas)
        _, problems = silence(findings, said.outcomes, [source], rules, _today())
        found = [problem for problem in problems if problem.rule == rule.id]
        lines = tuple(problem.span.line for problem in found if problem.span)
        return (
            Ended(OutcomeKind.FAIL, lines, found[0].message) if found else Ended(OutcomeKind.PASS)
        )


def _today() -> str:
    from datetime import date

    return date.today().isoformat()


def _text(value: Any) -> str:
    """A declaration as the text that a pragma would give."""
    if isinstance(value, (list, tuple)):
        return ",".join(map(str, value))
    return str(value)
