"""What happens to findings once all files of a run are known: waivers and the baseline."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from redislint.audit.examine import Examined
from redislint.audit.paths import Paths
from redislint.model import Finding

if TYPE_CHECKING:
    from redislint.audit.judge import Judge
    from redislint.audit.silence import Source
    from redislint.conf.document import Document
    from redislint.policy.baseline import Baseline
    from redislint.policy.project import Project


def with_waivers(results: Sequence[Examined], paths: Paths) -> tuple[Finding, ...]:
    """All findings, the waived ones marked, and those about waivers; sorted.

    A waiver counts for the files of the project that it stands in.
    """
    found = [finding for result in results for finding in result.findings]
    groups: dict[int, list[Examined]] = {}
    for result in results:
        groups.setdefault(id(result.judge), []).append(result)
    for group in groups.values():
        if any(map(_has_waivers, group)):
            own = {result.target.id for result in group}
            others = [finding for finding in found if finding.target not in own]
            found = [*others, *_settled(group, paths)]
    return tuple(sorted(found, key=order))


def order(finding: Finding) -> tuple[str, str, int, int, str]:
    """Findings are sorted by target, path, line, column, rule."""
    span = finding.span
    if span is None:
        return finding.target, "", 0, 0, finding.rule
    return finding.target, span.path, span.line, span.column, finding.rule


def _has_waivers(result: Examined) -> bool:
    project = result.judge.project
    if project is not None and project.waivers:
        return True
    return any(b"edislint" in document.data for document in result.texts.values())


def _settled(group: Sequence[Examined], paths: Paths) -> list[Finding]:
    from datetime import date

    from redislint.audit.findings import finding, numbered
    from redislint.audit.merge import Merged
    from redislint.audit.silence import silence

    judge = group[0].judge
    sources = _sources(group, paths)
    found, problems = silence(
        [finding for result in group for finding in result.findings],
        [outcome for result in group for outcome in result.outcomes],
        sources,
        judge.rules,
        date.today().isoformat(),
        judge.project,
    )
    texts = {source.shown: source.document for source in sources}
    targets = _targets(group, paths)
    fingerprint = numbered()
    weigh = judge.weighing(group[0].path, "")
    about = [
        finding(
            Merged(problem, None),
            targets.get(problem.path or "", problem.path or ""),
            texts,
            paths,
            fingerprint,
            judge.rules.rules,
        )
        for problem in weigh(problems)
    ]
    return [*found, *about]


def _targets(group: Sequence[Examined], paths: Paths) -> dict[str, str]:
    """The target that a file belongs to, by report path: itself, or the first that has it."""
    targets: dict[str, str] = {}
    for result in group:
        for path in result.texts:
            targets.setdefault(paths.name(path), result.target.id)
    return targets | {result.target.id: result.target.id for result in group}


def _sources(group: Sequence[Examined], paths: Paths) -> list[Source]:
    """Every file that was read, once, with the pragmas that it holds."""
    from redislint.audit.silence import Source
    from redislint.conf.document import parse
    from redislint.conf.pragma import read_pragmas

    sources: dict[str, Source] = {}
    for result in group:
        for path, document in result.texts.items():
            shown = paths.name(path)
            if shown in sources:
                continue
            known = path == result.path and not document.foreign
            pragmas = result.pragma if known else read_pragmas(document)
            whole = os.path.abspath(path)
            sources[shown] = Source(shown, whole, document, pragmas, _speaks(document, paths))
        if not result.texts:
            # A running server has no text, but waivers of its project can name its URL.
            name = result.target.id
            sources[name] = Source(name, result.path, parse(b""), None)
    return list(sources.values())


def _speaks(document: Document, paths: Paths) -> dict[int, frozenset[str]]:
    """Ids of the targets that single comments of a host file are for, by line."""
    if document.remarks is None:
        return {}
    return {
        line: frozenset(paths.name(path) + suffix for path, suffix in targets)
        for line, targets in document.remarks.speaks.items()
    }


def baseline_path(given: str | None, judges: Iterable[Judge]) -> str | None:
    """The baseline of a run: that of the command line, else the one that its projects name.

    Raises UsageError where they name several.
    """
    if given:
        return os.path.abspath(given)
    from redislint.audit.report import UsageError

    projects: Iterable[Project] = filter(None, (judge.project for judge in judges))
    named = {project.baseline for project in projects if project.baseline}
    if len(named) > 1:
        shown = ", ".join(sorted(map(os.path.relpath, named)))
        raise UsageError(f"the files belong to projects with baselines of their own ({shown}):"
                         " name one with --baseline")  # fmt: skip
    return named.pop() if named else None


def with_baseline(
    findings: tuple[Finding, ...],
    path: str,
    *,
    update: bool,
    targets: Sequence[str],
    evaluated: Mapping[str, frozenset[str]],
    incomplete: bool,
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """The findings marked as new or known, and notices. `update` writes the file.

    `evaluated`: which rules each target was held against; what the baseline says about
    others stays. Raises PolicyError for a broken baseline, UsageError for a missing one.
    """
    from redislint.audit.report import UsageError
    from redislint.policy import baseline
    from redislint.policy.reading import read_bytes

    shown = os.path.relpath(path)
    if os.path.lexists(path):
        known = _baseline(read_bytes(path, shown), shown)
    elif update:
        known = baseline.Baseline()
    else:
        raise UsageError(f"{shown}: there is no baseline yet: --update-baseline writes one")
    notices = []
    if update:
        try:
            known = _updated(known, findings, targets, evaluated, incomplete)
        except baseline.BaselineRefusedError as error:
            notices.append(str(error))
        else:
            _write(path, shown, baseline.write(known))
            number = len(known.entries)
            notices.append(f"{shown}: holds {number} known finding{'s' * (number != 1)}")
    else:
        gone = len(known.gone(findings, targets))
        if gone:
            notices.append(f"{gone} findings of {shown} are gone: --update-baseline removes them")
    return known.mark(findings), tuple(notices)


@lru_cache(maxsize=4)
def _baseline(data: bytes, shown: str) -> Baseline:
    """A baseline; the targets of a fleet are held against the same one, one after another."""
    from redislint.policy import baseline

    return baseline.read(data, shown)


def _updated(
    known: Baseline,
    findings: Sequence[Finding],
    targets: Sequence[str],
    evaluated: Mapping[str, frozenset[str]],
    incomplete: bool,
) -> Baseline:
    from redislint.policy import baseline

    entries = [
        entry
        for entry in known.entries
        if entry.target in evaluated and entry.rule not in evaluated[entry.target]
    ]
    held = set(map(id, entries))
    rest = baseline.Baseline(tuple(e for e in known.entries if id(e) not in held))
    fresh = baseline.updated(rest, findings, targets, incomplete=incomplete)
    return baseline.Baseline((*fresh.entries, *entries))


def _write(path: str, shown: str, text: str) -> None:
    from redislint.audit.report import UsageError

    draft = f"{path}.{os.getpid()}.tmp"
    try:
        with open(draft, "x", encoding="utf-8") as file:
            file.write(text)
        os.replace(draft, path)
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise UsageError(f"{shown}: cannot be written: {why}") from None
