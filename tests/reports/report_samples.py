"""Reports to render: one with everything in it, and any number of hostile ones."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from redislint.model import (
    REDACTED,
    AuditError,
    Edit,
    Excerpt,
    Finding,
    Fix,
    FixSafety,
    Outcome,
    OutcomeKind,
    Related,
    Report,
    RuleInfo,
    Server,
    Severity,
    Span,
    Target,
    Waiver,
)

CONF = "conf/redis.conf"
TEXT = f'port 7000\nappendonly true\nrequirepass {REDACTED}\nsave ""\n# 数据\nmaxmemory 1g\n'
HELD = tuple(map(Server.parse, ("redis-7.0", "redis-7.2", "valkey-8.0")))

FILE = Target(CONF, "redis-conf", CONF, HELD[1], True, HELD, "queue")
LIVE = Target("redis://cache.example:6379", "live", "redis://ops:pw@cache.example:6379", HELD[1])

RULES = (
    RuleInfo(
        "RL105",
        "invalid-boolean",
        Severity.ERROR,
        "a switch must be yes or no",
        help="**Why.** It reads `yes` and `no`,\nnothing else.\n\n**What to do.** See [a](b).",
        tags=("refused",),
        references=("Redis source", "https://redis.io/docs/latest/"),
        fix_safety=FixSafety.SAFE,
        category="syntax",
    ),
    RuleInfo("RL203", "loss", Severity.ERROR, "too much is lost", category="persistence"),
    RuleInfo("RL405", "no-authentication", Severity.WARNING, "anybody", category="security"),
    RuleInfo("RL406", "weak-password", Severity.ERROR, "weak", security_severity=9.5),
)


def finding(rule: str = "RL105", line: int = 2, **changes: object) -> Finding:
    made = Finding(
        rule=rule,
        name="invalid-boolean",
        severity=Severity.ERROR,
        message=f"message of {rule}",
        target=CONF,
        fingerprint=f"{line:032x}",
        span=Span(CONF, line, 12, line, 16),
        directives=("appendonly",),
    )
    return made._replace(**changes)  # type: ignore[arg-type]


def report(*findings: Finding, **changes: object) -> Report:
    """A report on one file with these findings."""
    made = Report(
        targets=(FILE,),
        findings=findings,
        outcomes=(),
        errors=(),
        rules={rule.id: rule for rule in RULES},
        tool_version="1.2.3",
        files_checked=1,
        texts={CONF: TEXT},
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def everything() -> Report:
    """Every member of the model, used at least once."""
    edits = (Edit(CONF, 21, 25, b"yes", Span(CONF, 2, 12, 2, 16)),)
    return report(
        finding(
            fatal=True,
            excerpt=Excerpt(2, "appendonly true", 12, 16),
            fix=Fix("write yes", FixSafety.SAFE, edits),
        ),
        finding(
            "RL406",
            3,
            span=Span(CONF, 3, 13, 3, 19),
            excerpt=Excerpt(3, f"requirepass {REDACTED}", 13, 23),
            directives=("requirepass",),
            waiver=Waiver("a test, of 100%", "ops", "2030-01-31", f"{CONF}:1"),
        ),
        finding(
            "RL203",
            4,
            severity=Severity.WARNING,
            message="no save points | `save` @ops, https://example.org: 1,000 keys",
            span=Span(CONF, 4, 1, 4, 8),
            related=(Related(Span("conf/base conf%.conf", 3, 1, 3, 8), "set here first"),),
            directives=("save", "appendonly"),
            versions=("redis-7.2", "valkey-8.0"),
            fix=Fix("write it down", FixSafety.UNSAFE, ()),
        ),
        finding("RL203", 6, message="known", baseline="known", fingerprint="a" * 32),
        finding("RL999", 7, severity=Severity.INFO, span=None, baseline="new", name="own-rule"),
        targets=(FILE, LIVE),
        outcomes=(
            Outcome("RL105", CONF, OutcomeKind.FAIL),
            Outcome("RL203", CONF, OutcomeKind.FAIL),
            Outcome("RL405", CONF, OutcomeKind.PASS),
            Outcome("RL406", CONF, OutcomeKind.NOT_APPLICABLE),
            Outcome("RL232", CONF, OutcomeKind.UNKNOWN, ("host.memory_total",), "run it there"),
            Outcome("RL301", CONF, OutcomeKind.ERROR, message="division by zero"),
        ),
        errors=(
            AuditError("conf/secret.conf", "read", "permission denied"),
            AuditError(f"{CONF}:5:3", "pragma", "unknown key 'workloat'"),
        ),
    )


HOSTILE = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.characters(min_codepoint=0xDC80, max_codepoint=0xDCFF),
        st.sampled_from("\x00\x1b\r\n\t\x85\u202e\u2066\ufffe\uffff]]>&<\"'|`@#%,:\\"),
    ),
    max_size=30,
)
"""Text as a configuration could smuggle it in, bytes that are not UTF-8 included."""

_NUMBERS = st.integers(1, 10**6)
_SPANS = st.builds(
    lambda path, line, column, more, width: Span(
        path, line, column, line + more, column + width
    ),
    HOSTILE.filter(bool), _NUMBERS, _NUMBERS, st.integers(0, 2), st.integers(0, 9),
)  # fmt: skip
_FIXES = st.builds(
    lambda text, safety, path, span, content: Fix(
        text, safety, (Edit(path, 0, 1, content, span._replace(path=path)),)
    ),
    HOSTILE, st.sampled_from(FixSafety), HOSTILE.filter(bool), _SPANS, st.binary(max_size=5),
)  # fmt: skip
_FINDINGS = st.builds(
    Finding,
    rule=st.sampled_from(("RL105", "RL203", "RL405", "RL998", "RL999")),
    name=st.sampled_from(("", "own-rule")),
    severity=st.sampled_from(Severity),
    message=HOSTILE,
    target=st.sampled_from((CONF, LIVE.id)),
    fingerprint=st.sampled_from(("0" * 32, "1" * 32, "2" * 32)),
    span=st.none() | _SPANS,
    excerpt=st.none() | st.builds(Excerpt, _NUMBERS, HOSTILE, _NUMBERS, _NUMBERS),
    related=st.lists(st.builds(Related, _SPANS, HOSTILE), max_size=2).map(tuple),
    directives=st.lists(HOSTILE, max_size=2).map(tuple),
    fatal=st.booleans(),
    versions=st.none() | st.just(("redis-7.2",)),
    fix=st.none() | _FIXES,
    waiver=st.none() | st.builds(Waiver, HOSTILE, HOSTILE, HOSTILE, HOSTILE),
    baseline=st.sampled_from((None, "new", "known")),
)
REPORTS = st.builds(
    report,
    targets=st.just((FILE, LIVE)),
    findings=st.lists(_FINDINGS, max_size=4).map(tuple),
    outcomes=st.lists(
        st.builds(
            Outcome,
            rule=st.sampled_from(("RL105", "RL998")),
            target=st.sampled_from((CONF, LIVE.id)),
            kind=st.sampled_from(OutcomeKind),
            missing=st.lists(HOSTILE, max_size=1).map(tuple),
            hint=HOSTILE,
            message=HOSTILE,
        ),
        max_size=3,
    ).map(tuple),
    errors=st.lists(
        st.builds(AuditError, HOSTILE, st.sampled_from(("read", "pragma")), HOSTILE), max_size=2
    ).map(tuple),
)
