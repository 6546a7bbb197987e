"""Waivers: findings silenced on purpose, with a reason and perhaps an end.

A waiver stands in the configuration file (a pragma line) or in redislint.yaml. One
without a reason, with a date that cannot be read, for a rule that may not be waived,
or past its date silences nothing and is itself reported; so is one that is not used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from redislint.model import Diagnostic, Finding, Severity, Span, Waiver
from redislint.policy.errors import did_you_mean
from redislint.policy.project import CentralWaiver, fits, is_date
from redislint.policy.rules import Rule
from redislint.policy.selection import matching

EXPIRED = "RL010"
UNUSED = "RL011"
WITHOUT_REASON = "RL012"
NOT_ALLOWED = "RL013"
MALFORMED = "RL014"


class InlineWaiver(Protocol):
    """A pragma line that silences rules: `# redislint: disable-next-line=RL210 reason="..."`.

    `rules` are its words; `span` is the pragma itself, its path the shown one. `line` is
    the next directive's line, the only one it is for; None when it is for the whole file, or
    for the `targets` of it with these ids.
    """

    @property
    def rules(self) -> tuple[str, ...]: ...
    @property
    def span(self) -> Span: ...
    @property
    def line(self) -> int | None: ...
    @property
    def reason(self) -> str: ...
    @property
    def owner(self) -> str: ...
    @property
    def until(self) -> str: ...
    @property
    def targets(self) -> frozenset[str]: ...


class Audited(NamedTuple):
    """What a run evaluated, so that only a waiver that had its chance is called unused.

    `paths`: shown path -> absolute path of every file that was read. `decided`: the
    (shown path, rule id) pairs that ended as pass, fail or not-applicable.
    """

    paths: Mapping[str, str]
    decided: frozenset[tuple[str, str]]


@dataclass(slots=True)
class _Entry:
    """A waiver of either kind while findings are held against it."""

    ids: frozenset[str]
    waiver: Waiver
    covers: Callable[[Finding], bool]
    paths: tuple[str, ...]
    span: Span
    shown: str
    used: set[str] = field(default_factory=set)


def apply(
    findings: Sequence[Finding],
    inline: Iterable[InlineWaiver],
    central: Iterable[CentralWaiver],
    rules: Sequence[Rule],
    audited: Audited,
    today: str,
) -> tuple[tuple[Finding, ...], tuple[Diagnostic, ...]]:
    """The findings, the waived ones with their waiver, and what is wrong with waivers.

    `today` is an ISO date; a waiver holds up to and including its last day.
    """
    problems: list[Diagnostic] = []
    entries: list[_Entry] = []
    expired: list[_Entry] = []
    for entry, until in _entries(inline, central, rules, audited, problems):
        (expired if until and until < today else entries).append(entry)
    known = tuple(_waived(finding, entries, expired) for finding in findings)
    for entry in expired:
        back = ", ".join(sorted(entry.used)) or "nothing"
        problems.append(
            _problem(
                EXPIRED,
                Severity.WARNING,
                entry,
                f"the waiver of {entry.shown} ended on {entry.waiver.until}:"
                f" it would silence {back}",
            )
        )
    for entry in entries:
        unused = sorted(
            rule
            for rule in entry.ids - entry.used
            if any((path, rule) in audited.decided for path in entry.paths)
        )
        if not entry.used and unused:
            problems.append(
                _problem(
                    UNUSED,
                    Severity.WARNING,
                    entry,
                    f"the waiver of {entry.shown} silences nothing: remove it",
                )
            )
    return known, tuple(problems)


def _waived(finding: Finding, entries: Iterable[_Entry], expired: Iterable[_Entry]) -> Finding:
    waiver = None
    for entry in entries:
        if finding.rule in entry.ids and entry.covers(finding):
            entry.used.add(finding.rule)
            waiver = waiver or entry.waiver
    for entry in expired:
        if finding.rule in entry.ids and entry.covers(finding):
            entry.used.add(finding.rule)
    return finding._replace(waiver=waiver) if waiver else finding


def _entries(
    inline: Iterable[InlineWaiver],
    central: Iterable[CentralWaiver],
    rules: Sequence[Rule],
    audited: Audited,
    problems: list[Diagnostic],
) -> list[tuple[_Entry, str]]:
    """Every waiver that may silence something, with its last day."""
    found = []
    for one in inline:
        source = f"{one.span.path}:{one.span.line}"
        entry = _Entry(
            frozenset(),
            Waiver(one.reason, one.owner, one.until, source),
            _covers_inline(one),
            tuple(sorted(one.targets)) or (one.span.path,),
            one.span,
            ", ".join(one.rules) or "no rule",
        )
        if _sound(entry, one.rules, rules, problems):
            found.append((entry, one.until))
    for each in central:
        words = tuple(word.text for word in each.rules)
        paths = tuple(
            shown for shown, path in audited.paths.items() if fits(each.patterns, each.folder, path)
        )
        entry = _Entry(
            frozenset(),
            Waiver(each.reason, each.owner, each.until, f"{each.path}:{each.line}"),
            _covers_central(frozenset(paths)),
            paths,
            Span(each.path, each.line, each.column, each.line, each.column),
            ", ".join(words),
        )
        if _sound(entry, words, rules, problems):
            found.append((entry, each.until))
    return found


def _covers_inline(waiver: InlineWaiver) -> Callable[[Finding], bool]:
    path = waiver.span.path

    def covers(finding: Finding) -> bool:
        if waiver.targets:
            return finding.target in waiver.targets
        if waiver.line is None:
            return finding.target == path or (
                finding.span is not None and finding.span.path == path
            )
        span = finding.span
        return span is not None and span.path == path and span.line == waiver.line

    return covers


def _covers_central(paths: frozenset[str]) -> Callable[[Finding], bool]:
    def covers(finding: Finding) -> bool:
        return finding.target in paths or (finding.span is not None and finding.span.path in paths)

    return covers


def _sound(
    entry: _Entry, words: Sequence[str], rules: Sequence[Rule], problems: list[Diagnostic]
) -> bool:
    """Find the rules that a waiver names and note what keeps it from counting."""
    ids: set[str] = set()
    by_id = {rule.id: rule for rule in rules}
    for word in words:
        found = matching(word, rules)
        if not found:
            near = did_you_mean(word.lower(), (n.lower() for r in rules for n in (r.id, r.name)))
            problems.append(
                _problem(
                    MALFORMED, Severity.ERROR, entry, f"a waiver of '{word}': no such rule{near}"
                )
            )
        barred = sorted(rule for rule in found if not by_id[rule].waivable)
        if barred and len(found) == len(barred):
            problems.append(
                _problem(
                    NOT_ALLOWED, Severity.ERROR, entry, f"{', '.join(barred)} may not be waived"
                )
            )
        ids.update(found.difference(barred))
    if not words:
        problems.append(
            _problem(
                MALFORMED, Severity.ERROR, entry, "a waiver names no rule: expected 'disable=RULE'"
            )
        )
    if not entry.waiver.reason.strip():
        message = f'the waiver of {entry.shown} gives no reason: expected reason="..."'
        problems.append(_problem(WITHOUT_REASON, Severity.ERROR, entry, message))
        return False
    if entry.waiver.until and not is_date(entry.waiver.until):
        message = (
            f"the waiver of {entry.shown}: 'until' is no date: expected one such as 2027-01-31"
        )
        problems.append(_problem(MALFORMED, Severity.ERROR, entry, message))
        return False
    entry.ids = frozenset(ids)
    return bool(ids)


def _problem(rule: str, severity: Severity, entry: _Entry, message: str) -> Diagnostic:
    return Diagnostic(rule, severity, message, entry.span, instance=f"waiver {entry.shown}")
