"""Rounds of fixing: what can be done at once, tried out, until nothing is left to do.

Each round is an audit of the texts as they would be; what breaks something is found by halving.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from redislint.audit.clashes import Taken, moves_a_waiver
from redislint.audit.report import Report
from redislint.audit.standing import Standing, changed, moved, refused
from redislint.conf import edit
from redislint.conf.document import parse
from redislint.conf.reading import ReadError
from redislint.model import Edit, Finding, FixSafety

if TYPE_CHECKING:
    from redislint.audit.fixing import Texts, Work

MAX_ROUNDS = 10
"""Most times that what fixes made is fixed again."""


class Dropped(NamedTuple):
    """A fix that was not carried out, and why not."""

    finding: Finding
    reason: str


class Way:
    """Rounds from one text on, with some findings left alone."""

    def __init__(self, work: Work, texts: Texts, report: Report, blocked: frozenset[str]) -> None:
        self.texts = texts
        self.report = report
        self.counts: Counter[str] = Counter()
        self.dropped: tuple[Dropped, ...] = ()
        self._work = work
        self._blocked = blocked
        self._standing: Standing | None = None

    def go(self) -> frozenset[str]:
        """Fix until nothing is left. Where a text comes back: what was fixed since."""
        seen: list[tuple[Texts, frozenset[str]]] = [(self.texts, frozenset())]
        for _ in range(MAX_ROUNDS):
            done = self._round()
            if not done:
                return frozenset()
            fixed = frozenset(identity(finding) for finding in done)
            seen.append((self.texts, fixed))
            for number, (texts, _) in enumerate(seen[:-1]):
                if texts == self.texts:
                    return frozenset[str]().union(*(f for _, f in seen[number + 1 :]))
        self.dropped += tuple(
            Dropped(finding, f"not settled after {MAX_ROUNDS} rounds; run it again")
            for finding in self._candidates()
        )
        return frozenset()

    def _round(self) -> Sequence[Finding]:
        """One round: what was fixed; nothing when no fix is left that can be done.

        What concerns the text alone comes first, so that nothing else can hide that it
        would change a value in effect.
        """
        wanted = self._candidates()
        refused: list[Dropped] = []
        for waiting in (
            [finding for finding in wanted if _concerns_text(finding)],
            [finding for finding in wanted if not _concerns_text(finding)],
        ):
            while waiting:
                chosen, waiting = self._compatible(waiting)
                trial = self._settle(_Trial((), self.texts, self.report, {}), chosen, refused)
                if trial.fixed:
                    self._standing = trial.standing
                    self.texts, self.report = trial.texts, trial.report
                    places = {(f.rule, f.span): f.target for f in trial.fixed}
                    self.counts.update(s.path if s else t for (_, s), t in places.items())
                    return trial.fixed
        self.dropped = tuple(refused)
        return ()

    def _compatible(self, findings: Iterable[Finding]) -> tuple[list[Finding], list[Finding]]:
        """Findings whose fixes can be done at once, the earlier ones first; and the rest."""
        chosen: list[Finding] = []
        rest: list[Finding] = []
        taken = Taken()
        for finding in findings:
            edits = self._work.edits(self.report, finding)
            (chosen if edits is None or taken.add(finding.target, edits) else rest).append(finding)
        return chosen, rest

    def _candidates(self) -> list[Finding]:
        return [
            finding
            for finding in self.report.findings
            if self._work.wants(finding) and identity(finding) not in self._blocked
        ]

    def _settle(self, good: _Trial, more: Sequence[Finding], refused: list[Dropped]) -> _Trial:
        """The trial with as many of `more` as go well, found by halving."""
        if not more:
            return good
        trial, reason = self._try((*good.fixed, *more))
        if trial is not None:
            return trial
        if len(more) == 1:
            refused.append(Dropped(more[0], reason))
            return good
        half = len(more) // 2
        return self._settle(self._settle(good, more[:half], refused), more[half:], refused)

    def _try(self, findings: Sequence[Finding]) -> tuple[_Trial | None, str]:
        """The texts with these fixes and their report; None and why where that is no good."""
        try:
            texts = self._applied(findings)
        except (edit.EditError, ReadError) as error:
            return None, str(error)
        if self._standing is None:
            self._standing = self._work.standing(self.report, self.texts)
        report = self._work.audit(texts)
        standing = self._work.standing(report, texts)
        reason = (
            refused(self._standing, standing)
            or _still_there(self.report, report, findings)
            or self._damaged(standing, texts, findings)
        )
        return (None, reason) if reason else (_Trial(tuple(findings), texts, report, standing), "")

    def _damaged(self, standing: Standing, texts: Texts, findings: Sequence[Finding]) -> str:
        """Where fixes would change what they are not about."""
        assert self._standing is not None
        if all(map(_concerns_text, findings)):
            why = changed(self._standing, standing)
            if why:
                return why
        about = {finding.target for finding in findings}
        return moved(self._standing, standing, self._edits(findings), about)

    def _edits(self, findings: Iterable[Finding]) -> dict[str, list[Edit]]:
        """The edits of some fixes by the file that they change. Raises EditError."""
        edits: dict[str, list[Edit]] = {}
        for finding in findings:
            placed = self._work.edits(self.report, finding)
            if placed is None:
                raise edit.EditError("the line stands in a file outside of the repository")
            for one in placed:
                edits.setdefault(one.path, []).append(one)
        return edits

    def _applied(self, findings: Iterable[Finding]) -> Texts:
        edits = self._edits(findings)
        texts = dict(self.texts)
        for path, own in edits.items():
            document = parse(self._work.text(self.texts, path), path)
            document.foreign = self._work.is_host(self.report, path)
            if moves_a_waiver(document, own):
                raise edit.EditError("a comment that silences rules would come before another line")
            texts[path] = _ended_alike(edit.apply(document, own), self._work.text({}, path))
        return texts


def _ended_alike(text: bytes, original: bytes) -> bytes:
    """A file whose every line ends in CRLF keeps to it, also where all its lines went."""
    if b"\r\n" not in original or _BARE.search(original):
        return text
    return _BARE.sub(b"\r\n", text)


_BARE = re.compile(rb"(?<!\r)\n")


class _Trial(NamedTuple):
    """Texts after some fixes, and what servers and rules say of them."""

    fixed: tuple[Finding, ...]
    texts: Mapping[str, bytes]
    report: Report
    standing: Standing


def identity(finding: Finding) -> str:
    """What tells a finding from others, the same before and after a fix elsewhere; a line
    that several targets include is one."""
    span = finding.span
    where = span.path if span else finding.target
    text = finding.excerpt.text if finding.excerpt else ""
    return "\0".join((finding.rule, where, *finding.directives, text, finding.message))


def opposed(report: Report, blocked: Iterable[str]) -> Iterable[Dropped]:
    """Findings that are left alone since what mends them comes back to what stood before."""
    known = set(blocked)
    for finding in report.findings:
        if identity(finding) in known and finding.waiver is None:
            yield Dropped(finding, "another rule wants the opposite")


# -- what must hold afterwards ---------------------------------------------------------


def _still_there(before: Report, after: Report, fixed: Sequence[Finding]) -> str:
    """Where a finding is left that should have gone."""
    gone = Counter(_key(finding) for finding in fixed)
    was, now = (Counter(map(_key, _active(report))) for report in (before, after))
    if any(now[key] > was[key] - number for key, number in gone.items()):
        return "the finding would remain"
    if len(after.errors) > len(before.errors):
        return "something could not be read any more"
    return ""


def _concerns_text(finding: Finding) -> bool:
    from redislint.conf.fixes import RULES

    safe = finding.fix is not None and finding.fix.safety is FixSafety.SAFE
    return safe and finding.rule in RULES


def _active(report: Report) -> Iterable[Finding]:
    return (f for f in report.findings if f.waiver is None and f.baseline != "known")


def _key(finding: Finding) -> tuple[str, ...]:
    return finding.target, finding.rule, *finding.directives
