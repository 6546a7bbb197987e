from __future__ import annotations

from pathlib import Path

from redislint.audit.judge import Judge
from redislint.audit.silence import Source, is_about_a_waiver, silence
from redislint.conf.document import parse
from redislint.conf.pragma import read_pragmas
from redislint.conf.resolve import resolve
from redislint.model import Diagnostic, Finding, Span, Target
from redislint.policy.library import workloads
from redislint.policy.project import Project, load
from redislint.policy.ruleset import rule_set

WORKLOADS = workloads()


def run(
    text: str, project: Project | None = None, today: str = "2026-06-15", path: str = "/p/a.conf"
) -> tuple[list[Finding], list[Diagnostic]]:
    rules = rule_set(project, profile="strict")
    document = parse(text, path)
    pragmas, conf = read_pragmas(document), resolve(document, "redis-7.2")
    target = Target("a.conf", "conf", "a.conf", conf.server)
    said = Judge(rules, WORKLOADS, project).judge(target, conf, path, pragmas.values)
    findings = [
        Finding(d.rule, d.rule, d.severity, d.message, "a.conf", d.rule, d.span and _shown(d))
        for d in said.diagnostics
    ]
    source = Source("a.conf", path, document, pragmas)
    known, problems = silence(findings, said.outcomes, [source], rules, today, project)
    return list(known), list(problems)


def _shown(diagnostic: Diagnostic) -> Span:
    assert diagnostic.span is not None
    return diagnostic.span._replace(path="a.conf")


def waived(found: list[Finding]) -> set[str]:
    return {finding.rule for finding in found if finding.waiver}


NEXT = '# redislint: disable-next-line=RL207 reason="rebuilt after a crash" until=2026-12-31\n'


def test_a_pragma_silences_the_next_line() -> None:
    found, problems = run(f"appendonly yes\n{NEXT}appendfsync no\n")
    assert waived(found) == {"RL207"}
    assert not problems
    waiver = next(finding.waiver for finding in found if finding.waiver)
    assert waiver is not None
    assert waiver.source == "a.conf:2"


def test_after_its_end_the_finding_is_back() -> None:
    found, problems = run(f"appendonly yes\n{NEXT}appendfsync no\n", today="2027-01-01")
    assert waived(found) == set()
    assert "RL207" in {finding.rule for finding in found}
    assert [(p.rule, p.span and (p.span.path, p.span.line)) for p in problems] == [
        ("RL010", ("a.conf", 2))
    ]


def test_a_waiver_of_nothing() -> None:
    _, problems = run(f"appendonly yes\n{NEXT}appendfsync everysec\n")
    assert [p.rule for p in problems] == ["RL011"]


def test_waivers_that_cannot_be_read() -> None:
    text = "appendonly yes\n# redislint: disable-next-line=RL207\nappendfsync no\n"
    found, problems = run(text)
    assert (waived(found), [p.rule for p in problems]) == (set(), ["RL012"])
    found, problems = run(text.replace("RL207", 'RL207 reason="x" until=soon'))
    assert (waived(found), [p.rule for p in problems]) == (set(), ["RL014"])


def test_other_pragma_problems_are_not_about_waivers() -> None:
    document = parse("# redislint: worklaod=queue\n", "a.conf")
    (problem,) = read_pragmas(document).problems
    assert not is_about_a_waiver(problem, document)


def test_central_waivers(tmp_path: Path) -> None:
    path = tmp_path / "redislint.yaml"
    path.write_text(
        "waivers:\n  - {rule: RL207, path: 'a*.conf', reason: r}\n"
        "  - {rule: RL208, path: 'a*.conf', reason: r}\n"
        "  - {rule: RL207, path: 'b*.conf', reason: r}\n"
    )
    project = load(str(path), "redislint.yaml")
    text = "appendonly yes\nappendfsync no\n"
    found, problems = run(text, project, path=str(tmp_path / "a1.conf"))
    assert waived(found) == {"RL207"}
    assert [(p.rule, p.span and (p.span.path, p.span.line)) for p in problems] == [
        ("RL011", ("redislint.yaml", 3))
    ]
