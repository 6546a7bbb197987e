"""The nouns everybody shares: plain frozen data, no behaviour beyond themselves.

Every room of the house imports this module and this module imports only the
standard library. Lines and columns start at 1; columns count Unicode code points
(a byte that is not valid UTF-8 counts as one); an end column is one past the last.
Byte offsets start at 0.

Nothing here may hold a secret: text taken from a configuration is redacted before
it is put into a `Setting`, an `Excerpt`, a message or a `Fix`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

_NOTHING: Mapping[str, Any] = MappingProxyType({})

REDACTED = "[redacted]"
"""What stands in every output in the place of a secret that is set."""


class Severity(StrEnum):
    """How bad a finding is. `rank` orders them: the greater, the worse."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        return _RANK[self]


_RANK = {Severity.ERROR: 3, Severity.WARNING: 2, Severity.INFO: 1}


class OutcomeKind(StrEnum):
    """How the evaluation of one rule on one target ended."""

    PASS = "pass"
    FAIL = "fail"
    NOT_APPLICABLE = "not-applicable"
    UNKNOWN = "unknown"
    ERROR = "error"


class FixSafety(StrEnum):
    """`safe` cannot change what is durable, reachable or evicted; `unsafe` may."""

    SAFE = "safe"
    UNSAFE = "unsafe"


class Server(NamedTuple):
    """An engine and its version, written `redis-7.2` or `valkey-8.1`.

    `version` holds the numbers that were given, most significant first
    (`(7, 2)` or `(7, 2, 6)`).
    """

    engine: str
    version: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.engine}-{'.'.join(map(str, self.version))}"

    @classmethod
    def parse(cls, text: str) -> "Server":
        """Read `redis-7.2`, `valkey-8.1.1`, `redis:7.2` or `redis 7.2`.

        Raises ValueError with one line that says what was expected.
        """
        for separator in ("-", ":", " ", "="):
            engine, found, version = text.strip().partition(separator)
            if found:
                break
        engine = engine.strip().lower()
        numbers = version.strip().lstrip("vV").split(".")
        if engine not in ("redis", "valkey"):
            raise ValueError(
                f"unknown server {text!r}: expected an engine (redis or valkey) and a version,"
                " such as redis-7.2 or valkey-8.1"
            )
        if not (1 <= len(numbers) <= 4 and all(n.isascii() and n.isdigit() for n in numbers)):
            raise ValueError(
                f"unknown server {text!r}: expected a version after '{engine}',"
                f" such as {engine}-{'7.2' if engine == 'redis' else '8.1'}"
            )
        parts = tuple(map(int, numbers))
        return cls(engine, parts if len(parts) > 1 else (*parts, 0))


