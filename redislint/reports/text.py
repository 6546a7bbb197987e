"""The report for people: each finding with its source line and a caret under the cause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from redislint.model import (
    Excerpt,
    Finding,
    FixSafety,
    Outcome,
    OutcomeKind,
    Remediation,
    Report,
    Severity,
    Span,
    Target,
)
from redislint.reports import Options
from redislint.reports.escape import cells, printable
from redislint.reports.style import Style
from redislint.reports.wording import FORMS, count, servers

UNREADABLE = "RL001"
"""The rule about input that could not be read."""

EXCERPT_WIDTH = 120
"""Terminal columns of a source line that are shown; longer lines are cut around the caret."""

SINGLE_INFOS = 3
"""More infos than this of one rule in one file are shown as one, with their lines."""

VERSION_UNDETERMINED = "RL003"
"""Said once in the summary instead of once for each file, unless --verbose."""


def render(report: Report, options: Options) -> str:
    """The whole report, ending in a newline ("" when quiet and nothing was found)."""
    style = Style(options.color)
    held = {target.id: target for target in report.targets}
    blocks = [
        "\n".join(_finding(first, held.get(first.target), style, options, others))
        for first, *others in _groups(shown(report.findings, options), options)
    ]
    blocks.extend(_errors(report, style))
    blocks.extend(_outcomes(report, options, style))
    if options.verbose:
        blocks.extend(_statements(report))
    if not options.quiet:
        blocks.append("\n".join(_summary(report, style)))
    return "\n\n".join(blocks) + "\n" if blocks else ""


def shown(findings: Iterable[Finding], options: Options) -> Iterator[Finding]:
    """The findings that a reader at a terminal sees: waived and known ones on request."""
    for finding in findings:
        if finding.waiver is not None and "waived" not in options.show:
            continue
        if finding.baseline == "known":
            continue
        if finding.rule == VERSION_UNDETERMINED and not options.verbose:
            continue
        yield finding


def _groups(findings: Iterable[Finding], options: Options) -> Iterator[list[Finding]]:
    """Findings one by one, but many infos of one rule in one file together, at the first."""
    groups: dict[object, list[tuple[int, Finding]]] = {}
    for number, finding in enumerate(findings):
        key: object = number
        if finding.severity is Severity.INFO and finding.span and not options.verbose:
            key = finding.target, finding.span.path, finding.rule, finding.versions, finding.waiver
        groups.setdefault(key, []).append((number, finding))
    blocks = {
        numbered[0][0]: [finding for _, finding in numbered]
        for group in groups.values()
        for numbered in ([group] if len(group) > SINGLE_INFOS else [[one] for one in group])
    }
    for number in sorted(blocks):
        yield blocks[number]


def _statements(report: Report) -> Iterator[str]:
    """What a crash costs, in one line for each target where it is known."""
    lines = [
        f"{printable(target.id)}: {printable(str(statement.value))}"
        for target in report.targets
        if (statement := target.facts.get("persistence.statement"))
    ]
    if lines:
        yield "\n".join(lines)


def _finding(
    finding: Finding,
    target: Target | None,
    style: Style,
    options: Options,
    others: Sequence[Finding] = (),
) -> Iterator[str]:
    label = style.severity(finding.severity, f"{finding.severity}[{finding.rule}]")
    message = printable(finding.message)
    mark = " [*]" if fixable(finding, FixSafety.SAFE) else ""
    yield f"{label}{style.bold(': ' + message)} {style.dim(f'({finding.name})')}{mark}"
    excerpt = finding.excerpt
    width = len(str(excerpt.line)) if excerpt else 1
    pad = " " * width
    if finding.span is not None:
        yield f"{pad}{style.frame('-->')} {place(finding.span)}"
    else:
        yield f"{pad}{style.frame('-->')} {printable(finding.target)}"
    notes = list(_notes(finding, target, options))
    if others:
        lines = ", ".join(str(other.span.line) for other in others if other.span)
        notes.append(f"{len(others)} more of this rule, on lines {lines} (--verbose shows them)")
    if excerpt is not None:
        bar = style.frame("|")
        source, caret = _excerpt(excerpt)
        yield f"{pad} {bar}"
        yield f"{style.frame(str(excerpt.line))} {bar} {source}".rstrip()
        yield f"{pad} {bar} {style.severity(finding.severity, caret)}"
        if notes:
            yield f"{pad} {bar}"
    for note in notes:
        yield f"{pad} {style.frame('=')} {note}"
    for related in finding.related:
        yield f"{pad} {style.frame('::')} {place(related.span)}: {printable(related.message)}"


def _notes(finding: Finding, target: Target | None, options: Options) -> Iterator[str]:
    if finding.versions is not None:
        held = target.held if target else ()
        yield f"versions: {servers(held, finding.versions)}"
    if finding.fix is not None:
        unsafe = " (changes behaviour)" if finding.fix.safety is FixSafety.UNSAFE else ""
        yield f"fix{unsafe}: {printable(finding.fix.description)}"
    if finding.waiver is not None:
        yield f"waived: {printable(finding.waiver.reason)}"
    if options.verbose:
        yield f"fingerprint: {finding.fingerprint}"
        yield from _remediation(finding.remediation)


def _remediation(remediation: Remediation | None) -> Iterator[str]:
    """What to do on a managed service; the forms that have several lines stand indented."""
    if remediation is None:
        return
    if remediation.note:
        yield f"note: {printable(remediation.note)}"
    for form, name in FORMS:
        text = getattr(remediation, form)
        if text:
            lines = "\n    ".join(printable(line) for line in text.split("\n"))
            yield f"{name}:\n    {lines}"


def fixable(finding: Finding, safety: FixSafety) -> bool:
    """Whether `check --fix` (or --unsafe-fixes, for what is unsafe) can mend a finding."""
    fix = finding.fix
    return fix is not None and bool(fix.edits) and fix.safety is safety


def place(span: Span) -> str:
    """`path:line:column`, as editors and terminals make it clickable."""
    return f"{printable(span.path)}:{span.line}:{span.column}"


def _excerpt(excerpt: Excerpt) -> tuple[str, str]:
    """The source line as printed and the carets below it, cut to EXCERPT_WIDTH columns."""
    line = cells(excerpt.text)
    start = min(max(excerpt.start - 1, 0), len(line))
    end = min(max(excerpt.end - 1, start), len(line))
    before = sum(width for _, width in line[:start])
    if before + sum(width for _, width in line[start:]) <= EXCERPT_WIDTH:
        first, last = 0, len(line)
    else:
        first = _backwards(line, start, EXCERPT_WIDTH // 3)
        last = _forwards(line, first, EXCERPT_WIDTH)
    text = "".join(shown for shown, _ in line[first:last])
    lead = "..." if first else ""
    tail = "..." if last < len(line) else ""
    indent = len(lead) + sum(width for _, width in line[first:start])
    carets = max(1, sum(width for _, width in line[start : min(end, last)]))
    return f"{lead}{text}{tail}", f"{' ' * indent}{'^' * carets}"


def _backwards(line: Sequence[tuple[str, int]], start: int, room: int) -> int:
    while start > 0 and room > 0:
        start -= 1
        room -= line[start][1]
    return start


def _forwards(line: Sequence[tuple[str, int]], first: int, room: int) -> int:
    while first < len(line) and room > 0:
        room -= line[first][1]
        first += 1
    return first


def _errors(report: Report, style: Style) -> Iterator[str]:
    for error in report.errors:
        rule = UNREADABLE if error.stage == "read" else error.stage
        label = style.severity(Severity.ERROR, f"error[{rule}]")
        yield f"{label}: {style.bold(printable(error.target))}: {printable(error.message)}"


def _outcomes(report: Report, options: Options, style: Style) -> Iterator[str]:
    wanted = [
        outcome
        for outcome in report.outcomes
        if outcome.kind.value in options.show
        and outcome.kind in (OutcomeKind.PASS, OutcomeKind.UNKNOWN, OutcomeKind.NOT_APPLICABLE)
    ]
    if wanted:
        yield "\n".join(_outcome(outcome, report, style) for outcome in wanted)


def _outcome(outcome: Outcome, report: Report, style: Style) -> str:
    rule = report.rules.get(outcome.rule)
    name = f" {rule.name}" if rule else ""
    missing = f": needs {', '.join(outcome.missing)}" if outcome.missing else ""
    hint = f" ({printable(outcome.hint)})" if outcome.hint else ""
    kind = style.dim(f"{outcome.kind}:")
    return f"{kind} {outcome.rule}{name} {printable(outcome.target)}{missing}{hint}"


def tally(report: Report) -> str:
    """`2 errors, 1 warning, 3 infos`, or `nothing found`. Waived findings count apart."""
    active = [f for f in report.findings if f.waiver is None and f.baseline != "known"]
    active = [f for f in active if f.rule != VERSION_UNDETERMINED]
    numbers = [(sum(f.severity is s for f in active), s.value) for s in Severity]
    parts = [count(number, noun) for number, noun in numbers if number]
    silenced = sum(f.waiver is not None for f in report.findings)
    if silenced:
        parts.append(f"{silenced} waived")
    known = sum(f.baseline == "known" for f in report.findings)
    if known:
        parts.append(f"{known} in the baseline")
    nothing = "nothing found" if report.targets else "nothing checked"
    return ", ".join(parts) or nothing


def _summary(report: Report, style: Style) -> Iterator[str]:
    checked = count(len(report.targets), "file" if _all_files(report) else "target")
    against = {target.held: None for target in report.targets if target.held}
    where = ""
    if len(against) == 1:
        (held,) = against
        where = f" against {servers(held)}"
    elif against:
        where = f" against {len({s for held in against for s in held})} versions"
    unread = f", {count(len(report.errors), 'input')} not read" if report.errors else ""
    worst = max((f.severity for f in report.findings), key=lambda s: s.rank, default=None)
    found = style.severity(worst, tally(report)) if worst else style.bold(tally(report))
    yield f"{found}: {checked}{where}{unread}"
    unknown = sum(outcome.kind is OutcomeKind.UNKNOWN for outcome in report.outcomes)
    if unknown:
        yield f"not known: {count(unknown, 'rule')} lacked facts; --show unknown lists them"
    yield from _fixes(report, style)
    yield from _next_steps(report, style)


def _fixes(report: Report, style: Style) -> Iterator[str]:
    active = [f for f in report.findings if f.waiver is None and f.baseline != "known"]
    safe, unsafe = (sum(fixable(f, safety) for f in active) for safety in FixSafety)
    parts = [f"{safe} with --fix"] if safe else []
    parts += [f"{unsafe} with --unsafe-fixes"] if unsafe else []
    if parts:
        yield style.dim(f"[*] can be mended: {', '.join(parts)}; --diff shows how")


def _all_files(report: Report) -> bool:
    return all(target.kind in FILE_KINDS for target in report.targets)


FILE_KINDS = ("redis-conf", "sentinel-conf", "acl-file")


def _next_steps(report: Report, style: Style) -> Iterator[str]:
    if any(target.assumed for target in report.targets):
        yield style.dim(
            "no version was named: --server redis-7.2, or a comment line such as"
            " '# redislint: engine=redis version=7.2', makes the answer exact"
        )
    active = shown(report.findings, Options())
    explained = next((finding.rule for finding in active), None)
    if explained:
        yield style.dim(f"'redislint rule {explained}' explains a rule")