class Span(NamedTuple):
    """A piece of a text file: where a finding points."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


class Excerpt(NamedTuple):
    """One line of source text as it may be shown, secrets replaced.

    `start` and `end` are the columns (from 1, `end` one past) to underline in
    `text`; they can differ from the span's columns where text was redacted.
    """

    line: int
    text: str
    start: int
    end: int


class Related(NamedTuple):
    """Another place that a finding speaks of, and what it is."""

    span: Span
    message: str


class Edit(NamedTuple):
    """Replace bytes `start` to `end` (end excluded) of the file at `path`."""

    path: str
    start: int
    end: int
    replacement: bytes
    span: Span


class Fix(NamedTuple):
    """A way out of a finding, as edits that belong together."""

    description: str
    safety: FixSafety
    edits: tuple[Edit, ...]


class Remediation(NamedTuple):
    """What to do about a finding on a managed service, to read and to run by hand.

    `note` says what cannot be changed in place; the others are the AWS CLI lines, and the
    Terraform and CloudFormation text. Each is "" where there is nothing to say.
    """

    note: str = ""
    cli: str = ""
    terraform: str = ""
    cloudformation: str = ""


class Diagnostic(NamedTuple):
    """What the server itself would say or silently do about one place of the text.

    `fatal`: the server does not start because of it. `stage` says when it notices:
    `load` (at its line), `startup` (after reading everything), `crash`, or "" when
    it is not fatal. `instance` tells several of one kind apart in fingerprints
    (`save 900 1`, `user alice`) and never holds a secret.
    """

    rule: str
    severity: Severity
    message: str
    span: Span | None
    directive: str = ""
    instance: str = ""
    fatal: bool = False
    stage: str = ""
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    excerpt: Excerpt | None = None
    remediation: Remediation | None = None

    @property
    def path(self) -> str | None:
        return self.span.path if self.span else None

    @property
    def line(self) -> int | None:
        return self.span.line if self.span else None

    @property
    def column(self) -> int | None:
        return self.span.column if self.span else None


class Setting(NamedTuple):
    """One place that sets a directive, or a default of the server's version.

    `text` is what CONFIG GET would show for this setting's value (redacted when
    secret); `value` its typed form (None where `known` is false). `origin` is
    `file`, `command-line`, `default`, `parameter-group`, `running`, ...
    """

    name: str
    canonical: str
    text: str
    value: Any
    origin: str
    span: Span | None = None
    known: bool = True
    effective: bool = True
    overrode: tuple[Span, ...] = ()


class Fact(NamedTuple):
    """One fact that expressions can see, and where it came from."""

    value: Any
    unit: str = ""
    origin: str = ""
    basis: str = ""


class Target(NamedTuple):
    """One thing audited: a configuration with what it includes, a server, a cache.

    `id` is stable between runs. `facts` maps dotted paths (`persistence.mode`) to
    facts; `unknown` maps paths to why they are missing and how to supply them.
    `held` names every server that it was held against, in catalogue order, and
    `assumed` says that nobody named them; `server` is the one that policies judge.
    `score` (0 to 100) and `coverage` (0 to 1, the share of applicable rules that could be
    decided) are None where no rule was evaluated.
    """

    id: str
    kind: str
    uri: str
    server: Server
    assumed: bool = False
    held: tuple[Server, ...] = ()
    workload: str | None = None
    tags: Mapping[str, str] = _NOTHING
    settings: Sequence[Setting] = ()
    facts: Mapping[str, Fact] = _NOTHING
    unknown: Mapping[str, str] = _NOTHING
    spans: Mapping[str, Span] = _NOTHING
    score: float | None = None
    coverage: float | None = None


class RuleInfo(NamedTuple):
    """What reports say about a rule; the whole rule lives in the policy room.

    `security_severity`: 0.1 to 10.0 for a rule about security, on the scale of CVSS.
    `remediation`: the templates of what to do on a managed service, by form (`when`, `note`,
    `cli`, `terraform`, `cloudformation`, `parameters`); the first that applies counts.
    """

    id: str
    name: str
    severity: Severity
    summary: str
    help: str = ""
    tags: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    fix_safety: FixSafety | None = None
    category: str = ""
    examples: tuple[Mapping[str, Any], ...] = ()
    security_severity: float | None = None
    remediation: tuple[Mapping[str, str], ...] = ()


class Outcome(NamedTuple):
    """How one rule ended on one target. `rule` is "" where a saved report tells no more than
    that there was one that ended so."""

    rule: str
    target: str
    kind: OutcomeKind
    missing: tuple[str, ...] = ()
    hint: str = ""
    message: str = ""


class Waiver(NamedTuple):
    """Why a finding is silenced on purpose, by whom, until when (ISO date)."""

    reason: str
    owner: str = ""
    until: str = ""
    source: str = ""


class Finding(NamedTuple):
    """A failed rule with its place. `versions` names the servers it holds on when
    the file was held against several and it does not hold on all of them."""

    rule: str
    name: str
    severity: Severity
    message: str
    target: str
    fingerprint: str
    span: Span | None = None
    excerpt: Excerpt | None = None
    related: tuple[Related, ...] = ()
    directives: tuple[str, ...] = ()
    fatal: bool = False
    versions: tuple[str, ...] | None = None
    fix: Fix | None = None
    waiver: Waiver | None = None
    baseline: str | None = None
    remediation: Remediation | None = None


class AuditError(NamedTuple):
    """Something that could not be read or evaluated: never silence."""

    target: str
    stage: str
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """A finished run: what every output format is a function of.

    `findings` are sorted by target, path, line, column, rule. `rules` holds the
    metadata of every rule that a finding or outcome names. `texts` gives the text of a
    file by the path that spans name it with, every secret replaced by REDACTED; it may
    be made when asked for, and a file that cannot be shown is missing.
    """

    targets: tuple[Target, ...]
    findings: tuple[Finding, ...]
    outcomes: tuple[Outcome, ...]
    errors: tuple[AuditError, ...]
    rules: Mapping[str, RuleInfo]
    tool_version: str = ""
    files_checked: int = 0
    texts: Mapping[str, str] = field(default_factory=dict)
